"""What is stored, as documents: for references, and for export."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from elements.models import Credential, Element, Group, Profile
from flows.documents.kinds import KINDS
from flows.documents.world import World
from flows.keys.called import inputs_by_name
from flows.keys.fields import Fields
from flows.models import FlowVersion, Schedule, TaskVersion

Values = dict[str, Any]


def stored_world() -> World:
    """Everything that a document may refer to; five queries, whatever the size of the inventory."""
    flows = {values["name"]: values for values in _flows(None)}
    return World(
        credentials=dict(Credential.objects.values_list("name", "type")),
        profiles={name: item.get("type", "ssh") for name, item in Profile.objects.values_list("name", "connection")},
        groups=frozenset(Group.objects.values_list("name", flat=True)),
        tasks={values["name"]: inputs_by_name(values) for values in _tasks(None)},
        flows={name: inputs_by_name(values) for name, values in flows.items()},
        scripts={name: values["execution_script"] for name, values in flows.items()},
    )


def stored_documents(kind: str, names: Iterable[str] | None = None) -> list[Values]:
    """The values of all stored objects of a kind, or of the named ones, in normal form, by name."""
    return [normal_form(kind, values) for values in _READ[kind](None if names is None else list(names))]


def normal_form(kind: str, values: Mapping[str, Any]) -> Values:
    """The same with defaults filled in; values that no document could hold stay as they are."""
    fields = Fields.of(dict(values))
    normal = KINDS[kind](fields)
    return dict(values) if fields.problems else normal


def _profiles(names: list[str] | None) -> Iterator[Values]:
    rows = Profile.objects.select_related("credential").order_by("name")
    for profile in rows if names is None else rows.filter(name__in=names):
        credential = {"credential": profile.credential.name} if profile.credential else {}
        yield {
            "name": profile.name,
            "connection": {**profile.connection, **credential},
            "context": profile.context,
        }


def _groups(names: list[str] | None) -> Iterator[Values]:
    rows = Group.objects.order_by("name")
    for group in rows if names is None else rows.filter(name__in=names):
        yield {"name": group.name, "priority": group.priority, "context": group.context}


def _elements(names: list[str] | None) -> Iterator[Values]:
    rows = Element.objects.select_related("profile").prefetch_related("groups", "settings").order_by("name")
    wanted = None if names is None else set(names)
    # A filter over thousands of names would exceed what a database takes as parameters.
    for element in rows if wanted is None or len(wanted) > MAX_NAMES else rows.filter(name__in=wanted):
        if wanted is None or element.name in wanted:
            yield {
                "name": element.name,
                "profile": element.profile.name,
                "address": element.address,
                "enabled": element.enabled,
                "groups": sorted(group.name for group in element.groups.all()),
                "settings": {setting.key: setting.value for setting in element.settings.all()},
            }


MAX_NAMES = 500


def _tasks(names: list[str] | None) -> Iterator[Values]:
    rows = TaskVersion.objects.current()
    current = rows.order_by("task__name").values_list("task__name", "definition")
    for name, definition in current if names is None else current.filter(task__name__in=names):
        yield {**definition, "name": name}


def _flows(names: list[str] | None) -> Iterator[Values]:
    rows = FlowVersion.objects.current()
    current = rows.select_related("flow").order_by("flow__name")
    for version in current if names is None else current.filter(flow__name__in=names):
        yield {
            **version.definition,
            "name": version.flow.name,
            "processing_script": version.processing_script,
            "execution_script": version.execution_script,
        }


def _schedules(names: list[str] | None) -> Iterator[Values]:
    rows = Schedule.objects.select_related("flow").order_by("name")
    for schedule in rows if names is None else rows.filter(name__in=names):
        dates = {key: at and at.isoformat() for key, at in (("start", schedule.start), ("end", schedule.end))}
        yield {"name": schedule.name, "flow": schedule.flow.name, **_columns(schedule), **dates}


def _columns(schedule: Schedule) -> Values:
    keys = ("days", "times", "cron", "timezone", "overlap", "missed", "inputs", "elements", "version", "run_as",
            "start", "end", "blackout", "owner", "note", "enabled")  # fmt: skip
    return {key: getattr(schedule, key) for key in keys}


_READ: Mapping[str, Callable[[list[str] | None], Iterator[Values]]] = MappingProxyType(
    {
        "Profile": _profiles,
        "Group": _groups,
        "Element": _elements,
        "Task": _tasks,
        "Flow": _flows,
        "Schedule": _schedules,
    }
)

#: The kinds that are exported: credentials never are.
EXPORTED = tuple(_READ)
