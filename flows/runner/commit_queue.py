"""Everything that goes into the journal, in order: what arrived while one commit ran goes into the next.

There is no fixed window: a lone outcome is committed at once, a thousand that arrive together share one commit. The
pause that SQLite needs between transactions is the journal's own (see ``flows.adapters.journal``).
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

from flows.engine.events import Event, Input, StepFinished, StepKey
from flows.runner.lease import Lease
from flows.runner.ports import Clock, ElementDict, Journal, LeaseLost, Publisher

#: Output waiting for the journal; past it, attempts wait before they read on.
OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024
#: Output in one transaction, so that events never wait long behind it.
OUTPUT_SLICE_BYTES = 256 * 1024
#: Time between two transactions of output, which gathers small pieces and leaves the journal to the events.
OUTPUT_PAUSE_S = 0.02

Chunk = tuple[StepKey, str, bytes]


class JournalFailed(Exception):
    """The journal cannot be written or read: this worker stops, the next one goes on from what was committed."""


@dataclass(slots=True)
class OutputBuffer:
    """Output not yet written, by attempt, in the order in which attempts first spoke."""

    chunks: dict[StepKey, list[tuple[str, bytes]]] = field(default_factory=dict)
    size_bytes: int = 0

    def add(self, key: StepKey, stream: str, data: bytes) -> None:
        """Append to the attempt's output; pieces of one stream that follow each other become one."""
        self.size_bytes += len(data)
        pieces = self.chunks.setdefault(key, [])
        if pieces and pieces[-1][0] == stream and len(pieces[-1][1]) < OUTPUT_SLICE_BYTES:
            pieces[-1] = (stream, pieces[-1][1] + data)
        else:
            pieces.append((stream, data))

    def take(self, key: StepKey) -> list[Chunk]:
        """All of one attempt."""
        pieces = self.chunks.pop(key, [])
        self.size_bytes -= sum(len(data) for _, data in pieces)
        return [(key, stream, data) for stream, data in pieces]

    def take_slice(self) -> list[Chunk]:
        """Whole attempts, oldest first, until the slice is full."""
        taken: list[Chunk] = []
        size = 0
        while self.chunks and size < OUTPUT_SLICE_BYTES:
            chunks = self.take(next(iter(self.chunks)))
            size += sum(len(data) for _, _, data in chunks)
            taken += chunks
        return taken


class CommitQueue:
    """The journal's only writer while a run is driven. Shared by the tasks of one driver."""

    def __init__(self, root: int, journal: Journal, lease: Lease, clock: Clock, publisher: Publisher) -> None:
        """Nothing is waiting."""
        self._root = root
        self._journal = journal
        self._lease = lease
        self._clock = clock
        self._publisher = publisher
        self._arrived: list[Input] = []
        self._consumed: list[int] = []
        self._woken = asyncio.Event()
        self._writing = asyncio.Lock()
        self._output = OutputBuffer()
        self._output_came = asyncio.Event()
        self._output_went = asyncio.Event()
        self._last_at = 0.0

    # --- what comes in ---

    def post(self, event: Input) -> None:
        """An input that happened: it goes into the next commit."""
        self._arrived.append(event)
        self._woken.set()

    def consume(self, signal_id: int, event: Input | None) -> None:
        """A signal was read; its event, if it makes sense, and its consumption go into the next commit."""
        self._consumed.append(signal_id)
        if event is not None:
            self._arrived.append(event)
        self._woken.set()

    def wake(self) -> None:
        """Make ``wait`` return: something else than an event asks for the driver."""
        self._woken.set()

    async def output(self, key: StepKey, stream: str, data: bytes) -> None:
        """Take output of an attempt; waits while the journal is behind."""
        if not data:
            return
        while self._output.size_bytes >= OUTPUT_LIMIT_BYTES:
            self._output_went.clear()
            await self._output_went.wait()
        self._output.add(key, stream, data)
        self._output_came.set()

    # --- what goes out ---

    @property
    def has_arrived(self) -> bool:
        """True when the next commit has something to write."""
        return bool(self._arrived or self._consumed)

    async def wait(self) -> None:
        """Until something arrived, or ``wake`` was called since the last wait."""
        await self._woken.wait()
        self._woken.clear()

    async def commit(
        self, decided: Sequence[Event], elements: Mapping[int, Sequence[ElementDict]]
    ) -> tuple[float, list[Input]]:
        """Write what was decided, then what arrived, in one transaction; returns its time and what arrived.

        Output of attempts that end with it is written before. Raises ``LeaseLost`` or ``JournalFailed``.
        """
        async with self._writing:
            arrived, self._arrived = self._arrived, []
            consumed, self._consumed = self._consumed, []
            await self._write_output(self._output_of(arrived))
            at = self._time()
            write = self._journal.append([*decided, *arrived], at=at, consumed=consumed, elements=elements)
            self._publisher.published(self._root, await self._guarded(write))
        return at, arrived

    async def write_outputs(self) -> None:
        """Write output in slices as it comes, for ever."""
        while True:
            await self._output_came.wait()
            self._output_came.clear()
            await self.flush_output()
            await self._clock.sleep(OUTPUT_PAUSE_S)

    async def flush_output(self) -> None:
        """Write all output that is waiting, letting events go first between two slices."""
        while self._output.chunks:
            async with self._writing:
                await self._write_output(self._output.take_slice())

    def _output_of(self, events: Sequence[Event]) -> list[Chunk]:
        if not self._output.chunks:
            return []
        ended = [event.key for event in events if isinstance(event, StepFinished)]
        return [chunk for key in ended for chunk in self._output.take(key)]

    async def _write_output(self, chunks: list[Chunk]) -> None:
        if chunks:
            self._publisher.published(
                self._root, await self._guarded(self._journal.write_output(chunks, at=self._time()))
            )
            self._output_went.set()

    def _time(self) -> float:
        """Now, as exact as databases keep it, but never before the last commit."""
        self._last_at = max(self._last_at, round(self._clock.now(), 6))
        return self._last_at

    async def _guarded(self, write: Awaitable[int]) -> int:
        try:
            return await self._lease.renewed_by(write)
        except LeaseLost:
            raise
        except Exception as error:
            raise JournalFailed(f"the journal of run {self._root} could not be written: {error}") from error
