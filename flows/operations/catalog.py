"""Publishes tasks and flows: what is new becomes a version, what is wrong is told in full, and nothing is half done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils import timezone

from flows.models import Flow, FlowVersion, Task, TaskVersion
from flows.operations.catalog_checks import CatalogState, DefinitionProblem, check_flow, check_flow_graph, check_task
from flows.operations.naming import past_owner
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import InvalidRequest


class Change(StrEnum):
    """What publishing did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task to be published; ``definition`` has the keys of its YAML without kind and name."""

    name: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """A flow to be published; ``definition`` has the keys of its YAML without kind, name and scripts.

    ``note`` is kept with the version, if one is made.
    """

    name: str
    definition: Mapping[str, Any]
    processing_script: str = ""
    execution_script: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is current now, and whether this call made it."""

    change: Change
    version: TaskVersion | FlowVersion


class NotPublishable(InvalidRequest):
    """The definitions have problems; ``problems`` has all of them, and nothing was published."""

    code = "not_publishable"

    def __init__(self, problems: Sequence[DefinitionProblem]) -> None:
        fields: dict[str, list[str]] = {}
        for problem in problems:
            fields.setdefault(problem.part, []).append(str(problem))
        super().__init__("\n".join(str(problem) for problem in problems), fields=fields)
        self.problems = tuple(problems)


def publish_task(*, name: str, definition: Mapping[str, Any], by: Actor, at: datetime | None = None) -> Published:
    """Publish one task, or raise ``NotPublishable``. The same definition again changes nothing."""
    return publish(tasks=[TaskDraft(name, definition)], by=by, at=at)[0]


def publish_flow(
    *,
    name: str,
    definition: Mapping[str, Any],
    execution_script: str,
    by: Actor,
    processing_script: str = "",
    note: str = "",
    at: datetime | None = None,
) -> Published:
    """Publish one flow, or raise ``NotPublishable``. The same definition and scripts again change nothing."""
    return publish(flows=[FlowDraft(name, definition, processing_script, execution_script, note)], by=by, at=at)[0]


@transaction.atomic
def publish(
    *, by: Actor, tasks: Sequence[TaskDraft] = (), flows: Sequence[FlowDraft] = (), at: datetime | None = None
) -> list[Published]:
    """Publish all of them or none: they may refer to each other in any order. One answer per draft, tasks first."""
    if tasks:
        require(by, "task.publish")
    if flows:
        require(by, "flow.publish")
    _refuse_problems(tasks, flows)
    now = at or timezone.now()
    return [
        *(_publish_task(draft, by, now) for draft in tasks),
        *(_publish_flow(draft, by, now) for draft in flows),
    ]


def _refuse_problems(tasks: Sequence[TaskDraft], flows: Sequence[FlowDraft]) -> None:
    problems = [problem for task in tasks for problem in check_task(task.name, task.definition)]
    if flows:
        state = CatalogState.stored()
        for task in tasks:
            state.add_task(task.name, task.definition)
        for flow in flows:
            state.add_flow(flow.name, flow.definition, flow.execution_script)
        for flow in flows:
            problems += check_flow(flow.name, flow.definition, flow.processing_script, flow.execution_script, state)
        problems += check_flow_graph([flow.name for flow in flows], state)
    if problems:
        raise NotPublishable(problems)


def _publish_task(draft: TaskDraft, by: Actor, now: datetime) -> Published:
    # The row is locked, so that two publishers cannot take the same number.
    task, is_new = Task.objects.select_for_update().get_or_create(name=draft.name)
    _refuse_past_name("task", draft.name, is_new=is_new)
    newest = TaskVersion.objects.filter(task=task).order_by("-number").first()
    if newest is not None and newest.definition == draft.definition and not task.archived:
        return Published(Change.UNCHANGED, newest)
    version = TaskVersion.objects.create(
        task=task,
        number=newest.number + 1 if newest else 1,
        name=draft.name,
        definition=dict(draft.definition),
        published_at=now,
        published_by=by.get_username(),
    )
    return _published(task, version, by)


def _publish_flow(draft: FlowDraft, by: Actor, now: datetime) -> Published:
    flow, is_new = Flow.objects.select_for_update().get_or_create(name=draft.name)
    _refuse_past_name("flow", draft.name, is_new=is_new)
    newest = FlowVersion.objects.filter(flow=flow).order_by("-number").first()
    if newest is not None and _is_same(newest, draft) and not flow.archived:
        return Published(Change.UNCHANGED, newest)
    version = FlowVersion.objects.create(
        flow=flow,
        number=newest.number + 1 if newest else 1,
        name=draft.name,
        definition=dict(draft.definition),
        processing_script=draft.processing_script,
        execution_script=draft.execution_script,
        note=draft.note,
        published_at=now,
        published_by=by.get_username(),
    )
    return _published(flow, version, by, {"note": draft.note} if draft.note else {})


def _refuse_past_name(kind: str, name: str, *, is_new: bool) -> None:
    told = past_owner(kind, name) if is_new else ""
    if told:
        raise NotPublishable([DefinitionProblem(kind, name, "name", told)])


def _is_same(version: FlowVersion, draft: FlowDraft) -> bool:
    return (version.definition, version.processing_script, version.execution_script) == (
        draft.definition,
        draft.processing_script,
        draft.execution_script,
    )


def _published(
    row: Task | Flow, version: TaskVersion | FlowVersion, by: Actor, more: Mapping[str, str] = MappingProxyType({})
) -> Published:
    """Bring an archived one back, and record."""
    if row.archived:
        row.archived = False
        row.save(update_fields=["archived"])
    audit.record(by, "published", str(row._meta.model_name), row.name, {"version": version.number, **more})
    return Published(Change.CREATED if version.number == 1 else Change.UPDATED, version)
