"""The local connection: where it runs, what it sees, how it is ended. Needs no sshd."""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows.engine.status import StepStatus
from flows.tasks.spec import ConnectionSpec, Secret, Target
from tests.tasks.attempts import Sink, attempt, executor_for, request

HERE = Target(
    id=1, name="here", address="", profile="local", context={"a": "x y"}, connection=ConnectionSpec(type="local")
)


async def test_a_local_command_runs_in_the_data_directory_and_returns_what_ssh_would(tmp_path: Path) -> None:
    outcome, sink = await attempt(tmp_path, HERE, "pwd; echo {{ a | quote }} >&2; exit 4", allow_local=True)
    assert (outcome.status, outcome.exit_code, outcome.reason) == (StepStatus.FAILED, 4, "exit code 4: x y")
    assert outcome.result["output"] == f"{tmp_path}\n" == sink.text("stdout")
    assert sink.text("stderr") == "x y\n"


async def test_a_local_command_sees_no_setting_of_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLOWSITE_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SSH_AUTH_SOCK", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "hidden")
    outcome, _ = await attempt(tmp_path, HERE, "env; cat", allow_local=True)
    assert outcome.ok
    assert "hidden" not in outcome.result["output"]
    assert "PATH=" in outcome.result["output"]


@pytest.mark.parametrize("command", ["sleep 60", "sleep 60 & sleep 60; wait", "trap '' TERM; sleep 60; sleep 60"])
async def test_r28_a_timeout_ends_the_whole_local_group(tmp_path: Path, command: str) -> None:
    outcome, sink = await attempt(tmp_path, HERE, f"echo $$; {command}", allow_local=True, timeout_s=0.2)
    assert outcome.status is StepStatus.FAILED
    assert outcome.reason == "no end within 0.2 s; the command was ended on here"
    group = int(sink.text())
    assert not members(group)


async def test_r34_cancelling_a_local_command_ends_it(tmp_path: Path) -> None:
    executor, _ = executor_for(tmp_path, [HERE], "echo begun; sleep 60", allow_local=True)
    begun = asyncio.Event()

    async def sink(*_: object) -> None:
        begun.set()

    step = asyncio.create_task(executor.run(request("here"), sink))
    await begun.wait()
    step.cancel()
    outcome = await step
    await executor.close()
    assert outcome.status is StepStatus.CANCELLED


async def test_a_receiver_that_fails_ends_the_command_and_its_error_is_raised(tmp_path: Path) -> None:
    """As when the lease is lost: another worker owns the run, so nothing may go on here."""
    executor, _ = executor_for(tmp_path, [HERE], "echo $$ >pid; echo begun; sleep 60", allow_local=True)

    async def sink(*_: object) -> None:
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await executor.run(request("here"), sink)
    await executor.close()
    assert not members(read_number(tmp_path / "pid"))


async def test_a_background_child_does_not_hold_the_step(tmp_path: Path) -> None:
    began = time.monotonic()
    outcome, sink = await attempt(tmp_path, HERE, "sleep 30 & echo $!", allow_local=True)
    assert outcome.ok
    assert time.monotonic() - began < 4
    os.kill(int(sink.text()), 9)


async def test_a_big_output_is_held_back_and_complete(tmp_path: Path) -> None:
    received = 0

    async def slow(_key: object, _stream: str, data: bytes) -> None:
        nonlocal received
        received += len(data)
        await asyncio.sleep(0)

    executor, _ = executor_for(tmp_path, [HERE], "head -c 3000000 /dev/zero", allow_local=True)
    outcome = await executor.run(request("here"), slow)
    await executor.close()
    assert (outcome.status, received) == (StepStatus.SUCCEEDED, 3_000_000)


async def test_steps_that_start_together_cost_one_query_and_later_ones_see_fresh_context(tmp_path: Path) -> None:
    executor, inventory = executor_for(tmp_path, [HERE], "echo {{ a | quote }}", allow_local=True)
    await asyncio.gather(*(executor.run(request("here"), Sink()) for _ in range(5)))
    assert inventory.queries == [("here",)]
    inventory.targets["here"] = Target(
        id=1, name="here", address="", profile="local", context={"a": "new"}, connection=ConnectionSpec(type="local")
    )
    sink = Sink()
    await executor.run(request("here"), sink)
    await executor.close()
    assert sink.text() == "new\n"


async def test_every_credential_is_masked_the_targets_own_as_it_is_now(tmp_path: Path) -> None:
    """A short value of another credential may be a part of any word."""
    own = replace(HERE, secret=Secret("password", password="new"))
    outcome, sink = await attempt(
        tmp_path, own, "echo new older at; exit 1", allow_local=True, secrets=["older", "at", "elsewhere"]
    )
    assert sink.text() == "*** *** at\n" == outcome.result["output"]
    assert outcome.reason == "exit code 1: *** *** at"
    nowhere, _ = await attempt(tmp_path, replace(HERE, name="older"), "true", secrets=["older"])
    assert nowhere.reason == "the profile of *** uses the local connection, which is not allowed here"


def read_number(path: Path) -> int:
    return int(path.read_text())


def members(group: int) -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/stat") if runs_in(group, path)]


def runs_in(group: int, stat: Path) -> bool:
    try:
        state, _, its_group, *_ = stat.read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    return int(its_group) == group and state != "Z"
