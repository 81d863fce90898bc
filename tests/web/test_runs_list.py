"""The list of runs: the address says which, the rows hold what a row shows, and their number costs no queries."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flows.models import Run, RunElement
from tests.factories import AN_INSTANT, make_flow_version, make_run
from tests.web.people import client_of

pytestmark = pytest.mark.django_db


def page_data(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', answer.text)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def ended(**fields: Any) -> Run:
    return make_run(**{"state": "succeeded", "started_at": AN_INSTANT, "ended_at": AN_INSTANT, **fields})


def numbers(query: str) -> list[int]:
    answer = client_of("viewer").get(f"/runs/rows/?{query}")
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()["rows"]]


def test_a_row_says_what_ran_how_it_stands_and_who_started_it() -> None:
    version = make_flow_version("Rolling restart")
    run = make_run(version, state="running", started_at=AN_INSTANT, run_reason="update", started_by="alice")
    for position, state in enumerate(["succeeded", "succeeded", "running"]):
        RunElement.objects.create(run=run, position=position, name=f"db{position}", state=state)
    child = make_run(version, root=run, parent=run, number=1)
    shown = page_data(client_of("viewer").get("/runs/"))
    assert [row["id"] for row in shown["rows"]] == [run.pk] != [child.pk]
    row = shown["rows"][0]
    assert (row["flow"], row["version"], row["state"], row["mode"]) == ("Rolling restart", 1, "running", "serial")
    assert (row["run_reason"], row["started_by"]) == ("update", "alice")
    assert row["counts"] == {"succeeded": 2, "running": 1}
    assert (row["started_at"], row["ended_at"]) == (AN_INSTANT.isoformat(), None)


def test_the_address_filters_by_states_flow_starter_and_text() -> None:
    failed = ended(state="failed", flow_name="Clean logs", run_reason="Disk is FULL")
    partial = ended(state="partial", started_by="bob")
    good = ended(flow_name="Clean logs")
    assert numbers("state=failed&state=partial") == [partial.pk, failed.pk]
    assert numbers("flow=Clean+logs") == [good.pk, failed.pk]
    assert numbers("flow=Clean+logs&state=failed") == [failed.pk]
    assert numbers("started_by=bob") == [partial.pk]
    assert numbers("search=clean") == [good.pk, failed.pk]
    assert numbers("search=disk+is") == [failed.pk]
    assert numbers(f"search=%23{partial.pk}") == [partial.pk]
    assert numbers("search=nothing+like+it") == []


def test_tries_are_marked_and_can_be_left_out_or_listed_alone() -> None:
    real, tried = ended(), ended(is_try=True)
    assert (numbers(""), numbers("tries=none"), numbers("tries=only")) == ([tried.pk, real.pk], [real.pk], [tried.pk])
    shown = page_data(client_of("viewer").get("/runs/?tries=only"))
    assert ([row["is_try"] for row in shown["rows"]], shown["filters"]["tries"]) == ([True], "only")
    refused = client_of("viewer").get("/runs/?tries=some")
    assert (refused.status_code, "expected one of only, none" in refused.text) == (400, True)


def test_the_form_shows_what_the_address_asks_for_even_if_it_is_gone() -> None:
    page = client_of("viewer").get("/runs/?state=failed&flow=Gone&started_by=nobody&search=%3Cb%3E").text
    assert re.search(r'value="failed" checked', page)
    assert len(re.findall(r" checked", page)) == 1
    assert "<option selected>Gone</option>" in page
    assert "<option selected>nobody</option>" in page
    assert 'value="&lt;b&gt;"' in page


def test_a_state_that_there_is_not_is_refused_with_those_there_are() -> None:
    answer = client_of("viewer").get("/runs/?state=faild")
    assert answer.status_code == 400
    assert "faild" in answer.text
    assert "needs_attention" in answer.text


def test_older_runs_are_on_later_pages_and_the_page_behind_the_last_is_the_last() -> None:
    runs = [ended().pk for _ in range(51)]
    client = client_of("viewer")
    first = client.get("/runs/rows/").json()
    assert (len(first["rows"]), first["page"], first["pages"], first["total"]) == (50, 1, 2, 51)
    for page in ("2", "9", "x"):
        shown = page_data(client.get(f"/runs/?page={page}"))
        assert [row["id"] for row in shown["rows"]] == ([runs[0]] if page != "x" else runs[:0:-1])


def test_an_empty_list_tells_no_runs_at_all_from_none_that_match() -> None:
    client = client_of("viewer")
    assert client.get("/runs/rows/").json()["any"] is False
    ended()
    shown = client.get("/runs/rows/?state=failed").json()
    assert (shown["any"], shown["rows"]) == (True, [])


@pytest.mark.parametrize("path", ["/runs/", "/runs/rows/"])
def test_more_runs_cost_no_more_queries(path: str) -> None:
    client = client_of("viewer")

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    for number in range(2):
        RunElement.objects.create(run=ended(), position=0, name=f"e{number}")
    few = cost()
    for number in range(30):
        RunElement.objects.create(run=ended(), position=0, name=f"e{number}")
    assert cost() == few <= 9


def test_rows_are_kept_by_no_cache_and_shown_to_nobody_else() -> None:
    assert client_of("viewer").get("/runs/rows/")["Cache-Control"] == "no-store"
    assert Client().get("/runs/rows/").status_code == 302
