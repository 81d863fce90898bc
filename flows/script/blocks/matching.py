"""Recognises what a pattern means: finds in a syntax tree what fills the pattern's holes."""

import ast
from collections.abc import Mapping, Sequence
from itertools import repeat

from flows.script.blocks.holes import AT_LEAST_ONE, BODIES, HOLE, UNSAID, Filling, Kind, repeated
from flows.script.blocks.pieces import pieces_of
from flows.script.language import ENDINGS, ORDERING, STEPS

WORDS = STEPS | ENDINGS | ORDERING
"""What has blocks of its own, and is no function like others."""
_COMPARED: dict[type[ast.AST], tuple[str, ...]] = {}


def match_tree(wanted: ast.AST, node: ast.AST, kinds: Mapping[str, Kind]) -> dict[str, Filling] | None:
    """What fills the holes of ``wanted`` where ``node`` (without the statements in it) is an example of it."""
    found: dict[str, Filling] = {}
    return found if _Match(kinds, found).tree(wanted, node) else None


def compared(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields in which two nodes of this type are compared: the statements in a statement are not."""
    names = _COMPARED.get(kind)
    if names is None:
        unseen = UNSAID | BODIES if issubclass(kind, ast.stmt | ast.excepthandler) else UNSAID
        names = _COMPARED[kind] = tuple(name for name in kind._fields if name not in unseen)
    return names


def is_number(node: ast.AST) -> bool:
    """True for a number as written, with its minus sign if it has one."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
    )


class _Match:
    """One comparison; ``found`` is filled as far as it went."""

    __slots__ = ("found", "kinds")

    def __init__(self, kinds: Mapping[str, Kind], found: dict[str, Filling]) -> None:
        self.kinds, self.found = kinds, found

    def tree(self, wanted: ast.AST, node: ast.AST) -> bool:
        if isinstance(wanted, ast.Name) and wanted.id in self.kinds:
            return self._capture(wanted.id, node)
        if type(wanted) is not type(node):
            return False
        special = self._special(wanted, node)
        if special is not None:
            return special
        names = compared(type(node))
        return all(map(self._field, map(getattr, repeat(wanted), names), map(getattr, repeat(node), names)))

    def _special(self, wanted: ast.AST, node: ast.AST) -> bool | None:
        """What is compared in a way of its own; None for all else."""
        match wanted, node:
            case ast.Subscript(slice=ast.Name(id=name)), ast.Subscript() if self.kinds.get(name) is Kind.PATH:
                return self._path(wanted, node, name)
            case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name))]), ast.JoinedStr():
                return self._take(name, pieces_of(node))
            case ast.Dict(values=[ast.Name(id=name)]), ast.Dict() if self.kinds.get(name) is Kind.ENTRIES:
                return self._take(name, _entries(node))
            case ast.arguments(args=[ast.arg(arg=name)]), ast.arguments() if self.kinds.get(name) is Kind.TARGET:
                return self._take(name, _parameters(node))
        return None

    def _take(self, name: str, filling: Filling | None) -> bool:
        if filling is None:
            return False
        self.found[name] = filling
        return True

    def _field(self, wanted: object, given: object) -> bool:
        if isinstance(wanted, ast.AST):
            return isinstance(given, ast.AST) and self.tree(wanted, given)
        if isinstance(wanted, list):
            return isinstance(given, list) and self._list(wanted, given)
        if isinstance(wanted, str) and wanted in self.kinds and HOLE.fullmatch(wanted):
            return self._take(wanted, given if isinstance(given, str) else None)
        return type(wanted) is type(given) and wanted == given

    def _list(self, wanted: Sequence[ast.AST], given: Sequence[ast.AST]) -> bool:
        name = repeated(wanted[-1], self.kinds) if wanted else None
        fixed = len(wanted) - (name is not None)
        if len(given) < fixed or (name is None and len(given) != fixed):
            return False
        if name is not None and not self._rest(name, given[fixed:]):
            return False
        return all(self.tree(one, other) for one, other in zip(wanted[:fixed], given, strict=False))

    def _rest(self, name: str, rest: Sequence[ast.AST]) -> bool:
        """Take all that is left of a list, unless there is something in it that stands for several itself."""
        self.found[name] = [node for node in rest if isinstance(node, ast.expr | ast.keyword)]
        is_plain = not any(
            isinstance(node, ast.Starred) or (isinstance(node, ast.keyword) and not node.arg) for node in rest
        )
        return is_plain and (bool(rest) or name != AT_LEAST_ONE)

    def _capture(self, name: str, node: ast.AST) -> bool:
        self.found[name] = node
        match self.kinds[name]:
            case Kind.NAME:
                return isinstance(node, ast.Name)
            case Kind.CALLEE:
                return isinstance(node, ast.Name) and node.id not in WORDS
            case Kind.TARGET:
                return isinstance(node, ast.Name) or (
                    isinstance(node, ast.Tuple) and bool(node.elts) and all(isinstance(e, ast.Name) for e in node.elts)
                )
            case Kind.TEXT:
                return isinstance(node, ast.Constant) and isinstance(node.value, str)
            case Kind.NUMBER:
                return is_number(node)
            case _:
                return isinstance(node, ast.expr) and not _is_part(node)

    def _path(self, wanted: ast.Subscript, node: ast.AST, name: str) -> bool:
        keys: list[str] = []
        inner: list[ast.Subscript] = []
        while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if not isinstance(node.slice.value, str):
                break
            keys.append(node.slice.value)
            inner.append(node)
            node = node.value
        path = list(reversed(keys[:-1]))
        if not path or any(not key or "." in key for key in path):
            return False
        self.found[name] = ".".join(path)
        return self.tree(wanted.value, inner[-1])


def _is_part(node: ast.expr) -> bool:
    """True for what looks like an expression and is none by itself."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return isinstance(node, ast.Starred) or any(isinstance(part, ast.Slice) for part in parts)


def _entries(node: ast.Dict) -> list[ast.expr | ast.keyword] | None:
    """The entries of a dict whose names are plain texts."""
    found: list[ast.expr | ast.keyword] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        found.append(ast.keyword(arg=key.value, value=value))
    return found


def _parameters(node: ast.arguments) -> str | None:
    """The names of one or more plain parameters, with commas between them."""
    others = (node.posonlyargs, node.kwonlyargs, node.kw_defaults, node.defaults, node.vararg, node.kwarg)
    if any(others) or not node.args or any(one.annotation for one in node.args):
        return None
    return ", ".join(one.arg for one in node.args)
