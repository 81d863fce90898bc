"""Local commands end with their worker, however it dies, and notice nothing of being watched."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.engine.status import StepStatus
from tests.tasks.attempts import Sink, attempt, executor_for, request
from tests.tasks.test_local_attempts import HERE, members, read_number

ROOT = Path(__file__).resolve().parents[2]
STUBBORN = "trap '' TERM; sleep 97 & echo $$ >number; mv number group; sleep 98; wait"
#: A worker in a process of its own that runs one command in the directory it is given.
WORKER = """
import asyncio, pathlib, sys
from tests.tasks.attempts import attempt
from tests.tasks.test_local_attempts import HERE
asyncio.run(attempt(pathlib.Path(sys.argv[1]), HERE, sys.argv[2], allow_local=True))
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """It runs a command that does not end by itself and that SIGTERM does not end."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path), STUBBORN], cwd=ROOT, start_new_session=True
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("end", [os.kill, os.killpg])
def test_r36_a_killed_worker_takes_the_whole_group_of_its_command_along(
    worker: "subprocess.Popen[bytes]", tmp_path: Path, end: Callable[[int, int], None]
) -> None:
    """Else the command would run on beside its own retry."""
    until((tmp_path / "group").exists)
    group = read_number(tmp_path / "group")
    until(lambda: len(members(group)) == 3)
    end(worker.pid, signal.SIGKILL)
    until(lambda: not members(group))


async def test_a_watchdog_that_is_killed_is_replaced_and_the_new_one_watches_what_ran_before(tmp_path: Path) -> None:
    executor, _ = executor_for(tmp_path, [HERE], {"long": STUBBORN, "short": "echo done"}, allow_local=True)
    long = asyncio.create_task(executor.run(request("here", task="long"), Sink()))
    await asyncio.to_thread(until, (tmp_path / "group").exists)
    [watchdog] = [number for number in children() if b"flowsite-watchdog" in command_line(number)]
    os.kill(watchdog, signal.SIGKILL)
    await asyncio.to_thread(until, lambda: not command_line(watchdog))
    outcome = await executor.run(request("here", task="short"), Sink())
    assert (outcome.status, outcome.result["output"]) == (StepStatus.SUCCEEDED, "done\n")
    await executor.close()
    assert (await long).reason == "the command was killed by signal KILL"
    assert not members(read_number(tmp_path / "group"))
    assert not [number for number in children() if b"flowsite-watchdog" in command_line(number)]


async def test_a_watched_command_has_its_own_number_name_input_and_end(tmp_path: Path) -> None:
    outcome, _ = await attempt(
        tmp_path, HERE, 'echo "$0 $# $(wc -c)"; [ $$ = "$(ps -o pgid= -p $$ | tr -d " ")" ] || exit 8; exit 9',
        allow_local=True,
    )  # fmt: skip
    assert (outcome.exit_code, outcome.result["output"]) == (9, "/bin/sh 0 0\n")
    outcome, _ = await attempt(tmp_path, HERE, "kill -PIPE $$", allow_local=True)
    assert outcome.reason == "the command was killed by signal PIPE"


async def test_a_command_that_is_cancelled_while_it_starts_does_not_run_on(tmp_path: Path) -> None:
    """R34."""
    executor, _ = executor_for(tmp_path, [HERE], STUBBORN, allow_local=True)
    for rounds in range(12):
        step = asyncio.create_task(executor.run(request("here"), Sink()))
        for _ in range(rounds):
            await asyncio.sleep(0)
        step.cancel()
        assert (await asyncio.gather(step, return_exceptions=True))[0] is not None
    assert not [number for number in children() if b"sleep 97" in command_line(number)]
    await executor.close()


def children() -> list[int]:
    """The processes that this one has started and not yet collected."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(number) for task in tasks for number in (task / "children").read_text().split()]


def command_line(process: int) -> bytes:
    """Empty for one that is gone or a zombie."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    """For what another process does."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
