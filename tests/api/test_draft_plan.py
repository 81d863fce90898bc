"""The plan of a draft as its author edits it: nothing is stored, and what is wrong is said instead of refused."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elements.queries import select_elements
from flows.models import Flow, FlowDraft, StoredPlan
from flows.operations import plan as planning
from flows.plan import Effort
from tests.api.conftest import Clients
from tests.factories import make_element, make_elements, make_flow_version, make_group, make_profile, make_task_version

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LAST = "order_flow_elements(elements, lambda x: x['context']['patroni_leader'] == 'master')\n"


@pytest.fixture
def author(client_of: Clients) -> Any:
    return client_of("author")


@pytest.fixture(autouse=True)
def flow() -> Flow:
    """*Roll*: Serial over db1, db2 (the leader), db3; and the tasks A and B."""
    profile = make_profile("postgres", context={"env": "prod"})
    patroni = make_group("patroni")
    for name, role in (("db1", "replica"), ("db2", "master"), ("db3", "replica")):
        make_element(name, profile=profile, groups=[patroni], settings={"patroni_leader": role})
    for task in "AB":
        make_task_version(task)
    version = make_flow_version("Roll", execution_script="run_task('A')\n", target={"profile": "postgres"})
    return version.flow


def ask(author: Any, flow: Flow, keys: Any = None, **more: Any) -> Any:
    answer = author.post(f"/api/drafts/{flow.pk}/plan", {"keys": keys or {}, **more})
    assert answer.status_code == 200, answer.data
    return answer.data


def cells(answer: Any) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: ["."] * len(answer["columns"]) for name in answer["rows"]}
    for row, column, waves in answer["cells"]:
        rows[answer["rows"][row]][column] = waves[0] if len(waves) == 1 else waves
    return rows


def test_the_keys_of_the_question_are_laid_over_the_version_and_nothing_is_stored(author: Any, flow: Flow) -> None:
    answer = ask(author, flow, {"processing_script": LAST, "execution_script": "run_task('A')\nrun_task('B')\n"})
    assert (answer["problems"], answer["reason"], answer["sampled"]) == ([], None, {})
    assert cells(answer) == {"db1": [1, 2], "db3": [3, 4], "db2": [5, 6]}
    told = ("mode", "concurrency", "complete", "elements_total", "waves_total")
    assert [answer["plan"][key] for key in told] == ["serial", 1, True, 3, 6]
    assert [(column["site"], column["name"], column["line"]) for column in answer["columns"]] == [
        (1, "A", 1),
        (2, "B", 2),
    ]
    assert not FlowDraft.objects.exists()
    assert not StoredPlan.objects.exists()


def test_a_stored_draft_is_what_the_keys_are_laid_over(author: Any, flow: Flow) -> None:
    saved = {"revision": 0, "execution_script": "run_task('B')\n", "mode": "parallel"}
    author.put(f"/api/drafts/{flow.pk}/", saved)
    answer = ask(author, flow)
    assert cells(answer) == {"db1": [1], "db2": [1], "db3": [1]}
    assert answer["columns"][0]["name"] == "B"
    assert ask(author, flow, {"mode": "serial"})["plan"]["waves_total"] == 3


def test_a_flow_that_was_never_published_has_a_plan(author: Any) -> None:
    draft = author.post("/api/drafts/", {"name": "New"}).data
    keys = {"target": {"all": True}, "execution_script": "run_task('A')\n"}
    answer = author.post(f"/api/drafts/{draft['flow']}/plan", {"keys": keys}).data
    assert answer["plan"]["waves_total"] == 3


def test_r16_problems_of_keys_and_scripts_are_told_instead_of_a_plan(author: Any, flow: Flow) -> None:
    answer = ask(author, flow, {"concurrency": 0, "execution_script": "run_task('AA')\n"})
    assert answer["plan"] is None
    assert [(problem["key"], problem["line"]) for problem in answer["problems"]] == [
        ("concurrency", 0),
        ("execution_script", 1),
    ]
    assert "there is no task 'AA'" in answer["problems"][1]["message"]


@pytest.mark.parametrize(
    ("keys", "more", "reason"),
    [
        ({"target": None}, {}, "This flow has no target"),
        ({"target": {"profile": "postgres", "filters": ["env == stage"]}}, {}, "no enabled element matches"),
        ({}, {"elements": ["db7"]}, "no element db7; did you mean"),
        (
            {"processing_script": "order_flow_elements(elements, lambda x: x['context']['zone'])"},
            {},
            "line 1: no context key 'zone' in db1, db2, db3",
        ),
        (
            {"inputs": [{"name": "n", "type": "integer"}]},
            {"inputs": {"n": "many"}},
            "input 'n' is 'many', expected a whole number",
        ),
    ],
)
def test_r7_what_cannot_start_is_a_reason_with_the_columns_alone(
    author: Any, flow: Flow, keys: Any, more: Any, reason: str
) -> None:
    answer = ask(author, flow, keys, **more)
    assert reason in answer["reason"]
    assert (answer["problems"], answer["plan"], answer["rows"], answer["cells"]) == ([], None, [], [])
    assert [column["name"] for column in answer["columns"]] == ["A"]


def test_required_inputs_without_a_value_get_a_sample_and_are_named(author: Any, flow: Flow) -> None:
    declared = [
        {"name": "service", "type": "string", "required": True},
        {"name": "count", "type": "integer", "required": True},
        {"name": "size", "type": "choice", "choices": ["small", "large"], "required": True},
        {"name": "on", "type": "element", "required": True},
        {"name": "only", "type": "list", "of": "element", "required": True},
        {"name": "zone", "type": "string", "required": True, "default": "eu"},
        {"name": "note", "type": "string"},
    ]
    script = (
        "log(inputs['size'] + inputs['on'] + inputs['zone'])\nfor n in range(inputs['count']):\n    run_task('A')\n"
    )
    keys = {"inputs": declared, "execution_script": script}
    answer = ask(author, flow, keys)
    assert answer["sampled"] == {"service": "sample", "count": 1, "size": "small", "on": "db1", "only": ["db1"]}
    assert answer["plan"]["complete"]
    given = ask(author, flow, keys, inputs={"service": "postgresql", "count": "2"})
    assert given["sampled"] == {"size": "small", "on": "db1", "only": ["db1"]}
    assert cells(given)["db1"] == [1, [2, 3]]


def test_a_secret_input_is_masked_wherever_the_plan_shows_it(author: Any, flow: Flow) -> None:
    keys = {
        "inputs": [{"name": "password", "type": "secret", "required": True}],
        "execution_script": "run_task('A')\nlog('with ' + inputs['password'])\nfail(inputs['password'])\n",
    }
    answer = ask(author, flow, keys, inputs={"password": "hunter2-hunter2"})
    assert "hunter2" not in str(answer)
    assert answer["columns"][1]["name"].startswith("with ***")
    assert ask(author, flow, keys)["sampled"] == {"password": "•••"}


def test_children_stand_behind_their_call(author: Any, flow: Flow) -> None:
    make_flow_version("Child", execution_script="run_task('B')\nlog('done')\n", mode="parallel")
    answer = ask(author, flow, {"execution_script": "run_task('A')\nrun_flow('Child', elements=elements)\n"})
    assert [(column["path"], column["site"], column["depth"], column["within"]) for column in answer["columns"]] == [
        (["Roll"], 1, 0, None),
        (["Roll"], 2, 0, None),
        (["Roll", "Child"], 1, 1, 1),
        (["Roll", "Child"], 2, 1, 1),
    ]
    assert cells(answer)["db1"] == [1, 2, [3, 7, 11], [4, 8, 12]]


@pytest.mark.django_db(transaction=True)
def test_r22_a_child_on_other_elements_is_planned_with_them(author: Any, flow: Flow) -> None:
    make_element("lb1")
    make_flow_version("Child", execution_script="run_task('B')\n")
    answer = ask(author, flow, {"execution_script": "run_flow('Child', elements=['lb1'])\n"}, elements=["db1"])
    assert cells(answer) == {"db1": [1, "."], "lb1": [".", 2]}


def test_r40_a_plan_that_stops_says_where_and_marks_what_may_run(author: Any, flow: Flow) -> None:
    script = "x = run_task('A')\nif x['output']:\n    run_task('B')\n"
    answer = ask(author, flow, {"execution_script": script})
    assert answer["plan"]["complete"] is False
    stop = answer["plan"]["stops_at"]
    assert (stop["path"], stop["line"], stop["site"], stop["may_run"]) == (["Roll"], 2, 1, [2])
    assert [column["may_run"] for column in answer["columns"]] == [False, True]


def test_r3_a_refresh_is_not_run_and_the_age_of_the_settings_is_told(author: Any, flow: Flow) -> None:
    notes = ask(author, flow, {"refresh": ["A"]})["plan"]["notes"]
    assert notes[0].startswith("the refresh (A) did not run for this plan")
    assert notes[1].startswith("The oldest setting was written")


def test_r21_the_soak_is_told(author: Any, flow: Flow) -> None:
    rules = {"mode": "parallel", "batches": [1], "soak": 90, "concurrency": 50}
    assert ask(author, flow, rules)["plan"]["notes"] == ["Its batches soak for 90 s, 2 times: 3 min in all."]


def test_as_many_rows_are_told_as_were_asked_for(author: Any, flow: Flow) -> None:
    make_elements(30)
    answer = ask(author, flow, {"target": {"all": True}}, rows=5)
    assert (len(answer["rows"]), answer["rows_total"], answer["plan"]["elements_total"]) == (5, 33, 33)


def test_a_plan_takes_the_same_queries_however_many_elements_and_steps(author: Any, flow: Flow) -> None:
    def queries(script: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(author, flow, {"target": {"all": True}, "execution_script": script})
        return len(captured)

    make_flow_version("Child", execution_script="run_task('B')\n")
    few = queries("run_task('A')\nrun_flow('Child')\n")
    make_elements(40)
    assert queries("run_task('A')\nrun_task('B')\nrun_flow('Child')\nrun_task('A')\n") == few <= 20


def test_a_plan_that_takes_too_long_is_a_reason(author: Any, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "DRAFT_EFFORT", Effort(most_s=0.0, keeps_workers=True))
    assert ask(author, flow)["reason"] == "making the plan took longer than 0 s: narrow it to fewer elements"
    monkeypatch.undo()
    assert ask(author, flow)["plan"]["complete"]


def test_who_asks_again_meanwhile_gets_the_newer_answer_alone(
    author: Any, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer: list[Any] = []

    def select(*arguments: Any) -> Any:
        monkeypatch.setattr("flows.operations.plan.select_elements", select_elements)
        newer.append(ask(author, flow, {"execution_script": "run_task('B')\n"}))
        return select_elements(*arguments)

    monkeypatch.setattr("flows.operations.plan.select_elements", select)
    answer = author.post(f"/api/drafts/{flow.pk}/plan", {})
    assert (answer.status_code, answer.data["code"]) == (409, "overtaken")
    assert newer[0]["columns"][0]["name"] == "B"
    assert newer[0]["plan"]["complete"]
    assert ask(author, flow)["plan"]["complete"]


def test_a_viewer_may_ask_and_a_stranger_may_not(client_of: Clients, flow: Flow) -> None:
    assert ask(client_of("viewer"), flow)["plan"]["complete"]
    assert client_of("nobody").post(f"/api/drafts/{flow.pk}/plan", {}).status_code == 403


@pytest.mark.parametrize(
    "body", [{"keys": {"revision": 1}}, {"keys": {"name": "x"}}, {"key": {}}, {"rows": -1}, {"rows": 100_000}, [1]]
)
def test_a_question_with_an_unknown_key_or_a_wrong_value_is_refused(author: Any, flow: Flow, body: Any) -> None:
    assert author.post(f"/api/drafts/{flow.pk}/plan", body).status_code == 400


def test_an_unknown_flow_is_not_found(author: Any) -> None:
    assert author.post("/api/drafts/999999/plan", {}).status_code == 404
