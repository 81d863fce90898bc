"""The list of schedules: what starts in the next week, and what became of the last starts. The admin makes them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import TemplateView

from flows.models import Flow, Schedule, StartOutcome
from flows.operations.schedules import set_enabled
from flows.queries.schedules import calendar_of, schedules_with_last_start
from flows.schedule.words import when_in_words
from flows.web.listing import Column, Listing
from flows.web.page import Page
from flowsite.kernel.errors import FlowsiteError, InvalidRequest

#: One more than the calendar shows: where the viewer lives, the last day may end later than here.
CALENDAR_DAYS = 8
#: Of the number of a schedule.
MOST_DIGITS = 18
_ENABLED = {"yes": True, "no": False}
_ORDERS = {"name": "name", "state": "enabled", "flow": "flow__name", "next": "next_at"}
_COLUMNS = (
    Column("Name", "name"),
    Column("State", "state"),
    Column("Flow", "flow"),
    Column("Starts"),
    Column("Next start", "next"),
    Column("Last start"),
)
#: The state whose icon, word and colour tell what became of a start that made no run.
_LOOKS = {
    StartOutcome.STARTED: "not_started",
    StartOutcome.WAITING: "waiting",
    StartOutcome.SKIPPED_OVERLAP: "skipped",
    StartOutcome.SKIPPED_MISSED: "skipped",
    StartOutcome.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One schedule with its words. ``last_state`` is the run's state, or the one that tells why there is no run."""

    schedule: Any
    when: str
    last_state: str


class Schedules(Page, TemplateView):
    """All of them; an administrator enables and disables each."""

    needs = "schedule.view"
    post_needs = "schedule.change"
    template_name = "web/schedules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The calendar and the chosen page of the list; 5 queries whatever their number."""
        query = self.request.GET
        chosen = {"flow": query.get("flow", ""), "enabled": query.get("enabled", "")}
        listing = Listing(query, _COLUMNS)
        shown = listing.slice_of(_ordered(_chosen(**chosen), listing))
        planned = _chosen(**chosen).filter(next_at__isnull=False)
        return super().get_context_data(
            rows=[_row(schedule) for schedule in shown.object_list],
            listing=listing,
            pages=listing.pages(shown),
            choice=chosen,
            flows=Flow.objects.filter(schedules__isnull=False).distinct().order_by("name"),
            is_filtered=any(chosen.values()),
            calendar=calendar_of(planned, now=timezone.now(), days=CALENDAR_DAYS),
            may_edit=getattr(self.request.user, "is_staff", False),
            has_flows=Flow.objects.filter(archived=False, versions__number=1).exists(),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enable or disable one."""
        number, do = request.POST.get("schedule", ""), request.POST.get("do", "")
        if not number.isdecimal() or len(number) > MOST_DIGITS or do not in ("enable", "disable"):
            raise InvalidRequest("the form is not complete: reload the page and try again")
        schedule = int(number)
        try:
            set_enabled(schedule=schedule, enabled=do == "enable", by=request.user)
        except FlowsiteError as refused:
            messages.error(request, f"It was not {do}d. {refused.message}")
        else:
            name = Schedule.objects.values_list("name", flat=True).get(pk=schedule)
            messages.success(request, f"{name} is {do}d.")
        return redirect(request.get_full_path())


def _chosen(*, flow: str, enabled: str) -> QuerySet[Schedule]:
    rows = schedules_with_last_start()
    if flow:
        rows = rows.filter(flow__name=flow)
    return rows.filter(enabled=_ENABLED[enabled]) if enabled in _ENABLED else rows


def _ordered(rows: QuerySet[Schedule], listing: Listing) -> QuerySet[Schedule]:
    by = F(_ORDERS[listing.order])
    return rows.order_by(by.desc(nulls_last=True) if listing.descending else by.asc(nulls_last=True), "name")


def _row(schedule: Any) -> Row:
    when = when_in_words(days=schedule.days, times=schedule.times, cron=schedule.cron, timezone=schedule.timezone)
    outcome = schedule.last_outcome
    return Row(schedule, when, schedule.last_run_state or (_LOOKS[StartOutcome(outcome)] if outcome else ""))
