"""Runs, people and sockets for tests of the live consumers."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from rest_framework.authtoken.models import Token

from flows.live.consumers import live
from flows.models import Run, RunEvent
from tests.factories import AN_INSTANT, make_run

HOST = "localhost:8000"
Headers = list[tuple[bytes, bytes]]
Json = dict[str, Any]


def person(role: str | None) -> User:
    """A user with this role; flushed databases have no roles."""
    user, _ = User.objects.get_or_create(username=f"the {role}")
    user.groups.set([Group.objects.get_or_create(name=role)[0]] if role else [])
    return user


def token(role: str | None = "viewer") -> Headers:
    """The headers of a program with this role's token."""
    key = Token.objects.get_or_create(user=person(role))[0].key
    return [(b"host", HOST.encode()), (b"authorization", f"Token {key}".encode())]


def session(role: str | None = "viewer", *, origin: str | None = f"http://{HOST}", host: str = HOST) -> Headers:
    """The headers of a browser in which somebody with this role has logged in."""
    user = person(role)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    headers = [(b"host", host.encode()), (b"cookie", f"{settings.SESSION_COOKIE_NAME}={store.session_key}".encode())]
    return headers + ([(b"origin", origin.encode())] if origin is not None else [])


class Socket:
    """One connection to the application, without a server between."""

    def __init__(self, path: str, headers: Headers) -> None:
        self.takes = asyncio.Event()
        self.takes.set()
        self.communicator = WebsocketCommunicator(self._application, path, headers=headers)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        """As behind a server whose ``send`` waits while nobody reads: while ``takes`` is clear."""

        async def send_slowly(message: Any) -> None:
            await self.takes.wait()
            await send(message)

        await live(scope, receive, send_slowly)

    async def __aenter__(self) -> Self:
        accepted, _ = await self.communicator.connect(timeout=5)
        assert accepted
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.communicator.disconnect(timeout=5)

    async def frame(self) -> Any:
        """The next frame."""
        return json.loads(await self.communicator.receive_from(timeout=5))

    async def send(self, message: Any) -> None:
        """Send as JSON."""
        await self.communicator.send_to(text_data=message if isinstance(message, str) else json.dumps(message))

    async def refusal(self) -> tuple[str, str, int]:
        """The code and text of the error frame, and the close code that follows."""
        error = await self.frame()
        assert error["type"] == "error"
        closed = await self.communicator.receive_output(timeout=5)
        assert closed["type"] == "websocket.close"
        return error["code"], error["message"], closed["code"]


def started_run(*elements: str, **fields: Any) -> Run:
    """A root run whose journal begins."""
    run = make_run(**fields)
    data = {"flow": "F1", "version": 1, "mode": "serial", "elements": elements, "skipped": [], "parent": None}
    write(run, [("run_started", {**data, "site": None, "turn": None, "callers": [], "path": ["F1"]})])
    return run


def step(kind: str, element: str = "E1", site: int = 1, turn: int = 1, **more: Any) -> tuple[str, Json]:
    """An event of a step."""
    key = {"element": element, "site": site, "turn": turn, "attempt": 1, "target": element}
    return f"step_{kind}", {**key, "step": "run_task", "name": "A", "line": 1, "path": ["F1"], **more}


def write(run: Run, events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Put events at the end of the journal, as one commit of a worker would."""
    seq = Run.objects.values_list("last_seq", flat=True).get(pk=run.pk)
    rows = [
        RunEvent(root=run, run=run, seq=number, type=type_, at=AN_INSTANT, data=dict(data))
        for number, (type_, data) in enumerate(events, start=seq + 1)
    ]
    RunEvent.objects.bulk_create(rows)
    Run.objects.filter(pk=run.pk).update(last_seq=seq + len(rows))
