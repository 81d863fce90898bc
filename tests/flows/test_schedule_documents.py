"""Schedules as YAML documents: applied with what they start, exported as they were meant, and idempotent."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from flows.models import Schedule
from tests.commands.running import Ended, manage
from tests.documents.texts import SCHEDULE
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ALL = """\
kind: Schedule
name: Sunday restart
flow: Restart
days: [sun, sat]
times: ["14:30", "02:00"]
timezone: Europe/Madrid
overlap: queue
missed: {within_minutes: 30}
inputs: {service: postgresql}
elements: [db1]
version: 1
run_as: olga
start: 2026-12-24
end: null
stop_new_after: null
blackout: [{from: 2026-12-24, to: 2026-12-26}, {days: [sat], from: "22:00", to: "24:00"}]
owner: olga
note: 'Quiet hours: agreed with the DBAs'
enabled: true
---
kind: Schedule
name: Every five minutes
flow: Restart
cron: "*/5  * * * *"
enabled: false
---
kind: Flow
name: Restart
mode: serial
target: {all: true}
inputs: [{name: service, default: etcd}]
execution_script: log('x')
---
kind: Element
name: db1
profile: here
---
kind: Profile
name: here
connection: {type: local}
"""


@pytest.fixture(autouse=True)
def olga() -> None:
    """The account that a document names."""
    make_user("operator", "olga")


def apply(directory: Path, text: str) -> Ended:
    file = directory / "schedules.yaml"
    file.write_text(text)
    return manage("apply", str(file))


def test_a_schedule_is_stored_after_what_it_starts_and_applying_it_again_changes_nothing(tmp_path: Path) -> None:
    ended = apply(tmp_path, ALL)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[-2:] == ["created Schedule Sunday restart", "created Schedule Every five minutes"]
    restart, often = Schedule.objects.get(name="Sunday restart"), Schedule.objects.get(name="Every five minutes")
    assert (restart.days, restart.times, restart.version) == (["sat", "sun"], ["02:00", "14:30"], "1")
    assert (restart.missed, restart.start, restart.enabled) == ({"within_minutes": 30}, date(2026, 12, 24), True)
    assert (often.cron, often.timezone, often.enabled, often.next_at) == ("*/5 * * * *", "UTC", False, None)
    assert restart.next_at is not None
    assert {line.split()[0] for line in apply(tmp_path, ALL).lines} == {"unchanged"}
    assert apply(tmp_path, ALL.replace("within_minutes: 30", "within_minutes: 60")).lines[-2:] == [
        "updated Schedule Sunday restart",
        "unchanged Schedule Every five minutes",
    ]


def test_what_is_exported_is_taken_back_unchanged_and_leaves_defaults_out(tmp_path: Path) -> None:
    apply(tmp_path, ALL)
    exported = manage("export", "schedules").out
    assert [list(document) for document in yaml.safe_load_all(exported)] == [
        ["kind", "name", "flow", "cron", "enabled"],
        ["kind", "name", "flow", "days", "times", "timezone", "overlap", "missed", "inputs", "elements", "version",
         "run_as", "start", "blackout", "owner", "note"],
    ]  # fmt: skip
    ended = apply(tmp_path, exported)
    assert ended.lines == ["unchanged Schedule Every five minutes", "unchanged Schedule Sunday restart"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("run_as: nobody", "nobody's user name"),
        ("version: 3", "F has no version 3"),
        ("elements: [db9]", "db9"),
    ],
)
def test_what_only_the_stored_state_forbids_stores_nothing(tmp_path: Path, line: str, told: str) -> None:
    ended = apply(tmp_path, f"{SCHEDULE}{line}\n")
    assert ended.code == 1
    assert ended.err.startswith(f"{tmp_path}/schedules.yaml:7: Schedule 'S': ")
    assert told in ended.err
    assert not Schedule.objects.exists()
