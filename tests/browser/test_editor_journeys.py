"""The seed's flow, from an empty page to a published version: by the keyboard alone, and typed as Python."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import keyboard
from tests.browser.calling import ONE_DATABASE, draft_of, new_flow
from tests.browser.editing import CANVAS, open_editor, problems, python_text, settled
from tests.browser.keyboard import choose, insert, rewrite, tab_to, tab_to_canvas, walk
from tests.browser.visitor import Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

ORDER = "order_flow_elements(elements, lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0, reverse=False)"
STEPS = """\
if current == last:
    log('the leader')
run_task('Restart', service='postgresql')
sleep(1)"""


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With an element and two tasks."""
    shared_up.apply(ONE_DATABASE)
    return shared_up


def blocks_of(page: Page) -> list[tuple[str, str]]:
    """Each block of the canvas with its type and the words that stand on it, in the order of the script."""
    found: list[list[str]] = page.locator(f"{CANVAS} .blocklyBlock").evaluate_all(
        """all => all.map(one => [
            [...one.classList].find(name => name.startsWith('block_')),
            [...one.querySelectorAll(':scope > .blocklyField, :scope > .blocklyLabelField')]
                .map(field => field.textContent).join(' ')])"""
    )
    return sorted((kind, re.sub(r"\s+", " ", words).strip()) for kind, words in found)


def expect_python(page: Page, text: str) -> None:
    """What the Python side says, sooner or later."""
    expect(page.locator("#code .cm-line")).to_have_text([*text.splitlines(), ""])


def build_the_order(page: Page) -> None:
    """The leader last."""
    page.keyboard.press("Alt+2")
    tab_to_canvas(page)
    insert(page, "sort", "sort each x by key")
    walk(page, "ArrowRight", "patroni_leader of x ==")
    insert(page, "if else", "value if condition, else value")
    walk(page, "ArrowRight", "Edit text: 0")
    insert(page, "compares", "value == value")
    walk(page, "ArrowRight", "input")
    insert(page, "value of an element", "key of element")
    walk(page, "ArrowRight", "Edit text: 2")
    insert(page, "text", "text")
    walk(page, "ArrowRight", "Edit text: text")
    rewrite(page, "master")
    walk(page, "ArrowRight", "dropdown: smallest first")
    choose(page, "smallest first (said so)")
    expect_python(page, ORDER)


def build_the_steps(page: Page) -> None:
    """A word at the last element, a restart, a wait."""
    page.keyboard.press("Alt+3")
    settled(page)
    tab_to_canvas(page)
    insert(page, "if", "if condition")
    walk(page, "ArrowRight", "dropdown")
    choose(page, "the last")
    walk(page, "ArrowDown", "End")
    insert(page, "log", "log message")
    walk(page, "ArrowRight", "Edit text: started")
    rewrite(page, "the leader")
    walk(page, "ArrowUp", "if")
    insert(page, "restart", "Restart")
    walk(page, "ArrowRight", "Edit text")
    rewrite(page, "postgresql")
    insert(page, "wait seconds", "wait … seconds")
    walk(page, "ArrowRight", "Edit text: 5")
    rewrite(page, "1")
    expect_python(page, STEPS)


@pytest.mark.timeout(300)
def test_the_seeds_flow_is_built_and_published_by_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.open("/flows/new/")
    tab_to(page, "#id_name")
    page.keyboard.type("By keys from nothing")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/flows/\d+/edit/"))
    settled(page)
    page.keyboard.press("Alt+1")
    tab_to(page, "#card-target input[type=radio]")
    walk(page, "ArrowUp", "Chosen elements")
    tab_to(page, "#target-profile")
    page.keyboard.type("postgres")
    expect(page.locator("#target-list").get_by_role("status")).to_have_text("1 element")
    build_the_order(page)
    build_the_steps(page)
    assert problems(page) == []
    keyboard.publish(page)
    flow = int(re.search(r"/flows/(\d+)/", page.url)[1])  # type: ignore[index]
    draft = draft_of(visitor, flow)
    assert (draft["is_draft"], draft["processing_script"].rstrip(), draft["execution_script"].rstrip()) == (
        False,
        ORDER,
        STEPS,
    )


def test_what_is_typed_as_python_is_seen_as_the_same_blocks(visitor: Visitor) -> None:
    """Line by line, as the keys of the editor help: it indents, and puts the closing brackets and quotes in."""
    page = open_editor(visitor, new_flow(visitor, "Built"))
    build_the_steps(page)
    built = blocks_of(page)
    page = open_editor(visitor, new_flow(visitor, "Typed"))
    page.locator("#code .cm-content").focus()
    first, inside, *others = STEPS.splitlines()
    for line in (first, inside.strip()):
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    page.keyboard.type(others[0])
    page.keyboard.press("Enter")
    page.keyboard.type(others[1])
    settled(page)
    assert python_text(page).rstrip() == STEPS
    assert blocks_of(page) == built
