"""What the fields of a schedule may hold (4.3): each problem names its field, what was found and what is expected."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, CroniterError, croniter

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CRON_PART: Final = r"(\*|\d+|[a-z]{3})(-(\d+|[a-z]{3}))?(/\d+)?"
_CRON_FIELD: Final = re.compile(rf"{_CRON_PART}(,{_CRON_PART})*", re.IGNORECASE)
#: Beyond these days the arithmetic of dates ends, or takes long.
_FIRST_DAY: Final = date(1970, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
_SPAN: Final = f"a DATE is from {_FIRST_DAY} to {_LAST_DAY}"
MOST_MINUTES_LATE: Final = 60 * 24 * 365
_MOST_DIGITS: Final = 9
#: A cron line is looked through for its next start from here: every date of a leap cycle follows.
_ANY_INSTANT: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that cannot be used."""

    field: str
    message: str


def problems_of(fields: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Everything that is wrong with a schedule's fields, by the keys of its document; none if all is well."""
    for field, check in _CHECKS.items():
        message = check(fields.get(field))
        if message:
            yield FieldProblem(field, message)
    has_times, has_cron = bool(fields.get("days") or fields.get("times")), bool(fields.get("cron"))
    if has_times and has_cron:
        yield FieldProblem("cron", "days and times are given too: use either those or cron")
    if has_times and not (fields.get("days") and fields.get("times")):
        yield FieldProblem("times", "days and times go together: give both, or cron")
    if not has_times and not has_cron:
        yield FieldProblem("days", "nothing says when: give days and times, or cron")
    start, end = _as_date(fields.get("start")), _as_date(fields.get("end"))
    if start and end and end < start:
        yield FieldProblem("end", f"found {end}, expected a date that is not before start, {start}")


def _days(value: object) -> str:
    if not isinstance(value, list) or any(day not in DAYS for day in value):
        return f"found {value!r}, expected a list of {', '.join(DAYS)}"
    return "" if len(set(value)) == len(value) else f"found {value!r}: a day stands there twice"


def _times(value: object) -> str:
    expected = 'expected a list of times such as ["02:00", "14:30"]'
    if not isinstance(value, list) or not all(isinstance(time, str) and _TIME.fullmatch(time) for time in value):
        return f"found {value!r}, {expected}"
    return "" if len(set(value)) == len(value) else f"found {value!r}: a time stands there twice"


def _cron(value: object) -> str:
    expected = 'expected five fields such as "0 2 * * sun" (minute, hour, day of month, month, day of week)'
    if not value:
        return ""
    parts = value.split() if isinstance(value, str) else []
    if len(parts) != 5 or not all(map(_CRON_FIELD.fullmatch, parts)):
        return f"found {value!r}, {expected}"
    try:
        croniter(" ".join(parts), _ANY_INSTANT, max_years_between_matches=8).get_next(datetime)
    except CroniterBadDateError:
        return f"found {value!r}, which names a date that never comes"
    except (CroniterError, ValueError) as error:
        return f"found {value!r}, {expected}: {error}"
    return ""


def _timezone(value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"found {value!r}, expected a name of the time zone database such as Europe/Madrid or UTC"
    return ""


def _missed(value: object) -> str:
    match value:
        case "skip":
            return ""
        case {"within_minutes": int(minutes), **rest} if minutes > 0 and not rest and not isinstance(minutes, bool):
            return "" if minutes <= MOST_MINUTES_LATE else f"expected at most {MOST_MINUTES_LATE} minutes, a year"
        case _:
            return f'found {value!r}, expected "skip" or {{"within_minutes": 30}}'


def _inputs(value: object) -> str:
    return "" if isinstance(value, dict) else f"found {value!r}, expected the inputs by name, such as {{}}"


def _elements(value: object) -> str:
    fine = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return "" if fine else f"found {value!r}, expected a list of element names"


def _version(value: object) -> str:
    digits = str(value)
    fine = value == "latest" or (digits.isdecimal() and len(digits) <= _MOST_DIGITS and int(digits) > 0)
    return "" if fine else f'found {value!r}, expected "latest" or the number of a version'


def _as_date(value: object) -> date | None:
    """The first or the last day: a date, or its text, which whoever read it has found to be one."""
    return date.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, date) else None


def _day(value: object) -> str:
    day = _as_date(value)
    if day is None or _FIRST_DAY <= day <= _LAST_DAY:
        return ""
    return f"found {day}, expected a date from {_FIRST_DAY} to {_LAST_DAY}; without one there is no such limit"


def _blackout(value: object) -> str:
    if not isinstance(value, list):
        return f"found {value!r}, expected a list"
    if any(isinstance(window, dict) and "calendar" in window for window in value):
        return "a calendar is not available in this release; write the dates as from and to"
    expected = f'{{"from": DATE, "to": DATE}} or {{"days": [...], "from": "22:00", "to": "24:00"}}; {_SPAN}'
    wrong = [window for window in value if not _is_window(window)]
    return f"found {wrong[0]!r}, expected {expected}" if wrong else ""


def _stop_new_after(value: object) -> str:
    return "is not available in this release; leave it empty" if value else ""


def _is_window(window: object) -> bool:
    match window:
        case {"days": days, "from": str(begin), "to": str(end), **rest}:
            return bool(days) and not _days(days) and _is_time(begin) and (_is_time(end) or end == "24:00") and not rest
        case {"from": str(begin), "to": str(end), **rest}:
            return _is_date(begin) and _is_date(end) and begin <= end and not rest
        case _:
            return False


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and _FIRST_DAY <= day <= _LAST_DAY


_CHECKS: Final[Mapping[str, Callable[[object], str]]] = {
    "days": _days,
    "times": _times,
    "cron": _cron,
    "timezone": _timezone,
    "missed": _missed,
    "inputs": _inputs,
    "elements": _elements,
    "version": _version,
    "start": _day,
    "end": _day,
    "blackout": _blackout,
    "stop_new_after": _stop_new_after,
}
CHECKED_FIELDS: Final = tuple(_CHECKS)
"""The fields that ``problems_of`` looks at."""
