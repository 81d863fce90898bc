"""Workers that are kept from one sandbox to the next: faster, and never shared with what is still at work in them."""

import asyncio
import os
import signal
from typing import Any

import pytest

from flows.script.sandbox import KeptPools, Sandbox
from flows.script.states import Broke, Finished


@pytest.fixture(autouse=True)
async def kept(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pools of this test alone."""
    pools = KeptPools(most=1)
    monkeypatch.setattr("flows.script.sandbox.KEPT", pools)
    yield pools
    while (pool := pools.take(2)) is not None:
        await pool.__aexit__(None, None, None)


def sandbox(turn_s: float = 1.0, *, keeps: bool = True) -> Sandbox:
    return Sandbox(max_processes=2, turn_s=turn_s, keeps=keeps)


async def worker(box: Sandbox) -> int:
    """The process that ran a script in this sandbox."""
    machine = await box.machine(memory_bytes=1 << 26)
    try:
        await machine.run("x = 1", {})
        assert isinstance(machine.state, Finished)
        assert machine.worker is not None
        return machine.worker
    finally:
        await machine.close()


async def test_the_next_sandbox_takes_over_the_workers() -> None:
    first, second = sandbox(), sandbox()
    one = await worker(first)
    await first.close()
    assert await worker(second) == one
    await second.close()


async def test_a_script_of_the_next_sandbox_sees_nothing_of_the_one_before() -> None:
    first, second = sandbox(), sandbox()
    await worker(first)
    await first.close()
    machine = await second.machine(memory_bytes=1 << 26)
    await machine.run("print(x)", {})
    assert not isinstance(machine.state, Finished)
    await machine.close()
    await second.close()


async def test_two_sandboxes_never_use_the_same_workers_at_a_time() -> None:
    first, second = sandbox(), sandbox()
    assert await worker(first) != await worker(second)
    await first.close()
    await second.close()


async def test_workers_of_a_sandbox_that_keeps_none_end_with_it(kept: KeptPools) -> None:
    box = sandbox(keeps=False)
    pid = await worker(box)
    await box.close()
    assert kept.take(2) is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_pool_in_which_a_script_still_runs_is_not_kept(kept: KeptPools) -> None:
    box = sandbox(turn_s=20.0)
    machine = await box.machine(memory_bytes=1 << 26)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(machine.run("while True:\n    pass", {}), 0.2)
    await box.close()
    assert kept.take(2) is None


async def test_a_worker_that_was_killed_while_it_was_kept_is_replaced() -> None:
    first, second = sandbox(), sandbox()
    pid = await worker(first)
    await first.close()
    os.kill(pid, signal.SIGKILL)
    assert await worker(second) != pid
    await second.close()


async def test_a_script_without_an_end_is_ended_and_its_pool_can_be_used_again() -> None:
    first, second = sandbox(turn_s=0.2), sandbox()
    machine = await first.machine(memory_bytes=1 << 26)
    await machine.run("while True:\n    pass", {})
    assert isinstance(machine.state, Broke)
    await machine.close()
    await first.close()
    assert await worker(second)
    await second.close()


def test_pools_are_kept_from_one_event_loop_to_the_next() -> None:
    async def once() -> int:
        box = sandbox()
        pid = await worker(box)
        await box.close()
        return pid

    assert asyncio.run(once()) == asyncio.run(once())
