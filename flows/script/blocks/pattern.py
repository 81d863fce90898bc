"""A Python pattern with holes, such as ``sleep(SECONDS)``: it recognises, builds and prints what a block means.

A hole is a word in capitals. ``*ITEMS`` takes any number of values, ``**INPUTS`` any number of keywords, ``MORE`` of
the kind ``items`` one or more. ``WHAT['context'][PATH]`` with a hole of the kind ``path`` takes one or more literal
keys, ``f'{PARTS}'`` of the kind ``pieces`` texts and values, ``{**ENTRIES}`` of the kind ``entries`` names and values.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.script.blocks.building import build_tree
from flows.script.blocks.holes import HOLE, Filling, Kind
from flows.script.blocks.matching import match_tree
from flows.script.blocks.precedence import TEST, required
from flows.script.parsing import parse


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
        return match_tree(self.node, node, self.kinds)

    def build(self, fillings: Mapping[str, Filling]) -> ast.AST | None:
        """The tree that the pattern stands for; bodies of statements are to be put in."""
        return None if self.node is None else build_tree(self.node, fillings, self.kinds)

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
    segments.append(text[at:])
    used = {segment.name for segment in segments if isinstance(segment, Slot)}
    if Kind.PIECES in found.values():
        # An f-string is printed as one: its quotes depend on what stands in it.
        segments = [segment for segment in segments if isinstance(segment, Slot)]
    return Pattern(text, node, {k: v for k, v in found.items() if k in used}, tuple(segments))


def _tree(text: str, *, is_value: bool) -> ast.AST | None:
    if text in ("else:", "finally:") or text.startswith("#"):
        return None
    if text == "try:":
        return parse("try: pass\nfinally: pass").body[0]
    if text.startswith("except"):
        handled = parse(f"try: pass\n{text} pass").body[0]
        assert isinstance(handled, ast.Try)
        return handled.handlers[0]
    text = text.removeprefix("el") if text.startswith("elif ") else text
    statement = parse(f"{text} pass" if text.endswith(":") else text).body[0]
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
