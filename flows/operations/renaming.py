"""Gives a task or a flow another name: refused while anything published uses the old one, drafts are rewritten.

A version under the new name is published, so that runs pinned to older versions find what they name
(Note [A name means one thing] in ``flows.adapters.names``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from flows.adapters.uses import Place, Uses, uses_of_flow, uses_of_task
from flows.models import Flow, FlowDraft, FlowVersion, Task, TaskVersion
from flows.operations.archiving import StillInUse
from flows.operations.naming import refuse_name
from flows.script.uses import NotRewritable, Word, with_other_name
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import NotFound

PUBLISHED_USE: Final = "Publish them without it"


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a renaming did. ``rewritten`` are names of flows whose drafts name it anew; ``left`` are uses in drafts that
    cannot be read, or in which the new name cannot stand: their authors change them."""

    old: str
    new: str
    rewritten: Sequence[str]
    left: Sequence[Place]


@transaction.atomic
def rename_task(*, task: int, name: str, by: Actor) -> Renamed:
    """Rename a task. Raises ``NotFound``, ``InvalidRequest``, ``NameTaken``, and ``StillInUse`` while a current flow
    or template names it."""
    require(by, "task.publish")
    row = Task.objects.select_for_update().filter(pk=task, archived=False).first()
    if row is None:
        raise NotFound(f"there is no task with the id {task}")
    refuse_name("task", name, row)
    uses = uses_of_task(row.name)
    _refuse_use(f"the task {row.name!r}", uses)
    newest = TaskVersion.objects.filter(task=row).order_by("-number").first()
    assert newest is not None
    TaskVersion.objects.create(
        task=row, number=newest.number + 1, name=name, definition=newest.definition, **_published(by)
    )
    return _renamed(row, name, _rewrite(uses, "run_task", row.name, name, by), by)


@transaction.atomic
def rename_flow(*, flow: int, name: str, by: Actor) -> Renamed:
    """Rename a flow; its schedules and its own draft follow. Raises ``NotFound``, ``InvalidRequest``, ``NameTaken``,
    and ``StillInUse`` while a current flow calls it."""
    require(by, "flow.publish")
    row = Flow.objects.select_for_update(of=("self",)).listed().filter(pk=flow).first()
    if row is None:
        raise NotFound(f"there is no flow with the id {flow}")
    refuse_name("flow", name, row)
    uses = uses_of_flow(flow, row.name)
    _refuse_use(f"the flow {row.name!r}", uses)
    newest = FlowVersion.objects.filter(flow=row).order_by("-number").first()
    if newest is not None:
        _publish_anew(newest, name, by)
    return _renamed(row, name, _rewrite(uses, "run_flow", row.name, name, by), by)


def _publish_anew(newest: FlowVersion, name: str, by: Actor) -> None:
    FlowVersion.objects.create(
        flow_id=newest.flow_id,
        number=newest.number + 1,
        name=name,
        definition=newest.definition,
        processing_script=newest.processing_script,
        execution_script=newest.execution_script,
        **_published(by),
    )
    # A draft that was begun from the newest version still is: nothing but the name is new.
    FlowDraft.objects.filter(flow=newest.flow_id, base_version=newest.number).update(base_version=newest.number + 1)


def _published(by: Actor) -> dict[str, object]:
    return {"published_at": timezone.now(), "published_by": by.get_username()}


def _refuse_use(what: str, uses: Uses) -> None:
    if uses.published:
        raise StillInUse(what, uses.published, f"{PUBLISHED_USE}, then rename it")


def _rewrite(uses: Uses, word: Word, old: str, new: str, by: Actor) -> tuple[list[str], list[Place]]:
    """Put the new name into the drafts that use the old one; gives their flows' names, and the uses that stay."""
    rewritten, left = [], []
    for draft in FlowDraft.objects.select_for_update().filter(flow__in={place.id for place in uses.drafts}):
        places = [place for place in uses.drafts if place.id == draft.flow_id]
        try:
            draft.execution_script = with_other_name(draft.execution_script, word, old, new)
        except NotRewritable:
            left += [place for place in places if place.how != "refresh"]
        refresh = draft.definition.get("refresh")
        if word == "run_task" and isinstance(refresh, list):
            draft.definition = {**draft.definition, "refresh": [new if item == old else item for item in refresh]}
        if any(place not in left for place in places):
            draft.revision += 1
            draft.written_by, draft.written_at = by.get_username(), timezone.now()
            draft.save()
            rewritten.append(draft.flow.name)
    return sorted(rewritten), left


def _renamed(row: Task | Flow, name: str, drafts: tuple[list[str], list[Place]], by: Actor) -> Renamed:
    rewritten, left = drafts
    old, row.name = row.name, name
    row.save(update_fields=["name"])
    audit.record(by, "renamed", str(row._meta.model_name), name, {"from": old, "drafts": rewritten})
    return Renamed(old, name, rewritten, left)
