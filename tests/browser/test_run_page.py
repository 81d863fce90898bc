"""Starting from the sheet, asking things of the run, and the failing cell: what an operator does at 3 a.m."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewVisitor
from tests.journeys.site import Following, Site

pytestmark = pytest.mark.browser

DOCUMENTS = """\
kind: Profile
name: here
connection: {type: local}
---
kind: Task
name: Stop service
class: command
command: sleep {{ inputs.seconds }}; echo stopped
inputs: [{name: seconds, type: integer, required: true}]
---
kind: Task
name: Start service
class: command
command: echo starting; test {{ element.name | quote }} != db3 || { echo no disk >&2; exit 3; }
---
kind: Flow
name: Restart
mode: serial
target: {all: true}
inputs: [{name: seconds, type: integer, required: true, default: 1}]
execution_script: |
  run_task('Stop service', seconds=inputs['seconds'])
  run_task('Start service')
---
kind: Flow
name: Whole
mode: serial
target: {all: true}
execution_script: |
  if current == first:
      approve('Go on?')
  run_flow('Restart', seconds=0)
  log('done')
---
kind: Flow
name: Canary
mode: parallel
target: {all: true}
batches: [1, '50%']
refresh: [Look]
execution_script: |
  if current == first:
      approve('Go on with the others?')
  log('done')
---
kind: Task
name: Look
class: command
command: echo looked
"""
ELEMENTS = "".join(f"---\nkind: Element\nname: db{number}\nprofile: here\n" for number in range(1, 5))


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With four elements, and flows that fail on one of them, call another and ask."""
    shared_up.apply(DOCUMENTS + ELEMENTS)
    return shared_up


def test_a_run_is_started_paused_resumed_and_its_failure_found(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/flows/")
    page.get_by_role("button", name="Run Restart").click()
    sheet = page.get_by_role("dialog", name="Run Restart")
    sheet.get_by_text("8 waves on 4 elements").wait_for()
    sheet.get_by_label("seconds").fill("soon")
    sheet.get_by_role("button", name="Run on").click()
    sheet.get_by_text("Found “soon”, expected a whole number.").wait_for()
    sheet.get_by_label("seconds").fill("2")
    sheet.get_by_text("Elements:").click()
    sheet.get_by_label("db1").uncheck()
    sheet.get_by_label("Reason").fill("CHG-1")
    sheet.get_by_role("button", name="Run on 3 elements").click()

    page.wait_for_url(re.compile(r"/runs/\d+/"))
    page.get_by_text("narrowed to 3 elements").wait_for()
    page.get_by_role("gridcell", name="db2, 1 Stop service: running").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused: no step starts until somebody resumes it.").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text(re.compile("Stopped: db3 failed at 2 Start service: exit code 3")).wait_for(timeout=30_000)

    page.keyboard.press("n")
    drawer = page.get_by_label("Details")
    drawer.get_by_text("exit code 3: no disk").wait_for()
    drawer.get_by_label("Output").get_by_text("no disk").wait_for()
    assert page.url.endswith("/element/db3/site/2")
    page.reload()
    drawer.get_by_text("exit code 3: no disk").wait_for()
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.get_by_role("button", name="1 failed").click()
    rows = page.get_by_role("rowheader")
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("title", "db3: failed: 2 Start service: exit code 3: no disk")
    assert "?state=failed" in page.url


def asked_to_cancel(site: Site, new_visitor: NewVisitor, seconds: int) -> tuple[Following, Page, Locator]:
    """A run whose steps take so long, its page, and the open dialog that asks whether to cancel it."""
    visitor = new_visitor(site)
    visitor.sign_in()
    following = site.begin_run("Restart", "--input", f"seconds={seconds}")
    run = following.until(lambda event: event["type"] == "step_started")["run"]
    page = visitor.open(f"/runs/{run}/")
    page.get_by_role("button", name="Cancel…").click()
    return following, page, page.get_by_role("dialog", name="Cancel this run?")


def test_cancel_says_first_what_it_will_do(site: Site, new_visitor: NewVisitor) -> None:
    following, page, box = asked_to_cancel(site, new_visitor, seconds=30)
    box.get_by_text("3 elements will not be started.").wait_for()
    box.get_by_text("1 element has begun: running steps are ended there and not waited for").wait_for()
    expect(box.get_by_role("button", name="Let it run")).to_be_focused()
    box.get_by_role("button", name="Let it run").click()
    page.get_by_role("button", name="Cancel…").click()
    box.get_by_role("button", name="Cancel the run").click()
    page.get_by_text("Cancelled by visitor. 3 not started, 1 left mid-way.").wait_for()
    assert following.end().status == "cancelled"


def test_the_question_about_a_cancel_follows_the_run(site: Site, new_visitor: NewVisitor) -> None:
    """It tells what a cancel does now, not what it would have done when it was opened."""
    following, _, box = asked_to_cancel(site, new_visitor, seconds=4)
    box.get_by_text("3 elements will not be started.").wait_for()
    box.get_by_text("2 elements will not be started.").wait_for()
    box.get_by_role("button", name="Cancel the run").click()
    assert following.end().status == "cancelled"


def test_the_blocks_are_lit_as_they_run_and_lead_to_the_matrix(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    following = site.begin_run("Whole")
    run = following.until(lambda event: event["type"] == "question_asked")["run"]
    page = visitor.open(f"/runs/{run}/")
    page.get_by_role("tab", name="Matrix").press("ArrowRight")
    blocks = page.get_by_role("list", name="Steps")
    blocks.get_by_role(
        "button", name="Step 1: ask for approval: 'Go on?': 0 of 4 done, 1 waiting", exact=True
    ).wait_for()
    blocks.get_by_role("button", name="Step 2.1: run Stop service seconds=inputs['seconds']: not reached").wait_for()
    page.get_by_role("button", name="Approve").click()
    start = blocks.get_by_role("button", name="Step 2.2: run Start service: 2 of 3 done, 1 failed", exact=True)
    start.wait_for(timeout=60_000)
    following.end()
    blocks.get_by_role("button", name="Step 3: log 'done': 2 done, not reached by 2", exact=True).wait_for()
    assert visitor.axe() == []
    assert "?tab=blocks" in page.url
    page.reload()
    start.press("Enter")
    expect(page.get_by_role("gridcell", name=re.compile("db3, 2 Start service: failed"))).to_be_focused()


@pytest.mark.parametrize(("word", "state"), [("Approve", "succeeded"), ("Reject", "failed")])
def test_a_question_is_answered_on_the_page(site: Site, new_visitor: NewVisitor, word: str, state: str) -> None:
    """R14: the card says who asks; the answer and its comment are in the events."""
    visitor = new_visitor(site)
    visitor.sign_in()
    run = visitor.page.evaluate(
        """async () => {
            const flows = await (await fetch('/api/flows/?search=Canary')).json()
            const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? ''
            const headers = {'Content-Type': 'application/json', 'X-CSRFToken': csrf}
            const answer = await fetch(`/api/flows/${flows.results[0].id}/runs`, {method: 'POST', headers, body: '{}'})
            return (await answer.json()).id
        }"""
    )
    page = visitor.open(f"/runs/{run}/")
    card = page.get_by_role("region", name="Question about db1")
    card.get_by_text("Go on with the others?").wait_for()
    card.get_by_text("Asked by db1").wait_for()
    page.get_by_text("Waits for your answer: “Go on with the others?”").wait_for()
    page.get_by_role("columnheader", name="refresh Look").wait_for()
    page.locator(".mx-row.mx-batch").first.wait_for()
    assert not visitor.axe()
    card.get_by_label("Comment").fill("seen by me")
    card.get_by_role("button", name=word).click()
    page.locator("#run-head .state", has_text=state).wait_for()
    assert card.count() == 0
    page.get_by_role("gridcell", name=f"db1, 1 Approval: Go on with the others?: {state}").click()
    drawer = page.get_by_label("Details")
    drawer.get_by_text(f"{'approved' if word == 'Approve' else 'refused'} by visitor: seen by me").wait_for()
    assert "Nothing was printed" not in drawer.inner_text()
    page.get_by_role("tab", name="Events").click()
    page.get_by_text("seen by me").first.wait_for()
    assert not visitor.faults
