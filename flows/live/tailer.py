"""Follows the journals of the runs that somebody watches: one tailer for all sockets of a web process (3.5).

Every 100 ms one query asks how far the watched journals have grown; of those that have, the events after what was
read are read, in a thread, once for all their watchers. The channel layer wakes it earlier where there is a real one.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from weakref import WeakKeyDictionary

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import Error as DatabaseError
from django.db import connections

from flows.adapters.database import DatabaseThread
from flows.adapters.publisher import group_of
from flows.live.reading import MAX_SUMMARIES, JournalReader, last_seqs, summaries
from flows.live.view import TreeView
from flows.queries.events import events_after
from flows.queries.summaries import Summary

log = logging.getLogger(__name__)

POLL_S = 0.1
#: At most one read in this time, however often it is woken.
COALESCE_S = 0.05
SUMMARIES_S = 0.25
RETRY_S = 1.0
#: What is kept of a journal in its public shape; who has read less reads the database.
RING_CHARS = 2_000_000
_REJOIN_S = 600.0
#: Events read at once with their text, which may be long.
_PAGE = 250

Bell = asyncio.Event


@dataclass(slots=True, eq=False)
class Feed:
    """What is known of one watched journal, up to ``seq``. ``ring`` has its last events as ``(seq, JSON)``."""

    root: int
    seq: int
    view: TreeView | None = None
    ring: deque[tuple[int, str]] = field(default_factory=deque)
    bells: set[Bell] = field(default_factory=set)
    readers: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ring_chars: int = 0

    def since(self, seq: int) -> list[tuple[int, str]] | None:
        """The events after ``seq`` as far as they are known, or None when the ring no longer holds them all."""
        if seq >= self.seq:
            return []
        if not self.ring or self.ring[0][0] > seq + 1:
            return None
        return [item for item in self.ring if item[0] > seq]

    def grow(self, events: list[dict[str, Any]], encoded: list[tuple[int, str]]) -> None:
        """Take new events and ring everybody."""
        # The view may have come while these were read, and be older than the first of them: the next read fills it up.
        if self.view is not None and events[0]["seq"] <= self.view.seq + 1:
            self.view.apply_all(events)
        if not encoded and events[-1]["seq"] > self.seq:  # nobody read when these were: the ring would have a gap
            self.ring.clear()
            self._ring_chars = 0
        for seq, text in encoded:
            self.ring.append((seq, text))
            self._ring_chars += len(text)
        while self._ring_chars > RING_CHARS or (self.ring and not self.readers):
            self._ring_chars -= len(self.ring.popleft()[1])
        self.seq = max(self.seq, events[-1]["seq"])
        for bell in self.bells:
            bell.set()


@dataclass(slots=True, eq=False)
class Overview:
    """Summaries of all runs, and who waits for them."""

    runs: dict[int, Summary] = field(default_factory=dict)
    bells: set[Bell] = field(default_factory=set)
    loaded: bool = False

    def take(self, found: dict[int, Summary], kept: int) -> None:
        """Take what was read; ring if anything is new."""
        changed = not self.loaded or any(self.runs.get(run) != summary for run, summary in found.items())
        self.runs.update(found)
        self.loaded = True
        ended = sorted((run for run, summary in self.runs.items() if summary["ended_at"]), reverse=True)
        for run in ended[kept:]:
            del self.runs[run]
        if changed:
            for bell in self.bells:
                bell.set()


class Tailer:
    """Reads for all watchers of this process. Lives from the first watcher to the last."""

    def __init__(self, *, poll_s: float = POLL_S) -> None:
        self.feeds: dict[int, Feed] = {}
        self.overview = Overview()
        self.journals = JournalReader()
        self._poll_s = poll_s
        self._reads = DatabaseThread()
        self._tail = DatabaseThread()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        layer = get_channel_layer()
        self._layer = None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer
        self._channel = ""

    def start(self) -> Self:
        """Begin to read."""
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(self._follow(), name="tailer: journals"))
        self._tasks.append(loop.create_task(self._follow_summaries(), name="tailer: summaries"))
        if self._layer is not None:
            self._tasks.append(loop.create_task(self._listen(), name="tailer: wake-ups"))
        return self

    async def close(self) -> None:
        """End everything and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self._reads.close(), self._tail.close())

    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on the thread for single reads, so that a long one delays no journal."""
        return await self._reads.run(_reading, function, *arguments)

    @asynccontextmanager
    async def watch(self, root: int, bell: Bell, *, matrix: bool) -> AsyncIterator[Feed]:
        """Follow a root run while inside: ``bell`` rings when its feed has grown. ``matrix`` gives it a view."""
        feed = self.feeds.get(root)
        if feed is None:
            seq = (await self.read(last_seqs, [root])).get(root, 0)
            feed = self.feeds.setdefault(root, Feed(root, seq))
        feed.bells.add(bell)
        feed.readers += not matrix
        try:
            await self._join(root)
            if matrix:
                await self._give_view(feed)
            yield feed
        finally:
            feed.readers -= not matrix
            feed.bells.discard(bell)
            if not feed.bells and self.feeds.get(root) is feed:
                del self.feeds[root]

    async def _give_view(self, feed: Feed) -> None:
        async with feed.lock:
            if feed.view is None:
                feed.view = await self.read(self.journals.load, feed.root)

    # --- journals ---------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            await self._pause()
            try:
                more = True
                while more:
                    more = await self._look()
            except DatabaseError as error:
                log.warning("live events wait for the database: %s", error)
                await asyncio.sleep(RETRY_S)
            except Exception:
                log.exception("live events could not be read; trying again")
                await asyncio.sleep(RETRY_S)

    async def _pause(self) -> None:
        """Until it is time for the next read: after a while, or when woken, but never too soon."""
        await asyncio.sleep(COALESCE_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(self._poll_s - COALESCE_S, 0.001)):
                await self._woken.wait()
        self._woken.clear()

    async def _look(self) -> bool:
        """Read what is new of every watched journal, a page of each; True when there is more."""
        feeds = list(self.feeds.values())
        if not feeds:
            return False
        seqs = await self._tail.run(_reading, last_seqs, [feed.root for feed in feeds])
        more = False
        for feed in feeds:
            start = feed.seq if feed.view is None else min(feed.seq, feed.view.seq)
            if seqs.get(feed.root, 0) > start:
                events, encoded = await self._tail.run(_reading, self._new_events, feed, start)
                if events:
                    feed.grow(events, [item for item in encoded if item[0] > feed.seq])
                more = more or len(events) >= _PAGE
        return more

    def _new_events(self, feed: Feed, seq: int) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
        """On the thread: the events after ``seq``, and in their public shape as JSON if somebody reads them."""
        if not feed.readers:
            return self.journals.events_after(feed.root, seq), []
        events = events_after(feed.root, seq, limit=_PAGE)
        encoded = [(event["seq"], encode_json(event)) for event in events]
        if feed.view is not None:
            self.journals.complete(event for event in events if event["type"] == "run_started")
        return events, encoded

    # --- wake-ups ---------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Without messages nothing is lost: the journals are read all the same, a little later."""
        assert self._layer is not None
        while True:
            try:
                self._channel = await self._layer.new_channel()
                for root in list(self.feeds):
                    await self._layer.group_add(group_of(root), self._channel)
                await self._receive(self._channel)
            except Exception as error:  # noqa: BLE001 - polling goes on; the broker may come back
                log.warning("no wake-ups for live events: %s", error)
                self._channel = ""
                await asyncio.sleep(RETRY_S)

    async def _receive(self, channel: str) -> None:
        """Take messages until it is time to join the groups again; the layer forgets members after a day."""
        assert self._layer is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(_REJOIN_S):
                while True:
                    message = await self._layer.receive(channel)
                    root = message["root"]
                    if root in self.feeds:
                        self._woken.set()
                    else:
                        await self._layer.group_discard(group_of(root), channel)

    async def _join(self, root: int) -> None:
        if self._layer is None or not self._channel:
            return
        try:
            await self._layer.group_add(group_of(root), self._channel)
        except Exception as error:  # noqa: BLE001 - polling finds it
            log.warning("no wake-ups for run %s: %s", root, error)

    # --- summaries --------------------------------------------------------------------------------------------------

    async def _follow_summaries(self) -> None:
        while True:
            if self.overview.bells:
                try:
                    self.overview.take(await self.read(summaries, dict(self.overview.runs)), MAX_SUMMARIES)
                except DatabaseError as error:
                    log.warning("summaries of runs wait for the database: %s", error)
                    await asyncio.sleep(RETRY_S)
                except Exception:
                    log.exception("summaries of runs could not be read; trying again")
                    await asyncio.sleep(RETRY_S)
            await asyncio.sleep(SUMMARIES_S)


encode_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _reading(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call it; a connection that failed is closed, so that the next call makes a new one."""
    try:
        return function(*arguments)
    except DatabaseError:
        connections.close_all()
        raise


# --- the one of this process ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shared:
    tailer: Tailer
    users: int = 0


_shared: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared]" = WeakKeyDictionary()


@asynccontextmanager
async def shared_tailer() -> AsyncIterator[Tailer]:
    """The tailer of this process (of this event loop); it ends with its last user."""
    loop = asyncio.get_running_loop()
    shared = _shared.get(loop)
    if shared is None:
        shared = _shared[loop] = _Shared(Tailer().start())
    shared.users += 1
    try:
        yield shared.tailer
    finally:
        shared.users -= 1
        if not shared.users:
            del _shared[loop]
            await shared.tailer.close()


def watchers() -> int:
    """How many use the tailer of this event loop."""
    shared = _shared.get(asyncio.get_running_loop())
    return 0 if shared is None else shared.users
