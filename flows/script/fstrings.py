"""Puts right the positions of expressions in f-strings, which Python before 3.12 only guesses."""

import ast
import io
import re
import sys
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from flows.script.parsing import parse_expression

POSITIONS_ARE_RIGHT = sys.version_info >= (3, 12)
OPENING, CLOSING = "([{", ")]}"
PREFIX = re.compile(rb"[fF][rR]?['\"]|[rR][fF]['\"]")
"""Where an f-string may begin: a script without it has none."""


@dataclass(frozen=True, slots=True)
class Text:
    """A script as UTF-8, and where its lines start in it."""

    utf8: bytes
    starts: list[int]

    def offset(self, line: int, byte_col: int) -> int:
        """The offset of a position of the tree."""
        return self.starts[line - 1] + byte_col

    def place(self, offset: int) -> tuple[int, int]:
        """The position (line from 1, bytes from 0) of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1]


def place_expressions(tree: ast.Module, utf8: bytes, starts: list[int]) -> None:
    """Correct, in place, every position inside the f-strings of a tree. Outer strings come before those in them."""
    if POSITIONS_ARE_RIGHT or PREFIX.search(utf8) is None:
        return
    text = Text(utf8, starts)
    specs = {node.format_spec for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and node not in specs:
            # What cannot be read here keeps Python's guess; `sites_of` refuses a step whose place is not certain.
            with suppress(IndexError, ValueError, SyntaxError, StopIteration, tokenize.TokenError):
                _place_in_string(text, node)


def _place_in_string(text: Text, string: ast.JoinedStr) -> None:
    start = text.offset(string.lineno, string.col_offset)
    end = text.offset(string.end_lineno or string.lineno, string.end_col_offset or 0)
    fields = _fields_of(string)
    for token_start, token in _string_tokens(text.utf8[start:end].decode()):
        prefix = token[: min(token.find(quote) for quote in "\"'" if quote in token)].lower()
        if "f" in prefix:
            width = 3 if token[len(prefix) :][:3] in ('"""', "'''") else 1
            body = token[len(prefix) + width : -width]
            base = start + token_start + len(prefix) + width
            _place_fields(text, body, base, fields, raw="r" in prefix)


def _fields_of(string: ast.JoinedStr) -> Iterator[ast.FormattedValue]:
    return (value for value in string.values if isinstance(value, ast.FormattedValue))


def _string_tokens(segment: str) -> Iterator[tuple[int, str]]:
    """(offset in bytes, text) of every string literal of an implicit concatenation."""
    lines = ("(" + segment + "\n)").split("\n")
    starts = [0]
    for text in lines:
        starts.append(starts[-1] + len(text.encode()) + 1)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.type == tokenize.STRING:
            line, col = token.start
            yield starts[line - 1] + len(lines[line - 1][:col].encode()) - 1, token.string


def _place_fields(
    text: Text, body: str, base: int, fields: Iterator[ast.FormattedValue], *, raw: bool, in_spec: bool = False
) -> None:
    """Walk over ``body``, the inside of a literal that starts at offset ``base``, and place one field at each brace."""
    at = 0
    while at < len(body):
        if not raw and body.startswith("\\N{", at):
            at = body.index("}", at) + 1
        elif body.startswith(("{{", "}}"), at) and not in_spec:
            at += 2
        elif body[at] == "{":
            at = _place_field(text, body, at + 1, base, next(fields), raw=raw)
        else:
            at += 1


def _place_field(text: Text, body: str, at: int, base: int, field: ast.FormattedValue, *, raw: bool) -> int:
    """Place one field whose expression starts at ``at``; the answer is just after its closing brace."""
    end = _expression_end(body, at)
    _place_expression(text, field.value, body[at:end], base + len(body[:at].encode()))
    at = end
    while body[at] not in ":}":
        at += 1
    if body[at] == ":":
        spec_end = _spec_end(body, at + 1)
        if isinstance(field.format_spec, ast.JoinedStr):
            spec_base = base + len(body[: at + 1].encode())
            spec = body[at + 1 : spec_end]
            _place_fields(text, spec, spec_base, _fields_of(field.format_spec), raw=raw, in_spec=True)
        at = spec_end
    return at + 1


def _expression_end(body: str, at: int) -> int:
    """Where the expression of a field ends: at a conversion, a format, a ``=`` of its own, or the closing brace."""
    depth = 0
    while True:
        char = body[at]
        if char in "\"'":
            at = _string_end(body, at)
            continue
        if depth == 0 and _ends_expression(body, at):
            return at
        if body[at : at + 2] in ("==", "!=", "<=", ">="):
            at += 1
        depth += (char in OPENING) - (char in CLOSING)
        at += 1


def _ends_expression(body: str, at: int) -> bool:
    char, pair = body[at], body[at : at + 2]
    return char in ":}" or (char in "!=" and pair not in ("!=", "=="))


def _string_end(body: str, at: int) -> int:
    quote = body[at : at + 3] if body[at : at + 3] in ('"""', "'''") else body[at]
    return body.index(quote, at + len(quote)) + len(quote)


def _spec_end(body: str, at: int) -> int:
    while body[at] != "}":
        at = _field_end(body, at + 1) if body[at] == "{" else at + 1
    return at


def _field_end(body: str, at: int) -> int:
    at = _expression_end(body, at)
    while body[at] not in ":}":
        at += 1
    return (_spec_end(body, at + 1) if body[at] == ":" else at) + 1


def _place_expression(text: Text, value: ast.expr, expression: str, base: int) -> None:
    """Parse the expression on its own, in brackets, and take over the positions of its parts."""
    parsed = parse_expression(f"({expression})")
    lines = f"({expression})".split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()) + 1)
    for node, model in zip(ast.walk(value), ast.walk(parsed), strict=True):
        if isinstance(node, ast.expr | ast.keyword | ast.arg) and isinstance(model, ast.expr | ast.keyword | ast.arg):
            node.lineno, node.col_offset = text.place(base + starts[model.lineno - 1] + model.col_offset - 1)
            end_line, end_col = model.end_lineno or model.lineno, model.end_col_offset or 0
            node.end_lineno, node.end_col_offset = text.place(base + starts[end_line - 1] + end_col - 1)
