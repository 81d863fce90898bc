"""What blocks say: each as the syntax tree that it stands for, and as text that is to mean just that."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Final

from flows.script.blocks.catalog import BY_TYPE, COMMENT, RAW_STATEMENT
from flows.script.blocks.holes import NAMED, SEVERAL, Filling, Kind
from flows.script.blocks.matching import is_number
from flows.script.blocks.parts import put_together
from flows.script.blocks.pattern import Pattern, Slot
from flows.script.blocks.pieces import Unprintable, print_pieces
from flows.script.blocks.precedence import WHOLE, level
from flows.script.blocks.rows import CHOICE, Row
from flows.script.blocks.tree import parse_code, parse_value
from flows.script.blocks.workspace import Block, NotFaithful, Workspace
from flows.script.parsing import literal


@dataclass(frozen=True, slots=True)
class Value:
    """An expression: its text without parentheses around it, its tree, and how tightly it holds together."""

    text: str
    node: ast.expr
    level: int


@dataclass(slots=True)
class Meaning:
    """What a workspace says. ``headers`` is the text of each part of each statement but raw ones and comments;
    ``statements`` what each block adds to the body that it stands in."""

    values: dict[str, Value]
    headers: dict[tuple[str, int], str]
    statements: dict[str, list[ast.stmt]]


def meaning_of(workspace: Workspace) -> Meaning:
    """Read every block. Raises ``NotFaithful`` for one that says nothing: a hole is empty, a name is no name, ..."""
    meaning = Meaning({}, {}, {})
    for block, _ in reversed(workspace.in_order()):
        row = row_of(block)
        if row.shape == "value":
            meaning.values[block.id] = _value(meaning, block, row)
        elif row.type == COMMENT:
            meaning.statements[block.id] = []
        elif row.type == RAW_STATEMENT:
            meaning.statements[block.id] = _code(block)
        else:
            meaning.statements[block.id] = [_statement(workspace, meaning, block, row)]
        if row.shape == "value" and block.next is not None:
            raise NotFaithful("a value has a block below it", block.id)
    return meaning


def body_of(workspace: Workspace, meaning: Meaning, first: str | None) -> list[ast.stmt]:
    """The statements of a chain of blocks."""
    said = []
    for block in workspace.chain(first):
        if block.id not in meaning.statements:
            raise NotFaithful("a value stands where a statement is wanted", block.id)
        said.extend(meaning.statements[block.id])
    return said


def row_of(block: Block) -> Row:
    """The row of the catalog that a block is of."""
    row = BY_TYPE.get(block.type)
    if row is None:
        raise NotFaithful(f"the catalog has no block {block.type!r}", block.id)
    return row


def _statement(workspace: Workspace, meaning: Meaning, block: Block, row: Row) -> ast.stmt:
    parts: list[tuple[str, ast.AST | None, list[ast.stmt]]] = []
    known: set[str] = set()
    for number, kind in enumerate(["", *block.clauses]):
        pattern = row.part(kind, block.fields.get(CHOICE, ""))
        if pattern is None:
            raise NotFaithful(f"{row.type} has no part {kind or block.fields.get(CHOICE)!r}", block.id)
        reader = _Holes(meaning, block, str(number or ""))
        node = pattern.build(reader.fillings(pattern))
        meaning.headers[block.id, number] = pattern.print(reader.tell)
        name = f"BODY{number or ''}"
        known |= reader.used | ({name} if row.has_body else set())
        body = body_of(workspace, meaning, block.inputs.get(name)) if row.has_body else []
        parts.append((kind, node, body or [ast.Pass()]))
    _refuse_unknown(block, known)
    return put_together(parts)


def _value(meaning: Meaning, block: Block, row: Row) -> Value:
    pattern = row.patterns.get(block.fields.get(CHOICE, ""))
    if pattern is None:
        raise NotFaithful(f"{row.type} has no choice {block.fields.get(CHOICE)!r}", block.id)
    reader = _Holes(meaning, block, "")
    node = pattern.build(reader.fillings(pattern))
    text = pattern.print(reader.tell)
    _refuse_unknown(block, reader.used)
    assert isinstance(node, ast.expr)
    if "\n" in text and pattern.kinds.get("CODE") is Kind.CODE:
        return Value(f"({text})", node, WHOLE)
    return Value(text, node, WHOLE if isinstance(node, ast.Tuple) and _is_enclosed(text) else level(node))


def _refuse_unknown(block: Block, known: set[str]) -> None:
    lost = set(block.inputs) - known
    if lost:
        raise NotFaithful(f"{block.type} has no input {min(lost)}", block.id)


def _is_enclosed(text: str) -> bool:
    """True for a tuple that has its own parentheses around it."""
    try:
        return isinstance(parse_value(f"{text}.x"), ast.Attribute)
    except SyntaxError:
        return False


def _code(block: Block) -> list[ast.stmt]:
    try:
        return parse_code(block.fields.get("CODE", "")).body
    except SyntaxError as error:
        raise NotFaithful(f"not valid Python: {error.msg}", block.id) from error


class _Holes:
    """The holes of one part of a block, as nodes and as text. ``used`` are the inputs that were asked for."""

    def __init__(self, meaning: Meaning, block: Block, suffix: str) -> None:
        self.meaning, self.block, self.suffix = meaning, block, suffix
        self.used: set[str] = set()

    def fillings(self, pattern: Pattern) -> dict[str, Filling]:
        """What fills each hole of the tree."""
        return {name: self._filling(name + self.suffix, kind) for name, kind in pattern.kinds.items()}

    def _filling(self, name: str, kind: Kind) -> Filling:
        if kind is Kind.VALUE:
            return self._input(name).node
        if kind in SEVERAL:
            return [self._input(one).node for one in self._names(name)]
        if kind in NAMED:
            return [ast.keyword(arg=self._word(one, kind), value=self._input(one).node) for one in self._names(name)]
        return _FIELDS[kind](self._field(name), self.block)

    def tell(self, slot: Slot, kind: Kind) -> list[str]:
        """The parts of a hole's text."""
        name = slot.name + self.suffix
        if kind is Kind.VALUE:
            return [self._enclosed(name, slot)]
        if kind is Kind.ITEMS:
            return [self._enclosed(one, slot) for one in self._names(name)]
        if kind is Kind.KEYWORDS:
            return [f"{self._word(one, kind)}={self._enclosed(one, slot)}" for one in self._names(name)]
        if kind is Kind.ENTRIES:
            return [f"{self._word(one, kind)!r}: {self._enclosed(one, slot)}" for one in self._names(name)]
        if kind is Kind.PIECES:
            return [self._pieces(name, slot)]
        text = self._field(name)
        if kind is Kind.TEXT:
            return [_written(text, self.block.sources.get(name))]
        return [repr(key) for key in text.split(".")] if kind is Kind.PATH else [text]

    def _names(self, name: str) -> list[str]:
        return [f"{name}.{number}" for number in range(self.block.counts.get(name, 0))]

    def _word(self, name: str, kind: Kind) -> str:
        return self._field(name) if kind is Kind.ENTRIES else _identifier(self._field(name), self.block)

    def _pieces(self, name: str, slot: Slot) -> str:
        inputs = [(self._input(one).node, self._enclosed(one, slot)) for one in self._names(name)]
        try:
            return print_pieces(inputs)
        except Unprintable as unprintable:
            message = "a value in this text has quotes of each kind, or a backslash: give it a name above, and use that"
            raise NotFaithful(message, self.block.id) from unprintable

    def _field(self, name: str) -> str:
        if name not in self.block.fields:
            raise NotFaithful(f"{self.block.type} has no {name}", self.block.id)
        return self.block.fields[name]

    def _input(self, name: str) -> Value:
        self.used.add(name)
        child = self.block.inputs.get(name)
        if child is None:
            raise NotFaithful(f"{self.block.type}: {name} is empty", self.block.id)
        if child not in self.meaning.values:
            raise NotFaithful("a statement stands where a value is wanted", child)
        return self.meaning.values[child]

    def _enclosed(self, name: str, slot: Slot) -> str:
        value = self._input(name)
        return f"({value.text})" if value.level < slot.level else value.text


def _written(text: str, source: str | None) -> str:
    """A text as it was written, if that is still what it says."""
    if source is not None:
        try:
            if literal(source) == text:
                return source
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return repr(text)
    return repr(text)


def _identifier(text: str, block: Block) -> str:
    if not text.isidentifier() or iskeyword(text):
        raise NotFaithful(f"{text!r} is no name", block.id)
    return text


def _name(text: str, block: Block) -> Filling:
    return ast.Name(id=_identifier(text, block), ctx=ast.Load())


def _target(text: str, block: Block) -> Filling:
    words = [word.strip() for word in text.split(",")]
    if len(words) == 1:
        return _name(words[0], block)
    names = [ast.Name(id=_identifier(word, block), ctx=ast.Store()) for word in words if word]
    return ast.Tuple(elts=list(names), ctx=ast.Store())


def _text(text: str, _block: Block) -> Filling:
    return ast.Constant(value=text)


def _path(text: str, block: Block) -> Filling:
    if not all(text.split(".")):
        raise NotFaithful(f"{text!r} is no path of keys with dots between them", block.id)
    return text


def _number(text: str, block: Block) -> Filling:
    if text.isascii() and text.isdigit() and (text[0] != "0" or text == "0") and len(text) < 20:
        return ast.Constant(value=int(text))
    node = _expression(text, block)
    if not is_number(node):
        raise NotFaithful(f"{text!r} is no number", block.id)
    return node


def _expression(text: str, block: Block) -> ast.expr:
    try:
        return parse_value(text)
    except SyntaxError as error:
        raise NotFaithful(f"{text!r} is no Python expression", block.id) from error


_FIELDS: Final[Mapping[Kind, Callable[[str, Block], Filling]]] = {
    Kind.NAME: _name,
    Kind.CALLEE: _name,
    Kind.TARGET: _target,
    Kind.TEXT: _text,
    Kind.PATH: _path,
    Kind.NUMBER: _number,
    Kind.CODE: _expression,
}
