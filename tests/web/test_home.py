"""Home: what went wrong lately, what starts next, the elements by state, and the list of first steps."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from elements.models import Element
from flows.demo.making import FIRST_REASON
from flows.models import Flow, FlowVersion, Run, RunElement, Schedule, StepRun
from flows.queries.first_steps import TOUR_FLOW
from flows.queries.overview import elements_by_last_state, overview, troubled_runs
from flowsite.kernel import audit
from flowsite.kernel.preferences import preferred
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_run, make_task_version
from tests.web.people import client_of, main_text, person

pytestmark = pytest.mark.django_db


def ended(state: str = "failed", at: datetime = AN_INSTANT, **fields: Any) -> Run:
    return make_run(state=state, started_at=at, ended_at=at, **fields)


def step(run: Run, element: str, status: str = "failed", site: int = 1) -> StepRun:
    return StepRun.objects.create(
        run=run, element_name=element, site=site, turn=1, attempt=1, step="run_task", name="Check disk", line=1,
        status=status, finished_at=AN_INSTANT,
    )  # fmt: skip


def publish(flow: Flow, number: int, by: str) -> None:
    FlowVersion.objects.create(flow=flow, number=number, name=flow.name, published_at=AN_INSTANT, published_by=by)


def steps_of(client: Client) -> dict[str, bool]:
    """The address of each first step, and whether it is ticked."""
    lines = re.findall(r'<li class="tone-(good|idle)">.*?<a href="([^"]+)"', main_text(client.get("/")), re.DOTALL)
    return {address: tone == "good" for tone, address in lines}


# --- the overview ---------------------------------------------------------------------------------------------------


def test_troubles_are_the_newest_five_that_failed_in_a_week_or_want_an_answer() -> None:
    old = ended(at=AN_INSTANT - timedelta(days=8))
    asks = make_run(state="needs_attention", started_at=AN_INSTANT - timedelta(days=30))
    wanted = [asks, ended(flow_name="A"), ended("partial", flow_name="B")]
    ended("succeeded"), ended("cancelled"), make_run(state="running")
    assert [run["id"] for run in troubled_runs(now=AN_INSTANT)] == [asks.pk, *(run.pk for run in wanted[:0:-1])]
    newest = [ended(flow_name=f"F{number}").pk for number in range(6)]
    assert [run["id"] for run in troubled_runs(now=AN_INSTANT)] == [asks.pk, *newest[:1:-1]], "what asks comes first"
    assert old.pk not in newest


def test_a_flow_that_fails_again_and_again_is_told_once_with_how_often() -> None:
    """By its newest run; what needs attention is told each by itself."""
    runs = [ended(flow_name="Nightly") for _ in range(4)]
    other = ended(flow_name="Other")
    ended(flow_name="Nightly", at=AN_INSTANT - timedelta(days=8))
    asks = [make_run(state="needs_attention", flow_name="Nightly") for _ in range(2)]
    found = [(run["id"], run["times"]) for run in troubled_runs(now=AN_INSTANT)]
    assert found == [(asks[1].pk, 1), (asks[0].pk, 1), (other.pk, 1), (runs[3].pk, 4)]


def test_a_trouble_leads_to_the_cell_that_failed_in_a_child_too() -> None:
    run = ended()
    child = make_run(root=run, parent=run, number=1)
    step(run, "db1", "succeeded", 1)
    step(child, "db4", "unreachable", 2)
    step(run, "db1", "cancelled", 3)
    expected = {"run": child.pk, "element": "db4", "site": 2, "name": "Check disk"}
    assert troubled_runs(now=AN_INSTANT)[0]["failing"] == expected


def test_a_trouble_without_a_failed_step_leads_to_the_run() -> None:
    ended()
    assert troubled_runs(now=AN_INSTANT)[0]["failing"] is None


def test_elements_are_counted_by_their_newest_root_run() -> None:
    elements = [make_element(f"db{number}") for number in range(4)]
    make_element("off", enabled=False)
    first, second = ended(), ended()
    child = make_run(root=second, parent=second, number=1)
    for run, number, state in [(first, 0, "failed"), (first, 1, "failed"), (second, 0, "succeeded"), (child, 0, "queued"), (second, 2, "succeeded")]:  # fmt: skip # noqa: E501
        RunElement.objects.create(run=run, position=number, name=f"db{number}", state=state, element=elements[number])
    assert elements_by_last_state() == {"by_state": {"succeeded": 2, "failed": 1}, "never_run": 1, "disabled": 1}


def test_the_schedules_that_start_next_come_earliest_first() -> None:
    flow = make_flow_version("Restart").flow
    for name, days in (("later", 2), ("sooner", 1)):
        at = AN_INSTANT + timedelta(days=days)
        Schedule.objects.create(name=name, flow=flow, cron="0 2 * * *", enabled=True, since=AN_INSTANT, next_at=at)
    Schedule.objects.create(name="off", flow=flow, cron="0 2 * * *")
    starts = overview(now=AN_INSTANT)["starts"]
    assert [(start["schedule"], start["flow"], start["flow_id"]) for start in starts] == [
        ("sooner", "Restart", flow.pk),
        ("later", "Restart", flow.pk),
    ]
    assert starts[0]["at"][0] == (AN_INSTANT + timedelta(days=1)).isoformat()
    assert starts[0]["at"] == sorted(starts[0]["at"])


def test_the_overview_costs_the_same_however_much_there_is() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            overview(now=AN_INSTANT)
        return len(queries)

    for _ in range(5):
        step(ended(), "db1")
    few = cost()
    for number in range(30):
        run = ended()
        step(run, "db1")
        element = make_element(f"e{number}")
        RunElement.objects.create(run=run, position=0, name="x", element=element, state="failed")
    assert cost() == few <= 11


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("", 403)])
def test_the_overview_is_for_all_who_may_see_runs(role: str, status: int) -> None:
    client = client_of(role) if role else Client()
    if not role:
        client.force_login(User.objects.create_user("newcomer"))
    assert client.get("/api/overview/").status_code == status


def test_home_holds_the_overview_for_its_script() -> None:
    run = ended(at=datetime.now(UTC))
    found = re.search(
        r'<script id="page-data" type="application/json">(.*?)</script>', client_of("viewer").get("/").text
    )
    assert found
    assert [trouble["id"] for trouble in json.loads(found[1])["troubles"]] == [run.pk]


# --- the first steps ------------------------------------------------------------------------------------------------


def administrator() -> Client:
    client = client_of("administrator")
    User.objects.filter(username="the administrator").update(is_staff=True)
    return client


def test_with_the_demo_the_five_steps_lead_to_pages_that_there_are() -> None:
    flow = make_flow_version(TOUR_FLOW).flow
    run = ended("succeeded", flow_name=TOUR_FLOW)
    ended("succeeded", flow_name="Hello fleet")
    steps = steps_of(administrator())
    assert list(steps) == [
        f"/runs/{run.pk}/", f"/flows/{flow.pk}/", f"/flows/{flow.pk}/edit/", "/flows/new/", "/admin/flows/schedule/add/"
    ]  # fmt: skip
    assert not any(steps.values())
    for address in steps:
        resolve(address)  # raises for an address that there is not


def test_on_an_empty_site_they_begin_with_an_element_and_leave_out_what_cannot_be_done_yet() -> None:
    steps = steps_of(administrator())
    assert list(steps) == ["/elements/new/", "/tasks/new/", "/flows/new/", "/admin/flows/schedule/add/"]
    make_element("db1")
    make_task_version()
    flow = make_flow_version("Mine").flow
    assert steps_of(administrator()) == {
        "/elements/new/": True, "/tasks/new/": True, "/flows/new/": False, f"/flows/{flow.pk}/": False,
        "/admin/flows/schedule/add/": False,
    }  # fmt: skip


@pytest.mark.parametrize(("role", "expected"), [("viewer", 1), ("operator", 2), ("author", 4), ("administrator", 4)])
def test_nobody_is_offered_what_he_may_not_do(role: str, expected: int) -> None:
    make_flow_version(TOUR_FLOW)
    ended("succeeded")
    assert len(steps_of(client_of(role))) == expected


def test_steps_tick_themselves_where_the_data_can_tell() -> None:
    version = make_flow_version(TOUR_FLOW)
    ended("succeeded")
    client = administrator()
    name = "the administrator"
    _run, watch, change, build, schedule = steps_of(client)
    make_run(started_by=name, run_reason=FIRST_REASON)
    make_run(started_by="somebody else")
    assert not any(steps_of(client).values())
    make_run(started_by=name)
    assert steps_of(client)[watch]
    publish(make_flow_version("Mine").flow, 2, "somebody else")
    assert not steps_of(client)[build]
    publish(Flow.objects.create(name="Own"), 1, name)
    assert (steps_of(client)[build], steps_of(client)[change]) == (True, False)
    publish(version.flow, 2, name)
    assert steps_of(client)[change]
    audit.record(person("administrator"), "created", "schedule", "Sunday")
    assert steps_of(client)[schedule]
    client.post("/first-steps/", {"do": "tick", "act": "open_run"})
    assert all(steps_of(client).values())
    assert "5 of 5 done" in client.get("/").text


def test_the_list_is_put_away_and_brought_back_by_each_person_alone() -> None:
    ended("succeeded")
    client, other = client_of("viewer"), client_of("operator")
    make_flow_version(TOUR_FLOW)
    client.post("/first-steps/", {"do": "hide"})
    assert steps_of(client) == {}
    assert len(steps_of(other)) == 2
    assert 'value="show"' in client.get("/runs/").text
    client.post("/first-steps/", {"do": "show"})
    assert len(steps_of(client)) == 1


def test_what_the_list_does_not_know_is_refused_and_not_stored() -> None:
    client = client_of("viewer")
    for form in ({"do": "burn"}, {"do": "tick", "act": "everything"}, {}):
        assert client.post("/first-steps/", form).status_code == 400
    assert preferred(person("viewer"), "first_steps", "nothing") == "nothing"
    assert client.get("/first-steps/").status_code == 405


def test_an_installation_without_anything_has_a_home() -> None:
    assert Element.objects.count() == 0
    assert client_of("viewer").get("/").status_code == 200
