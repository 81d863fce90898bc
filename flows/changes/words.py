"""The form of a difference, and how values are told in one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Part = Literal["target", "order", "steps", "rules", "inputs"]

#: Code and texts are cut to so many characters: a difference is read at a glance, the lines have all of it.
SHOWN: Final = 70


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``part`` of the flow that it is in, and a sentence without a full stop."""

    part: Part
    text: str


def cut(text: str) -> str:
    """In one line, at most ``SHOWN`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def quoted(code: str) -> str:
    """Code within a sentence."""
    return f"`{cut(code)}`"


def listed(values: Sequence[Any]) -> str:
    """``a, b, c``, or ``none``."""
    return ", ".join(str(value) for value in values) or "none"


def added_and_removed(what: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    """``group prod added``, ``group stage removed``; another order of the same values is told too."""
    for value in after:
        if value not in before:
            yield f"{what} {cut(str(value))} added"
    for value in before:
        if value not in after:
            yield f"{what} {cut(str(value))} removed"
    if before != after and sorted(map(str, before)) == sorted(map(str, after)):
        yield f"{what}s in another order: {cut(listed(after))}"


def in_part(part: Part, texts: Iterable[str]) -> list[Change]:
    """Changes of one part."""
    return [Change(part, text) for text in texts]
