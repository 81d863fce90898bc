"""The worker's right to drive a run, judged by its own clock: renewed in time, or everything stops.

The journal holds the truth (a conditional update in database time). This side counts from the moment at which the
last successful write *began*, so it always ends earlier than the database says.
"""

from collections.abc import Awaitable
from typing import TypeVar

from flows.runner.ports import Clock, Journal, LeaseLost

Written = TypeVar("Written")

#: How many times a lease is renewed within its length when nothing is written.
RENEWALS = 4


class Lease:
    """One worker's lease on one root run. Shared by the tasks of one driver."""

    def __init__(self, journal: Journal, clock: Clock, length_s: float, claimed_at: float) -> None:
        """``length_s`` is what the journal grants with each write; ``claimed_at`` is monotonic."""
        self._journal = journal
        self._clock = clock
        self._length_s = length_s
        self._renewed_at = claimed_at

    @property
    def deadline(self) -> float:
        """The monotonic instant past which nothing may be dispatched."""
        return self._renewed_at + self._length_s

    def check(self) -> None:
        """Raise ``LeaseLost`` past the deadline. Asked before each dispatch."""
        if self._clock.monotonic() >= self.deadline:
            raise LeaseLost(f"the lease of {self._length_s:g} s ran out before it could be renewed")

    async def renewed_by(self, write: Awaitable[Written]) -> Written:
        """Wait for a fenced write; if it succeeds the lease counts anew from the moment at which it began."""
        began_at = self._clock.monotonic()
        result = await write
        self._renewed_at = max(self._renewed_at, began_at)
        return result

    async def keep(self) -> None:
        """Renew every quarter of the length when nothing else was written; ends only by an error."""
        quarter_s = self._length_s / RENEWALS
        while True:
            idle_s = self._clock.monotonic() - self._renewed_at
            if idle_s >= quarter_s:
                await self.renewed_by(self._journal.renew())
                idle_s = self._clock.monotonic() - self._renewed_at
            await self._clock.sleep(max(quarter_s - idle_s, quarter_s / 10))

    async def watch(self) -> None:
        """Raise ``LeaseLost`` when the deadline passes, even while a write hangs."""
        while True:
            await self._clock.sleep(max(self.deadline - self._clock.monotonic(), 0.0))
            self.check()
