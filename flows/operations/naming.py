"""Which names a task or a flow may be given: well spelled, free, and never that of another one in the past."""

from flows.adapters.names import owner_of
from flows.keys.fields import Fields
from flows.models import Flow, FlowVersion, Task, TaskVersion
from flows.operations.catalog_checks import MAX_NAME
from flowsite.kernel.errors import Conflict, InvalidRequest


class NameTaken(Conflict):
    """Something of this kind has the name, had it once, or will come back with it."""

    code = "name_taken"

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"name": [message]})


def refuse_name(kind: str, name: str, row: Task | Flow) -> None:
    """Raise ``InvalidRequest`` or ``NameTaken`` unless ``row`` may be renamed so. 3 queries."""
    refuse_misspelled(name)
    if name == row.name:
        raise NameTaken(f"the {kind} is called {name!r} already; give another name")
    rows = Task.objects if kind == "task" else Flow.objects
    taken = rows.filter(name=name).first()
    if taken is not None:
        state = "an archived" if taken.archived else "another"
        raise NameTaken(f"{state} {kind} is called {name!r}; choose another name")
    told = past_owner(kind, name, row.pk)
    if told:
        raise NameTaken(told)


def refuse_misspelled(name: str) -> None:
    """Raise ``InvalidRequest`` for a name that nothing may have."""
    fields = Fields.of({"name": name})
    fields.name(most=MAX_NAME)
    if fields.problems:
        message = fields.problems[0].message
        raise InvalidRequest(f"name {message}", fields={"name": [message]})


def past_owner(kind: str, name: str, row: int | None = None) -> str:
    """Why nothing but what was called so once may have this name (Note [A name means one thing]), or nothing.

    2 queries at most.
    """
    now = owner_of(TaskVersion, name) if kind == "task" else owner_of(FlowVersion, name)
    if now is None or now.name == name:
        return ""
    owner = now.task_id if isinstance(now, TaskVersion) else now.flow_id
    if owner == row:
        return ""
    return (
        f"{name!r} was the name of the {kind} {now.name!r}, and older versions still mean that one by it; choose "
        f"another name, or rename {now.name!r} back"
    )
