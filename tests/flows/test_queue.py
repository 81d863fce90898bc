"""The queue's own parts: locks that die with their holder, and what waits in each broker."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from django_q.models import OrmQ

from flows.adapters import queue
from flows.adapters.queue import jobs
from flows.adapters.queue.kernel_lock import KernelLock
from tests.programs import redis_url

fork = multiprocessing.get_context("fork")


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def hold(lock: KernelLock, taken: "multiprocessing.synchronize.Event") -> None:
    with lock:
        taken.set()
        time.sleep(60)


def test_a_lock_whose_holder_was_killed_is_free() -> None:
    lock, taken = KernelLock(), fork.Event()
    holder = fork.Process(target=hold, args=(lock, taken))
    holder.start()
    assert taken.wait(10)
    assert not lock.acquire(block=False)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    assert lock.acquire()
    holder.join()
    lock.release()
    assert lock.acquire(block=False)


def test_a_forked_process_does_not_share_its_parents_hold() -> None:
    lock, taken = KernelLock(), fork.Event()
    with lock:
        waiter = fork.Process(target=hold, args=(lock, taken))
        waiter.start()
        assert not taken.wait(0.2)
    assert taken.wait(10)
    waiter.kill()
    waiter.join()


@pytest.mark.django_db
@pytest.mark.database
def test_waiting_are_the_jobs_that_no_cluster_has_taken() -> None:
    assert queue.waiting_jobs(queue.DEFAULT, later(0)) == queue.Waiting(None, frozenset())
    for root in (7, 8, 9):
        queue.enqueue_advance(root)
    queue.enqueue_short("flows.jobs.canary")
    OrmQ.objects.filter(pk=OrmQ.objects.earliest("pk").pk).update(lock=later(600))  # taken by a cluster
    waiting = queue.waiting_jobs(queue.DEFAULT, later(1))
    assert waiting.roots == {8, 9}
    assert waiting.oldest_since == OrmQ.objects.order_by("pk")[1].lock


@pytest.mark.django_db
@pytest.mark.database
def test_a_job_signed_with_another_key_counts_as_waiting_and_wakes_nobody() -> None:
    OrmQ.objects.create(key=queue.DEFAULT, payload="not ours", lock=later(-60))
    waiting = queue.waiting_jobs(queue.DEFAULT, later(0))
    assert waiting.roots == frozenset()
    assert waiting.oldest_since is not None


@pytest.fixture
def redis_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """The default queue on a Redis list of its own."""
    monkeypatch.setattr(Conf, "REDIS", redis_url())
    broker = Redis("flowsite-test-queue")
    broker.delete_queue()
    monkeypatch.setitem(jobs._brokers, queue.DEFAULT, broker)
    yield broker
    broker.delete_queue()
    broker.connection.close()


@pytest.mark.redis
def test_on_redis_too_waiting_are_the_jobs_that_no_cluster_has_taken(redis_broker: Redis) -> None:
    assert queue.waiting_jobs(queue.DEFAULT, later(0)) == queue.Waiting(None, frozenset())
    before = later(0)
    for root in (7, 8, 9):
        queue.enqueue_advance(root)
    between = later(0)
    assert redis_broker.dequeue()
    waiting = queue.waiting_jobs(queue.DEFAULT, later(0))
    assert waiting.roots == {8, 9}
    assert waiting.oldest_since is not None
    assert before < waiting.oldest_since < between
