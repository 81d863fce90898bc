"""A script as the lines of its picture: one for each block and each clause, in the order of the text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from flows.script.blocks.catalog import COMMENT, RAW_STATEMENT
from flows.script.blocks.codec import to_workspace
from flows.script.blocks.meaning import Meaning, meaning_of, row_of
from flows.script.blocks.rows import Category
from flows.script.blocks.workspace import Block, NotFaithful, Workspace
from flows.script.blocks_picture.words import Word, of_label, plain
from flows.script.problem import Unreadable

DEEPEST_CHILD: Final = 5
"""Levels of children that are unfolded: more than a plan that can be read has."""

_TOLD_WHOLE: Final = {RAW_STATEMENT: "CODE", COMMENT: "TEXT"}
"""Blocks that say what stands in one field of theirs."""

_PART: Final = re.compile(r"[A-Z_]+?(\d*)(?:\.\d+)?")
"""The name of an input: its hole, the number of its clause, its place among several."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``kind`` is the block's type, ``"note"`` for what the picture itself has to say.

    ``sites`` are the step sites that are called on it, ``child`` is the flow that a plain ``run_flow`` names, ``path``
    the sites that lead from the root flow to the flow that the line is of. ``line`` counts from 1 in the text, 0 where
    it has no place there. ``is_clause``: an ``else`` and the like, which goes on with the block above it.
    """

    depth: int
    tint: Category
    kind: str
    words: tuple[Word, ...]
    sites: tuple[int, ...] = ()
    child: str | None = None
    path: tuple[int, ...] = ()
    line: int = 0
    is_clause: bool = False


def lines_of(text: str, script: Literal["execution", "processing"] = "execution") -> list[Line]:
    """The lines of a script; one that cannot be shown as blocks has a single line that says why. Linear."""
    try:
        workspace = to_workspace(text)
        meaning = meaning_of(workspace)
    except Unreadable as refusal:
        return [Line(0, "raw", "note", plain(f"This script cannot be read: {refusal}"))]
    except NotFaithful as refusal:
        return [Line(0, "raw", "note", plain(f"This script cannot be shown as blocks: {refusal.message}"))]
    reader = _Reader(workspace, meaning, _sites_of(workspace) if script == "execution" else {})
    return list(reader.lines())


def unfold(lines: Sequence[Line], scripts: Mapping[str, str]) -> list[Line]:
    """The lines with those of each named child below its call; ``scripts`` are the execution scripts by flow.

    A child within itself is not unfolded again.
    """
    read: dict[str, list[Line]] = {}

    def below(caller: Line, callers: tuple[str, ...], found: Sequence[Line]) -> Iterator[Line]:
        for line in found:
            placed = replace(line, depth=line.depth + caller.depth + 1, path=(*caller.path, *caller.sites))
            yield placed
            yield from children(placed, callers)

    def children(line: Line, callers: tuple[str, ...]) -> Iterator[Line]:
        child = line.child
        if child is None or child not in scripts or child in callers or len(callers) >= DEEPEST_CHILD:
            return
        if child not in read:
            read[child] = lines_of(scripts[child])
        yield from below(line, (*callers, child), read[child])

    return [placed for line in lines for placed in (line, *children(line, ()))]


def _sites_of(workspace: Workspace) -> dict[str, list[int]]:
    """The sites that each block holds itself."""
    found: dict[str, list[int]] = {}
    for number, block in enumerate(workspace.sites, start=1):
        found.setdefault(block, []).append(number)
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks the statements of a workspace."""

    workspace: Workspace
    meaning: Meaning
    sites: Mapping[str, Sequence[int]]

    def lines(self) -> Iterator[Line]:
        """Every statement and clause, without recursion: scripts may be deep."""
        open_bodies = [self._chain(self.workspace.first, 0)]
        while open_bodies:
            step = next(open_bodies[-1], None)
            if step is None:
                open_bodies.pop()
            elif isinstance(step, Line):
                yield step
            else:
                open_bodies.append(self._chain(*step))

    def _chain(self, first: str | None, depth: int) -> Iterator[Line | tuple[str | None, int]]:
        """The lines of a body, and for each body within it where that begins and its depth."""
        for block in self.workspace.chain(first):
            row = row_of(block)
            yield self._line(block, 0, row.label, depth)
            if row.has_body:
                yield block.inputs.get("BODY"), depth + 1
            for number, kind in enumerate(block.clauses, start=1):
                yield self._line(block, number, row.clause[kind].label, depth)
                yield block.inputs.get(f"BODY{number}"), depth + 1

    def _line(self, block: Block, part: int, label: str, depth: int) -> Line:
        row = row_of(block)
        span = block.spans[part] if part < len(block.spans) else None
        told = self._told(block) or block
        words = of_label(self.workspace, self.meaning, block, label, str(part or ""))
        if row.type in _TOLD_WHOLE:
            words = plain(block.fields.get(_TOLD_WHOLE[row.type], ""), "value")
        name = told.fields.get("NAME") if told.type in ("run_flow", "run_flow_result") else None
        return Line(
            depth=depth,
            tint=row_of(told).category,
            kind=told.type if part == 0 else block.clauses[part - 1],
            words=words,
            sites=tuple(sorted(self._sites_on(block, part))),
            child=name if part == 0 else None,
            line=span.first if span else 0,
            is_clause=part > 0,
        )

    def _told(self, block: Block) -> Block | None:
        """The step whose result a statement gives a name: it says more of the line than that."""
        value = block.inputs.get("VALUE")
        if block.type != "set_variable" or value is None or value not in self.workspace.blocks:
            return None
        held = self.workspace.blocks[value]
        return held if row_of(held).category in ("do", "wait") else None

    def _sites_on(self, block: Block, part: int) -> list[int]:
        """The sites in the block itself (part 0) and in the values of this part."""
        found = list(self.sites.get(block.id, ())) if part == 0 else []
        waiting = [child for name, child in block.inputs.items() if _part_of(name) == part]
        while waiting:
            child = waiting.pop()
            found += self.sites.get(child, ())
            waiting.extend(self.workspace.blocks[child].inputs.values())
        return found


def _part_of(name: str) -> int | None:
    """The part that an input belongs to; None for a body."""
    found = _PART.fullmatch(name)
    if found is None or name.startswith("BODY"):
        return None
    return int(found[1] or 0)
