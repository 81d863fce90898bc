"""``uses`` and ``rename`` of tasks and flows over REST."""

from typing import Any

import pytest

from flows.models import FlowDraft, TaskVersion
from tests.api.conftest import Clients
from tests.factories import AN_INSTANT, make_flow_version, make_run, make_task_version

pytestmark = pytest.mark.django_db


def test_a_task_tells_its_uses_and_refuses_to_be_renamed_while_there_are_any(client_of: Clients) -> None:
    task = make_task_version("Stop").task
    flow = make_flow_version("Restart", execution_script="run_task('Stop')\n").flow
    author = client_of("author")
    place = {
        "where": "flow", "id": flow.pk, "name": "Restart", "how": "call", "line": 1, "site": 1, "version": 1, "by": "",
    }  # fmt: skip
    assert client_of("viewer").get(f"/api/tasks/{task.pk}/uses").json() == {
        "published": [place], "drafts": [], "schedules": [], "computing": [],
    }  # fmt: skip
    refused = author.post(f"/api/tasks/{task.pk}/rename", {"name": "Halt"})
    assert (refused.status_code, refused.json()["code"], refused.json()["places"]) == (409, "in_use", [place])
    make_flow_version("Restart", execution_script="log('x')\n")
    FlowDraft.objects.create(
        flow=flow, execution_script="run_task('Stop')\n", written_by="ann", written_at=AN_INSTANT, base_version=2
    )
    answer = author.post(f"/api/tasks/{task.pk}/rename", {"name": "Halt"})
    assert answer.json() == {"old": "Stop", "new": "Halt", "rewritten": ["Restart"], "left": []}
    assert author.get(f"/api/tasks/{task.pk}").json()["name"] == "Halt"
    assert author.get(f"/api/drafts/{flow.pk}").json()["execution_script"] == "run_task('Halt')\n"


def test_a_flow_is_renamed_and_found_with_its_runs(client_of: Clients) -> None:
    version = make_flow_version("Restart")
    run = make_run(version)
    author, address = client_of("author"), f"/api/flows/{version.flow_id}"
    assert author.post(f"{address}/rename", {"name": "Roll"}).json()["new"] == "Roll"
    assert (author.get(address).json()["name"], author.get(address).json()["version"]) == ("Roll", 2)
    for name in ("Roll", "Restart"):
        assert [found["id"] for found in author.get(f"/api/runs?flow={name}").json()["results"]] == [run.pk]
    assert author.get(f"{address}/uses").json()["published"] == []
    refused = author.post(
        "/api/flows", {"name": "Restart", "mode": "serial", "target": {"all": True}, "execution_script": "log('x')\n"}
    )
    assert refused.status_code == 400
    assert "was the name of the flow 'Roll'" in refused.json()["message"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "Start"}, 409, "name"),
        ({"name": " "}, 400, "name"),
        ({}, 400, "name"),
        ({"name": "A", "x": 1}, 400, "x"),
    ],
)
def test_what_is_no_new_name_is_refused(client_of: Clients, body: dict[str, Any], status: int, field: str) -> None:
    make_task_version("Start")
    task = make_task_version("Stop").task
    answer = client_of("author").post(f"/api/tasks/{task.pk}/rename", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (status, [field])
    assert TaskVersion.objects.count() == 2


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_renaming_over_rest_is_for_authors(client_of: Clients, role: str) -> None:
    task, flow = make_task_version("Stop").task, make_flow_version("Restart").flow
    for address in (f"/api/tasks/{task.pk}/rename", f"/api/flows/{flow.pk}/rename"):
        assert client_of(role).post(address, {"name": "X"}).status_code == 403
