"""What a schedule may say (4.3)."""

from datetime import date
from typing import Any

import pytest

from flows.schedule.checks import problems_of

GOOD: dict[str, Any] = {
    "days": ["sun"],
    "times": ["02:00"],
    "cron": "",
    "timezone": "Europe/Madrid",
    "missed": "skip",
    "inputs": {},
    "elements": [],
    "version": "latest",
    "blackout": [],
}
BY_CRON: dict[str, Any] = {"days": [], "times": []}


def told(**changes: Any) -> dict[str, str]:
    return {problem.field: problem.message for problem in problems_of({**GOOD, **changes})}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {**BY_CRON, "cron": "0 2 * * sun"},
        {**BY_CRON, "cron": "*/5 0-6,22 1 jan-mar *"},
        {**BY_CRON, "cron": "0 0 29 2 *"},
        {"missed": {"within_minutes": 30}},
        {"version": "3"},
        {"start": "2026-12-24", "end": date(2199, 12, 31)},
        {"inputs": {"a": 1}, "elements": ["db1"]},
        {
            "blackout": [
                {"from": "2026-12-24", "to": "2026-12-26"},
                {"days": ["sat"], "from": "22:00", "to": "24:00"},
            ]
        },
    ],
)
def test_what_the_document_allows_is_allowed(changes: dict[str, Any]) -> None:
    assert told(**changes) == {}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"days": ["sunday"]}, "days", "expected a list of mon, tue"),
        ({"days": ["sun", "sun"]}, "days", "twice"),
        ({"days": "sun"}, "days", "expected a list"),
        ({"times": ["99:99"]}, "times", "found ['99:99']"),
        ({"times": ["2:00"]}, "times", "expected a list of times"),
        ({"times": [], "days": ["sun"]}, "times", "go together"),
        (BY_CRON, "days", "nothing says when"),
        ({"cron": "0 2 * * *"}, "cron", "use either those or cron"),
        ({**BY_CRON, "cron": "nonsense"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "@daily"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "0 0 L * *"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "0 0 * * mon#2"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "* * * * * *"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "61 * * * *"}, "cron", "expected five fields"),
        ({**BY_CRON, "cron": "0 0 31 2 *"}, "cron", "never comes"),
        ({"timezone": "Mars/X"}, "timezone", "such as Europe/Madrid"),
        ({"timezone": ""}, "timezone", "such as Europe/Madrid"),
        ({"timezone": "../etc/passwd"}, "timezone", "such as Europe/Madrid"),
        ({"missed": 7}, "missed", 'expected "skip"'),
        ({"missed": {"within_minutes": 0}}, "missed", 'expected "skip"'),
        ({"missed": {"within_minutes": True}}, "missed", 'expected "skip"'),
        ({"inputs": [1]}, "inputs", "by name"),
        ({"elements": [1]}, "elements", "element names"),
        ({"version": "bogus"}, "version", "latest"),
        ({"version": "0"}, "version", "latest"),
        ({"blackout": [{"from": "2026-12-26", "to": "2026-12-24"}]}, "blackout", 'expected {"from": DATE'),
        ({"blackout": [{"from": "2026-12-32", "to": "2026-12-33"}]}, "blackout", 'expected {"from": DATE'),
        ({"blackout": [{"days": ["sat"], "from": "22:00"}]}, "blackout", 'expected {"from": DATE'),
        ({"blackout": [{"calendar": "holidays"}]}, "blackout", "not available in this release"),
        ({"stop_new_after": "06:00"}, "stop_new_after", "not available in this release"),
        ({"blackout": "never"}, "blackout", "expected a list"),
        ({"blackout": [{"days": [], "from": "22:00", "to": "24:00"}]}, "blackout", 'expected {"from": DATE'),
        ({"blackout": [{"from": "2026-01-01", "to": "9999-12-31"}]}, "blackout", "1970-01-01 to 2199-12-31"),
        ({"start": "9999-01-01"}, "start", "expected a date from 1970-01-01 to 2199-12-31"),
        ({"start": date(1, 1, 1)}, "start", "found 0001-01-01"),
        ({"end": date(9999, 12, 31)}, "end", "without one there is no such limit"),
        ({"start": "2026-12-02", "end": date(2026, 12, 1)}, "end", "not before start, 2026-12-02"),
        ({"missed": {"within_minutes": 10**12}}, "missed", "expected at most 525600 minutes"),
        ({"version": "9" * 5000}, "version", "latest"),
    ],
)
def test_everything_else_is_refused_with_what_was_found(changes: dict[str, Any], field: str, message: str) -> None:
    assert message in told(**changes)[field]
