"""Which names a script binds and which it uses without knowing them (R16)."""

import ast
from collections.abc import Collection, Iterable, Iterator

from flows.script.analysis import Comprehension, Function
from flows.script.language import EXECUTION_NAMES, HIDING, INSTEAD
from flows.script.problem import Problem, did_you_mean
from flows.script.source import Source

Binding = tuple[str, ast.AST]
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


def bindings(node: ast.AST) -> Iterator[Binding]:
    """The names that this one node binds, each with the node to point at."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name, node
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case ast.arg(arg=name):
            yield name, node
        case ast.alias(name=name, asname=asname):
            yield asname or name.partition(".")[0], node
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, node
        case ast.MatchMapping(rest=str(name)):
            yield name, node
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from ((name, node) for name in names)
        case _:
            return


def all_bindings(source: Source) -> list[Binding]:
    """Every binding of a script, in every scope."""
    return [binding for node in source.nodes for binding in bindings(node)]


def unknown_names(source: Source, known: Collection[str]) -> list[Problem]:
    """Each use of a name that is neither known nor bound where it is used, and each of ``exec`` and ``eval``."""
    declared_global = {name for node in source.nodes if isinstance(node, ast.Global) for name in node.names}
    visible = frozenset(known) | _bound_in(source.tree.body) | declared_global
    return [
        *(_problem(source, node, seen) for node, seen in _unknown(source.tree, visible)),
        *(_hidden(source, node, name) for name, node in all_bindings(source) if name in HIDING),
    ]


def _unknown(
    node: ast.AST, visible: frozenset[str], here: frozenset[str] = frozenset()
) -> Iterator[tuple[ast.Name, frozenset[str]]]:
    """Names that are used and not known. ``here`` are those of a class body, which its functions do not see.

    Walks with recursion: ``read`` has limited the depth.
    """
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and (node.id not in visible | here or node.id in HIDING):
            yield node, visible | here
        return
    if isinstance(node, Function | ast.ClassDef):
        yield from _unknown_in_definition(node, visible, here)
        return
    if isinstance(node, Comprehension):
        first = node.generators[0].iter
        yield from _unknown(first, visible, here)
        inside = visible | _bound_in(generator.target for generator in node.generators)
        parts = [part for child in ast.iter_child_nodes(node) for part in _parts(child) if part is not first]
        yield from (found for part in parts for found in _unknown(part, inside))
        return
    for child in ast.iter_child_nodes(node):
        yield from _unknown(child, visible, here)


def _unknown_in_definition(
    node: Scope, visible: frozenset[str], here: frozenset[str]
) -> Iterator[tuple[ast.Name, frozenset[str]]]:
    body: list[ast.AST] = [*node.body] if isinstance(node.body, list) else [node.body]
    bound = _bound_in(body)
    inside = visible, bound
    if not isinstance(node, ast.ClassDef):
        arguments = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        inside = visible | bound | arguments, frozenset()
    own = set(body)
    for child in ast.iter_child_nodes(node):
        yield from _unknown(child, *(inside if child in own else (visible, here)))


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    return ast.iter_child_nodes(node) if isinstance(node, ast.comprehension) else (node,)


def _bound_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names bound in one scope: definitions inside are not entered, ``:=`` leaves comprehensions."""
    bound: set[str] = set()
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in nodes]
    while waiting:
        node, in_comprehension = waiting.pop()
        if not in_comprehension:
            bound.update(name for name, _ in bindings(node))
        if isinstance(node, ast.NamedExpr):
            bound.add(node.target.id)
        if not isinstance(node, Function | ast.ClassDef):
            inner = in_comprehension or isinstance(node, Comprehension)
            waiting.extend((child, inner) for child in ast.iter_child_nodes(node))
    return frozenset(bound)


def _problem(source: Source, node: ast.Name, visible: frozenset[str]) -> Problem:
    name = node.id
    if name in HIDING:
        return _hidden(source, node, name)
    if name in EXECUTION_NAMES:
        message = f"{name} is known in the execution script only: a processing script runs before the first step"
        return source.problem(node, "unknown_name", name, "elements, inputs, and plain Python", message)
    hint = f": write {INSTEAD[name]}" if name in INSTEAD else did_you_mean(name, visible)
    message = f"there is no name {name!r} here{hint or ': assign it first, or correct it; a text stands in quotes'}"
    return source.problem(node, "unknown_name", name, "a name that is known here", message)


def _hidden(source: Source, node: ast.AST, name: str) -> Problem:
    message = f"{name} hides steps from everybody who reads this script: write the code itself"
    return source.problem(node, "exec_eval", name, "plain code", message)
