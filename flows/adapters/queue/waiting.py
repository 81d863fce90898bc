"""How long jobs have been waiting for a worker: what the wedge rule and the wake-up of forgotten runs look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django_q.brokers.redis_broker import Redis
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

from flows.adapters.queue.jobs import ADVANCE, broker_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs that no cluster has taken yet: since when the oldest waits (None without any), the root runs they wake."""

    oldest_since: datetime | None
    roots: frozenset[int]


def waiting_jobs(cluster: str, now: datetime) -> Waiting:
    """Look at one queue. Reads every waiting job once: 20 µs each."""
    broker = broker_of(cluster)
    if isinstance(broker, Redis):
        jobs = [_opened(package) for package in broker.connection.lrange(broker.list_key, 0, -1)]
        return Waiting(min((job["started"] for job in jobs if "started" in job), default=None), _roots(jobs))
    # A row's `lock` is when it was put in, and lies in the future once a cluster has taken it.
    rows = list(OrmQ.objects.filter(key=cluster, lock__lte=now).order_by("lock"))
    return Waiting(rows[0].lock if rows else None, _roots(_opened(row.payload) for row in rows))


def _roots(jobs: Iterable[dict[str, Any]]) -> frozenset[int]:
    return frozenset(job["args"][0] for job in jobs if job.get("func") == ADVANCE)


def _opened(package: str | bytes) -> dict[str, Any]:
    """A job's contents; one that was signed with another key has none."""
    try:
        contents: dict[str, Any] = SignedPackage.loads(package)
    except (BadSignature, TypeError):
        return {}
    return contents
