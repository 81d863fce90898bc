"""Puts jobs into the queue. Jobs are named by the path of a plain function that returns a small plain value."""

from typing import Any

from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task

#: The clusters, and the queues of the same names.
DEFAULT = "default"
SHORT = "short"
CLUSTERS = (DEFAULT, SHORT)

ADVANCE = "flows.jobs.advance"
_UNLIMITED = -1  # as None the library would kill the worker (measured 2026-11-23)

_brokers: dict[str, Broker] = {}


def enqueue_advance(root_id: int) -> None:
    """Wake a worker for a root run. Call it on commit: the job may run before this returns."""
    _enqueue(DEFAULT, ADVANCE, root_id, timeout=_UNLIMITED, save=False, task_name=f"run-{root_id}")


def enqueue_short(function: str, *arguments: Any, timeout_s: int = 60) -> None:
    """Have the ``short`` cluster call the function at this dotted path; it is killed after ``timeout_s`` seconds."""
    _enqueue(SHORT, function, *arguments, timeout=timeout_s, save=False)


def send_short(function: str, *arguments: Any, timeout_s: int) -> str:
    """As ``enqueue_short``, but the outcome is kept; returns the job's id."""
    return _enqueue(SHORT, function, *arguments, timeout=timeout_s, save=True)


def broker_of(cluster: str) -> Broker:
    """The broker of one queue, made once: a new Redis client for every job would connect every time."""
    if cluster not in _brokers:
        _brokers[cluster] = get_broker(cluster)
    return _brokers[cluster]


def _enqueue(cluster: str, function: str, *arguments: Any, **options: Any) -> str:
    # The cluster is always named: inside a worker of `short` the library's default is `short`.
    options |= {"cluster": cluster, "broker": broker_of(cluster)}
    job_id: str = async_task(function, *arguments, q_options=options)
    return job_id
