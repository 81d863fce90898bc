"""One history over the whole draft: what was typed, dragged or chosen comes back in the order in which it was done."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calling import new_flow
from tests.browser.conftest import NewVisitor, make_administrator
from tests.browser.editing import block, open_editor, python_text, settled, write_python
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

BEGUN = "log('begun')\nsleep(5)\n"


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With somebody who may change flows."""
    make_administrator(shared_up)
    return shared_up


@pytest.fixture
def page(site: Site, new_visitor: NewVisitor, request: pytest.FixtureRequest) -> Page:
    """The editor of a flow with two steps."""
    visitor = new_visitor(site)
    visitor.sign_in()
    return open_editor(visitor, new_flow(visitor, request.node.name, execution_script=BEGUN))


def press(page: Page, keys: str) -> None:
    """On nothing in particular: the canvas has the focus."""
    page.locator("#canvas").click(position={"x": 300, "y": 300})
    page.keyboard.press(keys)
    settled(page)


def test_edits_of_both_panes_and_of_the_rules_are_undone_in_one_order(page: Page) -> None:
    write_python(page, BEGUN + "sleep(9)\n")
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8})
    page.keyboard.press("Delete")
    settled(page)
    assert python_text(page).split() == ["sleep(5)", "sleep(9)"]
    press(page, "Control+z")
    assert python_text(page).split() == ["log('begun')", "sleep(5)", "sleep(9)"]
    press(page, "Control+z")
    assert python_text(page).split() == BEGUN.split()
    expect(block(page, "log")).to_be_visible()
    press(page, "Control+Shift+z")
    press(page, "Control+y")
    assert python_text(page).split() == ["sleep(5)", "sleep(9)"]
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_a_choice_that_has_the_focus_is_undone_by_the_same_keys(page: Page) -> None:
    page.locator("[data-open-card=rules]").click()
    page.locator("#mode-parallel").check()
    settled(page)
    page.keyboard.press("Control+z")
    settled(page)
    expect(page.locator("#mode-serial")).to_be_checked()


def test_undoing_a_rule_opens_its_card_and_leaves_the_scripts(page: Page) -> None:
    page.locator("[data-open-card=rules]").click()
    page.get_by_label("Elements at the same time").fill("7")
    settled(page)
    page.locator("[data-open-card=steps]").click()
    page.get_by_role("button", name="Undo").click()
    settled(page)
    expect(page.locator("#main")).to_have_attribute("data-card", "rules")
    expect(page.get_by_label("Elements at the same time")).to_have_value("1")
    assert python_text(page).split() == BEGUN.split()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
