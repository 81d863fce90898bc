"""Runs the examples of docs/script-language.md: the real engine and sandbox, and the world that the page tells of.

The outcome is told in lines: a wave of steps as ``db1 db2: run_task 'A'``, a step that did not succeed as
``  db1: failed, exit code 3``, an element's end as ``db1 failed: exit code 3``, and the run's if it did not succeed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from elements.context import nested
from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import OrderElements, PrepareRun, ResumeScripts, StartSoak, StartStep, WaitForTimer
from flows.engine.definitions import Definitions, FlowSpec, SiteSpec, TaskPolicy
from flows.engine.events import (
    Answer,
    ElementFinished,
    Event,
    Outcome,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.execution import Execution
from flows.engine.status import Mode, RunState, StepStatus
from flows.runner.ports import ScriptContext, ScriptProblem
from flows.script.analysis import analyse
from flows.script.calls import FlowScripts
from flows.script.check import Catalog, check_execution, check_processing
from flows.script.cycles import circle_problem
from flows.script.problem import Problem, Unreadable
from flows.tasks.inputs import InputSpec

PAGE = "Page"
FLEET: Mapping[str, Mapping[str, Any]] = {
    "db1": {"role": "replica", "version": 15},
    "db2": {"role": "leader", "version": 15},
    "db3": {"role": "replica", "version": 14},
    "lb1": {"role": "balancer"},
}
TARGET = ("db1", "db2", "db3")
INPUTS = {"version": 16, "notify": True}
CHILDREN = {
    "Check": "run_task('Audit')\n",
    "Repair": "if current == first:\n    log('why: ' + inputs['why'])\nrun_task('Restart')\n",
}
DECLARED = [InputSpec("version", "integer"), InputSpec("notify", "boolean")]
CATALOG = Catalog(
    flows={"Check": {}, "Repair": {"why": InputSpec("why", "string", required=True)}, PAGE: {}},
    tasks={
        "Restart": {}, "Health": {}, "Audit": {}, "Broken": {}, "Read version": {}, "Sign": {"csr": InputSpec("csr")},
        "Install": {"version": InputSpec("version", "integer", required=True)},
    },
)  # fmt: skip
ANSWERS: Sequence[tuple[str, Answer, str]] = [
    ("Really", "reject", "ops rejects"),
    ("Anybody", "timed_out", "nobody answers"),
    ("", "approve", "ops approves"),
]
"""How a message begins, and what becomes of the question."""

NUMBERS = re.compile(r"\(memory limit exceeded[^)]*\)")
"""They depend on the version of the sandbox."""

MOST_LINES = 12
NOW = 1_795_392_000.0


def outcome_of(task: str, element: str, turn: int) -> Outcome:
    """What a task of the page's world does on an element when its site is reached for the ``turn``-th time."""
    is_bad = task == "Broken" or (task == "Health" and turn < 3) or (task == "Audit" and element == "db2")
    if is_bad:
        return Outcome(
            StepStatus.FAILED, "exit code 3", exit_code=3, result={"exit_code": 3, "output": "no space left\n"}
        )
    if task == "Read version":
        known = {"output": "15.2\n", "data": {"version": 15.2}, "settings": {"version": 15.2}}
        return Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"exit_code": 0, **known})
    return Outcome(StepStatus.SUCCEEDED, exit_code=0, result={"exit_code": 0, "output": "done\n"})


def problems_of(text: str, *, processing: bool = False) -> list[Problem]:
    """The problems of a script of the page's flow, with those of a circle that it closes."""
    names = [spec.name for spec in DECLARED]
    problems = check_processing(text, names) if processing else check_execution(text, CATALOG, names)
    circle = circle_problem(PAGE, {PAGE: text, **CHILDREN})
    return sorted([*problems, *([circle] if circle else ())])


async def order_of(text: str) -> list[str]:
    """What a processing script leaves of the page's elements, in one line."""
    scripts = SandboxScripts({PAGE: FlowScripts(text, "")})
    try:
        return [" ".join(e["name"] for e in await scripts.process(PAGE, [_dict(name) for name in TARGET], INPUTS))]
    except ScriptProblem as problem:
        return [f"the run failed: {problem}"]
    finally:
        await scripts.close()


async def told(text: str, mode: Mode = Mode.PARALLEL, threshold: int | str = "100%") -> list[str]:
    """The outcome of a flow with this execution script, in lines; at most twelve of the steps."""
    texts = {PAGE: text, **CHILDREN}
    flows = {
        name: _spec(name, script, mode if name == PAGE else Mode.PARALLEL, threshold) for name, script in texts.items()
    }
    tasks = {name: TaskPolicy(name, retry_delay=5) for name in CATALOG.tasks}
    scripts = SandboxScripts({name: FlowScripts("", script) for name, script in texts.items()})
    try:
        show = _Show(Definitions(flows, tasks), scripts)
        await show.run()
    finally:
        await scripts.close()
    return _shortened([NUMBERS.sub("(...)", line) for line in _joined(show.lines)])


@dataclass
class _Show:
    """A run on its way, and what was told of it: (who, what happened to them), steps and ends alike."""

    definitions: Definitions
    scripts: SandboxScripts
    lines: list[tuple[str, str]] = field(default_factory=list)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    flows: dict[int, str] = field(default_factory=dict)
    now: float = NOW

    async def run(self) -> None:
        """To the end."""
        self.execution = Execution(self.definitions, PAGE, INPUTS)
        while not self.execution.ended:
            wishes = self.execution.due()
            starts = [wish for wish in wishes if isinstance(wish, StartStep)]
            assert wishes, f"the example came to rest: {self.lines}"
            self._tell_wave(starts)
            for wish in wishes:
                await self._carry_out(wish)
            for start in starts:
                await self._finish(start)

    async def _carry_out(self, wish: Any) -> None:
        match wish:
            case PrepareRun():
                await self._begin(wish)
            case StartStep():
                await self._apply(
                    StepStarted(wish.key, wish.call.step, wish.call.name, wish.line, wish.path, wish.target)
                )
            case WaitForTimer(key, due_at):
                self.now = max(self.now, due_at)
                self.execution.timer_fired(key)
            case StartSoak(run, batch, seconds):
                self.now += seconds
                await self._apply(SoakStarted(run, batch, self.now))
                await self._apply(SoakEnded(run, batch))
            case OrderElements():
                raise AssertionError("no flow of the page has refresh")

    async def _begin(self, wish: PrepareRun) -> None:
        number = self.execution.next_run_number
        self.flows[number] = wish.flow
        passed = [[caller] if names is None else names for caller, names in wish.callers] or [TARGET]
        unknown = tuple(dict.fromkeys(name for names in passed for name in names if name not in FLEET))
        good = [names for names in passed if not set(names) & set(unknown)]
        elements = tuple(dict.fromkeys(name for names in good for name in names))
        dicts = [_dict(name, self.settings.get(name, {})) for name in elements]
        spec = self.definitions.flows[wish.flow]
        run = {"id": 7 + number, "flow": wish.flow, "started_at": "2026-11-26T09:00:00+00:00"}
        await self.scripts.begin(ScriptContext(number, wish.flow, dicts, wish.inputs, run))
        callers = tuple(caller for caller, _ in wish.callers)
        await self._apply(
            RunStarted(
                number,
                wish.flow,
                1,
                spec.mode,
                elements,
                unknown=unknown,
                inputs=wish.inputs,
                parent=wish.parent,
                site=wish.site,
                turn=wish.turn,
                callers=callers,
                path=wish.path,
                seed="page",
            )
        )

    async def _finish(self, start: StartStep) -> None:
        call, key, outcome = start.call, start.key, Outcome(StepStatus.SUCCEEDED)
        if call.step in ("run_flow", "approve"):
            return
        if call.step == "run_task":
            outcome = outcome_of(call.name or "", start.target, key.turn)
        elif call.step == "set_context":
            saved = {call.inputs["key"]: call.inputs["value"]}
            self.settings.setdefault(start.target, {}).update(saved)
            outcome = Outcome(StepStatus.SUCCEEDED, result={"settings": saved})
        elif call.step == "get_context":
            context = _dict(start.target, self.settings.get(start.target, {}))["context"]
            outcome = Outcome(StepStatus.SUCCEEDED, result={"context": context})
        elif call.step == "sleep":
            self.now += call.seconds
        if not outcome.ok:
            self.lines.append((key.element, f"  {{}}: {outcome.status}, {outcome.reason}"))
        await self._apply(StepFinished(key, call.step, call.name, start.line, start.path, outcome, start.target))

    async def _apply(self, event: Event) -> None:
        commands = self.execution.apply(event, self.now)
        while commands:
            command, *commands = commands
            if isinstance(command, ResumeScripts):
                commands += self.execution.scripts_paused(await self.scripts.resume(command.items))
            else:
                await self._tell(command.fact)

    async def _tell(self, fact: Any) -> None:
        match fact:
            case ElementFinished(run=0, element=element, state=state, message=message):
                self.lines.append((element, f"{{}} {state}{': ' if message else ''}{message}"))
            case RunFinished(run=0, status=status, reason=reason) if status is not RunState.SUCCEEDED:
                self.lines.append(
                    ("", f"the run {'was ' * (status is RunState.PARTIAL)}{status}{': ' if reason else ''}{reason}")
                )
            case QuestionAsked(question=number, message=message, callers=callers):
                _, answer, told_as = next(found for found in ANSWERS if message.startswith(found[0]))
                self.lines.append((" ".join(callers), f"  {told_as} {message!r}"))
                by, comment = ("", "") if answer == "timed_out" else ("ops", "not today" * (answer == "reject"))
                await self._apply(QuestionAnswered(number, answer, by, comment))

    def _tell_wave(self, starts: Sequence[StartStep]) -> None:
        for start in starts:
            call = start.call
            name = f" {call.name!r}" if call.name else f" {call.seconds:g}" * (call.step == "sleep")
            child = f"  {start.path[-1]}: " if len(start.path) > 1 else ""
            on = f" on {start.target}" if start.target != start.key.element else ""
            inputs = "".join(f" {key}={value!r}" for key, value in sorted(call.inputs.items()))
            again = f" (attempt {start.key.attempt})" if start.key.attempt > 1 else ""
            self.lines.append((start.key.element, f"{child}{{}}: {call.step}{name}{inputs}{on}{again}"))


def _joined(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    for what, group in groupby(lines, key=lambda line: line[1]):
        yield what.replace("{}", " ".join(dict.fromkeys(who for who, _ in group)), 1)


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return lines
    left_out = len(lines) - MOST_LINES
    return [*lines[: MOST_LINES - 3], f"... {left_out} more ...", *lines[-3:]]


def _dict(name: str, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    number = [*FLEET].index(name) + 1
    context = {**FLEET[name], **nested(settings or {})}
    groups = ["databases"] if name in TARGET else []
    return {
        "id": number, "name": name, "address": f"10.0.0.{number}", "profile": "linux", "groups": groups,
        "context": context,
    }  # fmt: skip


def _spec(name: str, script: str, mode: Mode, threshold: int | str) -> FlowSpec:
    try:
        sites = tuple(
            SiteSpec(s.number, s.step, s.line, s.loops, s.caught, s.in_finally, s.uses_result)
            for s in analyse(script).sites
        )
    except Unreadable:
        sites = ()
    concurrency = 1 if mode is Mode.SERIAL else 50
    return FlowSpec(name, 1, mode, sites, concurrency, threshold)
