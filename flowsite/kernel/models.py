"""The audit trail: who did what to which object, when. Entries are added and never changed."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from flowsite.kernel.errors import Conflict
from flowsite.kernel.preferences import Preference

__all__ = ["AuditEntry", "AuditIsAppendOnly", "Preference"]


class AuditIsAppendOnly(Conflict):
    """Somebody tried to change or delete an audit entry."""

    code = "audit_append_only"

    def __init__(self) -> None:
        super().__init__("The audit trail is append-only: entries are neither changed nor deleted.")


class AuditEntries(models.QuerySet["AuditEntry"]):
    """Adding and reading are all there is."""

    def update(self, **_changes: Any) -> NoReturn:
        """Refuse: entries never change."""
        raise AuditIsAppendOnly

    def delete(self) -> NoReturn:
        """Refuse: entries stay."""
        raise AuditIsAppendOnly


class AuditEntry(models.Model):
    """One act. ``actor`` is a user name, kept as text so that it outlives the account; ``details`` has no secret."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    kind = models.CharField("object kind", max_length=60)
    name = models.CharField("object name", max_length=200)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditEntries.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("kind", "name", "-at"), name="audit_by_object"),
            models.Index(fields=("actor", "-at"), name="audit_by_actor"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.kind} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; a second save is refused."""
        if not self._state.adding:
            raise AuditIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: entries stay."""
        raise AuditIsAppendOnly
