"""The canvas in a real Chromium: blocks as sentences, put in at a place, copied between flows and from Python."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.calling import new_flow
from tests.browser.editing import (
    badges_of,
    block,
    insert_block,
    open_editor,
    open_names,
    press_control,
    problems,
    python_text,
    settled,
)
from tests.browser.visitor import Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

MANY = 500
CONTENT = "---\n".join(
    ["kind: Task\nname: Restart\nclass: command\ncommand: echo there\ninputs: [{name: service, type: string}]\n"]
    + [f"kind: Task\nname: Task {number:03}\nclass: command\ncommand: echo {number}\n" for number in range(MANY)]
    + ["kind: Flow\nname: Child\nmode: serial\nexecution_script: |\n  run_task('Restart')\n  sleep(5)\n"]
)


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With five hundred tasks and a flow to call."""
    shared_up.apply(CONTENT)
    return shared_up


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    """Trusted with the clipboard."""
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return visitor


def written_flow(visitor: Visitor, name: str, script: str = "") -> int:
    """A flow with a draft that holds this script."""
    return new_flow(visitor, name, execution_script=script)


def select(shown: Locator) -> None:
    """Press a block beside its fields."""
    shown.locator(":scope > .blocklyPath").first.click(position={"x": 4, "y": 12})


def copied_text(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_what_is_not_as_usual_is_a_badge_and_keeps_how_it_was_written(visitor: Visitor) -> None:
    script = "run_task('Restart', timeout = 0x5A, check=False, service='web')\n"
    page = open_editor(visitor, written_flow(visitor, "Badges", script))
    call = block(page, "run_task")
    assert badges_of(call) == ["timeout 0x5A", "goes on if it fails"]
    assert python_text(page).rstrip() == script.rstrip()
    call.locator(":scope > .field-badge").first.click()
    page.locator(".badge-editor input").fill("120")
    page.keyboard.press("Enter")
    settled(page)
    assert badges_of(call) == ["timeout 120", "goes on if it fails"]
    assert "timeout=120, check=False" in python_text(page)
    call.locator(":scope > .field-badge").last.click()
    page.get_by_role("button", name="Take out").click()
    settled(page)
    assert badges_of(call) == ["timeout 120"]


def test_a_value_goes_into_a_free_hole_and_never_stands_loose(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "Values", "sleep(5)\n"))
    select(block(page, "sleep"))
    insert_block(page, "log writes", "log")
    insert_block(page, "input", "input")
    assert python_text(page).rstrip().startswith("sleep(5)\nlog(inputs[")
    select(block(page, "sleep"))
    page.keyboard.press("a")
    page.keyboard.type("length of")
    page.keyboard.press("Enter")
    expect(page.locator(".canvas-said")).to_contain_text("no free place for a value")
    assert python_text(page).count("len(") == 0


def test_an_empty_page_says_what_to_do_and_its_steps_are_typed(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "From nothing"))
    page.get_by_role("button", name="Add the first step").click()
    page.keyboard.type("if condition")
    page.keyboard.press("Enter")
    settled(page)
    insert_block(page, "task 499", "run_task")
    insert_block(page, "wait seconds", "sleep")
    assert python_text(page).rstrip() == "if current == first:\n    run_task('Task 499')\n    sleep(5)"
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("step 2, wait 5 seconds")
    page.locator(".gap-add").first.click()
    expect(page.locator(".palette-head")).to_contain_text("Below")
    page.keyboard.press("Escape")


def test_five_hundred_tasks_are_found_in_the_toolbox_and_in_a_field(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "Many", "run_task('Restart')\n"))
    shown = page.locator("#toolbox [role=option]")
    assert shown.count() < 200
    expect(page.locator("#toolbox")).to_contain_text("more: type a part of the name")
    page.locator("#block-search").fill("task 437")
    expect(shown.first).to_contain_text("Task 437")
    open_names(page, block(page, "run_task")).fill("task 437")
    expect(page.locator(".pick-option")).to_have_count(1)
    page.keyboard.press("Escape")


def test_a_called_flow_unfolds_into_its_steps(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "Parent", "run_flow('Child')\n"))
    call = block(page, "run_flow")
    press_control(page, call, "Show the steps")
    expect(call.locator(":scope > .field-notes")).to_have_text("1  Restart2  sleep")
    assert python_text(page).rstrip() == "run_flow('Child')"


def test_blocks_are_copied_to_another_flow_with_their_comments(visitor: Visitor) -> None:
    script = "if current == first:\n    # why\n    log( 'a' )  # note\nsleep(5)\n"
    page = open_editor(visitor, written_flow(visitor, "Here", script))
    select(block(page, "if"))
    page.keyboard.press("Control+c")
    assert copied_text(page) == "if current == first:\n    # why\n    log( 'a' )  # note\n"
    open_editor(visitor, written_flow(visitor, "There", "sleep(9)\n"))
    select(block(page, "sleep"))
    page.keyboard.press("Control+v")
    settled(page)
    assert python_text(page).rstrip() == "sleep(9)\nif current == first:\n    # why\n    log('a')  # note"
    page.keyboard.press("Control+x")
    settled(page)
    assert python_text(page).rstrip() == "sleep(9)"


def test_python_that_is_pasted_becomes_blocks_or_says_why_not(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "Pasted", "sleep(9)\n"))
    select(block(page, "sleep"))
    page.evaluate("navigator.clipboard.writeText(\"while True:\\n    log('a')\\n\")")
    page.keyboard.press("Control+v")
    expect(block(page, "while")).to_be_visible()
    settled(page)
    assert python_text(page).rstrip() == "sleep(9)\nwhile True:\n    log('a')"
    page.evaluate("navigator.clipboard.writeText('while (')")
    page.keyboard.press("Control+v")
    expect(page.locator(".canvas-said")).to_contain_text("Not pasted")
    assert problems(page) == []


def test_the_selected_block_stays_selected_when_its_text_is_edited(visitor: Visitor) -> None:
    page = open_editor(visitor, written_flow(visitor, "Stays", "sleep(5)\nlog('a')\nsleep(7)\n"))
    select(block(page, "log"))
    insert_block(page, "task 001", "run_task")
    page.keyboard.press("Control+z")
    settled(page)
    assert python_text(page).rstrip() == "sleep(5)\nlog('a')\nsleep(7)"
    assert page.evaluate("document.activeElement.closest('#canvas') !== null")
    page.keyboard.press("Control+Shift+z")
    settled(page)
    assert "run_task('Task 001')" in python_text(page)
