"""Takes tasks and flows out of use. Their versions stay, because runs are pinned to them."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from flows.models import Flow, FlowVersion, Schedule, Task
from flows.models.draft import FlowDraft
from flows.script.references import References, references_of
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import Conflict, NotFound


class StillInUse(Conflict):
    """Something that starts or calls it would fail."""

    code = "in_use"

    def __init__(self, what: str, users: Sequence[str], advice: str) -> None:
        shown = ", ".join(users[:10]) + (f" and {len(users) - 10} more" if len(users) > 10 else "")
        super().__init__(f"{what} is in use by {shown}. {advice}, then archive it")

    @property
    def in_a_sentence(self) -> str:
        """The message with a capital and a full stop."""
        return f"{self.message[0].upper()}{self.message[1:]}."


@transaction.atomic
def archive_task(*, task: int, by: Actor) -> str:
    """Archive a task; gives its name. Raises ``NotFound``, and ``StillInUse`` while a current flow names it."""
    require(by, "task.publish")
    row = Task.objects.select_for_update().filter(pk=task, archived=False).first()
    if row is None:
        raise NotFound(f"there is no task with the id {task}")
    users = [f"the flow {name!r}" for name, found, refresh in _current_flows() if row.name in {*found.tasks, *refresh}]
    if users:
        raise StillInUse(f"the task {row.name!r}", users, "Take it out of their scripts and out of refresh")
    return _archive(row, by)


@transaction.atomic
def archive_flow(*, flow: int, by: Actor) -> str:
    """Archive a flow; gives its name. Raises ``NotFound``, and ``StillInUse`` while a flow calls it, a schedule starts
    it, or somebody's draft of it waits. Runs that are not over go on."""
    require(by, "flow.publish")
    row = Flow.objects.select_for_update().filter(pk=flow, archived=False).first()
    if row is None:
        raise NotFound(f"there is no flow with the id {flow}")
    users = [
        f"the flow {name!r}" for name, found, _ in _current_flows() if row.name in found.flows and name != row.name
    ]
    schedules = Schedule.objects.filter(flow=row, enabled=True).order_by("name").values_list("name", flat=True)
    users += [f"the schedule {name!r}" for name in schedules]
    if users:
        raise StillInUse(f"the flow {row.name!r}", users, "Take it out of their scripts, and disable the schedules")
    draft = FlowDraft.objects.filter(flow=row).first()
    if draft is not None:
        raise StillInUse(f"the flow {row.name!r}", [f"a draft of {draft.written_by}"], "Publish or discard it")
    return _archive(row, by)


def _current_flows() -> Iterator[tuple[str, References, Sequence[str]]]:
    """Name, what the script calls, and the tasks of ``refresh``."""
    rows = FlowVersion.objects.current().order_by("flow__name")
    for name, script, definition in rows.values_list("flow__name", "execution_script", "definition"):
        yield name, references_of(script), definition.get("refresh") or ()


def _archive(row: Task | Flow, by: Actor) -> str:
    row.archived = True
    row.save(update_fields=["archived"])
    audit.record(by, "archived", str(row._meta.model_name), row.name)
    return row.name
