"""The page of a run: what the server writes into it for the script, for whom, and how many queries that takes."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.models import Run, Schedule, ScheduledStart
from flows.queries.run_page import usual_seconds
from flows.web.states import looks
from flowsite.settings import BASE_DIR
from tests.factories import AN_INSTANT, make_flow_version, make_run
from tests.web.people import client_of

pytestmark = pytest.mark.django_db


def opened(run: Run, role: str = "viewer") -> Any:
    answer = client_of(role).get(f"/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer


def page_data(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', answer.text)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def ended(seconds: float, **fields: Any) -> Run:
    times = {"started_at": AN_INSTANT, "ended_at": AN_INSTANT + timedelta(seconds=seconds)}
    return make_run(**{"state": "succeeded", **times, **fields})


def test_the_page_says_who_started_what_why_and_with_what() -> None:
    version = make_flow_version("Rolling restart", mode="parallel", error_threshold="10%")
    run = make_run(
        version, mode="parallel", run_reason="CHG-1", started_by="alice", inputs={"service": "nginx"}, narrowed=["db1"]
    )
    data = page_data(opened(run))
    assert {key: data[key] for key in ("run", "root", "parent", "flow", "version", "mode", "error_threshold")} == {
        "run": run.pk,
        "root": run.pk,
        "parent": None,
        "flow": "Rolling restart",
        "version": 1,
        "mode": "parallel",
        "error_threshold": "10%",
    }
    assert (data["flow_id"], data["started_by"], data["run_reason"]) == (version.flow_id, "alice", "CHG-1")
    assert (data["inputs"], data["narrowed"], data["schedule"]) == ({"service": "nginx"}, ["db1"], None)


def test_a_child_leads_to_its_root_which_says_who_and_why() -> None:
    root = make_run(make_flow_version("Parent"), started_by="alice", run_reason="CHG-2")
    child = make_run(make_flow_version("Child"), root=root, parent=root, number=1, started_by="", inputs={"n": 1})
    data = page_data(opened(child))
    assert (data["run"], data["root"], data["parent"], data["flow"]) == (child.pk, root.pk, root.pk, "Child")
    assert (data["started_by"], data["run_reason"], data["inputs"]) == ("alice", "CHG-2", {"n": 1})


def test_a_run_of_a_schedule_names_it() -> None:
    version = make_flow_version("Nightly")
    run = make_run(version)
    schedule = Schedule.objects.create(name="Every night", flow=version.flow, cron="0 2 * * *")
    ScheduledStart.objects.create(schedule=schedule, intended_at=AN_INSTANT, at=AN_INSTANT, outcome="started", run=run)
    assert page_data(opened(run))["schedule"] == "Every night"


def test_the_usual_time_is_that_of_the_last_runs_that_went_well() -> None:
    assert usual_seconds("F1") is None
    for seconds in (10, 20, 600):
        ended(seconds)
    ended(1, state="failed")
    ended(1, flow_name="F2")
    assert usual_seconds("F1") == 20
    for _ in range(10):
        ended(30)
    assert usual_seconds("F1") == 30


def test_there_is_no_page_for_no_run_and_none_for_strangers() -> None:
    answer = client_of("viewer").get("/runs/999/")
    assert answer.status_code == 404
    assert "There is no run 999" in answer.text
    run = make_run()
    anonymous = client_of("viewer")
    anonymous.logout()
    assert anonymous.get(f"/runs/{run.pk}/").headers["Location"] == f"/login/?next=/runs/{run.pk}/"


@pytest.mark.parametrize(("role", "starts"), [("viewer", False), ("operator", True)])
def test_only_who_may_start_flows_gets_the_start_sheet(role: str, *, starts: bool) -> None:
    answer = opened(make_run(), role)
    frame, page, sheet = 1, 1, 1 if starts else 0
    assert answer.text.count('<script type="module"') == frame + page + sheet
    may = re.search(r'data-may="([^"]*)"', answer.text)
    assert may
    assert ("run.control" in may[1].split()) is starts


def test_the_page_of_a_run_takes_few_queries() -> None:
    run = make_run(make_flow_version("Rolling restart"))
    for number in range(1, 20):
        make_run(root=run, parent=run, number=number)
    client = client_of("viewer")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(f"/runs/{run.pk}/")
    assert len(queries) <= 6


def test_the_matrix_draws_each_state_with_the_icon_that_it_has_everywhere() -> None:
    css = (BASE_DIR / "frontend" / "src" / "run" / "run.css").read_text()
    drawn = re.findall(r"data-state='(\w+)'\] \{ --mx-icon: url\('[^']*/([\w-]+)\.svg'\)", css)
    assert dict(drawn) == {state: look["icon"] for state, look in looks().items()}


def test_the_blocks_of_a_run_are_those_of_its_version_and_of_its_children_as_they_were() -> None:
    make_flow_version("Child", execution_script="run_task('As it was')\n")
    version = make_flow_version("Parent", execution_script="run_flow('Child')\n")
    make_flow_version("Parent", execution_script="log('newer')\n")
    make_flow_version("Child", execution_script="run_task('As it is')\n", at=AN_INSTANT + timedelta(days=1))
    picture = opened(make_run(version, state="running", started_at=AN_INSTANT)).context["picture"]
    assert 'data-path="1" data-sites="1" data-said="Step 1.1: run As it was"' in picture
    assert "newer" not in picture
    assert "As it is" not in picture


def test_a_run_whose_version_is_not_kept_says_so() -> None:
    answer = opened(make_run(None, flow_name="Gone", state="succeeded", ended_at=AN_INSTANT))
    assert answer.context["picture"] == ""
    assert "is not kept any more" in answer.text
