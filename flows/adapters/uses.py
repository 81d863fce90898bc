"""Where a task or a flow is used by its name: in published flows, in drafts, in templates; and what starts a flow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from flows.models import FlowDraft, FlowVersion, Schedule, TaskVersion
from flows.script.problem import Unreadable
from flows.script.references import references_of
from flows.script.uses import Word, may_mention, uses_in
from flows.tasks.results_named import results_named

Where = Literal["flow", "draft", "task", "schedule"]
How = Literal["call", "refresh", "results", "start", "unreadable"]

#: So many users are named in a sentence.
NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Place:
    """One use. ``id`` is that of the flow, the task or the schedule named ``name``; of a draft that of its flow.

    ``line`` counts from 1, 0 where there is none; ``site`` is the step's number; ``by`` is who wrote the draft.
    ``unreadable``: a script that does not parse mentions the name.
    """

    where: Where
    id: int
    name: str
    how: How
    line: int = 0
    site: int | None = None
    version: int | None = None
    by: str = ""

    def __str__(self) -> str:
        return f"{self.of_what}{self.at_what}"

    @property
    def of_what(self) -> str:
        """``the flow 'Restart'``."""
        return f"a draft of {self.name!r} by {self.by}" if self.where == "draft" else f"the {self.where} {self.name!r}"

    @property
    def at_what(self) -> str:
        """`` at line 3``."""
        if self.how == "refresh":
            return " in refresh"
        return f" at line {self.line}" if self.line else ""


@dataclass(frozen=True, slots=True)
class Uses:
    """All uses of one task or flow. ``drafts`` are rewritten when it is renamed, what is ``published`` never changes.

    ``schedules`` start a flow and follow it; ``computing`` are flows that compute a name, and may call anything.
    """

    published: Sequence[Place] = ()
    drafts: Sequence[Place] = ()
    schedules: Sequence[Place] = ()
    computing: Sequence[Place] = ()

    @property
    def drafts_told(self) -> str:
        """The flows whose drafts use it, each once: ``A, B and 4 more``."""
        return told(list(dict.fromkeys(place.name for place in self.drafts)))


def told(users: Sequence[str]) -> str:
    """The first of them in a sentence, and how many more there are."""
    more = len(users) - NAMED
    return ", ".join(users[:NAMED]) + (f" and {more} more" if more > 0 else "")


def uses_of_task(name: str) -> Uses:
    """Where the current versions, their ``refresh``, drafts and templates name this task. 3 queries."""
    versions, drafts = list(_versions()), list(_drafts())
    rows = [(place, script, definition) for place, script, definition in versions]
    return Uses(
        published=[*_of_flows(rows, "run_task", name), *_in_templates(name)],
        drafts=list(_of_flows(drafts, "run_task", name)),
        computing=[place for place, script, _ in rows if references_of(script).computes_tasks],
    )


def uses_of_flow(flow: int, name: str) -> Uses:
    """Where the current versions and drafts name this flow, and which schedules start it. 3 queries."""
    versions, drafts = list(_versions()), list(_drafts())
    schedules = Schedule.objects.filter(flow=flow).order_by("name").values_list("pk", "name")
    return Uses(
        published=[place for place in _of_flows(versions, "run_flow", name) if place.id != flow],
        drafts=[place for place in _of_flows(drafts, "run_flow", name) if place.id != flow],
        schedules=[Place("schedule", pk, schedule, "start") for pk, schedule in schedules],
        computing=[place for place, script, _ in versions if references_of(script).computes_flows and place.id != flow],
    )


_Row = tuple[Place, str, Mapping[str, Any]]


def _versions() -> Iterator[_Row]:
    rows = FlowVersion.objects.current().order_by("flow__name")
    keys = rows.values_list("flow_id", "flow__name", "number", "execution_script", "definition")
    for pk, name, number, script, definition in keys:
        yield Place("flow", pk, name, "call", version=number), script, definition


def _drafts() -> Iterator[_Row]:
    rows = FlowDraft.objects.order_by("flow__name")
    keys = rows.values_list("flow_id", "flow__name", "written_by", "execution_script", "definition")
    for pk, name, by, script, definition in keys:
        yield Place("draft", pk, name, "call", by=by), script, definition


def _of_flows(rows: Sequence[_Row], word: Word, name: str) -> Iterator[Place]:
    for place, script, definition in rows:
        refresh = definition.get("refresh")
        if word == "run_task" and isinstance(refresh, list) and name in refresh:
            yield _at(place, "refresh")
        if may_mention(script, name) or name in references_of(script).tasks | references_of(script).flows:
            yield from _in_script(place, script, word, name)


def _in_script(place: Place, script: str, word: Word, name: str) -> Iterator[Place]:
    try:
        uses = uses_in(script, word, name)
    except Unreadable:
        yield _at(place, "unreadable")
        return
    for use in uses:
        yield _at(place, "call", use.line, use.site)


def _in_templates(name: str) -> Iterator[Place]:
    rows = TaskVersion.objects.current().order_by("task__name")
    for pk, task, number, definition in rows.values_list("task_id", "task__name", "number", "definition"):
        line = results_named(str(definition.get("command") or "")).get(name)
        if line:
            yield Place("task", pk, task, "results", line, version=number)


def _at(place: Place, how: How, line: int = 0, site: int | None = None) -> Place:
    return Place(place.where, place.id, place.name, how, line, site, place.version, place.by)
