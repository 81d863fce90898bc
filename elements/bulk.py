"""Writes many elements at once, as ``operations.save_element`` does one by one, in a bounded number of queries.

A database with one writer makes every worker wait meanwhile: 10,000 elements must take seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from elements.models import Element, Group, Profile, Setting
from elements.operations import Change, UnknownName, element_name_problem, refuse_keys
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import FlowsiteError, InvalidRequest

_BATCH = 500
_Membership = Element.groups.through


class ElementRefused(FlowsiteError):
    """One element cannot be stored, so none was; ``index`` counts them from 0."""

    def __init__(self, index: int, cause: FlowsiteError) -> None:
        super().__init__(cause.message, fields=cause.fields)
        self.index = index
        self.code, self.status = cause.code, cause.status


@dataclass(slots=True)
class _Stored:
    """What is stored of the named elements, by name, and everything that they may refer to."""

    profiles: Mapping[str, int]
    groups: Mapping[str, int]
    rows: dict[str, Element]
    members: Mapping[int, set[int]]
    settings: Mapping[int, dict[str, Any]]

    @classmethod
    def of(cls, names: Sequence[str]) -> "_Stored":
        few = {"name__in": names} if len(names) <= _BATCH else {}
        rows = {element.name: element for element in Element.objects.filter(**few)}
        few_ids = {"element__name__in": names} if few else {}
        members: dict[int, set[int]] = defaultdict(set)
        for element, group in _Membership.objects.filter(**few_ids).values_list("element_id", "group_id"):
            members[element].add(group)
        settings: dict[int, dict[str, Any]] = defaultdict(dict)
        for element, key, value in Setting.objects.filter(**few_ids).values_list("element_id", "key", "value"):
            settings[element][key] = value
        return cls(
            dict(Profile.objects.values_list("name", "pk")), dict(Group.objects.values_list("name", "pk")),
            rows, members, settings,
        )  # fmt: skip


@dataclass(slots=True)
class _Write:
    """One element: its row, whether that is new or differs, and what differs of its groups and settings."""

    row: Element
    is_new: bool
    fields: list[str]
    groups: set[int]
    groups_before: set[int]
    settings: dict[str, Any]

    @property
    def change(self) -> Change:
        """What writing it does."""
        if self.is_new:
            return Change.CREATED
        differs = self.fields or self.settings or self.groups != self.groups_before
        return Change.UPDATED if differs else Change.UNCHANGED


@transaction.atomic
def save_elements(*, elements: Sequence[Mapping[str, Any]], by: Actor) -> list[Change]:
    """Create or change elements of different names; each has all arguments of ``save_element``.

    One answer per element, in their order. Raises ``ElementRefused`` for the first that cannot be stored.
    """
    require(by, "inventory.change")
    stored = _Stored.of([values["name"] for values in elements])
    writes: list[_Write] = []
    for index, values in enumerate(elements):
        try:
            writes.append(_write(values, stored))
        except FlowsiteError as cause:
            raise ElementRefused(index, cause) from cause
    _save_rows(writes)
    _save_groups(writes)
    _save_settings(writes, by)
    changed = [write for write in writes if write.change is not Change.UNCHANGED]
    audit.record_all(by, "element", ((write.change, write.row.name, _details(write)) for write in changed))
    return [write.change for write in writes]


def _write(values: Mapping[str, Any], stored: _Stored) -> _Write:
    name = values["name"]
    if problem := element_name_problem(name):
        raise InvalidRequest(problem, fields={"name": [problem]})
    if values["profile"] not in stored.profiles:
        raise UnknownName("profile", [values["profile"]])
    if unknown := sorted(set(values["groups"]) - stored.groups.keys()):
        raise UnknownName("group", unknown)
    fields = {
        "profile_id": stored.profiles[values["profile"]],
        "address": values["address"],
        "enabled": values["enabled"],
    }
    row = stored.rows.get(name)
    is_new = row is None
    row = row or Element(name=name, **fields)
    differing = [field for field, value in fields.items() if getattr(row, field) != value]
    for field in differing:
        setattr(row, field, fields[field])
    before = stored.settings.get(row.pk, {})
    settings = values["settings"]
    refuse_keys(name, settings, {**before, **settings})
    return _Write(
        row=row,
        is_new=is_new,
        fields=differing,
        groups={stored.groups[group] for group in values["groups"]},
        groups_before=stored.members.get(row.pk, set()),
        settings={key: value for key, value in settings.items() if key not in before or before[key] != value},
    )


def _save_rows(writes: Iterable[_Write]) -> None:
    new = [write.row for write in writes if write.is_new]
    changed = [write.row for write in writes if write.fields]
    Element.objects.bulk_create(new, batch_size=_BATCH)
    Element.objects.bulk_update(changed, ["profile_id", "address", "enabled"], batch_size=_BATCH)


def _save_groups(writes: Iterable[_Write]) -> None:
    added = [
        _Membership(element_id=write.row.pk, group_id=group)
        for write in writes
        for group in write.groups - write.groups_before
    ]
    _Membership.objects.bulk_create(added, batch_size=_BATCH)
    left: dict[int, list[int]] = defaultdict(list)
    for write in writes:
        for group in write.groups_before - write.groups:
            left[group].append(write.row.pk)
    for group, elements in left.items():
        for start in range(0, len(elements), _BATCH):
            _Membership.objects.filter(group_id=group, element_id__in=elements[start : start + _BATCH]).delete()


def _save_settings(writes: Iterable[_Write], by: Actor) -> None:
    now, author = timezone.now(), by.get_username()
    rows = [
        Setting(element=write.row, key=key, value=value, written_by=author, written_at=now)
        for write in writes
        for key, value in sorted(write.settings.items())
    ]
    Setting.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=("element", "key"),
        update_fields=("value", "written_by", "written_at"),
    )


def _details(write: _Write) -> dict[str, Any]:
    """Settings' values may be facts of any size; they are not audited."""
    groups = {} if write.groups == write.groups_before else {"groups": len(write.groups)}
    return {"fields": write.fields, "settings": sorted(write.settings), **groups}


@transaction.atomic
def set_enabled(*, elements: Sequence[str], enabled: bool, by: Actor) -> list[str]:
    """Enable or disable the named elements; gives the names of those that were not so already. ``UnknownName``."""
    require(by, "inventory.change")
    names = list(dict.fromkeys(elements))
    rows: dict[str, bool] = {}
    for start in range(0, len(names), _BATCH):
        found = Element.objects.filter(name__in=names[start : start + _BATCH])
        rows |= dict(found.values_list("name", "enabled"))
    if unknown := [name for name in names if name not in rows]:
        raise UnknownName("element", unknown)
    changed = [name for name in names if rows[name] is not enabled]
    for start in range(0, len(changed), _BATCH):
        Element.objects.filter(name__in=changed[start : start + _BATCH]).update(enabled=enabled)
    audit.record_all(by, "element", ((Change.UPDATED, name, {"fields": ["enabled"]}) for name in changed))
    return changed
