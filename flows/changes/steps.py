"""What a script does: the difference of two, by their syntax trees; without one, by their lines."""

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby
from types import MappingProxyType

from flows.changes.lines import counted
from flows.changes.outline import Item, outline
from flows.changes.pairing import MOST, Pairing, paired
from flows.changes.words import cut, quoted, turned
from flows.script.problem import Unreadable
from flows.script.source import Source, read


def script_changes(before: str, after: str) -> Iterator[str]:
    """Nothing for the same bytes. What cannot be read as a script is told by its lines."""
    if before == after:
        return
    try:
        old, new = read(before), read(after)
        first, second = outline(old), outline(new)
    except Unreadable as problem:
        yield f"script: {counted(before, after)}; it cannot be compared step by step ({cut(str(problem))})"
        return
    if len(first) * len(second) > MOST:
        yield f"script: {counted(before, after)}; it is too long to be compared step by step"
        return
    told = list(_told(first, second))
    yield from told or [_unseen(old, new)]


def script_told(text: str) -> Iterator[str]:
    """What a script does, line for line: ``step 2 Check (timeout 60)``; of one that cannot be read its length alone."""
    try:
        yield from map(_whole, outline(read(text)))
    except Unreadable as problem:
        yield f"script: {counted('', text)}; it cannot be told step by step ({cut(str(problem))})"


def _unseen(old: Source, new: Source) -> str:
    """What no item shows."""
    if ast.dump(old.tree) == ast.dump(new.tree):
        return "comments or layout of the script alone"
    return f"script: {counted(old.text, new.text)}"


def _told(old: Sequence[Item], new: Sequence[Item]) -> Iterator[str]:
    """In the order of the new script; what is gone last."""
    pairing = paired(old, new)
    swapped = list(_swapped(old, new, pairing))
    for (a, _), (b, _) in swapped:
        yield f"steps {old[a].number} {old[a].title} and {old[b].number} {old[b].title} change places"
    as_told = {pair for two in swapped for pair in two}
    paths = _other_paths(old, new, pairing)
    olds = {place: before for before, place in pairing.pairs}
    for place, item in enumerate(new):
        if place not in olds:
            yield f"new {_whole(item)}"
            continue
        pair = olds[place], place
        is_moved = pair in pairing.moved and pair not in as_told
        several, path = paths.get(place, (False, ""))
        differences = [*_move(old[pair[0]], item, is_moved), *_differences(old[pair[0]], item)]
        if path and not several:
            differences.append(path)
        if differences:
            yield f"{item.label}: {'; '.join(differences)}"
        if several:
            yield path
    for place in pairing.gone:
        yield f"{_whole(old[place])} is gone"


def _whole(item: Item) -> str:
    """``step 4 Wait 5``, ``step 2 Check (timeout 60), only if this is the first element``."""
    given = ", ".join(code if name in _OBVIOUS else f"{name} {code}" for name, code in item.arguments)
    told = f" {cut(given)}" if given and not item.name else f" ({cut(given)})" if given else ""
    what = f"{item.label}{told}" if item.step else f"line {item.line}: {quoted(item.code)}"
    return ", ".join([what, *item.path])


_OBVIOUS = frozenset({"seconds", "message", "key", "value"})


def _move(old: Item, new: Item, is_moved: bool) -> Iterator[str]:
    if is_moved and old.number != new.number:
        yield f"was step {old.number}"
    elif is_moved:
        yield "moved"


def _differences(old: Item, new: Item) -> Iterator[str]:
    if not new.step:
        if old.code != new.code:
            is_seen = quoted(old.code) != quoted(new.code)
            yield f"was {quoted(old.code)}" if is_seen else turned(old.code, new.code, "`")
        return
    if old.name != new.name:
        yield turned(old.name, new.name)
    before, after = dict(old.arguments), dict(new.arguments)
    for name, code in after.items():
        if name not in before:
            yield _ADDED.get((name, code), f"{name} {cut(code)} added")
        elif before[name] != code:
            yield f"{name} {turned(before[name], code)}"
    for name, code in before.items():
        if name not in after:
            yield _REMOVED.get((name, code), f"{name} {cut(code)} removed")
    if old.around != new.around:
        yield _around(old.around, new.around)


def _around(old: str, new: str) -> str:
    """What is made of what the step returns."""
    if old and new:
        return turned(old, new, "`")
    return f"now {quoted(new)}" if new else f"no longer {quoted(old)}"


_ADDED = MappingProxyType({("check", "False"): "if it fails: stop → go on"})
_REMOVED = MappingProxyType({("check", "False"): "if it fails: go on → stop"})


def _swapped(
    old: Sequence[Item], new: Sequence[Item], pairing: Pairing
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs of neighbouring steps of which each has the other's number now."""
    by_number = {old[pair[0]].number: pair for pair in pairing.pairs if old[pair[0]].step}
    for pair in sorted(pairing.moved):
        here, there = old[pair[0]].number, new[pair[1]].number
        other = by_number.get(there)
        if other is not None and other != pair and new[other[1]].number == here and here is not None:
            first, second = sorted((pair, other))
            if (old[second[0]].number or 0) - (old[first[0]].number or 0) == 1:
                yield first, second


def _other_paths(old: Sequence[Item], new: Sequence[Item], pairing: Pairing) -> dict[int, tuple[bool, str]]:
    """On what other conditions items are reached, by the new place of the first of those that have it in common.

    With True the words are a sentence about several steps.
    """
    found: dict[int, tuple[bool, str]] = {}
    changed = [(_path_change(old[before], new[place]), place) for before, place in pairing.pairs]
    for words, group in groupby(changed, key=lambda item: item[0]):
        places = [place for _, place in group]
        steps = [new[place] for place in places if new[place].step]
        if words and len(steps) > 1:
            found[places[0]] = True, f"steps {steps[0].number} to {steps[-1].number}: {words}"
        elif words:
            found.update((place, (False, words)) for place in places)
    return found


def _path_change(old: Item, new: Item) -> str:
    if old.path == new.path:
        return ""
    before = [part for part in old.path if part not in new.path]
    after = [part for part in new.path if part not in old.path]
    if len(before) == len(after) == 1:
        return turned(before[0], after[0])
    told = [*(f"now {cut(part)}" for part in after), *(f"no longer {cut(part)}" for part in before)]
    return "; ".join(told) or "its conditions are nested otherwise"
