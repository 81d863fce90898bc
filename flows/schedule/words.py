"""Schedules in words: when one starts, and how far away an instant is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flows.schedule.checks import DAYS

DAY_NAMES: Final = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def when_in_words(*, days: Collection[str], times: Sequence[str], cron: str, timezone: str) -> str:
    """Such as "Sunday at 02:00, Europe/Madrid"."""
    at = f"cron {cron}" if cron else f"{_days_in_words(days)} at {_list(sorted(times))}"
    return f"{at}, {timezone}"


def instant_in_words(instant: datetime, timezone: str) -> str:
    """Such as "Sun 29 Nov 2026, 02:00 +01:00", by the clock of the zone."""
    local = instant.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local.isoformat()[-6:]}"


def away_in_words(instant: datetime, now: datetime) -> str:
    """Such as "in 3 days"; "now" for what has come."""
    seconds = (instant - now).total_seconds()
    for length_s, unit in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        count = int(seconds // length_s)
        if count >= 1:
            return f"in {count} {unit}{'s' if count > 1 else ''}"
    return "in less than a minute" if seconds > 0 else "now"


def starts_in_words(starts: Sequence[datetime], timezone: str, now: datetime) -> list[str]:
    """One line each; where the offset from UTC is another than before, it says that the clock has changed."""
    lines: list[str] = []
    offset = now.astimezone(ZoneInfo(timezone)).utcoffset()
    for start in starts:
        before, offset = offset, start.astimezone(ZoneInfo(timezone)).utcoffset()
        changed = "; the clock has changed" if offset != before else ""
        lines.append(f"{instant_in_words(start, timezone)} ({away_in_words(start, now)}{changed})")
    return lines


def _days_in_words(days: Collection[str]) -> str:
    chosen = [day for day in DAYS if day in days]
    if chosen == list(DAYS):
        return "Every day"
    if len(chosen) > 2 and "".join(chosen) in "".join(DAYS):
        return f"{DAY_NAMES[chosen[0]]} to {DAY_NAMES[chosen[-1]]}"
    return _list([DAY_NAMES[day] for day in chosen])


def _list(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
