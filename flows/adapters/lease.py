"""Claims a root run for one worker: a conditional update in the database's time (3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from flows.adapters.workers import worker_name
from flows.models import Run


@dataclass(frozen=True, slots=True)
class Claim:
    """A root run and the right to write its tree: every write names ``owner`` and ``fence``."""

    root: int
    owner: str
    fence: int
    last_seq: int
    lease_s: float
    flow: str
    inputs: Mapping[str, Any]
    narrowed: Sequence[str] | None
    started_at: datetime


def this_worker() -> str:
    """Who holds a lease, by which the leases of a dead process are found."""
    return worker_name()


@transaction.atomic
def claim(root: int, *, lease_s: float, owner: str | None = None) -> Claim | None:
    """Take the run, or None: it has ended, another worker holds it, or it is no root run."""
    owner = owner or this_worker()
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    taken = (
        Run.objects.roots()
        .unended()
        .filter(free, Q(flow_version__isnull=False) | Q(is_try=True), pk=root)
        .update(
            lease_owner=owner,
            lease_until=Now() + timedelta(seconds=lease_s),
            fence=F("fence") + 1,
            wake_at=None,
            started_at=Coalesce("started_at", timezone.now()),
        )
    )
    if not taken:
        return None
    run = Run.objects.get(pk=root)
    assert run.started_at is not None
    return Claim(
        root=root,
        owner=owner,
        fence=run.fence,
        last_seq=run.last_seq,
        lease_s=lease_s,
        flow=run.flow_name,
        inputs=run.inputs,
        narrowed=run.narrowed,
        started_at=run.started_at,
    )
