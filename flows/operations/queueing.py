"""Stores a run that is to start, once for its idempotency key, and wakes a worker when that is committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from flows.adapters import queue
from flows.adapters.input_check import checked_flow_inputs
from flows.adapters.sealing import inputs_of_run, seal
from flows.models import FlowVersion, Run, TriedFlow
from flows.tasks.inputs import InputRefused, InputSpec, secret_values_of
from flows.tasks.redact import Redactor
from flowsite.kernel import audit
from flowsite.kernel.access import Actor
from flowsite.kernel.errors import Conflict, InvalidRequest

#: The reason of a queued run: it waits for a worker.
WAITS_FOR_WORKER = "worker"


class InputsRefused(InvalidRequest):
    """The inputs do not fit those that the flow declares."""

    code = "inputs_refused"


class IdempotencyKeyUsed(Conflict):
    """The key has started another run."""

    code = "idempotency_key_used"


@dataclass(frozen=True, slots=True)
class Start:
    """What is to run: a ``version``, or what is ``tried`` (its row, without a run yet).

    ``inputs`` are checked; ``elements`` narrows the target; ``details`` are told to the audit trail.
    """

    flow: str
    mode: str
    declared: Sequence[InputSpec]
    inputs: Mapping[str, Any]
    elements: Sequence[str] | None
    version: FlowVersion | None = None
    tried: TriedFlow | None = None
    reason: str = ""
    idempotency_key: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def store_run(start: Start, *, by: Actor, enqueue: bool = True) -> Run:
    """Queue the run. The same key by the same person gives the run that it started first, or ``IdempotencyKeyUsed``."""
    sealed = seal(start.declared, start.inputs)
    run = Run(
        flow_version=start.version,
        flow_name=start.flow,
        is_try=start.tried is not None,
        mode=start.mode,
        inputs=sealed.shown,
        sealed_inputs=sealed.token,
        narrowed=None if start.elements is None else list(dict.fromkeys(start.elements)),
        reason=WAITS_FOR_WORKER,
        run_reason=Redactor(inputs=secret_values_of(start.declared, start.inputs)).text(start.reason),
        started_by=by.get_username(),
        idempotency_key=start.idempotency_key,
        created_at=timezone.now(),
    )
    return _started_before(run) or _stored(run, start, by, enqueue=enqueue)


def inputs_for(flow: str, declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with defaults filled in, or ``InputsRefused`` naming every problem, secrets masked."""
    try:
        return checked_flow_inputs(flow, declared, given)
    except InputRefused as refused:
        mask = Redactor(inputs=secret_values_of(declared, given)).text
        raise InputsRefused(mask(str(refused)), fields={"inputs": list(map(mask, refused.problems))}) from None


def wake_on_commit(root: int) -> None:
    """A broker that is down fails nothing: the timekeeper finds the run."""
    transaction.on_commit(partial(queue.enqueue_advance, root), robust=True)


def _started_before(run: Run) -> Run | None:
    """The run that this key started; raises ``IdempotencyKeyUsed`` if that was for something else."""
    if run.idempotency_key is None:
        return None
    earlier = Run.objects.filter(started_by=run.started_by, idempotency_key=run.idempotency_key).first()
    if earlier is None:
        return None
    given = [(each.flow_name, each.is_try, inputs_of_run(each), each.narrowed) for each in (earlier, run)]
    if given[0] != given[1]:
        raise IdempotencyKeyUsed(
            f"the idempotency key {run.idempotency_key!r} started run {earlier.pk} of {earlier.flow_name} with other "
            f"inputs or elements; use a new key"
        )
    return earlier


def _stored(run: Run, start: Start, by: Actor, *, enqueue: bool) -> Run:
    try:
        with transaction.atomic():
            run.save()
            if start.tried is not None:
                start.tried.run = run
                start.tried.save()
            details = {"flow": run.flow_name, "elements": run.narrowed, "reason": run.run_reason, **start.details}
            audit.record(by, "tried" if run.is_try else "started", "run", str(run.pk), details)
            if enqueue:
                wake_on_commit(run.pk)
    except IntegrityError:
        earlier = _started_before(run)  # the same key at the same moment
        if earlier is None:
            raise
        return earlier
    return run
