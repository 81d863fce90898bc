"""What a row of the catalog says, and how rows are found by the code that they stand for."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from flows.script.blocks.holes import Filling, Kind, is_hole
from flows.script.blocks.pattern import Pattern, compile_pattern
from flows.script.language import STEPS

Shape = Literal["statement", "value"]
Category = Literal["do", "wait", "decide", "elements", "data", "raw"]
Script = Literal["execution", "processing"]
BOTH: Final[tuple[Script, ...]] = ("execution", "processing")
ANY: Final = ("", "")
CHOICE: Final = "CHOICE"
"""The field of a row that has more than one form: which of them it is."""


@dataclass(frozen=True)
class Clause:
    """A part that a compound statement may have after its first, in the order of its row's ``clauses``."""

    kind: str
    text: str
    label: str
    repeats: bool = False
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @cached_property
    def pattern(self) -> Pattern:
        """The compiled pattern."""
        return compile_pattern(self.text, self.kinds, is_value=False)


@dataclass(frozen=True)
class Row:
    """One kind of block.

    ``pattern`` is one, or maps each option of the field ``CHOICE`` to its own; a row with one has no such field.
    ``label`` names the holes in braces, a repeated one once. ``picks`` says of what a text
    or keyword is one ("tasks", "flows", "inputs", "context", or the keywords known by heart). ``example`` is what the
    toolbox gives.
    """

    type: str
    shape: Shape
    category: Category
    pattern: str | Mapping[str, str]
    label: str
    tooltip: str
    example: str
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    picks: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    clauses: tuple[Clause, ...] = ()
    scripts: tuple[Script, ...] = BOTH

    @property
    def forms(self) -> Mapping[str, str]:
        """The patterns by option; the one option of a row without a choice is empty."""
        return {"": self.pattern} if isinstance(self.pattern, str) else self.pattern

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        """The compiled forms."""
        is_value = self.shape == "value"
        return {option: compile_pattern(text, self.kinds, is_value=is_value) for option, text in self.forms.items()}

    @cached_property
    def is_step(self) -> bool:
        """True for the call of a step, so that the block has the number of a step site."""
        node = next(iter(self.patterns.values())).node
        call = node.value if isinstance(node, ast.Expr) else node
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in STEPS

    @cached_property
    def has_body(self) -> bool:
        """True for a compound statement."""
        return next(iter(self.forms.values())).endswith(":")

    @cached_property
    def clause(self) -> dict[str, Clause]:
        """The clauses by their kinds."""
        return {clause.kind: clause for clause in self.clauses}

    def part(self, kind: str, option: str) -> Pattern | None:
        """The pattern of the block itself (kind ``""``) or of a clause; None where the row has no such."""
        if kind == "":
            return self.patterns.get(option)
        return self.clause[kind].pattern if kind in self.clause else None


Key = tuple[str, str]
Form = tuple[Row, str, Pattern]
"""A row, one of its options, and the pattern of that."""


class Index:
    """The rows of one shape, by what a node looks like, so that few are tried; earlier rows win."""

    def __init__(self, rows: Iterable[Row]) -> None:
        forms = [(row, option, pattern) for row in rows for option, pattern in row.patterns.items()]
        found = [(key(form[2].node), form) for form in forms if form[2].node is not None]
        kinds = {(wanted[0], "") for wanted, _ in found}
        self._alike = {own: _like(own, found) for own in (*(wanted for wanted, _ in found), *kinds, ANY)}

    def find(self, node: ast.AST) -> Iterator[tuple[Row, str, dict[str, Filling]]]:
        """The rows that the node is an example of, with the option and what fills the holes."""
        own = key(node)
        forms = self._alike.get(own) or self._alike.get((own[0], "")) or self._alike[ANY]
        for row, option, pattern in forms:
            found = pattern.match(node)
            if found is not None:
                yield row, option, found


def _like(own: Key, forms: Iterable[tuple[Key, Form]]) -> list[Form]:
    """The forms that a node with this key may be an example of, in the order of the rows."""
    alike = (own, (own[0], ""), ANY)
    return [form for wanted, form in forms if wanted in alike]


def key(node: ast.AST) -> Key:
    """The node's type and what tells it from others of this type; two empty texts for a hole."""
    if is_hole(node):
        return ANY
    kind = type(node).__name__
    match node:
        case ast.Expr(value=value):
            return ANY if is_hole(value) else (kind, key(value)[1])
        case ast.Call(func=ast.Attribute(attr=name)):
            return kind, f".{name}"
        case ast.Call(func=ast.Name(id=name) as called):
            return kind, "" if is_hole(called) else name
        case ast.Name(id=name):
            return kind, name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return kind, name
        case ast.Compare(ops=[operator]):
            return kind, type(operator).__name__
        case ast.BoolOp(op=operator) | ast.BinOp(op=operator) | ast.UnaryOp(op=operator) | ast.AugAssign(op=operator):
            return kind, type(operator).__name__
        case ast.Constant(value=value):
            return kind, type(value).__name__
    return kind, ""
