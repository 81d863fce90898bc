"""The journal in the database: events with everything that follows from them, in one fenced transaction (3.3, 3.4)."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from flows.adapters.bulk import Row, insert_rows, instant, json_text, lease_end, unix_seconds
from flows.adapters.database import DatabaseThread
from flows.adapters.lease import Claim
from flows.adapters.projections import Projections
from flows.adapters.sealing import opened, seal, tokens_of_tree
from flows.adapters.settings import settings_of, write_settings
from flows.engine.definitions import Definitions
from flows.engine.events import ElementsOrdered, Event, RunStarted, StepFinished, StepKey
from flows.models import Run, RunElement, RunEvent, RunSignal, StepOutput
from flows.runner.events import STEP_OUTPUT, EncodedEvent, decode, encode
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, History, LeaseLost, Recorded, Signal
from flows.tasks.secrets import RunSecrets

#: Rows read in one go, so that the lease can be renewed between two.
_PAGE = 5000
# Note [SQLite needs air]
# A process that commits back to back starves all others (their writes took up to 2.9 s; with 2 ms between two
# transactions at most 4 ms; measured 2026-11-23). A transaction shorter than that owes as much air as it took.
_AIR_S = 0.002

_EVENT_COLUMNS = ("root_id", "run_id", "seq", "type", "at", "data")
_OUTPUT_COLUMNS = ("root_id", "run_id", "element_name", "site", "turn", "attempt", "stream", "offset", "content")


class DatabaseJournal:
    """The runner's journal for the holder of one claim. Its transactions run on the claim's database thread."""

    def __init__(
        self,
        claim: Claim,
        database: DatabaseThread,
        definitions: Definitions,
        flow_versions: Mapping[str, int],
        secrets: RunSecrets | None = None,
    ) -> None:
        """``flow_versions`` are the primary keys of the versions in ``definitions``, by flow.

        Without ``secrets`` the inputs of the runs are given as they are shown: enough to end a run.
        """
        self._secrets = secrets
        self._claim = claim
        self._database = database
        self._definitions = definitions
        self._seq = claim.last_seq
        self._projections = Projections(claim.root, flow_versions)
        self._offsets: dict[tuple[StepKey, str], int] = {}
        self._busy_until = 0.0
        self._air_s = 0.0

    async def load(self) -> History:
        """Everything recorded so far, read page by page."""
        claim, run = self._claim, self._database.run
        self._projections.runs.update(await run(_run_numbers, claim.root))
        numbers = {pk: number for number, pk in self._projections.runs.items()}
        events: list[Recorded] = []
        while page := await run(_read_events, claim.root, events[-1].seq if events else 0, numbers):
            events += page
        if self._secrets is not None:
            events = _with_secrets(events, await run(tokens_of_tree, claim.root))
        for item in events:
            self._projections.note_recorded(item.event, item.at)
        orders = _orders(item.event for item in events)
        elements = {number: await self._elements(pk, orders.get(number, ())) for pk, number in numbers.items()}
        return History(
            root=claim.root,
            flow=claim.flow,
            inputs=claim.inputs,
            definitions=self._definitions,
            events=events,
            elements=elements,
            started_at=claim.started_at.timestamp(),
        )

    async def _elements(self, run: int, order: Sequence[str]) -> list[ElementDict]:
        """The dicts of a run's elements in this order; rows that are not in it have no script (R3, R24)."""
        found: dict[str, ElementDict] = {}
        last = -1
        while rows := await self._database.run(_read_elements, run, last):
            found.update((snapshot["name"], snapshot) for _, snapshot in rows)
            last = rows[-1][0]
        return [found[name] for name in order]

    async def append(
        self,
        events: Sequence[Event],
        *,
        at: float,
        consumed: Sequence[int] = (),
        elements: Mapping[int, Sequence[ElementDict]] | None = None,
    ) -> int:
        """Commit the events and their rows; returns the last ``seq``. Raises ``LeaseLost``."""
        return await self._database.run(self._append, events, at, consumed, elements or {})

    def run_id(self, number: int) -> int:
        """The primary key of a run of the tree."""
        return self._projections.runs[number]

    async def write_output(self, chunks: Sequence[tuple[StepKey, str, bytes]], *, at: float) -> int:
        """Store output and its events; returns the last ``seq``. Raises ``LeaseLost``."""
        return await self._database.run(self._write_output, chunks, at)

    async def signals(self) -> Sequence[Signal]:
        """Signals not consumed yet, oldest first."""
        return await self._database.run(_read_signals, self._claim.root)

    async def renew(self) -> None:
        """Keep the lease, or raise ``LeaseLost``."""
        await self._database.run(self._renew)

    async def release(self, *, wake_at: float | None) -> None:
        """Give the lease back. Signals that came meanwhile are found by the timekeeper (``with_pending_signals``)."""
        await self._database.run(self._release, wake_at)

    # --- on the database's thread -----------------------------------------------------------------------------------

    def _append(
        self,
        events: Sequence[Event],
        at: float,
        consumed: Sequence[int],
        elements: Mapping[int, Sequence[ElementDict]],
    ) -> int:
        last = self._seq + len(events)
        events = [self._sealed(event) if isinstance(event, RunStarted) else event for event in events]
        with self._fenced(last) as cursor:
            self._projections.start_runs(cursor, events, at, elements)
            rows = self._event_rows((encode(event) for event in events), at)
            insert_rows(cursor, RunEvent._meta.db_table, _EVENT_COLUMNS, rows)
            self._projections.write(cursor, events, at, elements)
            write_settings(settings_of(events, self._projections.runs), datetime.fromtimestamp(at, UTC))
            if consumed:
                RunSignal.objects.filter(pk__in=consumed).update(consumed_seq=last)
        self._seq = last
        for event in events:
            if isinstance(event, StepFinished):
                self._offsets.pop((event.key, "stdout"), None)
                self._offsets.pop((event.key, "stderr"), None)
        return last

    def _sealed(self, event: RunStarted) -> RunStarted:
        """The event as it may be read; what it hides goes into the row of its run."""
        if self._secrets is None:
            return event
        self._secrets.meet(self._secrets.of_flow(event.flow, event.inputs))
        sealed = seal(self._secrets.declared(event.flow), event.inputs, self._secrets.redactor)
        self._projections.tokens[event.run] = sealed.token
        return replace(event, inputs=sealed.shown)

    def _write_output(self, chunks: Sequence[tuple[StepKey, str, bytes]], at: float) -> int:
        last = self._seq + len(chunks)
        offsets = dict(self._offsets)
        rows: list[Row] = []
        encoded: list[EncodedEvent] = []
        for key, stream, data in chunks:
            offset = offsets.get((key, stream), 0)
            offsets[key, stream] = offset + len(data)
            place = (key.element, key.site, key.turn, key.attempt, stream, offset)
            rows.append((self._claim.root, self._projections.runs[key.run], *place, data))
            names = ("element", "site", "turn", "attempt", "stream", "offset")
            encoded.append(
                EncodedEvent(STEP_OUTPUT, key.run, {**dict(zip(names, place, strict=True)), "size": len(data)})
            )
        with self._fenced(last) as cursor:
            insert_rows(cursor, StepOutput._meta.db_table, _OUTPUT_COLUMNS, rows)
            insert_rows(cursor, RunEvent._meta.db_table, _EVENT_COLUMNS, self._event_rows(iter(encoded), at))
        self._seq, self._offsets = last, offsets
        return last

    def _event_rows(self, encoded: Iterator[EncodedEvent], at: float) -> list[Row]:
        root, runs, when = self._claim.root, self._projections.runs, instant(at)
        return [
            (root, runs[event.run], seq, event.type, when, json_text(event.data))
            for seq, event in enumerate(encoded, start=self._seq + 1)
        ]

    @contextmanager
    def _fenced(self, last_seq: int) -> Iterator[CursorWrapper]:
        """One transaction that moves the sequence on and renews the lease; first of all it makes sure of both."""
        self._give_air()
        began_at = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            self._update_lease(cursor, "last_seq = %s, ", (last_seq,), " AND last_seq = %s", (self._seq,))
            yield cursor
        self._busy_until = time.monotonic()
        self._air_s = min(_AIR_S, self._busy_until - began_at)

    def _give_air(self) -> None:
        """See Note [SQLite needs air]."""
        if connection.vendor == "sqlite":
            owed_s = self._busy_until + self._air_s - time.monotonic()
            if owed_s > 0:
                time.sleep(owed_s)

    def _renew(self) -> None:
        with connection.cursor() as cursor:
            self._update_lease(cursor)

    def _update_lease(
        self,
        cursor: CursorWrapper,
        change: str = "",
        values: tuple[int, ...] = (),
        condition: str = "",
        expected: tuple[int, ...] = (),
    ) -> None:
        claim = self._claim
        cursor.execute(
            f'UPDATE "{Run._meta.db_table}" SET {change}lease_until = {lease_end()}'  # noqa: S608 - our own names
            f" WHERE id = %s AND lease_owner = %s AND fence = %s{condition}",
            (*values, claim.lease_s, claim.root, claim.owner, claim.fence, *expected),
        )
        if cursor.rowcount != 1:
            raise self._lost()

    def _release(self, wake_at: float | None) -> None:
        claim = self._claim
        released = Run.objects.filter(pk=claim.root, lease_owner=claim.owner, fence=claim.fence).update(
            lease_owner="", lease_until=None, wake_at=None if wake_at is None else datetime.fromtimestamp(wake_at, UTC)
        )
        if not released:
            raise self._lost()

    def _lost(self) -> LeaseLost:
        return LeaseLost(f"run {self._claim.root} is no longer held by {self._claim.owner} (fence {self._claim.fence})")


def _run_numbers(root: int) -> dict[int, int]:
    return dict(Run.objects.tree_of(root).values_list("number", "pk"))


def _with_secrets(events: Sequence[Recorded], tokens: Mapping[int, bytes]) -> list[Recorded]:
    """With the inputs that the runs were started with."""
    return [
        replace(item, event=replace(item.event, inputs=opened(item.event.inputs, tokens[item.event.run])))
        if isinstance(item.event, RunStarted) and item.event.run in tokens
        else item
        for item in events
    ]


def _read_events(root: int, after: int, numbers: Mapping[int, int]) -> list[Recorded]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT seq, at, run_id, type, data FROM "{RunEvent._meta.db_table}"'  # noqa: S608 - our own names
            " WHERE root_id = %s AND seq > %s AND type <> %s ORDER BY seq LIMIT %s",
            (root, after, STEP_OUTPUT, _PAGE),
        )
        rows = cursor.fetchall()
    load = _loader()
    return [
        Recorded(seq, unix_seconds(at), decode(EncodedEvent(type_, numbers[run], load(data))))
        for seq, at, run, type_, data in rows
    ]


def _orders(events: Iterable[Event]) -> dict[int, tuple[str, ...]]:
    """The elements of each run in execution order, as was said last."""
    told = (event for event in events if isinstance(event, (RunStarted, ElementsOrdered)))
    return {event.run: event.elements for event in told}


def _read_elements(run: int, after: int) -> list[tuple[int, ElementDict]]:
    """Position and dict of the rows after a position, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT position, snapshot FROM "{RunElement._meta.db_table}"'  # noqa: S608 - our own names
            " WHERE run_id = %s AND position > %s AND state <> 'skipped'"
            " ORDER BY position LIMIT %s",
            (run, after, _PAGE),
        )
        rows = cursor.fetchall()
    load = _loader()
    return [(position, load(snapshot)) for position, snapshot in rows]


def _loader() -> Callable[[Any], dict[str, Any]]:
    """Reads JSON as it was written: PostgreSQL forgets the order of keys, which was the canonical one."""
    if connection.vendor == "postgresql":
        return lambda text: canonical(json.loads(text) if isinstance(text, str) else text)
    loads: Callable[[Any], dict[str, Any]] = json.loads
    return loads


def _read_signals(root: int) -> list[Signal]:
    pending = RunSignal.objects.pending().filter(root_id=root)
    return [Signal(*row) for row in pending.values_list("id", "kind", "arguments", "by")]
