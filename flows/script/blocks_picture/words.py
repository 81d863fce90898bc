"""What a line of the picture says: the label of its block with the holes filled, shortened to one line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flows.script.blocks.meaning import Meaning, row_of
from flows.script.blocks.rows import CHOICE, Row
from flows.script.blocks.workspace import Block, Workspace

MOST_VALUE: Final = 48
"""Characters of one value."""
MOST_LINE: Final = 96
"""Characters of a whole line."""
ELLIPSIS: Final = "…"

_HOLE: Final = re.compile(r"\{([A-Z_]+)\}")
#: What would break the line, hide, or turn the direction of the words around it.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
#: The choice of a block that sorts, in words.
_REVERSED: Final = {"True": "reversed", "False": ""}
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a line: words of the label, the name of what is run (bold), or a value (grey)."""

    text: str
    role: Literal["label", "name", "value"] = "label"


def plain(text: str, role: Literal["label", "name", "value"] = "label") -> tuple[Word, ...]:
    """A line of one part; of several lines of text the first."""
    first, *others = text.strip().split("\n")
    return (Word(shortened(first + (f" {ELLIPSIS}" if others else ""), MOST_LINE), role),)


def of_label(workspace: Workspace, meaning: Meaning, block: Block, label: str, suffix: str) -> tuple[Word, ...]:
    """The words of a block, or of the clause whose holes end in ``suffix``."""
    return tuple(_cut(_Told(workspace, meaning).words(block, label, suffix)))


@dataclass(frozen=True, slots=True)
class _Told:
    workspace: Workspace
    meaning: Meaning

    def words(self, block: Block, label: str, suffix: str = "") -> Iterator[Word]:
        row = row_of(block)
        for at, piece in enumerate(_HOLE.split(label)):
            if at % 2 == 1:
                yield from self._hole(block, row, piece + suffix if piece != CHOICE else piece, piece)
            elif piece.strip(" ,:"):
                yield Word(piece.strip())

    def _hole(self, block: Block, row: Row, name: str, hole: str) -> Iterator[Word]:
        if hole == CHOICE:
            chosen = block.fields.get(CHOICE, "")
            yield Word(_REVERSED.get(chosen, chosen))
        elif name in block.fields:
            is_name = row.picks.get(hole) in ("tasks", "flows")
            yield Word(shortened(block.fields[name], MOST_VALUE), "name" if is_name else "value")
        elif name in block.inputs:
            yield from self._value(block.inputs[name])
        else:
            yield from self._several(block, name)

    def _value(self, child: str) -> Iterator[Word]:
        held = self.workspace.blocks[child]
        row = row_of(held)
        if row.category in ("do", "wait"):
            yield from self.words(held, row.label)
        else:
            yield Word(shortened(self.meaning.values[child].text, MOST_VALUE), "value")

    def _several(self, block: Block, name: str) -> Iterator[Word]:
        for number in range(block.counts.get(name, 0)):
            one = f"{name}.{number}"
            text = self.meaning.values[block.inputs[one]].text
            keyword = f"{block.fields[one]}=" if one in block.fields else ""
            yield Word(shortened(keyword + text, MOST_VALUE), "value")


def _cut(words: Iterator[Word]) -> Iterator[Word]:
    """As many words as a line holds."""
    room = MOST_LINE
    for word in words:
        if not word.text:
            continue
        if room <= 1:
            yield Word(ELLIPSIS)
            return
        yield Word(shortened(word.text, room), word.role)
        room -= len(word.text) + 1


def spaced(words: Sequence[Word]) -> list[str]:
    """The texts, each but the first with the space before it, where one belongs there."""
    return [word.text if at == 0 or _is_attached(word) else f" {word.text}" for at, word in enumerate(words)]


def _is_attached(word: Word) -> bool:
    return word.role == "label" and word.text.startswith((",", ":"))


def sentence(words: Sequence[Word]) -> str:
    """The words as plain text."""
    return "".join(spaced(words))


def shortened(text: str, most: int) -> str:
    """At most so many characters on one line, those replaced that would hide or move others."""
    shown = _UNSEEN.sub("\ufffd", _SPACE.sub(" ", text))
    return shown if len(shown) <= most else shown[: most - 1] + ELLIPSIS
