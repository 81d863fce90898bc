"""Connections are opened ahead: while some elements work, those that come next are already being connected."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.engine.definitions import Definitions
from flows.engine.events import RunStarted
from flows.runner.ports import Executor


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

    async def run_started(self, started: RunStarted) -> None:
        """Connect to the first elements of a run whose flow runs tasks."""
        flow = self._definitions.flows[started.flow]
        if any(site.step == "run_task" for site in flow.sites):
            positions = {name: position for position, name in enumerate(started.elements)}
            front = self._fronts[started.run] = _Front(started.elements, positions, flow.concurrency)
            await self._reach(front, flow.concurrency)

    async def step_started(self, run: int, element: str) -> None:
        """Connect to those that follow this element."""
        front = self._fronts.get(run)
        if front is not None and front.reached < len(front.names):
            await self._reach(front, front.positions[element] + 1 + front.width)

    def run_ended(self, run: int) -> None:
        """Forget the run."""
        self._fronts.pop(run, None)

    async def _reach(self, front: _Front, end: int) -> None:
        if end > front.reached:
            await self._executor.connect_ahead(front.names[front.reached : end])
            front.reached = end
