"""Schedules: when flows start by themselves, what starts next, and what became of the last starts."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flows.admin.schedule_form import ScheduleForm
from flows.models import Schedule, ScheduledStart, StartOutcome
from flows.operations.schedules import Change, set_enabled, store_schedule
from flows.queries.schedules import last_starts, next_starts, schedules_with_last_start
from flows.schedule.words import away_in_words, instant_in_words, starts_in_words, when_in_words
from flowsite.kernel.admin import AuditedAdmin, ReadOnlyAdmin
from flowsite.kernel.errors import FlowsiteError

SHOWN_STARTS = 20

# The queue's own schedules: its scheduler is off, so one that was stored would never start.
admin.site.unregister(apps.get_model("django_q", "Schedule"))


@admin.register(Schedule)
class ScheduleAdmin(AuditedAdmin):
    """When flows start by themselves."""

    form = ScheduleForm
    view_needs = "schedule.view"
    change_needs = "schedule.change"
    list_display = ("name", "flow", "when", "enabled", "next_start", "last_start")
    list_filter = ("enabled", ("flow", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("flow",)
    search_fields = ("name", "flow__name", "owner")
    actions = ("enable", "disable")
    readonly_fields = ("coming_starts", "past_starts")
    fieldsets = (
        (None, {"fields": ("name", "flow", "version", "enabled")}),
        (
            "When",
            {
                "fields": ("days", "times", "cron", "timezone", "start", "end", "blackout"),
                "description": "Days and times, or a cron line. A time that a clock change leaves out starts right "
                "after the gap; one that comes twice starts the first time.",
            },
        ),
        ("Starts to come", {"fields": ("coming_starts",)}),
        ("Otherwise", {"fields": ("overlap", "missed_policy", "missed_minutes")}),
        ("What", {"fields": ("inputs", "narrowed")}),
        ("Who", {"fields": ("run_as", "owner", "note")}),
        ("Last starts", {"fields": ("past_starts",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:  # noqa: ARG002
        """With the newest start of each."""
        return schedules_with_last_start()

    def get_urls(self) -> list[Any]:
        """With the preview that the form's script asks for."""
        preview = self.admin_site.admin_view(self.preview)
        return [path("preview/", preview, name="flows_schedule_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The next starts of a schedule as its form is filled in now; nothing is stored."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = ScheduleForm(request.GET)
        recurrence, problems = form.preview()
        now = timezone.now()
        found = islice(recurrence.starts_after(now), SHOWN_STARTS) if recurrence else ()
        starts = starts_in_words(list(found), form.instance.timezone, now)
        return JsonResponse({"starts": starts, "problems": problems}, headers={"Cache-Control": "no-store"})

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:  # noqa: ARG002
        """Store it by the one way there is, and say when it starts."""
        store_schedule(schedule=obj, by=request.user)
        messages.info(request, _next_in_words(obj))

    @admin.display(description="when")
    def when(self, schedule: Schedule) -> str:
        """In words."""
        return when_in_words(days=schedule.days, times=schedule.times, cron=schedule.cron, timezone=schedule.timezone)

    @admin.display(description="next start", ordering="next_at", empty_value="none")
    def next_start(self, schedule: Schedule) -> str | None:
        """By the clock of its zone."""
        return instant_in_words(schedule.next_at, schedule.timezone) if schedule.next_at else None

    @admin.display(description="last start", empty_value="none yet")
    def last_start(self, schedule: Any) -> str | SafeString | None:
        """What became of it."""
        if schedule.last_outcome is None:
            return None
        outcome = StartOutcome(schedule.last_outcome).label
        if schedule.last_run is None:
            return f"{outcome}: {schedule.last_reason}" if schedule.last_reason else str(outcome)
        return run_link(schedule.last_run, schedule.last_run_state)

    @admin.display(description=f"The next {SHOWN_STARTS}")
    def coming_starts(self, schedule: Schedule | None) -> str | SafeString:
        """As they are stored; the form's script shows them as they would be."""
        address = reverse("admin:flows_schedule_preview")
        return format_html('<div data-preview="{}" aria-live="polite">{}</div>', address, _coming(schedule))

    @admin.display(description=f"The last {SHOWN_STARTS}")
    def past_starts(self, schedule: Schedule | None) -> str | SafeString:
        """What became of each."""
        starts = list(last_starts(schedule.pk, limit=SHOWN_STARTS)) if schedule and schedule.pk else []
        if not starts or schedule is None:
            return "None yet."
        head = format_html("<thead><tr>{}</tr></thead>", _cells("th", ("Start", "What became of it", "Run")))
        rows = format_html_join("", "<tr>{}</tr>", ((_row(start, schedule.timezone),) for start in starts))
        return format_html("<table>{}<tbody>{}</tbody></table>", head, rows)

    @admin.action(description="Enable the chosen schedules", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Each of those that can start."""
        self._set_enabled(request, queryset, enabled=True)

    @admin.action(description="Disable the chosen schedules", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Their runs go on."""
        self._set_enabled(request, queryset, enabled=False)

    def _set_enabled(self, request: HttpRequest, queryset: QuerySet[Schedule], *, enabled: bool) -> None:
        word, changed = "enabled" if enabled else "disabled", 0
        for schedule in queryset:
            try:
                change = set_enabled(schedule=schedule.pk, enabled=enabled, by=request.user)
            except FlowsiteError as refused:
                messages.error(request, f"{schedule.name} was not {word}: {refused.message}")
            else:
                changed += change is not Change.UNCHANGED
        messages.success(request, f"{changed} of {queryset.count()} schedules {word}.")


@admin.register(ScheduledStart)
class ScheduledStartAdmin(ReadOnlyAdmin):
    """What became of every start of every schedule. The timekeeper alone writes them."""

    view_needs = "schedule.view"
    list_display = ("schedule", "intended_at", "outcome", "run", "reason")
    list_filter = ("outcome", "schedule", "intended_at")
    list_select_related = ("schedule", "run")
    search_fields = ("schedule__name", "reason")


def _coming(schedule: Schedule | None) -> str | SafeString:
    if schedule is None or schedule.pk is None:
        return "They show here once days and times are filled in."
    if not schedule.enabled:
        return "None: it is disabled."
    now = timezone.now()
    coming = starts_in_words(next_starts(schedule, now=now, limit=SHOWN_STARTS), schedule.timezone, now)
    if not coming:
        return "None: it has ended, or a blackout covers all of them."
    return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((start,) for start in coming)))


def run_link(run: int, state: str) -> SafeString:
    """To the page of the run."""
    return format_html('<a href="/runs/{}/">run {}: {}</a>', run, run, state)


def _next_in_words(schedule: Schedule) -> str:
    if not schedule.enabled:
        return f"{schedule.name} is disabled: it starts nothing."
    if schedule.next_at is None:
        return f"{schedule.name} has no start to come: it has ended, or a blackout covers all of them."
    at = instant_in_words(schedule.next_at, schedule.timezone)
    return f"{schedule.name} starts next on {at}, {away_in_words(schedule.next_at, timezone.now())}."


def _row(start: ScheduledStart, zone: str) -> SafeString:
    outcome = StartOutcome(start.outcome).label
    told = f"{outcome}: {start.reason}" if start.reason else str(outcome)
    run = run_link(start.run.pk, start.run.state) if start.run else ""
    return _cells("td", (instant_in_words(start.intended_at, zone), told, run))


def _cells(tag: str, values: Iterable[str]) -> SafeString:
    return format_html_join("", f"<{tag}>{{}}</{tag}>", ((value,) for value in values))
