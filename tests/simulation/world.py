"""The world of a scenario: virtual time that counts its turns, a journal, elements, an executor, people."""

import asyncio
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flows.engine.commands import InstanceId, PrepareRun, RaiseStepFailed, Resumption, Return, ScriptAnswer
from flows.engine.events import Event, Outcome, QuestionAsked, RunFinished, StepFinished, StepKey, StepStarted
from flows.engine.status import StepStatus
from flows.runner.ports import ElementDict, OutputSink, ScriptContext, StepRequest
from tests.fakes import EverythingWaitsForEver, GeneratorHost, MemoryJournal, MemoryStore
from tests.simulation.scenario import Scenario, TaskRules, process
from tests.simulation.walking import Walk

Result = TypeVar("Result")

#: Turns of the event loop after which a run is thought never to end.
TOO_MANY_TURNS = 100_000
#: How long an attempt lasts that hangs and has no timeout, in seconds.
FOR_EVER_S = 90.0


class Foul(Exception):
    """A rule of the design was broken; the text names it."""


# --- time -----------------------------------------------------------------------------------------------------------


class _Selector(selectors.DefaultSelector):
    """Moves time on when nothing is left to do, counts the turns, and calls who asked for one."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0
        self.alarms: list[tuple[int, Callable[[], None]]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns += 1
        if self.turns > TOO_MANY_TURNS:
            self.turns = 0  # what is left must be able to clean up
            raise Foul(f"the run has not ended after {TOO_MANY_TURNS} turns")
        for alarm in [alarm for alarm in self.alarms if alarm[0] <= self.turns]:
            self.alarms.remove(alarm)
            alarm[1]()
            timeout = 0
        if timeout is None:
            raise EverythingWaitsForEver
        self.now += max(timeout, 0.0)
        return []


class TurnLoop(asyncio.SelectorEventLoop):
    """A virtual event loop without file descriptors, in which a callback may be due at a turn instead of a time."""

    def __init__(self) -> None:
        self._selecting = _Selector()
        super().__init__(self._selecting)

    def time(self) -> float:
        return self._selecting.now

    @property
    def turns(self) -> int:
        """How many turns it has made."""
        return self._selecting.turns

    def call_at_turn(self, turn: int, callback: Callable[[], None]) -> None:
        """Call it when so many turns are over: at any await of whoever is running then."""
        self._selecting.alarms.append((turn, callback))


def run_in_turns(main: Coroutine[Any, Any, Result]) -> tuple[Result, int]:
    """Run the coroutine; returns its result and how many turns it took."""
    with asyncio.Runner(loop_factory=TurnLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, TurnLoop)
        return runner.run(main), loop.turns


# --- the journal ----------------------------------------------------------------------------------------------------


@dataclass
class World:
    """What is there whoever drives the run: the store, the elements' settings, what was seen of each step."""

    scenario: Scenario
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: set[StepKey] = field(default_factory=set)
    starts: set[StepKey] = field(default_factory=set)
    interrupted: Counter[tuple[int, str, int, int]] = field(default_factory=Counter)
    fouls: list[str] = field(default_factory=list)
    on_question: Callable[[QuestionAsked], None] = lambda question: None
    ended: bool = False
    writes: int = 0

    def __post_init__(self) -> None:
        scenario = self.scenario
        self.settings = {name: {} for name in scenario.contexts}
        self.store = MemoryStore(7, scenario.flows[0].name, scenario.definitions)

    def committed(self, event: Event) -> None:
        """An event is in the journal, with what it changes in the world."""
        match event:
            case StepStarted():
                self.starts.add(event.key)
            case StepFinished():
                if event.key in self.outcomes:
                    self.fouls.append(f"R36: {event.key} has two outcomes")
                self.outcomes.add(event.key)
                if event.outcome.status is StepStatus.INTERRUPTED:
                    key = event.key
                    self.interrupted[key.run, key.element, key.site, key.turn] += 1
                saved = event.outcome.result.get("settings")
                if isinstance(saved, Mapping):
                    self.settings[event.target or event.key.element].update(saved)
            case QuestionAsked():
                self.on_question(event)
            case RunFinished(run=0):
                self.ended = True
            case _:
                pass


class WorldJournal(MemoryJournal):
    """One worker's journal over the world's store, with bad weather."""

    def __init__(self, world: World) -> None:
        super().__init__(world.store)
        self.world = world
        self.fails = self.hangs = False

    async def append(self, events: Sequence[Event], **options: Any) -> int:
        """Commit; before it and after it the worker may die."""
        await self._weather()
        seq = await super().append(events, **options)
        for event in events:
            self.world.committed(event)
        await asyncio.sleep(0)
        return seq

    async def _weather(self) -> None:
        world = self.world
        world.writes += 1
        if self.fails:
            raise OSError("the disk is full")
        if self.hangs:
            await asyncio.sleep(60)
        slow = world.scenario.storm.slow_write
        if slow and world.scenario.chance("write", world.writes).random() < slow:
            await asyncio.sleep(2.0)


# --- elements -------------------------------------------------------------------------------------------------------


class WorldInventory:
    """The fleet, with the settings that were committed."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        """All elements for the root, what the callers passed for a child (R22)."""
        await asyncio.sleep(0)
        world = self._world
        known = list(world.scenario.contexts)
        if request.parent is None:
            return [self._element(name) for name in known], []
        chosen: dict[str, None] = {}
        unknown: dict[str, None] = {}
        for caller, passed in request.callers:
            wanted = (caller,) if passed is None else passed
            missing = [name for name in wanted if name not in known]
            (unknown if missing else chosen).update(dict.fromkeys(missing or wanted))
        return [self._element(name) for name in chosen], list(unknown)

    async def contexts(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        """The effective contexts as they are now."""
        await asyncio.sleep(0)
        return {name: dict(self._element(name)["context"]) for name in names if name in self._world.settings}

    def _element(self, name: str) -> dict[str, Any]:
        return self._world.scenario.element(name, self._world.settings[name])


# --- scripts --------------------------------------------------------------------------------------------------------


class WalkInstance:
    """A walk as the fake script host knows instances."""

    def __init__(self, instance: InstanceId, walk: Walk) -> None:
        self._instance = instance
        self._walk = walk

    def resume(self, resumption: Resumption) -> ScriptAnswer:
        """Go on to the next step or the end."""
        return resumed(self._walk, resumption)


def resumed(walk: Walk, resumption: Resumption) -> ScriptAnswer:
    """The walk goes on; where it came."""
    from flows.engine.commands import Begin, Ended, Paused
    from tests.simulation.walking import Leave, StepFailed

    match resumption.resume:
        case Begin():
            walk.begin()
        case Return(value):
            walk.give(value)
        case RaiseStepFailed(message):
            walk.throw(StepFailed(message))
        case _:
            walk.throw(Leave())
    if walk.call is None:
        return Ended(resumption.instance, walk.verdict)
    return Paused(resumption.instance, walk.call, walk.verdict)


class WalkHost(GeneratorHost):
    """A script host of walks. Watches that no script is shown what is not committed."""

    def __init__(self, world: World) -> None:
        super().__init__({})
        self.world = world
        self.lost = False

    def create(self, instance: InstanceId, context: ScriptContext) -> WalkInstance:
        """A new walk of the run's script."""
        flow = self.world.scenario.flow[context.flow]
        names = [element["name"] for element in context.elements]
        return WalkInstance(instance, Walk(context.elements, names.index(instance.element), flow.program, flow.sites))

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """The flow's processing rule."""
        await asyncio.sleep(0)
        return process(self.world.scenario.flow[flow].processing, elements)


# --- the executor ---------------------------------------------------------------------------------------------------


class WorldExecutor:
    """Makes attempts as the scenario's trouble has it. What happens depends on the step alone, not on the moment."""

    def __init__(self, world: World, journal: WorldJournal) -> None:
        self._world = world
        self._journal = journal

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        """One attempt."""
        self._check(request.key)
        doing = self._doing(request)
        if doing.breaks:
            raise RuntimeError("the executor is broken")
        if doing.says:
            await output(request.key, "stdout", doing.says)
        try:
            await asyncio.sleep(doing.lasts_s)
        except asyncio.CancelledError:
            if doing.when_ended is None:
                raise
            await asyncio.sleep(doing.ends_after_s)
            return Outcome(doing.when_ended, reason="it was ended")
        return doing.outcome

    async def connect_ahead(self, targets: Sequence[str]) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""

    def _check(self, key: StepKey) -> None:
        """What the owner of the run sends has been journaled as started and has no outcome."""
        if self._journal.fence != self._world.store.fence:
            return
        if key in self._world.outcomes:
            self._world.fouls.append(f"R36: {key} has an outcome and is run again")
        if key not in self._world.starts:
            self._world.fouls.append(f"R36: {key} is run before its start is journaled")

    def _doing(self, request: StepRequest) -> "Doing":
        key, world = request.key, self._world
        attempt = key.attempt - world.interrupted[key.run, key.element, key.site, key.turn]
        scenario = world.scenario
        chance = scenario.chance(request.run["flow"], key.element, key.site, key.turn, attempt, request.target)
        return doing_of(scenario, scenario.task[request.task], chance.random, request.timeout_s, request.target)


@dataclass(frozen=True, slots=True)
class Doing:
    """What an attempt does."""

    outcome: Outcome
    lasts_s: float
    when_ended: StepStatus | None
    ends_after_s: float
    says: bytes = b""
    breaks: bool = False


def doing_of(
    scenario: Scenario, task: TaskRules, chance: Callable[[], float], timeout_s: float | None, target: str
) -> Doing:
    """What chance has an attempt of this task do."""
    trouble = scenario.trouble
    lot, number = chance(), int(chance() * 3)
    lasts_s = 1.0 if trouble.even else (0.0, 0.0, 0.5, 1.0, 3.0, 20.0)[int(chance() * 6)]
    says = b"line\n" if chance() < 0.2 else b""
    result: dict[str, Any] = {"output": "line\n" if says else "", "data": number, "settings": {}}
    if task.saves:
        result["settings"] = {"fresh": number}
    outcome = Outcome(StepStatus.SUCCEEDED, exit_code=0, result=result)
    ended = (StepStatus.CANCELLED, StepStatus.STILL_RUNNING_THERE, None, StepStatus.UNKNOWN)[int(chance() * 4)]
    ends_after_s = 100.0 if chance() < 0.1 else 0.0
    if lot < trouble.fail:
        outcome = Outcome(StepStatus.FAILED, reason="exit 3", exit_code=3, result={"output": "", "data": number})
    elif lot < trouble.fail + trouble.unreachable:
        outcome = Outcome(StepStatus.UNREACHABLE, reason="no route to host")
    elif lot < trouble.fail + trouble.unreachable + trouble.hang:
        lasts_s = FOR_EVER_S
    breaks = lot > 1 - trouble.breaks
    if timeout_s is not None and lasts_s > timeout_s:
        outcome, lasts_s = Outcome(StepStatus.FAILED, reason=f"timed out after {timeout_s:g} s"), timeout_s
    return Doing(outcome, lasts_s, ended, ends_after_s, says, breaks)
