"""A Python pattern with holes, such as ``sleep(SECONDS)``: it recognises, builds and prints what a block means.

A hole is a word in capitals. ``*ITEMS`` takes any number of values, ``**INPUTS`` any number of keywords, a plain
hole that ends an ``and``/``or`` and is of the kind ``items`` one or more. ``WHAT['context'][PATH]`` with a hole of
the kind ``path`` takes one or more literal keys.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flows.script.blocks.precedence import TEST, required


class Kind(StrEnum):
    """What a hole takes: another block, or a field's text."""

    VALUE = "value"
    ITEMS = "items"
    KEYWORDS = "keywords"
    NAME = "name"
    TARGET = "target"
    TEXT = "text"
    PATH = "path"
    NUMBER = "number"
    CODE = "code"


FIELDS: Final = frozenset({Kind.NAME, Kind.TARGET, Kind.TEXT, Kind.PATH, Kind.NUMBER, Kind.CODE})
HOLE: Final = re.compile(r"(, )?(\*{0,2})\b([A-Z][A-Z_]*)\b")
BODIES: Final = frozenset({"body", "orelse", "handlers", "finalbody"})
UNSAID: Final = frozenset({"ctx", "type_comment", "kind", "type_ignores"})
"""Fields of the tree in which two scripts that mean the same may differ."""

Filling = ast.AST | str | list[ast.expr | ast.keyword]
"""What a hole was filled with: a node or a field's text; several nodes where it repeats; a path as dotted text."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A hole's place in the printed text: what precedes it if it is filled, between its parts, and how tightly an
    expression must bind there."""

    name: str
    lead: str
    between: str
    level: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. ``node`` is None for a bare word such as ``else:`` and for a comment."""

    text: str
    node: ast.AST | None
    kinds: Mapping[str, Kind]
    segments: tuple[str | Slot, ...]

    def match(self, node: ast.AST | None) -> dict[str, Filling] | None:
        """What fills the holes where the node (without the statements in it) is an example of this pattern."""
        if self.node is None or node is None:
            return {} if self.node is node else None
        found: dict[str, Filling] = {}
        return found if _match(self, self.node, node, found) else None

    def build(self, fillings: Mapping[str, Filling]) -> ast.AST | None:
        """The tree that the pattern stands for; bodies of statements are to be put in."""
        return None if self.node is None else _build(self.node, fillings, self.kinds)

    def print(self, tell: Callable[[Slot, Kind], list[str]]) -> str:
        """The text, each hole as ``tell`` gives its parts."""
        said = []
        for segment in self.segments:
            if isinstance(segment, str):
                said.append(segment)
            elif parts := tell(segment, self.kinds[segment.name]):
                said.append(segment.lead + segment.between.join(parts))
        return "".join(said)


def compile_pattern(text: str, kinds: Mapping[str, Kind], *, is_value: bool) -> Pattern:
    """The pattern of a text; holes whose kind is not given take a value."""
    node = _tree(text, is_value=is_value)
    levels = _levels(node) if node is not None else {}
    found = dict(kinds)
    segments: list[str | Slot] = []
    at = 0
    for hole in HOLE.finditer(text):
        lead, stars, name = hole.group(1) or "", hole.group(2), hole.group(3)
        found.setdefault(name, {"": Kind.VALUE, "*": Kind.ITEMS, "**": Kind.KEYWORDS}[stars])
        segments.append(text[at : hole.start()] + ("" if stars else lead))
        segments.append(Slot(name, lead if stars else "", _between(node, found[name]), levels.get(name, TEST)))
        at = hole.end()
    used = {segment.name for segment in segments if isinstance(segment, Slot)}
    return Pattern(text, node, {k: v for k, v in found.items() if k in used}, (*segments, text[at:]))


def is_hole(node: ast.AST) -> bool:
    """True for the name that stands for a hole."""
    return isinstance(node, ast.Name) and HOLE.fullmatch(node.id) is not None


def _tree(text: str, *, is_value: bool) -> ast.AST | None:
    if text in ("else:", "finally:") or text.startswith("#"):
        return None
    if text == "try:":
        return ast.parse("try: pass\nfinally: pass").body[0]
    if text.startswith("except"):
        handled = ast.parse(f"try: pass\n{text} pass").body[0]
        assert isinstance(handled, ast.Try)
        return handled.handlers[0]
    text = text.removeprefix("el") if text.startswith("elif ") else text
    statement = ast.parse(f"{text} pass" if text.endswith(":") else text).body[0]
    return statement.value if is_value and isinstance(statement, ast.Expr) else statement


def _levels(node: ast.AST) -> dict[str, int]:
    found = {}
    for parent in ast.walk(node):
        for field, value in ast.iter_fields(parent):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.Name):
                    found[child.id] = required(parent, field)
    return found


def _between(node: ast.AST | None, kind: Kind) -> str:
    if isinstance(node, ast.BoolOp):
        return " and " if isinstance(node.op, ast.And) else " or "
    return "][" if kind is Kind.PATH else ", "


def _match(pattern: Pattern, wanted: ast.AST, node: ast.AST, found: dict[str, Filling]) -> bool:
    if isinstance(wanted, ast.Name) and is_hole(wanted):
        return _capture(pattern.kinds[wanted.id], wanted.id, node, found)
    if type(wanted) is not type(node):
        return False
    if isinstance(wanted, ast.Subscript) and is_hole(wanted.slice):
        hole = wanted.slice
        assert isinstance(hole, ast.Name)
        if pattern.kinds[hole.id] is Kind.PATH:
            return _match_path(pattern, wanted, node, found)
    return all(
        _match_field(pattern, getattr(wanted, name), getattr(node, name), found)
        for name in wanted._fields
        if not (name in UNSAID or (name in BODIES and isinstance(node, ast.stmt | ast.excepthandler)))
    )


def _match_field(pattern: Pattern, wanted: object, given: object, found: dict[str, Filling]) -> bool:
    if isinstance(wanted, ast.AST):
        return isinstance(given, ast.AST) and _match(pattern, wanted, given, found)
    if isinstance(wanted, list):
        return isinstance(given, list) and _match_list(pattern, wanted, given, found)
    if isinstance(wanted, str) and HOLE.fullmatch(wanted) and wanted in pattern.kinds:
        found[wanted] = given if isinstance(given, str) else ""
        return isinstance(given, str)
    return type(wanted) is type(given) and wanted == given


def _match_list(pattern: Pattern, wanted: list[ast.AST], given: list[ast.AST], found: dict[str, Filling]) -> bool:
    name = _repeated(wanted[-1], pattern.kinds) if wanted else None
    if name is None:
        return len(wanted) == len(given) and all(
            _match(pattern, one, other, found) for one, other in zip(wanted, given, strict=True)
        )
    fixed = len(wanted) - 1
    rest = given[fixed:]
    found[name] = [node for node in rest if isinstance(node, ast.expr | ast.keyword)]
    return (
        len(given) >= fixed
        and not any(isinstance(node, ast.Starred) or (isinstance(node, ast.keyword) and not node.arg) for node in rest)
        and all(_match(pattern, one, other, found) for one, other in zip(wanted[:-1], given[:fixed], strict=True))
    )


def _repeated(node: ast.AST, kinds: Mapping[str, Kind]) -> str | None:
    """The hole at the end of a list that takes all the rest."""
    if isinstance(node, ast.Starred | ast.keyword):
        node = node.value if not isinstance(node, ast.keyword) or node.arg is None else node
    if isinstance(node, ast.Name) and kinds.get(node.id) in (Kind.ITEMS, Kind.KEYWORDS):
        return node.id
    return None


def _capture(kind: Kind, name: str, node: ast.AST, found: dict[str, Filling]) -> bool:
    found[name] = node
    match kind:
        case Kind.NAME:
            return isinstance(node, ast.Name)
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


def _is_part(node: ast.expr) -> bool:
    """True for what looks like an expression and is none by itself."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return isinstance(node, ast.Starred) or any(isinstance(part, ast.Slice) for part in parts)


def is_number(node: ast.AST) -> bool:
    """True for a number as written, with its minus sign if it has one."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
    )


def _match_path(pattern: Pattern, wanted: ast.Subscript, node: ast.AST, found: dict[str, Filling]) -> bool:
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
    assert isinstance(wanted.slice, ast.Name)
    found[wanted.slice.id] = ".".join(path)
    return _match(pattern, wanted.value, inner[-1], found)


def _build(node: ast.AST, fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> ast.AST:
    if isinstance(node, ast.Name) and node.id in kinds:
        filling = fillings[node.id]
        assert isinstance(filling, ast.AST)
        return filling
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and kinds.get(node.slice.id) is Kind.PATH:
        return _build_path(node, str(fillings[node.slice.id]), fillings, kinds)
    built = type(node)()
    for name in node._fields:
        value = getattr(node, name)
        setattr(built, name, value)
        if isinstance(value, ast.AST):
            setattr(built, name, _build(value, fillings, kinds))
        elif isinstance(value, list):
            setattr(built, name, _build_list(value, fillings, kinds))
        elif isinstance(value, str) and value in kinds:
            filling = fillings[value]
            setattr(built, name, filling.id if isinstance(filling, ast.Name) else filling)
    return built


def _build_list(nodes: list[ast.AST], fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> list[ast.AST]:
    name = _repeated(nodes[-1], kinds) if nodes else None
    fixed = nodes if name is None else nodes[:-1]
    built = [_build(node, fillings, kinds) for node in fixed]
    rest = fillings[name] if name is not None else []
    assert isinstance(rest, list)
    return [*built, *rest]


def _build_path(node: ast.Subscript, path: str, fillings: Mapping[str, Filling], kinds: Mapping[str, Kind]) -> ast.AST:
    built = _build(node.value, fillings, kinds)
    for key in path.split("."):
        assert isinstance(built, ast.expr)
        built = ast.Subscript(value=built, slice=ast.Constant(value=key), ctx=ast.Load())
    return built
