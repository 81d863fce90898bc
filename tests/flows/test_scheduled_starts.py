"""Schedules fire: each start once, however many timekeepers look, and what is left out is told with its reason."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group as RoleGroup
from django.contrib.auth.models import User
from django.db import OperationalError, connections

from flows.adapters import queue
from flows.models import Run, Schedule, ScheduledStart
from flows.operations import firing
from flows.operations.firing import due_schedules, fire_due_schedules
from flows.operations.schedules import set_enabled, store_schedule
from flows.timekeeper import Timekeeper
from flowsite.kernel.access import SYSTEM
from tests.factories import make_element, make_flow_version, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

#: A Thursday.
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


A_MINUTE_BEFORE = later(-60)


def schedule_that(name: str = "Hourly", *, made: datetime = A_MINUTE_BEFORE, **fields: Any) -> Schedule:
    """Enabled, at every full hour, with the flow F1; stored a minute before NOW."""
    flow = make_flow_version().flow if "flow" not in fields else fields.pop("flow")
    schedule = Schedule(name=name, flow=flow, **{"cron": "0 * * * *", "enabled": True, **fields})
    store_schedule(schedule=schedule, by=SYSTEM, now=made)
    return schedule


def fire(*seconds: float) -> None:
    for second in seconds:
        fire_due_schedules(later(second))


def told(schedule: Schedule) -> list[tuple[float, str]]:
    """(minutes after NOW, outcome) of each start, the oldest first."""
    starts = ScheduledStart.objects.filter(schedule=schedule).order_by("intended_at")
    return [((start.intended_at - NOW).total_seconds() / 60, start.outcome) for start in starts]


def end(run: Run | None) -> None:
    assert run is not None
    Run.objects.filter(pk=run.pk).update(state="succeeded", ended_at=NOW)


def test_a_start_that_has_come_makes_one_run_and_wakes_a_worker(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_element("db1")
    schedule = schedule_that("Nightly", inputs={}, elements=["db1"])
    fire(-1)
    assert not Run.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        fire(0, 1, 2)
    run = Run.objects.get()
    assert (run.flow_name, run.narrowed, run.run_reason, run.started_by) == (
        "F1", ["db1"], "schedule Nightly", "[system]",
    )  # fmt: skip
    assert run.scheduled_start.schedule == schedule
    assert told(schedule) == [(0, "started")]
    assert queue.waiting_jobs(queue.DEFAULT, datetime.now(UTC)).roots == {run.pk}
    schedule.refresh_from_db()
    assert schedule.next_at == later(3600)


def test_the_timekeeper_fires_schedules() -> None:
    schedule = schedule_that()
    Timekeeper(workers=2, now=lambda: later(0)).tick()
    assert told(schedule) == [(0, "started")]


@pytest.mark.django_db(transaction=True)
def test_timekeepers_that_look_at_the_same_instant_fire_once() -> None:
    schedules = [schedule_that(f"S{number}") for number in range(3)]
    both = threading.Barrier(4)

    def look() -> None:
        try:
            both.wait()
            fire(0, 0.1, 0.2, 0.3)
        finally:
            connections.close_all()

    timekeepers = [threading.Thread(target=look) for _ in range(4)]
    for timekeeper in timekeepers:
        timekeeper.start()
    for timekeeper in timekeepers:
        timekeeper.join()
    fire(1)
    assert [told(schedule) for schedule in schedules] == [[(0, "started")]] * 3
    assert Run.objects.count() == 3


def test_a_clock_change_fires_a_repeated_hour_once_and_a_missing_one_after_the_gap() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    for day, starts_at in (
        (datetime(2026, 10, 24, tzinfo=UTC), "02:30+02:00"),
        (datetime(2027, 3, 27, tzinfo=UTC), "03:00+02:00"),
    ):
        days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        schedule = schedule_that(
            f"Nightly {day:%Y}",
            made=day + timedelta(hours=12),
            cron="",
            days=days,
            times=["02:30"],
            timezone="Europe/Madrid",
        )
        for minute in range(12 * 60, 34 * 60, 5):
            fire_due_schedules(day + timedelta(minutes=minute))
        [start] = ScheduledStart.objects.filter(schedule=schedule)
        assert start.intended_at.astimezone(madrid).isoformat()[11:16] + "+02:00" == starts_at
        set_enabled(schedule=schedule.pk, enabled=False, by=SYSTEM)


MISSED: dict[str, tuple[Any, float, list[tuple[float, str]]]] = {
    "in time": ("skip", 59, [(0, "started")]),
    "missed and skipped": ("skip", 61, [(0, "skipped_missed")]),
    "missed and fired late": ({"within_minutes": 30}, 29 * 60, [(0, "started")]),
    "missed for too long": ({"within_minutes": 30}, 31 * 60, [(0, "skipped_missed")]),
    "several missed, the newest fired": (
        {"within_minutes": 30},
        (5 * 60 + 10) * 60,
        [(0, "skipped_missed"), (300, "started")],
    ),
    "several missed and skipped": ("skip", (5 * 60 + 10) * 60, [(0, "skipped_missed")]),
}


@pytest.mark.parametrize("case", MISSED)
def test_missed_starts_follow_the_policy_of_the_schedule(case: str) -> None:
    policy, seconds, expected = MISSED[case]
    schedule = schedule_that(missed=policy)
    fire(seconds, seconds + 1, seconds + 2)
    assert told(schedule) == expected
    schedule.refresh_from_db()
    assert schedule.next_at is not None
    assert schedule.next_at > later(seconds)


def test_while_the_run_before_goes_on_a_start_is_skipped() -> None:
    schedule = schedule_that(overlap="skip")
    fire(0, 3600)
    assert told(schedule) == [(0, "started"), (60, "skipped_overlap")]
    assert f"run {Run.objects.get().pk} of this schedule was not over" in schedule.starts.latest("at").reason
    end(Run.objects.get())
    fire(7200)
    assert told(schedule)[2:] == [(120, "started")]


def test_while_the_run_before_goes_on_one_start_waits_and_further_ones_are_skipped() -> None:
    schedule = schedule_that(overlap="queue")
    fire(0, 3600, 3601, 7200, 7201)
    assert told(schedule) == [(0, "started"), (60, "waiting"), (120, "skipped_overlap")]
    assert not due_schedules(later(7202))
    end(Run.objects.get())
    fire(7203, 7204)
    assert told(schedule)[1] == (60, "started")
    assert Run.objects.count() == 2


def test_runs_of_a_schedule_may_overlap_where_it_allows_it() -> None:
    schedule = schedule_that(overlap="allow")
    fire(0, 3600)
    assert told(schedule) == [(0, "started"), (60, "started")]


def test_a_start_that_waits_is_given_up_when_the_schedule_is_disabled() -> None:
    schedule = schedule_that(overlap="queue")
    fire(0, 3600)
    set_enabled(schedule=schedule.pk, enabled=False, by=SYSTEM, now=later(3700))
    end(Run.objects.get())
    fire(3800)
    assert told(schedule) == [(0, "started"), (60, "skipped_overlap")]


def test_a_disabled_schedule_fires_nothing_and_an_enabled_one_nothing_from_before() -> None:
    schedule = schedule_that(enabled=False)
    fire(0, 30)
    set_enabled(schedule=schedule.pk, enabled=True, by=SYSTEM, now=later(31))
    fire(32)
    assert told(schedule) == []
    fire(3600)
    assert told(schedule) == [(60, "started")]


def test_a_change_of_the_times_fires_nothing_from_before_and_other_changes_keep_the_plan() -> None:
    schedule = schedule_that()
    schedule.note = "asked for by the auditors"
    store_schedule(schedule=schedule, by=SYSTEM, now=later(1))
    fire(2)
    assert told(schedule) == [(0, "started")]
    schedule.refresh_from_db()
    schedule.cron = "*/5 * * * *"
    store_schedule(schedule=schedule, by=SYSTEM, now=later(1790))
    fire(1791)
    assert told(schedule) == [(0, "started")]


def test_a_start_that_was_planned_again_by_a_clock_that_was_behind_is_not_fired_again() -> None:
    schedule = schedule_that(overlap="allow")
    fire(0)
    Schedule.objects.filter(pk=schedule.pk).update(next_at=NOW)
    fire(1)
    assert told(schedule) == [(0, "started")]
    assert Run.objects.count() == 1


def test_a_schedule_that_has_ended_plans_nothing_more() -> None:
    schedule = schedule_that(end=NOW.date(), cron="0 2,3 * * *")
    fire(0)
    end(Run.objects.get())
    fire(3600)
    schedule.refresh_from_db()
    assert (told(schedule), schedule.next_at) == ([(0, "started"), (60, "started")], None)


def test_a_pinned_version_is_started_even_when_there_is_a_newer_one() -> None:
    first = make_flow_version()
    make_flow_version()
    schedule_that(flow=first.flow, version="1")
    schedule_that("Latest", flow=first.flow)
    fire(0)
    numbers = Run.objects.order_by("scheduled_start__schedule__name").values_list("flow_version__number", flat=True)
    assert list(numbers) == [1, 2]


def test_a_run_is_started_by_the_account_of_the_schedule_else_by_its_owner() -> None:
    make_user("operator", "olga")
    make_user("operator", "otto")
    flow = make_flow_version().flow
    schedule_that("a", flow=flow, run_as="olga", owner="otto")
    schedule_that("b", flow=flow, owner="otto")
    fire(0)
    runs = Run.objects.order_by("scheduled_start__schedule__name")
    assert list(runs.values_list("started_by", flat=True)) == ["olga", "otto"]


def _take_the_role(schedule: Schedule) -> None:
    User.objects.get(username="olga").groups.clear()


def _remove_the_account(schedule: Schedule) -> None:
    User.objects.get(username="olga").delete()


def _archive_the_flow(schedule: Schedule) -> None:
    type(schedule.flow).objects.filter(pk=schedule.flow_id).update(archived=True)


def _want_an_input(schedule: Schedule) -> None:
    make_flow_version(inputs=[{"name": "service", "type": "string", "required": True}])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_take_the_role, "flow.run needs the role operator"),
        (_remove_the_account, "nobody's user name"),
        (_archive_the_flow, "there is no flow 'F1'"),
        (_want_an_input, "service"),
    ],
)
def test_what_cannot_start_any_more_is_told_and_the_schedule_goes_on(
    change: Callable[[Schedule], None], reason: str
) -> None:
    olga = make_user("operator", "olga")
    schedule = schedule_that(run_as="olga")
    change(schedule)
    fire(0, 3600)
    assert told(schedule) == [(0, "failed"), (60, "failed")]
    assert reason in schedule.starts.latest("intended_at").reason
    assert not Run.objects.exists()
    if change is _take_the_role:
        olga.groups.add(RoleGroup.objects.get(name="operator"))
        fire(7200)
        assert told(schedule)[2:] == [(120, "started")]


def test_a_row_that_nothing_of_ours_has_written_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = schedule_that("Bad"), schedule_that("Good")
    Schedule.objects.filter(pk=bad.pk).update(timezone="Mars/Olympus")
    fire(0, 1, 2)
    assert told(good) == [(0, "started")]
    assert told(bad) == [(0, "failed")]
    assert "internal error (ZoneInfoNotFoundError)" in bad.starts.get().reason
    bad.refresh_from_db()
    assert bad.next_at is None
    assert caplog.text.count("could not be fired") == 1


def test_a_database_that_fails_for_a_moment_costs_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = schedule_that()

    def fail(*_args: Any, **_options: Any) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(firing, "start_run", fail)
        fire(0)
    assert told(schedule) == []
    fire(1)
    assert told(schedule) == [(0, "started")]


def test_looking_when_nothing_is_due_takes_one_query(django_assert_num_queries: Any) -> None:
    for number in range(5):
        schedule_that(f"S{number}")
    with django_assert_num_queries(1):
        fire(-30)
