"""Flows in the browser: the list, the page of one, a new one, archiving."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Flow, Schedule
from flows.models.draft import FlowDraft
from flows.operations.drafts import create_draft, save_draft
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.models import AuditEntry
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_profile, make_run, make_task_version
from tests.web.people import client_of, main_text

pytestmark = pytest.mark.django_db

SCRIPT = "if current == last:\n    sleep(5)\nrun_task('Stop') if first else run_flow('Child')\n"


def make_schedule(flow: Flow, **fields: Any) -> Schedule:
    """An enabled one."""
    planned = {"enabled": True, "since": AN_INSTANT, "next_at": AN_INSTANT + timedelta(days=1)}
    return Schedule.objects.create(name=f"of {flow}", flow=flow, cron="0 2 * * *", **{**planned, **fields})


@pytest.mark.parametrize(("role", "runs", "edits"), [("viewer", 0, 0), ("operator", 1, 0), ("author", 1, 1)])
def test_a_page_offers_what_somebody_may_do(role: str, runs: bool, edits: bool) -> None:
    flow = make_flow_version("Restart").flow
    client = client_of(role)
    assert client.get("/flows/").status_code == 200
    text = main_text(client.get(f"/flows/{flow.pk}/"))
    assert (f'data-start-flow="{flow.pk}"' in text) == runs
    assert ("Archive" in text) == edits
    assert ("Open in editor" in text) != edits
    assert client.get("/flows/new/").status_code == (200 if edits else 403)
    assert client.post(f"/flows/{flow.pk}/archive/").status_code == (302 if edits else 403)


@pytest.mark.parametrize("page", ["/flows/", "/flows/new/", "/flows/1/"])
def test_who_is_not_signed_in_is_asked_to(page: str) -> None:
    assert Client().get(page)["Location"].startswith("/login/")


def test_an_empty_list_says_what_to_do_next() -> None:
    assert "/flows/new/" in main_text(client_of("author").get("/flows/"))
    assert "An author can add one" in main_text(client_of("viewer").get("/flows/"))


def test_a_list_tells_how_flows_went_and_when_they_start() -> None:
    restart = make_flow_version("Restart", target={"profile": "pg", "groups": ["a", "b"], "filters": ["env == prod"]})
    make_run(restart, state="failed", ended_at=AN_INSTANT)
    newest = make_run(restart, state="running")
    schedule = make_schedule(restart.flow)
    create_draft(name="Begun", mode="parallel", by=SYSTEM)
    make_flow_version("Old", target=None)
    Flow.objects.filter(name="Old").update(archived=True)
    rows = {row.name: row for row in client_of("viewer").get("/flows/").context["rows"]}
    assert list(rows) == ["Begun", "Restart"]
    row = rows["Restart"]
    assert (row.last_run, row.last_state, row.next_at) == (newest.pk, "running", schedule.next_at)
    assert (row.target, row.version, row.draft_by) == ("pg, in a or b, env == prod", 1, "")
    begun = rows["Begun"]
    assert (begun.version, begun.mode, begun.draft_by) == (None, "parallel", SYSTEM.get_username())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["F2", "F10", "Parallel"]),
        ("order=-name", ["Parallel", "F10", "F2"]),
        ("search=f1", ["F10"]),
        ("mode=parallel", ["Parallel"]),
        ("last=failed", ["F10"]),
        ("draft=yes", ["F2"]),
        ("order=last", ["F10", "F2", "Parallel"]),
        ("order=next", ["F2", "F10", "Parallel"]),
        ("order=mode", ["Parallel", "F2", "F10"]),
    ],
)
def test_the_address_says_what_the_list_shows(query: str, names: list[str]) -> None:
    make_run(make_flow_version("F10"), state="failed", ended_at=AN_INSTANT)
    two = make_flow_version("F2").flow
    make_schedule(two)
    FlowDraft.objects.create(flow=two, definition={"mode": 7, "target": ["?"]}, written_by="x", written_at=AN_INSTANT)
    make_flow_version("Parallel", mode="parallel")
    assert [row.name for row in client_of("viewer").get(f"/flows/?{query}").context["rows"]] == names


def test_a_list_costs_the_same_queries_whatever_its_length() -> None:
    viewer = client_of("viewer")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get("/flows/").status_code == 200
        return len(captured)

    make_run(make_flow_version("F0"))
    few = queries()
    for number in range(30):
        version = make_flow_version(f"F{number + 1}")
        make_run(version)
        make_schedule(version.flow)
    assert queries() == few <= 9


def test_a_page_tells_elements_steps_and_rules() -> None:
    for name in ("db10", "db2", "web1"):
        make_element(name, profile=make_profile("pg" if name != "web1" else "web"))
    flow = make_flow_version(
        "Restart",
        execution_script=SCRIPT,
        target={"profile": "pg", "groups": [], "filters": []},
        error_threshold="10%",
        inputs=[{"name": "service", "type": "string", "required": True, "default": None}],
    ).flow
    context = client_of("viewer").get(f"/flows/{flow.pk}/").context
    assert (context["names"], context["count"]) == (["db2", "db10"], 2)
    assert [(step["site"], step["step"], step["name"], step["line"]) for step in context["steps"]] == [
        (1, "sleep", None, 2),
        (2, "run_task", "Stop", 3),
        (3, "run_flow", "Child", 3),
    ]
    assert [(line.number, line.sites) for line in context["execution"]] == [(1, ()), (2, (1,)), (3, (2, 3))]
    assert [step["task"] for step in context["steps"]] == [None, None, None]
    stop, child = make_task_version("Stop").task, make_flow_version("Child").flow
    text = main_text(client_of("viewer").get(f"/flows/{flow.pk}/"))
    assert re.search(rf'<a class="pic-step" href="/tasks/{stop.pk}/" aria-label="Step 2[^"]*Stop', text)
    assert f'<a href="/tasks/{stop.pk}/">Stop</a>' in text
    assert f'<a href="/flows/{child.pk}/">Child</a>' in text
    assert re.search(r'aria-label="step 1, line 2">1</a> Wait</li>', text)
    assert f'<a href="/flows/{flow.pk}/#execution-' in main_text(client_of("viewer").get(f"/flows/{child.pk}/"))
    assert "stops after more than 10% failed" in text
    assert "service" in text


def test_a_list_and_a_page_show_the_blocks_as_pictures() -> None:
    flow = make_flow_version("Restart", execution_script="run_task('<Stop>')\n").flow
    FlowDraft.objects.create(flow=make_flow_version("Broken", execution_script="if:\n").flow, written_at=AN_INSTANT)
    viewer = client_of("viewer")
    rows = main_text(viewer.get("/flows/"))
    assert rows.count('class="pic pic-small"') == 2
    assert "1 step: 1 run &lt;Stop&gt;" in rows
    assert "This script cannot be read" in rows
    page = main_text(viewer.get(f"/flows/{flow.pk}/"))
    assert page.count('class="pic pic-full"') == 1
    [small] = re.findall(r'<img class="pic" src="([^"]+)"', page)
    assert viewer.get(small.replace("&amp;", "&"))["Content-Type"].startswith("image/svg+xml")
    assert "&lt;Stop&gt;" in page


def test_a_page_tells_batches_and_what_runs_first() -> None:
    """R3, R21."""
    version = make_flow_version("Roll out", mode="parallel", batches=[1, "50%"], soak=60, refresh=["Read role"])
    text = main_text(client_of("viewer").get(f"/flows/{version.flow_id}/"))
    assert "1, 50%, the last size repeating; 60 s between them" in text
    assert "Read role, for fresh facts" in text


def test_a_target_that_names_what_is_gone_is_told() -> None:
    flow = make_flow_version("Restart", target={"profile": "gone", "groups": [], "filters": []}).flow
    assert "there is no profile" in main_text(client_of("viewer").get(f"/flows/{flow.pk}/"))


def test_an_older_version_is_shown_as_it_was() -> None:
    flow = make_flow_version("Restart", execution_script="log('as it was')\n").flow
    make_flow_version("Restart", execution_script="log('as it is')\n")
    viewer = client_of("viewer")
    assert "as it is" in viewer.get(f"/flows/{flow.pk}/").text
    old = viewer.get(f"/flows/{flow.pk}/?version=1")
    assert ("as it was" in old.text, "as it is" in old.text, old.context["is_current"]) == (True, False, False)
    assert viewer.get(f"/flows/{flow.pk}/?version=3").status_code == 404
    assert viewer.get("/flows/4711/").status_code == 404


def test_a_page_tells_last_runs_and_schedules() -> None:
    version = make_flow_version("Restart")
    run = make_run(version, state="partial", ended_at=AN_INSTANT)
    make_schedule(version.flow)
    make_schedule(make_flow_version("Other").flow)
    text = main_text(client_of("viewer").get(f"/flows/{version.flow_id}/"))
    assert f'href="/runs/{run.pk}/"' in text
    assert 'data-state="partial"' in text
    assert "of Restart" in text
    assert "of Other" not in text


@pytest.mark.parametrize(
    "keys",
    [
        {"target": "every", "mode": ["serial"], "inputs": "service"},
        {"target": {"groups": [1], "filters": 5, "profile": {}}, "concurrency": "many"},
        {"target": {"all": "yes", "filters": ["env =="]}, "inputs": [1, {"name": 2}], "error_threshold": []},
    ],
)
def test_a_draft_may_hold_anything_and_is_shown(keys: dict[str, Any]) -> None:
    draft = create_draft(name="Begun", by=SYSTEM)
    save_draft(flow=draft.flow_id, revision=1, changes=keys, by=SYSTEM)
    viewer = client_of("viewer")
    for page in ("/flows/", "/flows/?order=mode", f"/flows/{draft.flow_id}/", f"/flows/{draft.flow_id}/edit/"):
        assert viewer.get(page).status_code == 200


def test_a_draft_that_was_never_published_has_a_page() -> None:
    draft = create_draft(name="Begun", mode="serial", by=SYSTEM)
    text = main_text(client_of("operator").get(f"/flows/{draft.flow_id}/"))
    assert "not published" in text
    assert "data-start-flow" not in text


def test_a_new_flow_opens_in_the_editor() -> None:
    author = client_of("author")
    answer = author.post("/flows/new/", {"name": "Rolling restart", "mode": "parallel"})
    draft = FlowDraft.objects.get(flow__name="Rolling restart")
    assert (answer.status_code, answer["Location"]) == (302, f"/flows/{draft.flow_id}/edit/")
    assert draft.definition["mode"] == "parallel"


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"name": ""}, "name", "not empty"),
        ({"name": "Taken"}, "name", "'Taken' is taken"),
        ({"mode": "both"}, "mode", "both"),
    ],
)
def test_what_is_wrong_with_a_new_flow_stands_at_its_field(change: dict[str, str], field: str, problem: str) -> None:
    make_flow_version("Taken")
    answer = client_of("author").post("/flows/new/", {"name": "Free", "mode": "serial", **change})
    assert answer.status_code == 422
    assert problem in " ".join(answer.context["form"].errors[field])


def test_a_flow_in_use_is_not_archived_and_its_users_are_named() -> None:
    child = make_flow_version("Child").flow
    make_flow_version("Parent", execution_script="run_flow('Child')\n")
    schedule = make_schedule(child)
    author, address = client_of("author"), f"/flows/{child.pk}/archive/"
    asked = main_text(author.get(f"/flows/{child.pk}/")).replace("&#x27;", "'")
    assert "in use by the flow 'Parent' at line 1, the schedule 'of Child'. Take it out" in asked
    assert "data-confirm" not in asked
    text = main_text(author.post(address, follow=True)).replace("&#x27;", "'")
    assert "the flow 'Parent' at line 1, the schedule 'of Child'" in text
    make_flow_version("Parent", execution_script="log('no more')\n")
    Schedule.objects.filter(pk=schedule.pk).update(enabled=False, next_at=None)
    FlowDraft.objects.create(flow=child, written_by="alice", written_at=AN_INSTANT)
    told = main_text(author.post(address, follow=True)).replace("&#x27;", "'")
    assert "in use by a draft of 'Child' by alice" in told
    FlowDraft.objects.all().delete()
    assert 'data-confirm="Archive Child? It can no longer' in main_text(author.get(f"/flows/{child.pk}/"))
    assert author.post(address)["Location"] == "/flows/"
    assert AuditEntry.objects.filter(action="archived", kind="flow", name="Child").exists()
    assert author.get(f"/flows/{child.pk}/").status_code == 404


def test_a_flow_shows_who_calls_it_and_is_renamed_when_nobody_does() -> None:
    child = make_flow_version("Child").flow
    make_flow_version("Parent", execution_script="run_flow('Child')\n")
    run = make_run(child.versions.get())
    make_schedule(child)
    author, address = client_of("author"), f"/flows/{child.pk}/"
    page = main_text(author.get(address))
    assert "step 1, line 1" in page
    assert f'action="{address}rename/"' in page
    told = main_text(author.post(f"{address}rename/", {"name": "Kid"}, follow=True)).replace("&#x27;", "'")
    assert "The flow 'Child' is in use by the flow 'Parent' at line 1." in told
    make_flow_version("Parent", execution_script="log('x')\n")
    assert client_of("operator").post(f"{address}rename/", {"name": "Kid"}).status_code == 403
    told = main_text(author.post(f"{address}rename/", {"name": "Kid"}, follow=True))
    assert "Flow Child is Kid now." in told
    assert f'href="/runs/{run.pk}/"' in told
    [row] = [row for row in author.get("/flows/").context["rows"] if row.name == "Kid"]
    assert row.last_run == run.pk
