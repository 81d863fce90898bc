"""The sockets behind the real server: it dies, and it has clients that do not read (4.5)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from flows.models import Run, StepOutput
from flows.queries.events import events_after
from tests.live.sites import started_run, step, token, write
from tests.live.wire import Daphne, Wire

pytestmark = [pytest.mark.slow, pytest.mark.database, pytest.mark.django_db(transaction=True)]

DIED = (asyncio.IncompleteReadError, ConnectionError)


@pytest.fixture
def daphne() -> Iterator[Daphne]:
    server = Daphne()
    server.start()
    yield server
    server.kill()


def key() -> str:
    return token()[-1][1].decode().removeprefix("Token ")


def test_a_client_that_comes_back_with_after_misses_nothing_and_gets_nothing_twice(daphne: Daphne) -> None:
    """Through kill -9 of the web server, while the journal goes on growing."""
    run, sent = started_run("E1"), key()
    events: list[Any] = []

    async def read_on(last: int) -> None:
        async with Wire(daphne.port, f"/ws/runs/{run.pk}/?after={len(events)}", sent) as wire:
            while len(events) < last:
                events.extend(await wire.frame())

    async def act() -> None:
        async with asyncio.timeout(30):
            writing = asyncio.ensure_future(grow(run))
            await read_on(20)
            reading = asyncio.ensure_future(read_on(1000))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(daphne.kill)
            with pytest.raises(DIED):
                await reading
            await asyncio.to_thread(daphne.start)
            await writing
            await read_on(1 + 3 * 60)

    asyncio.run(act())
    assert events == events_after(run.pk, 0)


async def grow(run: Run) -> None:
    for turn in range(60):
        await sync_to_async(write)(run, [step("started", turn=3 * turn + part) for part in range(3)])
        await asyncio.sleep(0.01)


def test_what_a_client_does_not_read_does_not_pile_up_in_the_server(daphne: Daphne) -> None:
    """18 MB of output: the server waits at the client's pace, and nothing is lost."""
    run, sent, pieces = started_run("E1"), key(), 300
    place, text = {"site": 1, "turn": 1, "attempt": 1, "stream": "stdout"}, "x" * 60_000
    places = [{**place, "offset": number * len(text)} for number in range(pieces)]
    StepOutput.objects.bulk_create(
        StepOutput(root=run, run=run, element_name="E1", content=text.encode(), **place) for place in places
    )
    write(run, [("step_output", {"element": "E1", **place, "size": len(text)}) for place in places])

    async def act() -> tuple[int, list[int]]:
        async with asyncio.timeout(30):
            async with Wire(daphne.port, "/ws/runs/", sent) as wire:
                await wire.frame()
            before = daphne.memory_bytes()
            async with Wire(daphne.port, f"/ws/runs/{run.pk}/", sent, small_buffer=True) as wire:
                await asyncio.sleep(1.5)
                held = daphne.memory_bytes() - before
                seqs: list[int] = []
                while len(seqs) < pieces + 1:
                    seqs += [event["seq"] for event in await wire.frame()]
                return held, seqs

    held, seqs = asyncio.run(act())
    assert seqs == list(range(1, pieces + 2))
    assert held < 14_000_000
