"""Runs over REST: started, followed, controlled."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.models import Flow, Run, RunEvent, RunSignal
from flows.operations.runs import start_run
from flows.wiring import drive_locally
from flowsite.kernel.access import SYSTEM
from tests.api.conftest import Clients
from tests.commands.fleets import local_fleet

__all__ = ["local_fleet"]

pytestmark = pytest.mark.usefixtures("local_fleet")


def runs_of(flow: str) -> str:
    return f"/api/flows/{Flow.objects.get(name=flow).pk}/runs"


def driven(flow: str, **options: Any) -> Run:
    """A run that has ended."""
    run = start_run(flow=flow, by=SYSTEM, enqueue=False, **options)
    assert drive_locally(run.pk) == "ended"
    return run


def test_a_run_is_started_with_201_and_queued(client_of: Clients) -> None:
    body = {"inputs": {"words": "hi"}, "elements": ["e2"], "reason": "a test"}
    answer = client_of("operator").post(runs_of("Talk"), body)
    assert answer.status_code == 201
    shown = {key: answer.data[key] for key in ("flow", "version", "mode", "state", "inputs", "narrowed", "run_reason")}
    assert shown == {
        "flow": "Talk",
        "version": 1,
        "mode": "parallel",
        "state": "queued",
        "inputs": {"words": "hi", "times": 1},
        "narrowed": ["e2"],
        "run_reason": "a test",
    }
    assert answer.data["started_by"] == "the operator"


def test_the_same_idempotency_key_gives_the_same_run(client_of: Clients) -> None:
    client = client_of("operator")
    first = client.post(runs_of("Fail"), {}, headers={"Idempotency-Key": "k1"})
    again = client.post(runs_of("Fail"), {}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, again.data["id"]) == (201, 201, first.data["id"])
    other = client.post(runs_of("Wait"), {}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.data["code"]) == (409, "idempotency_key_used")
    assert client.post(runs_of("Fail"), {}, headers={"Idempotency-Key": "k2"}).data["id"] != first.data["id"]
    assert client.post(runs_of("Fail"), {}, headers={"Idempotency-Key": "k" * 201}).data["code"] == "invalid"
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("flow", "body", "code", "field"),
    [
        ("Talk", {}, "inputs_refused", "inputs"),
        ("Talk", {"inputs": {"words": 1}}, "inputs_refused", "inputs"),
        ("Fail", {"elements": ["e9"]}, "not_in_target", "elements"),
        ("Fail", {"inputs": []}, "invalid", "inputs"),
        ("Fail", {"reason": "x" * 1001}, "invalid", "reason"),
    ],
)
def test_a_start_that_cannot_be_is_refused_and_starts_nothing(
    client_of: Clients, flow: str, body: dict[str, Any], code: str, field: str
) -> None:
    answer = client_of("operator").post(runs_of(flow), body)
    assert (answer.status_code, answer.data["code"], list(answer.data["fields"])) == (400, code, [field])
    assert not Run.objects.exists()


def test_a_plan_comes_as_from_the_command_line(client_of: Clients) -> None:
    """R40."""
    address = runs_of("Parent").replace("runs", "plan")
    answer = client_of("viewer").post(address, {"elements": ["e1"]})
    assert answer.status_code == 200
    assert [wave["name"] for wave in answer.data["waves"]] == ["Talk", "Say", "said it"]
    refused = client_of("viewer").post(address, {"elements": ["e9"]})
    assert (refused.status_code, refused.data["code"]) == (400, "no_plan")


def test_events_are_read_from_any_seq_on(client_of: Clients) -> None:
    run = driven("Talk", inputs={"words": "hi"})
    client = client_of("viewer")
    everything = client.get(f"/api/runs/{run.pk}/events").data
    seqs = [event["seq"] for event in everything["events"]]
    assert seqs == list(range(1, everything["last_seq"] + 1))
    part = client.get(f"/api/runs/{run.pk}/events?after=3&limit=2").data
    assert (part["events"], part["last_seq"]) == (everything["events"][3:5], everything["last_seq"])
    assert client.get(f"/api/runs/{run.pk}/events?after={seqs[-1]}").data["events"] == []
    assert "e1 says hi\n" in [event.get("text") for event in everything["events"]]
    wrong = client.get(f"/api/runs/{run.pk}/events?after=x")
    assert (wrong.status_code, wrong.data["code"]) == (400, "invalid")


def test_events_cost_two_queries_more_than_the_run(client_of: Clients) -> None:
    run = driven("Talk", inputs={"words": "hi"})
    client = client_of("viewer")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/api/runs/{run.pk}/events")
    assert len(captured) <= 5


def test_the_events_of_a_child_are_those_of_its_root(client_of: Clients) -> None:
    root = driven("Parent", elements=["e1"])
    [child] = Run.objects.filter(root=root)
    client = client_of("viewer")
    assert client.get(f"/api/runs/{child.pk}/events").data == client.get(f"/api/runs/{root.pk}/events").data
    assert client.get("/api/runs/").data["count"] == 1
    assert [run["id"] for run in client.get(f"/api/runs/?root={root.pk}").data["results"]] == [child.pk]


def test_steps_and_elements_of_a_run_are_listed(client_of: Clients) -> None:
    run = driven("Half")
    client = client_of("viewer")
    [step] = client.get(f"/api/runs/{run.pk}/steps").data["results"]
    assert (step["element"], step["status"], step["exit_code"], step["name"]) == ("e1", "failed", 3, "Break")
    assert client.get(f"/api/runs/{run.pk}/steps?status=succeeded").data["count"] == 0
    elements = client.get(f"/api/runs/{run.pk}/elements").data["results"]
    assert [(element["position"], element["name"], element["state"]) for element in elements] == [
        (0, "e1", "failed"),
        (1, "e2", "succeeded"),
    ]
    detail = client.get(f"/api/runs/{run.pk}").data
    assert (detail["state"], detail["elements_by_state"]) == ("partial", {"failed": 1, "succeeded": 1})
    missing = client.get("/api/runs/999999/steps")
    assert (missing.status_code, missing.data["code"]) == (404, "not_found")


def test_runs_are_filtered_by_flow_and_state_in_a_bounded_number_of_queries(client_of: Clients) -> None:
    driven("Fail")
    driven("Half")
    client = client_of("viewer")
    assert [run["flow"] for run in client.get("/api/runs/").data["results"]] == ["Half", "Fail"]
    assert [run["flow"] for run in client.get("/api/runs/?state=failed").data["results"]] == ["Fail"]
    assert [run["flow"] for run in client.get("/api/runs/?flow=Half&ordering=id").data["results"]] == ["Half"]
    assert client.get("/api/runs/?state=fialed").data["code"] == "invalid"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/runs/")
        return len(captured)

    few = queries()
    for _ in range(5):
        start_run(flow="Fail", by=SYSTEM, enqueue=False)
    assert queries() == few <= 4


def test_control_asks_the_run_and_is_refused_when_it_cannot_be(client_of: Clients) -> None:
    """R33, R34."""
    client = client_of("operator")
    address = f"/api/runs/{start_run(flow='Wait', by=SYSTEM, enqueue=False).pk}"
    assert client.post(f"{address}/pause").status_code == 202
    assert client.post(f"{address}/pause").data["code"] == "run_paused"
    assert client.post(f"{address}/resume").status_code == 202
    assert client.post(f"{address}/resume").data["code"] == "run_not_paused"
    assert client.post(f"{address}/cancel").status_code == 202
    assert [(signal.kind, signal.by) for signal in RunSignal.objects.order_by("id")] == [
        ("pause", "the operator"),
        ("resume", "the operator"),
        ("cancel", "the operator"),
    ]
    ended = client.post(f"/api/runs/{driven('Fail').pk}/cancel")
    assert (ended.status_code, ended.data["code"]) == (409, "run_has_ended")


def test_a_question_is_shown_and_answered_once(client_of: Clients) -> None:
    """R36."""
    run = start_run(flow="Fail", by=SYSTEM, enqueue=False)
    client = client_of("operator")
    refused = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "retry"})
    assert (refused.status_code, refused.data["code"]) == (409, "no_such_question")
    asked = {"question": 1, "element": "e1", "site": 1, "message": "what now?", "options": ["retry", "failed"]}
    place = {"turn": 1, "attempt": 1, "kind": "interrupted", "callers": [], "until": None}
    RunEvent.objects.create(root=run, run=run, seq=1, type="question_asked", at=run.created_at, data=asked | place)
    shown = {**asked, "kind": "interrupted", "callers": [], "until": None}
    assert client.get(f"/api/runs/{run.pk}").data["questions"] == [shown]
    wrong = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "succeeded"})
    assert (wrong.status_code, wrong.data["code"]) == (400, "answer_refused")
    unknown = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "maybe"})
    assert (unknown.status_code, list(unknown.data["fields"])) == (400, ["answer"])
    approved = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "approve"})
    assert (approved.status_code, approved.data["code"]) == (400, "answer_refused")
    assert approved.data["message"] == (
        "question 1 asks what became of an interrupted step on e1: "
        "the answer is 'approve', expected one of retry, failed"
    )
    other = client.post(f"/api/runs/{run.pk}/questions/{10**30}", {"answer": "retry"})
    assert (other.status_code, other.data["code"]) == (409, "no_such_question")
    assert client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "retry", "comment": "safe"}).status_code == 202
    assert RunSignal.objects.get().arguments == {"question": 1, "answer": "retry", "comment": "safe"}
    again = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "failed"})
    assert (again.status_code, again.data["code"]) == (409, "question_answered")
    assert again.data["message"] == f"question 1 of run {run.pk} is answered already: retry by the operator"


def test_an_approval_is_shown_with_its_callers_and_its_end_and_takes_its_own_answers(client_of: Clients) -> None:
    """R14, R20."""
    run = start_run(flow="Fail", by=SYSTEM, enqueue=False)
    asked = {
        "question": 1, "element": "e1", "site": 1, "turn": 1, "attempt": 1, "message": "go on?", "kind": "approval",
        "options": ["approve", "reject"], "callers": ["e1", "e2"], "until": 1_795_392_000.0,
    }  # fmt: skip
    RunEvent.objects.create(root=run, run=run, seq=1, type="question_asked", at=run.created_at, data=asked)
    client = client_of("operator")
    [shown] = client.get(f"/api/runs/{run.pk}").data["questions"]
    assert (shown["kind"], shown["callers"]) == ("approval", ["e1", "e2"])
    assert shown["until"] == "2026-11-23T00:00:00+00:00"
    wrong = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "retry"})
    assert wrong.data["message"] == (
        "question 1 is an approval: the answer is 'retry', expected one of approve, reject"
    )
    long = client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "approve", "comment": "x" * 1001})
    assert (long.status_code, list(long.data["fields"])) == (400, ["comment"])
    assert client_of("viewer").post(f"/api/runs/{run.pk}/questions/1", {"answer": "approve"}).status_code == 403
    assert client.post(f"/api/runs/{run.pk}/questions/1", {"answer": "approve"}).status_code == 202


def test_what_a_later_release_can_do_is_refused_by_name(client_of: Clients) -> None:
    run = start_run(flow="Fail", by=SYSTEM, enqueue=False)
    for verb in ("drain", "continue", "rerun", "exclude", "skip"):
        answer = client_of("operator").post(f"/api/runs/{run.pk}/{verb}", {})
        assert (answer.status_code, answer.data["code"]) == (501, "not_available")
        assert answer.data["message"].startswith(f"{verb} is not available in this release")


def test_control_needs_an_operator(client_of: Clients) -> None:
    run = start_run(flow="Wait", by=SYSTEM, enqueue=False)
    for role, shown, asked in (
        ("nobody", 403, 403),
        ("viewer", 200, 403),
        ("operator", 200, 202),
        ("author", 200, 202),
    ):
        assert client_of(role).get(f"/api/runs/{run.pk}").status_code == shown
        assert client_of(role).post(f"/api/runs/{run.pk}/cancel").status_code == asked
