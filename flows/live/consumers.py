"""The sockets, and their addresses: a run's events or matrix, and summaries of all runs (4.5)."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from channels.routing import URLRouter
from django.urls import re_path

from flows.live.logs import LogTail
from flows.live.matrix import MatrixWatch, RowsRefused
from flows.live.messages import AskRows
from flows.live.reading import MAX_SUMMARIES, root_of
from flows.live.serving import Frame, LiveConsumer
from flows.live.tailer import Feed, Tailer, encode_json
from flows.queries.events import MAX_EVENTS, events_after
from flowsite.kernel.errors import InvalidRequest, NotFound

#: A frame of events ends with the one that takes it over this.
FRAME_CHARS = 512 * 1024
#: Events in the first read for a client that is behind; the next ones hold about two frames.
FIRST_PAGE = 20


class RunConsumer(LiveConsumer):
    """``/ws/runs/{id}/``: every event, or the matrix. A child's id gives the events of its root's whole tree, and of
    the matrix itself and the runs below it."""

    parameters: ClassVar[Mapping[str, str]] = {"view": "events", "after": "0", "seq": "0"}

    async def frames(self, tailer: Tailer) -> AsyncGenerator[Frame | None]:
        """Events as JSON arrays, or snapshot and deltas."""
        after, _ = self.number("after"), self.number("seq")
        view = self.query["view"]
        if view not in ("events", "matrix"):
            raise InvalidRequest(f"view is {view!r}, expected events or matrix", fields={"view": ["unknown"]})
        run = int(self.scope["url_route"]["kwargs"]["run"])
        root = await tailer.read(root_of, run)
        if root is None:
            raise NotFound(f"there is no run {run}")
        async with tailer.watch(root, self.bell, matrix=view == "matrix") as feed:
            shown = self._matrix(feed, tailer, run) if view == "matrix" else self._events(feed, tailer, after)
            async with aclosing(shown):
                async for frame in shown:
                    yield frame

    async def _events(self, feed: Feed, tailer: Tailer, after: int) -> AsyncGenerator[Frame | None]:
        limit = FIRST_PAGE
        while True:
            while self.messages:
                self.messages.popleft()
                self.tell(InvalidRequest("found a message, expected none: only view=matrix takes rows and log"))
            events = feed.since(after)
            if events is None:
                events = await tailer.read(_encoded_after, feed.root, after, limit)
                size = sum(len(text) for _, text in events) + 1
                limit = max(1, min(MAX_EVENTS, 2 * FRAME_CHARS * len(events) // size))
            if not events:
                yield None
            for part in _parts(events):
                yield f"[{','.join(text for _, text in part)}]"
                after = part[-1][0]

    async def _matrix(self, feed: Feed, tailer: Tailer, run: int) -> AsyncGenerator[Frame | None]:
        assert feed.view is not None
        if run not in feed.view.bands:  # a child whose start was committed a moment ago
            raise NotFound(f"run {run} has only just begun; try again")
        watch = MatrixWatch(feed.view, run)
        tail = LogTail()
        while True:
            self._take_messages(watch, tail)
            tail.look_at(watch)
            frame = watch.next_frame()
            if frame is not None:
                yield frame
            text = await tail.next_frame(tailer)
            if text is not None:
                yield text
            if frame is None and text is None:
                yield None

    def _take_messages(self, watch: MatrixWatch, tail: "LogTail") -> None:
        while self.messages:
            message = self.messages.popleft()
            try:
                if isinstance(message, AskRows):
                    watch.ask_rows(message.run, message.first, message.last, message.also)
                else:
                    tail.ask(message, watch)
            except RowsRefused as refused:
                self.tell(InvalidRequest(str(refused)))


class RunsConsumer(LiveConsumer):
    """``/ws/runs/``: summaries of all runs, for Home and lists."""

    async def frames(self, tailer: Tailer) -> AsyncGenerator[Frame | None]:
        """A snapshot of the newest and of all that are not over, then those that changed."""
        overview = tailer.overview
        overview.bells.add(self.bell)
        sent: dict[int, Any] | None = None
        try:
            while True:
                while self.messages:
                    self.messages.popleft()
                    self.tell(InvalidRequest("found a message, expected none: this socket takes none"))
                if not overview.loaded:
                    yield None
                    continue
                runs = dict(overview.runs)
                changed = [
                    runs[run] for run in sorted(runs, reverse=True) if sent is None or sent.get(run) != runs[run]
                ]
                if changed or sent is None:
                    yield {"type": "snapshot" if sent is None else "delta", "kept": MAX_SUMMARIES, "runs": changed}
                else:
                    yield None
                sent = runs
        finally:
            overview.bells.discard(self.bell)


class NowhereConsumer(LiveConsumer):
    """Every other address."""

    def frames(self, tailer: Tailer) -> AsyncGenerator[Frame | None]:  # noqa: ARG002
        """Say which addresses there are."""
        raise NotFound(f"there is no socket at {self.scope['path']!r}, expected /ws/runs/ or /ws/runs/NUMBER/")


def _encoded_after(root: int, seq: int, limit: int) -> list[tuple[int, str]]:
    return [(event["seq"], encode_json(event)) for event in events_after(root, seq, limit=limit)]


def _parts(events: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """The events in groups for one frame each."""
    parts: list[list[tuple[int, str]]] = []
    size = FRAME_CHARS
    for event in events:
        if size >= FRAME_CHARS:
            parts.append([])
            size = 0
        parts[-1].append(event)
        size += len(event[1])
    return parts


live = URLRouter(
    [
        re_path(r"^ws/runs/?$", RunsConsumer.as_asgi()),  # type: ignore[list-item, arg-type]
        re_path(r"^ws/runs/(?P<run>[0-9]{1,18})/?$", RunConsumer.as_asgi()),  # type: ignore[list-item, arg-type]
        re_path("", NowhereConsumer.as_asgi()),  # type: ignore[list-item, arg-type]
    ]
)
