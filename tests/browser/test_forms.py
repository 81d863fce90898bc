"""What a flow needs, made from nothing in the browser: a profile, an element, a task that is previewed for it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import NARROW
from tests.journeys.site import Site

pytestmark = pytest.mark.browser


def make_profile(page: Page) -> None:
    """From the empty list of elements, which says that it comes first."""
    page.get_by_role("main").get_by_role("link", name="New profile").first.click()
    page.get_by_label("Name", exact=True).fill("forms")
    expect(page.get_by_label("User")).to_be_visible()
    page.get_by_label("Connection").select_option("local")
    expect(page.get_by_label("User")).to_be_hidden()
    page.get_by_label("Default context").fill("zone: eu west")
    page.get_by_role("button", name="Create profile").click()
    expect(page.get_by_role("status").filter(has_text="Profile forms is saved.")).to_be_visible()


def make_element(page: Page) -> None:
    """With two settings, so that a row must be added."""
    page.get_by_label("Name", exact=True).fill("forms1")
    page.get_by_label("Profile").select_option("forms")
    page.get_by_label("Key", exact=True).fill("service")
    page.get_by_label("Value", exact=True).fill("nginx")
    page.get_by_role("button", name="Add a row").click()
    expect(page.get_by_label("Key", exact=True).nth(1)).to_be_focused()
    page.get_by_label("Key", exact=True).nth(1).fill("ports")
    page.get_by_label("Value", exact=True).nth(1).fill("[80, 443]")
    page.get_by_role("button", name="Create element").click()


def test_profile_element_and_task_are_made_from_nothing(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    make_profile(visitor.open("/profiles/"))
    page = visitor.open("/elements/new/")
    make_element(page)
    expect(page.get_by_role("heading", name="forms1")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("zone eu west profile forms"))).to_be_visible()
    assert visitor.axe() == []

    page = visitor.open("/tasks/new/")
    page.get_by_label("Name", exact=True).fill("Forms task")
    command = page.get_by_role("textbox", name="Command")
    command.fill("stop {{ inputs.what | quote }} in {{ zone | quote }}")
    page.get_by_label("Name of the input").fill("what")
    page.locator("#preview-element").fill("forms1")
    page.get_by_label("Input what").fill("it all")
    rendered = page.get_by_label("The rendered command")
    expect(rendered).to_have_text("stop 'it all' in 'eu west'")
    command = page.get_by_role("textbox", name="Command")
    command.fill("stop {{ zonne }}")
    expect(page.get_by_text("did you mean 'zone'?")).to_be_visible()
    expect(page.get_by_text("Warning: line 1: a value without | quote")).to_be_visible()
    assert visitor.axe() == []
    command.fill("echo {{ zone | quoted }}")
    page.get_by_role("button", name="Create task").click()
    expect(command).to_be_focused()
    command.fill("echo {{ zone | quote }}")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("status").filter(has_text="published as version 1")).to_be_visible()
    page.get_by_role("button", name="Archive").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Archive").click()
    dialog.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/tasks/")


def leaves(page: Page, address: str) -> bool:
    """Whether the page is left at once; where it asks first, the answer is to stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    try:
        page.goto(address)
    except PlaywrightError:  # the navigation was given up
        assert asked == ["beforeunload"]
    else:
        page.remove_listener("dialog", stay)
    return not asked


def test_leaving_asks_while_something_is_unsaved_and_never_else(site: Site, new_visitor: NewVisitor) -> None:
    """Nothing is asked of a form that nobody changed, that was put back, or that is being sent."""
    visitor = new_visitor(site)
    visitor.sign_in()
    home = f"{site.address}/"
    page = visitor.open("/tasks/new/")
    command = page.get_by_role("textbox", name="Command")
    command.click()
    page.keyboard.type("t")
    assert not leaves(page, home)
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Add an input").click()
    assert leaves(page, home)

    page = visitor.open("/tasks/new/")
    page.get_by_label("Name", exact=True).fill("Left task")
    command.fill("echo {{ nothing | quoted }}")
    assert not leaves(page, home)
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_text("Nothing is stored yet.")).to_be_visible()
    command.click()
    assert not leaves(page, home)  # what was refused is stored nowhere
    command.fill("true")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("status").filter(has_text="published as version 1")).to_be_visible()
    command.click()
    assert leaves(page, home)

    page = visitor.open("/groups/new/")
    page.get_by_label("Priority").fill("7")
    assert not leaves(page, home)


def test_a_changed_form_says_so_and_links_ask_in_the_page(site: Site, new_visitor: NewVisitor) -> None:
    """The mark goes when the change is taken back; to stay is the first answer; Ctrl S sends what is new."""
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/groups/new/")
    mark = page.get_by_text("Not saved", exact=True)
    priority = page.get_by_label("Priority")
    before = priority.input_value()
    expect(mark).to_be_hidden()
    priority.fill("7")
    expect(mark).to_be_visible()
    priority.fill(before)
    expect(mark).to_be_hidden()
    priority.fill("7")
    page.get_by_label("Name", exact=True).fill("left")

    flows = page.get_by_role("banner").get_by_role("link", name="Flows", exact=True)
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    flows.click()
    expect(dialog.get_by_text("Not saved: Name, Priority.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay")).to_be_focused()
    assert visitor.axe() == []
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(priority).to_have_value("7")
    flows.click()
    dialog.get_by_role("button", name="Leave without saving").click()
    page.wait_for_url("**/flows/")

    page = visitor.open("/groups/new/")
    page.get_by_label("Name", exact=True).fill("kept")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text="kept")).to_be_visible()


def test_what_is_not_saved_and_the_button_that_saves_it_stay_in_sight(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site, size=NARROW)
    visitor.sign_in()
    page = visitor.open("/tasks/new/")
    button = page.get_by_role("button", name="Create task")
    expect(button).not_to_be_in_viewport()
    page.get_by_label("Name", exact=True).fill("seen")
    expect(page.get_by_text("Not saved", exact=True)).to_be_in_viewport()
    expect(button).to_be_in_viewport()
    assert visitor.axe() == []


FLEET = """\
kind: Profile
name: bulk
connection: {type: local}
---
{kind: Element, name: bulk1, profile: bulk}
---
{kind: Element, name: bulk2, profile: bulk}
"""


def test_rows_are_checked_together_and_filters_apply_when_chosen(
    site: Site, new_visitor: NewVisitor, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET)
    applied = site.manage("apply", str(fleet))
    assert applied.returncode == 0, applied.stderr
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/elements/?search=bulk")
    expect(page.get_by_role("button", name="Disable")).to_be_disabled()
    page.get_by_label("Check all rows").check()
    expect(page.get_by_text("2 of 2 checked")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("status").filter(has_text="2 elements disabled.")).to_be_visible()
    page.get_by_label("State", exact=True).select_option("yes")
    page.wait_for_url("**/elements/?search=bulk&enabled=yes")
    expect(page.get_by_text("No element matches these filters.")).to_be_visible()
    assert visitor.axe() == []
