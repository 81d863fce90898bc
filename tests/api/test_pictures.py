"""The picture of a version: who may see it, how long it may be kept, what it is when shown by itself."""

import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from tests.api.conftest import Clients
from tests.factories import make_flow_version

pytestmark = pytest.mark.django_db


def address() -> str:
    """The picture of a flow with two versions."""
    flow = make_flow_version("Restart", execution_script="run_task('As it was')\n").flow
    make_flow_version("Restart", execution_script="run_task('As it is')\n")
    return f"/api/flows/{flow.pk}/picture"


def test_a_picture_is_of_the_current_version_or_of_the_one_asked_for(client_of: Clients) -> None:
    viewer, flow = client_of("viewer"), address()
    current, older = viewer.get(flow), viewer.get(f"{flow}/?version=1")
    assert current["Content-Type"].startswith("image/svg+xml")
    assert "As it is" in "".join(ET.fromstring(current.content).itertext())
    assert "As it was" in "".join(ET.fromstring(older.content).itertext())


def test_a_version_may_be_kept_and_the_current_one_is_asked_for_again(client_of: Clients) -> None:
    viewer, flow = client_of("viewer"), address()
    assert "immutable" in viewer.get(f"{flow}?version=2")["Cache-Control"]
    current = viewer.get(flow)
    assert current["Cache-Control"] == "private, no-cache"
    again = viewer.get(flow, headers={"If-None-Match": current["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert viewer.get(f"{flow}?version=1", headers={"If-None-Match": current["ETag"]}).status_code == 200


def test_a_small_picture_has_bars_and_no_words(client_of: Clients) -> None:
    root = ET.fromstring(client_of("viewer").get(f"{address()}?size=small").content)
    assert [node.tag.rsplit("}")[-1] for node in root] == ["title", "rect"]


def test_a_picture_by_itself_has_both_themes_and_a_policy_that_allows_no_more(client_of: Clients) -> None:
    answer = client_of("viewer").get(address())
    assert "prefers-color-scheme:dark" in answer.text
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("?version=3", 404, "has no version 3"),
        ("?version=one", 400, "expected a whole number"),
        ("?size=huge", 400, "expected full or small"),
        ("?colour=red", 400, "no known key"),
    ],
)
def test_what_cannot_be_drawn_is_refused_as_json(client_of: Clients, query: str, status: int, message: str) -> None:
    answer = client_of("viewer").get(address() + query, headers={"Accept": "image/svg+xml"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert message in answer.json()["message"]


def test_no_flow_has_no_picture(client_of: Clients) -> None:
    assert client_of("viewer").get("/api/flows/4711/picture").status_code == 404


def test_who_is_not_signed_in_sees_no_picture() -> None:
    assert Client().get(address()).status_code == 401
