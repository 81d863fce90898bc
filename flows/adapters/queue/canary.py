"""The canary: a job that does nothing but come back, to see that a cluster without leases is alive."""

from django_q.models import Task

from flows.adapters.queue.jobs import send_short

_CANARY = "flows.jobs.canary"


def send_canary() -> str:
    """Send one through the ``short`` cluster; returns what ``canary_answered`` takes."""
    return send_short(_CANARY, timeout_s=30)


def canary_answered(job_id: str) -> bool:
    """True once it has come back: broker, pusher, worker and monitor of the cluster all work. Says so once."""
    deleted, _ = Task.objects.filter(pk=job_id).delete()
    return bool(deleted)
