"""The editor in a real Chromium: built with the mouse, written in Python, saved, published, never losing anything."""

import json
import re
import sys
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import editing
from tests.browser.calling import ONE_DATABASE, draft_of, new_flow
from tests.browser.conftest import NewVisitor
from tests.browser.editing import (
    CANVAS,
    block,
    drag_block,
    fields_of,
    into,
    open_editor,
    python_text,
    settled,
    values_of,
)
from tests.browser.visitor import MIDDLE, NARROW, WIDE, Visitor
from tests.journeys.site import Site
from tests.script.blocks.handwritten import SCRIPTS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With an element and two tasks."""
    shared_up.apply(ONE_DATABASE)
    return shared_up


@pytest.mark.timeout(240)
def test_the_seeds_flow_is_built_from_blocks_on_an_empty_page_and_published(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Rolling restart")
    page = open_editor(visitor, flow, "processing")
    sort = drag_block(page, "sort by", "sort_elements", editing.on_canvas(page))
    chosen = drag_block(page, "if else", "choose", into(sort, 0))
    compared = drag_block(page, "compares", "compare", into(chosen, 1))
    context = drag_block(page, "value of an element", "context", into(compared, 0))
    editing.pick(page, context, "patroni_leader")
    text = drag_block(page, "text", "text", into(compared, 1))
    editing.write(page, text, "master")
    editing.choose(page, sort, "smallest first (said so)")
    assert python_text(page).rstrip() == (
        "order_flow_elements(elements, lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0, reverse=False)"
    )

    editing.choose_script(page, "Execution")
    condition = drag_block(page, "if condition", "if", editing.on_canvas(page))
    editing.choose(page, values_of(condition)[0], "the last")
    log = drag_block(page, "log", "log", editing.inside(condition))
    editing.write(page, values_of(log)[0], "the leader")
    restart = drag_block(page, "run Restart", "run_task", editing.below(condition))
    editing.write(page, values_of(restart)[0], "postgresql")
    wait = drag_block(page, "wait seconds", "sleep", editing.below(restart))
    editing.write(page, values_of(wait)[0], "1")
    editing.press_control(page, restart, "Add input")
    assert python_text(page).rstrip().splitlines() == [
        "if current == last:",
        "    log('the leader')",
        "run_task('Restart', service='postgresql', check=False)",
        "sleep(1)",
    ]
    editing.open_card(page, "target")
    page.get_by_label("Chosen elements").check()
    page.get_by_label("Profile", exact=True).select_option("postgres")
    expect(page.locator("#target-list").get_by_role("status")).to_have_text("1 element")
    settled(page)
    assert editing.problems(page) == []
    assert "Published as version 1" in editing.publish(page)
    assert draft_of(visitor, flow)["is_draft"] is False


def test_scripts_that_are_opened_and_moved_about_keep_every_byte(visitor: Visitor) -> None:
    sendable = [text for text in SCRIPTS.values() if "ud800" not in text and "\\x00" not in text]
    script = "\n".join(sendable)
    flow = new_flow(visitor, "Every kind of script", execution_script=script)
    sent: list[Any] = []
    kept = ("/api/scripts/blocks", f"/api/drafts/{flow}/")  # the plan and the order are asked for and change nothing
    visitor.page.on(
        "request",
        lambda one: sent.append(one.post_data_json) if one.url.endswith(kept) and one.method != "GET" else None,
    )
    page = open_editor(visitor, flow)
    top = page.locator(f"{CANVAS} > .blocklyBlock").first
    page.keyboard.down("Control")
    editing.move_block(page, top, lambda: (300.0, 260.0, 1))
    page.keyboard.up("Control")
    assert [one for one in sent if "text" not in one] == []  # neither a save, nor blocks that differ from those opened
    number = values_of(page.locator(f"{CANVAS} .block_sleep").first)[0]
    editing.write(page, number, "61")
    assert draft_of(visitor, flow)["execution_script"].count("61") == 1
    editing.write(page, number, "5")
    assert draft_of(visitor, flow)["execution_script"] == script


def test_a_deleted_task_is_shown_as_missing_and_kept(visitor: Visitor) -> None:
    script = "run_task('Deleted long ago', how = 'fast')\n"
    flow = new_flow(visitor, "Names a task that is gone", execution_script=script)
    page = open_editor(visitor, flow)
    shown = fields_of(block(page, "run_task")).first.text_content() or ""
    assert shown.replace("\xa0", " ") == "missing: Deleted long ago"
    assert "there is no task 'Deleted long ago'" in editing.problems(page)[0]
    assert block(page, "run_task").locator(":scope > .blocklyWarningIcon, :scope > .blocklyIconGroup").count() == 1
    assert draft_of(visitor, flow)["execution_script"] == script
    editing.pick(page, block(page, "run_task"), "Health")
    assert python_text(page).rstrip() == "run_task('Health', how='fast')"


def test_python_makes_blocks_and_what_cannot_be_read_leaves_them(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Written in Python")
    page = open_editor(visitor, flow)
    editing.write_python(page, "if current == first:\nlog('a')\nsleep(5)\n".replace("\nlog", "\n    log"))
    assert (block(page, "if").count(), block(page, "sleep").count()) == (1, 1)
    editing.write_python(page, "if current ==")
    note = page.locator("#blocks-note")
    expect(note).to_contain_text("Blocks show the last text that could be read; line 1")
    assert page.locator("#canvas").get_attribute("inert") is not None
    assert draft_of(visitor, flow)["execution_script"] == "if current =="
    note.get_by_role("button", name="Go back").click()
    settled(page)
    assert "sleep(5)" in python_text(page)
    expect(note).to_be_hidden()


def test_blocks_that_make_no_script_leave_the_text_and_are_not_published(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Loose", execution_script="sleep(5)\n")
    page = open_editor(visitor, flow)
    drag_block(page, "a text", "text", editing.on_canvas(page))
    expect(page.locator("#python-note")).to_contain_text("not connected to the script")
    dialog = editing.publish_dialog(page)
    assert "Not published" in dialog.inner_text()
    dialog.get_by_role("button", name="Back to the editor").click()
    page.locator("#python-note").get_by_role("button", name="Go back").click()
    settled(page)
    assert (block(page, "text").count(), python_text(page).rstrip()) == (0, "sleep(5)")


def test_two_people_lose_nothing_when_both_save(visitor: Visitor, site: Site, new_visitor: NewVisitor) -> None:
    flow = new_flow(visitor, "For two", execution_script="sleep(5)\n")
    page = open_editor(visitor, flow)
    other = new_visitor(site)
    other.sign_in()
    theirs = open_editor(other, flow)
    editing.write_python(theirs, "sleep(7)\n")
    page.locator("#code .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("sleep(9)\n")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert re.search(r"saved this draft\s+At \d\d:\d\d:\d\d, while you", dialog.inner_text())
    assert "revision" not in dialog.inner_text()
    assert dialog.get_by_label("Theirs: execution script").input_value() == "sleep(7)\n"
    assert dialog.get_by_label("Mine: execution script").input_value() == "sleep(9)\n"
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    expect(page.locator("#status")).to_contain_text("Ctrl S asks again.")
    page.keyboard.press("Control+s")
    dialog.wait_for()
    dialog.get_by_role("button", name="Keep mine").click()
    settled(page)
    assert draft_of(visitor, flow)["execution_script"] == "sleep(9)\n"


def test_a_flow_that_is_deleted_elsewhere_says_so_and_keeps_the_text(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Gone", execution_script="sleep(5)\n")
    page = open_editor(visitor, flow)
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    assert page.request.delete(f"/api/drafts/{flow}/", headers=headers).status == 204
    page.locator("#code .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("sleep(9)\n")
    expect(page.locator("#status")).to_contain_text("this flow was deleted elsewhere")
    assert python_text(page).rstrip() == "sleep(9)"


def test_a_block_is_put_in_by_keys_alone(visitor: Visitor) -> None:
    flow = new_flow(visitor, "By keys", execution_script="sleep(5)\n")
    page = open_editor(visitor, flow)
    block(page, "sleep").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8})
    page.keyboard.press("a")
    page.keyboard.type("run Health")
    page.keyboard.press("Enter")
    settled(page)
    assert python_text(page).rstrip() == "sleep(5)\nrun_task('Health')"
    block(page, "sleep").locator(":scope > .blocklyPath").click(position={"x": 8, "y": 8})
    page.keyboard.press("a")
    page.keyboard.type("if")
    page.keyboard.press("Enter")
    settled(page)
    assert python_text(page).rstrip() == "sleep(5)\nif current == first:\n    pass\nrun_task('Health')"
    page.keyboard.press("Control+s")
    assert draft_of(visitor, flow)["execution_script"] == python_text(page)


def test_a_clause_that_is_taken_out_comes_back_by_undo(visitor: Visitor) -> None:
    script = "if current == first:\n    log('a')\nelif current == last:\n    log('b')\nelse:\n    log('c')\n"
    flow = new_flow(visitor, "Undone", execution_script=script)
    page = open_editor(visitor, flow)
    editing.press_control(page, block(page, "if"), "Take out “else")
    assert "elif" not in python_text(page)
    assert python_text(page).rstrip() == "if current == first:\n    log('a')\nelse:\n    log('c')"
    page.keyboard.press("Control+z")
    settled(page)
    assert python_text(page).rstrip() == script.rstrip()


PAINTED = """\
window.painted = new Promise((resolve) => addEventListener('DOMContentLoaded', () => {
  const main = document.querySelector('#main')
  const drawn = () => {
    const answers = performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/api/scripts/blocks/'))
    if (main.dataset.settled !== 'true' || answers.length < 2) return
    watch.disconnect()
    // Blockly draws in the frame after; a message comes when that one is painted.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve(performance.now() - Math.max(...answers.map((one) => one.responseEnd)))
      port2.postMessage('')
    }))
  }
  const watch = new MutationObserver(drawn)
  watch.observe(main, { attributes: true, attributeFilter: ['data-settled'] })
}))
"""


def test_how_long_300_blocks_take_to_be_painted_is_told(visitor: Visitor, capsys: Any) -> None:
    """From the answer to the painted frame; the goal is 400 ms on an idle machine (docs/benchmarks.md)."""
    script = "".join(f"run_task('Restart', service='s{number}')\n" for number in range(100)) + "sleep(5)\n" * 50
    flow = new_flow(visitor, "Long", execution_script=script)
    page = visitor.page
    page.add_init_script(PAINTED)
    times: list[float] = []
    for _ in range(5):
        visitor.open(f"/flows/{flow}/edit/")
        times.append(page.evaluate("window.painted"))
        assert page.locator(f"{CANVAS} .blocklyBlock").count() == 300
    with capsys.disabled():
        sys.stdout.write(f"\n300 blocks are painted, ms: {json.dumps(sorted(map(round, times)))}\n")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_is_accessible_and_fits(site: Site, new_visitor: NewVisitor, theme: str) -> None:
    visitor = new_visitor(site, theme=theme)
    visitor.sign_in()
    script = "# why\nif current == first:\n    run_task('Gone')\nfor attempt in range(3):\n    x = max(1, 2)\n"
    flow = new_flow(visitor, f"Looked at in the {theme}", execution_script=script)
    for size in (WIDE, MIDDLE, NARROW):
        visitor.page.set_viewport_size(size)
        for query in ("", "?script=processing", "?pane=flow", "?pane=python"):
            page = visitor.open(f"/flows/{flow}/edit/{query}")
            settled(page)
            assert visitor.axe() == [], (size, query)
            assert not visitor.scrolls_sideways(), (size, query)


def test_the_page_leaves_nothing_on_the_window(visitor: Visitor) -> None:
    page = visitor.open("/flows/")
    before = set(json.loads(page.evaluate("JSON.stringify(Object.keys(window))")))
    open_editor(visitor, new_flow(visitor, "Nothing global"))
    assert set(json.loads(page.evaluate("JSON.stringify(Object.keys(window))"))) - before <= {"Blockly"} - before
