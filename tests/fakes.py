"""In-memory ports of the runner: the only fakes of this project, used wherever a run is driven without its world.

Time is virtual: ``run_virtual`` drives a coroutine on an event loop whose clock jumps to the next timer as soon as
nothing else is left to do, so tests never sleep, and a run that waits for nothing is an error instead of a hang.
"""

import asyncio
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from flows.engine.commands import (
    Begin,
    Call,
    Ended,
    InstanceId,
    Paused,
    PrepareRun,
    RaiseStepFailed,
    Resume,
    Resumption,
    Return,
    ScriptAnswer,
    Verdict,
)
from flows.engine.definitions import Definitions
from flows.engine.events import ElementsOrdered, Event, Outcome, RunStarted, StepFinished, StepKey
from flows.engine.status import StepStatus
from flows.runner.events import EncodedEvent, decode, encode
from flows.runner.ports import (
    ElementDict,
    History,
    LeaseLost,
    OutputSink,
    Recorded,
    ScriptContext,
    ScriptProblem,
    Signal,
    StepRequest,
    TargetProblem,
)

Result = TypeVar("Result")

#: Virtual time starts here: 2026-11-23 00:00:00 UTC.
EPOCH = 1_795_392_000.0


# --- virtual time ---------------------------------------------------------------------------------------------------


class EverythingWaitsForEver(Exception):
    """No task can go on and no timer is set: a deadlock."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting, moves the loop's time on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise EverythingWaitsForEver
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when nothing else is left to do."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtual(main: Coroutine[Any, Any, Result]) -> Result:
    """Run the coroutine in virtual time, from zero."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class FakeClock:
    """The time of the running virtual loop. ``offset_s`` lets a second worker start later than the first."""

    def __init__(self, offset_s: float = 0.0) -> None:
        self.offset_s = offset_s

    def now(self) -> float:
        return EPOCH + self.offset_s + asyncio.get_running_loop().time()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


# --- journal --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class MemoryStore:
    """What survives a worker: the committed events as JSON would hold them, signals, settings, and the lease."""

    root: int
    flow: str
    definitions: Definitions
    inputs: Mapping[str, Any] = field(default_factory=dict)
    events: list[tuple[int, float, EncodedEvent]] = field(default_factory=list)
    elements: dict[int, Sequence[ElementDict]] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    consumed: set[int] = field(default_factory=set)
    output: dict[tuple[StepKey, str], bytes] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    fence: int = 0
    wake_at: float | None = None
    released: bool = True
    seq: int = 0
    commits: int = 0

    def claim(self) -> int:
        """A worker takes the run; earlier workers are fenced out."""
        self.fence += 1
        self.released = False
        self.wake_at = None
        return self.fence

    @property
    def last_at(self) -> float:
        """When the last event was committed."""
        return self.events[-1][1] if self.events else EPOCH

    def signal(self, kind: str, by: str = "ops", **arguments: Any) -> None:
        """Somebody asks something of the run."""
        self.signals.append(Signal(len(self.signals) + 1, kind, arguments, by))

    def recorded(self) -> list[Event]:
        """The events in order, without output."""
        return [decode(encoded) for _, _, encoded in self.events if encoded.type != "step_output"]


class MemoryJournal:
    """The journal of one worker over a store. ``trace`` notes commits, for tests of order.

    ``on_write`` is awaited inside each write, before it takes effect: raise there to fail it, wait there to make it
    slow. ``lose_lease`` makes every later write raise ``LeaseLost``.
    """

    def __init__(self, store: MemoryStore, trace: list[Any] | None = None) -> None:
        self.store = store
        self.fence = store.claim()
        self.trace = trace if trace is not None else []
        self.on_write: Callable[[], Awaitable[None]] | None = None
        self.renewals = 0

    def lose_lease(self) -> None:
        self.store.fence += 1

    async def load(self) -> History:
        store = self.store
        recorded = [
            Recorded(seq, at, decode(encoded)) for seq, at, encoded in store.events if encoded.type != "step_output"
        ]
        return History(store.root, store.flow, store.inputs, store.definitions, recorded, dict(store.elements), EPOCH)

    async def append(
        self,
        events: Sequence[Event],
        *,
        at: float,
        consumed: Sequence[int] = (),
        elements: Mapping[int, Sequence[ElementDict]] | None = None,
    ) -> int:
        await self._write()
        begun = {event.run for event in events if isinstance(event, (RunStarted, ElementsOrdered))}
        assert set(elements or {}) == begun, "each run that starts or is ordered brings its elements"
        self.store.elements.update(elements or {})
        self.store.consumed.update(consumed)
        for event in events:
            self._add(at, encode(event))
            if isinstance(event, StepFinished) and event.outcome.ok:
                target = event.target or event.key.element
                self.store.settings.setdefault(target, {}).update(event.outcome.result.get("settings") or {})
        self.trace.extend(("committed", event) for event in events)
        return self.store.seq

    def run_id(self, number: int) -> int:
        return number

    async def write_output(self, chunks: Sequence[tuple[StepKey, str, bytes]], *, at: float) -> int:
        await self._write()
        for key, stream, data in chunks:
            before = self.store.output.get((key, stream), b"")
            self.store.output[key, stream] = before + data
            place = {"stream": stream, "offset": len(before), "size": len(data)}
            self._add(at, EncodedEvent("step_output", key.run, {"element": key.element, **place}))
        self.trace.extend(("output", key, data) for key, _, data in chunks)
        return self.store.seq

    async def signals(self) -> Sequence[Signal]:
        await asyncio.sleep(0)
        return [signal for signal in self.store.signals if signal.id not in self.store.consumed]

    async def renew(self) -> None:
        await self._write()
        self.renewals += 1

    async def release(self, *, wake_at: float | None) -> None:
        await self._write()
        self.store.released = True
        self.store.wake_at = wake_at

    async def _write(self) -> None:
        if self.on_write is not None:
            await self.on_write()
        await asyncio.sleep(0)
        if self.fence != self.store.fence:
            raise LeaseLost("another worker owns the run")
        self.store.commits += 1

    def _add(self, at: float, encoded: EncodedEvent) -> None:
        self.store.seq += 1
        self.store.events.append((self.store.seq, at, encoded))


# --- executor -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deed:
    """What the fake executor does for one attempt: lasts, speaks, and ends with an outcome (or raises)."""

    outcome: Outcome = field(default_factory=lambda: Outcome(StepStatus.SUCCEEDED, exit_code=0))
    duration_s: float = 0.0
    output: tuple[tuple[str, bytes], ...] = ()
    when_cancelled: Outcome | None = field(default_factory=lambda: Outcome(StepStatus.CANCELLED, reason="ended"))
    error: Exception | None = None


def failing(reason: str = "exit 3", exit_code: int = 3, duration_s: float = 0.0) -> Deed:
    """A deed that fails."""
    return Deed(Outcome(StepStatus.FAILED, reason=reason, exit_code=exit_code), duration_s)


DeedName = str | tuple[str, str] | tuple[str, str, int]


class FakeExecutor:
    """Does what a table says: by (task, element, attempt), then (task, element), then task, else success at once."""

    def __init__(self, deeds: Mapping[DeedName, Deed] | None = None, trace: list[Any] | None = None) -> None:
        self.deeds: dict[DeedName, Deed] = dict(deeds or {})
        self.trace = trace if trace is not None else []
        self.requests: list[StepRequest] = []
        self.connected: list[str] = []
        self.running = 0
        self.most_running = 0
        self.finished: Counter[StepKey] = Counter()
        self.closed = False

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        self.requests.append(request)
        self.trace.append(("dispatched", request.key))
        deed = self._deed(request)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await self._do(deed, request.key, output)
        except asyncio.CancelledError:
            if deed.when_cancelled is None:
                raise
            return deed.when_cancelled
        finally:
            self.running -= 1

    async def connect_ahead(self, targets: Sequence[str]) -> None:
        self.connected.extend(targets)

    async def close(self) -> None:
        self.closed = True

    async def _do(self, deed: Deed, key: StepKey, output: OutputSink) -> Outcome:
        if deed.error is not None:
            raise deed.error
        for stream, data in deed.output:
            await output(key, stream, data)
        if deed.duration_s:
            await asyncio.sleep(deed.duration_s)
        self.finished[key] += 1
        return deed.outcome

    def _deed(self, request: StepRequest) -> Deed:
        task, element, attempt = request.task, request.key.element, request.key.attempt
        names: tuple[DeedName, ...] = ((task, element, attempt), (task, element), task)
        return next((self.deeds[name] for name in names if name in self.deeds), Deed())


# --- scripts --------------------------------------------------------------------------------------------------------


class StepFailed(Exception):
    """What a generator script sees when a step does not succeed (R13)."""


class _Leave(BaseException):
    """Unwinds a generator: only ``finally`` sees it."""


@dataclass(slots=True)
class ScriptView:
    """The variables of a generator script (R8), and the functions that end it (R11)."""

    elements: Sequence[ElementDict]
    current: int
    inputs: Mapping[str, Any]
    run: Mapping[str, Any]
    verdict: Verdict | None = None

    @property
    def element(self) -> ElementDict:
        return self.elements[self.current]

    def fail(self, message: str) -> None:
        """End this script as failed; the first verdict stands (R11)."""
        self._leave("failed", message)

    def finish(self, message: str = "") -> None:
        """End this script as succeeded."""
        self._leave("finished", message)

    def abort(self, message: str) -> None:
        """End this script as failed and stop the whole root run (R35)."""
        self._leave("aborted", message)

    def _leave(self, kind: Literal["failed", "finished", "aborted"], message: str) -> NoReturn:
        self.verdict = self.verdict or Verdict(kind, message)
        raise _Leave


Script = Callable[[ScriptView], Generator[Call, Any, None]]


class Instance(Protocol):
    """One script on its way."""

    def resume(self, resumption: Resumption) -> ScriptAnswer: ...


class GeneratorInstance:
    """A script instance made of a generator."""

    def __init__(self, instance: InstanceId, view: ScriptView, script: Script) -> None:
        self._instance = instance
        self._view = view
        self._script = script(view)

    def resume(self, resumption: Resumption) -> ScriptAnswer:
        """Go on to the next step or the end."""
        view = self._view
        try:
            return Paused(self._instance, _send(self._script, resumption.resume), view.verdict)
        except (StopIteration, _Leave):
            return Ended(self._instance, view.verdict)
        except StepFailed as error:
            return Ended(self._instance, view.verdict or Verdict("failed", str(error), is_raised=True))
        except Exception as error:  # noqa: BLE001 - the author's script failed: that is a verdict, whatever it was
            return Ended(self._instance, view.verdict or Verdict("error", f"{type(error).__name__}: {error}"))


def _send(script: Generator[Call, Any, None], resume: Resume) -> Call:
    match resume:
        case Begin():
            return next(script)
        case Return():
            return script.send(resume.value)
        case RaiseStepFailed():
            return script.throw(StepFailed(resume.message))
        case _:
            return script.throw(_Leave())


Processing = Callable[[Sequence[ElementDict], Mapping[str, Any]], Sequence[ElementDict]]


class GeneratorHost:
    """A ScriptHost of plain generators: a flow's script yields each ``Call`` and is sent the step's value.

    ``processing`` maps flows to functions from element dicts and inputs to element dicts. ``contexts`` are the runs
    that were begun, ``trace`` notes each resumption. Override ``create`` for another kind of instance.
    """

    version = "generators"
    patience = 1.0

    def __init__(
        self,
        scripts: Mapping[str, Script],
        processing: Mapping[str, Processing] | None = None,
        trace: list[Any] | None = None,
    ) -> None:
        self.scripts = scripts
        self.processing = processing or {}
        self.trace = trace if trace is not None else []
        self.contexts: dict[int, ScriptContext] = {}
        self.closed = False
        self._live: dict[InstanceId, Instance] = {}

    def create(self, instance: InstanceId, context: ScriptContext) -> Instance:
        """A new instance of the run's script."""
        names = [element["name"] for element in context.elements]
        view = ScriptView(context.elements, names.index(instance.element), context.inputs, context.run)
        return GeneratorInstance(instance, view, self.scripts[context.flow])

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        await asyncio.sleep(0)
        function = self.processing.get(flow)
        try:
            return function(elements, inputs) if function else elements
        except KeyError as error:
            raise ScriptProblem(f"line 1: no context key {error}") from error

    async def begin(self, context: ScriptContext) -> None:
        self.contexts[context.number] = context

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        await asyncio.sleep(0)
        self.trace.extend(("resumed", item.instance, item.resume) for item in items)
        return [self._resume(item) for item in items]

    async def end(self, number: int) -> None:
        for instance in [instance for instance in self._live if instance.run == number]:
            del self._live[instance]

    async def close(self) -> None:
        self.closed = True

    def _resume(self, item: Resumption) -> ScriptAnswer:
        instance = item.instance
        if isinstance(item.resume, Begin):
            self._live[instance] = self.create(instance, self.contexts[instance.run])
        return self._live[instance].resume(item)


# --- inventory and publisher ----------------------------------------------------------------------------------------


def element_dict(name: str, identity: int, **context: Any) -> dict[str, Any]:
    """An element as scripts see it (R1)."""
    return {
        "id": identity,
        "name": name,
        "address": f"10.0.0.{identity}",
        "profile": "linux",
        "groups": [],
        "context": context,
    }


class FakeInventory:
    """A fleet of named elements. A root gets all of them, or those that ``targets`` names for its flow.

    ``settings`` are those of a store, by element: what steps have written is laid over the contexts.
    """

    def __init__(
        self,
        names: Iterable[str],
        targets: Mapping[str, Sequence[str]] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.elements = {name: element_dict(name, index) for index, name in enumerate(names, start=1)}
        self.targets = targets or {}
        self.settings = {} if settings is None else settings
        self.looks = 0
        self.problem: str = ""

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        await asyncio.sleep(0)
        if self.problem:
            raise TargetProblem(self.problem)
        if request.parent is None:
            names = self.targets.get(request.flow, list(self.elements))
            return [self._fresh(name) for name in names], []
        chosen: dict[str, None] = {}
        unknown: dict[str, None] = {}
        for caller, passed in request.callers:
            wanted = (caller,) if passed is None else passed
            missing = [name for name in wanted if name not in self.elements]
            (unknown if missing else chosen).update(dict.fromkeys(missing or wanted))
        return [self._fresh(name) for name in chosen], list(unknown)

    async def contexts(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        await asyncio.sleep(0)
        self.looks += 1
        return {name: self._fresh(name)["context"] for name in names if name in self.elements}

    def _fresh(self, name: str) -> dict[str, Any]:
        element = self.elements[name]
        return {**element, "context": {**element["context"], **self.settings.get(name, {})}}


class FakePublisher:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.seqs: list[int] = []

    def published(self, root: int, seq: int) -> None:
        self.seqs.append(seq)
