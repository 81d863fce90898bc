"""Writes the audit trail. Call ``record`` in the transaction of the act, so that neither is there without the other."""

from collections.abc import Iterable, Mapping
from typing import Any

from flowsite.kernel.access import Actor
from flowsite.kernel.models import AuditEntry


def record(actor: Actor, action: str, kind: str, name: str, details: Mapping[str, Any] | None = None) -> None:
    """Add one entry: ``record(user, "published", "flow", "Rolling restart", {"version": 3})``.

    ``details`` are small JSON values; the caller names changed fields but never puts a secret's value there.
    """
    AuditEntry.objects.create(
        actor=actor.get_username()[:150], action=action, kind=kind, name=name[:200], details=dict(details or {})
    )


def record_all(actor: Actor, kind: str, acts: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Add an entry for each (action, name, details), in few queries: for changes to thousands of objects at once."""
    author = actor.get_username()[:150]
    entries = (
        AuditEntry(actor=author, action=action, kind=kind, name=name[:200], details=dict(details))
        for action, name, details in acts
    )
    AuditEntry.objects.bulk_create(entries, batch_size=500)
