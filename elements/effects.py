"""What each filter of a target leaves of its elements, for somebody who is still writing the filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elements.queries import ElementDict, TargetProblem, select_elements
from elements.selection import FilterProblem, ValueTooLong, parse_filter


@dataclass(frozen=True, slots=True)
class FilterEffect:
    """``left`` counts the elements after this filter and those before it; None where it cannot be told.

    ``position`` counts characters of the filter from 0, and is None where the problem is not one of its text.
    """

    left: int | None
    problem: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class TargetEffect:
    """``base`` counts the elements before the first filter; ``elements`` are those that all readable filters leave.

    ``problem`` says why there is no base: an unknown profile or group, or nothing that chooses.
    """

    base: int | None
    filters: tuple[FilterEffect, ...]
    elements: tuple[ElementDict, ...]
    problem: str = ""

    @property
    def count(self) -> int | None:
        """How many elements the target selects; None while something in it is wrong."""
        is_whole = not self.problem and not any(effect.problem for effect in self.filters)
        return len(self.elements) if is_whole else None


def target_effect(target: Mapping[str, Any]) -> TargetEffect:
    """Apply the filters one after the other; a broken one is told and left out. At most 7 queries."""
    filters = target.get("filters") or ()
    try:
        found = select_elements(_before_filters(target))
    except TargetProblem as problem:
        return TargetEffect(None, tuple(_unread(filters)), (), problem.message)
    base = len(found)
    effects: list[FilterEffect] = []
    for text in filters:
        effect, found = _applied(text, found)
        effects.append(effect)
    return TargetEffect(base, tuple(effects), tuple(found))


def _before_filters(target: Mapping[str, Any]) -> dict[str, Any]:
    """The target without its filters; one of filters alone begins with every enabled element."""
    chosen = {key: target[key] for key in ("all", "profile", "groups") if target.get(key)}
    if not chosen and not target.get("filters"):
        raise TargetProblem("the target chooses nothing, expected a profile, a group, a filter, or all elements")
    return chosen or {"all": True}


def _applied(text: str, found: list[ElementDict]) -> tuple[FilterEffect, list[ElementDict]]:
    try:
        condition = parse_filter(text)
        left = [item for item in found if condition.holds(item)]
    except FilterProblem as problem:
        return _broken(problem), found
    except ValueTooLong as problem:
        return FilterEffect(None, str(problem)), found
    return FilterEffect(len(left)), left


def _unread(filters: Iterable[str]) -> Iterable[FilterEffect]:
    """What can be said of filters that have no elements to choose from."""
    for text in filters:
        try:
            parse_filter(text)
        except FilterProblem as problem:
            yield _broken(problem)
        else:
            yield FilterEffect(None)


def _broken(problem: FilterProblem) -> FilterEffect:
    return FilterEffect(None, f"found {problem.found}, expected {problem.expected}", problem.position)
