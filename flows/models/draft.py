"""What an author is working on: the one draft of a flow, complete or not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils import timezone

from flows.keys.flow import DEFAULT_CONCURRENCY
from flows.models.flow import Flow, FlowVersion

#: The keys of a definition that a draft holds, with the values of one that says nothing about them.
DRAFT_KEYS: Mapping[str, Any] = MappingProxyType(
    {
        "mode": "serial",
        "target": None,
        "concurrency": 1,
        "batches": [],
        "soak": 0,
        "error_threshold": None,
        "on_empty": "fail",
        "refresh": [],
        "inputs": [],
    }
)


class FlowDraft(models.Model):
    """The draft of a flow. Its values are as the author left them: only publishing checks them.

    ``revision`` counts the saves of all drafts of the flow; a save names the one that it has seen. ``base_version`` is
    the number of the version that the draft was begun from, None for a flow that had none.
    """

    flow = models.OneToOneField(Flow, models.CASCADE, related_name="draft")
    definition = models.JSONField(default=dict)
    processing_script = models.TextField(blank=True)
    execution_script = models.TextField(blank=True)
    base_version = models.PositiveIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("flow_id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(revision__gte=1), name="flow_draft_revision_counts_from_one"),
        )

    def __str__(self) -> str:
        return f"draft of {self.flow.name}"

    @property
    def is_stored(self) -> bool:
        """False for one that only shows the current version."""
        return not self._state.adding

    def keys(self) -> dict[str, Any]:
        """The draft as the keys of its flow's document."""
        return {
            "name": self.flow.name,
            **DRAFT_KEYS,
            **self.definition,
            "processing_script": self.processing_script,
            "execution_script": self.execution_script,
        }


def draft_of(flow: Flow) -> FlowDraft:
    """The stored draft, else one of the current version that is not stored and has revision 0."""
    stored = FlowDraft.objects.filter(flow=flow).first()
    if stored is not None:
        stored.flow = flow
        return stored
    version = FlowVersion.objects.filter(flow=flow).order_by("-number").first()
    if version is None:
        return FlowDraft(flow=flow, definition=new_definition(), revision=0, written_by="", written_at=timezone.now())
    return FlowDraft(
        flow=flow,
        definition=definition_of(version),
        processing_script=version.processing_script,
        execution_script=version.execution_script,
        base_version=version.number,
        revision=0,
        written_by=version.published_by,
        written_at=version.published_at,
    )


def definition_of(version: FlowVersion) -> dict[str, Any]:
    """The definition of a version as a draft holds it: all keys, those that are off too."""
    known = {key: value for key, value in version.definition.items() if key in DRAFT_KEYS}
    return new_definition(version.definition.get("mode", "serial")) | known


def keys_of_version(version: FlowVersion) -> dict[str, Any]:
    """A version as the keys of its flow's document, but for the name."""
    scripts = {"processing_script": version.processing_script, "execution_script": version.execution_script}
    return {**definition_of(version), **scripts}


def new_definition(mode: str = "serial") -> dict[str, Any]:
    """What a flow of this mode has where nothing else is said."""
    return {**DRAFT_KEYS, "mode": mode, "concurrency": DEFAULT_CONCURRENCY.get(mode, 1), "inputs": []}
