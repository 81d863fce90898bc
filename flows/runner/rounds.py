"""Plays events into the engine, with the rounds of scripts between them. The same for a live run and a replay."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flows.engine.commands import Call, Command, InstanceId, Paused, Record, ResumeScripts, Resumption
from flows.engine.definitions import Definitions, SiteSpec
from flows.engine.events import Event, Fact, Input, RunFinished, RunStarted, StepFinished, StepStarted
from flows.engine.execution import Execution
from flows.runner.events import is_input
from flows.runner.ports import ElementDict, ScriptContext, ScriptHost


class Rounds:
    """An execution with its script host. ``asked`` is the step that each paused script waits for."""

    def __init__(self, root: int, execution: Execution, definitions: Definitions, scripts: ScriptHost) -> None:
        """``root`` is the root run's id, which scripts see as ``run['id']``."""
        self.execution = execution
        self.asked: dict[InstanceId, Call] = {}
        self._root = root
        self._definitions = definitions
        self._scripts = scripts
        self._runs: dict[int, tuple[RunStarted, Mapping[str, Any]]] = {}

    async def play(
        self, events: Sequence[Event], at: float, elements: Mapping[int, Sequence[ElementDict]]
    ) -> list[Fact]:
        """Apply the inputs among the events in their order and run the scripts that go on.

        ``elements`` has the dicts of the runs that start among them. Returns the facts that follow, in order.
        """
        facts: list[Fact] = []
        for group in grouped(events):
            first = group[0]
            if isinstance(first, RunStarted):
                await self._begin(first, at, elements.get(first.run, ()))
            commands = self._apply(group, at)
            while commands:
                commands = await self._answer(commands, facts)
        for fact in facts:
            if isinstance(fact, RunFinished):
                await self._end(fact.run)
        return facts

    def site(self, run: int, number: int) -> SiteSpec:
        """The step site with this number in the flow of this run."""
        return self._definitions.flows[self._runs[run][0].flow].sites[number - 1]

    def started(self, run: int) -> RunStarted:
        """How this run started; KeyError if it has not, or has ended."""
        return self._runs[run][0]

    def inputs(self, run: int) -> dict[str, Any]:
        """The inputs of this run's flow, after defaults."""
        started = self._runs[run][0]
        return {**self._definitions.flows[started.flow].input_defaults, **started.inputs}

    def variable(self, run: int) -> Mapping[str, Any]:
        """What scripts and templates see as ``run`` (R8)."""
        return self._runs[run][1]

    def _apply(self, group: Sequence[Input], at: float) -> Sequence[Command]:
        if isinstance(group[0], StepFinished) and len(group) > 1:
            return self.execution.apply_many(group, at)
        return [command for event in group for command in self.execution.apply(event, at)]

    async def _answer(self, commands: Sequence[Command], facts: list[Fact]) -> Sequence[Command]:
        """Note the facts, run the scripts, and return what the engine wants then."""
        following: list[Command] = []
        for command in commands:
            match command:
                case Record():
                    facts.append(command.fact)
                case ResumeScripts():
                    following += await self._resume(command.items)
                case _:
                    raise AssertionError(f"the engine answered an event with {type(command).__name__}")
        return following

    async def _resume(self, items: Sequence[Resumption]) -> Sequence[Command]:
        answers = await self._scripts.resume(items)
        for answer in answers:
            if isinstance(answer, Paused):
                self.asked[answer.instance] = answer.call
            else:
                self.asked.pop(answer.instance, None)
        return self.execution.scripts_paused(answers)

    async def _begin(self, started: RunStarted, at: float, elements: Sequence[ElementDict]) -> None:
        variable = {
            "id": self._root if started.run == 0 else f"{self._root}.{started.run}",
            "flow": started.flow,
            "started_at": datetime.fromtimestamp(at, UTC).isoformat(),
        }
        self._runs[started.run] = (started, variable)
        if elements:
            inputs = self.inputs(started.run)
            await self._scripts.begin(ScriptContext(started.run, started.flow, elements, inputs, variable))

    async def _end(self, run: int) -> None:
        started, _ = self._runs.pop(run)
        for name in started.elements:
            self.asked.pop(InstanceId(run, name), None)
        if started.elements:
            await self._scripts.end(run)


def grouped(events: Sequence[Event]) -> Iterator[list[Input]]:
    """The inputs in order; successes that follow each other share a round, and so do starts. Facts are left out."""
    group: list[Input] = []
    for event in events:
        if not is_input(event):
            continue
        if group and not (_kind(event) and _kind(event) == _kind(group[-1])):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _kind(event: Event) -> str:
    """Inputs of one kind may be applied together; those of no kind may not."""
    if isinstance(event, StepStarted):
        return "started"
    if isinstance(event, StepFinished) and event.outcome.ok:
        return "succeeded"
    return ""
