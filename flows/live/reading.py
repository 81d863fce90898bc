"""What the live consumers read: each call is few short queries, for a thread of its own; no cursor stays open."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length

from flows.live.band import REFRESH, Column
from flows.live.messages import StepName
from flows.live.view import TreeView
from flows.models import FlowVersion, Run, RunEvent, StepOutput, TriedFlow
from flows.queries.events import OUTPUT
from flows.queries.summaries import Summary, counts_of, summary_of
from flows.script.analysis import analyse
from flows.script.problem import Unreadable

#: Rows in one read.
PAGE = 5000
#: Databases bound the parameters of a query.
_IN_QUERY = 500
_SHAPES_KEPT = 256
#: A log is read and sent in parts of about this size.
LOG_BYTES = 64 * 1024
_LOG_PIECES = 200
#: Runs in a summary: all that are not over, up to this many, and the newest.
MAX_SUMMARIES = 200
_MAX_OPEN = 1000
#: Ids are given before they are committed: a run may come to be seen after so many that follow it.
_LATE = 20


def root_of(run: int) -> int | None:
    """The root of a run; None when there is no such run. One query."""
    found = Run.objects.filter(pk=run).values_list("pk", "root_id").first()
    return None if found is None else found[1] or found[0]


def last_seqs(roots: Sequence[int]) -> dict[int, int]:
    """How far the journal of each root run has grown. One query for every 500 of them."""
    groups = [roots[start : start + _IN_QUERY] for start in range(0, len(roots), _IN_QUERY)]
    return {pk: seq for group in groups for pk, seq in Run.objects.filter(pk__in=group).values_list("pk", "last_seq")}


@dataclass(slots=True)
class JournalReader:
    """Reads journals in the public shape, without the text of outputs. Keeps the shapes of flow versions."""

    _shapes: dict[tuple[str, int | None, int], "Shape"] = field(default_factory=dict)

    def load(self, root: int) -> TreeView:
        """The view of a run tree as it is now."""
        view = TreeView(root)
        while events := self.events_after(root, view.seq, with_outputs=False):
            view.apply_all(events)
        return view

    def events_after(self, root: int, seq: int, *, with_outputs: bool = True) -> list[dict[str, Any]]:
        """At most ``PAGE`` events after ``seq``; ``run_started`` with the columns of its flow. One query without it."""
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT seq, run_id, type, at, data FROM "{RunEvent._meta.db_table}"'  # noqa: S608 - our own names
                " WHERE root_id = %s AND seq > %s"
                + ("" if with_outputs else f" AND type <> '{OUTPUT}'")
                + " ORDER BY seq LIMIT %s",
                (root, seq, PAGE),
            )
            rows = cursor.fetchall()
        events = [
            {**(json.loads(data) if isinstance(data, str) else data), "seq": seq, "run": run, "type": type_, "at": at}
            for seq, run, type_, at, data in rows
        ]
        self.complete(event for event in events if event["type"].startswith("run_"))
        return events

    def complete(self, events: Iterable[dict[str, Any]]) -> None:
        """Write what rows of the journal lack into these events of runs: the parent's id, columns, times as text."""
        events = list(events)
        started = [event for event in events if event["type"] == "run_started"]
        parents: dict[int, int | None] = {}
        for start in range(0, len(started), _IN_QUERY):
            runs = [event["run"] for event in started[start : start + _IN_QUERY]]
            parents.update(Run.objects.filter(pk__in=runs).values_list("pk", "parent_id"))
        for event in events:
            event["at"] = _iso(event["at"])
        for event in started:
            event["parent"] = parents.get(event["run"])
            shape = self.shape(event["flow"], event["version"], event["run"])
            event["columns"], event["batches"] = shape.columns, shape.batches

    def shape(self, flow: str, version: int | None, run: int) -> "Shape":
        """What the matrix of a flow version looks like, or of what a try runs that has none; no columns when its script
        cannot be read."""
        key = (flow, version, run if version is None else 0)
        if key not in self._shapes:
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            self._shapes[key] = _shape(flow, version, run)
        return self._shapes[key]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a flow version, the tasks of ``refresh`` first, and the sizes of its batches."""

    columns: tuple[Column, ...] = ()
    batches: tuple[int | str, ...] = ()


def _shape(flow: str, version: int | None, run: int) -> Shape:
    found: FlowVersion | TriedFlow | None
    if version is None:
        found = TriedFlow.objects.filter(run=run).first()
    else:
        # A number is one of the flow's versions, also of those under another name (Note [A name means one thing]).
        found = FlowVersion.objects.filter(number=version, flow__versions__name=flow).first()
    script, definition = (found.execution_script, found.definition) if found else ("", {})
    try:
        sites = analyse(script).sites
    except Unreadable:
        sites = ()
    refresh = definition.get("refresh") or ()
    return Shape(
        columns=(
            *(Column(-turn, REFRESH, name, 0) for turn, name in enumerate(refresh, start=1)),
            *(Column(site.number, site.step, site.literal, site.line) for site in sites),
        ),
        batches=tuple(definition.get("batches") or ()),
    )


def _iso(at: Any) -> str:
    """An instant as this database's driver gives it, as ISO 8601 with its zone."""
    instant = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()


# --- logs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogPart:
    """Pieces of a log, each a stream and its text, from one offset in bytes to the next. ``more``: ask again."""

    pieces: list[tuple[str, str]]
    offset: int
    end: int
    last_id: int
    more: bool


def read_log(step: StepName, offset: int, last_id: int) -> LogPart:
    """What a step printed from ``offset`` bytes on, both streams in the order in which they came.

    ``last_id`` is that of the part before, which ended at ``offset``; 0 looks for the place. At most three queries.
    """
    pieces = StepOutput.objects.filter(
        run_id=step.run, element_name=step.element, site=step.site, turn=step.turn, attempt=step.attempt
    ).order_by("id")
    skipped = 0
    if not last_id:
        last_id, skipped = _find(pieces.values_list("id", Length("content")), offset)
    sizes = pieces.filter(id__gt=last_id).values_list("id", Length("content"))[: _LOG_PIECES + 1]
    taken = _fitting(list(sizes))
    rows = list(pieces.filter(id__in=taken).values_list("id", "stream", "content"))
    contents = [bytes(content)[skipped if number == 0 else 0 :] for number, (_, _, content) in enumerate(rows)]
    texts = [(row[1], content.decode(errors="replace")) for row, content in zip(rows, contents, strict=True)]
    end = offset + sum(map(len, contents))
    return LogPart(texts, offset, end, taken[-1] if taken else last_id, more=len(taken) < len(sizes))


def _find(sizes: Iterable[tuple[int, int]], offset: int) -> tuple[int, int]:
    """The id of the last piece that lies before the offset, and how much of the next one does."""
    before = 0
    last_id = 0
    for pk, size in list(sizes):
        if before + size > offset:
            break
        before += size
        last_id = pk
    return last_id, offset - before


def _fitting(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """The ids of the first pieces that are together not larger than one part; at least one."""
    taken: list[int] = []
    total = 0
    for pk, size in sizes[:_LOG_PIECES]:
        total += size
        if taken and total > LOG_BYTES:
            break
        taken.append(pk)
    return taken


# --- summaries ------------------------------------------------------------------------------------------------------


def summaries(known: Mapping[int, Summary]) -> dict[int, Summary]:
    """Root runs by id: all that are not over, the newest of the others, and those of ``known`` that were not over.

    Elements are counted anew where the journal has grown. Two queries, one more if something changed.
    """
    roots = Run.objects.roots().select_related("flow_version")
    was_open = [run for run, summary in known.items() if summary["ended_at"] is None]
    rows = list(roots.filter(Q(ended_at=None) | Q(pk__in=was_open[:_MAX_OPEN])).order_by("-id")[: 2 * _MAX_OPEN])
    newest = roots.filter(ended_at__isnull=False).order_by("-id")
    rows += newest.filter(pk__gt=max(known) - _LATE)[:MAX_SUMMARIES] if known else newest[:MAX_SUMMARIES]
    found = {run.pk: summary_of(run) for run in rows}
    grown = [pk for pk, summary in found.items() if pk not in known or known[pk]["last_seq"] != summary["last_seq"]]
    for pk, summary in found.items():
        summary["counts"] = known[pk]["counts"] if pk in known else {}
    counts = counts_of(grown)
    for pk in grown:
        found[pk]["counts"] = counts.get(pk, {})
    return found
