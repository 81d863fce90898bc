"""Due times in a heap, with one task that waits for the earliest."""

import asyncio
import heapq
from collections.abc import Callable

from flows.engine.events import StepKey
from flows.runner.ports import Clock

#: Longest single wait: a clock that was set, or a machine that slept, is noticed within this time.
LONGEST_WAIT_S = 60.0


class Timers:
    """The ends of sleeps and the turns of retries. Adding a key again replaces its time."""

    def __init__(self, clock: Clock, on_due: Callable[[StepKey], None]) -> None:
        """``on_due`` is called once per key, in order of time, from the task that runs ``run``."""
        self._clock = clock
        self._on_due = on_due
        self._heap: list[tuple[float, StepKey]] = []
        self._due_at: dict[StepKey, float] = {}
        self._changed = asyncio.Event()

    def add(self, key: StepKey, due_at: float) -> None:
        """Fire for ``key`` at ``due_at`` (Unix seconds); in the past means soon."""
        self._due_at[key] = due_at
        heapq.heappush(self._heap, (due_at, key))
        self._changed.set()

    def discard(self, key: StepKey) -> None:
        """Forget the key, if it is there."""
        self._due_at.pop(key, None)

    def next_due(self) -> float | None:
        """The earliest time, or None when nothing is waited for."""
        while self._heap and self._due_at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            self._changed.clear()
            self._fire()
            await self._wait()

    def _fire(self) -> None:
        while (due_at := self.next_due()) is not None and due_at <= self._clock.now():
            _, key = heapq.heappop(self._heap)
            del self._due_at[key]
            self._on_due(key)

    async def _wait(self) -> None:
        """Until the earliest time, or until a key was added."""
        due_at = self.next_due()
        if due_at is None:
            await self._changed.wait()
            return
        wait_s = min(max(due_at - self._clock.now(), 0.0), LONGEST_WAIT_S)
        async with asyncio.TaskGroup() as tasks:
            sleeping = tasks.create_task(self._clock.sleep(wait_s))
            changing = tasks.create_task(self._changed.wait())
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()
            changing.cancel()
