"""Flows as lists and pages show them: their version or draft, their last run, their next start, their steps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from elements.naturalsort import natural_key
from elements.queries import TargetProblem, selected_names
from flows.changes.target import target_words
from flows.keys.fields import Fields
from flows.keys.flow import read_flow_keys
from flows.models import Flow, FlowVersion, Run, Schedule, Task
from flows.models.draft import FlowDraft
from flows.queries.pictures import small_pictures
from flows.queries.schedules import next_start_by_flow
from flows.script.analysis import analyse
from flows.script.problem import Unreadable
from flows.script.references import references_of
from flowsite.kernel.errors import NotFound

LAST_RUNS = 10


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One flow of a list. ``version`` is None where there is a draft alone; ``draft_by`` is who wrote a draft.

    ``picture`` is the thumbnail of its current version, where ``with_pictures`` was asked.
    """

    pk: int
    name: str
    mode: str
    target: str
    version: int | None
    draft_by: str
    last_run: int | None
    last_state: str
    last_at: datetime | None
    next_at: datetime | None
    version_pk: int | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class FlowDetail:
    """One flow. ``shown`` is a version of it or its draft; ``versions`` are all, the newest first."""

    flow: Flow
    shown: FlowVersion | FlowDraft
    versions: Sequence[FlowVersion]
    draft: FlowDraft | None

    @property
    def definition(self) -> Mapping[str, Any]:
        """The keys of what is shown, in normal form."""
        return _readable(self.shown.definition)

    @property
    def names(self) -> frozenset[str]:
        """Every name that it has borne."""
        return frozenset({self.flow.name, *(version.name for version in self.versions)})

    @property
    def is_draft_alone(self) -> bool:
        """Whether it was never published."""
        return not self.versions


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script, with the numbers of the steps that are called on it."""

    number: int
    text: str
    sites: tuple[int, ...]


def flow_rows(search: str = "") -> list[FlowRow]:
    """The flows that are not archived, and those with a draft, in natural order of their names. 4 queries."""
    names = FlowVersion.objects.filter(flow=OuterRef(OuterRef("pk"))).order_by().values("name")
    newest_run = Run.objects.roots().in_earnest().filter(flow_name__in=names).order_by("-id")
    flows = Flow.objects.listed().order_by()
    for word in search.split():
        flows = flows.filter(name__icontains=word)
    rows = flows.annotate(
        last_run=Subquery(newest_run.values("pk")[:1]),
        last_state=Subquery(newest_run.values("state")[:1]),
        last_at=Subquery(newest_run.values("created_at")[:1]),
    )
    current = {version.flow_id: version for version in _current_versions()}
    drafts = {draft.flow_id: draft for draft in FlowDraft.objects.order_by()}
    starts = next_start_by_flow()
    found = [
        _row(row, current.get(row.pk), drafts.get(row.pk), starts.get(row.pk))
        for row in rows
        if row.pk in current or row.pk in drafts
    ]
    return sorted(found, key=lambda row: natural_key(row.name))


def with_pictures(rows: Sequence[FlowRow]) -> list[FlowRow]:
    """These rows with their thumbnails. One query."""
    pictures = small_pictures([row.version_pk for row in rows if row.version_pk is not None])
    return [replace(row, picture=pictures.get(row.version_pk or 0, "")) for row in rows]


def flow_detail(pk: int, version: str | None = None) -> FlowDetail:
    """The flow with the version of this number, else the current one, else its draft; or ``NotFound``. 3 queries."""
    flow = Flow.objects.listed().filter(pk=pk).first()
    if flow is None:
        raise NotFound("there is no such flow; it may have been archived. The list of flows has all there are")
    versions = [] if flow.archived else list(FlowVersion.objects.filter(flow=flow).order_by("-number"))
    draft = FlowDraft.objects.filter(flow=flow).first()
    shown = next((item for item in versions if version in (None, str(item.number))), None)
    if shown is None and (version is not None or draft is None):
        raise NotFound(f"the flow {flow.name!r} has no version {version}; it has {len(versions)}")
    return FlowDetail(flow, shown or draft, versions, draft)  # type: ignore[arg-type]


def is_flow_name_taken(name: str) -> bool:
    """Whether a new flow may not have this name. One query."""
    return Flow.objects.listed().filter(name=name).exists()


def last_runs_of(names: Collection[str]) -> QuerySet[Run]:
    """The newest root runs of a flow that are no tries, under any of its names. One query."""
    runs = Run.objects.roots().in_earnest().filter(flow_name__in=names)
    return runs.select_related("flow_version").order_by("-id")[:LAST_RUNS]


def schedules_of(flow: Flow) -> QuerySet[Schedule]:
    """By name. One query."""
    return Schedule.objects.filter(flow=flow).order_by("name")


def names_of_target(target: Mapping[str, Any] | None) -> tuple[list[str], str]:
    """The elements that the target selects now, in order, or none and why it selects none. At most 7 queries."""
    if not target:
        return [], ""
    try:
        return selected_names(target), ""
    except TargetProblem as problem:
        return [], problem.message


def numbered_lines(script: str) -> list[Line]:
    """The lines of a script; one that cannot be read has no numbered steps."""
    by_line: dict[int, list[int]] = {}
    for site in steps_of(script):
        by_line.setdefault(site["line"], []).append(site["site"])
    lines = script.rstrip("\n").split("\n") if script.strip() else []
    return [Line(number, text, tuple(by_line.get(number, ()))) for number, text in enumerate(lines, start=1)]


def steps_of(script: str) -> list[dict[str, Any]]:
    """The step sites: ``site``, ``step``, ``name`` (where it is a plain text), ``line``."""
    try:
        sites = analyse(script).sites
    except Unreadable:
        return []
    return [{"site": site.number, "step": site.step, "name": site.literal, "line": site.line} for site in sites]


def linked_steps(script: str) -> list[dict[str, Any]]:
    """The step sites, each with ``task`` or ``flow``: the id of what it calls, where that is there. 2 queries."""
    steps = steps_of(script)
    named: dict[str, list[str]] = {"run_task": [], "run_flow": []}
    for step in steps:
        if step["name"] and step["step"] in named:
            named[step["step"]].append(step["name"])
    tasks = dict(Task.objects.filter(name__in=named["run_task"], archived=False).values_list("name", "pk"))
    flows = dict(Flow.objects.filter(name__in=named["run_flow"], archived=False).values_list("name", "pk"))
    return [
        {
            **step,
            "task": tasks.get(step["name"]) if step["step"] == "run_task" else None,
            "flow": flows.get(step["name"]) if step["step"] == "run_flow" else None,
        }
        for step in steps
    ]


def callers_of(flow: str) -> list[tuple[str, str]]:
    """Name and execution script of the flows whose current version calls this one by name. One query."""
    rows = FlowVersion.objects.current().order_by("flow__name")
    scripts = rows.values_list("flow__name", "execution_script")
    return [(name, script) for name, script in scripts if flow in references_of(script).flows]


def _row(flow: Any, version: FlowVersion | None, draft: FlowDraft | None, next_at: datetime | None) -> FlowRow:
    definition = _readable(version.definition if version else draft.definition if draft else {})
    return FlowRow(
        pk=flow.pk,
        name=flow.name,
        mode=definition["mode"],
        target=target_words(definition["target"]),
        version=version.number if version else None,
        draft_by=draft.written_by if draft else "",
        last_run=flow.last_run,
        last_state=flow.last_state or "",
        last_at=flow.last_at,
        next_at=next_at,
        version_pk=version.pk if version else None,
    )


def _readable(definition: Mapping[str, Any]) -> dict[str, Any]:
    """In normal form. A draft may hold anything: a key that cannot be read counts as not given."""
    return read_flow_keys(Fields.of(definition))


def _current_versions() -> QuerySet[FlowVersion]:
    versions = FlowVersion.objects.current().order_by()
    return versions.defer("processing_script", "execution_script")
