"""Where the focus and the selection are after each act, and what a warning says before a run would."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import editing
from tests.browser.calling import new_flow
from tests.browser.conftest import NewVisitor
from tests.browser.editing import below, block, open_editor, problems, python_text, settled, write_python
from tests.browser.keyboard import says
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

BEGUN = "log('begun')\nsleep(5)\nlog('half')\nsleep(6)\nlog('done')\n"
CONTENT = """\
kind: Profile
name: focus
connection: {type: local}
---
kind: Element
name: focus1
profile: focus
---
kind: Task
name: Restart it
class: command
command: echo restart {{ inputs.service }}
inputs: [{name: service, type: string, required: true}]
"""


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With an element, and a task that requires an input."""
    shared_up.apply(CONTENT)
    return shared_up


@pytest.fixture
def page(site: Site, new_visitor: NewVisitor, request: pytest.FixtureRequest) -> Page:
    """The editor of a flow with five steps."""
    visitor = new_visitor(site)
    visitor.sign_in()
    keys = {"target": {"profile": "focus"}, "execution_script": BEGUN}
    return open_editor(visitor, new_flow(visitor, request.node.name, **keys))


def select(chosen: Locator) -> None:
    chosen.locator(":scope > .blocklyPath").first.click(position={"x": 8, "y": 8})


def first_of(page: Page, kind: str) -> Locator:
    return page.locator(f"{editing.CANVAS} .block_{kind}").first


def test_the_palette_opens_before_anything_has_the_focus(page: Page) -> None:
    assert says(page) == "nothing has the focus"
    page.keyboard.press("a")
    expect(page.get_by_role("dialog", name=re.compile("Below"))).to_be_visible()


def test_a_block_is_put_in_by_a_click_on_the_palette(page: Page) -> None:
    select(first_of(page, "sleep"))
    page.keyboard.press("a")
    page.keyboard.type("approval")
    page.locator(".palette [role=option]").first.click()
    settled(page)
    assert python_text(page).split("\n")[2].startswith("approve(")
    assert says(page).startswith("step 3, ask for approval")


def test_undo_and_redo_select_what_they_changed(page: Page) -> None:
    select(first_of(page, "sleep"))
    page.keyboard.press("Delete")
    settled(page)
    page.keyboard.press("Control+z")
    settled(page)
    assert says(page).startswith("step 2, wait")
    page.keyboard.press("Control+Shift+z")
    settled(page)
    assert says(page).startswith("step 2, log")
    page.get_by_role("button", name="Undo").click()
    settled(page)
    expect(page.locator("#inspector h2")).to_contain_text("2")


def test_enter_leads_to_the_settings_of_a_step_and_escape_back(page: Page) -> None:
    select(first_of(page, "sleep"))
    page.keyboard.press("Enter")
    expect(page.locator("#in-seconds")).to_be_focused()
    expect(page.locator(".blocklyToast")).to_have_count(0)
    page.keyboard.press("Escape")
    assert says(page).startswith("step 2, wait")


def test_tab_into_the_python_comes_to_the_selected_step(page: Page) -> None:
    select(block(page, "sleep"))
    page.locator("#code .cm-content").focus()
    expect(page.locator("#code .cm-activeLine")).to_have_text("sleep(6)")
    expect(page.locator("#inspector h2")).to_contain_text("4")


def test_who_comes_into_the_python_before_the_page_is_drawn_comes_to_the_selected_step_too(page: Page) -> None:
    select(first_of(page, "sleep"))
    expect(page.locator("#inspector h2")).to_contain_text("2")
    page.evaluate(
        """() => {
            const [, second] = document.querySelectorAll("#canvas .block_sleep > .blocklyPath");
            second.tabIndex = -1; // Blockly gives it one when it is first chosen.
            second.focus();
            document.querySelector("#code .cm-content").focus();
        }"""
    )
    expect(page.locator("#code .cm-activeLine")).to_have_text("sleep(6)")
    expect(page.locator("#inspector h2")).to_contain_text("4")


def test_a_step_is_dragged_alone_and_with_control_those_below_come_along(page: Page) -> None:
    moved = below(first_of(page, "log"))
    editing.move_block(page, block(page, "sleep"), moved)
    assert python_text(page).split() == ["log('begun')", "sleep(6)", "sleep(5)", "log('half')", "log('done')"]
    page.keyboard.press("Control+z")
    settled(page)
    page.keyboard.down("Control")
    editing.move_block(page, block(page, "sleep"), moved)
    page.keyboard.up("Control")
    assert python_text(page).split() == ["log('begun')", "sleep(6)", "log('done')", "sleep(5)", "log('half')"]


def test_the_focus_goes_on_to_run_when_a_draft_is_published(page: Page) -> None:
    editing.publish(page)
    expect(page.get_by_role("button", name="Run…")).to_be_focused()


def test_a_required_input_that_is_not_given_is_a_warning_everywhere_it_counts(page: Page) -> None:
    write_python(page, BEGUN + "run_task('Restart it')\n")
    said = "the task 'Restart it' requires service, which has no value yet."
    [warning] = problems(page)
    assert said in warning
    expect(page.locator("#problems-button")).to_have_text(re.compile("1 warning"))
    expect(page.locator("#dock .dk-summary")).to_contain_text("1 step lacks a required input")
    dialog = editing.publish_dialog(page)
    expect(dialog.get_by_text(said)).to_be_visible()
    expect(dialog.get_by_role("button", name=re.compile("^Publish version"))).to_be_enabled()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Try…").click()
    expect(page.get_by_role("dialog").get_by_text(said)).to_be_visible()
    page.keyboard.press("Escape")

    write_python(page, BEGUN + "run_task('Restart it', service='')\n")
    [warning] = problems(page)
    assert said in warning
    select(block(page, "run_task"))
    page.keyboard.press("Enter")
    expect(page.locator("#in-service")).to_be_focused()
    page.keyboard.type("nginx")
    settled(page)
    assert problems(page) == []
    expect(page.locator("#dock .dk-summary")).not_to_contain_text("lacks")


def test_an_input_of_the_flow_is_given_to_the_task_of_its_name(page: Page) -> None:
    write_python(page, "run_task('Restart it')\n")
    expect(block(page, "run_task")).to_have_class(re.compile("has-warning"))
    page.locator("[data-open-card=rules]").click()
    page.get_by_role("button", name="Add input").click()
    page.locator("#input-0-name").fill("service")
    settled(page)
    page.locator("[data-open-card=steps]").click()
    expect(block(page, "run_task")).not_to_have_class(re.compile("has-warning"))


def test_a_misspelt_task_is_mended_by_a_press_in_its_settings(page: Page) -> None:
    write_python(page, "run_task('Restart itt')")
    expect(page.locator("#inspector h2")).to_contain_text("Run a task")
    page.get_by_role("button", name="Use “Restart it”").click()
    settled(page)
    assert python_text(page).rstrip() == "run_task('Restart it')"


def test_the_order_is_drawn_whole_after_the_rules(page: Page) -> None:
    page.locator("[data-open-card=order]").click()
    settled(page)
    write_python(page, "order_flow_elements(elements, lambda x: x['name'])\n")
    where = block(page, "sort_elements").bounding_box()
    page.locator("[data-open-card=steps]").click()
    page.locator("[data-open-card=rules]").click()
    page.locator("[data-open-card=order]").click()
    settled(page)
    assert block(page, "sort_elements").bounding_box() == where


def test_f8_marks_the_problem_that_it_goes_to(page: Page) -> None:
    write_python(page, "gone()\nlog('a')\ngone2()\n")
    page.locator("#problems .ed-problems-head").click()
    rows = page.locator("#problems .ed-problem")
    page.keyboard.press("F8")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press("F8")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("#problems [aria-current]")).to_have_count(1)


def test_a_step_is_put_after_the_whole_block_around_the_selected_one(page: Page) -> None:
    write_python(page, "if current == first:\n    log('in')\nlog('out')\n")
    settled(page)
    select(first_of(page, "log"))
    page.keyboard.press("Shift+A")
    expect(page.locator(".palette-head")).to_contain_text("Below: if")
    page.keyboard.type("wait")
    page.keyboard.press("Enter")
    settled(page)
    assert python_text(page).rstrip() == "if current == first:\n    log('in')\nsleep(5)\nlog('out')"


def test_a_press_on_a_tasks_name_selects_its_block_and_the_next_one_opens_the_list(page: Page) -> None:
    write_python(page, "log('a')\nrun_task('Restart it', service='x')\n")
    settled(page)
    select(first_of(page, "log"))
    name = editing.fields_of(first_of(page, "run_task")).first
    name.click()
    expect(page.locator("#inspector").get_by_label("Task", exact=True)).to_have_value("Restart it")
    expect(page.locator(".pick")).to_have_count(0)
    name.click()
    expect(page.locator(".pick").get_by_role("combobox")).to_be_focused()
