"""Builds the syntax tree that a pattern stands for, with its holes filled."""

import ast
from collections.abc import Mapping

from flows.script.blocks.holes import Filling, Kind, repeated
from flows.script.blocks.pieces import joined


def build_tree(node: ast.AST, fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> ast.AST:
    """A copy of the pattern's tree; bodies of statements are to be put in."""
    if isinstance(node, ast.Name) and node.id in kinds:
        filling = fillings[node.id]
        assert isinstance(filling, ast.AST)
        return filling
    special = _special(node, fillings, kinds)
    if special is not None:
        return special
    built = type(node)()
    for name in node._fields:
        value = getattr(node, name)
        setattr(built, name, value)
        if isinstance(value, ast.AST):
            setattr(built, name, build_tree(value, fillings, kinds))
        elif isinstance(value, list):
            setattr(built, name, _list(value, fillings, kinds))
        elif isinstance(value, str) and value in kinds:
            filling = fillings[value]
            setattr(built, name, filling.id if isinstance(filling, ast.Name) else filling)
    return built


def _special(node: ast.AST, fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> ast.AST | None:
    match node:
        case ast.Subscript(slice=ast.Name(id=name)) if kinds.get(name) is Kind.PATH:
            return _path(build_tree(node.value, fillings, kinds), str(fillings[name]))
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name))]):
            pieces = fillings[name]
            assert isinstance(pieces, list)
            return joined([piece for piece in pieces if isinstance(piece, ast.expr)])
        case ast.Dict(values=[ast.Name(id=name)]) if kinds.get(name) is Kind.ENTRIES:
            entries = fillings[name]
            assert isinstance(entries, list)
            named = [entry for entry in entries if isinstance(entry, ast.keyword)]
            return ast.Dict(keys=[ast.Constant(value=one.arg) for one in named], values=[one.value for one in named])
        case ast.arguments(args=[ast.arg(arg=name)]) if kinds.get(name) is Kind.TARGET:
            return _parameters(node, fillings[name])
    return None


def _parameters(node: ast.arguments, target: Filling) -> ast.arguments:
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    args = [ast.arg(arg=name.id, annotation=None) for name in names if isinstance(name, ast.Name)]
    return ast.arguments(**{**dict(ast.iter_fields(node)), "args": args})


def _list(nodes: list[ast.AST], fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> list[ast.AST]:
    name = repeated(nodes[-1], kinds) if nodes else None
    fixed = nodes if name is None else nodes[:-1]
    built = [build_tree(node, fillings, kinds) for node in fixed]
    rest = fillings[name] if name is not None else []
    assert isinstance(rest, list)
    return [*built, *rest]


def _path(built: ast.AST, path: str) -> ast.AST:
    for key in path.split("."):
        assert isinstance(built, ast.expr)
        built = ast.Subscript(value=built, slice=ast.Constant(value=key), ctx=ast.Load())
    return built
