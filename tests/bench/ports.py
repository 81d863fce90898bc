"""The ports of the benchmarks: timed ones around the real, and fakes that do nothing, called so."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from flows.adapters.journal import DatabaseJournal
from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import Begin, Call, Ended, InstanceId, Paused, Resumption, ScriptAnswer
from flows.engine.events import Event, Outcome, StepKey
from flows.engine.status import StepStatus
from flows.runner.ports import ElementDict, History, OutputSink, ScriptContext, ScriptHost, Signal, StepRequest
from flows.script.calls import FlowScripts
from tests.bench.measuring import Spent

_DONE = Outcome(StepStatus.SUCCEEDED, exit_code=0)


class NoopExecutor:
    """A fake: every attempt succeeds at once."""

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        return _DONE

    async def connect_ahead(self, targets: Sequence[str]) -> None:
        """There is nothing to connect to."""

    async def close(self) -> None:
        """Nothing is open."""


class PlainScripts:
    """A fake: scripts are generators in this process, without a sandbox. The floor for what a script host costs."""

    version = "generators"
    patience = 1.0

    def __init__(self, steps: int, *, chain: bool) -> None:
        self._steps, self._chain = steps, chain
        self._live: dict[InstanceId, Generator[Call, Any, None]] = {}

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        return elements

    async def begin(self, context: ScriptContext) -> None:
        """Instances are made when they begin."""

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        return [self._resume(item) for item in items]

    async def end(self, number: int) -> None:
        self._live.clear()

    async def close(self) -> None:
        self._live.clear()

    def _resume(self, item: Resumption) -> ScriptAnswer:
        if isinstance(item.resume, Begin):
            self._live[item.instance] = self._script()
        call = next(self._live[item.instance], None)
        return Ended(item.instance) if call is None else Paused(item.instance, call)

    def _script(self) -> Generator[Call, Any, None]:
        for number in range(1, self._steps + 1):
            yield Call("run_task", 1 if self._chain else number, "Noop")


def sandbox_scripts(flows: Mapping[str, FlowScripts]) -> ScriptHost:
    """The real one."""
    return SandboxScripts(flows)


class TimedScripts:
    """Adds up the time spent in the scripts."""

    def __init__(self, scripts: ScriptHost, spent: Spent) -> None:
        self._scripts, self._spent = scripts, spent
        self.version, self.patience = scripts.version, 1.0

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        async with self._spent.waiting("scripts"):
            return await self._scripts.process(flow, elements, inputs)

    async def begin(self, context: ScriptContext) -> None:
        await self._scripts.begin(context)

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        async with self._spent.waiting("scripts"):
            return await self._scripts.resume(items)

    async def end(self, number: int) -> None:
        await self._scripts.end(number)

    async def close(self) -> None:
        await self._scripts.close()


class TimedJournal:
    """Adds up the time spent waiting for commits."""

    def __init__(self, journal: DatabaseJournal, spent: Spent) -> None:
        self._journal, self._spent = journal, spent

    async def load(self) -> History:
        return await self._journal.load()

    async def append(
        self,
        events: Sequence[Event],
        *,
        at: float,
        consumed: Sequence[int] = (),
        elements: Mapping[int, Sequence[ElementDict]] | None = None,
    ) -> int:
        async with self._spent.waiting("journal"):
            return await self._journal.append(events, at=at, consumed=consumed, elements=elements)

    def run_id(self, number: int) -> int:
        return self._journal.run_id(number)

    async def write_output(self, chunks: Sequence[tuple[StepKey, str, bytes]], *, at: float) -> int:
        return await self._journal.write_output(chunks, at=at)

    async def signals(self) -> Sequence[Signal]:
        return await self._journal.signals()

    async def renew(self) -> None:
        await self._journal.renew()

    async def release(self, *, wake_at: float | None) -> None:
        await self._journal.release(wake_at=wake_at)
