"""The lines of a script: what a syntax tree does not tell. Logical lines, comments, and where strings run on."""

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

LINE_END: Final = re.compile(r"\r\n|\r|\n")
CLAUSES: Final = frozenset({"else", "finally"})
_IGNORED: Final = frozenset({tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.NL})
_OPENS: Final = frozenset({getattr(tokenize, "FSTRING_START", -1)})
_CLOSES: Final = frozenset({getattr(tokenize, "FSTRING_END", -1)})


@dataclass(slots=True)
class Logical:
    """One logical line: its first and last line (from 1), its indentation, and the comments in and after it."""

    first: int
    last: int
    indent: str
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A line that is only a comment; ``col`` counts from 0."""

    line: int
    col: int
    text: str


@dataclass(slots=True)
class Layout:
    """The lines of a text, each without its end; ``ends`` are their ends, the last may be empty."""

    lines: list[str]
    ends: list[str]
    logical: dict[int, Logical] = field(default_factory=dict)
    comments: list[CommentLine] = field(default_factory=list)
    strings: set[int] = field(default_factory=set)
    """Lines that begin inside a string: they may not be indented."""
    clauses: list[tuple[int, int]] = field(default_factory=list)
    """Where each ``else`` and ``finally`` that begins a line stands: line from 1, column from 0 in characters."""
    tokens: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Start and end of each string token."""
    _starts: list[int] = field(default_factory=list)

    def logical_at(self, line: int) -> Logical:
        """The logical line that a line belongs to."""
        if not self._starts:
            self._starts = list(self.logical)
        return self.logical[self._starts[bisect_right(self._starts, line) - 1]]

    def clause_before(self, line: int, col: int) -> tuple[int, int]:
        """The last ``else`` or ``finally`` before a position."""
        return self.clauses[bisect_right(self.clauses, (line, col)) - 1]


def split_lines(text: str) -> tuple[list[str], list[str]]:
    """The lines of a text and their ends: only what Python takes for an end of a line is one."""
    ends = LINE_END.findall(text)
    lines = LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    else:
        ends.append("")
    return lines, ends


@lru_cache(maxsize=8)
def lay_out(text: str) -> Layout:
    """The layout of a text that parses, in one pass of the tokenizer. All that ask share it: read, do not change."""
    layout = Layout(*split_lines(text))
    current: Logical | None = None
    opened: list[int] = []
    for token in _tokens("\n".join(layout.lines) + "\n"):
        kind, line = token.type, token.start[0]
        if kind == tokenize.COMMENT:
            if current is None:
                layout.comments.append(CommentLine(line, token.start[1], token.string))
            else:
                current.comments.append(token.string)
        elif kind == tokenize.NEWLINE:
            if current is not None:
                current.last = line
            current = None
        elif kind not in _IGNORED:
            if current is None:
                current = Logical(line, line, layout.lines[line - 1][: token.start[1]])
                layout.logical[line] = current
                if token.string in CLAUSES:
                    layout.clauses.append(token.start)
            _note_string(layout, token, opened)
    return layout


def all_comments(layout: Layout) -> list[str]:
    """Every comment of a text, in no useful order."""
    inside = [comment for logical in layout.logical.values() for comment in logical.comments]
    return [*inside, *(comment.text for comment in layout.comments)]


def comments_of(text: str) -> list[str]:
    """Every comment of a text, in order."""
    if "#" not in text:
        return []
    return [token.string for token in _tokens(text) if token.type == tokenize.COMMENT]


def lines_in_strings(text: str) -> set[int]:
    """The lines of a piece of code, from 1, that begin inside a string."""
    if "\n" not in text:
        return set()
    layout = Layout([], [])
    opened: list[int] = []
    for token in _tokens(text):
        _note_string(layout, token, opened)
    return layout.strings


def _note_string(layout: Layout, token: tokenize.TokenInfo, opened: list[int]) -> None:
    if token.type == tokenize.STRING:
        layout.tokens[token.start] = token.end
        layout.strings.update(range(token.start[0] + 1, token.end[0] + 1))
    elif token.type in _OPENS:
        opened.append(token.start[0])
    elif token.type in _CLOSES:
        layout.strings.update(range(opened.pop() + 1, token.end[0] + 1))


def _tokens(text: str) -> Iterable[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text, newline="").readline)
