"""What every page of the admin shares: it asks the access policy, writes the audit trail, or is there to be read."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from flowsite.kernel.access import Actor, allows
from flowsite.kernel.audit import record
from flowsite.kernel.models import AuditEntry


class ByPolicy:
    """Permissions of an admin page, or of an inline, from the one policy table instead of Django's own."""

    #: Permissions of ``access.POLICY``; without the second one nothing can be changed here.
    view_needs: str
    change_needs: str | None = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """As the policy says."""
        return allows(_actor(request), self.view_needs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """As the policy says."""
        return self.change_needs is not None and allows(_actor(request), self.change_needs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change may add."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change may delete."""
        return self.has_change_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may view sees it in the list."""
        return self.has_view_permission(request)


class ReadOnlyAdmin(ByPolicy, admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows to whoever may view them; nobody can add, change or delete one here."""

    show_full_result_count = False


class AuditedAdmin(ByPolicy, admin.ModelAdmin):  # type: ignore[type-arg]
    """Writes the audit trail for what is changed here. The names of changed fields are kept, their values are not."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save and record."""
        super().save_model(request, obj, form, change)
        self.record(request, "updated" if change else "created", obj, {"fields": sorted(form.changed_data)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete and record."""
        super().delete_model(request, obj)
        self.record(request, "deleted", obj, {})

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete several and record each."""
        deleted = list(queryset)
        super().delete_queryset(request, queryset)
        for obj in deleted:
            self.record(request, "deleted", obj, {})

    def record(self, request: HttpRequest, action: str, obj: Any, details: Mapping[str, Any]) -> None:
        """Add an entry to the audit trail."""
        record(_actor(request), action, obj._meta.model_name, str(obj), details)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to which object, newest first."""

    view_needs = "audit.view"
    list_display = ("at", "actor", "action", "kind", "name")
    list_filter = ("action", "kind", "at")
    search_fields = ("actor", "name")


def _actor(request: HttpRequest) -> Actor:
    return request.user
