"""When a flow starts by itself, and what became of each start."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from flows.engine.status import RUN_ENDED, RunState
from flows.models.flow import Flow
from flows.models.run import Run
from flows.schedule.checks import CHECKED_FIELDS, problems_of
from flows.schedule.recurrence import Recurrence

#: What says when a schedule starts: a change of these plans it anew.
WHEN_FIELDS = ("days", "times", "cron", "timezone", "start", "end", "blackout")


def skip_missed() -> str:
    """A start that was missed is left out, unless the schedule says otherwise."""
    return "skip"


class Overlap(models.TextChoices):
    """What happens to a start while the one before still runs."""

    SKIP = "skip", "skip"
    QUEUE = "queue", "queue"
    ALLOW = "allow", "allow"


class Schedule(models.Model):
    """Days and times, or ``cron``. ``missed`` is "skip" or {"within_minutes": 30}.

    A run is started by the account ``run_as``, else by ``owner``, else by the site itself. ``since`` is when it was
    enabled or last changed in when it starts: starts from before are not its own. ``next_at`` is the start that the
    timekeeper looks at next; without one there is nothing to come.
    """

    name = models.CharField(max_length=200, unique=True)
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="schedules")
    days = models.JSONField(default=list, blank=True)
    times = models.JSONField(default=list, blank=True)
    cron = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=60, default="UTC")
    overlap = models.CharField(max_length=10, choices=Overlap, default=Overlap.SKIP)
    missed = models.JSONField(default=skip_missed, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    #: The inputs that ``inputs`` shows masked, encrypted (``flows.adapters.sealing``); empty where none is.
    sealed_inputs = models.BinaryField(default=b"", blank=True, editable=False)
    elements = models.JSONField(default=list, blank=True)
    version = models.CharField(max_length=20, default="latest")
    run_as = models.CharField(max_length=150, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    stop_new_after = models.TimeField(null=True, blank=True)
    blackout = models.JSONField(default=list, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    enabled = models.BooleanField(default=False)
    since = models.DateTimeField(null=True, blank=True, editable=False)
    next_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="schedule_has_a_name"),
            models.CheckConstraint(condition=Q(overlap__in=Overlap.values), name="schedule_overlap_is_known"),
            models.CheckConstraint(
                condition=Q(start=None) | Q(end=None) | Q(end__gte=models.F("start")),
                name="schedule_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(enabled=False, next_at=None) | Q(enabled=True, since__isnull=False),
                name="an_enabled_schedule_says_since_when",
            ),
        )
        indexes = (
            models.Index(fields=("next_at",), condition=Q(next_at__isnull=False), name="schedules_by_next_start"),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what a schedule cannot say."""
        super().clean()
        problems: dict[str, list[str]] = {}
        for problem in problems_of({name: getattr(self, name) for name in CHECKED_FIELDS}):
            problems.setdefault(problem.field, []).append(problem.message)
        if problems:
            raise ValidationError(problems)

    @property
    def recurrence(self) -> Recurrence:
        """When it starts; its fields must be sound."""
        return Recurrence.of({name: getattr(self, name) for name in WHEN_FIELDS})


class StartOutcome(models.TextChoices):
    """What became of a start."""

    STARTED = "started", "started"
    WAITING = "waiting", "waits for the run before"
    SKIPPED_OVERLAP = "skipped_overlap", "skipped: the run before was not over"
    SKIPPED_MISSED = "skipped_missed", "skipped: missed"
    FAILED = "failed", "could not start"


_GOING_ON = sorted(state.value for state in RunState if state not in RUN_ENDED)


class ScheduledStarts(models.QuerySet["ScheduledStart"]):
    """Filters over starts."""

    def waiting(self) -> Self:
        """Those that wait until the run before them is over."""
        return self.filter(outcome=StartOutcome.WAITING)

    def going_on(self) -> Self:
        """Those whose run is not over. Found from the runs that are not: of a busy schedule most have long ended."""
        return self.filter(run__in=Run.objects.roots().filter(state__in=_GOING_ON).values("pk"))


class ScheduledStart(models.Model):
    """One start that came due. ``intended_at`` is the instant that the schedule names, ``at`` when it was looked at."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="starts", db_index=False)
    intended_at = models.DateTimeField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=StartOutcome)
    reason = models.TextField(blank=True)
    run = models.OneToOneField(Run, models.SET_NULL, null=True, blank=True, related_name="scheduled_start")

    objects = ScheduledStarts.as_manager()

    class Meta:
        ordering = ("-intended_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("schedule", "intended_at"), name="a_schedule_starts_once_per_intended_start"
            ),
            models.CheckConstraint(condition=Q(outcome__in=StartOutcome.values), name="start_outcome_is_known"),
        )
        indexes = (models.Index(fields=("schedule",), condition=Q(outcome="waiting"), name="starts_that_wait"),)

    def __str__(self) -> str:
        return f"{self.schedule} at {self.intended_at:%Y-%m-%d %H:%M} UTC"
