"""How much one plan may cost, so that an endless loop in each of 10,000 elements does not take hours."""

from typing import Final

from flows.script.planning.traces import Trace

MOST_BEYOND: Final = 3
"""Scripts that may exceed a limit of R44: each costs about 2 s of CPU, once among others and once alone."""

MOST_STEPS: Final = 1_000_000
"""Steps of a plan: five times 10,000 elements x 20 steps."""


class TooDear(Exception):
    """The plan is not made; the message says why, with the line."""


class Budget:
    """What the scripts of one plan have cost so far."""

    def __init__(self) -> None:
        self._steps = 0
        self._beyond: list[str] = []
        self._last = ""

    @property
    def is_exceeded(self) -> bool:
        """True when no more scripts should be run."""
        return len(self._beyond) > MOST_BEYOND or self._steps > MOST_STEPS

    def add_steps(self, count: int) -> None:
        """A script was run for the first time, and made so many."""
        self._steps += count

    def add_alone(self, flow: str, element: str, trace: Trace) -> None:
        """What a script did that was run alone: it may have exceeded a limit."""
        verdict = trace.verdict
        if verdict is not None and verdict.kind == "limit":
            self._beyond.append(element)
            where = "" if verdict.line is None else f", line {verdict.line}"
            self._last = f"{flow}{where}: {verdict.message}"

    def check(self) -> None:
        """Raises ``TooDear``."""
        if len(self._beyond) > MOST_BEYOND:
            others = f"{self._beyond[0]} and at least {MOST_BEYOND} other elements"
            raise TooDear(f"{self._last}; that is beyond a limit on {others}, so there is no plan")
        if self._steps > MOST_STEPS:
            raise TooDear(
                f"a plan has at most {MOST_STEPS:,} steps, and this one has more: narrow it to fewer elements"
            )
