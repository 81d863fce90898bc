"""When schedules start: by the wall clock, across changes of it, in order, and never outside what was asked for."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.schedule.blackout import read_windows
from flows.schedule.checks import DAYS
from flows.schedule.recurrence import Recurrence

MADRID = "Europe/Madrid"
EVERY_DAY = {"days": DAYS, "timezone": MADRID}


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def starts(recurrence: Recurrence, after: str, count: int) -> list[str]:
    """With the offset from UTC that the zone has then."""
    zone = ZoneInfo(recurrence.timezone)
    found = islice(recurrence.starts_after(at(after)), count)
    return [start.astimezone(zone).isoformat(" ", "minutes") for start in found]


def test_days_and_times_start_in_the_zone_of_the_schedule() -> None:
    weekend = Recurrence(days=("sun", "sat"), times=("02:00", "14:30"), timezone="America/New_York")
    assert starts(weekend, "2026-11-25", 5) == [
        "2026-11-28 02:00-05:00",
        "2026-11-28 14:30-05:00",
        "2026-11-29 02:00-05:00",
        "2026-11-29 14:30-05:00",
        "2026-12-05 02:00-05:00",
    ]


def test_a_start_is_after_the_instant_and_never_at_it() -> None:
    daily = Recurrence(days=DAYS, times=("02:00",))
    assert starts(daily, "2026-11-25 02:00", 1) == ["2026-11-26 02:00+00:00"]
    assert starts(daily, "2026-11-25 01:59:59.999999", 1) == ["2026-11-25 02:00+00:00"]
    assert starts(Recurrence(cron="*/5 * * * *"), "2026-11-25 02:00", 1) == ["2026-11-25 02:05+00:00"]
    assert starts(Recurrence(cron="*/5 * * * *"), "2026-11-25 01:59:59.5", 1) == ["2026-11-25 02:00+00:00"]


def test_in_a_cron_line_either_the_day_of_the_month_or_of_the_week_is_enough() -> None:
    """As cron has it (crontab(5)) when both are restricted."""
    line = Recurrence(cron="0 4 1,15 * fri")
    assert [start[:10] for start in starts(line, "2026-11-30", 4)] == [
        "2026-12-01", "2026-12-04", "2026-12-11", "2026-12-15",
    ]  # fmt: skip


CLOCK_CHANGES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "a time that comes twice starts the first time": (
        {**EVERY_DAY, "times": ("02:30",)},
        "2026-10-24 12:00",
        ["2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"],
    ),
    "a time that does not exist starts right after the gap": (
        {**EVERY_DAY, "times": ("02:30",)},
        "2027-03-27 12:00",
        ["2027-03-28 03:00+02:00", "2027-03-29 02:30+02:00"],
    ),
    "several times that do not exist start once, together with the time right after the gap": (
        {**EVERY_DAY, "times": ("02:00", "02:15", "02:45", "03:00", "03:05")},
        "2027-03-27 12:00",
        ["2027-03-28 03:00+02:00", "2027-03-28 03:05+02:00", "2027-03-29 02:00+02:00"],
    ),
    "the last time before a gap and the first after it are as ever": (
        {**EVERY_DAY, "times": ("01:59", "03:00")},
        "2027-03-27 12:00",
        ["2027-03-28 01:59+01:00", "2027-03-28 03:00+02:00"],
    ),
    "a cron line that names its hour follows the same rule in autumn": (
        {"cron": "*/30 2 * * *", "timezone": MADRID},
        "2026-10-24 12:00",
        ["2026-10-25 02:00+02:00", "2026-10-25 02:30+02:00", "2026-10-26 02:00+01:00"],
    ),
    "a cron line that names its hour follows the same rule in spring": (
        {"cron": "*/30 2 * * *", "timezone": MADRID},
        "2027-03-27 12:00",
        ["2027-03-28 03:00+02:00", "2027-03-29 02:00+02:00"],
    ),
    "so does one for every second hour": (
        {"cron": "15 */2 * * *", "timezone": MADRID},
        "2026-10-24 22:00",
        ["2026-10-25 00:15+02:00", "2026-10-25 02:15+02:00", "2026-10-25 04:15+01:00"],
    ),
    "a cron line for every hour goes on through the hour that comes twice": (
        {"cron": "*/30 * * * *", "timezone": MADRID},
        "2026-10-25 00:10",
        [
            "2026-10-25 02:30+02:00",
            "2026-10-25 02:00+01:00",
            "2026-10-25 02:30+01:00",
            "2026-10-25 03:00+01:00",
        ],
    ),
    "and knows no gap in spring": (
        {"cron": "*/30 * * * *", "timezone": MADRID},
        "2027-03-28 00:10",
        ["2027-03-28 01:30+01:00", "2027-03-28 03:00+02:00", "2027-03-28 03:30+02:00"],
    ),
    "where the clock goes back at midnight, the evening's last hour counts twice": (
        {"cron": "0 * 31 10 *", "timezone": "America/Havana"},
        "2026-11-01 02:30",
        ["2026-10-31 23:00-04:00", "2027-10-31 00:00-04:00"],
    ),
    "a change by half an hour": (
        {"days": DAYS, "times": ("02:15",), "timezone": "Australia/Lord_Howe"},
        "2026-10-02 23:00",
        ["2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"],
    ),
    "a day that an island left out starts with the next": (
        {"days": ("fri",), "times": ("12:00",), "timezone": "Pacific/Apia"},
        "2011-12-29 12:00",
        ["2011-12-31 00:00+14:00", "2012-01-06 12:00+14:00"],
    ),
}


@pytest.mark.parametrize("case", CLOCK_CHANGES)
def test_the_rule_for_missing_and_repeated_hours_holds(case: str) -> None:
    fields, after, expected = CLOCK_CHANGES[case]
    assert starts(Recurrence(**fields), after, len(expected)) == expected


def test_first_and_last_day_belong_to_it_in_the_zone_of_the_schedule() -> None:
    fields: dict[str, Any] = {**EVERY_DAY, "start": date(2026, 12, 24), "end": date(2026, 12, 25)}
    assert starts(Recurrence(times=("00:00", "23:59"), **fields), "2026-01-01", 9) == [
        "2026-12-24 00:00+01:00",
        "2026-12-24 23:59+01:00",
        "2026-12-25 00:00+01:00",
        "2026-12-25 23:59+01:00",
    ]


def test_a_date_far_away_is_found_and_one_that_never_comes_ends_the_search() -> None:
    assert starts(Recurrence(cron="0 0 29 2 *"), "2026-01-01", 2) == [
        "2028-02-29 00:00+00:00",
        "2032-02-29 00:00+00:00",
    ]
    assert starts(Recurrence(cron="0 0 29 2 *"), "2097-01-01", 1) == ["2104-02-29 00:00+00:00"]
    always = read_windows([{"days": list(DAYS), "from": "00:00", "to": "24:00"}])
    assert starts(Recurrence(cron="* * * * *", blackout=always), "2026-01-01", 1) == []


def test_nothing_starts_in_a_blackout() -> None:
    blackout = read_windows(
        [
            {"from": "2026-12-24", "to": "2026-12-26"},
            {"days": ["sun"], "from": "22:00", "to": "24:00"},
            {"days": ["mon"], "from": "23:00", "to": "06:00"},
        ]
    )
    hourly = Recurrence(cron="0 * * * *", blackout=blackout)
    assert starts(hourly, "2026-12-23 22:30", 2) == ["2026-12-23 23:00+00:00", "2026-12-27 00:00+00:00"]
    assert starts(hourly, "2026-12-27 20:30", 2) == ["2026-12-27 21:00+00:00", "2026-12-28 00:00+00:00"]
    assert starts(hourly, "2026-12-28 21:30", 2) == ["2026-12-28 22:00+00:00", "2026-12-29 06:00+00:00"]


ZONES = ("UTC", MADRID, "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "Africa/Cairo")
TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
CRONS = st.sampled_from(
    ["*/5 * * * *", "0 * * * *", "17 */3 * * *", "30 1-3 * * *", "0 2 * * sun", "*/20 0,23 * 3,10,11 *", "0 0 1 * mon"]
)
BY_DAYS = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple),
        "times": st.lists(TIMES, min_size=1, max_size=4, unique=True).map(lambda times: tuple(sorted(times))),
    }
)
WHEN = st.one_of(BY_DAYS, st.fixed_dictionaries({"cron": CRONS}))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(WHEN, st.sampled_from(ZONES), INSTANTS)
def test_starts_come_in_order_and_are_the_same_whenever_they_are_asked_for(
    when: dict[str, Any], zone: str, instant: datetime
) -> None:
    recurrence = Recurrence(**when, timezone=zone)
    found = list(islice(recurrence.starts_after(instant), 12))
    assert found == sorted(set(found))
    assert all(start > instant for start in found)
    one_by_one = [instant]
    for _ in found:
        one_by_one.append(next(recurrence.starts_after(one_by_one[-1])))
    assert one_by_one[1:] == found


@given(WHEN, st.sampled_from(ZONES), INSTANTS, st.integers(0, 60), st.integers(0, 40))
def test_first_and_last_day_are_kept(
    when: dict[str, Any], zone: str, instant: datetime, ahead: int, length: int
) -> None:
    first = instant.date() + timedelta(days=ahead)
    last = first + timedelta(days=length)
    bounded = Recurrence(**when, timezone=zone, start=first, end=last)
    days = {start.astimezone(ZoneInfo(zone)).date() for start in islice(bounded.starts_after(instant), 50)}
    assert all(first <= day <= last for day in days)


@given(st.sampled_from([zone for zone in ZONES if zone != "Australia/Lord_Howe"]), INSTANTS)
def test_every_hour_is_every_hour_of_real_time(zone: str, instant: datetime) -> None:
    """Where clocks change by whole hours; on Lord Howe Island they change by half of one."""
    found = list(islice(Recurrence(cron="30 * * * *", timezone=zone).starts_after(instant), 30))
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(hours=1)}


@given(TIMES, st.sampled_from(ZONES), INSTANTS)
def test_a_daily_start_comes_once_a_day(moment: str, zone: str, instant: datetime) -> None:
    daily = Recurrence(days=DAYS, times=(moment,), timezone=zone)
    days = [start.astimezone(ZoneInfo(zone)).date() for start in islice(daily.starts_after(instant), 20)]
    assert [(later - earlier).days for earlier, later in pairwise(days)] == [1] * 19
