"""Runs an example with the real engine, driver and sandbox, in virtual time, with what happens told beforehand.

Time stands still while scripts run: their host works in an event loop of its own, and the virtual one waits for it.
"""

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeVar
from unittest import mock

from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import Resumption, ScriptAnswer
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    Outcome,
    RunFinished,
    RunStarted,
    SoakStarted,
    StepStarted,
)
from flows.runner import inbox
from flows.runner.driver import Driver, Ending, Pace, Ports
from flows.runner.ports import ElementDict, OutputSink, ScriptContext, StepRequest
from flows.script.calls import FlowScripts
from flows.tasks.inputs import check_inputs, undeclared_inputs
from flows.tasks.spec import TaskSpec
from tests.examples.examples import Example
from tests.fakes import (
    EPOCH,
    Deed,
    FakeClock,
    FakeExecutor,
    FakeInventory,
    FakePublisher,
    MemoryJournal,
    MemoryStore,
    run_virtual,
)

Result = TypeVar("Result")

#: A worker that never gives a run back, so that scripts need no replay.
PATIENT = Pace(suspend_after_s=1e9)
DONE = Deed()

Deeds = Mapping[Any, Deed | Sequence[Deed]]
"""What happens by (task, element) or by task: always, or one after another (the last one for ever)."""


class PlayedExecutor(FakeExecutor):
    """Does one deed after another for each task and element; checks the inputs as the real one does."""

    def __init__(self, deeds: Deeds, tasks: Mapping[str, TaskSpec]) -> None:
        super().__init__()
        self.played = deeds
        self.tasks = tasks
        self.times: dict[tuple[str, str], int] = {}

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        """Refuse what the task would refuse, then do the deed."""
        if request.task in self.tasks:
            declared = self.tasks[request.task].inputs
            problems = undeclared_inputs(declared, request.given, request.task)
            assert not problems, problems
            check_inputs(declared, request.inputs)
        return await super().run(request, output)

    def _deed(self, request: StepRequest) -> Deed:
        place = (request.task, request.key.element)
        time = self.times[place] = self.times.get(place, -1) + 1
        deed = self.played.get(place, self.played.get(request.task, DONE))
        return deed if isinstance(deed, Deed) else deed[min(time, len(deed) - 1)]


@cache
def _scripts_loop() -> asyncio.AbstractEventLoop:
    """A loop in real time, for all sandboxes of this process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="scripts").start()
    return loop


def _wait_for(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run_coroutine_threadsafe(work, _scripts_loop()).result(timeout=50)


class StandstillScripts:
    """The sandbox as a script host that takes no virtual time."""

    def __init__(self, scripts: Mapping[str, FlowScripts]) -> None:
        self._host = SandboxScripts(scripts)
        self.version = self._host.version

    @property
    def patience(self) -> float:
        return self._host.patience

    @patience.setter
    def patience(self, times: float) -> None:
        self._host.patience = times

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        return _wait_for(self._host.process(flow, elements, inputs))

    async def begin(self, context: ScriptContext) -> None:
        _wait_for(self._host.begin(context))

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        return _wait_for(self._host.resume(items))

    async def end(self, number: int) -> None:
        _wait_for(self._host.end(number))

    async def close(self) -> None:
        _wait_for(self._host.close())


@dataclass
class Stage:
    """One run of an example. ``cancel_at`` is when somebody cancels it, in seconds from its start, and one question
    after the other is approved ``approve_at`` these; a worker looks for that every ``poll_s``."""

    example: Example
    deeds: Deeds = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    cancel_at: float | None = None
    approve_at: Sequence[float] = ()
    pace: Pace = PATIENT
    poll_s: float = 0.25
    workers: int = 0

    def __post_init__(self) -> None:
        example = self.example
        self.store = MemoryStore(7, example.flow, example.catalog.engine, self.inputs)
        self.executor = PlayedExecutor(self.deeds, example.catalog.tasks)
        self.inventory = FakeInventory((), targets={example.flow: example.selected})
        self.inventory.elements = {name: dict(found) for name, found in example.elements.items()}
        self.inventory.settings = self.store.settings
        with mock.patch.object(inbox, "POLL_S", self.poll_s):
            run_virtual(self._play())

    async def _play(self) -> None:
        """One worker after another, until the run has ended."""
        self._rung = asyncio.Event()
        loop = asyncio.get_running_loop()
        if self.cancel_at is not None:
            loop.call_later(self.cancel_at, self._signal, "cancel")
        for question, at in enumerate(self.approve_at, start=1):
            loop.call_later(at, partial(self._signal, "answer", question=question, answer="approve"))
        while await self._work() is not Ending.ENDED:
            await self._sleep()

    async def _work(self) -> Ending:
        self.workers += 1
        journal = MemoryJournal(self.store)
        scripts = StandstillScripts(self.example.catalog.scripts)
        ports = Ports(journal, self.executor, scripts, self.inventory, FakeClock(), FakePublisher())
        try:
            return await Driver(self.store.root, ports, self.pace).drive()
        finally:
            await scripts.close()

    async def _sleep(self) -> None:
        """Nobody works on the run until its time comes, or somebody rings."""
        assert self.store.wake_at is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(self.store.wake_at - FakeClock().now()):
                await self._rung.wait()
        self._rung.clear()

    def _signal(self, kind: str, **arguments: Any) -> None:
        self.store.signal(kind, **arguments)
        self._rung.set()

    # --- what came of it --------------------------------------------------------------------------------------------

    @property
    def events(self) -> list[Event]:
        """The journal."""
        return self.store.recorded()

    @property
    def effects(self) -> list[str]:
        """What was done, in order: ``Restart db1``, with ``on lb1`` where that is not the element itself."""
        return [_effect(request) for request in self.executor.requests]

    def did(self, task: str) -> list[str]:
        """The elements for which a task was done, in order; once for each attempt."""
        return [request.key.element for request in self.executor.requests if request.task == task]

    def state(self, run: int = 0) -> tuple[str, str]:
        """How a run ended, and why."""
        [end] = [event for event in self.events if isinstance(event, RunFinished) and event.run == run]
        return str(end.status), end.reason

    def states(self, run: int = 0) -> dict[str, str]:
        """The states of a run's elements, in its order."""
        order = self.order(run)
        ends = {event.element: str(event.state) for event in self._ends(run)}
        assert ends.keys() == set(order), "every element has one final state"
        return {name: ends[name] for name in order}

    def messages(self, run: int = 0) -> dict[str, str]:
        """What is told of elements that did not just succeed."""
        return {event.element: event.message for event in self._ends(run) if event.message}

    def last_steps(self, run: int = 0) -> dict[str, tuple[int, int] | None]:
        """Site and turn of each element's last finished step."""
        return {event.element: event.last_step for event in self._ends(run)}

    def order(self, run: int = 0) -> tuple[str, ...]:
        """The elements of a run in execution order, those whose refresh failed at the end."""
        begun = [event for event in self.events if isinstance(event, RunStarted | ElementsOrdered) and event.run == run]
        return tuple(dict.fromkeys(name for event in reversed(begun) for name in event.elements))

    def steps(self, step: str) -> list[str]:
        """Who did steps of this kind, in order."""
        return [event.key.element for event in self.events if isinstance(event, StepStarted) and event.step == step]

    def logged(self) -> list[tuple[str, str | None]]:
        """Who logged what."""
        events = [event for event in self.events if isinstance(event, StepStarted) and event.step == "log"]
        return [(event.key.element, event.name) for event in events]

    @property
    def took_s(self) -> float:
        """Virtual seconds from start to end."""
        return self.store.last_at - EPOCH

    @property
    def most_in_progress(self) -> int:
        """How many elements of the root had begun and not ended, at most."""
        open_now: set[str] = set()
        most = 0
        for event in self.events:
            if isinstance(event, StepStarted) and event.key.run == 0:
                open_now.add(event.key.element)
                most = max(most, len(open_now))
            elif isinstance(event, ElementFinished) and event.run == 0:
                open_now.discard(event.element)
        return most

    @property
    def soaks(self) -> list[int]:
        """After which batches the run soaked."""
        return [event.batch for event in self.events if isinstance(event, SoakStarted)]

    def walked(self) -> list[tuple[tuple[str, ...], int, str, str]]:
        """Every step of the run as its plan would tell it: path, site, step, element."""
        starts = [event for event in self.events if isinstance(event, StepStarted) and event.key.site]
        return [(event.path, event.key.site, event.step, event.key.element) for event in starts]

    def _ends(self, run: int) -> list[ElementFinished]:
        return [event for event in self.events if isinstance(event, ElementFinished) and event.run == run]


def _effect(request: StepRequest) -> str:
    element = request.key.element
    return f"{request.task} {element}" + (f" on {request.target}" if request.target != element else "")


def each(task: str, *elements: str, on: str = "") -> list[str]:
    """The effects of a task on several elements."""
    return [f"{task} {element}" + (f" on {on}" if on else "") for element in elements]
