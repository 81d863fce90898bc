"""The script host of a plan: answers the engine from what the scripts did when they were run ahead (R40)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.engine import commands
from flows.engine.commands import (
    Begin,
    Ended,
    InstanceId,
    Paused,
    RaiseStepFailed,
    Resumption,
    Return,
    ScriptAnswer,
    Stop,
)
from flows.engine.events import ENDED_BY_ENGINE
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, ScriptContext, ScriptProblem
from flows.runner.script_words import engine_call, engine_verdict
from flows.script import calls
from flows.script.arguments import WrongArgument
from flows.script.calls import FlowScripts, Variables
from flows.script.planning.program import PlanProgram
from flows.script.planning.traces import Given, Use
from flows.script.planning.tracing import Job, Traced, Tracer
from flows.script.sandbox import VERSION
from flows.script.values import plain

FIRST_AHEAD: Final = 1
MOST_AHEAD: Final = 512
"""A Serial run begins its scripts one by one; so many are run ahead, more each time. The first one alone: if it fails,
there may be no second."""

MOST_WRONG: Final = 100
"""Calls with wrong arguments that one script may make without an end."""


class UsesUnknown(Exception):
    """A script uses something that nobody knows before it runs: the plan ends here."""

    def __init__(self, instance: InstanceId, use: Use) -> None:
        super().__init__(f"{instance.element}, line {use.line}: uses {use.what}")
        self.instance, self.use = instance, use


@dataclass(slots=True)
class _Course:
    """One script: what it does, and how far the engine has come in it. ``given``: how its asks end where not well."""

    place: int
    traced: Traced | None = None
    given: dict[int, Given] = field(default_factory=dict)
    done: int = 0

    @property
    def ask(self) -> int:
        """The number of the ask that the script waits at: calls with wrong arguments are asks and no steps."""
        ask, left = 0, self.done
        while True:
            if self.given.get(ask, ("",))[0] != "wrong":
                left -= 1
                if left == 0:
                    return ask
            ask += 1


@dataclass(slots=True)
class _Run:
    variables: Variables
    places: dict[str, int]
    courses: dict[str, _Course] = field(default_factory=dict)
    ahead: dict[int, Traced] = field(default_factory=dict)
    next_ahead: int = FIRST_AHEAD


class PlanScripts:
    """The runner's ``ScriptHost`` for one plan."""

    version = VERSION
    patience = 1.0

    def __init__(self, flows: Mapping[str, FlowScripts], *, keeps_workers: bool = False) -> None:
        self._tracer = Tracer(flows, keeps_workers=keeps_workers)
        self._runs: dict[int, _Run] = {}
        self._calls: dict[int, tuple[calls.Call, commands.Call]] = {}

    def program(self, flow: str) -> PlanProgram:
        """The flow's script as it is planned."""
        program = self._tracer.program(flow)
        assert isinstance(program, PlanProgram), "a script that cannot be read uses nothing"
        return program

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the flow's processing script; raises the runner's ``ScriptProblem`` (R6)."""
        try:
            return await self._tracer.process(flow, elements, inputs)
        except calls.ScriptProblem as problem:
            raise ScriptProblem(str(problem)) from problem

    async def begin(self, context: ScriptContext) -> None:
        """Make a run's variables known."""
        elements = plain(list(context.elements))
        variables = Variables(context.number, context.flow, elements, plain(context.inputs), plain(context.run))
        places = {element["name"]: place for place, element in enumerate(elements)}
        self._runs[context.number] = _Run(variables, places)

    async def end(self, number: int) -> None:
        """Forget a run's scripts."""
        self._runs.pop(number, None)

    async def close(self) -> None:
        """Free the sandbox."""
        await self._tracer.close()

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        """Each script's next step or its end, in the items' order; raises ``UsesUnknown`` for the first, in the order
        of the elements, that cannot go on."""
        by_run: dict[int, list[Resumption]] = {}
        for item in items:
            by_run.setdefault(item.instance.run, []).append(item)
        answers: list[ScriptAnswer] = []
        for number, own in by_run.items():
            answers += await self._resume(self._runs[number], own)
        if len(by_run) == 1:
            return answers
        found = {answer.instance: answer for answer in answers}
        return [found[item.instance] for item in items]

    def calls_ahead(self, instance: InstanceId) -> list[commands.Call]:
        """What the script will ask for next, one call after another, if each succeeds: up to a child flow, an approval
        or a verdict."""
        course = self._runs[instance.run].courses[instance.element]
        traced = course.traced
        assert traced is not None, f"{instance.element} was not run ahead"
        trace = traced.trace
        until = len(trace.rows) if trace.verdict is None else trace.decided_after
        ahead: list[commands.Call] = []
        for row in trace.rows[course.done : until]:
            call = traced.table[row]
            if isinstance(call, WrongArgument) or call.step in ENDED_BY_ENGINE:
                break
            ahead.append(self._call(call))
        return ahead

    def pass_over(self, instance: InstanceId, count: int) -> None:
        """So many of the calls ahead were taken in."""
        self._runs[instance.run].courses[instance.element].done += count

    async def _resume(self, run: _Run, items: Sequence[Resumption]) -> list[ScriptAnswer]:
        new: list[_Course] = []
        again: list[_Course] = []
        courses = [self._course(run, item, new, again) for item in items]
        if new:
            await self._begin(run, new)
        if again:
            await self._trace(run, again)
        self._raise_unknown(items, courses)
        return [self._answer(item.instance, course) for item, course in zip(items, courses, strict=True)]

    def _course(self, run: _Run, item: Resumption, new: list[_Course], again: list[_Course]) -> _Course:
        element = item.instance.element
        if isinstance(item.resume, Begin):
            course = run.courses[element] = _Course(run.places[element])
            new.append(course)
            return course
        course = run.courses[element]
        given = _given(item.resume, course)
        if given is not None:
            course.given[course.ask] = given
            again.append(course)
        return course

    async def _begin(self, run: _Run, new: Sequence[_Course]) -> None:
        missing = [course for course in new if course.place not in run.ahead]
        if missing:
            places = [course.place for course in missing]
            if len(new) == 1:
                until = min(places[0] + run.next_ahead, len(run.places))
                run.next_ahead = min(run.next_ahead * 2, MOST_AHEAD)
                places = list(range(places[0], until))
            traced = await self._tracer.trace(run.variables, [Job(place) for place in places])
            run.ahead.update(zip(places, traced, strict=True))
        for course in new:
            course.traced = run.ahead.pop(course.place)
        await self._correct(run, new)

    async def _trace(self, run: _Run, courses: Sequence[_Course]) -> None:
        jobs = [Job(course.place, dict(course.given)) for course in courses]
        for course, traced in zip(courses, await self._tracer.trace(run.variables, jobs), strict=True):
            course.traced = traced
        await self._correct(run, courses)

    async def _correct(self, run: _Run, courses: Sequence[_Course]) -> None:
        """Calls with wrong arguments are no steps: their scripts get the exception and are run again."""
        wrong = [course for course in courses if _find_wrong(course)]
        if wrong:
            await self._trace(run, wrong)

    def _raise_unknown(self, items: Sequence[Resumption], courses: Sequence[_Course]) -> None:
        stuck = [
            (course.place, item.instance, course.traced.trace.use)
            for item, course in zip(items, courses, strict=True)
            if course.traced and course.traced.trace.use and course.done == len(course.traced.trace.rows)
        ]
        if stuck:
            _, instance, use = min(stuck, key=lambda found: found[0])
            assert use is not None
            raise UsesUnknown(instance, use)

    def _answer(self, instance: InstanceId, course: _Course) -> ScriptAnswer:
        traced = course.traced
        assert traced is not None, f"{instance.element} was not run ahead"
        trace = traced.trace
        if course.done == len(trace.rows):
            return Ended(instance, engine_verdict(trace.verdict))
        call = traced.table[trace.rows[course.done]]
        assert isinstance(call, calls.Call), "wrong arguments were taken out"
        verdict = trace.verdict if trace.verdict and course.done >= trace.decided_after else None
        course.done += 1
        return Paused(instance, self._call(call), engine_verdict(verdict))

    def _call(self, call: calls.Call) -> commands.Call:
        """In the engine's words; the same object for the same call."""
        known = self._calls.get(id(call))
        if known is None:
            known = self._calls[id(call)] = (call, _engine_call(call))
        return known[1]


def _given(resume: commands.Resume, course: _Course) -> Given | None:
    """What makes the script do something else than was assumed."""
    match resume:
        case RaiseStepFailed(message):
            return ("failed", message)
        case Stop():
            return ("stop",)
        case Return(value):
            trace = course.traced.trace if course.traced else None
            waits = trace is not None and trace.end == "waits" and course.done == len(trace.rows)
            return ("value", value) if waits else None
        case _:
            return None


def _find_wrong(course: _Course) -> bool:
    """Note the first call with wrong arguments, if there is one that has not been corrected."""
    assert course.traced is not None
    table, asks = course.traced.table, 0
    if course.traced.is_clean:
        return False
    wrong = sum(1 for how in course.given.values() if how[0] == "wrong")
    for row in course.traced.trace.rows:
        while course.given.get(asks, ("",))[0] == "wrong":
            asks += 1
        call = table[row]
        if isinstance(call, WrongArgument) and wrong < MOST_WRONG:
            course.given[asks] = ("wrong", str(call))
            return True
        asks += 1
    return False


def _engine_call(call: calls.Call) -> commands.Call:
    # Inputs of tasks are not in a plan; those of child flows are what their callers are merged by.
    return engine_call(call, canonical(call.inputs) if call.step == "run_flow" else call.inputs)
