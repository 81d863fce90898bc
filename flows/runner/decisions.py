"""What the engine wants at one moment, turned into the events of the next commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.engine.commands import EndWait, PrepareRun, StartStep, TerminateStep, WaitForTimer
from flows.engine.definitions import Definitions
from flows.engine.events import Event, Outcome, StepFinished, StepKey, StepStarted
from flows.engine.execution import Execution
from flows.engine.status import StepStatus
from flows.runner.ports import ElementDict, Inventory, ScriptHost
from flows.runner.preparing import prepare
from flows.runner.steps import Steps, finished


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

    @property
    def events(self) -> list[Event]:
        """To be committed in this order: facts, starts, then outcomes that are known at once."""
        return [*self.facts, *self.starts, *self.ended_early]

    async def take(
        self,
        execution: Execution,
        steps: Steps,
        definitions: Definitions,
        inventory: Inventory,
        scripts: ScriptHost,
        now: float,
    ) -> None:
        """Ask the engine what is due and note it; runs are prepared on the way. ``now`` is when sleeps begin."""
        number = execution.next_run_number
        for command in execution.due():
            match command:
                case StartStep():
                    self._start(command, now)
                case PrepareRun():
                    started, elements = await prepare(command, number, definitions, inventory, scripts)
                    self.starts.append(started)
                    self.elements[number] = elements
                    number += 1
                case WaitForTimer():
                    self.timers.append((command.key, command.due_at))
                case EndWait():
                    self._end_wait(steps.finished(command.key, Outcome(StepStatus.SUCCEEDED)))
                case TerminateStep() if steps.is_sleep(command.key):
                    self._end_wait(steps.finished(command.key, Outcome(StepStatus.CANCELLED, reason="cancelled")))
                case TerminateStep():
                    self.terminated.append(command.key)

    def _start(self, command: StartStep, now: float) -> None:
        call = command.call
        started = StepStarted(
            key=command.key,
            step=call.step,
            name=call.name,
            line=command.line,
            path=command.path,
            target=command.target,
            until=now + call.seconds if call.step == "sleep" else None,
        )
        self.starts.append(started)
        if call.step == "run_task":
            self.attempts.append(command)
        elif call.step == "log":
            self.ended_early.append(finished(started, Outcome(StepStatus.SUCCEEDED)))

    def _end_wait(self, event: StepFinished | None) -> None:
        """The sleep ends at once, unless its own end has just arrived."""
        if event is not None:
            self.ended_early.append(event)
