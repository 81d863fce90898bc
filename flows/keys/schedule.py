"""The keys of a schedule: when, what, for whom, and what happens otherwise (4.3)."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from flows.keys.fields import Fields
from flows.schedule.checks import DAYS, problems_of
from flows.tasks.words import did_you_mean

_MOST: Final = {"cron": 200, "timezone": 60, "run_as": 150, "owner": 150}


def read_schedule_keys(fields: Fields) -> dict[str, Any]:
    """Every key but the name, in normal form: days in the order of the week, times in that of the day."""
    reader = fields.reader
    values: dict[str, Any] = {
        "flow": reader.text("flow", required=True),
        "days": _given(fields, "days", []),
        "times": _given(fields, "times", []),
        "cron": _text(fields, "cron"),
        "timezone": _text(fields, "timezone") or "UTC",
        "overlap": reader.choice("overlap", ("skip", "queue", "allow"), default="skip"),
        "missed": _given(fields, "missed", "skip"),
        "inputs": _given(fields, "inputs", {}),
        "elements": _given(fields, "elements", []),
        "version": _given(fields, "version", "latest"),
        "run_as": _text(fields, "run_as"),
        "start": _date(fields, "start"),
        "end": _date(fields, "end"),
        "blackout": _given(fields, "blackout", []),
        "owner": _text(fields, "owner"),
        "note": _text(fields, "note"),
        "enabled": reader.flag("enabled", default=True),
    }
    wrong = list(problems_of({**values, "stop_new_after": reader.take("stop_new_after")}))
    for problem in wrong:
        fields.note(problem.field, problem.message)
    return values if wrong else {**values, **_in_order(values)}


def _in_order(values: dict[str, Any]) -> dict[str, Any]:
    version = str(values["version"])
    return {
        "days": [day for day in DAYS if day in values["days"]],
        "times": sorted(values["times"]),
        "cron": " ".join(values["cron"].split()),
        "version": int(version) if version.isdecimal() else version,
    }


def _given(fields: Fields, key: str, default: Any) -> Any:
    value = fields.reader.take(key)
    return default if value is None else value


def _text(fields: Fields, key: str) -> str:
    """A text, which may be empty."""
    value = _given(fields, key, "")
    if not isinstance(value, str):
        fields.reader.problem(key, value, "a text")
        return ""
    if len(value) > _MOST.get(key, len(value)):
        fields.note(key, f"has {len(value)} characters, expected at most {_MOST[key]}")
    return value


def _date(fields: Fields, key: str) -> str | None:
    value = fields.reader.take(key)
    if value is None:
        return None
    if isinstance(value, str) and _is_date(value):
        return value
    fields.reader.problem(key, value, "a date such as 2026-12-24")
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def undeclared(inputs: Iterable[str], declared: Iterable[str]) -> list[tuple[str, str]]:
    """(key, message) for each input that the flow does not declare."""
    known = list(declared)
    takes = f"is not declared by the flow, which takes {', '.join(known) or 'none'}"
    return [
        (f"inputs.{name}", f"input {name!r} {takes}{did_you_mean(name, known)}") for name in inputs if name not in known
    ]
