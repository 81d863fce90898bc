"""Which item of one script is which of another: in order, moved, changed, new or gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from flows.changes.outline import Item

#: Above this many comparisons scripts are not paired: the worst case is quadratic in equal steps.
MOST: Final = 400_000
#: How alike two plain statements in one place must be to be one that changed.
_ALIKE: Final = 0.5


@dataclass(slots=True)
class Pairing:
    """Places in both scripts. ``pairs`` are (old, new), by the new place; ``moved`` are those of them out of order."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    moved: set[tuple[int, int]] = field(default_factory=set)
    gone: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)


def paired(old: Sequence[Item], new: Sequence[Item]) -> Pairing:
    """The longest runs that stayed first, then what moved, then what was changed in its place."""
    matcher = SequenceMatcher(None, [item.key for item in old], [item.key for item in new], autojunk=False)
    found, gaps = Pairing(), []
    for tag, old_at, old_end, new_at, new_end in matcher.get_opcodes():
        if tag == "equal":
            found.pairs += zip(range(old_at, old_end), range(new_at, new_end), strict=True)
        else:
            gaps.append((list(range(old_at, old_end)), list(range(new_at, new_end))))
    _find_moved(old, new, gaps, found)
    for before, after in gaps:
        changed = list(_changed(old, new, before, after))
        found.pairs += changed
        found.gone += [place for place in before if place not in {pair[0] for pair in changed}]
        found.new += [place for place in after if place not in {pair[1] for pair in changed}]
    found.pairs.sort(key=lambda pair: pair[1])
    return found


_Gap = tuple[list[int], list[int]]


def _find_moved(old: Sequence[Item], new: Sequence[Item], gaps: Sequence[_Gap], found: Pairing) -> None:
    """Steps that left one gap and stand in another; those whose arguments stayed are taken first."""
    for is_same in (lambda a, b: a.code == b.code, lambda a, b: a.key == b.key and bool(a.name)):
        for before, _ in gaps:
            for place in list(before):
                here = old[place]
                there = _place_of(here, new, gaps, is_same) if here.step else None
                if there is not None:
                    before.remove(place)
                    next(after for _, after in gaps if there in after).remove(there)
                    found.pairs.append((place, there))
                    found.moved.add((place, there))


def _place_of(item: Item, new: Sequence[Item], gaps: Sequence[_Gap], is_same: object) -> int | None:
    assert callable(is_same)
    return next((place for _, after in gaps for place in after if new[place].step and is_same(item, new[place])), None)


def _changed(
    old: Sequence[Item], new: Sequence[Item], before: list[int], after: list[int]
) -> Iterator[tuple[int, int]]:
    """Within one gap, in order: steps of the same kind, and statements that are much alike."""
    rest = list(after)
    for place in before:
        match = next((other for other in rest if _is_changed(old[place], new[other])), None)
        if match is not None:
            yield place, match
            rest = rest[rest.index(match) + 1 :]


def _is_changed(old: Item, new: Item) -> bool:
    if old.step or new.step:
        return old.step == new.step
    return SequenceMatcher(None, old.code, new.code).ratio() >= _ALIKE
