"""Plays events into the engine, with the rounds of scripts between them. The same for a live run and a replay."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flows.engine.commands import (
    Ended,
    InstanceId,
    Record,
    ResumeScripts,
    Resumption,
    Return,
    ScriptAnswer,
    Verdict,
)
from flows.engine.definitions import Definitions
from flows.engine.events import (
    NO_SITE,
    ElementsOrdered,
    Event,
    Input,
    LimitExceeded,
    RunFinished,
    RunStarted,
    StepFinished,
    StepKey,
)
from flows.engine.execution import Execution
from flows.runner.events import is_input
from flows.runner.ports import ElementDict, ScriptContext, ScriptHost

Answer = Record | ResumeScripts
"""What the engine answers an event with."""


class Rounds:
    """An execution with its script host."""

    def __init__(
        self, run_id: Callable[[int], int], execution: Execution, definitions: Definitions, scripts: ScriptHost
    ) -> None:
        """``run_id`` gives the id by which scripts know the run with a number."""
        self.execution = execution
        self._run_id = run_id
        self._definitions = definitions
        self._scripts = scripts
        self._resumptions: Counter[InstanceId] = Counter()
        self._judged: dict[tuple[InstanceId, int], Verdict] = {}
        self._runs: dict[int, tuple[RunStarted, Mapping[str, Any]]] = {}
        self._selected: dict[int, Sequence[ElementDict]] = {}
        self._begun: set[int] = set()

    async def play(
        self, events: Iterable[tuple[float, Event]], elements: Mapping[int, Sequence[ElementDict]]
    ) -> list[Event]:
        """Apply the inputs among the events, each with its time, in their order; run the scripts that go on.

        ``elements`` has the dicts of the runs that start, or are ordered, among them. Returns the facts that follow, in
        order.
        """
        facts: list[Event] = []
        for at, group in self._grouped(events):
            first = group[0]
            if isinstance(first, RunStarted):
                await self._start(first, at, elements.get(first.run, ()))
            elif isinstance(first, ElementsOrdered):
                await self._begin(first.run, elements.get(first.run, ()))
            commands = self._apply(group, at)
            while commands:
                commands = await self._answer(commands, facts)
        for fact in facts:
            if isinstance(fact, RunFinished):
                await self._end(fact.run)
        return facts

    def expect_limits(self, recorded: Iterable[LimitExceeded]) -> None:
        """Where scripts exceeded a limit before: there they are not run again."""
        for event in recorded:
            verdict = Verdict("limit", event.message, event.line)
            self._judged[InstanceId(event.run, event.element), event.resumption] = verdict

    def uses_result(self, key: StepKey) -> bool:
        """Whether the script reads what this step returns; a ``refresh`` step has no script (R3)."""
        if key.site == NO_SITE:
            return False
        return self._definitions.flows[self._runs[key.run][0].flow].sites[key.site - 1].uses_result

    def started(self, run: int) -> RunStarted:
        """How this run started; KeyError if it has not, or has ended."""
        return self._runs[run][0]

    def selected(self, run: int) -> Sequence[ElementDict]:
        """The elements that a refreshing run was started with, until they are ordered (R3)."""
        return self._selected.get(run, ())

    def variable(self, run: int) -> Mapping[str, Any]:
        """What scripts and templates see as ``run`` (R8)."""
        return self._runs[run][1]

    def _apply(self, group: Sequence[Input], at: float) -> Sequence[Answer]:
        if len(group) == 1:
            return self.execution.apply(group[0], at)
        return self.execution.apply_many([event for event in group if isinstance(event, StepFinished)], at)

    async def _answer(
        self, commands: Sequence[Record | ResumeScripts], facts: list[Event]
    ) -> list[Record | ResumeScripts]:
        """Note the facts, run the scripts, and return what the engine wants then."""
        following: list[Answer] = []
        for command in commands:
            if isinstance(command, Record):
                facts.append(command.fact)
            else:
                following += self.execution.scripts_paused(await self._resume(command.items, facts))
        return following

    async def _resume(self, items: Sequence[Resumption], facts: list[Event]) -> list[ScriptAnswer]:
        """Run the scripts, except those of which the journal says that they exceeded a limit here (R37)."""
        self._resumptions.update(item.instance for item in items)
        known = {item.instance: self._judged.get((item.instance, self._resumptions[item.instance])) for item in items}
        running = [self._with_run_id(item) for item in items if known[item.instance] is None]
        answers = iter(await self._scripts.resume(running)) if running else iter(())
        told = [Ended(item.instance, known[item.instance]) if known[item.instance] else next(answers) for item in items]
        facts += [self._limit_exceeded(answer) for answer in told if _exceeded_limit(answer)]
        return told

    def _limit_exceeded(self, answer: ScriptAnswer) -> LimitExceeded:
        instance, verdict = answer.instance, answer.verdict
        assert verdict is not None
        nth = self._resumptions[instance]
        return LimitExceeded(instance.run, instance.element, nth, verdict.message, verdict.line)

    def _with_run_id(self, item: Resumption) -> Resumption:
        """The result of a child flow names the child's run by its id."""
        if not isinstance(item.resume, Return) or item.resume.child is None:
            return item
        value = {**item.resume.value, "run": self._run_id(item.resume.child)}
        return Resumption(item.instance, Return(value))

    async def _start(self, started: RunStarted, at: float, elements: Sequence[ElementDict]) -> None:
        variable = {
            "id": self._run_id(started.run),
            "flow": started.flow,
            "started_at": datetime.fromtimestamp(at, UTC).isoformat(),
        }
        self._runs[started.run] = (started, variable)
        if started.refreshing:
            self._selected[started.run] = elements
        else:
            await self._begin(started.run, elements)

    async def _begin(self, run: int, elements: Sequence[ElementDict]) -> None:
        """The run's elements are in order: its scripts may begin."""
        self._selected.pop(run, None)
        if elements:
            self._begun.add(run)
            started, variable = self._runs[run]
            await self._scripts.begin(ScriptContext(run, started.flow, elements, started.inputs, variable))

    async def _end(self, run: int) -> None:
        del self._runs[run]
        self._selected.pop(run, None)
        if run in self._begun:
            self._begun.remove(run)
            await self._scripts.end(run)

    def _grouped(self, events: Iterable[tuple[float, Event]]) -> Iterator[tuple[float, list[Input]]]:
        """The inputs one by one, but successes that may share a round together. Facts are left out.

        Lazy: whether a success joins others is asked when what was before them has been applied.
        """
        group: list[Input] = []
        group_at = 0.0
        for at, event in events:
            if not is_input(event):
                continue
            if group and not self._joins(group, event):
                yield group_at, group
                group = []
            group.append(event)
            group_at = at
        if group:
            yield group_at, group

    def _joins(self, group: Sequence[Input], event: Input) -> bool:
        first = group[0]
        if not isinstance(first, StepFinished) or not isinstance(event, StepFinished):
            return False
        if first.key.run != event.key.run or (len(group) == 1 and self.execution.groupable(first) is None):
            return False
        return self.execution.groupable(event) is not None


def _exceeded_limit(answer: ScriptAnswer) -> bool:
    return isinstance(answer, Ended) and answer.verdict is not None and answer.verdict.kind == "limit"
