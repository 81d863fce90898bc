"""One attempt's output: redacted, streamed with backpressure, kept by head and tail, and its beginning as a text."""

from collections import deque
from collections.abc import Awaitable, Callable

from flows.tasks.redact import Redactor

MAX_KEPT_BYTES = 10 * 1024 * 1024
#: Of the kept bytes, how many are the tail. They wait in memory until the end, so it is the smaller part.
MAX_TAIL_BYTES = 512 * 1024
MAX_RESULT_BYTES = 64 * 1024

Write = Callable[[str, bytes], Awaitable[None]]
"""Takes (stream, bytes) and waits while its receiver is behind."""


class Output:
    """Collects the output of one attempt, at most 10 MiB of it (R44): the head as it comes, the tail at the end.

    Between them stands one line that says how many bytes were left out. ``text`` is the result's output: the first
    64 KiB of stdout alone, so that a script can use it (R12).
    """

    def __init__(self, write: Write, redactor: Redactor, *, limit_bytes: int = MAX_KEPT_BYTES) -> None:
        self._write = write
        self._streams = {"stdout": redactor.stream(), "stderr": redactor.stream()}
        self._tail_limit = min(MAX_TAIL_BYTES, limit_bytes // 2)
        self._head_left = limit_bytes - self._tail_limit
        self._tail: deque[tuple[str, bytes]] = deque()
        self._tail_size = 0
        self._left_out = 0
        self._result = bytearray()
        self._last = {"stdout": b"", "stderr": b""}

    async def add(self, stream: str, data: bytes) -> None:
        """Take the next bytes of a stream."""
        await self._keep(stream, self._streams[stream].feed(data))

    async def finish(self) -> None:
        """Write what was held back: call it once, after the last ``add``."""
        for name, stream in self._streams.items():
            await self._keep(name, stream.finish())
        if self._left_out:
            await self._write("stderr", f"\n[flowsite: {self._left_out} bytes left out here]\n".encode())
        for name, data in self._tail:
            await self._write(name, data)

    @property
    def text(self) -> str:
        """The first 64 KiB of stdout; bytes that are no UTF-8 are shown as U+FFFD."""
        data = bytes(self._result[:MAX_RESULT_BYTES])
        if len(self._result) > MAX_RESULT_BYTES:  # do not cut a character in two
            data = data[: _character_boundary(data)]
        return data.decode("utf-8", errors="replace")

    @property
    def is_cut(self) -> bool:
        """True when there was more of stdout than ``text`` holds."""
        return len(self._result) > MAX_RESULT_BYTES

    @property
    def last_line(self) -> str:
        """The last line that is not blank: of stderr, else of stdout."""
        for name in ("stderr", "stdout"):
            lines = self._last[name].decode("utf-8", errors="replace").strip().splitlines()
            if lines:
                return " ".join(lines[-1].split())[:200]
        return ""

    async def _keep(self, stream: str, data: bytes) -> None:
        if not data:
            return
        self._last[stream] = (self._last[stream] + data)[-1024:] if len(data) < 1024 else data[-1024:]
        if stream == "stdout" and len(self._result) <= MAX_RESULT_BYTES:
            self._result += data[: MAX_RESULT_BYTES + 1 - len(self._result)]
        head = data[: self._head_left]
        if head:
            self._head_left -= len(head)
            await self._write(stream, head)
        if len(head) < len(data):
            self._keep_tail(stream, data[len(head) :])

    def _keep_tail(self, stream: str, data: bytes) -> None:
        self._tail.append((stream, data))
        self._tail_size += len(data)
        while self._tail_size > self._tail_limit:
            name, oldest = self._tail.popleft()
            cut = min(len(oldest), self._tail_size - self._tail_limit)
            if cut < len(oldest):
                self._tail.appendleft((name, oldest[cut:]))
            self._tail_size -= cut
            self._left_out += cut


def _character_boundary(data: bytes) -> int:
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0b1100_0000 == 0b1100_0000:  # the first byte of a character of several bytes
            needs = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) if needs <= back else len(data) - back
        if byte < 0x80:
            break
    return len(data)
