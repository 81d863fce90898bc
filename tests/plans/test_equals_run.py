"""A complete plan is exactly what runs if nothing fails, an incomplete one how it begins (R40).

Random scripts, planned in sessions that many share, and run step by step in sessions of their own.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import Command, PrepareRun, Record, ResumeScripts, StartSoak, StartStep
from flows.engine.definitions import Definitions
from flows.engine.events import (
    Event,
    Outcome,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.execution import Execution
from flows.engine.status import Mode, StepStatus
from flows.plan import Start, departure, make_plan, packed, unpacked
from flows.runner.ports import ScriptContext
from flows.runner.preparing import prepare
from flows.script.calls import FlowScripts
from flows.script.check import check_execution
from tests.plans.fleets import Fleet, spec

EXAMPLES = int(os.environ.get("PLANS", "12"))

SIMPLE = [
    "run_task('A')", "run_task('B', n=element['context']['n'])", "log(element['name'])", "sleep(1)", "n = n + 1",
    "x = run_task('C', check=False)", "seen.append(run_task('A')['exit_code'])", "log(str(len(seen) + n))",
    "run_task('B', element=elements[0])", "set_context('k', n)", "x = run_flow('G', check=False)",
    "run_flow('G', elements=elements, deep=current == last)", "if x['ok']:\n    run_task('D')",
    "if current == first:\n    fail('first')", "if current == 1:\n    finish('done')", "approve('go?')",
    "log('said ' + str(x.get('output')))", "run_task('D', pem=x.get('output'))",
    "if x.get('output') == 'out':\n    run_task('A')",
    "if run_task('C')['output'] == 'out':\n    run_task('A')",
    "1 / (element['context']['n'] - 2)", "run_task(12)",
    "y = run_task('C')['output'] or n",
    "try:\n    try:\n        n = 1 // 0\n    finally:\n        run_task('A')\nexcept ArithmeticError:\n    log('')",
    "helper(x)", "if current == 0:\n    abort('stop')",
]  # fmt: skip

HEAD = "n = 0\nseen = []\nx = {'ok': True}\ndef helper(r):\n    return 1 if r['ok'] else 2\n"
BLOCKS = [
    "if current == first:\n{a}else:\n{b}", "for i in range(element['context']['n'] % 3):\n{a}{b}",
    "try:\n{a}except Exception as error:\n{b}", "try:\n{a}finally:\n{b}",
    "for i in range(3):\n    if i == current:\n        break\n{a}else:\n{b}",
    "while n < 2:\n    n += 1\n{a}{b}", "if helper(x) == 1:\n{a}",
]  # fmt: skip


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _bodies() -> st.SearchStrategy[str]:
    simple = st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=3).map("\n".join)

    def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        made = st.tuples(st.sampled_from(BLOCKS), inner, inner).map(
            lambda parts: parts[0].format(a=_indented(parts[1]), b=_indented(parts[2])).rstrip()
        )
        return st.lists(st.one_of(made, simple), min_size=1, max_size=2).map("\n".join)

    return st.recursive(simple, nested, max_leaves=4)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parent=_bodies(),
    child=_bodies(),
    modes=st.tuples(st.sampled_from(list(Mode)), st.sampled_from(list(Mode))),
    threshold=st.sampled_from([0, 1, "100%"]),
    batches=st.sampled_from([(), (1, "50%")]),
)
@pytest.mark.timeout(0)
async def test_r40_a_plan_is_what_runs_if_nothing_fails(
    parent: str, child: str, modes: tuple[Mode, Mode], threshold: int | str, batches: tuple[int | str, ...]
) -> None:
    child = child.replace("run_flow('G', check=False)", "{'ok': True}").replace(
        "run_flow('G', elements=elements", "dict("
    )
    texts = {"F": HEAD + parent, "G": HEAD + child.replace("dict(, ", "dict(")}
    if any(check_execution(text) for text in texts.values()):
        texts["G"] = HEAD + "run_task('C')"
    rules: dict[str, Any] = {"error_threshold": threshold}
    if modes[0] is Mode.PARALLEL:
        rules |= {"batches": batches, "soak": 5.0 if batches else 0.0}
    specs = {"F": spec("F", texts["F"], modes[0], **rules), "G": spec("G", texts["G"], modes[1])}
    definitions = Definitions(specs, {})
    scripts = {name: FlowScripts("", text) for name, text in texts.items()}
    plan = await make_plan(definitions, scripts, "F", {}, Fleet(3))
    assert unpacked(packed(plan)) == plan
    ran = await _run(definitions, scripts)
    planned = [(wave.path, wave.site, wave.step, element) for wave in plan.waves for element in wave.elements]
    told = [(start.path, start.site, start.step, start.element) for start in ran]
    assert planned == (told if plan.complete else told[: len(planned)])
    assert departure(plan, ran, has_ended=True) is None


async def _run(definitions: Definitions, scripts: Mapping[str, FlowScripts]) -> list[Start]:
    """The first attempts of a run in which every step succeeds, one at a time."""
    running = _Running(definitions, scripts)
    try:
        while not running.execution.ended:
            await running.go_on()
    finally:
        await running.scripts.close()
    return running.starts


class _Running:
    def __init__(self, definitions: Definitions, scripts: Mapping[str, FlowScripts]) -> None:
        self.definitions = definitions
        self.scripts = SandboxScripts(scripts)
        self.execution = Execution(definitions, "F", {})
        self.inventory = Fleet(3)
        self.starts: list[Start] = []

    async def go_on(self) -> None:
        wishes = self.execution.due()
        steps = [wish for wish in wishes if isinstance(wish, StartStep)]
        for wish in wishes:
            if isinstance(wish, PrepareRun):
                await self.prepare(wish)
            elif isinstance(wish, StartSoak):
                await self.apply(SoakStarted(wish.run, wish.batch, 0.0))
                await self.apply(SoakEnded(wish.run, wish.batch))
        for wish in steps:
            await self.start(wish)
        for wish in steps:
            await self.finish(wish)

    async def prepare(self, wish: PrepareRun) -> None:
        number = self.execution.next_run_number
        started, elements = await prepare(wish, number, self.definitions, self.inventory, self.scripts, "seed")
        run = {"id": 77, "flow": wish.flow, "started_at": "2026-11-26T00:00:00Z"}
        if elements:
            await self.scripts.begin(ScriptContext(number, wish.flow, elements, wish.inputs, run))
        await self.apply(started)

    async def start(self, wish: StartStep) -> None:
        call, key = wish.call, wish.key
        self.starts.append(Start(wish.path, key.site, key.turn, call.step, call.name, key.element))
        until = 0.0 if call.step in ("sleep", "approve") else None
        await self.apply(StepStarted(key, call.step, call.name, wish.line, wish.path, wish.target, until))

    async def finish(self, wish: StartStep) -> None:
        call = wish.call
        if call.step not in ("run_flow", "approve"):
            exit_code = 0 if call.step == "run_task" else None
            outcome = Outcome(StepStatus.SUCCEEDED, exit_code=exit_code, result={"output": "out"})
            await self.apply(StepFinished(wish.key, call.step, call.name, wish.line, wish.path, outcome, wish.target))

    async def apply(self, event: Event) -> None:
        await self.carry_out(self.execution.apply(event, 0.0))

    async def carry_out(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, ResumeScripts):
                answers = await self.scripts.resume(command.items)
                await self.carry_out(self.execution.scripts_paused(answers))
            elif isinstance(command, Record) and isinstance(command.fact, QuestionAsked):
                await self.apply(QuestionAnswered(command.fact.question, "approve", by="ops"))
            elif isinstance(command, Record) and isinstance(command.fact, RunFinished):
                await self.scripts.end(command.fact.run)
