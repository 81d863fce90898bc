"""F-strings as texts and values in turn: taken apart, put together, and printed so that Python 3.11 reads them."""

import ast
from collections.abc import Sequence
from typing import Final, TypeGuard

from flows.script.blocks.holes import Filling

QUOTES: Final = ("'", '"', "'''", '"""')


class _Text(ast.Constant):
    """A constant that is a text, for the type checker."""

    value: str


class Unprintable(Exception):
    """No quotes are left that this text with its values could stand in."""


def pieces_of(node: ast.JoinedStr) -> Filling | None:
    """The texts and values of an f-string in order; None for one with formats or conversions.

    None, too, for one that holds another f-string, or a text that Python 3.11 cannot be told within one.
    """
    found: list[ast.expr | ast.keyword] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            found.append(ast.Constant(value=value.value))
        elif isinstance(value, ast.FormattedValue) and _is_plain(value):
            found.append(value.value)
        else:
            return None
    return found


def joined(pieces: Sequence[ast.expr]) -> ast.JoinedStr:
    """The f-string of some texts and values; texts that follow each other are one."""
    values: list[ast.expr] = []
    for piece in pieces:
        if not _is_text(piece):
            values.append(ast.FormattedValue(value=piece, conversion=-1, format_spec=None))
        elif values and _is_text(values[-1]):
            values[-1] = ast.Constant(value=values[-1].value + piece.value)
        elif piece.value:
            values.append(piece)
    return ast.JoinedStr(values=values)


def print_pieces(pieces: Sequence[tuple[ast.expr, str]]) -> str:
    """The f-string of nodes, each with its text. Raises ``Unprintable``."""
    texts = [node.value for node, _ in pieces if _is_text(node)]
    codes = [code for node, code in pieces if not _is_text(node)]
    quote = _quote(codes, texts)
    said = [_text(node.value, quote) if _is_text(node) else _value(code) for node, code in pieces]
    return f"f{quote}{''.join(said)}{quote}"


def _quote(codes: Sequence[str], texts: Sequence[str]) -> str:
    """The quotes to be used: none that a value has, and rather none that a text has."""
    free = [quote for quote in QUOTES if not any(quote in code for code in codes)]
    if any("\n" in code for code in codes):
        free = [quote for quote in free if len(quote) > 1]
    if not free or any("\\" in code for code in codes):
        raise Unprintable
    return next((quote for quote in free if not any(quote in text for text in texts)), free[0])


def _is_text(node: ast.expr) -> TypeGuard[_Text]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_plain(value: ast.FormattedValue) -> bool:
    is_unformatted = value.conversion == -1 and value.format_spec is None
    return is_unformatted and not _is_text(value.value) and all(_is_printable(one) for one in ast.walk(value.value))


def _is_printable(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return False
    return not isinstance(node, ast.Constant) or "\\" not in repr(node.value)


def _value(code: str) -> str:
    return f"{{ {code}}}" if code.startswith("{") else f"{{{code}}}"


def _text(text: str, quote: str) -> str:
    """A text as it stands between such quotes: escapes are those that Python itself would write."""
    escaped = repr('"' + text)[2:-1]
    if '"' in quote:
        escaped = escaped.replace("\\'", "'").replace('"', '\\"')
    return escaped.replace("{", "{{").replace("}", "}}")
