"""Tasks and flows: what is published can be read here and archived; new versions come from publishing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from flows.models import Flow, FlowDraft, FlowVersion, Task, TaskVersion
from flowsite.kernel.admin import AuditedAdmin, ReadOnlyAdmin


class NamedAdmin(AuditedAdmin):
    """A name with versions: it can be archived. Publishing makes it, and runs refer to it for good."""

    list_filter = ("archived",)
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never: publishing makes them, with its checks."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never: runs refer to it."""
        return False


@admin.register(Task)
class TaskAdmin(NamedAdmin):
    """Tasks."""

    view_needs = "task.view"
    change_needs = "task.publish"
    list_display = ("name", "task_class", "archived")
    readonly_fields = ("name", "task_class")


@admin.register(Flow)
class FlowAdmin(NamedAdmin):
    """Flows."""

    view_needs = "flow.view"
    change_needs = "flow.publish"
    list_display = ("name", "archived")
    readonly_fields = ("name",)


@admin.register(TaskVersion)
class TaskVersionAdmin(ReadOnlyAdmin):
    """Published tasks."""

    view_needs = "task.view"
    list_display = ("name", "number", "published_at", "published_by")
    list_filter = ("published_at",)
    search_fields = ("name",)


@admin.register(FlowVersion)
class FlowVersionAdmin(ReadOnlyAdmin):
    """Published flows."""

    view_needs = "flow.view"
    list_display = ("name", "number", "mode", "published_at", "published_by")
    list_filter = ("published_at",)
    search_fields = ("name",)

    @admin.display
    def mode(self, version: FlowVersion) -> str:
        """``serial`` or ``parallel``."""
        return str(version.definition.get("mode", ""))


@admin.register(FlowDraft)
class FlowDraftAdmin(ReadOnlyAdmin):
    """What authors are working on; changed in the editor."""

    view_needs = "flow.view"
    list_display = ("flow", "revision", "base_version", "written_by", "written_at")
    list_select_related = ("flow",)
    search_fields = ("flow__name", "written_by")
