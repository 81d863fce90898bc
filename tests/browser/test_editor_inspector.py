"""The inspector and the Python pane in a real Chromium: settings of a step, a test, new tasks, completion, problems."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calling import draft_of, new_flow
from tests.browser.conftest import NewVisitor
from tests.browser.editing import block, open_editor, python_text, settled, write_python
from tests.browser.visitor import MIDDLE, NARROW, WIDE, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

CONTENT = """\
kind: Profile
name: inspected
connection: {type: local}
---
kind: Element
name: in1
profile: inspected
address: 127.0.0.1
settings: {env: prod, unit: postgresql}
---
kind: Element
name: in2
profile: inspected
address: 127.0.0.1
settings: {env: stage, unit: postgresql}
---
kind: Task
name: Say
class: command
command: |
  echo {{ inputs.what | quote }}
  echo oh >&2
timeout: 45
retries: 2
parse: none
inputs:
  - {name: what, type: string, required: true, description: What is said}
  - {name: loud, type: boolean}
---
kind: Task
name: Look
class: command
command: |
  echo '{"code": 7}'
parse: json
"""
TARGET = {"profile": "inspected"}


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With two elements and two tasks."""
    shared_up.apply(CONTENT)
    return shared_up


def opened(visitor: Visitor, name: str, script: str, **keys: Any) -> tuple[Page, int]:
    """The editor of a new flow with this script."""
    flow = new_flow(visitor, name, execution_script=script, target=TARGET, **keys)
    return open_editor(visitor, flow), flow


def select_line(page: Page, number: int) -> None:
    """Put the cursor on a line of the Python."""
    page.locator("#code .cm-line").nth(number - 1).click()
    page.locator("#inspector h2").first.wait_for()


def test_a_timeout_set_in_the_inspector_changes_its_argument_alone(visitor: Visitor) -> None:
    script = "# why\nrun_task( 'Say',what = 'hi' )  # this\nsleep(1)\n"
    page, flow = opened(visitor, "Timed", script)
    select_line(page, 2)
    timeout = page.locator("#in-timeout")
    expect(timeout).to_have_attribute("placeholder", "45, as the task")
    timeout.fill("90")
    settled(page)
    expect(timeout).to_be_focused()
    assert draft_of(visitor, flow)["execution_script"] == script.replace("'hi' )", "'hi', timeout=90 )")
    expect(page.locator("#canvas")).to_contain_text("timeout 90")
    timeout.fill("")
    settled(page)
    expect(page.locator("#canvas")).not_to_contain_text("timeout 90")
    assert draft_of(visitor, flow)["execution_script"] == script.replace("'hi' )", "'hi' )")


def test_an_input_is_a_value_or_python_and_half_a_value_tears_nothing(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Given", "run_task('Say', what=element['context']['unit'])\nlog('after')\n")
    select_line(page, 1)
    field = page.locator("#in-what")
    expect(field).to_have_value("element['context']['unit']")
    field.fill("element['na")
    expect(page.locator("#in-what-wrong")).to_contain_text("Not finished")
    assert "element['context']['unit']" in python_text(page)
    page.get_by_role("option", name="element['name']").click()
    settled(page)
    assert python_text(page).startswith("run_task('Say', what=element['name'])")
    field.fill("")
    settled(page)
    page.get_by_role("button", name="what as Python").click()
    page.locator("#in-what").fill('it\'s "so"')
    page.locator("#in-loud").select_option("True")
    settled(page)
    assert python_text(page).startswith("""run_task('Say', what='it\\'s "so"', loud=True)""")


def test_what_happens_if_it_fails_is_one_choice(visitor: Visitor) -> None:
    script = "if current == first:\n    run_task('Look')  # here\nlog('end')\n"
    page, flow = opened(visitor, "Failing", script)
    select_line(page, 2)
    page.get_by_label("Catch it").check()
    settled(page)
    assert python_text(page).rstrip().splitlines() == [
        "if current == first:",
        "    try:",
        "        run_task('Look')  # here",
        "    except StepFailed as error:",
        "        log(str(error))",
        "log('end')",
    ]
    page.get_by_label("Go on").check()
    settled(page)
    assert python_text(page).rstrip().splitlines()[1] == "    run_task('Look', check=False)  # here"
    page.get_by_label("Stop this element").check()
    settled(page)
    assert draft_of(visitor, flow)["execution_script"] == script


def test_the_command_for_a_sample_element_is_shown_and_tested_on_it(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Tested", "run_task('Say', what=element['context']['unit'])\nrun_task('Look')\n")
    select_line(page, 1)
    command = page.locator("#inspector .in-command")
    expect(command).to_contain_text("echo postgresql")
    page.locator("#in-sample").fill("in2")
    page.get_by_role("button", name="Test on in2").click()
    dialog = page.get_by_role("dialog", name="Test Say")
    expect(dialog).to_contain_text("This really runs the task")
    expect(dialog.get_by_label("what")).to_have_value("postgresql")
    dialog.get_by_role("button", name="Run it on in2").click()
    outcome = dialog.locator(".in-outcome")
    expect(outcome).to_contain_text("exit code 0", timeout=30_000)
    expect(outcome.locator(".in-output")).to_contain_text("postgresql")
    expect(outcome.get_by_role("link", name="Run ")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    select_line(page, 2)
    page.get_by_role("button", name="Test on in2").click()
    page.get_by_role("button", name="Run it on in2").click()
    expect(page.locator(".in-outcome")).to_contain_text('"code": 7', timeout=30_000)


def test_a_test_asks_only_for_what_the_task_reads_and_says_what_is_empty(visitor: Visitor) -> None:
    inputs = [{"name": name, "type": "string", "required": True} for name in ("unit", "ticket")]
    page, _ = opened(visitor, "Tested with inputs", "run_task('Say', what=inputs['unit'])\n", inputs=inputs)
    select_line(page, 1)
    page.locator("#in-sample").fill("in1")
    page.get_by_role("button", name="Test on in1").click()
    dialog = page.get_by_role("dialog", name="Test Say")
    what = dialog.get_by_label("what")
    expect(dialog.locator("label")).to_have_text(["Element", "what", "loud"])
    expect(dialog).to_contain_text("In the flow: inputs['unit']")
    dialog.get_by_role("button", name="Run it on in1").click()
    expect(what).to_be_focused()
    expect(what).to_have_accessible_description("A value is needed.")
    page.keyboard.type("cron")
    expect(what).to_have_accessible_description("")
    dialog.get_by_role("button", name="Run it on in1").click()
    expect(dialog.locator(".in-output")).to_contain_text("cron", timeout=30_000)


def test_a_new_task_is_made_without_leaving_the_editor(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Has a new one", "log('a')\nlog('b')\n")
    select_line(page, 1)
    page.evaluate("document.dispatchEvent(new CustomEvent('new-task', {detail: {name: 'Shout', at: null}}))")
    dialog = page.get_by_role("dialog", name="New task")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Shout")
    dialog.get_by_label("Command").fill("echo {{ inputs.what ")
    dialog.get_by_role("button", name="Create and put in").click()
    expect(dialog).to_contain_text("unexpected end of template")
    dialog.get_by_label("Command").fill("echo {{ inputs.what | quote }}")
    dialog.get_by_role("button", name="Add an input").click()
    page.keyboard.type("what")
    dialog.get_by_role("button", name="Create and put in").click()
    expect(dialog).to_be_hidden()
    settled(page)
    assert python_text(page).rstrip().splitlines() == ["log('a')", "run_task('Shout', what='')", "log('b')"]
    expect(page.locator("#in-name")).to_have_value("Shout")
    expect(page.locator("#problems")).to_contain_text("the task 'Shout' requires what, which has no value yet")


def test_a_new_task_is_put_in_where_it_was_asked_for(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Has one after", "if current == last:\n    log('a')\nlog('b')\n")
    page.locator("#canvas .block_log").first.locator(":scope > .blocklyPath").click(position={"x": 6, "y": 8})
    page.keyboard.press("Shift+A")
    page.keyboard.type("Patch it")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New task")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Patch it")
    dialog.get_by_label("Command").fill("echo patch")
    dialog.get_by_role("button", name="Create and put in").click()
    expect(dialog).to_be_hidden()
    settled(page)
    assert python_text(page).rstrip().splitlines() == [
        "if current == last:",
        "    log('a')",
        "run_task('Patch it')",
        "log('b')",
    ]
    expect(page.locator("#in-name")).to_have_value("Patch it")


def test_a_required_input_is_left_to_the_flow_which_declares_it(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Leaves to the flow", "run_task('Say', what='')\n")
    select_line(page, 1)
    field = page.locator('[data-field="what"]')
    expect(field).to_contain_text("The step needs it.")
    field.get_by_role("button", name="Make it an input of the flow").click()
    settled(page)
    assert python_text(page).rstrip() == "run_task('Say')"
    expect(page.locator("#in-what")).to_have_attribute("placeholder", "as the flow’s input")
    expect(page.locator("#problems")).to_be_hidden()
    write_python(page, "run_task('Say', what='')\n")
    expect(page.locator("#problems")).to_contain_text("hides the input of the flow")
    select_line(page, 1)
    field.get_by_role("button", name="Use the flow’s input").click()
    settled(page)
    assert python_text(page).rstrip() == "run_task('Say')"


def test_a_new_task_offers_to_declare_what_its_template_reads(visitor: Visitor) -> None:
    """R43: the flow's own input is none of them, and neither is what the element's context has."""
    declared = [{"name": "port", "type": "integer", "default": 80}]
    page, _ = opened(visitor, "Declares", "log('a')\n", inputs=declared)
    page.evaluate("document.dispatchEvent(new CustomEvent('new-task', {detail: {name: 'Start again', at: null}}))")
    dialog = page.get_by_role("dialog", name="New task")
    command = dialog.get_by_label("Command")
    command.fill(
        "restart {{ servise | quote }} {{ inputs.port }} {{ inputs.how | quote }} {{ element.name }} {{ unit }}"
    )
    offers = dialog.locator(".undeclared")
    expect(offers).to_have_text(
        [
            "how is used in the template and is no input yet.Declare how",
            "servise is used in the template; it is no input yet, and no context key.Declare servise",
        ]
    )
    offers.get_by_role("button", name="Declare how").click()
    expect(offers).to_have_count(1)
    offers.get_by_role("button", name="Declare servise").click()
    expect(offers).to_have_count(0)
    expect(command).to_have_value(re.compile(r"restart {{ inputs\.servise \| quote }}"))
    dialog.get_by_role("button", name="Create and put in").click()
    expect(dialog).to_be_hidden()
    settled(page)
    assert "run_task('Start again', how='', servise='')" in python_text(page)


def test_python_is_completed_and_explained(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Completed", "")
    page.locator("#code .cm-content").click()
    page.keyboard.type("run_task('Sa")
    page.locator(".cm-tooltip-autocomplete").get_by_text("Say", exact=True).click()
    page.keyboard.type("', wh")
    page.locator(".cm-tooltip-autocomplete").get_by_text("what", exact=True).click()
    page.keyboard.type("element['context']['")
    page.locator(".cm-tooltip-autocomplete").get_by_text("unit", exact=True).click()
    page.keyboard.type("'])")
    settled(page)
    assert python_text(page).rstrip() == "run_task('Say', what=element['context']['unit'])"
    page.locator("#code .cm-line").first.hover(position={"x": 30, "y": 8})
    expect(page.locator(".cm-tooltip-hover .told")).to_contain_text("run_task(name, /")


def test_f8_goes_through_the_problems_of_both_scripts(visitor: Visitor) -> None:
    page, _ = opened(
        visitor, "Wrong twice", "log('ok')\nrun_task('Gone')\n", processing_script="elements.sort(key=nobody)\n"
    )
    expect(page.locator("#problems")).to_contain_text("2 problems")
    page.keyboard.press("F8")
    expect(page.locator("#main")).to_have_attribute("data-card", "order")
    page.keyboard.press("F8")
    expect(page.locator("#main")).to_have_attribute("data-card", "steps")
    expect(page.locator("#problems + [role=status]")).to_contain_text("Problem 2 of 2. Steps, line 2")
    page.keyboard.press("Shift+F8")
    expect(page.locator("#main")).to_have_attribute("data-card", "order")
    page.get_by_role("button", name="2 problems").last.click()
    page.locator("#problems .ed-problem").last.click()
    expect(page.locator("#main")).to_have_attribute("data-card", "steps")
    expect(page.locator("#code .cm-content")).to_be_focused()


def test_format_changes_no_meaning_and_keeps_the_caret_in_its_word(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Uneven", "x=1\nif  x==1 :\n  log( 'abc' )\n")
    page.locator("#code .cm-line").nth(2).click()
    page.keyboard.press("Home")
    for _step in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Alt+f")
    expect(page.locator(".ed-format-said")).to_have_text("Formatted")
    settled(page)
    assert python_text(page).rstrip().splitlines() == ["x = 1", "if x == 1:", "    log('abc')"]
    page.keyboard.type("Z")
    settled(page)
    assert "log('abZc')" in python_text(page) or "log('aZbc')" in python_text(page)


def test_a_raw_block_says_why_and_is_edited_in_place(visitor: Visitor) -> None:
    page, _ = opened(visitor, "Raw", "if current == first:\n    class A:\n        x = 1\n")
    select_line(page, 2)
    expect(page.locator("#inspector .in-why")).to_be_visible()
    code = page.get_by_label("Its Python")
    expect(code).to_have_value("class A:\n    x = 1")
    code.fill("class A:\n    x = 2\n\n    y = 3")
    settled(page)
    assert python_text(page).rstrip().splitlines() == [
        "if current == first:",
        "    class A:",
        "        x = 2",
        "",
        "        y = 3",
    ]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_inspector_is_accessible_and_fits(site: Site, new_visitor: NewVisitor, theme: str) -> None:
    visitor = new_visitor(site, theme=theme)
    visitor.sign_in()
    page, _ = opened(visitor, f"Inspected in the {theme}", "run_task('Say', loud=1)\nrun_task('Gone')\nclass A: pass\n")
    for line in (1, 2, 3):
        select_line(page, line)
        page.wait_for_timeout(500)
        assert visitor.axe() == [], line
    select_line(page, 1)
    page.locator("#in-what").click()
    assert visitor.axe() == []
    for size in (WIDE, MIDDLE, NARROW):
        page.set_viewport_size(size)
        page.wait_for_timeout(200)
        assert not visitor.scrolls_sideways(), size


def test_a_block_stays_selected_while_its_settings_are_typed(visitor: Visitor) -> None:
    page, flow = opened(visitor, "Typed beside", "sleep(1)\nlog('started')\n")
    block(page, "log").locator("text", has_text="log").first.click()
    message = page.locator("#in-message")
    message.click()
    expect(message).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Begins here")
    settled(page)
    expect(message).to_be_focused()
    expect(page.locator("#inspector h2").first).to_contain_text("Log")
    assert draft_of(visitor, flow)["execution_script"] == "sleep(1)\nlog('Begins here')\n"
