"""A command in progress, on whatever side it runs: its output as it comes, its end, its deadline, its termination."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from flows.tasks.output import Output

#: Above this many bytes not taken yet, the source is asked to pause.
HIGH_WATER_BYTES = 64 * 1024
#: A command that has exited but whose output a child of it holds open is over after this much silence.
LINGER_S = 1.0


class Ended(StrEnum):
    """How the following of a command ended."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    LOST = "lost"


class After(StrEnum):
    """What is known of a command that was told to end (R34)."""

    GONE = "gone"
    STILL_THERE = "still_there"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ending:
    """``exit_code`` or ``signal`` when it exited; ``after`` when it was told to end."""

    how: Ended
    exit_code: int | None = None
    signal: str | None = None
    after: After = After.GONE


class Running(Protocol):
    """A started command: fills its feed, and can be ended."""

    feed: "Feed"

    async def end(self) -> After:
        """Terminate the whole process group, wait for it within bounds, and say what is known."""

    def abandon(self) -> None:
        """Let go of whatever is left, at once."""


class Feed:
    """Where a source pushes output and its end, and one task takes them. All calls come from one event loop."""

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self.signal: str | None = None
        self.exited = False
        self.closed = False
        self.lost: Exception | None = None
        self.pause: Callable[[], None] = _nothing
        self.resume: Callable[[], None] = _nothing
        self._pieces: list[tuple[str, bytes]] = []
        self._size = 0
        self._paused = False
        self._wake = asyncio.Event()

    def push(self, stream: str, data: bytes) -> None:
        """Output came."""
        self._pieces.append((stream, data))
        self._size += len(data)
        if self._size > HIGH_WATER_BYTES and not self._paused:
            self._paused = True
            self.pause()
        self._wake.set()

    def exit(self, exit_code: int | None, signal: str | None = None) -> None:
        """The command ended by itself or by a signal (its name without SIG); output may still come."""
        self.exit_code, self.signal, self.exited = exit_code, signal, True
        self._wake.set()

    def close(self, error: Exception | None = None) -> None:
        """Nothing more will come. Without an exit before, the command was lost."""
        self.closed, self.lost = True, error
        self._wake.set()

    @property
    def busy(self) -> bool:
        """True while output waits to be taken."""
        return bool(self._pieces)

    async def wait(self, seconds: float) -> bool:
        """True as soon as something came, False after so many seconds of nothing."""
        if seconds <= 0 and not self._wake.is_set():
            return False
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def drain(self, output: Output) -> None:
        """Hand over what came, adjacent pieces of one stream joined; then let the source go on."""
        while self._pieces:
            pieces, self._pieces, self._size = self._pieces, [], 0
            for stream, data in _joined(pieces):
                await output.add(stream, data)
            if self._paused:
                self._paused = False
                self.resume()


async def follow(running: Running, output: Output, deadline: float) -> Ending:
    """Follow a command until its end or the deadline (event loop time). Cancelling it terminates the command.

    Never raises for what the command did; a second cancellation lets go of it at once. An error of the receiver of
    the output (the lease is lost) terminates the command too and is raised.
    """
    feed = running.feed
    after = After.GONE
    try:
        how = await _follow(feed, output, deadline)
        if how is Ended.TIMED_OUT:
            after = await _end(running, output)
    except asyncio.CancelledError:
        forget_cancellation()
        how, after = Ended.CANCELLED, await _end(running, output)
    except Exception:
        await running.end()
        raise
    finally:
        running.abandon()
    await output.finish()
    return Ending(how, feed.exit_code, feed.signal, after)


def forget_cancellation() -> None:
    """The cancellation of this task was its order to end what it does: from here on it answers."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


async def _follow(feed: Feed, output: Output, deadline: float) -> Ended:
    clock = asyncio.get_running_loop().time
    while True:
        await feed.drain(output)
        if feed.closed and not feed.busy:
            return Ended.EXITED if feed.exited else Ended.LOST
        left = deadline - clock()
        if feed.exited:
            if not await feed.wait(min(LINGER_S, max(left, 0))) and not feed.busy:
                return Ended.EXITED
        elif left <= 0 or not await feed.wait(left):
            return Ended.TIMED_OUT


async def _end(running: Running, output: Output) -> After:
    ending = asyncio.ensure_future(running.end())
    try:
        while not ending.done():
            await running.feed.drain(output)
            await running.feed.wait(0.05)
        await running.feed.drain(output)
        return ending.result()
    except asyncio.CancelledError:
        forget_cancellation()
        return After.UNKNOWN
    finally:
        ending.cancel()


def _joined(pieces: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    if len(pieces) < 2:
        return pieces
    joined: list[tuple[str, list[bytes]]] = []
    for stream, data in pieces:
        if joined and joined[-1][0] == stream:
            joined[-1][1].append(data)
        else:
            joined.append((stream, [data]))
    return [(stream, b"".join(parts)) for stream, parts in joined]


def _nothing() -> None:
    """What an empty source does when told to pause."""
