"""The same scenario with its scripts as text in the real sandbox: the same journal must come of it."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import Resumption, ScriptAnswer
from flows.engine.events import ElementFinished, Event, RunFinished, RunStarted, RunStateChanged, StepFinished
from flows.runner.ports import ElementDict, ScriptContext
from flows.script.analysis import analyse
from flows.script.calls import FlowScripts
from flows.script.host import SandboxHost
from tests.simulation.scenario import Scenario, processing_text
from tests.simulation.stage import Performance, WatchedHost, calmly, perform
from tests.simulation.text import script_of
from tests.simulation.world import World

Result = TypeVar("Result")


class RealTime:
    """An event loop in a thread of its own: the sandbox's workers answer in real time, while virtual time stands."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for it."""
        future: Future[Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout=60)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class SandboxedHost(WatchedHost):
    """The sandbox as the script host of one worker. ``share``: elements share sessions wherever they may."""

    version = "sandbox"
    share = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._time = RealTime()
        texts = scripts_of(world.scenario)
        self._scripts = SandboxScripts(texts)
        self._scripts._host = SandboxHost(texts, share=self.share, fewest=1)

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """By the processing script."""
        await asyncio.sleep(0)
        return self._time.run(self._scripts.process(flow, elements, inputs))

    async def begin(self, context: ScriptContext) -> None:
        """Make the run's variables known."""
        self._time.run(self._scripts.begin(context))

    async def _answers(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        await asyncio.sleep(0)
        return self._time.run(self._scripts.resume(items))

    async def end(self, number: int) -> None:
        """Forget the run."""
        self._time.run(self._scripts.end(number))

    async def close(self) -> None:
        """End the workers."""
        with suppress(RuntimeError):  # closed before
            self._time.run(self._scripts.close())
            self._time.close()


class SeparateHost(SandboxedHost):
    """Every element has a session of its own."""

    share = False


def scripts_of(scenario: Scenario) -> dict[str, FlowScripts]:
    """The texts of all flows."""
    return {
        flow.name: FlowScripts(processing_text(flow.processing), script_of(flow.program)) for flow in scenario.flows
    }


def breaches_in_sandbox(scenario: Scenario, calm: Performance) -> Iterator[str]:
    """What differs from the calm performance when the scripts are text, in sessions that are shared or not."""
    yield from breaches_of_sites(scenario)
    for kind, host in (("shared", SandboxedHost), ("separate", SeparateHost)):
        sandboxed = perform(calmly(scenario), host=host)
        yield from (f"{kind}: {breach}" for breach in (*sandboxed.fouls, *_differences(sandboxed, calm)))


def _differences(sandboxed: Performance, calm: Performance) -> Iterator[str]:
    for number, (told, wanted) in enumerate(zip(sandboxed.events, calm.events, strict=False), start=1):
        if _plain(told) != _plain(wanted):
            yield f"R15: event {number} is {told} in the sandbox, {wanted} in the walk"
            return
    if len(sandboxed.events) != len(calm.events):
        yield f"R15: {len(sandboxed.events)} events in the sandbox, {len(calm.events)} in the walk"


def breaches_of_sites(scenario: Scenario) -> Iterator[str]:
    """R15, R19, R29: the analysis of the text finds the sites that the program has."""
    for flow in scenario.flows:
        found = [
            (site.number, site.step, site.loops, site.caught, site.in_finally)
            for site in analyse(script_of(flow.program)).sites
        ]
        sites = sorted(flow.sites.values(), key=lambda site: site.number)
        wanted = [(site.number, site.step, site.loops, site.caught, site.in_finally) for site in sites]
        if found != wanted:
            yield f"R15: the sites of {flow.name} are {found}, must be {wanted}"


def _plain(event: Event) -> Event:
    """Without the words that tell lines and the sandbox."""
    match event:
        case RunStarted():
            return replace(event, sandbox="")
        case ElementFinished():
            return replace(event, message="")
        case RunFinished() | RunStateChanged():
            return replace(event, reason="")
        case StepFinished() if event.step == "run_flow":
            result = {key: value for key, value in event.outcome.result.items() if key != "messages"}
            return replace(event, outcome=replace(event.outcome, result=result, reason=""))
        case _:
            return event
