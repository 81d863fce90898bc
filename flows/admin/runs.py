"""Runs and everything that they record: to be read. The driver alone writes them."""

from django.contrib import admin

from flows.models import (
    ElementLock,
    Run,
    RunElement,
    RunEvent,
    RunPlan,
    RunSignal,
    StepOutput,
    StepRun,
    StoredPlan,
    TriedFlow,
)
from flowsite.kernel.admin import ReadOnlyAdmin


class JournalAdmin(ReadOnlyAdmin):
    """Tables too large to be counted on every page."""

    view_needs = "run.view"
    list_per_page = 50


@admin.register(Run)
class RunAdmin(JournalAdmin):
    """Runs, newest first."""

    list_display = (
        "id",
        "flow_name",
        "number",
        "is_try",
        "mode",
        "state",
        "reason",
        "started_by",
        "created_at",
        "ended_at",
    )
    list_filter = ("state", "mode", "is_try", "created_at")
    search_fields = ("flow_name", "started_by", "=id")


@admin.register(TriedFlow)
class TriedFlowAdmin(JournalAdmin):
    """What tries ran: drafts and tasks as they were then."""

    list_display = ("run_id", "flow", "revision", "task")
    list_select_related = ("flow",)
    search_fields = ("flow__name", "task", "=run__id")


@admin.register(RunElement)
class RunElementAdmin(JournalAdmin):
    """Elements of runs."""

    list_display = ("run_id", "position", "name", "state", "message")
    list_filter = ("state",)
    search_fields = ("name", "=run__id")


@admin.register(StepRun)
class StepRunAdmin(JournalAdmin):
    """Outcomes of steps."""

    list_display = ("run_id", "element_name", "site", "turn", "attempt", "step", "name", "status", "reason")
    list_filter = ("status", "step")
    search_fields = ("element_name", "=run__id")


@admin.register(RunEvent)
class RunEventAdmin(JournalAdmin):
    """The journal."""

    list_display = ("root_id", "seq", "type", "run_id", "at")
    list_filter = ("type",)
    search_fields = ("=root__id",)


@admin.register(StepOutput)
class StepOutputAdmin(JournalAdmin):
    """What steps printed. The bytes are read through the run, not here."""

    list_display = ("run_id", "element_name", "site", "turn", "attempt", "stream", "offset")
    list_filter = ("stream",)
    search_fields = ("element_name", "=run__id")


@admin.register(RunSignal)
class RunSignalAdmin(JournalAdmin):
    """What was asked of runs."""

    list_display = ("root_id", "kind", "by", "at", "consumed_seq")
    list_filter = ("kind",)
    search_fields = ("by", "=root__id")


@admin.register(ElementLock)
class ElementLockAdmin(JournalAdmin):
    """Which run holds which element."""

    list_display = ("element", "root_id", "kind")
    list_filter = ("kind",)
    list_select_related = ("element",)
    search_fields = ("element__name", "=root__id")


@admin.register(StoredPlan)
class StoredPlanAdmin(JournalAdmin):
    """Plans that people have looked at, and those of runs. The waves are read through the run or the flow, not here."""

    list_display = ("id", "flow_name", "waves", "made_at", "hash")
    search_fields = ("flow_name", "hash")
    exclude = ("content",)


@admin.register(RunPlan)
class RunPlanAdmin(JournalAdmin):
    """What runs were to do, and where they left it."""

    list_display = ("run_id", "plan", "problem", "departed")
    list_filter = ("is_judged",)
    list_select_related = ("plan",)
    search_fields = ("=run__id",)
