"""The timekeeper wakes every run that should go on, once, and restarts a cluster only when it is wedged."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django_q.models import OrmQ, Task

from flows.adapters import queue
from flows.adapters.workers import is_dead, worker_name
from flows.models import Run, RunSignal
from flows.timekeeper import CanaryWatch, Timekeeper, Waker, WorkersWatch, abandoned, free_runs_of_the_dead
from tests.factories import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

#: Later than any job that these tests enqueue.
NOW = datetime.now(UTC) + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def run_that(**fields: Any) -> Run:
    """A root run that was started an hour ago."""
    return make_run(**{"created_at": later(-3600), **fields})


def held(until: datetime, owner: str = "elsewhere:1") -> dict[str, object]:
    return {"lease_owner": owner, "lease_until": until, "state": "running"}


@pytest.fixture
def asked_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of one's own, in which a request for a restart is a file."""
    monkeypatch.setattr(settings, "FLOWSITE_DATA_DIR", tmp_path)
    return tmp_path


ABANDONED = {
    "a queued run without a job": {"state": "queued"},
    "a run that a retiring worker gave back": {"state": "running"},
    "a run whose worker died": held(until=later(-1)),
    "a paused run whose worker died": held(until=later(-1)) | {"state": "paused"},
    "a waiting run whose time has come": {"state": "waiting", "wake_at": later(-1)},
}
LEFT_ALONE = {
    "a run that was just started": {"state": "queued", "created_at": later(-1)},
    "a run in progress": held(until=later(20)),
    "a run that waits until later": {"state": "waiting", "wake_at": later(60)},
    "a paused run": {"state": "paused"},
    "a run that waits for an answer": {"state": "needs_attention"},
    "a run that is over": {"state": "succeeded", "ended_at": later(-5)},
    "a run that is over but was not given back": held(until=later(-1)) | {"state": "failed", "ended_at": later(-5)},
}


@pytest.mark.parametrize("fields", ABANDONED.values(), ids=ABANDONED.keys())
def test_what_no_worker_holds_and_should_go_on_is_abandoned(fields: dict[str, object]) -> None:
    run = run_that(**fields)
    assert list(abandoned(NOW)) == [run]


@pytest.mark.parametrize("fields", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_held_waits_or_is_over_is_left_alone(fields: dict[str, object]) -> None:
    run_that(**fields)
    assert not abandoned(NOW)


@pytest.mark.parametrize("state", ["paused", "needs_attention", "waiting"])
def test_a_sleeping_run_that_somebody_asked_something_of_is_abandoned(state: str) -> None:
    run = run_that(state=state)
    signal = RunSignal.objects.create(root=run, kind="cancel", by="operator", at=NOW)
    assert list(abandoned(NOW)) == [run]
    RunSignal.objects.filter(pk=signal.pk).update(consumed_seq=3)
    assert not abandoned(NOW)


def test_a_child_run_is_never_woken() -> None:
    root = run_that(**held(until=later(20)))
    run_that(root=root, parent=root, number=1)
    assert not abandoned(NOW)


def test_a_run_is_woken_once_while_its_job_waits() -> None:
    run = run_that()
    for waker in (Waker(), Waker()):  # two timekeepers
        for tick in range(100):
            waker.wake(later(tick))
    assert queue.waiting_jobs(queue.DEFAULT, NOW).roots == {run.pk}
    assert OrmQ.objects.count() == 1


def test_a_run_that_nobody_takes_is_woken_ever_less_often() -> None:
    run_that()
    waker, woken_at = Waker(), []
    for tick in range(250):
        waker.wake(later(tick))
        if OrmQ.objects.all().delete()[0]:  # a cluster took the job and lost it
            woken_at.append(tick)
    assert woken_at == [0, 2, 6, 14, 30, 62, 122, 182, 242]


def test_a_run_that_was_taken_meanwhile_is_woken_at_once_the_next_time() -> None:
    run = run_that()
    waker = Waker()
    for tick in range(10):
        waker.wake(later(tick))
        OrmQ.objects.all().delete()
    Run.objects.filter(pk=run.pk).update(**held(until=later(60)))
    waker.wake(later(20))
    waker.wake(later(61))
    assert queue.waiting_jobs(queue.DEFAULT, NOW).roots == {run.pk}


def test_the_runs_of_a_dead_worker_are_free_at_once() -> None:
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead = run_that(**held(until=in_an_hour, owner=worker_name(gone.pid)))
    living = run_that(**held(until=in_an_hour, owner=worker_name()))
    elsewhere = run_that(**held(until=in_an_hour, owner=f"another-host:{gone.pid}"))
    free_runs_of_the_dead(datetime.now(UTC))
    assert set(Run.objects.leased_at(datetime.now(UTC) + SECOND)) == {living, elsewhere}
    assert list(abandoned(NOW - timedelta(minutes=30))) == [dead]


def test_a_killed_worker_that_nobody_has_buried_yet_is_dead() -> None:
    gone = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert gone.stdout is not None
    with gone.stdout as pipe:
        pipe.read()
    os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(worker_name(gone.pid))
    gone.wait()


def look(watch: WorkersWatch, seconds: range) -> None:
    for second in seconds:
        watch.look(later(second))


def test_a_job_that_free_workers_do_not_take_restarts_them(asked_restarts: Path) -> None:
    queue.enqueue_advance(1)
    watch = WorkersWatch(workers=2)
    look(watch, range(10))
    assert not list(asked_restarts.iterdir())
    look(watch, range(10, 12))
    assert [file.name for file in asked_restarts.iterdir()] == ["restart-default"]


def test_a_restarting_cluster_is_given_time(asked_restarts: Path) -> None:
    queue.enqueue_advance(1)
    watch = WorkersWatch(workers=2)
    look(watch, range(12))
    (asked_restarts / "restart-default").unlink()
    look(watch, range(12, 40))
    assert not list(asked_restarts.iterdir())
    look(watch, range(40, 42))
    assert list(asked_restarts.iterdir())


def test_a_full_cluster_is_not_wedged(asked_restarts: Path) -> None:
    queue.enqueue_advance(1)
    run_that(**held(until=later(3600)))
    run_that(**held(until=later(3600)))
    look(WorkersWatch(workers=2), range(60))
    assert not list(asked_restarts.iterdir())


def test_a_queue_that_is_worked_off_is_not_wedged_however_old_its_jobs(asked_restarts: Path) -> None:
    watch = WorkersWatch(workers=2)
    for root in range(1, 13):
        queue.enqueue_advance(root)
    for second in range(0, 60, 5):
        look(watch, range(second, second + 5))
        OrmQ.objects.earliest("pk").delete()
    assert not list(asked_restarts.iterdir())


def test_a_lost_canary_restarts_the_short_cluster(asked_restarts: Path) -> None:
    watch = CanaryWatch()
    for second in range(60):
        watch.look(later(second))
    assert not list(asked_restarts.iterdir())
    assert OrmQ.objects.count() == 1
    watch.look(later(60))
    assert [file.name for file in asked_restarts.iterdir()] == ["restart-short"]


def test_a_canary_that_comes_back_is_sent_again_half_a_minute_later(asked_restarts: Path) -> None:
    watch, sent = CanaryWatch(), []
    for second in range(100):
        watch.look(later(second))
        for row in OrmQ.objects.filter(key=queue.SHORT):  # the short cluster does it
            sent.append(second)
            Task.objects.create(
                id=row.task_id(), name=row.name(), func=row.func(), started=NOW, stopped=NOW, success=True
            )
            row.delete()
    # One second to see that it came back, half a minute since it was sent.
    assert sent == [0, 30, 60, 90]
    assert not Task.objects.exists()
    assert not list(asked_restarts.iterdir())


def test_what_fails_in_one_duty_stops_no_other(asked_restarts: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The workers' watch asks for a restart, which fails without a data directory; the canary is sent all the same."""
    queue.enqueue_advance(1)
    asked_restarts.rmdir()
    keeper = Timekeeper(workers=1, now=iter([later(second // 3) for second in range(60)]).__next__)
    for _ in range(15):
        keeper.tick()
    assert "could not watch the workers" in caplog.text
    assert OrmQ.objects.filter(key=queue.SHORT).count() == 1


def test_a_request_for_a_restart_is_heard_by_those_that_started_before_it(asked_restarts: Path) -> None:
    assert not queue.restart_asked_since("default", 0.0)
    queue.ask_for_restart("default")
    asked_at = (asked_restarts / "restart-default").stat().st_mtime
    assert queue.restart_asked_since("default", asked_at - 1)
    assert not queue.restart_asked_since("default", asked_at + 1)
    assert not queue.restart_asked_since("short", asked_at - 1)
