"""Where the calls of steps and their arguments stand in a text: what an editor of text cuts out and puts in.

Offsets count UTF-16 units of the text as it was given, line ends included: the browser's own way of counting.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.script.analysis import FoundCall, site_calls
from flows.script.blocks.layout import LINE_END
from flows.script.source import Source

Position = tuple[int, int]
"""A line, from 1, and a column in bytes, from 0."""

PLAIN: Final = re.compile(rb"\s*,?\s*")
"""What stands between two arguments where nothing else does: no parenthesis, no comment."""
_UNSEEN: Final = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER})


@dataclass(frozen=True, slots=True)
class Range:
    """From the first unit to just after the last."""

    start: int
    end: int

    def to_json(self) -> dict[str, int]:
        """As the browser reads it."""
        return {"start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class ArgumentPlace:
    """One argument's value, with the parentheses around it, and for a keyword where its name begins.

    What is given as ``*list`` or ``**dict`` has no name, and its stars in its code.
    """

    name: str | None
    value: Range
    code: str
    begins: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As the browser reads it; ``from`` is there for a keyword only."""
        told = {"name": self.name, **self.value.to_json(), "code": self.code}
        return told if self.begins is None else {**told, "from": self.begins}


@dataclass(frozen=True, slots=True)
class CallPlace:
    """One call: itself, its arguments in the order of the text, and the innermost statement around it."""

    whole: Range
    args: Sequence[ArgumentPlace]
    statement: Range

    def to_json(self) -> dict[str, Any]:
        """As the browser reads it; ``close`` is where its last parenthesis stands."""
        return {**self.whole.to_json(), "args": [one.to_json() for one in self.args], "close": self.whole.end - 1}


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str | None
    begins: Position
    start: Position
    end: Position


def call_places(source: Source, text: str) -> list[CallPlace]:
    """The calls of the step sites, in their order. ``text`` is the source's before its line ends were normalised."""
    places = _Places(source, text)
    return [places.place(found) for found in site_calls(source)]


class _Places:
    """The offsets of one text."""

    def __init__(self, source: Source, text: str) -> None:
        self.lines = source.lines
        ends = [len(end) for end in LINE_END.findall(text)] if "\r" in text else [1] * (len(self.lines) - 1)
        self.starts = [0]
        for line, end in zip(self.lines, ends, strict=False):
            self.starts.append(self.starts[-1] + _units(line) + end)

    def place(self, found: FoundCall) -> CallPlace:
        call, statement = found.call, found.around.statement
        assert statement is not None
        arguments = _plain_arguments(call, self.lines)
        if arguments is None:
            arguments = list(_tokenized_arguments(call, self.lines))
        return CallPlace(self._range(call), [self._told(one) for one in arguments], self._range(statement))

    def _told(self, argument: _Argument) -> ArgumentPlace:
        value = Range(self._at(argument.start), self._at(argument.end))
        begins = self._at(argument.begins) if argument.name else None
        return ArgumentPlace(argument.name, value, _between(self.lines, argument.start, argument.end), begins)

    def _range(self, node: ast.expr | ast.stmt) -> Range:
        return Range(self._at(_start(node)), self._at(_end(node)))

    def _at(self, position: Position) -> int:
        line, col = position
        return self.starts[line - 1] + _units(self.lines[line - 1][:col])


def _plain_arguments(call: ast.Call, lines: Sequence[bytes]) -> list[_Argument] | None:
    """The arguments of a call that stands on one line with no parentheses around any, as nearly all do; else None."""
    row, at = _end(call.func)
    line = lines[row - 1]
    if row != call.end_lineno or line[at : at + 1] != b"(":
        return None
    at += 1
    found = []
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    for node in sorted(arguments, key=_start):
        word = f"{node.arg}=".encode() if isinstance(node, ast.keyword) and node.arg else b""
        begins, end = _start(node)[1], _end(node)[1]
        start = begins + len(word)
        value = node.value if word and isinstance(node, ast.keyword) else node
        if not PLAIN.fullmatch(line[at:begins]) or (_start(value)[1], _end(value)[1]) != (start, end):
            return None
        name = node.arg if isinstance(node, ast.keyword) else None
        found.append(_Argument(name, (row, begins), (row, start), (row, end)))
        at = end
    return found if PLAIN.fullmatch(line[at : _end(call)[1] - 1]) else None


def _tokenized_arguments(call: ast.Call, lines: Sequence[bytes]) -> Iterator[_Argument]:
    """The arguments of any call, by its tokens: from each comma to the next one that is in no other brackets."""
    tokens = _tokens(call, lines)
    opening = next(n for n, (text, start, _) in enumerate(tokens) if text == "(" and start >= _end(call.func))
    depth, at = 0, opening + 1
    for number in range(opening + 1, len(tokens)):
        text = tokens[number][0]
        is_last = number == len(tokens) - 1
        if depth == 0 and (text == "," or is_last):
            if number > at:
                yield _tokenized(tokens[at:number])
            at = number + 1
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))


def _tokenized(tokens: Sequence[tuple[str, Position, Position]]) -> _Argument:
    is_keyword = len(tokens) > 2 and tokens[1][0] == "="
    value = tokens[2 if is_keyword else 0]
    return _Argument(tokens[0][0] if is_keyword else None, tokens[0][1], value[1], tokens[-1][2])


def _tokens(call: ast.Call, lines: Sequence[bytes]) -> list[tuple[str, Position, Position]]:
    """The tokens of a call with the places where they stand."""
    row, col = _start(call)
    code = _between(lines, (row, col), _end(call))
    before = lines[row - 1][:col].decode()

    def position(place: tuple[int, int]) -> Position:
        line, chars = place[0] + row - 1, place[1] + (len(before) if place[0] == 1 else 0)
        return line, len(lines[line - 1].decode()[:chars].encode())

    found = tokenize.generate_tokens(io.StringIO(code).readline)
    return [(t.string, position(t.start), position(t.end)) for t in found if t.type not in _UNSEEN]


def _between(lines: Sequence[bytes], start: Position, end: Position) -> str:
    (first, at), (last, until) = start, end
    if first == last:
        return lines[first - 1][at:until].decode()
    return b"\n".join([lines[first - 1][at:], *lines[first : last - 1], lines[last - 1][:until]]).decode()


def _start(node: ast.expr | ast.stmt | ast.keyword) -> Position:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt | ast.keyword) -> Position:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _units(line: bytes) -> int:
    """UTF-16 units of some UTF-8 text: what lies beyond 16 bits, four bytes each, counts twice."""
    return len(line) if line.isascii() else len(line.decode().encode("utf-16-le")) // 2
