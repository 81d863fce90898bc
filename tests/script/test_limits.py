"""What a script may use, and that exceeding it hurts nobody else (R44)."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.script.calls import Begin, Ended, FlowScripts, InstanceId, Paused, Resumption, Return, Variables, Verdict
from flows.script.host import SandboxHost
from flows.script.instance import Limits
from flows.script.sandbox import SandboxLost
from tests.script.scripts import element, run_script

QUICK = Limits(turn_s=0.1, steps=5)
LOOPS = "the script ran for 0.1 s without reaching a step or its end: look for a loop that never ends"


async def test_r44_an_endless_loop_ends_with_its_line() -> None:
    played = await run_script("log('a')\nx = 1\nwhile True:\n    x += 1\n", limits=QUICK)
    assert played.end == Verdict("limit", LOOPS, 4)


async def test_r44_the_time_between_steps_counts_not_the_whole() -> None:
    played = await run_script("for i in range(4):\n    x = sum(range(300_000))\n    log('a')", limits=QUICK)
    assert played.end is None


async def test_r44_an_endless_loop_cannot_be_caught() -> None:
    text = "try:\n    while True: pass\nexcept Exception:\n    log('never')\nfinally:\n    log('never')"
    played = await run_script(text, limits=QUICK)
    assert played.calls == []
    assert played.end == Verdict("limit", LOOPS, 2)


async def test_r44_memory_is_limited() -> None:
    for text in ("log('a')\nx = 'x' * 10**10", "log('a')\nx = []\nwhile True: x.append('a' * 1000 + str(len(x)))"):
        end = (await run_script(text)).end
        assert end is not None
        assert end.kind == "limit"
        assert "used more memory than it may" in end.message
        assert end.line in (1, 2)


async def test_r44_the_steps_of_an_element_are_limited() -> None:
    played = await run_script("x = 0\nwhile True:\n    sleep(1)", limits=QUICK)
    assert len(played.calls) == 5
    expected = "the script asked for more than 5 steps: look for a loop that never ends"
    assert played.end == Verdict("error", expected, 3)


async def test_r44_asking_for_ever_for_what_is_refused_ends() -> None:
    for call in ("foo()", "sleep('x')", "open('x')"):
        end = (await run_script(f"while True:\n    try: {call}\n    except Exception: pass")).end
        assert end is not None
        assert end.message.startswith("the script asked for what it cannot have more than 100 times")


async def test_r44_one_elements_limit_is_not_anothers() -> None:
    text = "log('a')\nif current == 1:\n    while True: pass\nlog('b')"
    host = SandboxHost({"F": FlowScripts("", text)}, limits=QUICK)
    fleet = [element(n) for n in range(4)]
    await host.begin(Variables(0, "F", fleet, {}, {}))
    names = [InstanceId(0, str(one["name"])) for one in fleet]
    await host.resume([Resumption(name, Begin()) for name in names])
    answers = await host.resume([Resumption(name, Return(None)) for name in names])
    await host.close()
    assert answers[1] == Ended(names[1], Verdict("limit", LOOPS, 3))
    assert [answer.call.name for answer in answers if isinstance(answer, Paused)] == ["b", "b", "b"]


def kill_workers() -> None:
    """Kill this process's sandbox workers, and nothing else that it started."""
    for children in Path("/proc/self/task").glob("*/children"):
        for worker in children.read_text().split():
            if "monty" in Path(f"/proc/{worker}/comm").read_text():
                os.kill(int(worker), signal.SIGKILL)


async def test_a_worker_that_is_killed_under_a_waiting_script_calls_for_a_replay() -> None:
    """R36: nobody's element fails because a process died."""
    host = SandboxHost({"F": FlowScripts("", "log('a')\nlog('b')")})
    one = InstanceId(0, "db1")
    await host.begin(Variables(0, "F", [element(1)], {}, {}))
    await host.resume([Resumption(one, Begin())])
    kill_workers()
    await asyncio.sleep(0.1)  # until the kernel has closed its pipes
    with pytest.raises(SandboxLost):
        await host.resume([Resumption(one, Return(None))])
    await host.close()


async def test_idle_workers_that_are_killed_are_replaced() -> None:
    host = SandboxHost({"F": FlowScripts("", "log('a')")})
    await host.begin(Variables(0, "F", [element(n) for n in range(3)], {}, {}))
    names = [InstanceId(0, f"db{n}") for n in range(3)]
    for _ in range(2):
        await host.resume([Resumption(name, Begin()) for name in names])
        assert await host.resume([Resumption(name, Return(None)) for name in names]) == [Ended(name) for name in names]
        kill_workers()
    await host.close()


ENDS_AT_ONCE = """
import asyncio
from flows.script.calls import Begin, FlowScripts, InstanceId, Resumption, Variables
from flows.script.host import SandboxHost

async def main():
    host = SandboxHost({"F": FlowScripts("", "log('a')")})
    fleet = [{"id": n, "name": str(n), "context": {}} for n in range(30)]
    await host.begin(Variables(0, "F", fleet, {}, {}))
    await host.resume([Resumption(InstanceId(0, str(n)), Begin()) for n in range(30)])
    await host.close()

asyncio.run(main())
"""


def test_a_program_that_ends_at_once_ends_well() -> None:
    """The sandbox's threads hand over their last answer while Python ends, unless closing waits for them."""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", ENDS_AT_ONCE], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
