"""From what the journal holds to a living execution: the scripts run again with the recorded outcomes (R36, R37)."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from flows.engine.commands import Call, InstanceId
from flows.engine.events import Event, Fact, Input, StepStarted
from flows.runner.events import encode, is_input
from flows.runner.outcomes import clean_text
from flows.runner.ports import History, Recorded
from flows.runner.rounds import Rounds, grouped

#: Events replayed before other tasks (the lease's renewal) get their turn.
TURN = 500


class ReplayDiffers(Exception):
    """The script asks for something else than was recorded: the run cannot be continued (R37)."""


async def replay(history: History, rounds: Rounds) -> list[Fact]:
    """Feed the recorded inputs to the execution, in order. Raises ``ReplayDiffers``.

    Returns what follows from the journal and is not in it: the worker died before it wrote these facts. Costs one
    script round per group of successes; at 10,000 elements the scripts take most of the time.
    """
    recorded = Counter(_identity(item.event) for item in history.events if not is_input(item.event))
    derived: list[Fact] = []
    for events, at in _segments(history.events):
        _compare(events, rounds)
        derived += await rounds.play(events, at, history.elements)
        await asyncio.sleep(0)
    return list(_not_in(recorded, derived))


def _segments(events: Sequence[Recorded]) -> Iterable[tuple[Sequence[Input], float]]:
    """Groups of inputs that are applied together, each with the time of its last event."""
    times = {id(item.event): item.at for item in events}
    for group in grouped([item.event for item in events]):
        for start in range(0, len(group), TURN):
            part = group[start : start + TURN]
            yield part, times[id(part[-1])]


def _not_in(recorded: Counter[str], derived: Iterable[Fact]) -> Iterable[Fact]:
    for fact in derived:
        identity = _identity(fact)
        if recorded[identity]:
            recorded[identity] -= 1
        else:
            yield fact


def _identity(event: Event) -> str:
    """Equal for equal facts, whatever a database did to the order of their keys."""
    return json.dumps(encode(event), sort_keys=True, default=str)


def _compare(events: Sequence[Input], rounds: Rounds) -> None:
    """Each recorded start must be what its script asks for now."""
    for event in events:
        if isinstance(event, StepStarted):
            call = rounds.asked.get(InstanceId(event.key.run, event.key.element))
            if call is None or not _same(event, call):
                raise ReplayDiffers(_difference(event, call, rounds))


def _same(event: StepStarted, call: Call) -> bool:
    same_name = call.name is event.name or clean_text(call.name or "") == clean_text(event.name or "")
    return call.step == event.step and call.site == event.key.site and same_name


def _difference(event: StepStarted, call: Call | None, rounds: Rounds) -> str:
    key = event.key
    where = f"{key.element} in {' > '.join(event.path) or rounds.started(key.run).flow}"
    asked = "nothing more" if call is None else f"{_words(call.step, call.name)} at line {_line(rounds, key.run, call)}"
    return f"recorded {_words(event.step, event.name)} at line {event.line}, script asked for {asked} ({where})"


def _words(step: str, name: str | None) -> str:
    return step if name is None else f"{step} {name!r}"


def _line(rounds: Rounds, run: int, call: Call) -> int:
    return rounds.site(run, call.site).line
