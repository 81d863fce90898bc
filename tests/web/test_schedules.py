"""The page of schedules: the calendar, the list, and who may enable what."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Schedule, ScheduledStart
from flows.operations.schedules import save_schedule
from flowsite.kernel.access import SYSTEM
from tests.factories import AN_INSTANT, make_flow_version, make_run
from tests.flows.test_schedules import VALUES
from tests.web.people import client_of, main_text

pytestmark = pytest.mark.django_db


def make(name: str = "Sunday restart", **changes: Any) -> Schedule:
    save_schedule(values={**VALUES, "name": name, **changes}, by=SYSTEM)
    return Schedule.objects.get(name=name)


def calendar(answer: Any) -> dict[str, list[dict[str, Any]]]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', answer.text)
    assert found
    read: dict[str, list[dict[str, Any]]] = json.loads(found[1])
    return read


@pytest.fixture
def administrator() -> Client:
    """One who may sign in to the admin too."""
    client = client_of("administrator")
    User.objects.filter(username="the administrator").update(is_staff=True)
    return client


@pytest.mark.parametrize("role", ["viewer", "operator", "author", "administrator"])
def test_everybody_sees_schedules_and_administrators_alone_change_them(role: str) -> None:
    make_flow_version()
    schedule = make()
    client = client_of(role)
    shown = main_text(client.get("/schedules/"))
    assert "Sunday at 02:00, Europe/Madrid" in shown
    assert ("Disable Sunday restart" in shown) is (role == "administrator")
    answer = client.post("/schedules/", {"schedule": schedule.pk, "do": "disable"})
    assert answer.status_code == (302 if role == "administrator" else 403)
    schedule.refresh_from_db()
    assert schedule.enabled is (role != "administrator")


def test_the_list_links_into_the_admin_for_those_who_may_go_there(administrator: Client) -> None:
    make_flow_version()
    schedule = make()
    assert f"/admin/flows/schedule/{schedule.pk}/change/" in main_text(administrator.get("/schedules/"))
    assert "/admin/" not in main_text(client_of("operator").get("/schedules/"))


def test_without_schedules_the_page_says_what_to_do_next(administrator: Client) -> None:
    assert "First publish a flow" in main_text(administrator.get("/schedules/"))
    make_flow_version()
    assert "/admin/flows/schedule/add/" in main_text(administrator.get("/schedules/"))
    assert "An administrator can add one" in main_text(client_of("operator").get("/schedules/"))
    make()
    assert "No schedule matches" in main_text(administrator.get("/schedules/?flow=F2"))


def test_the_calendar_has_each_start_of_a_week_and_only_the_next_of_what_starts_many_times_a_day() -> None:
    make_flow_version()
    make(days=["sun", "wed"])
    make("Hourly", days=[], times=[], cron="0 * * * *")
    make("Heartbeat", days=[], times=[], cron="*/5 * * * *")
    make("Off", enabled=False)
    found = calendar(client_of("viewer").get("/schedules/"))
    names = [start["name"] for start in found["starts"]]
    assert (names.count("Hourly"), names.count("Sunday restart") in (2, 3)) == (8 * 24, True)
    assert [start["name"] for start in found["often"]] == ["Heartbeat"]
    assert [start["at"] for start in found["starts"]] == sorted(start["at"] for start in found["starts"])
    one_flow = calendar(client_of("viewer").get("/schedules/?enabled=no"))
    assert one_flow == {"starts": [], "often": []}


def test_the_last_start_of_each_is_told_with_its_run_or_its_reason(django_assert_max_num_queries: Any) -> None:
    version = make_flow_version()
    ran, skipped = make("Ran"), make("Skipped")
    run = make_run(version, state="partial", ended_at=AN_INSTANT)
    note = {"intended_at": AN_INSTANT, "at": AN_INSTANT}
    ScheduledStart.objects.create(schedule=ran, outcome="started", run=run, **note)
    ScheduledStart.objects.create(schedule=skipped, outcome="skipped_overlap", reason="run 7 was not over", **note)
    for number in range(10):
        make(f"More {number}")
    client = client_of("viewer")
    with django_assert_max_num_queries(12):
        shown = main_text(client.get("/schedules/?order=-next"))
    assert f'href="/runs/{run.pk}/"' in shown
    assert "run 7 was not over" in shown
    assert 'data-state="partial"' in shown
    assert 'data-state="skipped"' in shown


def test_a_schedule_that_cannot_start_is_not_enabled_and_the_page_says_why() -> None:
    make_flow_version()
    schedule = make(enabled=False, run_as="nobody")
    client = client_of("administrator")
    answer = client.post("/schedules/", {"schedule": schedule.pk, "do": "enable"}, follow=True)
    assert "It was not enabled" in answer.text
    assert "user name" in answer.text
    for nobodys in ("x", "9" * 5000):
        assert client.post("/schedules/", {"schedule": nobodys, "do": "enable"}).status_code == 400


def test_what_is_enabled_here_starts_nothing_from_before() -> None:
    make_flow_version()
    schedule = make(enabled=False)
    client_of("administrator").post("/schedules/", {"schedule": schedule.pk, "do": "enable"})
    schedule.refresh_from_db()
    assert schedule.next_at is not None
    assert datetime.now(UTC) < schedule.next_at < datetime.now(UTC) + timedelta(days=8)
