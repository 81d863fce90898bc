"""The editor's page: who sees it, what it may do, what its script is told."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Flow, FlowVersion
from flows.operations.drafts import create_draft
from flowsite.kernel.access import SYSTEM
from tests.factories import make_flow_version, make_group, make_profile
from tests.web.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> FlowVersion:
    """A published flow."""
    return make_flow_version("Restart")


def page_of(flow: int, role: str = "author") -> str:
    answer = client_of(role).get(f"/flows/{flow}/edit/")
    assert answer.status_code == 200
    return answer.content.decode()


def policy_of(header: str) -> dict[str, str]:
    """The directives of a Content-Security-Policy."""
    return dict(part.strip().split(" ", 1) for part in header.split(";") if part.strip())


def test_who_is_not_signed_in_is_asked_to(version: FlowVersion) -> None:
    answer = Client().get(f"/flows/{version.flow_id}/edit/")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize(
    ("role", "shown"),
    [("viewer", (False, False)), ("operator", (False, True)), ("author", (True, True))],
)
def test_everybody_reads_and_authors_publish(version: FlowVersion, role: str, shown: tuple[bool, bool]) -> None:
    page = page_of(version.flow_id, role)
    assert ('id="publish"' in page, f'data-start-flow="{version.flow_id}"' in page) == shown
    assert ('id="block-search"' in page, 'id="discard"' in page) == (shown[0], shown[0])


def test_a_flow_that_was_never_published_opens() -> None:
    draft = create_draft(name="Only begun", by=SYSTEM)
    assert "Only begun" in page_of(draft.flow_id)


def test_an_archived_flow_is_not_there(version: FlowVersion) -> None:
    Flow.objects.filter(pk=version.flow_id).update(archived=True)
    client = client_of("author")
    assert client.get(f"/flows/{version.flow_id}/edit/").status_code == 404
    assert client.get("/flows/999999/edit/").status_code == 404


def test_styles_alone_are_freer_than_elsewhere(version: FlowVersion) -> None:
    client = client_of("author")
    editor = policy_of(client.get(f"/flows/{version.flow_id}/edit/")["Content-Security-Policy"])
    elsewhere = policy_of(client.get("/flows/")["Content-Security-Policy"])
    assert editor.pop("style-src-elem") == "'self' 'unsafe-inline'"
    assert editor.pop("style-src-attr") == "'unsafe-inline'"
    assert editor == elsewhere
    assert "unsafe-eval" not in str(editor)
    assert "unsafe-inline" not in editor.get("script-src", editor["default-src"])


def test_the_script_is_told_what_a_target_can_be_chosen_from(version: FlowVersion) -> None:
    make_profile("postgres")
    make_group("prod")
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page_of(version.flow_id))
    assert found is not None
    data = json.loads(found.group(1))
    assert data["flow"] == version.flow_id
    assert data["profiles"] == [{"name": "postgres", "members": 0}]
    assert data["groups"] == [{"name": "prod", "members": 0}]
    assert "boolean" in data["input_types"]


def test_the_page_costs_the_same_with_many_groups(version: FlowVersion) -> None:
    client = client_of("author")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(f"/flows/{version.flow_id}/edit/")
        return len(captured)

    before = queries()
    for number in range(20):
        make_group(f"g{number}")
    assert queries() == before
