"""The rows of steps and of what ends a script (R9, R11): as statements, and as values where their result is used."""

from typing import Final

from flows.script.blocks.holes import Kind
from flows.script.blocks.phrases import EXECUTION, TEXT
from flows.script.blocks.rows import Row

TASK: Final[dict[str, str | tuple[str, ...]]] = {
    "NAME": "tasks",
    "INPUTS": ("check", "timeout", "retries", "element"),
}
FLOW: Final[dict[str, str | tuple[str, ...]]] = {"NAME": "flows", "INPUTS": ("elements", "check")}
APPROVAL: Final[dict[str, str | tuple[str, ...]]] = {"OPTIONS": ("timeout", "check")}
OPTIONS: Final = {"OPTIONS": Kind.KEYWORDS}

RUN_TASK: Final = "run_task(NAME, **INPUTS)"
RUN_FLOW: Final = "run_flow(NAME, **INPUTS)"
APPROVE: Final = "approve(MESSAGE, **OPTIONS)"
APPROVES: Final = "Waits until a person approves; refused or not answered in time, the whole run stops."
RUNS_TASK: Final = (
    "Runs a task on this element and waits for its result. If it fails, the element fails, unless caught."
)
RUNS_FLOW: Final = "Runs a child flow on this element, or on the elements given, and waits until it has ended."
ENDS: Final = "Ends this element's script here, as succeeded"


def _do(kind: str, pattern: str, label: str, tooltip: str, example: str) -> Row:
    return Row(kind, "statement", "do", pattern, label, tooltip, example, scripts=EXECUTION)


STEPS: Final = (
    Row("run_task", "statement", "do", RUN_TASK, "run {NAME} {INPUTS}", RUNS_TASK, "run_task('Restart')",
        TEXT, TASK, scripts=EXECUTION),
    Row("run_named_task", "statement", "do", RUN_TASK, "run the task named {NAME} {INPUTS}", RUNS_TASK,
        "run_task(name)", {}, TASK, scripts=EXECUTION),
    Row("run_task_result", "value", "do", RUN_TASK, "result of {NAME} {INPUTS}", RUNS_TASK, "run_task('Health')",
        TEXT, TASK, scripts=EXECUTION),
    Row("run_named_task_result", "value", "do", RUN_TASK, "result of the task named {NAME} {INPUTS}", RUNS_TASK,
        "run_task(name)", {}, TASK, scripts=EXECUTION),
    Row("run_flow", "statement", "do", RUN_FLOW, "run flow {NAME} {INPUTS}", RUNS_FLOW, "run_flow('Child')",
        TEXT, FLOW, scripts=EXECUTION),
    Row("run_named_flow", "statement", "do", RUN_FLOW, "run the flow named {NAME} {INPUTS}", RUNS_FLOW,
        "run_flow(name, elements=elements)", {}, FLOW, scripts=EXECUTION),
    Row("run_flow_result", "value", "do", RUN_FLOW, "result of flow {NAME} {INPUTS}", RUNS_FLOW,
        "run_flow('Child', elements=elements)", TEXT, FLOW, scripts=EXECUTION),
    Row("run_named_flow_result", "value", "do", RUN_FLOW, "result of the flow named {NAME} {INPUTS}", RUNS_FLOW,
        "run_flow(name)", {}, FLOW, scripts=EXECUTION),
    Row("sleep", "statement", "wait", "sleep(SECONDS)", "wait {SECONDS} seconds",
        "Waits; survives restarts and holds no worker.", "sleep(5)", scripts=EXECUTION),
    Row("approve", "statement", "wait", APPROVE, "ask for approval: {MESSAGE} {OPTIONS}", APPROVES,
        "approve('Go on?')", OPTIONS, APPROVAL, scripts=EXECUTION),
    Row("approve_result", "value", "wait", APPROVE, "answer to {MESSAGE} {OPTIONS}", APPROVES,
        "approve('Go on?', check=False)", OPTIONS, APPROVAL, scripts=EXECUTION),
    _do("set_context", "set_context(KEY, VALUE)", "store {KEY} as {VALUE}",
        "Stores a setting on this element; dots in the key lead inwards.", "set_context('version', 2)"),
    _do("log", "log(MESSAGE)", "log {MESSAGE}", "Writes a line in the run's log.", "log('started')"),
    _do("fail", "fail(MESSAGE)", "fail with {MESSAGE}", "Fails this element with a message.", "fail('not healthy')"),
    _do("finish", "finish()", "finish this element", f"{ENDS}.", "finish()"),
    _do("finish_with", "finish(MESSAGE)", "finish this element with {MESSAGE}", f"{ENDS}, with a message.",
        "finish('nothing to do')"),
    _do("abort", "abort(MESSAGE)", "stop the whole run with {MESSAGE}", "Fails this element and stops the whole run.",
        "abort('the backup is missing')"),
)  # fmt: skip
