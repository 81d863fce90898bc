"""A run tree: the runs, their elements, what each step did, the journal, signals, locks.

The holder of the root's lease is the only writer of all of these but ``RunSignal`` (3.3).
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from flows.engine.status import RUN_ENDED, ElementState, Mode, RunState, StepStatus
from flows.models.flow import FlowVersion

_ENDED = sorted(state.value for state in RUN_ENDED)


_States = type[Mode] | type[RunState] | type[ElementState] | type[StepStatus]


def _choices(states: _States) -> list[tuple[str, str]]:
    return [(state.value, state.value.replace("_", " ")) for state in states]


def _values(states: _States) -> list[str]:
    return [state.value for state in states]


class Runs(models.QuerySet["Run"]):
    """Filters over runs, named as what they select."""

    def roots(self) -> Self:
        """Runs that no other run called."""
        return self.filter(root=None)

    def tree_of(self, root: int) -> Self:
        """A root and all its children, in the order in which they started."""
        return self.filter(Q(pk=root) | Q(root=root)).order_by("number")

    def in_earnest(self) -> Self:
        """Those that are no try: statistics and last results are of these alone."""
        return self.filter(is_try=False)

    def unended(self) -> Self:
        """Those that are not in a final state."""
        return self.exclude(state__in=_ENDED)

    def queued(self) -> Self:
        """Roots that no worker has begun."""
        return self.roots().filter(state=RunState.QUEUED)

    def leased_at(self, now: datetime) -> Self:
        """Roots that a worker holds."""
        return self.roots().filter(lease_until__gt=now)

    def with_expired_lease(self, now: datetime) -> Self:
        """Roots that are not over and whose worker has not renewed its lease: it died."""
        return self.roots().unended().filter(lease_until__lte=now)

    def due_to_wake(self, now: datetime) -> Self:
        """Roots that wait without a worker and whose time has come."""
        return self.roots().unended().filter(wake_at__lte=now, lease_until=None)

    def with_pending_signals(self) -> Self:
        """Roots that somebody asked something of that was not read yet."""
        return self.roots().unended().filter(pk__in=RunSignal.objects.pending().values("root_id"))


class Run(models.Model):
    """One execution of a flow version. Only a root has lease, fence, sequence, signals and locks.

    A root run that ``is_try`` is of no version: its ``tried`` has what it runs. Its children are tries too.
    ``number`` counts the runs of a tree from 0, the root. ``run_reason`` is why somebody started it, ``reason`` why
    it is in its state. ``fence`` grows with each lease, so that a worker that lost it can write nothing.
    """

    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, null=True, blank=True, related_name="runs")
    flow_name = models.CharField(max_length=200)
    is_try = models.BooleanField(default=False)
    root = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="descendants")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    number = models.PositiveIntegerField(default=0)
    mode = models.CharField(max_length=10, choices=_choices(Mode), default=Mode.SERIAL.value)
    state = models.CharField(max_length=20, choices=_choices(RunState), default=RunState.QUEUED.value)
    reason = models.TextField(blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    #: The inputs that ``inputs`` shows masked, encrypted (``flows.adapters.sealing``); empty where none is.
    sealed_inputs = models.BinaryField(default=b"", blank=True, editable=False)
    narrowed = models.JSONField(null=True, blank=True)
    run_reason = models.TextField(blank=True)
    started_by = models.CharField(max_length=150)
    # NULL, so that runs without a key do not meet in the constraint on it.
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    last_seq = models.PositiveBigIntegerField(default=0)
    wake_at = models.DateTimeField(null=True, blank=True)

    objects = Runs.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=_values(RunState)), name="run_state_is_known"),
            models.CheckConstraint(condition=Q(mode__in=_values(Mode)), name="run_mode_is_known"),
            models.UniqueConstraint(fields=("root", "number"), name="run_number_is_unique_in_its_tree"),
            models.UniqueConstraint(
                fields=("started_by", "idempotency_key"),
                condition=Q(idempotency_key__isnull=False),
                name="idempotency_key_starts_one_run",
            ),
            models.CheckConstraint(
                condition=Q(root=None, parent=None, number=0)
                | Q(root__isnull=False, parent__isnull=False, number__gt=0),
                name="a_child_run_has_root_parent_and_number",
            ),
            models.CheckConstraint(
                condition=Q(is_try=False) | Q(root__isnull=False) | Q(flow_version=None),
                name="a_try_is_of_no_version",
            ),
            models.CheckConstraint(
                condition=Q(root=None) | Q(lease_until=None, wake_at=None, fence=0, last_seq=0),
                name="only_a_root_run_has_lease_and_sequence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_ENDED, ended_at__isnull=False) | (~Q(state__in=_ENDED) & Q(ended_at=None)),
                name="a_run_has_ended_at_exactly_in_a_final_state",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-id"), name="runs_by_state"),
            models.Index(fields=("flow_name", "-id"), name="runs_by_flow"),
            models.Index(fields=("lease_until",), condition=Q(lease_until__isnull=False), name="runs_by_lease_end"),
            models.Index(fields=("wake_at",), condition=Q(wake_at__isnull=False), name="runs_by_wake_time"),
            models.Index(fields=("created_at",), condition=Q(state=RunState.QUEUED.value), name="runs_queued"),
        )

    def __str__(self) -> str:
        return f"run {self.pk} of {self.flow_name}"


class RunElement(models.Model):
    """One element in one run. ``position`` counts from 0 in execution order; ``snapshot`` is the frozen dict of R1."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="elements", db_index=False)
    position = models.PositiveIntegerField()
    element = models.ForeignKey("elements.Element", models.SET_NULL, null=True, blank=True, related_name="runs")
    name = models.CharField(max_length=200)
    snapshot = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=_choices(ElementState), default=ElementState.QUEUED.value)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ("run_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("run", "position"), name="run_element_position_is_unique"),
            models.UniqueConstraint(fields=("run", "name"), name="run_element_name_is_unique"),
            models.CheckConstraint(condition=Q(state__in=_values(ElementState)), name="run_element_state_is_known"),
        )
        indexes = (models.Index(fields=("run", "state"), name="run_elements_by_state"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class StepRun(models.Model):
    """The outcome of one attempt of one step: inserted when it is known, never updated."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps", db_index=False)
    element_name = models.CharField(max_length=200)
    site = models.PositiveIntegerField()
    turn = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    step = models.CharField(max_length=30)
    # NULL as in the events: a step that has no name is not one whose name is empty.
    name = models.TextField(null=True, blank=True)  # noqa: DJ001
    target = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    line = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=_choices(StepStatus))
    reason = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    exit_code = models.IntegerField(null=True, blank=True)
    result = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "element_name", "site", "turn", "attempt"), name="an_attempt_has_one_outcome"
            ),
            models.CheckConstraint(condition=Q(status__in=_values(StepStatus)), name="step_status_is_known"),
        )
        indexes = (models.Index(fields=("run", "status"), name="steps_by_status"),)

    def __str__(self) -> str:
        return f"{self.element_name} step {self.site}: {self.status}"


class RunEvent(models.Model):
    """One event of the journal. ``seq`` counts from 1 in the root run, without gaps."""

    id = models.BigAutoField(primary_key=True)
    root = models.ForeignKey(Run, models.CASCADE, related_name="events", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="own_events")
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=30)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("root_id", "seq")
        constraints = (
            models.UniqueConstraint(fields=("root", "seq"), name="event_seq_is_unique_in_its_root_run"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="event_seq_counts_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class StepOutput(models.Model):
    """A piece of what an attempt printed; ``offset`` counts bytes from the start of its stream."""

    root = models.ForeignKey(Run, models.CASCADE, related_name="outputs")
    run = models.ForeignKey(Run, models.CASCADE, related_name="own_outputs", db_index=False)
    element_name = models.CharField(max_length=200)
    site = models.PositiveIntegerField()
    turn = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    stream = models.CharField(max_length=10)
    offset = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "element_name", "site", "turn", "attempt", "stream", "offset"),
                name="output_offset_is_unique_in_its_stream",
            ),
            models.CheckConstraint(condition=Q(stream__in=("stdout", "stderr")), name="output_stream_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.stream} of {self.element_name} at {self.offset}"


class SignalKind(models.TextChoices):
    """What may be asked of a run in this release."""

    PAUSE = "pause", "pause"
    RESUME = "resume", "resume"
    CANCEL = "cancel", "cancel"
    ANSWER = "answer", "answer"


class Signals(models.QuerySet["RunSignal"]):
    """Filters over signals."""

    def pending(self) -> Self:
        """Not consumed yet, oldest first."""
        return self.filter(consumed_seq=None).order_by("id")


class RunSignal(models.Model):
    """What somebody asked of a root run. ``consumed_seq`` is the event that the driver made of it."""

    root = models.ForeignKey(Run, models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=20, choices=SignalKind)
    arguments = models.JSONField(default=dict, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    consumed_seq = models.PositiveBigIntegerField(null=True, blank=True)

    objects = Signals.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.CheckConstraint(condition=Q(kind__in=SignalKind.values), name="signal_kind_is_known"),)
        indexes = (models.Index(fields=("root", "id"), condition=Q(consumed_seq=None), name="signals_pending"),)

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"


class LockKind(models.TextChoices):
    """How a root run holds an element (R41)."""

    EXCLUSIVE = "exclusive", "exclusive"
    SHARED = "shared", "shared"


class ElementLock(models.Model):
    """A root run holds an element while it works on it (R41)."""

    element = models.ForeignKey("elements.Element", models.CASCADE, related_name="locks")
    root = models.ForeignKey(Run, models.CASCADE, related_name="locks")
    kind = models.CharField(max_length=10, choices=LockKind)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("element", "root"), name="a_root_run_locks_an_element_once"),
            models.UniqueConstraint(
                fields=("element",), condition=Q(kind=LockKind.EXCLUSIVE.value), name="an_exclusive_lock_is_alone"
            ),
            models.CheckConstraint(condition=Q(kind__in=LockKind.values), name="lock_kind_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} lock of {self.element_id} for {self.root_id}"
