"""A task is written, seen as one element gets it, tried there, compared with what it was, and renamed."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.calling import ask
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import NARROW, Theme, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

#: A try is a run: it is queued, taken by a worker, and asked after.
TRY_MS = 30_000

FLEET = """\
kind: Profile
name: edited
connection: {type: local}
context: {zone: eu west, pace: 0}
---
{kind: Element, name: edited1, profile: edited, settings: {ports: [80, 443], disk-use: 97}}
---
{kind: Element, name: edited2, profile: edited}
---
kind: Task
name: Count ports
command: echo {{ ports | length }}
---
kind: Task
name: Say zone
command: echo {{ zone | quote }}
---
kind: Flow
name: Zones
mode: parallel
target: {profile: edited}
execution_script: |
  log('first')
  run_task('Say zone')
"""
#: Published over the flow: it calls the task no more.
WITHOUT = """\
kind: Flow
name: Zones
mode: parallel
target: {profile: edited}
execution_script: log('alone')
"""


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    shared_up.apply(FLEET)
    return shared_up


def open_task(visitor: Visitor, name: str) -> Page:
    page = visitor.open("/tasks/")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.locator(".cm-content")).to_be_visible()
    return page


def command_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Command")


def write(page: Page, text: str) -> None:
    """By the keyboard, in place of all that is there."""
    command_of(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def test_a_template_is_completed_from_an_element_and_shown_as_it_gets_it(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = open_task(visitor, "Say zone")
    expect(page.get_by_label("Element", exact=True)).to_have_value("edited1")
    rendered = page.get_by_label("The rendered command")
    expect(rendered).to_have_text("echo 'eu west'")
    write(page, "echo {{ zo")
    offer = page.get_by_role("option", name=re.compile(r"^zone\s*eu west"))
    expect(offer).to_be_visible()
    page.wait_for_timeout(150)  # what was offered just now is not accepted by a key meant for the text
    page.keyboard.press("Enter")
    page.keyboard.type(" | quo")
    expect(page.get_by_role("option", name=re.compile("^quote"))).to_be_visible()
    page.wait_for_timeout(150)
    page.keyboard.press("Tab")
    expect(command_of(page)).to_have_text("echo {{ zone | quote}}")
    expect(rendered).to_have_text("echo 'eu west'")
    page.keyboard.press("End")
    page.keyboard.type("\n")
    page.keyboard.type("disk")
    page.keyboard.press("Control+Space")
    page.get_by_role("option", name=re.compile("disk-use")).click()
    expect(rendered).to_have_text("echo 'eu west'\n97")
    page.keyboard.type("{{ zonne | quote }}")
    expect(page.get_by_text("line 2: no name 'zonne'; did you mean 'zone'?")).to_be_visible()
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)


def test_what_a_template_reads_undeclared_is_offered_to_be_declared(site: Site, new_visitor: NewVisitor) -> None:
    """R43. Nothing is refused: a flow may have the input."""
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/tasks/new/")
    page.get_by_label("Name", exact=True).fill("Restart it")
    write(page, "restart {{ servise | quote }} {{ inputs.how | quote }} {{ zone | quote }}")
    offers = page.locator(".undeclared")
    expect(offers).to_have_count(2)
    expect(offers.first).to_contain_text(
        "how is used in the template and is no input yet; only a flow that has such an"
    )
    assert visitor.axe() == []
    page.get_by_role("button", name="Declare servise").click()
    page.get_by_role("button", name="Declare how").click()
    expect(offers).to_have_count(0)
    expect(command_of(page)).to_contain_text("restart {{ inputs.servise | quote }}")
    expect(page.get_by_label("Name of the input")).to_have_count(2)
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_text("is published as version 1")).to_be_visible()
    expect(page.get_by_label("Name of the input").nth(0)).to_have_value("servise")
    expect(page.get_by_label("Required").nth(1)).to_have_value("yes")


def test_without_a_script_the_template_is_a_field_like_any_other(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site, runs_scripts=False)
    visitor.sign_in()
    page = visitor.open("/tasks/new/")
    page.get_by_label("Name", exact=True).fill("Made without a script")
    page.locator("#id_command").fill("true")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_text("is published as version 1")).to_be_visible()


def test_a_task_is_tried_on_one_element_as_it_stands_in_the_form(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = open_task(visitor, "Count ports")
    page.get_by_label("Element", exact=True).fill("edited1")
    write(page, "echo '[{\"free\": 7}]'; echo careful >&2")
    page.get_by_label("Read the output as").select_option("json")
    page.get_by_label("Save as settings").fill("disk.free: data.0.free")
    try_on = page.get_by_role("button", name="Try on edited1…")
    try_on.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        "Run Count ports on edited1 now, as it stands in the form? The command really runs there."
    )
    dialog.get_by_role("button", name="Cancel").click()
    answer = page.get_by_role("status", name="The try")
    expect(answer).to_be_empty()
    try_on.click()
    dialog.get_by_role("button", name="Go on").click()
    expect(answer.get_by_text("succeeded")).to_be_visible(timeout=TRY_MS)
    expect(answer).to_contain_text("exit 0")
    expect(answer.locator(".try-stderr")).to_have_text("careful\n")
    expect(answer.get_by_text("Marked: what it wrote to stderr.")).to_be_visible()
    answer.get_by_text("1 key").click()
    expect(answer.locator(".data-leaf")).to_have_text("free: 7")
    expect(answer.get_by_text("disk.free")).to_be_visible()
    assert visitor.axe() == []
    answer.get_by_role("link", name=re.compile("Run ")).click()
    expect(dialog).to_contain_text("Not saved: Command, Read the output as, Save as settings.")
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(page.get_by_text("Try", exact=True).first).to_be_visible()
    page = open_task(visitor, "Count ports")
    expect(command_of(page)).to_have_text("echo {{ ports | length }}")
    expect(page.get_by_label("Element", exact=True)).to_have_value("edited1")


def test_what_cannot_be_tried_says_why_and_runs_nothing(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/tasks/new/")
    answer = page.get_by_role("status", name="The try")
    page.get_by_label("Element", exact=True).fill("edited2")
    write(page, "echo {{ a | qoute }}")
    expect(page.get_by_text("did you mean 'quote'?")).to_be_visible()
    page.get_by_role("button", name="Try on edited2…").click()
    expect(answer).to_have_text("Correct what the preview says first.")
    write(page, "true")
    expect(page.get_by_label("The rendered command")).to_have_text("true")
    page.get_by_label("Timeout (seconds)").fill("soon")
    page.get_by_role("button", name="Try on edited2…").click()
    page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(answer).to_contain_text("'soon'")


def test_a_renaming_is_refused_where_it_is_used_and_then_done(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = open_task(visitor, "Say zone")
    uses = page.get_by_role("region", name="Used in")
    expect(uses.get_by_role("listitem")).to_have_text(re.compile(r"Zones\s+step 2, line 2"))
    rename(page, "Tell zone")
    expect(page.get_by_text("The task 'Say zone' is in use by the flow 'Zones' at line 2.")).to_be_visible()
    page.get_by_role("button", name="Archive").click()
    refused = page.get_by_role("dialog", name="Say zone cannot be archived while it is in use.")
    expect(refused).to_contain_text("in use by the flow 'Zones' at line 2. Take it out of their scripts")
    expect(refused.get_by_role("button")).to_have_text(["Close"])
    refused.get_by_role("button").click()
    write_draft(visitor, "Zones", "run_task('Say zone')  # by hand\n")
    site.apply(WITHOUT)
    page = open_task(visitor, "Say zone")
    expect(uses.get_by_role("listitem")).to_have_text(re.compile(r"Zones\s+step 1, line 1, draft of"))
    rename(page, "Tell zone")
    expect(page.get_by_text("Task Say zone is Tell zone now. Rewritten: the drafts of Zones.")).to_be_visible()
    expect(page.get_by_role("heading", name="Tell zone", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="renamed: Say zone → Tell zone")).to_be_visible()
    assert draft_of(visitor, "Zones")["execution_script"] == "run_task('Tell zone')  # by hand\n"


def rename(page: Page, name: str) -> None:
    page.get_by_text("Rename…").click()
    page.get_by_label("New name").fill(name)
    page.get_by_role("button", name="Rename", exact=True).click()


def draft_of(visitor: Visitor, flow: str) -> Any:
    [found] = [one for one in ask(visitor.page, "GET", "/api/flows?page_size=100")["results"] if one["name"] == flow]
    return ask(visitor.page, "GET", f"/api/drafts/{found['id']}")


def write_draft(visitor: Visitor, flow: str, script: str) -> None:
    draft = draft_of(visitor, flow)
    body = {"revision": draft["revision"], "execution_script": script}
    ask(visitor.page, "PUT", f"/api/drafts/{draft['flow']}", body)


def test_two_versions_are_compared(site: Site, new_visitor: NewVisitor) -> None:
    for version in ("one", "two", "three"):
        site.apply(f"{{kind: Task, name: Compared, command: 'echo {version}'}}")
    visitor = new_visitor(site)
    visitor.sign_in()
    page = open_task(visitor, "Compared")
    page.get_by_label("Compare version").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="From version 1 to 3")).to_be_visible()
    expect(page.get_by_label("Lines of the command").get_by_role("listitem")).to_have_text(
        [re.compile("gone.*echo one"), re.compile("new.*echo three")]
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_axe_finding_in_either_theme_and_fits_a_phone(
    site: Site, new_visitor: NewVisitor, theme: Theme
) -> None:
    for options in ({"theme": theme}, {"theme": theme, "size": NARROW}):
        visitor = new_visitor(site, **options)
        visitor.sign_in()
        page = open_task(visitor, "Count ports")
        page.get_by_text("Rename…").click()
        expect(page.get_by_label("The rendered command")).to_be_visible()  # the element's names are known now
        write(page, "echo {{ po")
        expect(page.get_by_role("option", name=re.compile("^ports"))).to_be_visible()
        assert visitor.axe() == []
        page.keyboard.press("Escape")
        expect(page.get_by_text("no name 'po'")).to_be_visible()
        assert visitor.axe() == []
        assert not visitor.scrolls_sideways()
