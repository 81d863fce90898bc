"""Changes the inventory. Each call is one transaction with its audit entries, and says what it changed.

All of them are idempotent: giving what is there already changes nothing and records nothing.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from elements.context import conflicting_keys, context_problems, key_problem
from elements.models import Credential, Element, Group, Profile, Setting
from elements.secrets import reveal, seal
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.encryption import EncryptionProblem
from flowsite.kernel.errors import InvalidRequest, NotFound


class Change(StrEnum):
    """What a call did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class UnknownName(NotFound):
    """A profile, group, credential or element was named that does not exist."""

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        shown = ", ".join(repr(name) for name in names)
        super().__init__(f"there is no {kind} {shown}; create it first", fields={kind: list(names)})


class SettingRefused(InvalidRequest):
    """A setting's key cannot be used."""

    code = "setting"


@transaction.atomic
def save_credential(*, name: str, type: str, secret: Mapping[str, str], by: Actor) -> Change:  # noqa: A002
    """Create or replace a credential. Its values are encrypted, and none is ever shown or recorded."""
    require(by, "credential.change")
    sealed = seal(type, secret)
    known = Credential.objects.filter(name=name).first()
    if known is not None and known.type == type and _holds(known, secret):
        return Change.UNCHANGED
    Credential.objects.update_or_create(
        name=name,
        defaults={"type": type, "secret": sealed, "written_by": by.get_username(), "written_at": timezone.now()},
    )
    change = Change.CREATED if known is None else Change.UPDATED
    audit.record(by, change, "credential", name, {"type": type, "values": sorted(secret)})
    return change


@transaction.atomic
def save_profile(
    *,
    name: str,
    connection: Mapping[str, Any],
    by: Actor,
    credential: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> Change:
    """Create or change a profile. ``credential`` is a name; it may also stand in ``connection``, as in YAML."""
    require(by, "inventory.change")
    plain = {key: value for key, value in connection.items() if key != "credential"}
    named = credential or connection.get("credential")
    row = Credential.objects.filter(name=named).first() if named else None
    if named and row is None:
        raise UnknownName("credential", [named])
    values = {"connection": plain, "credential": row, "context": _mergeable(context)}
    return _save(Profile, name, values, by)


@transaction.atomic
def save_group(*, name: str, by: Actor, priority: int = 0, context: Mapping[str, Any] | None = None) -> Change:
    """Create or change a group. Who belongs to it is said by its elements."""
    require(by, "inventory.change")
    return _save(Group, name, {"priority": priority, "context": _mergeable(context)}, by)


def _mergeable(context: Mapping[str, Any] | None) -> dict[str, Any]:
    """The context, or ``InvalidRequest`` where it cannot be merged (R42)."""
    problems = context_problems(context or {})
    if problems:
        raise InvalidRequest(f"context: {'; '.join(problems)}", fields={"context": problems})
    return dict(context or {})


@transaction.atomic
def save_element(
    *,
    name: str,
    profile: str,
    by: Actor,
    address: str = "",
    groups: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    enabled: bool = True,
) -> Change:
    """Create or change an element. Its groups become exactly these; settings that are not named stay as they are."""
    require(by, "inventory.change")
    if problem := element_name_problem(name):
        raise InvalidRequest(problem, fields={"name": [problem]})
    row = Profile.objects.filter(name=profile).first()
    if row is None:
        raise UnknownName("profile", [profile])
    change = _save(Element, name, {"profile": row, "address": address, "enabled": enabled}, by)
    element = Element.objects.get(name=name)
    changed_groups = _set_groups(element, groups, by)
    written = _write_settings(element, settings or {}, by)
    return Change.UPDATED if change is Change.UNCHANGED and (changed_groups or written) else change


@transaction.atomic
def set_settings(*, element: str, settings: Mapping[str, Any], by: Actor) -> Change:
    """Write settings of one element; the others stay."""
    require(by, "setting.change")
    row = _element(element)
    return Change.UPDATED if _write_settings(row, settings, by) else Change.UNCHANGED


@transaction.atomic
def remove_settings(*, element: str, keys: Sequence[str], by: Actor) -> Change:
    """Remove settings of one element; what profile and groups say shows again."""
    require(by, "setting.change")
    found = Setting.objects.filter(element=_element(element), key__in=list(keys))
    removed = sorted(found.values_list("key", flat=True))
    if not removed:
        return Change.UNCHANGED
    found.delete()
    audit.record(by, "updated", "element", element, {"removed_settings": removed})
    return Change.UPDATED


@transaction.atomic
def change_settings(*, element: str, settings: Mapping[str, Any], removed: Sequence[str], by: Actor) -> Change:
    """Remove settings of one element, then write others: a key may take the place of one that stood above it."""
    changes = {remove_settings(element=element, keys=removed, by=by)}
    changes.add(set_settings(element=element, settings=settings, by=by))
    return Change.UPDATED if Change.UPDATED in changes else Change.UNCHANGED


def element_name_problem(name: str) -> str:
    """What is wrong with an element's name, or ''. A comma would split it in ``--elements a,b``."""
    if name and name == name.strip() and "," not in name and name.isprintable() and len(name) <= 200:
        return ""
    return (
        f"the element's name is {name[:60]!r}, expected 1 to 200 visible characters without a comma or blanks around "
        f"them"
    )


def setting_problem(element: str, above: str, below: str) -> str:
    """Why these two keys cannot both be settings."""
    return f"{element}: {above!r} is a plain value, so {below!r} cannot stand below it; remove one of them"


# --- parts ------------------------------------------------------------------------------------------------------


def _save(model: type[models.Model], name: str, values: dict[str, Any], by: Actor) -> Change:
    """Create the row, or write the fields that differ."""
    row = model._default_manager.filter(name=name).first()
    if row is None:
        model._default_manager.create(name=name, **values)
        change, changed = Change.CREATED, sorted(values)
    else:
        changed = sorted(field for field, value in values.items() if getattr(row, field) != value)
        if not changed:
            return Change.UNCHANGED
        for field in changed:
            setattr(row, field, values[field])
        row.save(update_fields=changed)
        change = Change.UPDATED
    audit.record(by, change, model._meta.model_name or "", name, {"fields": changed})
    return change


def _set_groups(element: Element, names: Sequence[str], by: Actor) -> bool:
    rows = list(Group.objects.filter(name__in=list(names)))
    unknown = sorted(set(names) - {row.name for row in rows})
    if unknown:
        raise UnknownName("group", unknown)
    before = set(element.groups.values_list("name", flat=True))
    if before == set(names):
        return False
    element.groups.set(rows)
    audit.record(by, "updated", "element", element.name, {"groups": sorted(names)})
    return True


def _write_settings(element: Element, settings: Mapping[str, Any], by: Actor) -> list[str]:
    """The keys that were written: those whose value is new. Values may be facts of any size and are not audited."""
    before = dict(element.settings.values_list("key", "value"))
    refuse_keys(element.name, settings, {**before, **settings})
    changed = sorted(key for key, value in settings.items() if key not in before or before[key] != value)
    now, author = timezone.now(), by.get_username()
    rows = [
        Setting(element=element, key=key, value=settings[key], written_by=author, written_at=now) for key in changed
    ]
    Setting.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("element", "key"),
        update_fields=("value", "written_by", "written_at"),
    )
    if changed:
        audit.record(by, "updated", "element", element.name, {"settings": changed})
    return changed


def refuse_keys(element: str, settings: Mapping[str, Any], together: Mapping[str, Any]) -> None:
    """Refuse keys that are none, and plain values that others stand below. ``together`` has all that there will be."""
    for key in settings:
        if problem := key_problem(key):
            raise SettingRefused(f"{element}: {problem}", fields={key: [problem]})
    for above, below in conflicting_keys(together):
        if above in settings or below in settings:
            problem = setting_problem(element, above, below)
            raise SettingRefused(problem, fields={below: [problem]})


def _element(name: str) -> Element:
    row = Element.objects.filter(name=name).first()
    if row is None:
        raise UnknownName("element", [name])
    return row


def _holds(credential: Credential, secret: Mapping[str, str]) -> bool:
    """Say whether it has exactly these values; one under a lost key has not, and may be replaced."""
    try:
        return reveal(credential) == dict(secret)
    except EncryptionProblem:
        return False
