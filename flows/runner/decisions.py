"""What the engine wants at one moment, turned into the events of the next commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.engine.commands import (
    EndWait,
    OrderElements,
    PrepareRun,
    StartSoak,
    StartStep,
    TerminateStep,
    WaitForTimer,
)
from flows.engine.definitions import Definitions
from flows.engine.events import Event, Outcome, SoakStarted, StepFinished, StepKey, StepStarted
from flows.engine.execution import Execution
from flows.engine.status import StepStatus
from flows.runner.outcomes import kept
from flows.runner.ports import ElementDict, Inventory, ScriptHost
from flows.runner.preparing import order, prepare
from flows.runner.rounds import Rounds
from flows.runner.steps import Steps, finished


@dataclass(frozen=True, slots=True)
class Means:
    """What decisions are made with. ``seed`` is the root's: the jitter of its retries comes from it (R28)."""

    rounds: Rounds
    steps: Steps
    definitions: Definitions
    inventory: Inventory
    scripts: ScriptHost
    seed: str

    @property
    def execution(self) -> Execution:
        """The engine."""
        return self.rounds.execution


@dataclass(slots=True)
class Decisions:
    """Filled once by ``take``. ``facts`` were derived before and go first."""

    facts: list[Event]
    starts: list[Event] = field(default_factory=list)
    ended_early: list[StepFinished] = field(default_factory=list)
    elements: dict[int, Sequence[ElementDict]] = field(default_factory=dict)
    attempts: list[StartStep] = field(default_factory=list)
    timers: list[tuple[StepKey, float]] = field(default_factory=list)
    terminated: list[StepKey] = field(default_factory=list)
    _readers: list[StepStarted] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """To be committed in this order: facts, starts, then outcomes that are known at once."""
        return [*self.facts, *self.starts, *self.ended_early]

    async def take(self, means: Means, now: float) -> None:
        """Ask the engine what is due and note it; runs are prepared on the way. ``now`` is when waits begin."""
        number = means.execution.next_run_number
        for command in means.execution.due():
            match command:
                case StartStep():
                    self._start(command, now)
                case PrepareRun():
                    await self._prepare(command, number, means)
                    number += 1
                case OrderElements():
                    await self._order(command, means)
                case StartSoak():
                    self.starts.append(SoakStarted(command.run, command.batch, now + command.seconds))
                case WaitForTimer():
                    self.timers.append((command.key, command.due_at))
                case EndWait():
                    self._end_wait(means.steps.finished(command.key, Outcome(StepStatus.SUCCEEDED)))
                case TerminateStep() if means.steps.is_sleep(command.key):
                    cancelled = Outcome(StepStatus.CANCELLED, reason="cancelled")
                    self._end_wait(means.steps.finished(command.key, cancelled))
                case TerminateStep():
                    self.terminated.append(command.key)
        await self._read_contexts(means.inventory)

    async def _prepare(self, command: PrepareRun, number: int, means: Means) -> None:
        started, elements = await prepare(
            command, number, means.definitions, means.inventory, means.scripts, means.seed
        )
        self.starts.append(started)
        self.elements[number] = elements

    async def _order(self, command: OrderElements, means: Means) -> None:
        started, selected = means.rounds.started(command.run), means.rounds.selected(command.run)
        ordered, elements = await order(command, started, selected, means.inventory, means.scripts)
        self.starts.append(ordered)
        self.elements[command.run] = elements

    def _start(self, command: StartStep, now: float) -> None:
        call = command.call
        started = StepStarted(
            key=command.key,
            step=call.step,
            name=call.name,
            line=command.line,
            path=command.path,
            target=command.target,
            until=_until(command, now),
        )
        self.starts.append(started)
        match call.step:
            case "run_task":
                self.attempts.append(command)
            case "log":
                self._ends_at_once(started, {})
            case "set_context":
                self._ends_at_once(started, {"settings": {call.inputs["key"]: call.inputs["value"]}})
            case "get_context":
                self._readers.append(started)

    async def _read_contexts(self, inventory: Inventory) -> None:
        """All ``get_context`` steps that start together cost one look into the inventory."""
        if not self._readers:
            return
        contexts = await inventory.contexts(list(dict.fromkeys(started.key.element for started in self._readers)))
        for started in self._readers:
            name = started.key.element
            if name in contexts:
                self._ends_at_once(started, {"context": contexts[name]})
            else:
                gone = Outcome(
                    StepStatus.FAILED, f"no enabled element is named {name!r}", "Enable it, or leave it out."
                )
                self.ended_early.append(finished(started, gone))

    def _ends_at_once(self, started: StepStarted, result: dict[str, Any]) -> None:
        outcome = kept(Outcome(StepStatus.SUCCEEDED, result=result), is_read=True)
        self.ended_early.append(finished(started, outcome))

    def _end_wait(self, event: StepFinished | None) -> None:
        """The sleep ends at once, unless its own end has just arrived."""
        if event is not None:
            self.ended_early.append(event)


def _until(command: StartStep, now: float) -> float | None:
    """When a sleep ends, or an approval times out (R14)."""
    match command.call.step:
        case "sleep":
            return now + command.call.seconds
        case "approve":
            return now + (command.call.timeout or 0.0)
        case _:
            return None
