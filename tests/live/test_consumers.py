"""The sockets: who may open them, what they send, and that nothing stays behind (4.5)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

from flows.live import serving, tailer
from flows.live.reading import last_seqs
from flows.models import Run, StepOutput
from flows.queries.events import events_after
from tests.factories import make_run
from tests.live.picture import Picture
from tests.live.sites import HOST, Headers, Socket, session, started_run, step, token, write

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def play(act: Callable[[], Awaitable[Any]]) -> Any:
    """Run it in a loop of its own, at whose end no task may be left."""

    async def main() -> Any:
        before = asyncio.all_tasks()
        result = await act()
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        assert not left
        assert tailer.watchers() == 0
        return result

    return asyncio.run(main())


in_thread: Any = sync_to_async(write)


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code", "told", "close"),
    [
        (lambda: [(b"host", HOST.encode())], "foreign_origin", "no Origin was sent", 4403),
        (lambda: [*session()[:1], session()[2]], "not_authenticated", "nobody is logged in", 4401),
        (lambda: session(origin=None), "foreign_origin", "no Origin was sent", 4403),
        (lambda: session(origin="http://evil.example"), "foreign_origin", "'http://evil.example'", 4403),
        (lambda: session(origin="http://localhost:9000"), "foreign_origin", "expected one of localhost:8000", 4403),
        (lambda: session(origin="null"), "foreign_origin", "'null'", 4403),
        (lambda: session(origin="http://evil.example", host="evil.example"), "foreign_origin", "ALLOWED_HOSTS", 4403),
        (lambda: session(None), "access_denied", "run.view needs the role viewer", 4403),
        (lambda: token(None), "access_denied", "run.view needs the role viewer", 4403),
        (lambda: [(b"authorization", b"Token nonsense")], "not_authenticated", "the token is not known", 4401),
        (lambda: [*session(), (b"authorization", b"Basic x")], "not_authenticated", "Authorization: Token KEY", 4401),
    ],
)
def test_a_socket_is_refused_with_the_reason(headers: Callable[[], Headers], code: str, told: str, close: int) -> None:
    sent = headers()

    async def act(path: str) -> tuple[str, str, int]:
        async with Socket(path, sent) as socket:
            return await socket.refusal()

    for path in ("/ws/runs/", "/ws/runs/1/", "/ws/elsewhere/"):
        refusal = play(partial(act, path))
        assert (refusal[0], refusal[2]) == (code, close)
        assert told in refusal[1]


def test_a_closed_account_opens_nothing() -> None:
    by_token, by_session = token(), session()
    User.objects.update(is_active=False)

    async def act(headers: Headers) -> tuple[str, str, int]:
        async with Socket("/ws/runs/", headers) as socket:
            return await socket.refusal()

    assert {play(partial(act, headers))[2] for headers in (by_token, by_session)} == {4401}


NOWHERE = [
    ("/ws/runs/9/", "not_found", "there is no run 9", 4404),
    ("/ws/nothing/", "not_found", "expected /ws/runs/ or", 4404),
    ("/ws/runs/1/?after=x", "invalid", "after is 'x', expected a whole number", 4400),
    ("/ws/runs/1/?view=cube", "invalid", "view is 'cube', expected events or matrix", 4400),
    ("/ws/runs/1/?since=1", "invalid", "'since', expected view, after, seq", 4400),
    ("/ws/runs/?x=1", "invalid", "'x', expected none", 4400),
]


def test_an_address_that_leads_nowhere_is_refused_with_the_reason() -> None:
    headers = token()

    async def act(path: str) -> tuple[str, str, int]:
        async with Socket(path, headers) as socket:
            return await socket.refusal()

    for path, code, told, close in NOWHERE:
        refusal = play(partial(act, path))
        assert (refusal[0], refusal[2]) == (code, close)
        assert told in refusal[1]


def test_who_loses_the_right_to_look_is_shown_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CHECK_AGAIN_S", 0.1)
    headers = token()

    async def act() -> tuple[str, str, int]:
        async with Socket("/ws/runs/", headers) as socket:
            assert (await socket.frame())["type"] == "snapshot"
            await sync_to_async(Token.objects.all().delete)()
            return await socket.refusal()

    assert play(act)[2] == 4401


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("headers", "after"), [(token, 0), (session, 2), (token, 7)])
def test_every_event_comes_once_and_in_order(
    headers: Callable[[], Headers], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.live.consumers.FRAME_CHARS", 600)
    run, sent = started_run("E1"), headers()
    write(run, [step("started", turn=turn) for turn in range(1, 7)])

    async def act() -> list[Any]:
        events: list[Any] = []
        async with Socket(f"/ws/runs/{run.pk}/?after={after}", sent) as socket:
            for turn in range(7, 12):
                await in_thread(run, [step("started", turn=turn), step("finished", turn=turn, status="failed")])
                while not events or events[-1]["seq"] < 2 * turn - 5:
                    events += await socket.frame()
        return events

    assert play(act) == events_after(run.pk, after)


def test_a_child_gives_the_events_of_its_whole_tree() -> None:
    run, headers = started_run("E1"), token()
    child = make_run(root=run, parent=run, number=1)

    async def act() -> Any:
        async with Socket(f"/ws/runs/{child.pk}/", headers) as socket:
            return await socket.frame()

    assert [(event["seq"], event["run"]) for event in play(act)] == [(1, run.pk)]


# --- matrix ----------------------------------------------------------------------------------------------------------


def test_the_matrix_is_a_snapshot_and_then_what_changes_in_the_rows_asked_for() -> None:
    run, headers = started_run("E1", "E2"), token()

    async def act() -> tuple[Any, Picture, list[int]]:
        picture, rows = Picture(), []
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix&seq=1", headers) as socket:
            snapshot = await socket.frame()
            picture.take(snapshot)
            await socket.send({"type": "rows", "run": run.pk, "from": 0, "to": 1})
            await in_thread(run, [step("started", name) for name in ("E1", "E2")])
            while picture.seq < 3:
                picture.take(await socket.frame())
            rows = sorted(row for row, _ in picture.cells)
            await socket.send({"type": "rows", "run": run.pk, "from": 0, "to": 2})
            picture.take(await socket.frame())
        return snapshot, picture, rows

    snapshot, picture, rows = play(act)
    assert (snapshot["type"], snapshot["seq"], snapshot["runs"][0]["elements"]) == ("snapshot", 1, ["E1", "E2"])
    assert rows == [0]
    assert picture.cells == {(0, 1): (1, "running"), (1, 1): (1, "running")}
    assert picture.elements == {0: "running", 1: "running"}
    assert picture.counts == {run.pk: {"running": 2}}


def output(run: Run, stream: str, offset: int, text: str) -> None:
    """As a worker writes it."""
    key = {"site": 1, "turn": 1, "attempt": 1, "stream": stream, "offset": offset}
    StepOutput.objects.create(root=run, run=run, element_name="E1", content=text.encode(), **key)
    write(run, [("step_output", {"element": "E1", **key, "size": len(text)})])


def test_the_log_of_a_cell_comes_from_its_offset_and_then_as_it_grows() -> None:
    run, headers = started_run("E1"), token()
    write(run, [step("started")])
    output(run, "stdout", 0, "one\n")
    output(run, "stderr", 0, "bad\n")
    name = {"run": run.pk, "element": "E1", "site": 1, "turn": 1, "attempt": 1}

    async def act() -> list[Any]:
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) as socket:
            await socket.frame()
            await socket.send({"type": "log", "step": name, "offset": 6})
            frames = [await socket.frame()]
            await sync_to_async(output)(run, "stdout", 4, "two\n")
            frames.append(await socket.frame())
            while frames[-1]["type"] != "log":
                frames.append(await socket.frame())
        return [frame for frame in frames if frame["type"] == "log"]

    assert play(act) == [
        {"type": "log", "step": name, "offset": 6, "pieces": [["stderr", "d\n"]], "end": 8},
        {"type": "log", "step": name, "offset": 8, "pieces": [["stdout", "two\n"]], "end": 12},
    ]


MESSAGES: list[tuple[Any, str]] = [
    ("rows", "found 'rows', expected a JSON object"),
    ([1], "found [1], expected a JSON object"),
    ({"type": "row"}, "type is 'row', expected one of rows, log"),
    ({"type": "rows", "run": 1, "from": 2, "to": 1}, "to is 1, expected 2 (from) or more"),
    ({"type": "rows", "run": "x", "from": 0, "to": 1}, "run is 'x', expected a whole number from 1"),
    ({"type": "rows", "run": 999_999, "from": 0, "to": 1}, "run is 999999, expected run"),
    ({"type": "rows", "run": 1, "from": 0, "to": 1, "at": 1}, "found the key 'at', expected type, run, from, to, also"),
    ({"type": "rows", "run": 1, "from": 0, "to": 0, "also": 3}, "also is 3, expected a list of positions"),
    ({"type": "rows", "run": 1, "from": 0, "to": 0, "also": [-1]}, "also is -1, expected a whole number from 0"),
    ({"type": "log", "step": {"run": 999_999, "element": "E1", "site": 1}}, "run and element are 999999 and 'E1'"),
    ({"type": "log", "step": 5}, "step is 5, expected an object with run, element, site, turn, attempt, or null"),
    ("x" * 5000, "found a message of 5000 characters, expected at most 4096"),
]


def test_a_message_that_cannot_be_used_is_answered_and_the_socket_stays_open() -> None:
    run, headers = started_run("E1"), token()

    async def act() -> list[Any]:
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) as socket:
            frames = [await socket.frame()]
            for message, _ in MESSAGES:
                await socket.send(message)
                frames.append(await socket.frame())
            await in_thread(run, [step("started")])
            return [*frames, await socket.frame()]

    _, *errors, delta = play(act)
    assert delta["type"] == "delta"
    for error, (_, told) in zip(errors, MESSAGES, strict=True):
        assert (error["type"], error["code"]) == ("error", "invalid")
        assert told in error["message"]


@pytest.mark.slow
def test_a_slow_client_gets_a_new_snapshot_instead_of_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    run, headers = started_run("E1"), token()
    turns = 300

    async def act() -> list[Any]:
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) as socket:
            frames = [await socket.frame()]
            await socket.send({"type": "rows", "run": run.pk, "from": 0, "to": 1})
            frames.append(await socket.frame())
            socket.takes.clear()
            for turn in range(1, turns + 1):
                await in_thread(run, [step("started", turn=turn)])
            await asyncio.sleep(0.3)
            socket.takes.set()
            while frames[-1]["seq"] < turns + 1:
                frames.append(await socket.frame())
        return frames

    monkeypatch.setattr("flows.live.view.KEPT_CHANGES", 100)
    frames = play(act)
    assert [frame["type"] for frame in frames] == ["snapshot", "delta", "delta", "snapshot"]
    assert frames[-1]["cells"] == [[0, 1, turns, "running"]]


def test_frames_come_at_most_every_50_ms() -> None:
    run, headers = started_run("E1"), token()

    async def act() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) as socket:
            seq, count, began = (await socket.frame())["seq"], 0, loop.time()
            writing = asyncio.gather(*(in_thread(run, [step("started", turn=turn)]) for turn in range(1, 60)))
            while seq < 60:
                seq = (await socket.frame())["seq"]
                count += 1
            await writing
            return count, loop.time() - began

    count, took = play(act)
    assert count <= took / 0.05 + 1


def test_a_frame_that_is_too_large_for_one_message_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f'server-"{number}"-ü' for number in range(2000)]
    run, headers = started_run(*names), token()
    monkeypatch.setattr(serving, "MAX_FRAME_BYTES", 10_000)
    monkeypatch.setattr(serving, "_PART_CHARS", 9_000)

    async def act() -> list[Any]:
        parts: list[Any] = []
        async with Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) as socket:
            while not parts or not parts[-1]["last"]:
                parts.append(await socket.frame())
        return parts

    parts = play(act)
    assert len(parts) > 2
    assert json.loads("".join(part["text"] for part in parts))["runs"][0]["elements"] == names


# --- all runs --------------------------------------------------------------------------------------------------------


def test_summaries_of_all_runs_come_and_follow_them() -> None:
    old, run, headers = make_run(), started_run("E1"), token()
    Run.objects.filter(pk=old.pk).update(state="failed", ended_at=old.created_at)

    async def act() -> list[Any]:
        async with Socket("/ws/runs/", headers) as socket:
            frames = [await socket.frame()]
            new = await sync_to_async(make_run)(flow_name="F9")
            frames.append(await socket.frame())
            await sync_to_async(Run.objects.filter(pk=run.pk).update)(state="succeeded", ended_at=new.created_at)
            frames.append(await socket.frame())
        return frames

    first, second, third = play(act)
    assert [(shown["id"], shown["state"]) for shown in first["runs"]] == [(run.pk, "queued"), (old.pk, "failed")]
    assert [(frame["type"], len(frame["runs"])) for frame in (second, third)] == [("delta", 1), ("delta", 1)]
    assert second["runs"][0]["flow"] == "F9"
    assert (third["runs"][0]["id"], third["runs"][0]["state"]) == (run.pk, "succeeded")


def test_many_watchers_share_the_reads_of_one_tailer(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one read in 50 ms, however many watch."""
    run, headers = started_run("E1"), token()
    reads: list[int] = []

    def count(roots: list[int]) -> dict[int, int]:
        reads.append(len(roots))
        return last_seqs(roots)

    async def act() -> int:
        sockets = [Socket(f"/ws/runs/{run.pk}/?view=matrix", headers) for _ in range(8)]
        for socket in sockets:
            await socket.__aenter__()
            await socket.frame()
        monkeypatch.setattr(tailer, "last_seqs", count)
        await in_thread(run, [step("started")])
        frames = [await socket.frame() for socket in sockets]
        for socket in sockets:
            await socket.__aexit__()
        assert {frame["seq"] for frame in frames} == {2}
        return len(reads)

    assert play(act) < 8
    assert set(reads) == {1}
