"""What a try runs: a flow and tasks as they were when somebody tried them. No version, never current, never listed."""

from typing import Any

from django.db import models

from flows.models.flow import Flow
from flows.models.run import Run
from flows.models.versions import VersionIsImmutable


class TriedFlow(models.Model):
    """The frozen definitions of one try; they live and go with its run. Only ``run`` is found by them.

    Of a draft it is a copy: ``revision`` says of which save, ``base_version`` on which version that was begun, and
    ``flow`` whose it was. The test of one task is a flow of one step: ``task`` has its name, and ``flow`` is the one
    from whose editor it was tested, if any. ``tasks`` are definitions by name that stand before the published ones.
    """

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="tried")
    flow = models.ForeignKey(Flow, models.SET_NULL, null=True, blank=True, related_name="tries")
    task = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(null=True, blank=True)
    base_version = models.PositiveIntegerField(null=True, blank=True)
    definition = models.JSONField(default=dict)
    processing_script = models.TextField(blank=True)
    execution_script = models.TextField(blank=True)
    tasks = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-run_id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(task="", revision__isnull=False) | (~models.Q(task="") & models.Q(revision=None)),
                name="a_try_is_of_a_draft_or_of_one_task",
            ),
        )

    def __str__(self) -> str:
        return f"what run {self.run_id} tried"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it once: a run that is taken up again finds what it began with."""
        if not self._state.adding:
            raise VersionIsImmutable(str(self).capitalize())
        super().save(*args, **kwargs)
