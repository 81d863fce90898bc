"""Where a run left its plan: the first wave that is not what ran (R40)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows.plan.difference import words
from flows.plan.wave import Plan, PlanWave


@dataclass(frozen=True, slots=True)
class Start:
    """A first attempt of a step that the run has begun."""

    path: tuple[str, ...]
    site: int
    turn: int
    step: str
    name: str | None
    element: str


@dataclass(frozen=True, slots=True)
class Departure:
    """``n`` is the wave of the plan, or the first number behind its last; ``what`` says in words what differs."""

    n: int
    what: str

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"n": self.n, "what": self.what}


def departure(plan: Plan, starts: Iterable[Start], *, has_ended: bool) -> Departure | None:
    """The first wave that differs, or None while what has started is what was planned.

    Where a Serial flow works on more than one element at once, which the plan does not, each element is held against
    the plan for itself. What runs behind the end of an incomplete plan is not judged.
    """
    if any(note.endswith("planned as if it were 1.") for note in plan.notes):
        return _each_for_itself(plan, starts, has_ended=has_ended)
    waves = plan.waves
    place, left = 0, set(waves[0].elements) if waves else set()
    for start in starts:
        if not left:
            place += 1
            if place >= len(waves):
                return _behind(plan, start)
            left = set(waves[place].elements)
        if start.element not in left or not _fits(waves[place], start):
            return Departure(place + 1, f"{words(waves[place])} was planned, and {_told(start)} was started")
        left.remove(start.element)
    if has_ended and waves and (left or place < len(waves) - 1):
        missing = waves[place] if left else waves[place + 1]
        return Departure(missing.n, f"{words(missing)} was planned, and the run ended before")
    return None


def _each_for_itself(plan: Plan, starts: Iterable[Start], *, has_ended: bool) -> Departure | None:
    planned: dict[str, list[PlanWave]] = {}
    for wave in plan.waves:
        for element in wave.elements:
            planned.setdefault(element, []).append(wave)
    done: dict[str, int] = {}
    for start in starts:
        own = planned.get(start.element, [])
        place = done.get(start.element, 0)
        if place >= len(own):
            found = _behind(plan, start)
            if found is not None:
                return found
            continue
        if not _fits(own[place], start):
            return Departure(own[place].n, f"{words(own[place])} was planned, and {_told(start)} was started")
        done[start.element] = place + 1
    left = [own[done.get(element, 0)] for element, own in planned.items() if done.get(element, 0) < len(own)]
    if has_ended and left:
        first = min(left, key=lambda wave: wave.n)
        return Departure(first.n, f"{words(first)} was planned, and the run ended before")
    return None


def _fits(wave: PlanWave, start: Start) -> bool:
    name = wave.name if wave.names is None else wave.names.get(start.element)
    is_named = wave.step in ("run_task", "run_flow")
    return (wave.path, wave.site, wave.step) == (start.path, start.site, start.step) and (
        not is_named or name == start.name
    )


def _behind(plan: Plan, start: Start) -> Departure | None:
    if not plan.complete:
        return None
    return Departure(len(plan.waves) + 1, f"nothing more was planned, and {_told(start)} was started")


def _told(start: Start) -> str:
    name = f" {start.name!r}" if start.name is not None else ""
    inside = f" in {start.path[-1]}" if len(start.path) > 1 else ""
    return f"{start.step}{name}{inside} on {start.element}"
