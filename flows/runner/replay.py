"""From what the journal holds to a living execution: the scripts run again with the recorded outcomes (R36, R37)."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable

from flows.engine.events import Event, LimitExceeded
from flows.runner.events import encode, is_input
from flows.runner.ports import History
from flows.runner.rounds import Rounds

#: Events replayed before other tasks (the lease's renewal) get their turn.
TURN = 500


async def replay(history: History, rounds: Rounds) -> list[Event]:
    """Feed the recorded inputs to the execution, in order. Raises ``RecordedOtherwise`` (R37).

    Returns the facts that follow from the journal and are not in it: the worker died before it wrote them. Costs one
    script round per group of successes; at 10,000 elements the scripts take most of the time.
    """
    rounds.expect_limits(item.event for item in history.events if isinstance(item.event, LimitExceeded))
    recorded = Counter(_identity(item.event) for item in history.events if not is_input(item.event))
    derived: list[Event] = []
    for start in range(0, len(history.events), TURN):
        turn = history.events[start : start + TURN]
        derived += await rounds.play(((item.at, item.event) for item in turn), history.elements)
        await asyncio.sleep(0)
    return list(_not_in(recorded, derived))


def _not_in(recorded: Counter[str], derived: Iterable[Event]) -> Iterable[Event]:
    for fact in derived:
        identity = _identity(fact)
        if recorded[identity]:
            recorded[identity] -= 1
        else:
            yield fact


def _identity(event: Event) -> str:
    """Equal for equal facts, whatever a database did to the order of their keys."""
    return json.dumps(encode(event), sort_keys=True, default=str)
