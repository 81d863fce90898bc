"""What nobody should send is refused in the shape of every error, and poisons nothing (4.4)."""

from typing import Any

import pytest

from flows.models import Run
from tests.api.conftest import Clients

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("fleet")]  # databases differ in what they can hold


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of an error, after a look at its shape."""
    body = answer.json()
    assert body.keys() == {"code", "message", "fields"}
    assert all(isinstance(text, str) for messages in body["fields"].values() for text in messages)
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 100_000, 400, "parse_error"),
        (b'{"name": "x", "profile": "here", "settings": {"a": ' + b"[" * 60 + b"]" * 60 + b"}}", 400, "parse_error"),
        (b'{"name": "x", "profile": "here", "settings": {"a": "\\ud800"}}', 400, "parse_error"),
        (b'{"name": "x", "profile": "here", "settings": {"\\udfff": 1}}', 400, "parse_error"),
        (b'{"name": "\xff"}', 400, "parse_error"),
        (b'{"name": "x", "settings": {"a": NaN}}', 400, "parse_error"),
        (b'{"name": "x", "profile": "here", "address": "' + b"x" * 3_000_000 + b'"}', 413, "too_large"),
        (b'{"name": "x", "profile": "linux"}', 400, "invalid"),
        (b"[]", 400, "invalid"),
        (b'{"name": "x\\u0000", "profile": "here"}', 400, "invalid"),
        (b'{"name": "x", "profile": "here\\u0000"}', 400, "invalid"),
        (b'{"name": "x", "profile": "here", "settings": {"a": ["\\u0000"]}}', 400, "invalid"),
        (b'{"\\u0000": 1}', 400, "invalid"),
    ],
)
def test_a_body_that_cannot_be_stored_is_refused(client_of: Clients, body: bytes, status: int, code: str) -> None:
    client = client_of("author")
    answer = client.generic("POST", "/api/elements/", body, content_type="application/json")  # type: ignore[arg-type]
    assert refused(answer) == (status, code)


@pytest.mark.parametrize("priority", [10**30, 1_000_001, 1.5, True, "many"])
def test_a_priority_is_a_small_whole_number(client_of: Clients, priority: object) -> None:
    answer = client_of("author").post("/api/groups/", {"name": "x", "priority": priority})
    assert (refused(answer), list(answer.data["fields"])) == ((400, "invalid"), ["priority"])


def test_what_is_wrong_inside_a_field_is_told_by_its_dotted_path_without_the_value(client_of: Clients) -> None:
    secret = {"name": "x", "type": "token", "secret": {"token": ["5ecret"]}}
    answer = client_of("administrator").post("/api/credentials/", secret)
    assert (refused(answer), list(answer.data["fields"])) == ((400, "invalid"), ["secret.token"])
    assert "5ecret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/", 404, "not_found"),
        ("/api/nothing/1/", 404, "not_found"),
        ("/api/runs/1/approve", 404, "not_found"),
        ("/api/schedules/7", 404, "not_found"),
        ("/api/elements/99999999999999999999999/", 404, "not_found"),
        ("/api/runs/?root=99999999999999999999999", 400, "invalid"),
        ("/api/runs/?state=lost", 400, "invalid"),
        ("/api/elements/?name=%00", 400, "invalid"),
        ("/api/targets", 400, "target"),
        ("/api/targets?all=1&profile=linux", 400, "target"),
        ("/api/targets?profile=linx", 400, "target"),
    ],
)
def test_an_address_or_query_that_means_nothing_is_refused(
    client_of: Clients, path: str, status: int, code: str
) -> None:
    assert refused(client_of("viewer").get(path)) == (status, code)


def test_addresses_work_without_their_last_slash(client_of: Clients) -> None:
    for path in ("schema", "docs", "elements", "targets?all=1"):
        assert client_of("viewer").get(f"/api/{path}", follow=True).status_code == 200


def test_an_idempotency_key_is_printable(client_of: Clients) -> None:
    [flow] = client_of("viewer").get("/api/flows/?name=Check").data["results"]
    answer = client_of("operator").post(
        f"/api/flows/{flow['id']}/runs", {"elements": ["db1"]}, HTTP_IDEMPOTENCY_KEY="a\x00b"
    )
    assert refused(answer) == (400, "invalid")
    assert not Run.objects.exists()


def test_a_token_that_no_database_could_hold_is_a_wrong_token(client_of: Clients) -> None:
    client = client_of("viewer")
    client.credentials(HTTP_AUTHORIZATION="Token a\x00b")
    assert refused(client.get("/api/elements/")) == (401, "authentication_failed")


def test_a_flow_with_a_nul_in_its_name_is_refused(client_of: Clients) -> None:
    flow = {"name": "x\0", "mode": "serial", "execution_script": "log('x')"}
    answer = client_of("author").post("/api/flows/", flow)
    assert (refused(answer), list(answer.data["fields"])) == ((400, "invalid"), ["name"])
