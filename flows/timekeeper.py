"""Sees once a second that schedules are fired, that every run which should go on has a worker coming, and that the
clusters take their jobs.

A start is fired once, whoever comes first; a wake-up too many returns at once. So two timekeepers do no harm, and the
next second makes good what an error stopped.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from redis import RedisError

from flows.adapters import queue
from flows.adapters.workers import is_dead
from flows.engine.status import RunState
from flows.models import Run
from flows.operations.firing import fire_due_schedules

log = logging.getLogger(__name__)

#: A run that was just started, or just enqueued, is left alone for this long: its job is on the way.
ON_ITS_WAY = timedelta(seconds=2)
#: A run that was woken again and again without anybody taking it is woken ever less often, down to this.
LONGEST_PAUSE = timedelta(seconds=60)
#: With a worker free, the first job of a queue is taken in less than a second; not after this, and it is wedged.
WEDGED_AFTER = timedelta(seconds=10)
CANARY_EVERY = timedelta(seconds=30)
CANARY_LOST_AFTER = timedelta(seconds=60)
#: A cluster that was just asked to restart is not judged for this long.
RESTART_TAKES = timedelta(seconds=30)


class Timekeeper:
    """The duties of one process; ``tick`` is called once a second. ``workers`` is how many the default cluster has."""

    def __init__(self, *, workers: int, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._duties: dict[str, Callable[[datetime], None]] = {
            "fire due schedules": fire_due_schedules,
            "free the runs of dead workers": free_runs_of_the_dead,
            "wake forgotten runs": Waker().wake,
            "watch the workers": WorkersWatch(workers).look,
            "watch the short jobs": CanaryWatch().look,
        }

    def tick(self) -> None:
        """Do each duty once. What goes wrong in one is logged and stops no other."""
        for name, duty in self._duties.items():
            try:
                duty(self._now())
            except (DatabaseError, RedisError, OSError) as error:
                log.error("the timekeeper could not %s: %s", name, error)  # noqa: TRY400 - whose fault it is, is known
            except Exception:
                log.exception("the timekeeper could not %s", name)


def free_runs_of_the_dead(now: datetime) -> None:
    """End the leases of workers of this machine that died, instead of waiting for the leases' end."""
    for root, owner in Run.objects.leased_at(now).values_list("pk", "lease_owner"):
        if is_dead(owner) and Run.objects.filter(pk=root, lease_owner=owner).update(lease_until=Now()):
            log.warning("worker %s died; run %s is free to go on", owner, root)


def abandoned(now: datetime) -> QuerySet[Run]:
    """Root runs that no worker holds and that nothing but a worker can bring further.

    Those whose lease ended without being given back, whose time to wake has come, that somebody asked something of,
    and those not waiting for anything: just started, or given back by a worker that retired.
    """
    free = Q(lease_until=None)
    idle = free & Q(wake_at=None, state__in=(RunState.QUEUED, RunState.RUNNING), created_at__lte=now - ON_ITS_WAY)
    asked = free & Q(pk__in=Run.objects.with_pending_signals().values("pk"))
    return Run.objects.roots().unended().filter(Q(lease_until__lte=now) | (free & Q(wake_at__lte=now)) | asked | idle)


@dataclass(slots=True)
class Waker:
    """Enqueues a wake-up for every abandoned run that none is waiting for."""

    _sent: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)

    def wake(self, now: datetime) -> None:
        """Wake each run once, then after twice the pause, and so on until a worker has taken it."""
        found = list(abandoned(now).order_by("pk").values_list("pk", flat=True))
        self._sent = {root: sent for root, sent in self._sent.items() if root in found}
        if not found:
            return
        waiting = queue.waiting_jobs(queue.DEFAULT, now).roots
        for root in found:
            sent_at, pause = self._sent.get(root, (None, ON_ITS_WAY))
            if root not in waiting and (sent_at is None or now >= sent_at + pause):
                self._sent[root] = (now, min(pause * 2, LONGEST_PAUSE) if sent_at else pause)
                queue.enqueue_advance(root)
                log.info("run %s has no worker: woken", root)


@dataclass(slots=True)
class WorkersWatch:
    """Restarts the default cluster when a job waits though a worker should be free: when it is wedged.

    That the first job is *the same* matters: in a queue that is worked off, old jobs and, for a moment, free workers
    are normal, and a restart would interrupt every run of the cluster.
    """

    workers: int
    _first_job: datetime | None = None
    _stuck_since: datetime | None = None
    _judge_from: datetime | None = None

    def look(self, now: datetime) -> None:
        """Judge the cluster from what is seen now and was seen at the last looks."""
        first_job = queue.waiting_jobs(queue.DEFAULT, now).oldest_since
        free = Run.objects.leased_at(now).count() < self.workers
        if first_job is None or not free or first_job != self._first_job:
            self._stuck_since = now
        self._first_job = first_job
        if self._stuck_since is None or now - self._stuck_since < WEDGED_AFTER:
            return
        if self._judge_from is None or now >= self._judge_from:
            log.error("jobs wait since %s though workers are free: restarting the workers", first_job)
            queue.ask_for_restart(queue.DEFAULT)
            self._judge_from = now + RESTART_TAKES


@dataclass(slots=True)
class CanaryWatch:
    """Restarts the ``short`` cluster when a job that does nothing does not come back."""

    _job: str | None = None
    _sent_at: datetime | None = None
    _next_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Send a canary, or see whether the last one has come back."""
        if self._job is None or self._sent_at is None:
            if self._next_at is None or now >= self._next_at:
                self._job, self._sent_at = queue.send_canary(), now
        elif queue.canary_answered(self._job):
            self._job, self._next_at = None, self._sent_at + CANARY_EVERY
        elif now - self._sent_at >= CANARY_LOST_AFTER:
            log.error("short jobs are not done since %s: restarting their cluster", self._sent_at)
            queue.ask_for_restart(queue.SHORT)
            self._job, self._next_at = None, now + RESTART_TAKES
