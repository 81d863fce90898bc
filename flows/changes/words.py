"""The form of a difference, and how values are told in one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Part = Literal["target", "order", "steps", "rules", "inputs"]

#: Code and texts are cut to so many characters: a difference is read at a glance, the lines have all of it.
SHOWN: Final = 70
#: So much of what two long texts have in common is shown before their first difference.
LEAD: Final = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``part`` of the flow that it is in, and a sentence without a full stop."""

    part: Part
    text: str


def cut(text: str) -> str:
    """In one line, at most ``SHOWN`` characters."""
    return _shortened(_line(text))


def cut_pair(before: str, after: str) -> tuple[str, str]:
    """Each as ``cut`` has it, from shortly before their first difference: two that differ are told differently."""
    first, second = _line(before), _line(after)
    if first == second and before != after:
        first, second = repr(before)[1:-1], repr(after)[1:-1]
    common = _common(first, second)
    if max(len(first), len(second)) > SHOWN and common > SHOWN - LEAD:
        first, second = (f"…{text[common - LEAD :]}" for text in (first, second))
    return _shortened(first), _shortened(second)


def turned(before: str, after: str, mark: str = "") -> str:
    """``x → y``, each within marks."""
    return " → ".join(f"{mark}{text}{mark}" for text in cut_pair(before, after))


def _line(text: str) -> str:
    return " ".join(text.split())


def _common(first: str, second: str) -> int:
    """The place of the first difference."""
    differing = (at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other)
    return next(differing, min(len(first), len(second)))


def _shortened(line: str) -> str:
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def quoted(code: str) -> str:
    """Code within a sentence."""
    return f"`{cut(code)}`"


def listed(values: Sequence[Any]) -> str:
    """``a, b, c``, or ``none``."""
    return ", ".join(str(value) for value in values) or "none"


def added_and_removed(what: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    """``group prod added``, ``group stage removed``; another order of the same values is told too."""
    added = [str(value) for value in after if value not in before]
    removed = [str(value) for value in before if value not in after]
    if len(added) == len(removed) == 1:
        removed[0], added[0] = cut_pair(removed[0], added[0])
    else:
        added, removed = [*map(cut, added)], [*map(cut, removed)]
    yield from (f"{what} {value} added" for value in added)
    yield from (f"{what} {value} removed" for value in removed)
    if before != after and sorted(map(str, before)) == sorted(map(str, after)):
        yield f"{what}s in another order: {cut(listed(after))}"


def in_part(part: Part, texts: Iterable[str]) -> list[Change]:
    """Changes of one part."""
    return [Change(part, text) for text in texts]
