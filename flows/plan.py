"""The plan of a flow: the waves that will run if every step succeeds, found by running the engine itself (R40).

Scripts run in the same sandbox; only the executor is another: it succeeds, at once, and touches nothing. What a step
returns beyond its success is unknown: where it is only told (a message, an input of a task) the plan goes on; a script
that may decide by it is refused, never guessed about.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flows.engine.commands import PrepareRun, Record, ResumeScripts, StartStep
from flows.engine.definitions import Definitions, FlowSpec
from flows.engine.events import ElementFinished, Event, Outcome, RunFinished, RunStarted, StepFinished, StepStarted
from flows.engine.execution import Execution
from flows.engine.status import COUNTS_AS_FAILED, Mode, RunState, StepStatus
from flows.runner.ports import Inventory, ScriptContext, ScriptHost
from flows.runner.preparing import prepare
from flows.script.results import Reads

#: What a script sees of its run before there is one; it may only tell it.
NO_RUN = {"id": 0, "started_at": ""}
#: Elements that fail in the plan are named in the notes, so many of them.
MAX_NOTES = 10

#: More elements than a wave can have: a planned wave is never cut by the flow's concurrency.
NO_LIMIT = 1 << 60


class PlanRefused(Exception):
    """There is no plan: the flow cannot start as things are, or its script decides by results."""


@dataclass(frozen=True, slots=True)
class PlanWave:
    """One wave, as ``plan --json`` tells it; ``n`` and ``site`` count from 1, ``turn`` is the largest of the wave.

    ``name`` is None where it differs between the elements, with ``names`` that map each element to its own, and for a
    message that holds something unknown.
    """

    n: int
    depth: int
    path: tuple[str, ...]
    site: int
    turn: int
    step: str
    name: str | None
    line: int
    elements: tuple[str, ...]
    batch: int = 1
    target: str | None = None
    names: Mapping[str, str | None] | None = None

    def to_json(self) -> dict[str, Any]:
        """The public form; ``names`` only where it says something."""
        told = asdict(self)
        return told if self.names is not None else {key: value for key, value in told.items() if key != "names"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs, in order, if nothing fails. ``notes`` say in words where the plan simplifies."""

    flow: str
    version: int
    mode: Mode
    concurrency: int
    elements: tuple[str, ...]
    waves: tuple[PlanWave, ...]
    notes: tuple[str, ...] = ()
    complete: bool = True
    stops_at: None = None

    @property
    def hash(self) -> str:
        """Equal for equal plans: SHA-256 of the flow's version, elements and waves."""
        text = json.dumps([self.flow, self.version, self.elements, [wave.to_json() for wave in self.waves]])
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The form of ``plan --json``."""
        return {
            "flow": self.flow,
            "version": self.version,
            "mode": str(self.mode),
            "concurrency": self.concurrency,
            "elements": list(self.elements),
            "complete": self.complete,
            "stops_at": self.stops_at,
            "hash": self.hash,
            **({"notes": list(self.notes)} if self.notes else {}),
            "waves": [wave.to_json() for wave in self.waves],
        }


async def make_plan(
    definitions: Definitions,
    reads: Mapping[str, Reads],
    flow: str,
    inputs: Mapping[str, Any],
    inventory: Inventory,
    scripts: ScriptHost,
) -> Plan:
    """The plan of a flow over the elements that it would select now. ``reads`` tells how each flow's script reads
    results.

    Raises ``PlanRefused`` when the run would fail before its first step, or a script on the way may decide by results.
    """
    spec = definitions.flows[flow]
    planning = _Planning(_unlimited(definitions), reads, flow, inputs, inventory, scripts)
    await planning.run()
    return Plan(
        flow=flow,
        version=spec.version,
        mode=spec.mode,
        concurrency=spec.concurrency,
        elements=planning.elements,
        waves=tuple(planning.waves),
        notes=(*_notes(spec), *planning.notes),
    )


def _unlimited(definitions: Definitions) -> Definitions:
    """Serial flows go one by one, waves are whole."""
    flows = {
        name: replace(spec, concurrency=1 if spec.mode is Mode.SERIAL else NO_LIMIT)
        for name, spec in definitions.flows.items()
    }
    return Definitions(flows, definitions.tasks)


def _notes(spec: FlowSpec) -> tuple[str, ...]:
    if spec.mode is Mode.SERIAL and spec.concurrency > 1:
        return (f"Serial with concurrency {spec.concurrency} is planned as if it were 1.",)
    return ()


@dataclass(slots=True)
class _Planning:
    """An execution on the way to its plan."""

    definitions: Definitions
    reads: Mapping[str, Reads]
    flow: str
    inputs: Mapping[str, Any]
    inventory: Inventory
    scripts: ScriptHost
    elements: tuple[str, ...] = ()
    waves: list[PlanWave] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _execution: Execution = field(init=False)
    _now: float = 0.0

    async def run(self) -> None:
        self._execution = Execution(self.definitions, self.flow, self.inputs)
        while not self._execution.ended:
            commands = self._execution.due()
            starts = [command for command in commands if isinstance(command, StartStep)]
            if starts:  # in a plan one run steps at a time, and what is due in it is one wave
                self._add_wave(starts)
            for command in commands:
                if isinstance(command, PrepareRun):
                    await self._begin_run(command)
            await self._step(starts)
            if not commands:
                raise AssertionError(f"the plan of {self.flow} came to rest without an end")

    async def _begin_run(self, command: PrepareRun) -> None:
        self._refuse_readers(command.flow)
        number = self._execution.next_run_number
        started, elements = await prepare(command, number, self.definitions, self.inventory, self.scripts)
        if command.parent is None:
            self.elements = started.elements
        if elements:
            run = {**NO_RUN, "flow": command.flow}
            await self.scripts.begin(ScriptContext(number, command.flow, elements, command.inputs, run))
        await self._apply(started)

    def _refuse_readers(self, flow: str) -> None:
        for found in self.reads[flow].beyond[:1]:
            raise PlanRefused(
                f"{flow}, line {found.line}: {found.what}; this release plans only scripts that do not decide by it"
            )

    async def _step(self, starts: Sequence[StartStep]) -> None:
        for start in starts:
            call = start.call
            until = self._now if call.step == "sleep" else None
            await self._apply(StepStarted(start.key, call.step, call.name, start.line, start.path, start.target, until))
        for start in starts:
            if start.call.step != "run_flow":
                await self._apply(_succeeded(start))

    async def _apply(self, event: Event) -> None:
        commands = self._execution.apply(event, self._now)
        while commands:
            following: list[Record | ResumeScripts] = []
            for command in commands:
                if isinstance(command, ResumeScripts):
                    following += self._execution.scripts_paused(await self.scripts.resume(command.items))
                elif isinstance(command.fact, RunFinished):
                    await self._run_finished(command.fact, event)
                elif isinstance(command.fact, ElementFinished):
                    self._note_failure(command.fact)
            commands = following

    async def _run_finished(self, fact: RunFinished, event: Event) -> None:
        if isinstance(event, RunStarted) and fact.run == 0 and fact.status is RunState.FAILED and not event.elements:
            raise PlanRefused(fact.reason)
        await self.scripts.end(fact.run)

    def _note_failure(self, fact: ElementFinished) -> None:
        """Scripts may fail their element in the plan too, by ``fail`` or by an error."""
        if fact.state in COUNTS_AS_FAILED and len(self.notes) < MAX_NOTES:
            self.notes.append(f"{fact.element} fails: {fact.message}")

    def _add_wave(self, wave: Sequence[StartStep]) -> None:
        first = wave[0]
        names = {start.key.element: start.call.name for start in wave}
        is_unknown = first.key.site in self.reads[first.path[-1]].unknown_messages
        same = len(set(names.values())) == 1
        self.waves.append(
            PlanWave(
                n=len(self.waves) + 1,
                depth=len(first.path) - 1,
                path=first.path,
                site=first.key.site,
                turn=max(start.key.turn for start in wave),
                step=first.call.step,
                name=first.call.name if same and not is_unknown else None,
                line=first.line,
                elements=tuple(start.key.element for start in wave),
                names=None if same or is_unknown else names,
            )
        )


def _succeeded(start: StartStep) -> StepFinished:
    exit_code = 0 if start.call.step == "run_task" else None
    outcome = Outcome(StepStatus.SUCCEEDED, exit_code=exit_code)
    call = start.call
    return StepFinished(start.key, call.step, call.name, start.line, start.path, outcome, start.target)
