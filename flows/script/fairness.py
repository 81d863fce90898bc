"""Whether a script used up its time, or the machine was too busy to give it any (R44)."""

from typing import Final

from flows.script.sandbox import MAX_WALL_S
from flows.script.states import Broke, Idle, State

ITS_FAULT: Final = 0.9
"""A script that used so much of the time that it may use has exceeded it, as exactly as clocks can tell."""

TRIES: Final = 3
"""How often a script that was starved is run again."""


def was_starved(state: State | Idle | None, allowed_s: float) -> bool:
    """True where a script was stopped by the wall clock though it had used little of the machine's time."""
    if not isinstance(state, Broke) or not state.is_time_limit or state.cpu_s is None:
        return False
    return state.cpu_s < ITS_FAULT * allowed_s


def longer(wall_s: float, state: State | Idle | None, allowed_s: float) -> float:
    """A time in which the script should get what it may use, at the rate at which it got it so far."""
    cpu_s = state.cpu_s if isinstance(state, Broke) and state.cpu_s else 0.0
    rate = max(cpu_s / wall_s, 0.01)
    return max(wall_s, min(MAX_WALL_S, max(2 * wall_s, 1.5 * allowed_s / rate)))
