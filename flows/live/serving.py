"""What all sockets share: who may open one, one frame in 50 ms at the client's own pace, and why one is closed."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from flows.live.flow_control import ClientStalled, Gate
from flows.live.messages import BadMessage, Message, read_message
from flows.live.people import viewer_of
from flows.live.tailer import Tailer, encode_json, shared_tailer, watchers
from flowsite.kernel.errors import FlowsiteError, InvalidRequest

log = logging.getLogger(__name__)

FRAME_S = 0.05
#: What servers and clients take in one message; Daphne sends nothing that is larger than 1 MiB.
MAX_FRAME_BYTES = 800_000
#: A character of JSON takes at most four bytes in a text within JSON.
_PART_CHARS = 190_000
MAX_WATCHERS = 2000
#: Messages that were not looked at yet; who sends more at once is not listened to.
MAX_MESSAGES = 64
#: A closed account, a lost role, a logout: looked at again so often.
CHECK_AGAIN_S = 60.0

#: Close codes by the HTTP status that says the same.
CLOSE_CODES = {400: 4400, 401: 4401, 403: 4403, 404: 4404, 429: 4429}
TRY_AGAIN_LATER = 1013
SERVER_ERROR = 1011
CLIENT_STALLED = 4408

Frame = Mapping[str, Any] | str


class TooMany(FlowsiteError):
    """More than this server carries."""

    code = "too_many"
    status = 429


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket. ``frames`` says what is sent; one task does all the sending and ends with the socket."""

    #: Their defaults stand in the query; unknown names are refused.
    parameters: ClassVar[Mapping[str, str]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As in Channels, without a channel of its own: the tailer listens for all sockets."""
        self.scope, self.base_send = scope, send
        self.bell = asyncio.Event()
        self.messages: deque[Message] = deque()
        self.problems: deque[FlowsiteError] = deque()
        self._serving: asyncio.Task[None] | None = None
        try:
            with suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        finally:
            await self._end()

    async def connect(self) -> None:
        """Accept everybody, so that a browser too can be told why it is refused; then serve."""
        await self.accept()
        self._serving = asyncio.get_running_loop().create_task(self._serve(), name=f"socket {self.scope['path']}")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        """Read a message; what is wrong with it is answered, not punished."""
        try:
            message = read_message(text_data)
        except BadMessage as bad:
            self.tell(InvalidRequest(str(bad)))
        else:
            self.messages.append(message)
        if len(self.messages) + len(self.problems) > MAX_MESSAGES:
            self.messages.clear()
            self.problems.clear()
            self.tell(TooMany(f"more than {MAX_MESSAGES} messages waited to be read; none of them was"))
        self.bell.set()

    def frames(self, tailer: Tailer) -> AsyncGenerator[Frame | None]:
        """What to send next; None when there is nothing until the bell rings."""
        raise NotImplementedError(f"{type(self).__name__} sends what it reads by {tailer}")

    # --- serving ----------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        try:
            self._gate = Gate(self.base_send)
            async with shared_tailer() as tailer:
                await self._send_frames(tailer)
        except FlowsiteError as refused:
            await self._refuse(refused, CLOSE_CODES.get(refused.status, CLOSE_CODES[400]))
        except ClientStalled as stalled:
            log.info("%s: %s", self.scope["path"], stalled)
            await self.close(CLIENT_STALLED)
        except DatabaseError as error:
            log.warning("%s: %s", self.scope["path"], error)
            trouble = FlowsiteError("the database cannot be read now; try again in a few seconds")
            await self._refuse(trouble, TRY_AGAIN_LATER)
        except Exception:
            log.exception("%s failed", self.scope["path"])
            await self._refuse(FlowsiteError("the server failed; its log says why"), SERVER_ERROR)

    async def _send_frames(self, tailer: Tailer) -> None:
        if watchers() > MAX_WATCHERS:
            raise TooMany(f"this server has {MAX_WATCHERS} sockets open, which is all it carries; try again later")
        self.query = self._read_query()
        await tailer.read(viewer_of, self.scope)
        check_at = time.monotonic() + CHECK_AGAIN_S
        async with aclosing(self.frames(tailer)) as frames:
            async for frame in frames:
                await self._send_problems()
                if frame is None:
                    await self._wait(check_at)
                else:
                    await self._put(frame)
                if time.monotonic() >= check_at:
                    await tailer.read(viewer_of, self.scope)
                    check_at = time.monotonic() + CHECK_AGAIN_S

    async def _wait(self, until: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(until - time.monotonic(), 0)):
                await self.bell.wait()
        self.bell.clear()

    async def _put(self, frame: Frame) -> None:
        text = frame if isinstance(frame, str) else encode_json(frame)
        for part in [text] if len(text.encode()) <= MAX_FRAME_BYTES else _parts(text):
            await self._gate.passed()
            await self.send(text_data=part)
            await asyncio.sleep(FRAME_S)

    async def _send_problems(self) -> None:
        while self.problems:
            await self._put(_error(self.problems.popleft()))

    def tell(self, problem: FlowsiteError) -> None:
        """Answer a message that cannot be used."""
        self.problems.append(problem)

    async def _refuse(self, refused: FlowsiteError, close_code: int) -> None:
        await self.send(text_data=encode_json(_error(refused)))
        await self.close(close_code, reason=refused.code)

    async def _end(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])

    def _read_query(self) -> dict[str, str]:
        given = dict(parse_qsl(self.scope["query_string"].decode("latin1"), keep_blank_values=True))
        unknown = sorted(given.keys() - self.parameters.keys())
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise InvalidRequest(
                f"found the parameter {unknown[0]!r}, expected {known}", fields={unknown[0]: ["unknown"]}
            )
        return {**self.parameters, **given}

    def number(self, name: str) -> int:
        """A parameter of the query that is a whole number."""
        text = self.query[name]
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            raise InvalidRequest(f"{name} is {text!r}, expected a whole number", fields={name: ["not a whole number"]})
        return int(text)


def _parts(text: str) -> list[str]:
    """A frame that is too large for one message, as texts that the client puts together again."""
    starts = range(0, len(text), _PART_CHARS)
    return [
        encode_json({"type": "part", "text": text[start : start + _PART_CHARS], "last": start == starts[-1]})
        for start in starts
    ]


def _error(problem: FlowsiteError) -> dict[str, Any]:
    return {"type": "error", "code": problem.code, "message": problem.message, "fields": problem.fields}
