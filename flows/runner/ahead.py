"""Connections are opened ahead: while some elements work, those that come next are already being connected."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.engine.definitions import Definitions
from flows.engine.events import ElementsOrdered, RunStarted, StepKey
from flows.engine.status import Mode
from flows.runner.ports import Executor

#: How many elements of a Serial flow are refreshed at the same time (R3).
REFRESHED_AT_ONCE = 50


@dataclass(slots=True)
class _Front:
    """How far into a run's elements connections were asked for."""

    names: Sequence[str]
    positions: dict[str, int]
    width: int
    reached: int = 0


class Ahead:
    """Asks the executor for the connections that will be needed next: as many as may work at once."""

    def __init__(self, executor: Executor, definitions: Definitions) -> None:
        """No run has started."""
        self._executor = executor
        self._definitions = definitions
        self._fronts: dict[int, _Front] = {}
        self._flows: dict[int, str] = {}

    def note(self, started: RunStarted) -> None:
        """A run has started, perhaps under another worker."""
        self._flows[started.run] = started.flow

    async def run_started(self, started: RunStarted) -> None:
        """Connect to the first elements of a run that runs tasks."""
        self.note(started)
        flow = self._definitions.flows[started.flow]
        if started.refreshing or any(site.step == "run_task" for site in flow.sites):
            width = REFRESHED_AT_ONCE if started.refreshing and flow.mode is Mode.SERIAL else flow.concurrency
            await self._begin(started.run, started.elements, width)

    async def elements_ordered(self, ordered: ElementsOrdered) -> None:
        """Begin anew with the order in which the scripts will go; not in a run that another worker has begun."""
        if ordered.run in self._flows:
            flow = self._definitions.flows[self._flows[ordered.run]]
            await self._begin(ordered.run, ordered.elements, flow.concurrency)

    async def step_started(self, key: StepKey) -> None:
        """Connect to those that follow this element."""
        front = self._fronts.get(key.run)
        if front is not None and front.reached < len(front.names):
            await self._reach(front, front.positions[key.element] + 1 + front.width)

    def run_ended(self, run: int) -> None:
        """Forget the run."""
        self._fronts.pop(run, None)
        self._flows.pop(run, None)

    async def _begin(self, run: int, names: Sequence[str], width: int) -> None:
        positions = {name: position for position, name in enumerate(names)}
        front = self._fronts[run] = _Front(names, positions, width)
        await self._reach(front, width)

    async def _reach(self, front: _Front, end: int) -> None:
        if end > front.reached:
            await self._executor.connect_ahead(front.names[front.reached : end])
            front.reached = end
