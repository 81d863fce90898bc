"""Takes tasks and flows out of use. Their versions stay, because runs are pinned to them."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from flows.adapters.uses import Place, Uses, told, uses_of_flow, uses_of_task
from flows.models import Flow, Schedule, Task
from flows.models.draft import FlowDraft
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import Conflict, NotFound


class StillInUse(Conflict):
    """Something that starts or calls it would fail; ``places`` has every use."""

    code = "in_use"

    def __init__(self, what: str, places: Sequence[Place], advice: str) -> None:
        users = told(list(dict.fromkeys(_users(places))))
        super().__init__(f"{what} is in use by {users}. {advice}")
        self.places = tuple(places)

    @property
    def in_a_sentence(self) -> str:
        """The message with a capital and a full stop."""
        return f"{self.message[0].upper()}{self.message[1:]}."


def _users(places: Iterable[Place]) -> Iterable[str]:
    """``the flow 'Restart' at line 3``; each user once, with all its lines."""
    by_user: dict[str, list[str]] = {}
    for place in places:
        by_user.setdefault(place.of_what, []).append(place.at_what.strip())
    for user, at in by_user.items():
        lines = " and ".join(dict.fromkeys(part for part in at if part))
        yield f"{user} {lines}".strip()


@transaction.atomic
def archive_task(*, task: int, by: Actor) -> str:
    """Archive a task; gives its name. Raises ``NotFound``, and ``StillInUse`` while a current flow names it."""
    require(by, "task.publish")
    row = Task.objects.select_for_update().filter(pk=task, archived=False).first()
    if row is None:
        raise NotFound(f"there is no task with the id {task}")
    refused = refusal_of_task(row.name, uses_of_task(row.name))
    if refused is not None:
        raise refused
    return _archive(row, by)


def refusal_of_task(name: str, uses: Uses) -> StillInUse | None:
    """What keeps the task from being archived, by its uses; None where nothing does."""
    places = [place for place in uses.published if place.how != "results"]
    if not places:
        return None
    return StillInUse(f"the task {name!r}", places, "Take it out of their scripts and out of refresh, then archive it")


@transaction.atomic
def archive_flow(*, flow: int, by: Actor) -> str:
    """Archive a flow; gives its name. Raises ``NotFound``, and ``StillInUse`` while a flow calls it, a schedule starts
    it, or somebody's draft of it waits. Runs that are not over go on."""
    require(by, "flow.publish")
    row = Flow.objects.select_for_update().filter(pk=flow, archived=False).first()
    if row is None:
        raise NotFound(f"there is no flow with the id {flow}")
    refused = refusal_of_flow(row, uses_of_flow(flow, row.name))
    if refused is not None:
        raise refused
    return _archive(row, by)


def refusal_of_flow(flow: Flow, uses: Uses) -> StillInUse | None:
    """What keeps the flow from being archived, by its uses; None where nothing does. At most 2 queries."""
    enabled = Schedule.objects.filter(flow=flow, enabled=True).order_by("name").values_list("pk", "name")
    schedules = [Place("schedule", pk, name, "start") for pk, name in enabled]
    places = [*uses.published, *schedules]
    if places:
        advice = "Take it out of their scripts, and disable the schedules, then archive it"
        return StillInUse(f"the flow {flow.name!r}", places, advice)
    draft = FlowDraft.objects.filter(flow=flow).first()
    if draft is not None:
        own = Place("draft", flow.pk, flow.name, "call", by=draft.written_by)
        return StillInUse(f"the flow {flow.name!r}", [own], "Publish or discard it, then archive it")
    return None


def _archive(row: Task | Flow, by: Actor) -> str:
    row.archived = True
    row.save(update_fields=["archived"])
    audit.record(by, "archived", str(row._meta.model_name), row.name)
    return row.name
