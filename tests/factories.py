"""Makes rows for tests: each function fills what a test does not care about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group as RoleGroup
from django.contrib.auth.models import User

from elements.models import Credential, Element, Group, Profile, Setting
from elements.secrets import seal
from flows.models import Flow, FlowVersion, Run, Task, TaskVersion
from flowsite.kernel.access import Role

AN_INSTANT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_numbers = count(1)


def make_roles() -> None:
    """The roles as the migration makes them: a test that commits leaves all tables empty to those after it."""
    for role in Role:
        RoleGroup.objects.get_or_create(name=role)


def make_user(role: str | None = None, name: str = "") -> User:
    """A user with one role, or none."""
    user = User.objects.create_user(name or f"user{next(_numbers)}")
    if role:
        make_roles()
        user.groups.add(RoleGroup.objects.get(name=role))
    return user


def make_profile(name: str = "linux", *, context: Mapping[str, Any] | None = None, **fields: Any) -> Profile:
    """A profile with the ``local`` connection unless another is given; one of this name is reused."""
    fields.setdefault("connection", {"type": "local"})
    return Profile.objects.get_or_create(name=name, defaults={"context": dict(context or {}), **fields})[0]


def make_group(name: str, *, priority: int = 0, context: Mapping[str, Any] | None = None) -> Group:
    """A group; one of this name is reused."""
    return Group.objects.get_or_create(name=name, defaults={"priority": priority, "context": dict(context or {})})[0]


def make_element(
    name: str,
    *,
    profile: Profile | None = None,
    groups: Sequence[Group] = (),
    settings: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Element:
    """An enabled element of the profile ``linux`` unless told otherwise."""
    element = Element.objects.create(name=name, profile=profile or make_profile(), **fields)
    element.groups.set(groups)
    Setting.objects.bulk_create(
        Setting(element=element, key=key, value=value) for key, value in (settings or {}).items()
    )
    return element


def make_elements(count_: int, *, prefix: str = "e") -> list[Element]:
    """Many elements at once: e1, e2, ..."""
    profile = make_profile()
    return Element.objects.bulk_create(
        Element(name=f"{prefix}{number}", profile=profile) for number in range(1, count_ + 1)
    )


def make_credential(name: str = "ops-key", **values: str) -> Credential:
    """A password, or an SSH key by its values."""
    values = values or {"password": "hunter2"}
    kind = "password" if set(values) == {"password"} else "ssh_key"
    return Credential.objects.create(name=name, type=kind, secret=seal(kind, values))


def make_task_version(name: str = "A", *, at: datetime = AN_INSTANT, **definition: Any) -> TaskVersion:
    """The next version of a ``command`` task."""
    task, _ = Task.objects.get_or_create(name=name)
    definition = {"class": "command", "command": "true", **definition}
    number = task.versions.count() + 1
    return TaskVersion.objects.create(
        task=task, number=number, name=name, definition=definition, published_at=at, published_by="author"
    )


def make_flow_version(
    name: str = "F1", *, execution_script: str = "log('hello')\n", at: datetime = AN_INSTANT, **definition: Any
) -> FlowVersion:
    """The next version of a Serial flow over all elements."""
    flow, _ = Flow.objects.get_or_create(name=name)
    return FlowVersion.objects.create(
        flow=flow,
        number=flow.versions.count() + 1,
        name=name,
        definition={"mode": "serial", "target": {"all": True}, **definition},
        execution_script=execution_script,
        published_at=at,
        published_by="author",
    )


def make_run(version: FlowVersion | None = None, **fields: Any) -> Run:
    """A queued root run."""
    flow_name = version.name if version else fields.pop("flow_name", "F1")
    defaults = {"started_by": "operator", "created_at": AN_INSTANT, "mode": "serial"}
    return Run.objects.create(flow_version=version, flow_name=flow_name, **{**defaults, **fields})
