"""When a flow shall start by itself. This release stores schedules and fires none, so none can be enabled."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from flows.models.flow import Flow
from flows.schedule.checks import CHECKED_FIELDS, problems_of

NOT_FIRED = "Firing schedules is not part of this release, so a schedule cannot be enabled yet: leave it disabled."


def skip_missed() -> str:
    """A start that was missed is left out, unless the schedule says otherwise."""
    return "skip"


class Overlap(models.TextChoices):
    """What happens to a start while the one before still runs."""

    SKIP = "skip", "skip"
    QUEUE = "queue", "queue"
    ALLOW = "allow", "allow"


class Schedule(models.Model):
    """Days and times, or ``cron``. ``missed`` is "skip" or {"within_minutes": 30}; ``stop_new_after`` a time of day."""

    name = models.CharField(max_length=200, unique=True)
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="schedules")
    days = models.JSONField(default=list, blank=True)
    times = models.JSONField(default=list, blank=True)
    cron = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=60, default="UTC")
    overlap = models.CharField(max_length=10, choices=Overlap, default=Overlap.SKIP)
    missed = models.JSONField(default=skip_missed, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    elements = models.JSONField(default=list, blank=True)
    version = models.CharField(max_length=20, default="latest")
    run_as = models.CharField(max_length=150, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    stop_new_after = models.TimeField(null=True, blank=True)
    blackout = models.JSONField(default=list, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    enabled = models.BooleanField(default=False, help_text=NOT_FIRED)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="schedule_has_a_name"),
            models.CheckConstraint(condition=Q(overlap__in=Overlap.values), name="schedule_overlap_is_known"),
            models.CheckConstraint(
                condition=Q(start=None) | Q(end=None) | Q(end__gte=models.F("start")),
                name="schedule_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what a schedule cannot say, and to enable it: what is stored as enabled must really start."""
        super().clean()
        problems: dict[str, list[str]] = {"enabled": [NOT_FIRED]} if self.enabled else {}
        for problem in problems_of({name: getattr(self, name) for name in CHECKED_FIELDS}):
            problems.setdefault(problem.field, []).append(problem.message)
        if problems:
            raise ValidationError(problems)
