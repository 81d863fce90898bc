"""Schedules over REST: the keys of their documents in and out, with the next starts."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Schedule
from tests.api.conftest import Clients

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("fleet")]

RESTART: dict[str, Any] = {
    "name": "Sunday restart",
    "flow": "Rolling restart",
    "days": ["sun"],
    "times": ["02:00"],
    "timezone": "Europe/Madrid",
    "missed": {"within_minutes": 30},
    "inputs": {"service": "postgresql"},
    "start": "2026-01-01",
    "version": 1,
}


@pytest.fixture
def administrator(client_of: Clients) -> APIClient:
    """Who may change schedules."""
    return client_of("administrator")


def create(client: APIClient, **changes: Any) -> Any:
    return client.post("/api/schedules/", {**RESTART, **changes})


def test_a_schedule_is_created_shown_and_replaced(administrator: APIClient) -> None:
    created = create(administrator)
    assert created.status_code == 201, created.data
    shown = administrator.get(f"/api/schedules/{created.data['id']}").data
    assert shown == created.data
    assert {key: shown[key] for key in RESTART} == RESTART
    assert (shown["overlap"], shown["blackout"], shown["enabled"]) == ("skip", [], True)
    assert shown["owner"] == "the administrator"
    assert len(shown["next_starts"]) == 5
    replaced = administrator.put(
        f"/api/schedules/{shown['id']}/", {"flow": "Rolling restart", "cron": "*/5 * * * *", "enabled": False}
    )
    assert replaced.status_code == 200, replaced.data
    assert (replaced.data["days"], replaced.data["cron"], replaced.data["next_starts"]) == ([], "*/5 * * * *", [])


def test_what_was_read_can_be_sent_back_and_changes_nothing(administrator: APIClient) -> None:
    shown = create(administrator).data
    assert administrator.put(f"/api/schedules/{shown['id']}/", shown).data == shown


def test_schedules_are_listed_filtered_and_searched(administrator: APIClient, client_of: Clients) -> None:
    create(administrator)
    create(administrator, name="Off", enabled=False)
    viewer = client_of("viewer")

    def names(query: str = "") -> list[str]:
        return [row["name"] for row in viewer.get(f"/api/schedules/{query}").data["results"]]

    assert names() == ["Off", "Sunday restart"]
    assert names("?enabled=true") == ["Sunday restart"]
    assert names("?enabled=false") == ["Off"]
    assert viewer.get("/api/schedules/?enabled=maybe").data["fields"]["enabled"] == [
        "Select a valid choice. maybe is not one of the available choices."
    ]
    assert names("?flow=Check") == []
    assert names("?search=sunday") == ["Sunday restart"]
    assert names("?ordering=-name") == ["Sunday restart", "Off"]


@pytest.mark.parametrize(
    ("changes", "status", "field", "told"),
    [
        ({"flow": "Rolling restrat"}, 400, "flow", "did you mean 'Rolling restart'?"),
        ({"times": ["2"]}, 400, "times", "expected a list of times"),
        ({"cron": "0 2 * * *"}, 400, "cron", "use either those or cron"),
        ({"when": "now"}, 400, "when", "no known key"),
        ({"inputs": {"a": 1}, "version": "latest"}, 400, "inputs.a", "not declared"),
        ({"version": 9}, 400, "version", "has no version 9"),
        ({"version": "9" * 5000}, 400, "version", "the number of a version"),
        ({"missed": {"within_minutes": 10**12}}, 400, "missed", "expected at most 525600 minutes"),
        ({"start": "9999-01-01"}, 400, "start", "expected a date from 1970-01-01"),
        ({"blackout": [{"from": "2026-01-01", "to": "9999-12-31"}]}, 400, "blackout", "expected {"),
        ({"run_as": "nobody"}, 400, "run_as", "nobody's user name"),
        ({"blackout": [{"calendar": "holidays"}]}, 400, "blackout", "not available in this release"),
        ({"stop_new_after": "06:00"}, 400, "stop_new_after", "not available in this release"),
    ],
)
def test_what_cannot_be_is_refused_field_by_field(
    administrator: APIClient, changes: dict[str, Any], status: int, field: str, told: str
) -> None:
    refused = create(administrator, **changes)
    assert refused.status_code == status, refused.data
    assert told in refused.data["fields"][field][0], refused.data
    assert not Schedule.objects.exists()


def test_names_are_given_once_and_kept(administrator: APIClient) -> None:
    shown = create(administrator).data
    assert create(administrator).data["code"] == "name_taken"
    renamed = administrator.put(f"/api/schedules/{shown['id']}/", {**RESTART, "name": "Monday restart"})
    assert renamed.data["code"] == "name_fixed"


@pytest.mark.parametrize("role", ["viewer", "operator", "author"])
def test_administrators_alone_change_schedules(client_of: Clients, role: str) -> None:
    assert create(client_of(role)).status_code == 403
    assert client_of(role).get("/api/schedules/").status_code == 200
