"""Plans that people have looked at, and those of runs (R40)."""

from django.db import models

from flows.models.run import Run


class StoredPlan(models.Model):
    """A plan, once for its hash. ``content`` is what ``flows.plan.packed`` makes; beside it what is asked for often:
    how many ``waves`` it has, and where it stops. One of no run is kept for a day."""

    hash = models.CharField(max_length=64, unique=True)
    flow_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(db_index=True)
    waves = models.PositiveIntegerField()
    stops_at = models.JSONField(null=True, blank=True)
    content = models.BinaryField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"plan {self.hash[:12]} of {self.flow_name}"


class RunPlan(models.Model):
    """What a root run was to do. Without a plan ``problem`` says why there is none.

    ``departed`` is where it left the plan, as ``Departure.to_json`` tells it; ``is_judged`` once that will not change.
    """

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="planned")
    plan = models.ForeignKey(StoredPlan, models.PROTECT, null=True, blank=True, related_name="runs")
    problem = models.TextField(blank=True)
    departed = models.JSONField(null=True, blank=True)
    is_judged = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"plan of run {self.run_id}"
