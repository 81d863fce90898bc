"""A whole run in memory: a library of programs, a fleet, a store that survives workers, and drivers over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.engine.commands import InstanceId
from flows.engine.definitions import TaskPolicy
from flows.engine.events import Event, RunFinished, RunStateChanged, StepFinished, StepKey, StepStarted
from flows.runner.driver import Driver, Ending, Pace, Ports
from flows.runner.ports import ScriptContext
from tests.engine.programs import Library, Node, Walker, flow
from tests.fakes import (
    EPOCH,
    Deed,
    DeedName,
    FakeClock,
    FakeExecutor,
    FakeInventory,
    FakePublisher,
    GeneratorHost,
    Instance,
    MemoryJournal,
    MemoryStore,
    Processing,
    run_virtual,
)


class ProgramHost(GeneratorHost):
    """A ScriptHost of the engine tests' programs."""

    def __init__(self, programs: Mapping[str, Sequence[Node]], trace: list[Any]) -> None:
        super().__init__({}, trace=trace)
        self.programs = programs

    def create(self, instance: InstanceId, context: ScriptContext) -> Instance:
        return Walker(instance, self.programs[context.flow])


@dataclass
class World:
    """What stays when a worker dies, and everything that was noted on the way, over all workers."""

    library: Library
    elements: Sequence[str]
    deeds: Mapping[DeedName, Deed] = field(default_factory=dict)
    root_flow: str = "F1"
    pace: Pace = field(default_factory=Pace)
    trace: list[Any] = field(default_factory=list)
    processing: dict[str, Processing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = MemoryStore(7, self.root_flow, self.library.definitions)
        self.executors: list[FakeExecutor] = []
        self.inventory = FakeInventory(self.elements, settings=self.store.settings)
        self.publisher = FakePublisher()

    def worker(self) -> "Worker":
        """A worker that has just claimed the run."""
        executor = FakeExecutor(self.deeds, self.trace)
        self.executors.append(executor)
        journal = MemoryJournal(self.store, self.trace)
        host = self.host()
        clock = FakeClock(self.store.last_at - EPOCH)
        ports = Ports(journal, executor, host, self.inventory, clock, self.publisher)
        return Worker(journal, executor, host, Driver(self.store.root, ports, self.pace))

    def host(self) -> GeneratorHost:
        """A script host of its own for each worker."""
        host = ProgramHost(self.library.programs, self.trace)
        host.processing = self.processing
        return host

    def run(self) -> Ending:
        """Drive the run with one worker until it is done with it."""
        return run_virtual(self.worker_drives())

    async def worker_drives(self) -> Ending:
        return await self.worker().driver.drive()

    # --- reading ---

    @property
    def events(self) -> list[Event]:
        return self.store.recorded()

    def finished(self) -> RunFinished:
        """How the root run ended."""
        return next(event for event in self.events if isinstance(event, RunFinished) and event.run == 0)

    def states(self) -> list[str]:
        """The states that the root run went through, with the final one."""
        told = [str(event.state) for event in self.events if isinstance(event, RunStateChanged) and event.run == 0]
        ends = [str(event.status) for event in self.events if isinstance(event, RunFinished) and event.run == 0]
        return told + ends

    def outcomes(self) -> dict[StepKey, str]:
        """The status of every attempt that has an outcome."""
        return {event.key: str(event.outcome.status) for event in self.events if isinstance(event, StepFinished)}

    def started(self, step: str = "run_task") -> list[str]:
        """``A1`` for task A on E1, in the order of their starts."""
        starts = [event for event in self.events if isinstance(event, StepStarted) and event.step == step]
        return [f"{event.name}{event.key.element.lstrip('E')}" for event in starts]


@dataclass(frozen=True)
class Worker:
    """One worker's view: its journal, executor, scripts and driver."""

    journal: MemoryJournal
    executor: FakeExecutor
    host: GeneratorHost
    driver: Driver


def world(
    program: Sequence[Node],
    *,
    mode: str = "serial",
    elements: int | Sequence[str] = 2,
    deeds: Mapping[DeedName, Deed] | None = None,
    tasks: Iterable[TaskPolicy] = (),
    children: Sequence[tuple[Any, Sequence[Node]]] = (),
    pace: Pace | None = None,
    **rules: Any,
) -> World:
    """A world with the one flow F1 over E1, E2, ..., and its children."""
    names = [f"E{number}" for number in range(1, elements + 1)] if isinstance(elements, int) else elements
    library = Library(flow("F1", mode, program, **rules), *children, tasks=list(tasks))
    return World(library, names, deeds or {}, pace=pace or Pace())
