"""Drafts over REST: nothing that an author typed is lost, and only what is sound is published."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.models import Flow, FlowDraft, FlowVersion, Schedule
from flows.operations.catalog import publish_flow
from flowsite.kernel.access import SYSTEM
from flowsite.kernel.models import AuditEntry
from tests.api.conftest import Clients

pytestmark = [pytest.mark.usefixtures("fleet"), pytest.mark.database]

SCRIPT = "run_task( 'Stop service', service='x' )  # why\r\n"


@pytest.fixture
def author(client_of: Clients) -> Any:
    return client_of("author")


def address(name: str = "Rolling restart") -> str:
    return f"/api/drafts/{Flow.objects.get(name=name).pk}/"


def new(author: Any, **changes: Any) -> dict[str, Any]:
    """A new flow whose draft has these keys."""
    draft = author.post("/api/drafts/", {"name": "New"}).data
    return author.put(address("New"), {"revision": draft["revision"], **changes}).data  # type: ignore[no-any-return]


def test_a_new_flow_has_a_draft_and_is_no_flow_to_anybody_else(author: Any) -> None:
    answer = author.post("/api/drafts/", {"name": "New", "mode": "parallel"})
    assert answer.status_code == 201
    assert {key: answer.data[key] for key in ("name", "mode", "concurrency", "execution_script", "base_version")} == {
        "name": "New", "mode": "parallel", "concurrency": 50, "execution_script": "", "base_version": None,
    }  # fmt: skip
    assert (answer.data["revision"], answer.data["is_draft"], answer.data["published_version"]) == (1, True, None)
    assert [flow["name"] for flow in author.get("/api/flows/").data["results"]] == ["Check", "Rolling restart"]
    assert author.get(f"/api/flows/{answer.data['flow']}/").status_code == 404
    assert "New" not in [flow["name"] for flow in author.get("/api/scripts/names").data["flows"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Check"}, 409, "name_taken"),
        ({"name": " x"}, 400, "invalid"),
        ({"name": ""}, 400, "invalid"),
        ({"name": "x" * 201}, 400, "invalid"),
        ({"name": "x", "mode": "seriel"}, 400, "invalid"),
        ({"name": "x", "targt": None}, 400, "invalid"),
    ],
)
def test_a_new_flow_needs_a_free_name(author: Any, body: dict[str, Any], status: int, code: str) -> None:
    answer = author.post("/api/drafts/", body)
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert Flow.objects.count() == 2


def test_the_name_of_an_archived_flow_may_be_used_again(author: Any) -> None:
    Flow.objects.filter(name="Check").update(archived=True)
    assert author.get(address("Check")).status_code == 404
    assert author.post("/api/drafts/", {"name": "Check"}).status_code == 201
    assert author.post("/api/drafts/", {"name": "Check"}).status_code == 409
    assert author.get(address("Check")).status_code == 200
    assert [flow["name"] for flow in author.get("/api/flows/").data["results"]] == ["Rolling restart"]
    assert author.put(address("Check"), {"revision": 1, "execution_script": "log('x')"}).status_code == 200
    assert author.post(f"{address('Check')}publish", {"revision": 2}).data["version"] == 2


def test_a_flow_without_a_draft_opens_as_its_current_version(author: Any) -> None:
    draft, flow = author.get(address()).data, author.get(address().replace("drafts", "flows")).data
    keys = (
        "name", "mode", "target", "concurrency", "error_threshold", "on_empty", "inputs", "processing_script",
        "execution_script",
    )  # fmt: skip
    assert {key: draft[key] for key in keys} == {key: flow[key] for key in keys}
    assert (draft["flow"], draft["revision"], draft["is_draft"]) == (flow["id"], 0, False)
    assert (draft["base_version"], draft["published_version"], draft["written_by"]) == (1, 1, "[system]")
    assert not FlowDraft.objects.exists()


def test_a_save_lays_keys_over_the_version_and_changes_no_flow(author: Any) -> None:
    before = author.get("/api/flows/").data
    saved = author.put(address(), {"revision": 0, "base_version": 1, "execution_script": SCRIPT}).data
    assert (saved["revision"], saved["is_draft"], saved["execution_script"]) == (1, True, SCRIPT)
    assert (saved["written_by"], saved["error_threshold"]) == ("the author", "10%")
    assert author.put(address(), {"revision": 1, "concurrency": 3}).data["revision"] == 2
    assert author.get(address()).data["execution_script"] == SCRIPT
    assert author.get("/api/flows/").data == before


def test_a_draft_may_be_incomplete_and_wrong(author: Any) -> None:
    wrong = {"mode": "none", "concurrency": None, "target": {"filters": ["=="]}, "execution_script": "log("}
    draft = new(author, **wrong)
    assert {key: draft[key] for key in wrong} == wrong
    assert author.get(address("New")).data == draft


def test_check_tells_the_problems_of_all_keys_at_once(author: Any, client_of: Clients) -> None:
    new(author, concurrency=0, execution_script="log('x')\nrun_task('Stp service')\n", processing_script="x = (")
    problems = client_of("viewer").post(f"{address('New')}check").data["problems"]
    assert [(problem["key"], problem["line"]) for problem in problems] == [
        ("concurrency", 0),
        ("processing_script", 1),
        ("execution_script", 2),
    ]
    assert "did you mean 'Stop service'?" in problems[2]["message"]


def test_a_flow_that_calls_itself_is_a_problem_of_its_draft(author: Any) -> None:
    """R25."""
    new(author, execution_script="run_flow('New')\n")
    [problem] = author.post(f"{address('New')}check").data["problems"]
    assert (problem["key"], problem["line"]) == ("execution_script", 1)


def test_a_sound_draft_is_published_and_is_no_draft_any_more(author: Any) -> None:
    draft = new(author, target={"all": True}, execution_script=SCRIPT)
    answer = author.post(f"{address('New')}publish", {"revision": draft["revision"], "note": "first"})
    assert (answer.status_code, answer.data["version"], answer.data["execution_script"]) == (200, 1, SCRIPT)
    assert answer.data == author.get(f"/api/flows/{answer.data['id']}/").data
    assert not FlowDraft.objects.exists()
    shown = author.get(address("New")).data
    assert (shown["revision"], shown["is_draft"], shown["base_version"]) == (0, False, 1)
    acts = AuditEntry.objects.filter(name="New").order_by("id").values_list("action", "details")
    assert list(acts) == [
        ("created draft", {"mode": "serial"}),
        ("published", {"version": 1, "note": "first"}),
    ]


def test_a_draft_with_problems_is_refused_by_field_and_stays(author: Any) -> None:
    draft = new(author, execution_script="log('x'\n", target={"profile": "linx"})
    answer = author.post(f"{address('New')}publish", {"revision": draft["revision"]})
    assert (answer.status_code, answer.data["code"]) == (400, "definition")
    assert answer.data["fields"] == {"execution_script": ["line 1: not valid Python 3.11: '(' was never closed"]} | {
        "target.profile": ["there is no profile 'linx'; did you mean 'linux'?"]
    }
    assert {(problem["key"], problem["line"]) for problem in answer.data["problems"]} == {
        ("execution_script", 1),
        ("target.profile", 0),
    }
    assert author.get(address("New")).data == draft
    assert not FlowVersion.objects.filter(flow__name="New").exists()


def test_an_empty_flow_is_told_what_it_lacks(author: Any) -> None:
    author.post("/api/drafts/", {"name": "New"})
    answer = author.post(f"{address('New')}publish", {"revision": 1})
    assert answer.data["fields"] == {
        "execution_script": ["execution_script is missing, expected the steps of the flow"]
    }


def test_a_stale_save_is_refused_with_what_is_stored_now(author: Any, client_of: Clients) -> None:
    author.put(address(), {"revision": 0, "execution_script": "log('mine')\n"})
    other = client_of("administrator")
    answer = other.put(address(), {"revision": 0, "execution_script": "log('theirs')\n"})
    assert (answer.status_code, answer.data["code"]) == (409, "draft_changed")
    assert "the author saved this draft at 20" in answer.data["message"]
    assert answer.data["draft"] == author.get(address()).data
    assert answer.data["draft"]["execution_script"] == "log('mine')\n"
    assert other.put(address(), {"revision": 1, "execution_script": "log('theirs')\n"}).data["revision"] == 2
    assert author.post(f"{address()}publish", {"revision": 1}).data["code"] == "draft_changed"
    assert FlowVersion.objects.filter(flow__name="Rolling restart").count() == 1


def test_a_save_that_is_sent_twice_is_one_save(author: Any) -> None:
    body = {"revision": 0, "execution_script": "log('x')\n"}
    assert author.put(address(), body).data == author.put(address(), body).data
    assert author.put(address(), {"revision": 1}).data["revision"] == 1


def test_a_save_after_somebody_published_is_refused(author: Any) -> None:
    author.put(address(), {"revision": 0, "base_version": 1, "concurrency": 2})
    assert author.post(f"{address()}publish", {"revision": 1}).data["version"] == 2
    for body in ({"revision": 1}, {"revision": 0, "base_version": 1}):
        answer = author.put(address(), {**body, "concurrency": 4})
        assert (answer.status_code, answer.data["code"]) == (409, "draft_changed")
        assert (answer.data["draft"]["concurrency"], answer.data["draft"]["is_draft"]) == (2, False)


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_a_new_draft_is_not_taken_for_the_one_before_it(author: Any, end: str) -> None:
    """Somebody still holds the first draft when the second begins: nothing of the second is overwritten unseen."""
    author.put(address(), {"revision": 0, "execution_script": "log('first')\n"})
    ended = author.post(f"{address()}publish", {"revision": 1}) if end == "publish" else author.delete(address())
    assert ended.status_code < 300
    second = author.put(address(), {"revision": 0, "execution_script": "log('second')\n"}).data
    assert second["revision"] == 2
    answers = [
        author.put(address(), {"revision": 1, "execution_script": "log('late')\n"}),
        author.post(f"{address()}publish", {"revision": 1}),
        author.delete(f"{address()}?revision=1"),
    ]
    assert [(answer.status_code, answer.data["code"]) for answer in answers] == [(409, "draft_changed")] * 3
    assert author.get(address()).data["execution_script"] == "log('second')\n"
    assert author.put(address(), {"revision": 0, "execution_script": "log('second')\n"}).data == second


def test_a_version_that_the_author_has_not_seen_is_replaced_only_by_its_name(author: Any) -> None:
    author.put(address(), {"revision": 0, "concurrency": 2})
    author.post(f"{address().replace('drafts', 'flows')}publish", {"concurrency": 7})
    answer = author.post(f"{address()}publish", {"revision": 1})
    assert (answer.status_code, answer.data["code"]) == (409, "published_since")
    shown = author.get(address()).data
    assert (shown["base_version"], shown["published_version"], shown["concurrency"]) == (1, 2, 2)
    answer = author.post(f"{address()}publish", {"revision": 1, "over_version": 2})
    assert (answer.data["version"], answer.data["concurrency"]) == (3, 2)


def test_there_is_nothing_to_publish_or_discard_without_a_draft(author: Any) -> None:
    assert author.post(f"{address()}publish", {"revision": 1}).data["code"] == "draft_changed"
    assert author.delete(address()).data["code"] == "no_draft"


def test_discarding_leaves_the_published_flow_and_takes_one_that_never_was(author: Any) -> None:
    author.put(address(), {"revision": 0, "concurrency": 2})
    assert author.delete(address()).status_code == 204
    assert author.get(address()).data["concurrency"] == 1
    author.post("/api/drafts/", {"name": "New"})
    assert author.delete(address("New")).status_code == 204
    assert not Flow.objects.filter(name="New").exists()


def test_nobody_discards_what_somebody_saved_since(author: Any) -> None:
    author.put(address(), {"revision": 0, "concurrency": 2})
    author.put(address(), {"revision": 1, "concurrency": 3})
    refused = author.delete(f"{address()}?revision=1")
    assert (refused.status_code, refused.data["code"]) == (409, "draft_changed")
    assert refused.data["draft"]["concurrency"] == 3
    assert author.delete(f"{address()}?revision=two").status_code == 400
    assert author.delete(f"{address()}?revison=2").status_code == 400
    assert author.delete(f"{address()}?revision=2").status_code == 204


def test_a_flow_that_a_schedule_needs_is_not_discarded(author: Any) -> None:
    author.post("/api/drafts/", {"name": "New"})
    Schedule.objects.create(name="nightly", flow=Flow.objects.get(name="New"))
    answer = author.delete(address("New"))
    assert (answer.status_code, answer.data["code"]) == (409, "conflict")
    assert "nightly" in answer.data["message"]
    assert author.get(address("New")).data["is_draft"] is True


def test_a_flow_may_be_renamed_until_it_is_published(author: Any) -> None:
    author.post("/api/drafts/", {"name": "New"})
    place = address("New")
    assert author.put(place, {"revision": 1, "name": "Check"}).data["code"] == "name_taken"
    assert author.put(place, {"revision": 1, "name": "Newer"}).data["name"] == "Newer"
    assert author.put(address(), {"revision": 0, "name": "Newer"}).data["code"] == "name_fixed"
    assert author.put(address(), {"revision": 0, "name": "Rolling restart", "concurrency": 2}).status_code == 200


def test_a_flow_that_is_published_in_another_way_keeps_its_draft(author: Any) -> None:
    author.post("/api/drafts/", {"name": "New"})
    publish_flow(name="New", definition={"mode": "serial"}, execution_script="log('x')\n", by=SYSTEM)
    shown = author.get(address("New")).data
    assert (shown["is_draft"], shown["base_version"], shown["published_version"]) == (True, None, 1)


@pytest.mark.parametrize(
    "body",
    [{}, {"revision": "x"}, {"revision": -1}, {"revision": 0, "scrpt": ""}, {"revision": 0, "execution_script": ["x"]},
     {"revision": 0, "execution_script": None}, {"revision": 0, "mode": "a\0b"}],
)  # fmt: skip
def test_a_save_with_unknown_keys_or_no_texts_is_refused(author: Any, body: dict[str, Any]) -> None:
    assert author.put(address(), body).status_code == 400
    assert not FlowDraft.objects.exists()


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("nobody", 403, 403), ("viewer", 200, 403), ("operator", 200, 403), ("author", 200, 200)],
)
def test_everybody_reads_drafts_and_authors_write_them(client_of: Clients, role: str, read: int, write: int) -> None:
    client = client_of(role)
    assert client.get(address()).status_code == read
    assert client.get("/api/drafts/").status_code == read
    assert client.post(f"{address()}check").status_code == read
    assert client.put(address(), {"revision": 0, "concurrency": 2}).status_code == write
    assert client.post(f"{address()}publish", {"revision": 1}).status_code == write
    if write == 403:
        assert client.post("/api/drafts/", {"name": "x"}).status_code == 403
        assert client.delete(address()).status_code == 403


def test_a_flow_that_is_not_there_has_no_draft(author: Any) -> None:
    for answer in (author.get("/api/drafts/99999/"), author.put("/api/drafts/99999/", {"revision": 0})):
        assert (answer.status_code, answer.data["code"]) == (404, "not_found")


def test_the_list_has_the_stored_drafts_and_costs_the_same_queries_whatever_their_number(author: Any) -> None:
    def listed() -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as captured:
            rows = author.get("/api/drafts/").data["results"]
        return [row["name"] for row in rows], len(captured)

    author.put(address(), {"revision": 0, "concurrency": 2})
    names, queries = listed()
    assert names == ["Rolling restart"]
    for index in range(4):
        author.post("/api/drafts/", {"name": f"N{index}"})
    names, more = listed()
    assert (names[0], len(names), more) == ("N3", 5, queries)
