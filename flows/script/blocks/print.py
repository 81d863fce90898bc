"""Blocks to text: what was not changed keeps its lines byte for byte, the rest is printed from the catalog."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flows.script.blocks.catalog import COMMENT, RAW_STATEMENT
from flows.script.blocks.layout import lines_in_strings
from flows.script.blocks.meaning import Meaning, body_of
from flows.script.blocks.parse import Opened, written_comment
from flows.script.blocks.rows import CHOICE
from flows.script.blocks.workspace import Block, NotFaithful, Span, Workspace

INDENT: Final = "    "
PART: Final = re.compile(r"[A-Z_]+(\d*)(?:\.\d+)?")


@dataclass(slots=True)
class Entry:
    """One statement, clause or comment to be written at an indentation.

    ``span`` is where it stands in the base text, if it does, and ``is_same`` that it says there what it says here.
    ``lines`` are its own when it must be printed; those in ``fixed`` (numbers from 0) are not indented.
    """

    indent: str
    depth: int
    lines: list[str]
    fixed: set[int]
    span: Span | None = None
    is_same: bool = False
    is_comment: bool = False


class Printer:
    """Writes one workspace, over the text that it was opened from."""

    def __init__(self, workspace: Workspace, meaning: Meaning, base: Opened) -> None:
        self.workspace, self.meaning, self.base = workspace, meaning, base
        numbers: dict[object, int] = {}
        self.signed = _signatures(workspace, numbers)
        self.base_signed = _signatures(base.workspace, numbers)
        self.eol = next((end for end in base.layout.ends if end), "\n")
        self.unit = min((indent for indent in base.bodies.values() if indent), key=len, default=INDENT)
        self.gaps, self.covered = _gaps(base)

    def text(self) -> str:
        """The whole text."""
        layout = self.base.layout
        lines = list(self._lines(list(self._entries())))
        lines += zip(layout.lines[self.covered :], layout.ends[self.covered :], strict=True)
        said = "".join(line + (end or self.eol) for line, end in lines)
        ends_open = bool(layout.ends) and not layout.ends[-1]
        return said.removesuffix("\n").removesuffix("\r") if ends_open and lines and not lines[-1][1] else said

    def _entries(self) -> Iterator[Entry]:
        waiting: list[tuple[str, int, str, int] | Entry] = []
        if self.workspace.first is not None:
            waiting.append((self.workspace.first, -1, "", 0))
        while waiting:
            item = waiting.pop()
            if isinstance(item, Entry):
                yield item
                continue
            name, part, indent, depth = item
            block = self.workspace.blocks[name]
            if part < 0:
                if block.next is not None:
                    waiting.append((block.next, -1, indent, depth))
                waiting.extend((name, number, indent, depth) for number in range(len(block.clauses), -1, -1))
                continue
            entry = self._entry(block, part, indent, depth)
            yield entry
            if (block.id, part) in self.meaning.headers and self.meaning.headers[block.id, part].endswith(":"):
                inner = indent + self._unit(entry.span)
                first = block.inputs.get(f"BODY{part or ''}")
                if not body_of(self.workspace, self.meaning, first):
                    waiting.append(Entry(inner, depth + 1, ["pass"], set()))
                if first is not None:
                    waiting.append((first, -1, inner, depth + 1))

    def _unit(self, span: Span | None) -> str:
        """What a body is indented by, within its header."""
        piece = self.base.pieces[span] if span else None
        if piece is None or piece.indent is None:
            return self.unit
        indent = self.base.bodies.get((piece.block, piece.part))
        return indent.removeprefix(piece.indent) if indent else self.unit

    def _entry(self, block: Block, part: int, indent: str, depth: int) -> Entry:
        span = block.spans[part] if part < len(block.spans) else None
        if span not in self.base.pieces:
            span = None
        lines, fixed = self._printed(block, part)
        is_same = span is not None and self._is_same(block, part, span)
        return Entry(indent, depth, lines, fixed, span, is_same, block.type == COMMENT)

    def _is_same(self, block: Block, part: int, span: Span) -> bool:
        piece = self.base.pieces[span]
        other = self.base.workspace.blocks[piece.block]
        return _part_signature(block, part, self.signed) == _part_signature(other, piece.part, self.base_signed)

    def _printed(self, block: Block, part: int) -> tuple[list[str], set[int]]:
        if block.type == COMMENT:
            return comment_lines(block.fields.get("TEXT", "")), set()
        code = block.fields.get("CODE", "") if block.type == RAW_STATEMENT else self.meaning.headers[block.id, part]
        lines = code.split("\n")
        if block.type == RAW_STATEMENT:
            fixed = {number - 1 for number in lines_in_strings(code)}
        else:
            fixed = set(range(1, len(lines)))
        comments = comments_at(block, part)
        if comments:
            lines[-1] += f"  {comments[-1]}"
        above = comments[:-1]
        return [*above, *lines], {number + len(above) for number in fixed}

    def _lines(self, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(entries):
            entry = entries[at]
            group = self.base.shared.get(entry.span.first, []) if entry.span else []
            is_whole = entry.is_same and (len(group) < 2 or self._is_whole(entries, at, group))
            yield from self._gap(entry, is_whole)
            if is_whole:
                yield from self._kept(entry)
                at += max(len(group), 1)
            else:
                yield from ((line, self.eol) for line in self._indented(entry, len(group) > 1))
                at += 1

    def _is_whole(self, entries: Sequence[Entry], at: int, group: Sequence[Span]) -> bool:
        """True when all that shares a line in the base text is here, unchanged, and nothing was added to it."""
        here = entries[at : at + len(group)]
        depth = entries[at].depth
        if [entry.span for entry in here if entry.is_same] != list(group):
            return False
        if any(
            e.depth - depth != (self.base.pieces[s].indent is None) for e, s in zip(here[1:], group[1:], strict=True)
        ):
            return False
        following = next((e for e in entries[at + len(group) :] if not e.is_comment), None)
        return following is None or following.depth <= depth

    def _gap(self, entry: Entry, is_whole: bool) -> Iterator[tuple[str, str]]:
        """The blank lines above."""
        layout = self.base.layout
        if entry.span is None or entry.span.nth:
            return
        keeps = is_whole and self.base.pieces[entry.span].indent in (None, entry.indent)
        for line in self.gaps[entry.span.first]:
            yield (layout.lines[line - 1], layout.ends[line - 1]) if keeps else ("", self.eol)

    def _kept(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """The lines of the base text, moved to another indentation if need be, but never inside a string."""
        span, layout = entry.span, self.base.layout
        assert span is not None
        old = self.base.pieces[span].indent
        for number in range(span.first, span.last + 1):
            line = layout.lines[number - 1]
            # A comment below statements that share their header's line may stand anywhere.
            if old is not None and old != entry.indent and number not in layout.strings and line.strip():
                line = entry.indent + (line[len(old) :] if line.startswith(old) else line.lstrip())
            yield line, layout.ends[number - 1]

    def _indented(self, entry: Entry, was_shared: bool) -> list[str]:
        lines, fixed = entry.lines, entry.fixed
        if was_shared and entry.is_same and entry.span:
            code = self.base.pieces[entry.span].code
            if code and "\n" not in code and len(lines) == 1:
                piece = self.base.pieces[entry.span]
                comments = comments_at(self.base.workspace.blocks[piece.block], piece.part)
                lines = ["  ".join([code, *comments])]
        return [
            line if number in fixed or not line.strip() else entry.indent + line for number, line in enumerate(lines)
        ]


def comments_at(block: Block, part: int) -> list[str]:
    """The comments in and after a part of a statement, as they are written."""
    given = block.comments[part] if part < len(block.comments) else []
    return [line for comment in given for line in comment_lines(comment)]


def comment_lines(text: str) -> list[str]:
    """The lines of a comment as they are written."""
    return [written_comment(line.strip("\r")) for line in text.split("\n")]


def _gaps(base: Opened) -> tuple[dict[int, range], int]:
    """The lines between each piece and the one before it, by its first line, and how many lines pieces reach to."""
    gaps: dict[int, range] = {}
    covered = 0
    for span in sorted(base.pieces, key=lambda span: (span.first, span.nth)):
        gaps.setdefault(span.first, range(covered + 1, span.first))
        covered = max(covered, span.last)
    return gaps, covered


def _signatures(workspace: Workspace, numbers: dict[object, int]) -> dict[str, int]:
    """A number for each block that is the same for blocks that say the same, bodies and clauses apart."""
    signed: dict[str, int] = {}
    for block, _ in reversed(workspace.in_order()):
        inputs = tuple(sorted((name, signed[child]) for name, child in block.inputs.items()))
        said = (block.type, tuple(sorted(block.fields.items())), inputs)
        signed[block.id] = numbers.setdefault(said, len(numbers))
    return signed


def _part_signature(block: Block, part: int, signed: dict[str, int]) -> object:
    kind = block.clauses[part - 1] if part else ""
    fields = [(n, text) for n, text in block.fields.items() if n == CHOICE or _part(n) == part]
    inputs = [
        (name, signed[child])
        for name, child in block.inputs.items()
        if not name.startswith("BODY") and _part(name) == part
    ]
    said = [sorted((_unnumbered(name), what) for name, what in named) for named in (fields, inputs)]
    return block.type, kind, said, comments_at(block, part)


def _part(name: str) -> int:
    found = PART.fullmatch(name)
    return int(found.group(1) or 0) if found else -1


def _unnumbered(name: str) -> str:
    """A hole's name without the number of its clause."""
    word, dot, number = name.partition(".")
    return word.rstrip("0123456789") + dot + number


def print_workspace(workspace: Workspace, meaning: Meaning, base: Opened) -> str:
    """The text of a workspace. Raises ``NotFaithful`` where a block carries what belongs to no part of it."""
    for block in workspace.blocks.values():
        if max(len(block.spans), len(block.comments)) > len(block.clauses) + 1:
            raise NotFaithful("it has more comments or places than parts", block.id)
    return Printer(workspace, meaning, base).text()
