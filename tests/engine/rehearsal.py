"""A synchronous driver for engine tests: virtual time, outcomes from a table, the order of everything written down."""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.engine.commands import (
    Command,
    EndWait,
    InstanceId,
    OrderElements,
    PrepareRun,
    Record,
    ResumeScripts,
    Return,
    StartSoak,
    StartStep,
    TerminateStep,
    WaitForTimer,
)
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    Outcome,
    QuestionAnswered,
    RunFinished,
    RunStarted,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.execution import Execution
from flows.engine.status import RunState, StepStatus
from tests.engine.programs import Library, Walker

Outcomes = Callable[[str, str, int], Outcome]
"""(task, element, attempt) to outcome."""

OK = Outcome(StepStatus.SUCCEEDED)
BAD = Outcome(StepStatus.FAILED, "exit 1", exit_code=1)


def all_succeed(task: str, element: str, attempt: int) -> Outcome:
    """Nothing goes wrong."""
    return OK


@dataclass
class Rehearsal:
    """Drives one root run. ``duration`` gives each attempt its virtual seconds; ties go in start order.

    ``process`` stands for the processing scripts: from flow and elements to those that are left, in order. ``saved``
    are the settings that ``set_context`` stored, ``starts`` the commands that began a step, and ``seen`` gets every
    value that a script was given.
    """

    library: Library
    root: str
    elements: Sequence[str]
    outcomes: Outcomes = all_succeed
    duration: Callable[[str, str, int], float] = lambda task, element, attempt: 1.0
    enabled: Sequence[str] | None = None
    process: Callable[[str, Sequence[str]], Sequence[str]] = lambda flow, elements: elements
    seed: str = "seed"
    seen: list[Any] | None = None
    journal: list[tuple[float, Event]] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.execution = Execution(self.library.definitions, self.root, {})
        self.walkers: dict[InstanceId, Walker] = {}
        self.flows: dict[int, str] = {}
        self.arrivals: list[tuple[float, int, Event | StepKey]] = []
        self.under_way: dict[StepKey, StartStep] = {}
        self.count = 0
        self.recorded: Counter[str] | None = None
        self.most_at_once = 0
        self.starts: list[StartStep] = []
        self.saved: dict[str, dict[str, Any]] = {}

    # --- driving --------------------------------------------------------------------------------------------------

    def run(self) -> RunState:
        """To the end, or until nothing more will happen."""
        while self.do_due() or self.arrive():
            pass
        return self.execution.state

    def run_until(self, at: float) -> RunState:
        """Everything that happens until this virtual time."""
        while self.do_due() or (self.arrivals and self.arrivals[0][0] <= at and self.arrive()):
            pass
        return self.execution.state

    def do_due(self) -> bool:
        """Carry out what is due; False if nothing was."""
        commands = self.execution.due()
        for command in commands:
            self.carry_out(command)
        return bool(commands)

    def carry_out(self, command: Command) -> None:
        match command:
            case PrepareRun():
                self.take(self._run_started(command))
            case OrderElements():
                self._order(command)
            case StartSoak(run, batch, seconds):
                self.take(SoakStarted(run, batch, self.now + seconds))
            case StartStep():
                self._start(command)
            case WaitForTimer(key, due_at):
                self._arrive_at(due_at, key)
            case TerminateStep(key):
                self._end(key, Outcome(StepStatus.CANCELLED, "cancelled"))
            case EndWait(key):
                self._end(key, OK)

    def arrive(self) -> bool:
        """The next thing in virtual time; False if nothing is on its way."""
        while self.arrivals:
            at, _, arrival = heapq.heappop(self.arrivals)
            if self._is_stale(arrival):
                continue
            self.now = at
            if isinstance(arrival, StepKey) and arrival not in self.under_way:
                self._timer_over(arrival)
            elif isinstance(arrival, StepKey):
                self.take(self._finished(self.under_way.pop(arrival), OK))
            else:
                if isinstance(arrival, StepFinished):
                    del self.under_way[arrival.key]
                self.take(arrival)
            return True
        return False

    def _timer_over(self, key: StepKey) -> None:
        """What a driver does when the time has come that it was told to wait for."""
        question = self.execution.question_of(key)
        if question is not None:
            self.take(QuestionAnswered(question, "timed_out", ""))
        elif not key.element:
            self.take(SoakEnded(key.run, key.turn))
        else:
            self.execution.timer_fired(key)

    def _is_stale(self, arrival: Event | StepKey) -> bool:
        """An outcome of an attempt that was ended before, or a timer that nobody waits for."""
        if isinstance(arrival, StepFinished):
            return arrival.key not in self.under_way
        if isinstance(arrival, StepKey):
            return arrival not in self.under_way and arrival not in self.execution.unfinished_timers()
        return False

    def signal(self, at: float, event: Event) -> None:
        """Have an operator's signal arrive at a virtual time."""
        self._arrive_at(at, event)

    def take(self, event: Event) -> None:
        """Journal an event, then apply it with its script rounds."""
        self.journal.append((self.now, event))
        self._settle(self.execution.apply(event, self.now))

    def _settle(self, commands: Sequence[Record | ResumeScripts]) -> None:
        pending = list(commands)
        while pending:
            command = pending.pop(0)
            if isinstance(command, Record):
                self._record(command.fact)
            else:
                if self.seen is not None:
                    self.seen += [item.resume.value for item in command.items if isinstance(item.resume, Return)]
                answers = [self._walker(item.instance).resume(item) for item in command.items]
                pending.extend(self.execution.scripts_paused(answers))

    def _record(self, fact: Event) -> None:
        if self.recorded is not None and self.recorded[repr(fact)] > 0:
            self.recorded[repr(fact)] -= 1
            return
        self.journal.append((self.now, fact))

    def _walker(self, instance: InstanceId) -> Walker:
        if instance not in self.walkers:
            self.walkers[instance] = Walker(instance, self.library.programs[self.flows[instance.run]])
        return self.walkers[instance]

    def _run_started(self, prepare: PrepareRun) -> RunStarted:
        enabled = self.elements if self.enabled is None else self.enabled
        lists = {caller: [caller] if passed is None else list(passed) for caller, passed in prepare.callers}
        unknown = [name for names in lists.values() for name in names if name not in enabled]
        good = [names for names in lists.values() if not set(names) & set(unknown)]
        union = list(dict.fromkeys(name for names in good for name in names))
        selected = list(self.elements if prepare.parent is None else union)
        refreshing = bool(selected and self.library.definitions.flows[prepare.flow].refresh)
        ordered = selected if refreshing else self.process(prepare.flow, selected)
        number = self.execution.next_run_number
        self.flows[number] = prepare.flow
        return RunStarted(
            run=number,
            flow=prepare.flow,
            version=1,
            mode=self.library.definitions.flows[prepare.flow].mode,
            elements=tuple(ordered),
            skipped=tuple(name for name in selected if name not in ordered),
            unknown=tuple(dict.fromkeys(unknown)),
            inputs=prepare.inputs,
            parent=prepare.parent,
            site=prepare.site,
            turn=prepare.turn,
            callers=tuple(caller for caller, _ in prepare.callers),
            path=prepare.path,
            refreshing=refreshing,
            seed=self.seed,
        )

    def _order(self, command: OrderElements) -> None:
        started = next(e for _, e in self.journal if isinstance(e, RunStarted) and e.run == command.run)
        left = [name for name in started.elements if name not in command.without]
        ordered = self.process(started.flow, left)
        skipped = tuple(name for name in left if name not in ordered)
        self.take(ElementsOrdered(command.run, tuple(ordered), skipped))

    def _start(self, start: StartStep) -> None:
        self.starts.append(start)
        until = self.now + start.call.seconds if start.call.step == "sleep" else None
        if start.call.step == "approve" and start.call.timeout is not None:
            until = self.now + start.call.timeout
        self.take(StepStarted(start.key, start.call.step, start.call.name, start.line, start.path, start.target, until))
        match start.call.step:
            case "run_task":
                self.under_way[start.key] = start
                self.most_at_once = max(self.most_at_once, len(self.under_way))
                outcome = self.outcomes(start.call.name or "", start.key.element, start.key.attempt)
                took = self.duration(start.call.name or "", start.key.element, start.key.attempt)
                self._arrive_at(self.now + took, self._finished(start, outcome))
            case "sleep":
                self.under_way[start.key] = start
            case "log" | "set_context" | "get_context":
                self.under_way[start.key] = start
                self._arrive_at(self.now, self._finished(start, self._at_once(start)))

    def _at_once(self, start: StartStep) -> Outcome:
        settings = self.saved.setdefault(start.target, {})
        match start.call.step:
            case "set_context":
                change = {start.call.inputs["key"]: start.call.inputs["value"]}
                settings.update(change)
                return Outcome(StepStatus.SUCCEEDED, result={"settings": change})
            case "get_context":
                return Outcome(StepStatus.SUCCEEDED, result={"context": dict(settings)})
            case _:
                return OK

    def _end(self, key: StepKey, outcome: Outcome) -> None:
        start = self.under_way.pop(key, None)
        if start is not None:
            self._arrive_at(self.now, self._finished(start, outcome))
            self.under_way[key] = start

    def _finished(self, start: StartStep, outcome: Outcome) -> StepFinished:
        return StepFinished(start.key, start.call.step, start.call.name, start.line, start.path, outcome, start.target)

    def _arrive_at(self, at: float, arrival: Event | StepKey) -> None:
        self.count += 1
        heapq.heappush(self.arrivals, (at, self.count, arrival))

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def order(self) -> str:
        """Task steps in the order of their starts: ``A1 A2 B1`` for task and the digits of the element."""
        starts = [event for _, event in self.journal if isinstance(event, StepStarted) and event.step == "run_task"]
        return " ".join(f"{event.name}{event.key.element.lstrip('E')}" for event in starts)

    @property
    def waves(self) -> str:
        """As R26 writes it: ``A1·A2 B1`` where steps overlapped in time, in element order."""
        told: list[str] = []
        open_steps: set[StepKey] = set()
        for _, event in self.journal:
            if isinstance(event, StepStarted) and event.step == "run_task":
                label = f"{event.name}{event.key.element.lstrip('E')}"
                if open_steps:
                    told[-1] += f"·{label}"
                else:
                    told.append(label)
                open_steps.add(event.key)
            elif isinstance(event, StepFinished):
                open_steps.discard(event.key)
        return " ".join(told)

    @property
    def told(self) -> str:
        """As ``waves``, with the targets of steps on other elements: ``A1>3``; refresh steps have a dot: ``.A1``."""
        return " ".join(
            f"{'' if event.key.site else '.'}{event.name}{event.key.element.lstrip('E')}"
            + (f">{event.target.lstrip('E')}" if event.target and event.target != event.key.element else "")
            for _, event in self.journal
            if isinstance(event, StepStarted) and event.step == "run_task"
        )

    def states(self, run: int = 0) -> dict[str, str]:
        """The final state of each element of a run."""
        facts = [event for _, event in self.journal if isinstance(event, ElementFinished) and event.run == run]
        return {fact.element: str(fact.state) for fact in facts}

    def finished(self, run: int = 0) -> RunFinished:
        """How a run ended."""
        return next(event for _, event in self.journal if isinstance(event, RunFinished) and event.run == run)

    def outcomes_of(self, step: str) -> list[tuple[str, int, str]]:
        """(element, attempt, status) of every outcome of this kind of step, in order."""
        events = [event for _, event in self.journal if isinstance(event, StepFinished) and event.step == step]
        return [(event.key.element, event.key.attempt, str(event.outcome.status)) for event in events]
