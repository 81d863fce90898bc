"""Tasks and flows over REST: what is published, checked, planned."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from flows.models import Flow, FlowVersion, Task, TaskVersion
from tests.api.conftest import Clients

pytestmark = pytest.mark.usefixtures("fleet")

FLOW: dict[str, Any] = {"name": "F", "mode": "parallel", "execution_script": "run_task('Stop service', service='x')\n"}


def flow_address(name: str = "Rolling restart") -> str:
    return f"/api/flows/{Flow.objects.get(name=name).pk}"


def test_flows_are_listed_with_their_current_version(client_of: Clients) -> None:
    answer = client_of("viewer").get("/api/flows/")
    [check, restart] = answer.data["results"]
    assert (check["name"], check["version"], check["mode"], check["execution_script"]) == (
        "Check", 1, "parallel", "log('checked')",
    )  # fmt: skip
    assert restart["target"] == {"profile": "linux", "groups": ["patroni"], "filters": ["env == prod", "version >= 15"]}


def test_lists_cost_the_same_queries_whatever_their_length(client_of: Clients) -> None:
    client = client_of("author")

    def queries(kind: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/{kind}/").status_code == 200
        return len(captured)

    few = [queries("flows"), queries("tasks")]
    for index in range(5):
        assert client.post("/api/flows/", {**FLOW, "name": f"F{index}"}).status_code == 201
        assert client.post("/api/tasks/", {"name": f"T{index}", "command": "true"}).status_code == 201
    assert [queries("flows"), queries("tasks")] == few
    assert max(few) <= 5


def test_a_task_is_created_and_then_published_again(client_of: Clients) -> None:
    client = client_of("author")
    created = client.post("/api/tasks/", {"name": "T", "command": "true", "retries": 2})
    assert (created.status_code, created.data["version"], created.data["timeout"]) == (201, 1, 600)
    address = f"/api/tasks/{created.data['id']}/"
    assert client.put(address, {"command": "false"}).data["version"] == 2
    assert client.put(address, {"command": "false"}).data["version"] == 2
    assert TaskVersion.objects.filter(task__name="T").count() == 2
    assert client.get(address).data["retries"] == 0


def test_what_was_read_can_be_published_back_and_changes_nothing(client_of: Clients) -> None:
    client = client_of("author")
    for kind in ("tasks", "flows"):
        for item in client.get(f"/api/{kind}/").data["results"]:
            assert client.put(f"/api/{kind}/{item['id']}/", item).data == item


def test_publish_lays_keys_over_the_current_version(client_of: Clients) -> None:
    client = client_of("author")
    answer = client.post(f"{flow_address()}/publish", {"concurrency": 3})
    assert (answer.status_code, answer.data["version"], answer.data["concurrency"]) == (200, 2, 3)
    assert answer.data["error_threshold"] == "10%"


def test_check_tells_every_problem_with_its_line_and_stores_nothing(client_of: Clients) -> None:
    """R16."""
    body = {
        "execution_script": "log('x')\nrun_task('Stp')\nrun_flow('Rolling restart')",
        "batches": [1],
        "mode": "serial",
    }
    answer = client_of("viewer").post(f"{flow_address()}/check", body)
    assert answer.status_code == 200
    assert [(problem["key"], problem["line"]) for problem in answer.data["problems"]] == [("batches", 0)]  # R21
    answer = client_of("viewer").post(f"{flow_address()}/check", {**body, "batches": []})
    assert [(problem["key"], problem["line"]) for problem in answer.data["problems"]] == [
        ("execution_script", 2),
        ("execution_script", 3),
    ]
    assert FlowVersion.objects.filter(flow__name="Rolling restart").count() == 1


def test_a_sound_flow_has_no_problems(client_of: Clients) -> None:
    assert client_of("viewer").post(f"{flow_address()}/check", {}).data == {"problems": []}


@pytest.mark.parametrize(
    ("kind", "body", "field", "message"),
    [
        (
            "flows",
            {**FLOW, "lock": "shared"},
            "lock",
            "lock is not available in this release; leave it out or write exclusive",
        ),
        (
            "flows",
            {**FLOW, "mode": "seriel"},
            "mode",
            "mode is 'seriel', expected one of serial, parallel; did you mean 'serial'?",
        ),
        (
            "flows",
            {**FLOW, "target": {"profile": "linx"}},
            "target.profile",
            "there is no profile 'linx'; did you mean 'linux'?",
        ),
        (
            "flows",
            {**FLOW, "execution_script": "x = 1\nlog(x"},
            "execution_script",
            "line 2: not valid Python 3.11: '(' was never closed",
        ),
        (
            "tasks",
            {"name": "T", "command": "\necho {{ x | qote }}"},
            "command",
            "line 2: no filter 'qote'; did you mean 'quote'?",
        ),
        ("tasks", {"name": "T", "class": "http"}, "class", None),
        ("tasks", {"name": "T"}, "command", "command is missing, expected a text"),
    ],
)
def test_problems_of_a_definition_stand_by_field(
    client_of: Clients, kind: str, body: dict[str, Any], field: str, message: str | None
) -> None:
    before = (Flow.objects.count(), Task.objects.count())
    answer = client_of("author").post(f"/api/{kind}/", body)
    assert (answer.status_code, answer.data["code"]) == (400, "definition")
    assert list(answer.data["fields"]) == [field]
    assert message in (None, answer.data["fields"][field][0])
    assert (Flow.objects.count(), Task.objects.count()) == before


def test_a_taken_name_is_a_conflict(client_of: Clients) -> None:
    answer = client_of("author").post("/api/flows/", {**FLOW, "name": "Check"})
    assert (answer.status_code, answer.data["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("nobody", "check", 403),
        ("viewer", "check", 200),
        ("viewer", "publish", 403),
        ("operator", "publish", 403),
        ("author", "publish", 200),
        ("viewer", "runs", 403),
        ("nobody", "plan", 403),
    ],
)
def test_each_action_needs_its_role(client_of: Clients, role: str, path: str, status: int) -> None:
    assert client_of(role).post(f"{flow_address()}/{path}", {}).status_code == status


def test_a_flow_that_is_not_there_is_404_in_the_shape_of_every_error(client_of: Clients) -> None:
    answer = client_of("author").post("/api/flows/999999/check", {})
    assert (answer.status_code, set(answer.data)) == (404, {"code", "message", "fields"})


def test_addresses_work_with_and_without_their_last_slash(client_of: Clients) -> None:
    client: APIClient = client_of("viewer")
    assert client.get("/api/flows").data == client.get("/api/flows/").data
    assert client.get(flow_address()).status_code == client.get(f"{flow_address()}/").status_code == 200
