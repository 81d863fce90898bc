"""Schedules can be prepared here; this release fires none, so enabling one is refused."""

from django.apps import apps
from django.contrib import admin

from flows.models import Schedule
from flows.models.schedule import NOT_FIRED
from flowsite.kernel.admin import AuditedAdmin

# The queue's own schedules: its scheduler is off, so one that was stored would never start.
admin.site.unregister(apps.get_model("django_q", "Schedule"))


@admin.register(Schedule)
class ScheduleAdmin(AuditedAdmin):
    """When flows shall start by themselves."""

    view_needs = "schedule.view"
    change_needs = "schedule.change"
    list_display = ("name", "flow", "cron", "days", "times", "timezone", "enabled")
    list_filter = ("enabled", "flow")
    list_select_related = ("flow",)
    search_fields = ("name", "flow__name", "owner")
    autocomplete_fields = ("flow",)
    fieldsets = (
        (None, {"fields": ("name", "flow", "version", "enabled"), "description": NOT_FIRED}),
        ("When", {"fields": ("days", "times", "cron", "timezone", "start", "end", "blackout", "stop_new_after")}),
        ("Otherwise", {"fields": ("overlap", "missed")}),
        ("What", {"fields": ("inputs", "elements", "run_as")}),
        ("Who", {"fields": ("owner", "note")}),
    )
