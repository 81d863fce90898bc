"""A script calls a task that was archived meanwhile: the editor shows that it is missing, and nothing is lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.editing import (
    block,
    open_editor,
    problems,
    python_text,
    settled,
    values_of,
    write,
    write_python,
)
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

DOCUMENTS = "---\n".join(
    f"kind: Task\nname: {name}\nclass: command\ncommand: echo there\ninputs: [{{name: port, type: integer}}]\n"
    for name in ("Stays", "Goes away")
)
#: Written as people write: no formatter's quotes, blanks or comments.
SCRIPT = """\
# Before the window:   tell everybody

run_task( "Goes away",port = 0x1F90 )  # the old way
if current==last :
    run_task('Stays')
sleep( 5 )
"""


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    shared_up.apply(DOCUMENTS)
    return shared_up


def draft_of(page: Page, flow: int) -> Any:
    """What is stored of it."""
    return page.evaluate("path => fetch(path).then(answer => answer.json())", f"/api/drafts/{flow}/")


def write_flow(page: Page) -> int:
    """A draft with the script, pasted as text."""
    page.get_by_label("Name", exact=True).fill("Old ways")
    page.get_by_label(re.compile("^Serial")).check()
    page.get_by_role("button", name="Create and edit").click()
    page.wait_for_url(re.compile(r"/flows/\d+/edit/"))
    settled(page)
    write_python(page, SCRIPT)
    assert problems(page) == []
    found = re.search(r"/flows/(\d+)/", page.url)
    assert found is not None
    return int(found[1])


def archive_task(page: Page) -> None:
    page.get_by_role("link", name="Goes away").click()
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    page.wait_for_url("**/tasks/")


def test_a_task_that_was_archived_is_shown_as_missing_and_the_script_stays_as_it_was(
    site: Site, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    flow = write_flow(visitor.open("/flows/new/"))
    archive_task(visitor.open("/tasks/"))
    before = draft_of(visitor.page, flow)
    assert before["execution_script"] == SCRIPT

    page = open_editor(visitor, flow)
    expect(page.locator("#canvas .field-missing")).to_have_text(re.compile(r"^missing:\sGoes\saway$"))
    [problem] = problems(page)
    assert "line 3" in problem
    assert "there is no task 'Goes away'" in problem
    assert python_text(page) == SCRIPT
    assert visitor.axe() == []
    assert draft_of(page, flow) == before

    write(page, values_of(block(page, "sleep"))[0], "6")
    assert draft_of(page, flow)["execution_script"] == SCRIPT.replace("sleep( 5 )", "sleep(6)")
