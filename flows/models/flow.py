"""Flows and their versions."""

from typing import Self

from django.db import models

from flows.models.versions import Version, Versions


class Flows(models.QuerySet["Flow"]):
    """Filters over flows."""

    def listed(self) -> Self:
        """Those that people see: not archived, or with a draft that brings them back."""
        return self.filter(models.Q(archived=False) | models.Q(draft__isnull=False))


class Flow(models.Model):
    """A flow, known by its name. What it does stands in its versions.

    ``last_revision`` is that of its newest draft that was published or discarded: the next draft counts on from it, so
    that whoever still holds the old one cannot take the new one for it.
    """

    name = models.CharField(max_length=200, unique=True)
    archived = models.BooleanField(default=False)
    last_revision = models.PositiveIntegerField(default=0, editable=False)

    objects = Flows.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="flow_has_a_name"),)

    def __str__(self) -> str:
        return self.name


class FlowVersions(Versions["FlowVersion"]):
    """Filters over versions of flows."""

    versioned = "flow"


class FlowVersion(Version):
    """A published flow: its definition (mode, target, concurrency, error_threshold, ...) and its two scripts.

    ``note`` is what its author said of it; it changes nothing.
    """

    flow = models.ForeignKey(Flow, models.PROTECT, related_name="versions")
    processing_script = models.TextField(blank=True)
    execution_script = models.TextField(blank=True)
    note = models.TextField(blank=True)

    objects = FlowVersions.as_manager()

    class Meta:
        ordering = ("flow_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("flow", "number"), name="flow_version_number_is_unique"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="flow_version_counts_from_one"),
        )
        indexes = (models.Index(fields=("flow", "published_at"), name="flow_version_as_of"),)
