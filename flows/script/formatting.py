"""Lays a script out as Black does, comments kept, and never with another meaning.

Quotes stay as the author wrote them, and the script keeps its own line ends.
"""

from collections import Counter
from typing import Final

from flows.script.blocks.layout import comments_of
from flows.script.blocks.tree import parse_code, same_tree
from flows.script.language import MAX_SCRIPT_BYTES
from flows.script.problem import Unreadable
from flows.script.source import read

LINE_LENGTH: Final = 100


class CannotFormat(Exception):
    """The script stays as it is; the text says why. ``line`` counts from 1, and is 0 where no line is at fault."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def formatted(text: str) -> str:
    """The script laid out anew. Raises ``CannotFormat``, for a script with an error in it too.

    About 0.4 ms a line; the first call loads Black, which takes some 0.2 s.
    """
    try:
        source = read(text)
    except Unreadable as refusal:
        problem = refusal.problem
        raise CannotFormat(f"correct this first, then format: {problem.message}", problem.line) from refusal
    laid_out = _laid_out(source.text)
    try:
        is_same = same_tree(source.tree, parse_code(laid_out))
    except SyntaxError:
        is_same = False
    if not is_same:
        raise CannotFormat("formatting would change what this script says, as of a text in quotes that stands alone")
    if _said(laid_out) != _said(source.text):
        raise CannotFormat("formatting would change a comment of this script")
    if len(laid_out.encode()) > MAX_SCRIPT_BYTES:
        raise CannotFormat(f"formatted it would have more than {MAX_SCRIPT_BYTES} bytes: move parts to child flows")
    return laid_out.replace("\n", _line_end(text))


def _laid_out(text: str) -> str:
    # Only those who format wait for Black to load.
    from black import format_str
    from black.mode import Mode, TargetVersion
    from black.parsing import InvalidInput

    if not text.strip():
        return ""
    mode = Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH, string_normalization=False)
    try:
        return format_str(text, mode=mode)
    except (InvalidInput, RecursionError) as error:
        raise CannotFormat(f"this script cannot be formatted: {error}") from error


def _said(text: str) -> Counter[str]:
    """The words of the comments: the sign may get a space behind it, and lose those at the end of the line."""
    return Counter(comment.lstrip("#").strip() for comment in comments_of(text))


def _line_end(text: str) -> str:
    """What ends the first line."""
    first = min((at for end in "\r\n" if (at := text.find(end)) >= 0), default=-1)
    return "\r\n" if text[first : first + 2] == "\r\n" else text[first] if first >= 0 else "\n"
