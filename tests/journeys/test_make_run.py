"""The first start as ``make run`` makes it: sign in with the printed password and find three runs that end as told."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.journeys.fixtures import NewSite
from tests.journeys.site import Site, until

pytestmark = pytest.mark.journey

FIRST_FLOWS = ("Hello fleet", "Rolling restart, leader last", "One will fail")
LEADERS_LAST = ["db1", "db3", "db4", "db6", "db2", "db5"]


def said_password(site: Site) -> str:
    """The password that ``up`` has printed once it was ready."""
    [line] = until(
        lambda: [line for line in list(site.lines) if "with the password" in line], 5, "up tells the demo's password"
    )
    found = re.search(r"sign in as demo with the password (\S+)", line)
    assert found, line
    return found[1]


@contextmanager
def signed_in(site: Site, password: str) -> Iterator[httpx.Client]:
    """A browser's session of the demo's login."""
    with httpx.Client(base_url=site.address, follow_redirects=True, timeout=30) as client:
        page = client.get("/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text
        form = {"username": "demo", "password": password, "csrfmiddlewaretoken": token[1]}
        answer = client.post("/login/", data=form, headers={"Referer": f"{site.address}/login/"})
        assert answer.status_code == 200, answer.text
        assert answer.url.path == "/", "signed in, so led on"
        yield client


def ended_runs(client: httpx.Client) -> dict[str, Any] | None:
    """The three first runs by flow, once all of them are over. The heartbeat may have started others."""
    time.sleep(0.25)
    runs = {run["flow"]: run for run in client.get("/api/runs/").json()["results"] if run["started_by"] == "demo"}
    first = {flow: runs[flow] for flow in FIRST_FLOWS if flow in runs}
    over = all(run["state"] in ("succeeded", "failed", "partial", "cancelled") for run in first.values())
    return first if len(first) == len(FIRST_FLOWS) and over else None


def finished_steps(client: httpx.Client, run: int) -> list[tuple[str, str, str]]:
    """Element, task and status of each step of the run, in the order in which they ended."""
    events = client.get(f"/api/runs/{run}/events/").json()["events"]
    tasks = [event for event in events if event["type"] == "step_finished" and event["step"] == "run_task"]
    return [(event["element"], event["name"], event["status"]) for event in tasks]


def test_the_first_start_has_something_to_open_and_the_second_makes_nothing_anew(new_site: NewSite) -> None:
    site = new_site(workers=3)
    site.start("--demo")
    password = said_password(site)
    with signed_in(site, password) as client:
        runs = until(lambda: ended_runs(client), 120, "the first runs are over")
        assert {flow: run["state"] for flow, run in runs.items()} == {
            "Hello fleet": "succeeded",
            "Rolling restart, leader last": "succeeded",
            "One will fail": "failed",
        }
        restarts = finished_steps(client, runs["Rolling restart, leader last"]["id"])
        assert [element for element, task, _ in restarts if task == "Restart service"] == LEADERS_LAST
        backups = finished_steps(client, runs["One will fail"]["id"])
        assert backups[-1] == ("db4", "Check disk", "failed")
        assert {element for element, _, _ in backups} == {"db1", "db2", "db3", "db4"}
        assert "Clean logs" in runs["One will fail"]["reason"]
    assert {path.name for path in (site.data_dir / "demo").iterdir()} >= set(LEADERS_LAST)

    assert site.stop() == 0
    site.start("--demo")
    until(lambda: site.said("sign in as demo; a new password:"), 5, "up tells how to make a new password")
    assert not any(password in line for line in site.lines)
    with signed_in(site, password) as client:
        assert client.get("/api/runs/").json()["count"] >= 3
    assert site.run("Clean logs").status == "succeeded"
    assert site.run("One will fail").status == "succeeded"


def test_where_others_can_come_there_is_no_demo(new_site: NewSite) -> None:
    site = new_site(FLOWSITE_ALLOW_LOCAL="0")
    site.start("--demo", "--host", "0.0.0.0")
    until(lambda: site.said("nobody can sign in yet"), 5, "up tells how to make an account")
    assert site.manage("export").stdout == ""
