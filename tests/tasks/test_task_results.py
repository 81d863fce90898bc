"""What an attempt makes of output and inputs: data, settings, elements that must be there, secrets that are masked."""

from pathlib import Path
from typing import Any

import pytest

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.runner.ports import StepRequest
from flows.tasks.executor import TaskExecutor
from flows.tasks.inputs import InputSpec
from flows.tasks.secrets import RunSecrets
from flows.tasks.spec import ConnectionSpec, Target, TaskSpec
from tests.tasks.attempts import SHORT_GRACES, Inventory, Sink, request

HERE = Target(id=1, name="here", address="", profile="local", connection=ConnectionSpec(type="local"))
PEER = InputSpec("peer", "element")
PASSWORD = InputSpec("password", "secret")


async def make(
    data_dir: Path, task: dict[str, Any], asked: StepRequest | None = None, secrets: RunSecrets | None = None
) -> tuple[Outcome, Sink]:
    """One attempt of a task with these keys."""
    tasks = {"task": TaskSpec(name="task", timeout_s=20, **task)}
    inventory = Inventory({"here": HERE})
    executor = TaskExecutor(tasks, inventory.load, data_dir, allow_local=True, graces=SHORT_GRACES, run_secrets=secrets)
    sink = Sink()
    try:
        return await executor.run(asked or request("here"), sink), sink
    finally:
        await executor.close()


def asking(**inputs: Any) -> StepRequest:
    asked = request("here", **inputs)
    return StepRequest(asked.key, "task", "here", inputs, None, given=frozenset(inputs))


async def test_r12_json_becomes_data_and_parts_of_it_settings(tmp_path: Path) -> None:
    task = {
        "command": """echo '{"state": "up", "disks": [{"size": 5}]}'""",
        "parse": "json",
        "save": {"service.state": "data.state", "disk": "data.disks.0.size", "code": "exit_code"},
    }
    outcome, _ = await make(tmp_path, task)
    assert outcome.ok
    assert outcome.result["data"] == {"state": "up", "disks": [{"size": 5}]}
    assert outcome.result["settings"] == {"service.state": "up", "disk": 5, "code": 0}


async def test_r12_lines_become_a_list(tmp_path: Path) -> None:
    outcome, _ = await make(tmp_path, {"command": "printf 'a\\nb\\n'", "parse": "lines", "save": {"all": "data"}})
    assert (outcome.result["data"], outcome.result["settings"]) == (["a", "b"], {"all": ["a", "b"]})


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ({"parse": "json"}, "the output is no JSON: line 1, column 1: Expecting value; it begins 'warn\\n'"),
        (
            {"parse": "lines", "save": {"a": "data.1"}},
            "its result cannot be saved: nothing is at data.1: data is a list",
        ),
    ],
)
async def test_r28_output_that_cannot_be_read_fails_the_attempt(
    tmp_path: Path, task: dict[str, Any], reason: str
) -> None:
    outcome, _ = await make(tmp_path, {"command": "echo warn", **task})
    assert (outcome.status, outcome.exit_code) == (StepStatus.FAILED, 0)
    assert outcome.reason.startswith("the command succeeded, but ")
    assert reason in outcome.reason
    assert outcome.result["output"] == "warn\n"
    assert outcome.result["settings"] == {}
    assert outcome.advice


async def test_output_longer_than_a_result_holds_is_not_read(tmp_path: Path) -> None:
    outcome, _ = await make(tmp_path, {"command": "head -c 70000 /dev/zero | tr '\\0' 1", "parse": "json"})
    assert "the output is longer than 65536 bytes" in outcome.reason


async def test_a_command_that_fails_is_not_read_and_saves_nothing(tmp_path: Path) -> None:
    task = {"command": "echo '{\"a\": 1}'; exit 3", "parse": "json", "save": {"a": "data.a"}}
    outcome, _ = await make(tmp_path, task)
    assert (outcome.reason, outcome.result["data"], outcome.result["settings"]) == (
        "exit code 3: {\"a\": 1}", None, {},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (asking(peer="there"), "input 'peer' is 'there', expected the name of an enabled element"),
        (asking(peer=5), "input 'peer' is 5, expected the name of an enabled element"),
        (asking(per="here"), "input 'per' is not declared; task 'task' takes peer, password; did you mean 'peer'?"),
        (asking(password="abc"), "input 'password' is a text of 3 characters, expected a text of at least 4"),
    ],
)
async def test_r43_inputs_are_checked_before_anything_runs(tmp_path: Path, asked: StepRequest, reason: str) -> None:
    outcome, _ = await make(tmp_path, {"command": "touch ran", "inputs": (PEER, PASSWORD)}, asked)
    assert outcome.status is StepStatus.FAILED
    assert outcome.reason.startswith(f"task 'task' for here: {reason}")
    assert not (tmp_path / "ran").exists()


async def test_r43_an_element_that_is_enabled_is_taken(tmp_path: Path) -> None:
    outcome, _ = await make(tmp_path, {"command": "echo {{ inputs.peer }}", "inputs": (PEER,)}, asking(peer="here"))
    assert outcome.result["output"] == "here\n"


async def test_r43_the_flows_own_inputs_need_no_declaration(tmp_path: Path) -> None:
    outcome, _ = await make(tmp_path, {"command": "echo {{ inputs.more }}"}, request("here", more="x"))
    assert outcome.result["output"] == "x\n"


async def test_secrets_of_the_call_and_of_the_run_are_masked_in_all_that_is_told(tmp_path: Path) -> None:
    secrets = RunSecrets({"F": [PASSWORD]})
    secrets.run_started("F", {"password": "of-the-run"})
    command = 'echo \'["{{ inputs.password }}", "of-the-run"]\'; echo {{ inputs.password }} >&2'
    task = {"command": command, "inputs": (PASSWORD,), "parse": "json", "save": {"a": "data.0"}}
    outcome, sink = await make(tmp_path, task, asking(password="of-the-call"), secrets)
    assert outcome.result["data"] == ["***", "***"]
    assert outcome.result["settings"] == {"a": "***"}
    assert "of-the" not in str(outcome) + sink.text("stdout") + sink.text("stderr")
