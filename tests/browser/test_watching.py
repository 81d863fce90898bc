"""A run that is watched: what the page shows moves by itself, survives the web server, and ends as it is stored."""

import os
import re
import signal
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewVisitor
from tests.journeys.site import Site, until
from tests.journeys.test_up import main_process

pytestmark = pytest.mark.browser

ELEMENTS = 8
STEPS = ("Prepare", "Change", "Check")

DOCUMENTS = "---\n".join(
    [
        "kind: Profile\nname: here\nconnection: {type: local}\n",
        *(f"kind: Element\nname: e{number}\nprofile: here\n" for number in range(1, ELEMENTS + 1)),
        *(f"kind: Task\nname: {step}\nclass: command\ncommand: sleep 0.6; echo {step} done\n" for step in STEPS),
        "kind: Task\nname: Break\nclass: command\ncommand: echo it breaks >&2; exit 3\n",
        "kind: Flow\nname: Watched\nmode: parallel\ntarget: {all: true}\nconcurrency: 2\nerror_threshold: 1\n"
        "execution_script: |\n"
        + "".join(f"  run_task('{step}')\n" for step in STEPS)
        + "  if element['name'] == 'e7':\n    run_task('Break')\n",
    ]
)


@pytest.fixture
def site(live_up: Site) -> Site:
    live_up.apply(DOCUMENTS)
    return live_up


def get(page: Page, path: str) -> Any:
    """What the API says, asked from within the page."""
    return page.evaluate("path => fetch(path).then(answer => answer.json())", path)


def shown_cells(page: Page) -> dict[tuple[str, str], str]:
    """The matrix as it stands: element and step, to the word of its state; cells that were not reached left out."""
    labels = page.locator(".mx-cell").evaluate_all("cells => cells.map(cell => cell.getAttribute('aria-label'))")
    found = {}
    for label in labels:
        told = re.fullmatch(r"(\S+), (?:\d+ )?(.+?): (.+?)(?:, .*)?", label)
        assert told is not None, label
        if told[3] != "not reached":
            found[told[1], told[2]] = told[3]
    return found


def stored_cells(page: Page, run: int) -> dict[tuple[str, str], str]:
    """The same from the rows of the database."""
    steps = get(page, f"/api/runs/{run}/steps?page_size=1000")["results"]
    return {(step["element"], step["name"]): step["status"].replace("_", " ") for step in steps}


def test_kill_9_of_the_web_server_while_a_run_is_watched_loses_nothing(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    following = site.begin_run("Watched")
    run = int(following.until(lambda event: event["type"] == "step_started")["run"])
    page = visitor.open(f"/runs/{run}/")
    page.get_by_role("gridcell", name=re.compile("e1, .*Prepare: succeeded")).wait_for()

    os.kill(main_process(site, "flowsite.asgi:application"), signal.SIGKILL)
    page.get_by_text("Connection lost").wait_for()
    following.end()

    page.locator(".run-head .state, [data-state]", has_text="partial").first.wait_for(timeout=30_000)
    until(lambda: shown_cells(page) == stored_cells(page, run), 10, "the page shows what is stored")
    cells = shown_cells(page)
    assert len(cells) == ELEMENTS * len(STEPS) + 1
    assert cells["e7", "Break"] == "failed"
    assert page.get_by_text("Connection lost").is_hidden()
    counts = get(page, f"/api/runs/{run}/")["elements_by_state"]
    assert counts == {"failed": 1, "succeeded": ELEMENTS - 1}
    for state, number in counts.items():
        assert page.get_by_role("button", name=re.compile(rf"{number} {state}")).is_visible()
