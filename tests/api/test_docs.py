"""The page of the API: every call of the schema is in it, and its examples can be sent as they stand."""

import json
import re
import shlex
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from flows.web.api_docs import curl, described
from flows.web.openapi import Operation
from flows.web.openapi_examples import EXAMPLES
from tests.api.conftest import Clients

BASE = "http://testserver"


def calls() -> Mapping[str, Operation]:
    return {call.id: call for section in described() for call in section.operations}


def sent(call: Operation, client: APIClient, path: str = "") -> Any:
    """Sends what the shell would send."""
    words = shlex.split(curl(call, BASE).replace("\\\n", ""))
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
    assert words[:3] == ["curl", "-H", "Authorization: Token $TOKEN"]
    assert words[-1].startswith(f"{BASE}/api/")
    return client.generic(
        method, path or words[-1].removeprefix(BASE), json.dumps(body) if body is not None else "", "application/json"
    )


@pytest.fixture
def page(client: Client, db: Any) -> str:
    """As somebody reads it who has no account."""
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    return answer.text


def test_every_call_of_the_schema_is_on_the_page_once(page: str) -> None:
    schema = APIClient().get("/api/schema/", HTTP_ACCEPT="application/json").json()
    named = {call["operationId"] for path in schema["paths"].values() for call in path.values()}
    assert len(named) > 40
    assert re.findall(r'<details class="card docs-call" id="([^"]+)"', page) == list(calls())
    assert set(calls()) == named


def test_a_call_shows_its_fields_in_plain_words(page: str) -> None:
    start = calls()["flows_runs_create"]
    assert {(field.name, field.where) for field in start.parameters} == {("id", "path"), ("Idempotency-Key", "header")}
    assert [field.name for field in start.body] == ["inputs", "elements", "reason", "plan_hash"]
    assert [(answer.status, bool(answer.fields)) for answer in start.answers] == [("201", True)]
    listed = calls()["runs_list"]
    fields = {field.name: field.type for field in listed.answers[0].fields}
    assert fields["results[].version"] == "whole number, or null"
    assert fields["results[].started_at"] == "instant, ISO 8601, or null"
    states = next(field for field in listed.parameters if field.name == "state")
    assert states.type.startswith("list of one of ")
    assert "`" not in page
    assert "A unique integer value" not in page


def test_secrets_are_taken_and_never_in_an_answer() -> None:
    create = calls()["credentials_create"]
    assert "secret" in {field.name for field in create.body}
    assert "secret" not in {field.name for answer in create.answers for field in answer.fields}
    assert "id" not in {field.name for field in create.body}


def test_written_examples_belong_to_calls_that_there_are() -> None:
    assert set(EXAMPLES) <= set(calls())


def test_every_question_without_a_number_in_its_path_is_answered(fleet: None, client_of: Clients) -> None:
    client = client_of("administrator")
    asked = [call for call in calls().values() if call.method == "GET" and "{" not in call.path]
    assert len(asked) >= 12
    for call in asked:
        answer = sent(call, client)
        assert answer.status_code == 200, (call.id, answer.content)


@pytest.mark.django_db(transaction=True)  # planning reads in a thread of its own
def test_the_examples_that_make_things_work_one_after_the_other_on_a_new_site(client_of: Clients) -> None:
    client = client_of("administrator")
    makes = [name for name in EXAMPLES if name.endswith("_create") and "{" not in calls()[name].path]
    assert len(makes) >= 9
    made = {}
    for name in makes:
        answer = sent(calls()[name], client)
        assert answer.status_code in (200, 201), (name, answer.content)
        made[name] = answer.json()
    flow = made["flows_create"]["id"]
    for name in (
        "flows_check_create",
        "flows_plan_create",
        "flows_publish_create",
        "flows_runs_create",
        "flows_update",
    ):
        answer = sent(calls()[name], client, calls()[name].path.format(id=flow))
        assert answer.status_code in (200, 201), (name, answer.content)
    draft = made["drafts_create"]["flow"]
    for name in ("drafts_update", "drafts_publish_create"):
        answer = sent(calls()[name], client, calls()[name].path.format(flow_id=draft))
        assert answer.status_code == 200, (name, answer.content)


def test_the_page_shows_each_example_as_it_is_sent(page: str) -> None:
    shown = [unescape(text) for text in re.findall(r'<pre tabindex="0">(.*?)</pre>', page, re.DOTALL)]
    assert [curl(call, BASE) for call in calls().values()] == shown[1:]
