"""Tries over REST: what is sent, what is refused, and what is told of them."""

from typing import Any

import pytest

from elements.models import Element
from flows.models import Flow, FlowVersion, Run, TriedFlow
from tests.api.conftest import Clients

pytestmark = [pytest.mark.usefixtures("fleet"), pytest.mark.database]

TASK = {"command": "echo {{ inputs.word }}", "inputs": [{"name": "word", "type": "string"}]}


@pytest.fixture
def author(client_of: Clients) -> Any:
    return client_of("author")


def address(name: str = "Check") -> str:
    return f"/api/drafts/{Flow.objects.get(name=name).pk}/"


def saved(author: Any, **changes: Any) -> int:
    """The revision of the draft of *Check* with these changes."""
    keys = {"revision": 0, "execution_script": "log('drafted')", "target": {"all": True}, **changes}
    return int(author.put(address(), keys).data["revision"])


def test_a_draft_is_tried_on_chosen_elements(author: Any) -> None:
    revision = saved(author)
    answer = author.post(f"{address()}try", {"revision": revision, "elements": ["db2"], "reason": "does it work?"})
    assert answer.status_code == 201
    assert {key: answer.data[key] for key in ("flow", "version", "is_try", "state", "narrowed", "run_reason")} == {
        "flow": "Check", "version": None, "is_try": True, "state": "queued", "narrowed": ["db2"],
        "run_reason": "does it work?",
    }  # fmt: skip
    run = answer.data["id"]
    assert author.get(f"/api/runs/{run}/").data["is_try"] is True
    assert [row["id"] for row in author.get("/api/runs/?is_try=true").data["results"]] == [run]
    assert author.get("/api/runs/?is_try=false").data["count"] == 0
    assert author.get(f"/api/runs/{run}/tried").data["code"] == "not_a_test"
    assert FlowVersion.objects.filter(flow__name="Check").count() == 1
    assert author.get(address()).data["revision"] == revision


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"elements": []}, 400, "nothing_chosen"),
        ({}, 400, "invalid"),
        ({"elements": None}, 400, "invalid"),
        ({"elements": ["db9"]}, 400, "not_in_target"),
        ({"elements": ["db2"], "inputs": {"x": 1}}, 400, "inputs_refused"),
        ({"elements": ["db2"], "version": 1}, 400, "invalid"),
    ],
)
def test_a_try_says_on_which_elements(author: Any, body: dict[str, Any], status: int, code: str) -> None:
    answer = author.post(f"{address()}try", {"revision": saved(author), **body})
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Run.objects.exists()


def test_a_draft_with_problems_is_not_tried(author: Any) -> None:
    revision = saved(author, execution_script="log('x')\nrun_task('Stp service')", concurrency=0)
    answer = author.post(f"{address()}try", {"revision": revision, "elements": ["db2"]})
    assert (answer.status_code, answer.data["code"]) == (400, "definition")
    assert [(problem["key"], problem["line"]) for problem in answer.data["problems"]] == [
        ("concurrency", 0), ("execution_script", 2),
    ]  # fmt: skip


def test_who_saw_another_draft_gets_the_one_that_is_stored(author: Any) -> None:
    revision = saved(author)
    saved(author, revision=revision, execution_script="log('theirs')")
    answer = author.post(f"{address()}try", {"revision": revision, "elements": ["db2"]})
    assert (answer.status_code, answer.data["code"]) == (409, "draft_changed")
    assert answer.data["draft"]["execution_script"] == "log('theirs')"


def test_a_task_is_tried_without_being_stored(author: Any) -> None:
    body = {"name": "Say", "definition": TASK, "element": "db2", "inputs": {"word": "hello"}}
    answer = author.post("/api/tasks/try", body)
    assert (answer.status_code, answer.data["flow"], answer.data["is_try"]) == (201, "Task Say", True)
    assert answer.data["inputs"] == {"word": "hello"}
    tried = TriedFlow.objects.get(run=answer.data["id"])
    assert tried.execution_script == "run_task('Say', word=inputs['word'])\n"
    assert tried.tasks["Say"]["timeout"] > 0, "in normal form, as it would be published"
    assert "Say" not in [task["name"] for task in author.get("/api/tasks/").data["results"]]
    told = author.get(f"/api/runs/{answer.data['id']}/tried").data
    assert (told["state"], told["status"], told["output"]) == ("queued", None, None)


def test_a_test_on_an_unknown_element_says_that_there_is_none(author: Any) -> None:
    body = {"name": "Stop service", "element": "zzz", "inputs": {"service": "x"}}
    answer = author.post("/api/tasks/try", body)
    assert answer.data["message"] == "There is no element zzz: correct the name."
    Element.objects.filter(name="db2").update(enabled=False)
    answer = author.post("/api/tasks/try", {**body, "element": "db2"})
    assert answer.data["message"].startswith("Not enabled: db2.")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Stop servce"}, 404, "unknown_task"),
        ({"definition": {"command": "{{"}}, 400, "definition"),
        ({"definition": {"comand": "x"}}, 400, "definition"),
        ({"element": "db9"}, 400, "not_in_target"),
        ({"inputs": {"servce": "x"}}, 400, "inputs_refused"),
        ({"inputs": {}}, 400, "inputs_refused"),
        ({"flow": 999}, 404, "not_found"),
    ],
)
def test_a_test_that_cannot_be_is_refused(author: Any, body: dict[str, Any], status: int, code: str) -> None:
    sound = {"name": "Stop service", "element": "db2", "inputs": {"service": "x"}}
    answer = author.post("/api/tasks/try", {**sound, **body})
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Run.objects.exists()


def test_operators_test_what_is_published_and_authors_what_is_not(client_of: Clients, author: Any) -> None:
    body = {"name": "Stop service", "element": "db2", "inputs": {"service": "x"}}
    revision = saved(author)
    draft = {"revision": revision, "elements": ["db2"]}
    assert client_of("viewer").post("/api/tasks/try", body).status_code == 403
    assert client_of("viewer").post(f"{address()}try", draft).status_code == 403
    operator = client_of("operator")
    assert operator.post("/api/tasks/try", {**body, "definition": TASK, "inputs": {}}).status_code == 403
    assert operator.post(f"{address()}try", draft).status_code == 403
    answer = operator.post("/api/tasks/try", body)
    assert answer.status_code == 201
    assert client_of("viewer").get(f"/api/runs/{answer.data['id']}/tried").status_code == 200


def test_a_try_that_is_sent_twice_is_one(author: Any) -> None:
    body = {"name": "Stop service", "element": "db2", "inputs": {"service": "x"}}
    answers = [author.post("/api/tasks/try", body, headers={"Idempotency-Key": "k"}).data["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert Run.objects.count() == 1
