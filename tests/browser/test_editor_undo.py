"""One history over the whole draft: what was typed, dragged or chosen comes back in the order in which it was done."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calling import new_flow
from tests.browser.conftest import NewVisitor
from tests.browser.editing import block, open_editor, python_text, settled, write_python
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

BEGUN = "log('begun')\nsleep(5)\n"


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


def test_blocks_that_make_no_script_are_said_and_undone_one_by_one(page: Page) -> None:
    write_python(page, "if inputs:\n    sleep(5)\n")
    block(page, "if").locator(".blocklyPath").nth(1).click(position={"x": 2, "y": 8})
    page.keyboard.press("Delete")
    settled(page)
    expect(page.locator("#status")).to_contain_text("Not saved: the blocks of the execution script")
    block(page, "sleep").locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    page.keyboard.press("Delete")
    settled(page)
    expect(page.locator(".block_sleep")).to_have_count(0)
    page.get_by_role("button", name="Format").click()
    expect(page.locator(".ed-format-said")).to_contain_text("Not formatted: the blocks")
    page.get_by_role("button", name="Try…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Undo").click()
    settled(page)
    expect(page.locator(".block_sleep")).to_have_count(1)
    expect(page.locator("#status")).to_contain_text("Not saved")
    page.get_by_role("button", name="Undo").click()
    settled(page)
    expect(page.locator("#status")).to_contain_text("Draft, saved")
    assert python_text(page).split() == ["if", "inputs:", "sleep(5)"]
    page.get_by_role("button", name="Redo").click()
    settled(page)
    expect(page.locator("#status")).to_contain_text("Not saved")


def test_settings_are_shut_while_the_blocks_make_no_script(page: Page) -> None:
    """An edit of them is one of the text, which gives way to the blocks: it would be gone without a word."""
    write_python(page, "if inputs:\n    log('before')\n")
    block(page, "if").locator(".blocklyPath").nth(1).click(position={"x": 2, "y": 8})
    page.keyboard.press("Delete")
    settled(page)
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    inspector = page.locator("#inspector")
    expect(inspector.get_by_role("status")).to_contain_text("The blocks make no script now")
    expect(inspector.get_by_role("combobox", name="Message")).not_to_be_editable()
    page.get_by_role("button", name="Undo").click()
    settled(page)
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    expect(inspector.get_by_role("combobox", name="Message")).to_be_editable()
    expect(inspector.get_by_role("status")).to_be_hidden()


def test_a_text_that_cannot_be_read_selects_what_it_still_says_and_takes_no_blocks(page: Page) -> None:
    write_python(page, "sleep(1)\nsleep(2)\nsleep(3)\nsleep(4)\n")
    write_python(page, "sleep(1)\nlog('a'\nlog('b')\nlog('c')\nsleep(4)\n")
    expect(page.locator("#blocks-note")).to_contain_text("Blocks show the last text that could be read")
    inspector = page.locator("#inspector")
    page.locator(".cm-line", has_text="log('b')").click()
    expect(inspector.get_by_role("heading", name="Nothing is selected")).to_be_visible()
    page.locator(".cm-line", has_text="sleep(4)").click()
    expect(inspector.get_by_role("heading", name="4 Wait")).to_be_visible()
    page.locator("#block-search").fill("wait")
    page.keyboard.press("Enter")
    expect(page.locator(".canvas-said")).to_contain_text("Not put in: the blocks show the last text")
    assert python_text(page).split("\n")[1] == "log('a'"


def test_the_first_click_on_a_plus_counts_while_a_block_is_selected(page: Page) -> None:
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    spot = page.locator(".gap-add").last.bounding_box()
    assert spot is not None
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2, steps=4)
    page.mouse.down()
    page.wait_for_timeout(80)
    page.mouse.up()
    expect(page.locator(".palette-head")).to_be_visible()


def test_an_edit_of_the_blocks_is_not_lost_to_what_is_typed_before_it_is_text(page: Page) -> None:
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    page.keyboard.press("Delete")
    page.locator("#code .cm-content").click()
    page.keyboard.type("x")
    settled(page)
    assert python_text(page).split() == ["sleep(5)"]
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert python_text(page).split() == BEGUN.split()
