"""The author's daily loop in a real Chromium: publish with a difference in words, versions, a conflict, a try."""

import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser import editing
from tests.browser.calling import ask
from tests.browser.conftest import NewVisitor
from tests.browser.editing import (
    block,
    open_card,
    open_editor,
    publish,
    publish_dialog,
    python_text,
    settled,
    write_python,
)
from tests.browser.visitor import MIDDLE, NARROW, WIDE, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

CONTENT = """\
kind: Profile
name: local
connection: {type: local}
---
kind: Element
name: loop1
profile: local
settings: {tier: loop}
---
kind: Element
name: loop2
profile: local
settings: {tier: loop}
---
kind: Task
name: Say
class: command
command: echo {{ inputs.word }} from {{ element.name }}
inputs: [{name: word, type: string, required: true}]
---
kind: Flow
name: Looped
mode: serial
target: {filters: ["tier == loop"]}
inputs: [{name: word, type: string, required: true, default: hello}]
execution_script: |
  run_task('Say', word=inputs['word'])
---
kind: Flow
name: Calls it
mode: serial
target: {all: true}
execution_script: |
  run_flow('Looped')
---
kind: Schedule
name: Every Sunday
flow: Looped
days: [sun]
times: ["02:00"]
enabled: true
"""
SCRIPT = "run_task('Say', word=inputs['word'])\n"
LONGER = "run_task('Say', word=inputs['word'], timeout=30)\nsleep(1)\n"


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With two elements, a flow, one that calls it, and a schedule."""
    shared_up.apply(CONTENT)
    return shared_up


def flow_named(visitor: Visitor, name: str) -> int:
    return int(ask(visitor.page, "GET", f"/api/flows/?name={name}")["results"][0]["id"])


def new_flow(visitor: Visitor, name: str, *scripts: str, allowed: int = 0) -> int:
    """A flow with a version for each script."""
    keys = {"mode": "serial", "target": {"filters": ["tier == loop"]}, "error_threshold": allowed + 1}
    made = ask(visitor.page, "POST", "/api/flows/", {"name": name, **keys, "execution_script": scripts[0]})
    for script in scripts[1:]:
        ask(visitor.page, "POST", f"/api/flows/{made['id']}/publish", {"execution_script": script})
    return int(made["id"])


def corner_of(drawn: Locator) -> tuple[float, float]:
    box = drawn.bounding_box()
    assert box is not None
    return box["x"], box["y"]


def words_of(place: Locator) -> list[str]:
    return place.locator(".ed-words li").all_inner_texts()


def test_publishing_says_what_changes_whom_it_reaches_and_takes_a_note(visitor: Visitor) -> None:
    flow = flow_named(visitor, "Looped")
    page = open_editor(visitor, flow)
    write_python(page, LONGER)
    dialog = publish_dialog(page)
    assert words_of(dialog) == ["unchanged", "step 1 Say: timeout 30 added", "new step 2 Wait 1"]
    expect(dialog).to_contain_text("Every Sunday")
    expect(dialog).to_contain_text("called by Calls it")
    note = dialog.get_by_role("textbox")
    expect(note).to_be_focused()
    dialog.locator("summary").click()
    expect(dialog.locator(".ed-line-new")).to_have_count(2)
    assert visitor.axe() == []
    note.fill("waits a little")
    note.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Published as version 2")
    expect(dialog).to_be_hidden()
    [newest, _] = ask(page, "GET", f"/api/flows/{flow}/versions")
    assert (newest["number"], newest["note"]) == (2, "waits a little")


def test_publishing_warns_of_starts_that_lack_an_input(visitor: Visitor) -> None:
    flow = flow_named(visitor, "Looped")
    draft = ask(visitor.page, "GET", f"/api/drafts/{flow}")
    inputs = [{"name": "word", "type": "string", "required": True}]
    ask(visitor.page, "PUT", f"/api/drafts/{flow}", {"revision": draft["revision"], "inputs": inputs})
    page = open_editor(visitor, flow)
    dialog = publish_dialog(page)
    expect(dialog.locator(".ed-warning")).to_have_text([
        re.compile(r"^Every Sunday: next .*\. Gives no value for word: it cannot start until it does\.$"),
        "Called by Calls it. Line 1 gives no value for word: the call fails until it does.",
    ])  # fmt: skip
    expect(dialog.get_by_role("button", name=re.compile("^Publish version"))).to_be_enabled()
    assert visitor.axe() == []
    dialog.get_by_role("button", name="Later").click()
    revision = ask(page, "GET", f"/api/drafts/{flow}")["revision"]
    ask(page, "PUT", f"/api/drafts/{flow}", {"revision": revision, "inputs": draft["inputs"]})


def test_problems_keep_a_draft_from_being_published_and_lead_to_their_place(visitor: Visitor) -> None:
    page = open_editor(visitor, new_flow(visitor, "With a slip", SCRIPT.replace("inputs['word']", "'x'"), allowed=1))
    write_python(page, "sleep(1)\nrun_task('Sai', word='x')\n")
    dialog = publish_dialog(page)
    expect(dialog.get_by_role("alert")).to_contain_text("Not published: 1 problem is to be mended first")
    expect(dialog.get_by_role("button", name="Publish version")).to_be_disabled()
    dialog.get_by_role("button", name=re.compile("line 2: there is no task")).click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#code .cm-activeLine")).to_contain_text("Sai")


def test_what_somebody_published_meanwhile_is_shown_beside_the_draft(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Published twice", "sleep(1)\n")
    page = open_editor(visitor, flow)
    write_python(page, "sleep(1)\nlog('mine')\n")
    ask(page, "POST", f"/api/flows/{flow}/publish", {"execution_script": "sleep(2)\n"})
    dialog = publish_dialog(page)
    theirs, mine = dialog.locator(".ed-both > div").all()
    assert words_of(theirs) == ["unchanged", "step 1 Wait: seconds 1 → 2"]
    assert words_of(mine) == ["unchanged", "new step 2 Log 'mine'"]
    assert visitor.axe() == []
    dialog.get_by_role("button", name="Later").click()
    assert "Published as version 3" in publish(page)


def test_a_version_is_compared_and_taken_back(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Taken back", "sleep(1)\n", "sleep(2)\n", "sleep(2)\nlog('x')\n")
    page = open_editor(visitor, flow)
    corner = corner_of(block(page, "sleep"))
    open_card(page, "versions")
    card = page.locator("#card-versions")
    compare = card.get_by_role("region", name="Difference")
    expect(compare).to_contain_text("new step 2 Log 'x'")
    assert compare.get_by_label("From").input_value() == "2"
    compare.get_by_label("From").select_option("1")
    expect(compare).to_contain_text("step 1 Wait: seconds 1 → 2")
    assert visitor.axe() == []
    card.get_by_role("button", name="Restore version 1", exact=True).click()
    expect(card.locator(".tone-good", has_text="The draft is what version 1 was")).to_be_visible()
    settled(page)
    open_card(page, "steps")
    settled(page)
    assert python_text(page).rstrip() == "sleep(1)"
    assert corner_of(block(page, "sleep")) == corner
    page.locator("#undo").click()
    settled(page)
    assert python_text(page).rstrip() == "sleep(2)\nlog('x')"
    page.locator("#redo").click()
    settled(page)
    assert "Published as version 4" in publish(page, "back to the first")
    open_card(page, "versions")
    expect(card.get_by_role("listitem").first).to_contain_text("back to the first")


def test_a_conflict_is_told_in_words_and_the_side_not_taken_comes_back_by_undo(
    visitor: Visitor, site: Site, new_visitor: NewVisitor
) -> None:
    flow = new_flow(visitor, "In conflict", "sleep(1)\n")
    page = open_editor(visitor, flow)
    other = new_visitor(site)
    other.sign_in()
    write_python(open_editor(other, flow), "sleep(7)\n")
    page.locator("#code .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("log('mine')\n")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    theirs, mine = dialog.locator(".ed-both").first.locator(":scope > div").all()
    expect(theirs).to_contain_text("step 1 Wait: seconds 1 → 7")
    expect(mine).to_contain_text("new step 2 Log 'mine'")
    assert dialog.get_by_label("Theirs: execution script").input_value() == "sleep(7)\n"
    assert visitor.axe() == []
    dialog.get_by_role("button", name="Take theirs").click()
    settled(page)
    assert python_text(page).rstrip() == "sleep(7)"
    page.locator("#undo").click()
    settled(page)
    assert python_text(page).rstrip() == "sleep(1)\nlog('mine')"


@pytest.mark.parametrize("size", [WIDE, MIDDLE, NARROW], ids=["wide", "middle", "narrow"])
def test_a_draft_is_tried_on_the_elements_that_are_chosen(
    site: Site, new_visitor: NewVisitor, size: tuple[int, int]
) -> None:
    visitor = new_visitor(site, size=size)
    visitor.sign_in()
    flow = flow_named(visitor, "Looped")
    page = visitor.open(f"/flows/{flow}/edit/")
    settled(page)
    page.get_by_role("button", name="Try…").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Try"))
    expect(dialog).to_contain_text("This really runs on the elements")
    expect(dialog.get_by_label("loop1")).to_be_checked()
    expect(dialog.get_by_label("loop2")).not_to_be_checked()
    dialog.get_by_label("loop1").uncheck()
    dialog.get_by_text("Choose at least one of").wait_for()
    dialog.get_by_role("button", name="Try", exact=True).click()
    expect(dialog).to_contain_text("Choose at least one element.")
    dialog.get_by_label("loop2").check()
    dialog.get_by_label(re.compile("^word")).fill("tried")
    assert visitor.axe() == []
    dialog.get_by_role("button", name="Try on 1 element").click()
    trying = page.get_by_role("dialog", name=re.compile("^Trying"))
    expect(trying).to_contain_text("1 succeeded", timeout=20_000)
    assert visitor.axe() == []
    trying.get_by_role("button", name="Back to the editor").click()
    chip = page.locator("#tried")
    expect(chip).to_contain_text("succeeded")
    chip.get_by_role("link").click()
    expect(page.locator(".try-mark").first).to_contain_text("Try")
    run = int(page.url.rstrip("/").rsplit("/", 1)[1])
    told = ask(page, "GET", f"/api/runs/{run}/")
    assert (told["is_try"], told["version"], told["narrowed"], told["inputs"]) == (
        True,
        None,
        ["loop2"],
        {"word": "tried"},
    )


def test_a_try_that_fails_says_why(visitor: Visitor) -> None:
    page = visitor.page
    flow = new_flow(visitor, "Fails when tried", SCRIPT.replace("inputs['word']", "'x'"))
    open_editor(visitor, flow)
    write_python(page, "fail('the disk of ' + element['name'] + ' is full')\n")
    page.get_by_role("button", name="Try…").click()
    page.get_by_role("dialog").get_by_role("button", name="Try on 1 element").click()
    trying = page.get_by_role("dialog", name=re.compile("^Trying"))
    expect(trying.get_by_role("listitem")).to_have_text(
        re.compile("^loop1 .*the disk of loop1 is full"), timeout=20_000
    )
    assert visitor.axe() == []
    trying.get_by_role("button", name="Back to the editor").click()
    publishing = publish_dialog(page)
    expect(publishing).to_contain_text(re.compile("The last try, run [0-9]+: ?partial"))
    expect(publishing).not_to_contain_text("changed since")
    assert visitor.axe() == []
    publishing.get_by_role("button", name="Later").click()
    write_python(page, "log('mended')\n")
    expect(publish_dialog(page)).to_contain_text("The draft was changed since.")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_a_try_asks_is_answered_without_leaving_the_editor(
    site: Site, new_visitor: NewVisitor, size: ViewportSize
) -> None:
    """Once in the dialog, once in the bar."""
    visitor = new_visitor(site, size=size)
    visitor.sign_in()
    script = "approve('Go on?')\napprove('Really, after all that was said?')\n"
    page = open_editor(visitor, new_flow(visitor, f"Asks on {size['width']}", script))
    page.get_by_role("button", name="Try…").click()
    page.get_by_role("dialog").get_by_role("button", name="Try on 1 element").click()
    trying = page.get_by_role("dialog", name=re.compile("^Trying"))
    expect(trying.get_by_role("heading", name="Go on?")).to_be_visible(timeout=20_000)
    expect(trying).to_contain_text("Asked by loop1.")
    expect(trying.get_by_role("link", name="Open the run")).to_be_visible()
    assert visitor.axe() == []
    trying.get_by_role("button", name="Approve").click()
    expect(trying.get_by_role("heading", name="Really, after all")).to_be_visible(timeout=20_000)
    trying.get_by_role("button", name="Back to the editor").click()
    chip = page.locator("#tried")
    expect(chip.locator("q")).to_have_text("Really, after all that was said?")
    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chip.get_by_role("button", name="Reject").click()
    expect(chip).to_contain_text("failed", timeout=20_000)
    expect(chip.get_by_role("button")).to_have_count(0)
    run = int(str(chip.get_by_role("link").get_attribute("href")).split("/")[2])
    told = ask(page, "GET", f"/api/runs/{run}/")
    assert (told["is_try"], told["state"], told["questions"]) == (True, "failed", [])


def test_the_loop_works_by_keyboard_alone(visitor: Visitor) -> None:
    flow = new_flow(visitor, "By keys", "sleep(1)\n")
    page = open_editor(visitor, flow)
    editing.write_python(page, "sleep(2)\n")
    page.locator("#publish").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Publish By keys")
    expect(dialog.get_by_role("button", name="Publish version 2")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#publish")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Published as version 2")
