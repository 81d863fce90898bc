"""Versions and differences over REST: what changed, whom it reaches, and a version taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.adapters.sealing import seal
from flows.models import Flow, FlowDraft, FlowVersion, Schedule
from flows.tasks.inputs import InputSpec
from flowsite.kernel.models import AuditEntry
from tests.api.conftest import Clients
from tests.factories import make_flow_version

pytestmark = [pytest.mark.usefixtures("fleet"), pytest.mark.database]

FIRST = "log('checked')"
SECOND = "log('checked')\nsleep(5)\n"
SUNDAY = datetime(2026, 11, 29, 2, tzinfo=UTC)


@pytest.fixture
def author(client_of: Clients) -> Any:
    return client_of("author")


def flow(name: str = "Check") -> Flow:
    return Flow.objects.get(name=name)


def at(place: str, name: str = "Check") -> str:
    return f"/api/{place.replace('{flow}', str(flow(name).pk))}"


def saved(author: Any, revision: int = 0, **changes: Any) -> int:
    """The revision of the draft of *Check* with these changes."""
    return int(author.put(at("drafts/{flow}"), {"revision": revision, **changes}).data["revision"])


def published(author: Any, note: str = "", **changes: Any) -> None:
    answer = author.post(at("drafts/{flow}/publish"), {"revision": saved(author, **changes), "note": note})
    assert answer.status_code == 200


def texts(words: list[dict[str, str]]) -> list[str]:
    return [word["text"] for word in words]


def test_a_draft_is_told_in_words_against_the_current_version(author: Any) -> None:
    saved(author, execution_script=SECOND)
    answer = author.post(at("drafts/{flow}/changes"), {"keys": {"concurrency": 5, "inputs": []}}).data
    assert (answer["version"], answer["is_same"]) == (1, False)
    assert answer["words"] == [
        {"part": "order", "text": "order unchanged"},
        {"part": "steps", "text": "new step 2 Wait 5"},
        {"part": "rules", "text": "50 at a time → 5 at a time"},
    ]
    assert answer["scripts"]["execution"] == [(" ", 1, 1, "log('checked')"), ("+", None, 2, "sleep(5)")]
    assert answer["scripts"]["processing"] == []
    assert FlowDraft.objects.get().revision == 1, "nothing is stored"


def test_what_is_the_same_is_said_to_be(author: Any) -> None:
    answer = author.post(at("drafts/{flow}/changes"), {}).data
    assert (answer["is_same"], answer["words"], answer["version"]) == (True, [], 1)


def test_a_new_flow_is_told_as_a_whole(author: Any) -> None:
    author.post("/api/drafts/", {"name": "New"})
    keys = {"execution_script": FIRST, "target": {"all": True}}
    answer = author.post(at("drafts/{flow}/changes", "New"), {"keys": keys}).data
    assert (answer["version"], answer["is_same"]) == (None, False)
    assert texts(answer["words"]) == [
        "every enabled element",
        "by name",
        "step 1 Log 'checked'",
        "Serial, one at a time",
        "stop at the first failure",
    ]


def test_a_broken_draft_is_told_by_its_lines(author: Any) -> None:
    keys = {"execution_script": "log(", "concurrency": "many"}
    answer = author.post(at("drafts/{flow}/changes"), {"keys": keys}).data
    steps, rules = [word["text"] for word in answer["words"] if word["part"] != "order"]
    assert steps.startswith("script: 1 line new, 1 gone; it cannot be compared step by step")
    assert rules == "concurrency changed, and cannot be read"


def test_schedules_of_the_latest_version_and_callers_are_told(author: Any) -> None:
    common = {"flow": flow(), "days": ["sun"], "times": ["02:00"], "since": SUNDAY}
    Schedule.objects.create(name="Sunday", enabled=True, next_at=SUNDAY, timezone="Europe/Madrid", **common)
    Schedule.objects.create(name="Pinned", enabled=True, next_at=SUNDAY, version="1", **common)
    Schedule.objects.create(name="Off", enabled=False, **common)
    answer = author.post(at("drafts/{flow}/changes"), {}).data
    [told] = answer["schedules"]
    assert (told["name"], told["timezone"], told["next_at"]) == ("Sunday", "Europe/Madrid", SUNDAY)
    assert answer["callers"] == ["Rolling restart"]


SPEED = {"name": "speed", "type": "integer", "required": True}
NOTHING_WRONG: dict[str, Any] = {"missing": (), "unknown": (), "wrong": []}


def scheduled(name: str, **inputs: Any) -> Schedule:
    common = {"flow": flow(), "days": ["sun"], "times": ["02:00"], "since": SUNDAY, "next_at": SUNDAY}
    return Schedule.objects.create(name=name, enabled=True, inputs=inputs, **common)


@pytest.mark.parametrize(
    ("inputs", "given", "misfit"),
    [
        ([SPEED], {}, {**NOTHING_WRONG, "missing": ("speed",)}),
        ([SPEED], {"speed": None}, {**NOTHING_WRONG, "missing": ("speed",)}),
        ([{**SPEED, "default": 3}], {}, None),
        ([{**SPEED, "required": False}], {}, None),
        ([SPEED], {"speed": 4}, None),
        ([SPEED], {"speed": "4"}, {**NOTHING_WRONG, "wrong": [{"name": "speed", "expected": "a whole number"}]}),
        ([], {"speed": 4}, {**NOTHING_WRONG, "unknown": ("speed",)}),
    ],
)
def test_a_schedule_whose_inputs_would_not_fit_is_told_so(
    author: Any, inputs: list[Any], given: dict[str, Any], misfit: dict[str, Any] | None
) -> None:
    scheduled("Sunday", **given)
    saved(author, inputs=inputs)
    [told] = author.post(at("drafts/{flow}/changes"), {}).data["schedules"]
    assert told["misfit"] == misfit


def test_what_does_not_fit_tells_no_value_and_needs_no_key(author: Any) -> None:
    sealed = seal([InputSpec("speed", type="secret")], {"speed": "a5ecret", "other": 1})
    schedule = scheduled("Sunday", **sealed.shown)
    Schedule.objects.filter(pk=schedule.pk).update(sealed_inputs=sealed.token)
    saved(author, inputs=[SPEED])
    answer = author.post(at("drafts/{flow}/changes"), {})
    assert answer.data["schedules"][0]["misfit"]["wrong"] == [{"name": "speed", "expected": "a whole number"}]
    assert "a5ecret" not in answer.content.decode()
    Schedule.objects.filter(pk=schedule.pk).update(sealed_inputs=b"of another key")
    [told] = author.post(at("drafts/{flow}/changes"), {}).data["schedules"]
    assert told["misfit"] == {**NOTHING_WRONG, "unknown": ("other",)}


def test_published_calls_that_would_not_fit_are_told_by_their_lines(author: Any) -> None:
    script = (
        "run_flow('Check')\nrun_flow('Check', check=False, speed=inputs['service'])\nrun_flow('Check', speed='x')\n"
    )
    make_flow_version("Rolling restart", execution_script=script)
    assert author.post(at("drafts/{flow}/changes"), {"keys": {"inputs": []}}).data["unfit_calls"] == [
        {"flow": "Rolling restart", "line": line, "misfit": {**NOTHING_WRONG, "unknown": ("speed",)}} for line in (2, 3)
    ]
    assert author.post(at("drafts/{flow}/changes"), {"keys": {"inputs": [SPEED]}}).data["unfit_calls"] == [
        {"flow": "Rolling restart", "line": 1, "misfit": {**NOTHING_WRONG, "missing": ("speed",)}},
        {
            "flow": "Rolling restart",
            "line": 3,
            "misfit": {**NOTHING_WRONG, "wrong": [{"name": "speed", "expected": "a whole number"}]},
        },
    ]
    script = "more = {'speed': 1}\nrun_flow('Check', **more)\nrun_flow(inputs['service'])\n"
    make_flow_version("Rolling restart", execution_script=script)
    answer = author.post(at("drafts/{flow}/changes"), {"keys": {"inputs": [SPEED]}}).data
    assert answer["unfit_calls"] == [], "what only a run knows is not judged"


def test_two_peoples_changes_of_one_draft_are_told_apart(author: Any) -> None:
    before = {"execution_script": FIRST}
    theirs = {"execution_script": SECOND}
    saved(author, execution_script=SECOND)
    mine = {"execution_script": FIRST, "concurrency": 2}
    address = at("drafts/{flow}/changes")
    assert texts(author.post(address, {"before": before, "keys": theirs}).data["words"]) == [
        "order unchanged", "new step 2 Wait 5",
    ]  # fmt: skip
    assert texts(author.post(address, {"before": before, "keys": mine}).data["words"]) == [
        "order unchanged", "50 at a time → 2 at a time",
    ]  # fmt: skip


def test_versions_are_listed_with_their_notes_and_what_they_changed(author: Any) -> None:
    published(author, "waits a little", execution_script=SECOND)
    rows = author.get(at("flows/{flow}/versions")).data
    assert [(row["number"], row["note"], row["published_by"]) for row in rows] == [
        (2, "waits a little", "the author"), (1, "", "[system]"),
    ]  # fmt: skip
    assert texts(rows[0]["words"]) == ["order unchanged", "new step 2 Wait 5"]
    assert "step 1 Log 'checked'" in texts(rows[1]["words"])
    assert [row["number"] for row in author.get(at("flows/{flow}/versions?before=2")).data] == [1]
    assert FlowVersion.objects.get(flow=flow(), number=2).note == "waits a little"


def test_many_versions_cost_no_more_queries(author: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert author.get(at("flows/{flow}/versions")).status_code == 200
        return len(queries)

    few = cost()
    for number in range(25):
        published(author, execution_script=f"log('{number}')")
    assert cost() == few
    assert len(author.get(at("flows/{flow}/versions")).data) == 20


def test_one_version_gives_its_keys_and_its_difference_to_any_other(author: Any) -> None:
    published(author, execution_script=SECOND)
    published(author, execution_script=SECOND, concurrency=7)
    first = author.get(at("flows/{flow}/versions/1")).data
    assert (first["number"], first["execution_script"], first["concurrency"], first["batches"]) == (1, FIRST, 50, [])
    address = at("flows/{flow}/versions/3/changes")
    assert texts(author.get(address).data["words"]) == ["order unchanged", "50 at a time → 7 at a time"]
    whole = author.get(f"{address}?against=1").data
    assert (whole["version"], whole["against"]) == (3, 1)
    assert texts(whole["words"]) == ["order unchanged", "new step 2 Wait 5", "50 at a time → 7 at a time"]
    back = author.get(at("flows/{flow}/versions/1/changes?against=3")).data
    assert texts(back["words"]) == ["order unchanged", "step 2 Wait 5 is gone", "7 at a time → 50 at a time"]
    assert author.get(at("flows/{flow}/versions/1/changes")).data["against"] is None


@pytest.mark.parametrize(
    "path",
    ["flows/{flow}/versions/9", "flows/{flow}/versions/9/changes", "flows/{flow}/versions/1/changes?against=9",
     "flows/{flow}/versions/1/changes?against=99999999999999999999", "flows/999/versions"],
)  # fmt: skip
def test_what_is_not_there_is_said_so(author: Any, path: str) -> None:
    answer = author.get(at(path))
    assert (answer.status_code, answer.data["code"]) == (404, "not_found")


def test_a_version_is_taken_back_into_the_draft(author: Any) -> None:
    published(author, execution_script=SECOND, concurrency=7)
    revision = saved(author, execution_script="log('mine')", inputs=[{"name": "x"}])
    answer = author.post(at("drafts/{flow}/restore"), {"revision": revision, "version": 1})
    assert answer.status_code == 200
    assert answer.data["revision"] == revision + 1
    assert (answer.data["execution_script"], answer.data["concurrency"], answer.data["inputs"]) == (FIRST, 50, [])
    assert author.post(at("drafts/{flow}/changes"), {"against": 1}).data["is_same"]
    assert FlowVersion.objects.filter(flow=flow()).count() == 2, "nothing is published"
    entry = AuditEntry.objects.filter(action="restored").get()
    assert (entry.name, entry.details) == ("Check", {"version": 1})


def test_without_a_draft_one_begins_with_the_version_that_is_taken_back(author: Any) -> None:
    published(author, execution_script=SECOND)
    answer = author.post(at("drafts/{flow}/restore"), {"revision": 0, "version": 1})
    assert (answer.data["is_draft"], answer.data["base_version"], answer.data["execution_script"]) == (True, 2, FIRST)
    body = {"revision": answer.data["revision"], "note": "back to 1"}
    assert author.post(at("drafts/{flow}/publish"), body).data["version"] == 3


def test_nobodys_later_work_is_replaced_by_a_version(author: Any) -> None:
    saved(author, execution_script="log('theirs')")
    answer = author.post(at("drafts/{flow}/restore"), {"revision": 0, "version": 1})
    assert (answer.status_code, answer.data["code"]) == (409, "draft_changed")
    assert answer.data["draft"]["execution_script"] == "log('theirs')"
    missing = author.post(at("drafts/{flow}/restore"), {"revision": 1, "version": 9})
    assert (missing.status_code, missing.data["code"]) == (404, "not_found")
    assert FlowDraft.objects.get().execution_script == "log('theirs')"


def test_everybody_may_compare_and_authors_take_back(client_of: Clients, author: Any) -> None:
    viewer = client_of("viewer")
    assert viewer.post(at("drafts/{flow}/changes"), {}).status_code == 200
    assert viewer.get(at("flows/{flow}/versions")).status_code == 200
    assert client_of("operator").post(at("drafts/{flow}/restore"), {"revision": 0, "version": 1}).status_code == 403
