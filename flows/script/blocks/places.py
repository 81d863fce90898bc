"""Which block stands where: the statement at a place of the text, and the block that two workspaces share."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from flows.script.blocks.catalog import COMMENT
from flows.script.blocks.parse import Opened
from flows.script.blocks.workspace import Block, Span, Workspace


class Statements:
    """The statements of a text by their lines. Building it is linear in the text."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._at: dict[int, list[Span]] = {}
        blocks = opened.workspace.blocks
        for span, piece in opened.pieces.items():
            if blocks[piece.block].type != COMMENT:
                for line in range(span.first, span.last + 1):
                    self._at.setdefault(line, []).append(span)
        self._lines = sorted(self._at)

    def block_at(self, line: int, col: int) -> str | None:
        """The innermost statement at a line and column (both from 1), else the nearest one above, else the first."""
        if not self._lines:
            return None
        nearest = self._lines[max(bisect_right(self._lines, line) - 1, 0)]
        spans = sorted(self._at[nearest], key=lambda span: (span.first, span.nth))
        chosen, begins = spans[0], 0
        for span in spans[1:] if nearest == line else ():
            code = self._opened.pieces[span].code
            begins = self._opened.layout.lines[line - 1].find(code, begins) if code else -1
            if not 0 <= begins < col:
                break
            chosen = span
        return self._opened.pieces[chosen].block


def shared_places(sent: Workspace, opened: Workspace) -> dict[str, str]:
    """The blocks of ``opened`` that stand where a block of ``sent`` stands: their ids, to those of ``sent``.

    Both are trees that mean the same. A block that was read as one of another type keeps its place.
    """
    found: dict[str, str] = {}
    waiting = [(sent.first, opened.first)]
    while waiting:
        one, other = waiting.pop()
        for ours, theirs in _paired(list(sent.chain(one)), list(opened.chain(other))):
            found[theirs.id] = ours.id
            if ours.type == theirs.type:
                names = theirs.inputs.keys() & ours.inputs.keys()
                waiting.extend((ours.inputs[name], theirs.inputs[name]) for name in names)
    return found


def with_names(workspace: Workspace, names: Mapping[str, str], taken: Mapping[str, object]) -> Workspace:
    """The same blocks under other ids; one without a new name keeps its own, changed where that is ``taken``."""
    used = {*names.values(), *taken}
    new = dict(names)
    for name in workspace.blocks:
        if name not in new:
            new[name] = name
            while new[name] in used:
                new[name] = f"n{new[name]}"
            used.add(new[name])
    blocks = {
        new[name]: replace(
            block,
            id=new[name],
            inputs={hole: new[child] for hole, child in block.inputs.items()},
            next=new[block.next] if block.next else None,
        )
        for name, block in workspace.blocks.items()
    }
    first = new[workspace.first] if workspace.first else None
    return Workspace(first, blocks, [new[name] for name in workspace.sites])


def holders(workspace: Workspace) -> dict[str, str]:
    """For each block the one that names it: what it stands in, or below."""
    return {
        child: block.id
        for block in workspace.blocks.values()
        for child in (*block.inputs.values(), block.next)
        if child is not None
    }


def _paired(ours: Sequence[Block], theirs: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    """The blocks of two chains that stand in the same place, counted from both ends; linear."""
    shorter = min(len(ours), len(theirs))
    start = next((n for n in range(shorter) if ours[n].type != theirs[n].type), shorter)
    yield from zip(ours[:start], theirs[:start], strict=True)
    left = shorter - start
    end = next((n for n in range(left) if ours[-1 - n].type != theirs[-1 - n].type), left)
    yield from zip(ours[len(ours) - end :], theirs[len(theirs) - end :], strict=True)
    # One block may have been read as several: the first of them has its place.
    yield from zip(ours[start : len(ours) - end], theirs[start : len(theirs) - end], strict=False)
