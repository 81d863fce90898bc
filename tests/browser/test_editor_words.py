"""The editor tells each thing once, in the reader's words, and where it can be seen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import editing
from tests.browser.calling import ONE_DATABASE, new_flow
from tests.browser.editing import block, open_editor, open_names, publish_dialog, python_text, settled
from tests.browser.visitor import NARROW, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With an element and a task."""
    shared_up.apply(ONE_DATABASE)
    return shared_up


def is_whole(page: Page, selector: str) -> bool:
    """Every edge of the first such element is within the window, and nothing lies over its corners."""
    return bool(
        page.locator(selector).first.evaluate(
            """(node) => {
              const { left, top, right, bottom } = node.getBoundingClientRect()
              const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
              const corners = [[left + 4, top + 4], [right - 4, top + 4], [right - 4, bottom - 4]]
              return isInside && corners.every(([x, y]) => node.contains(document.elementFromPoint(x, y)))
            }"""
        )
    )


def test_the_list_of_names_is_whole_in_the_window(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Names", execution_script="run_task('Health')\n"))
    page.set_viewport_size({"width": 1024, "height": 640})
    expect(open_names(page, block(page, "run_task"))).to_be_focused()
    assert is_whole(page, ".blocklyDropDownDiv")
    page.keyboard.type("Hea")
    assert is_whole(page, ".blocklyDropDownDiv")
    page.keyboard.press("Enter")
    settled(page)


def test_the_note_of_publishing_is_closed(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Told once", execution_script="sleep(1)\n"))
    assert "Published as version 1" in editing.publish(page)
    page.locator("#said").get_by_role("button", name="Close").click()
    expect(page.locator("#said")).to_be_hidden()
    expect(page.locator("#status")).to_contain_text("Published version 1")


def test_a_step_has_one_name(visitor: Visitor) -> None:
    script = "sleep(1)\napprove('Go on?')\nlog('x')\n"
    page = open_editor(visitor, new_flow(visitor, "One name", execution_script=script, target={"all": True}))
    expect(page.locator("#dock .dk-what")).to_have_text(["Wait", "Approval: Go on?", "Log: x"])
    block(page, "approve").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8}, force=True)
    expect(page.locator("#inspector h2").first).to_contain_text("Approval")


def test_a_problem_is_told_once_and_its_open_card_is_not_offered(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Once", execution_script="sleep(1)\n"))
    editing.write_python(page, "sleep('x')\n")
    expect(page.locator("#problems")).to_contain_text("Steps, line 1")
    expect(page.locator("#dock .dk-summary")).to_contain_text("No plan until a problem is mended")
    assert page.get_by_text("sleep takes a number of seconds", exact=False).locator("visible=true").count() <= 2
    expect(page.locator("#dock").get_by_role("button", name="Open Steps")).to_have_count(0)
    page.locator("#sentence").get_by_role("button", name=re.compile("Rules")).click()
    page.locator("#dock").get_by_role("button", name="Open Steps").click()
    expect(page.locator("#main")).to_have_attribute("data-card", "steps")


def test_a_telephone_leads_to_the_settings_and_back(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Narrow", execution_script="sleep(1)\nlog('x')\n"))
    page.set_viewport_size(NARROW)
    block(page, "log").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8}, force=True)
    page.get_by_role("button", name="Settings of 2 Log: x").click()
    expect(page.locator("#in-message")).to_be_in_viewport()
    page.get_by_role("button", name="Back to the block").click()
    expect(block(page, "log")).to_be_in_viewport()
    assert visitor.axe() == []


def test_what_is_typed_for_a_test_is_there_again(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Again", execution_script="run_task('Health')\n"))
    block(page, "run_task").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8}, force=True)
    test = page.get_by_role("button", name=re.compile("^Test"))
    expect(test).to_be_enabled()
    test.click()
    page.get_by_role("dialog").get_by_label("Element").fill("elsewhere")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    test.click()
    expect(page.get_by_role("dialog").get_by_label("Element")).to_have_value("elsewhere")


def test_a_first_version_is_told_whole(visitor: Visitor) -> None:
    script = "if current == first:\n    log('a')\nsleep(5)\n"
    page = open_editor(visitor, new_flow(visitor, "Told whole", execution_script=script, target={"all": True}))
    assert publish_dialog(page).locator(".ed-words li").all_inner_texts() == [
        "every enabled element",
        "by name",
        "step 1 Log 'a', only if this is the first element",
        "step 2 Wait 5",
        "Serial, one at a time",
        "stop at the first failure",
    ]


def test_a_block_that_stands_apart_says_so_and_is_put_at_the_end(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Apart", execution_script="log('a')\n"))
    search = page.locator("#block-search")
    search.fill("wait")
    source = page.locator("#toolbox [role=option]").first.bounding_box()
    canvas = page.locator("#canvas").bounding_box()
    assert source is not None
    assert canvas is not None
    page.mouse.move(source["x"] + 20, source["y"] + 8)
    page.mouse.down()
    page.mouse.move(canvas["x"] + 150, canvas["y"] + 200, steps=5)
    page.mouse.move(canvas["x"] + 200, canvas["y"] + 300, steps=5)
    page.mouse.up()
    settings = page.locator("#inspector")
    expect(settings).to_contain_text("This block stands apart: it is no part of the script")
    assert visitor.axe() == []
    settings.get_by_role("button", name="Put it at the end").click()
    settled(page)
    assert python_text(page).rstrip() == "log('a')\nsleep(5)"
    expect(settings.get_by_role("heading", name="Wait")).to_be_visible()


def test_what_was_undone_is_told(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "Told undo", execution_script="log('a')\nsleep(5)\n"))
    block(page, "sleep").click(position={"x": 6, "y": 8})
    page.keyboard.press("Delete")
    settled(page)
    said = page.locator(".canvas-said")
    page.keyboard.press("Control+z")
    expect(said).to_have_text("Undone in Steps: “sleep(5)” is back")
    page.keyboard.press("Control+Shift+z")
    expect(said).to_have_text("Done again in Steps: “sleep(5)” is gone")
    assert visitor.axe() == []
