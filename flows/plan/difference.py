"""How two plans of one flow differ, in words: what somebody looked at, and what would run now."""

from collections.abc import Sequence

from flows.plan.wave import Plan, PlanWave

MAX_NAMES = 5


def difference(shown: Plan, now: Plan) -> str:
    """The first difference that matters; empty where there is none."""
    if shown.version != now.version:
        return f"it showed version {shown.version} of {shown.flow}, and version {now.version} would run"
    if (shown.mode, shown.concurrency) != (now.mode, now.concurrency):
        return f"it was {shown.mode} with concurrency {shown.concurrency}, and is {now.mode} with {now.concurrency}"
    return _elements(shown.elements, now.elements) or _waves(shown, now) or _stops(shown, now)


def _elements(shown: Sequence[str], now: Sequence[str]) -> str:
    gone = [name for name in shown if name not in set(now)]
    new = [name for name in now if name not in set(shown)]
    told = [f"{_names(new)} would run too" if new else "", f"{_names(gone)} would not run any more" if gone else ""]
    if any(told):
        return ", and ".join(part for part in told if part)
    place = next((place for place, (old, name) in enumerate(zip(shown, now, strict=True)) if old != name), None)
    return (
        "" if place is None else f"the order is another: {now[place]} would be number {place + 1}, not {shown[place]}"
    )


def _waves(shown: Plan, now: Plan) -> str:
    for old, new in zip(shown.waves, now.waves, strict=False):
        if old != new:
            return f"wave {old.n} was {words(old)}, and would be {words(new)}"
    count = min(len(shown.waves), len(now.waves))
    if len(now.waves) > count:
        return f"a wave {count + 1} would follow: {words(now.waves[count])}"
    if len(shown.waves) > count:
        return f"wave {count + 1} would not run any more: {words(shown.waves[count])}"
    return ""


def _stops(shown: Plan, now: Plan) -> str:
    if shown.stops_at == now.stops_at:
        return ""
    if now.stops_at is None:
        return "it stopped where a result decides, and is complete now"
    return f"nobody knows any more what runs after its last wave: {now.stops_at.told}"


def words(wave: PlanWave) -> str:
    """``run_task 'B' on E1, E2``."""
    name = f" {wave.name!r}" if wave.name is not None else ""
    target = f" at {wave.target}" if wave.target else ""
    inside = f" in {wave.path[-1]}" if wave.depth else ""
    return f"{wave.step}{name}{target}{inside} on {_names(wave.elements)}"


def _names(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
