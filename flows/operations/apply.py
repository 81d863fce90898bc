"""Stores documents that were checked: all of them in one transaction, or none."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db import transaction

from elements.bulk import ElementRefused, save_elements
from elements.operations import save_credential, save_group, save_profile
from flows.operations.catalog import FlowDraft, TaskDraft, publish
from flows.operations.schedules import save_schedule
from flowsite.kernel.access import Actor
from flowsite.kernel.errors import FlowsiteError

Values = Mapping[str, Any]
"""A document in normal form, its name included."""


class DocumentRefused(FlowsiteError):
    """One object of the inventory cannot be stored, so nothing was; ``index`` counts the documents from 0."""

    def __init__(self, index: int, cause: FlowsiteError) -> None:
        super().__init__(cause.message, fields=cause.fields)
        self.index = index
        self.code = cause.code
        self.status = cause.status


def write_documents(*, documents: Sequence[tuple[str, Values]], by: Actor, dry_run: bool = False) -> list[str]:
    """Store (kind, values) pairs, those of the inventory first, schedules last; raises ``DocumentRefused``.

    Each answer is ``created``, ``updated`` or ``unchanged``, in the order of the pairs. With ``dry_run`` everything
    is tried and undone.
    """
    changes: dict[int, str] = {}
    with transaction.atomic():
        for index, (kind, values) in enumerate(documents):
            if kind in _SAVE:
                try:
                    changes[index] = _SAVE[kind](values, by)
                except FlowsiteError as cause:
                    raise DocumentRefused(index, cause) from cause
        changes |= _save_elements(documents, by)
        changes |= _publish(documents, by)
        changes |= _save_schedules(documents, by)
        transaction.set_rollback(dry_run)
    return [changes[index] for index in range(len(documents))]


def _save_elements(documents: Sequence[tuple[str, Values]], by: Actor) -> dict[int, str]:
    """Thousands of them take seconds, not minutes: all at once."""
    indexes = [index for index, (kind, _) in enumerate(documents) if kind == "Element"]
    if not indexes:
        return {}
    try:
        answers = save_elements(elements=[documents[index][1] for index in indexes], by=by)
    except ElementRefused as refused:
        raise DocumentRefused(indexes[refused.index], refused) from refused
    return {index: answer.value for index, answer in zip(indexes, answers, strict=True)}


def _publish(documents: Sequence[tuple[str, Values]], by: Actor) -> dict[int, str]:
    """Publish tasks and flows in one call, because they may refer to each other in any order."""
    tasks = [index for index, (kind, _) in enumerate(documents) if kind == "Task"]
    flows = [index for index, (kind, _) in enumerate(documents) if kind == "Flow"]
    answers = publish(
        tasks=[_task_draft(documents[index][1]) for index in tasks],
        flows=[_flow_draft(documents[index][1]) for index in flows],
        by=by,
    )
    return {index: answer.change.value for index, answer in zip([*tasks, *flows], answers, strict=True)}


def _save_schedules(documents: Sequence[tuple[str, Values]], by: Actor) -> dict[int, str]:
    """After the flows that they start and the elements that they name."""
    changes: dict[int, str] = {}
    for index, (kind, values) in enumerate(documents):
        if kind == "Schedule":
            try:
                changes[index] = save_schedule(values=values, by=by).value
            except FlowsiteError as cause:
                raise DocumentRefused(index, cause) from cause
    return changes


def _save_credential(values: Values, by: Actor) -> str:
    return save_credential(name=values["name"], type=values["type"], secret=values["secret"], by=by).value


def _save_profile(values: Values, by: Actor) -> str:
    return save_profile(name=values["name"], connection=values["connection"], context=values["context"], by=by).value


def _save_group(values: Values, by: Actor) -> str:
    return save_group(name=values["name"], priority=values["priority"], context=values["context"], by=by).value


def _task_draft(values: Values) -> TaskDraft:
    return TaskDraft(values["name"], {key: value for key, value in values.items() if key != "name"})


def _flow_draft(values: Values) -> FlowDraft:
    definition = {key: value for key, value in values.items() if key not in _OWN_COLUMNS}
    return FlowDraft(values["name"], definition, values["processing_script"], values["execution_script"])


_OWN_COLUMNS = frozenset({"name", "processing_script", "execution_script"})
_SAVE: Mapping[str, Callable[[Values, Actor], str]] = MappingProxyType(
    {
        "Credential": _save_credential,
        "Profile": _save_profile,
        "Group": _save_group,
    }
)
