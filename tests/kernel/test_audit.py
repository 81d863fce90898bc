"""The audit trail."""

from collections.abc import Callable

import pytest

from flowsite.kernel.access import SYSTEM
from flowsite.kernel.audit import record
from flowsite.kernel.models import AuditEntry, AuditIsAppendOnly

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_entry_says_who_did_what_to_which_object_and_when() -> None:
    record(SYSTEM, "published", "flow", "F1", {"version": 2})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.name, entry.details) == (
        "[system]", "published", "flow", "F1", {"version": 2},
    )  # fmt: skip
    assert entry.at.tzinfo is not None


@pytest.mark.parametrize("change", ["save", "delete", "update", "delete_all"])
def test_entries_are_neither_changed_nor_deleted(change: str) -> None:
    record(SYSTEM, "published", "flow", "F1")
    entry = AuditEntry.objects.get()
    acts: dict[str, Callable[[], object]] = {
        "save": entry.save,
        "delete": entry.delete,
        "update": lambda: AuditEntry.objects.update(actor="somebody"),
        "delete_all": lambda: AuditEntry.objects.filter(actor="[system]").delete(),
    }
    with pytest.raises(AuditIsAppendOnly):
        acts[change]()
    assert AuditEntry.objects.get().actor == "[system]"
