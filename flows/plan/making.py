"""Makes a plan by running the engine itself (R40).

Only the executor is another: every step succeeds, at once, and touches nothing. What a step returns beyond its success
is unknown; where that decides, the plan ends after the wave that led there.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flows.engine.commands import Command, InstanceId, PrepareRun, Record, ResumeScripts, StartSoak, StartStep
from flows.engine.definitions import Definitions, FlowSpec
from flows.engine.events import (
    ENDED_BY_ENGINE,
    ElementFinished,
    Event,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    SoakEnded,
    SoakStarted,
)
from flows.engine.execution import Execution
from flows.engine.status import COUNTS_AS_FAILED, Mode, RunState
from flows.plan.scripts import PlanScripts, UsesUnknown
from flows.plan.wave import Plan, PlanWave, StopsAt
from flows.plan.written import Written
from flows.runner.ports import Inventory, ScriptContext, ScriptHost
from flows.runner.preparing import prepare
from flows.script.calls import FlowScripts
from flows.script.planning.budget import TooDear
from flows.script.planning.reach import may_run, site_numbers
from flows.script.planning.signs import UNKNOWN_TEXT

#: Elements that fail in the plan are named in the notes, so many of them.
MAX_NOTES = 10

#: Seconds that a plan may take by the wall clock, whatever it does.
MOST_S: Final = 60.0

#: More elements than a wave can have: a planned wave is never cut by the flow's concurrency.
NO_LIMIT = 1 << 60


_USUAL = gc.get_threshold()


class PlanRefused(Exception):
    """There is no plan: the flow cannot start as things are, or it is too dear to be planned."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a plan may cost: seconds by the wall clock, whatever it does. ``keeps_workers`` leaves the sandbox's
    workers to the next plan; ``is_wanted`` is asked now and then, so that nobody makes a plan that nobody waits for."""

    most_s: float
    keeps_workers: bool = False
    is_wanted: Callable[[], bool] = lambda: True


async def make_plan(
    definitions: Definitions,
    scripts: Mapping[str, FlowScripts],
    flow: str,
    inputs: Mapping[str, Any],
    inventory: Inventory,
    saves: Mapping[str, frozenset[str]] | None = None,
    masked: Callable[[ScriptHost], ScriptHost] = lambda scripts: scripts,
    effort: Effort | None = None,
) -> Plan:
    """The plan of a flow over the elements that it would select now. ``saves`` are the settings that a task may
    write, by its name; ``masked`` hides the secrets of what scripts say.

    Raises ``PlanRefused`` when the run would fail before its first step, and when the plan is too dear to be made.
    """
    effort = effort or Effort(MOST_S)
    host = PlanScripts(scripts, keeps_workers=effort.keeps_workers)
    planning = _Planning(
        _unlimited(definitions), flow, inputs, inventory, host, masked(host), Written(scripts, saves or {}), effort
    )
    try:
        with _few_collections():
            async with asyncio.timeout(effort.most_s):
                await planning.run()
    except TooDear as problem:
        raise PlanRefused(str(problem)) from None
    except TimeoutError:
        raise PlanRefused(
            f"making the plan took longer than {effort.most_s:g} s: narrow it to fewer elements"
        ) from None
    finally:
        await host.close()
    spec = definitions.flows[flow]
    return Plan(
        flow=flow,
        version=spec.version,
        mode=spec.mode,
        concurrency=spec.concurrency,
        elements=planning.elements,
        waves=tuple(planning.waves),
        notes=(*_notes(definitions, flow, planning.flows, planning.soaks), *planning.notes),
        stops_at=planning.stops_at,
    )


@contextmanager
def _few_collections() -> Iterator[None]:
    """A plan makes a million objects that all stay: looking for garbage among them took a third of its time."""
    gc.set_threshold(100 * _USUAL[0], *_USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)


def _unlimited(definitions: Definitions) -> Definitions:
    """Serial flows go one by one, waves are whole, nothing is refreshed."""
    flows = {
        name: replace(spec, concurrency=1 if spec.mode is Mode.SERIAL else NO_LIMIT, refresh=())
        for name, spec in definitions.flows.items()
    }
    return Definitions(flows, definitions.tasks)


def _notes(definitions: Definitions, root: str, flows: Sequence[str], soaks: Mapping[str, int]) -> list[str]:
    notes = []
    for name in flows:
        spec, whose = definitions.flows[name], "" if name == root else f"{name}: "
        if spec.mode is Mode.SERIAL and spec.concurrency > 1:
            notes.append(f"{whose}Serial with concurrency {spec.concurrency} is planned as if it were 1.")
        if spec.refresh:
            notes.append(f"{whose}{_refreshed(spec)} did not run for this plan: it uses the settings as they are.")
        if soaks[name]:
            notes.append(f"{whose}{_soaked(spec.soak, soaks[name])}")
    return notes


def _soaked(seconds: float, times: int) -> str:
    if times == 1:
        return f"Its batches soak for {seconds:g} s, once."
    whole = seconds * times
    told = f"{whole:g} s" if whole < 120 else f"{whole / 60:.3g} min"
    return f"Its batches soak for {seconds:g} s, {times} times: {told} in all."


def _refreshed(spec: FlowSpec) -> str:
    return f"the refresh ({', '.join(spec.refresh)})" if spec.refresh else "the refresh"


@dataclass(slots=True)
class _Planning:
    """An execution on the way to its plan. ``flows`` are those that it has come to, each once."""

    definitions: Definitions
    flow: str
    inputs: Mapping[str, Any]
    inventory: Inventory
    host: PlanScripts
    scripts: ScriptHost
    written: Written
    effort: Effort
    elements: tuple[str, ...] = ()
    waves: list[PlanWave] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    soaks: Counter[str] = field(default_factory=Counter)
    stops_at: StopsAt | None = None
    _execution: Execution = field(init=False)
    _paths: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _last: list[StartStep] = field(default_factory=list)
    _now: float = 0.0

    async def run(self) -> None:
        self._execution = Execution(self.definitions, self.flow, self.inputs)
        until = time.monotonic() + self.effort.most_s
        try:
            while not self._execution.ended:
                self._look_at_clock(until)
                await self._go_on()
        except UsesUnknown as found:
            self.stops_at = self._stop(found)
        except _ChildReads as found:
            self.stops_at = found.stop

    def _look_at_clock(self, until: float) -> None:
        """A plan that waits for nothing gives no timeout a chance."""
        if time.monotonic() > until:
            raise TimeoutError
        if not self.effort.is_wanted():
            raise PlanRefused("nobody waits for this plan any more")

    async def _go_on(self) -> None:
        wishes = self._execution.due()
        starts = [wish for wish in wishes if isinstance(wish, StartStep)]
        if starts:  # in a plan one run steps at a time, and what is due in it is one wave
            self._add_wave(starts)
        for wish in wishes:
            if isinstance(wish, PrepareRun):
                await self._begin_run(wish)
            elif isinstance(wish, StartSoak):
                self.soaks[self._paths[wish.run][-1]] += 1
                await self._apply(SoakStarted(wish.run, wish.batch, self._now))
                await self._apply(SoakEnded(wish.run, wish.batch))
        await self._step(starts)
        if not wishes:
            raise AssertionError(f"the plan of {self.flow} came to rest without an end")

    async def _begin_run(self, wish: PrepareRun) -> None:
        self._look_at_child(wish)
        number = self._execution.next_run_number
        started, elements = await prepare(wish, number, self.definitions, self.inventory, self.scripts)
        self._paths[number] = wish.path
        if wish.flow not in self.flows:
            self.flows.append(wish.flow)
        if wish.parent is None:
            self.elements = started.elements
        if elements:
            run = {"id": 0, "flow": wish.flow, "started_at": ""}  # both unknown: there is none yet
            await self.scripts.begin(ScriptContext(number, wish.flow, elements, started.inputs, run))
        await self._apply(started)

    def _look_at_child(self, wish: PrepareRun) -> None:
        """A child that reads context which an earlier step may have written ends the plan."""
        if wish.parent is None or wish.site is None:
            return
        names = {name for caller, passed in wish.callers for name in ((caller,) if passed is None else passed)}
        reason = self.written.read_by(wish.flow, names)
        if reason:
            path, site = wish.path[:-1], wish.site
            line = self.definitions.flows[path[-1]].sites[site - 1].line
            raise _ChildReads(StopsAt(path, line, site, reason, self._after(path[-1], site)))

    async def _step(self, starts: Sequence[StartStep]) -> None:
        """Steps succeed at once; those that the engine itself ends, child flows and approvals, only start."""
        if starts and self._may_look_ahead(starts[0]):
            await self._step_ahead(starts[0])
        elif starts:
            await self._carry_out(self._execution.succeed_all(starts), None)

    def _may_look_ahead(self, start: StartStep) -> bool:
        """True where the calls of the script itself are told: where secrets are hidden, each is masked in its turn."""
        is_serial = self.definitions.flows[start.path[-1]].mode is Mode.SERIAL
        return is_serial and self.scripts is self.host and start.call.step not in ENDED_BY_ENGINE

    async def _step_ahead(self, start: StartStep) -> None:
        """In a Serial run nothing comes between the steps of a script: they are taken in together."""
        instance = InstanceId(start.key.run, start.key.element)
        starts, commands = self._execution.succeed_in_turn(start, self.host.calls_ahead(instance))
        self.host.pass_over(instance, len(starts))
        elements = (start.key.element,)
        for following in starts:
            self.written.by((following,))
            self.waves.append(_wave_of_one(len(self.waves) + 1, following, elements))
        self._last = starts[-1:] or [start]
        await self._carry_out(commands, None)

    async def _apply(self, event: Event) -> None:
        await self._carry_out(self._execution.apply(event, self._now), event)

    async def _carry_out(self, commands: Sequence[Command], event: Event | None) -> None:
        while commands:
            following: list[Record | ResumeScripts] = []
            for command in commands:
                if isinstance(command, ResumeScripts):
                    following += self._execution.scripts_paused(await self.scripts.resume(command.items))
                elif isinstance(command, Record):
                    await self._recorded(command, event)
            commands = following

    async def _recorded(self, command: Record, event: Event | None) -> None:
        match command.fact:
            case RunFinished() as fact:
                if _never_began(event, fact):
                    raise PlanRefused(fact.reason)
                await self.scripts.end(fact.run)
            case ElementFinished() as fact if fact.state in COUNTS_AS_FAILED and len(self.notes) < MAX_NOTES:
                self.notes.append(f"{fact.element} fails: {_shown(fact.message)}")
            case QuestionAsked(question=number):
                await self._apply(QuestionAnswered(number, "approve", by=""))
            case _:
                pass

    # --- the waves ------------------------------------------------------------------------------------------------

    def _add_wave(self, wave: Sequence[StartStep]) -> None:
        self.written.by(wave)
        if self._is_same_wave(wave):
            self.waves.pop()
            wave = [*self._last, *wave]
        self._last = list(wave)
        self.waves.append(_wave(len(self.waves) + 1, wave))

    def _is_same_wave(self, wave: Sequence[StartStep]) -> bool:
        """True for the rest of a wave whose steps on one element run one at a time (R27)."""
        first, last = wave[0], self._last[0] if self._last else None
        if last is None or _place(first) != _place(last):
            return False
        if first.call.step != "run_task" or self.definitions.flows[first.path[-1]].mode is Mode.SERIAL:
            return False
        stood_before = {start.target for start in self._last}
        return all(start.target in stood_before for start in wave) and not (
            {start.key.element for start in wave} & {start.key.element for start in self._last}
        )

    # --- where it stops -------------------------------------------------------------------------------------------

    def _stop(self, found: UsesUnknown) -> StopsAt:
        path, use = self._paths[found.instance.run], found.use
        program = self.host.program(path[-1])
        numbers = site_numbers(program.source, {site.offset: site.number for site in program.sites})
        reason = f"line {use.line} uses {use.what}, which nobody knows before it runs"
        return StopsAt(path, use.line, use.site, reason, may_run(program.source, numbers, use.node))

    def _after(self, flow: str, site: int) -> tuple[int, ...]:
        """The sites that may follow a site."""
        program = self.host.program(flow)
        numbers = site_numbers(program.source, {found.offset: found.number for found in program.sites})
        call = next(call for call, number in numbers.items() if number == site)
        return may_run(program.source, numbers, call, after=True)


class _ChildReads(Exception):
    def __init__(self, stop: StopsAt) -> None:
        super().__init__(stop.reason)
        self.stop = stop


def _place(start: StartStep) -> tuple[int, int, int]:
    return start.key.run, start.key.site, start.batch


def _wave(n: int, wave: Sequence[StartStep]) -> PlanWave:
    first = wave[0]
    if len(wave) == 1:
        return _wave_of_one(n, first, (first.key.element,))
    elements = tuple([start.key.element for start in wave])
    name, names = _shared([start.call.name for start in wave], elements)
    target, targets = _shared([_target(start) for start in wave], elements)
    return PlanWave(
        n=n,
        depth=len(first.path) - 1,
        path=first.path,
        site=first.key.site,
        turn=max([start.key.turn for start in wave]),
        step=first.call.step,
        name=name,
        line=first.line,
        elements=elements,
        batch=first.batch,
        target=target,
        names=names,
        targets=targets,
    )


def _wave_of_one(n: int, start: StartStep, elements: tuple[str, ...]) -> PlanWave:
    key, call, path = start.key, start.call, start.path
    return PlanWave(
        n,
        len(path) - 1,
        path,
        key.site,
        key.turn,
        call.step,
        call.name,
        start.line,
        elements,
        start.batch,
        _target(start),
    )


def _shared(
    values: Sequence[str | None], elements: tuple[str, ...]
) -> tuple[str | None, Mapping[str, str | None] | None]:
    """The value that all have, or what each has."""
    first = values[0]
    if values.count(first) == len(values):
        return first, None
    return None, dict(zip(elements, values, strict=True))


def _target(start: StartStep) -> str | None:
    target = start.call.element
    return None if target == start.key.element else target


def _never_began(event: Event | None, fact: RunFinished) -> bool:
    """True when the root run fails before its first step."""
    is_root = isinstance(event, RunStarted) and fact.run == 0 and not event.elements
    return is_root and fact.status is RunState.FAILED


def _shown(message: str) -> str:
    return (
        "a message that is not known before it runs" if message == UNKNOWN_TEXT else message.replace(UNKNOWN_TEXT, "…")
    )
