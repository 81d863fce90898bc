"""Tasks as lists and pages show them: their current version, the flows that call them, their last results."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from elements.models import Element
from elements.naturalsort import natural_key
from elements.queries import TargetProblem, selected_names
from flows.models import FlowVersion, StepRun, Task, TaskVersion
from flows.script.references import references_of

#: Results are looked for among so many of the newest steps: no index finds the last one of a task that never ran.
LOOKED_AT = 2000
#: Targets of so many flows are tried for an element that a task is used with.
FLOWS_ASKED = 3


@dataclass(frozen=True, slots=True)
class FlowName:
    """A flow that calls a task."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Uses:
    """Which flows call which task by name. ``computing`` are those that compute a name: they may call any task."""

    by_task: dict[str, list[FlowName]] = field(default_factory=dict)
    computing: list[FlowName] = field(default_factory=list)

    def of(self, task: str) -> list[FlowName]:
        """Those that name this task, by name."""
        return self.by_task.get(task, [])


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The outcome of one step. ``run`` is the root run's id."""

    run: int
    element: str
    status: str
    finished_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of a list."""

    pk: int
    name: str
    task_class: str
    version: int
    published_at: datetime
    published_by: str
    flows: Sequence[FlowName]
    last: TaskResult | None


def task_rows(search: str = "") -> list[TaskRow]:
    """The tasks that are not archived, in natural order of their names. 3 queries."""
    versions = _current_versions()
    for word in search.split():
        versions = versions.filter(task__name__icontains=word)
    uses, results = flows_by_task(), last_results()
    rows = [
        TaskRow(
            version.task_id,
            version.task.name,
            version.definition.get("class", "command"),
            version.number,
            version.published_at,
            version.published_by,
            uses.of(version.task.name),
            next(iter(results.get(version.task.name, ())), None),
        )
        for version in versions
    ]
    return sorted(rows, key=lambda row: natural_key(row.name))


def task_versions(task: Task) -> list[TaskVersion]:
    """All versions, the newest first. One query."""
    return list(TaskVersion.objects.filter(task=task).order_by("-number"))


def flows_by_task() -> Uses:
    """Who calls what, among the current versions of flows. One query; scripts are read once and remembered."""
    uses = Uses()
    rows = FlowVersion.objects.current().order_by("flow__name")
    for pk, name, script, definition in rows.values_list("flow_id", "flow__name", "execution_script", "definition"):
        found = references_of(script)
        for task in {*found.tasks, *(definition.get("refresh") or ())}:
            uses.by_task.setdefault(task, []).append(FlowName(pk, name))
        if found.computes_tasks:
            uses.computing.append(FlowName(pk, name))
    return uses


def last_results(*, most: int = 10) -> dict[str, list[TaskResult]]:
    """The newest results by task, the newest first, so many of each at most, of the newest 2,000 steps that
    were no tries. One query."""
    newest = (
        StepRun.objects.filter(run__is_try=False)
        .order_by("-id")
        .values_list("step", "name", "run_id", "run__root_id", "element_name", "status", "finished_at", "reason")
    )
    found: dict[str, list[TaskResult]] = defaultdict(list)
    for step, name, run, root, element, status, finished_at, reason in newest[:LOOKED_AT]:
        if step == "run_task" and name and len(found[name]) < most:
            found[name].append(TaskResult(root or run, element, status, finished_at, reason))
    return dict(found)


def last_results_of(names: Collection[str], *, most: int = 10) -> list[TaskResult]:
    """The newest results of a task under any of its names, the newest first. One query."""
    found = last_results(most=most)
    results = [result for name in names for result in found.get(name, ())]
    return sorted(results, key=lambda result: result.finished_at, reverse=True)[:most]


def sample_element(results: Sequence[TaskResult], flows: Sequence[int]) -> str | None:
    """An enabled element that the task is used with, for its preview: one that it ran on last, else the first one of
    a flow that calls it. None where nothing tells. 1 query, and at most 7 for each of the flows."""
    ran = [result.element for result in results]
    enabled = set(Element.objects.enabled().filter(name__in=ran).values_list("name", flat=True))
    on_last = next((name for name in ran if name in enabled), None)
    if on_last is not None:
        return on_last
    targets = FlowVersion.objects.current().filter(flow__in=flows).order_by("flow__name")
    for definition in targets.values_list("definition", flat=True)[:FLOWS_ASKED]:
        names = _selected(definition.get("target"))
        if names:
            return names[0]
    return None


def _selected(target: Mapping[str, Any] | None) -> list[str]:
    try:
        return selected_names(target) if target else []
    except TargetProblem:
        return []


def _current_versions() -> QuerySet[TaskVersion, Any]:
    return TaskVersion.objects.current().select_related("task").order_by()
