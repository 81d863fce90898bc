"""The cards of the editor: a sentence that is always true, the target, the order that results, the rules."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calling import draft_of, new_flow
from tests.browser.conftest import NewVisitor
from tests.browser.editing import open_card, open_editor, settled
from tests.browser.visitor import MIDDLE, NARROW, PASSWORD, WIDE, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

CONTENT = """\
kind: Profile
name: postgres
connection: {type: local}
---
kind: Group
name: prod
---
kind: Group
name: stage
---
kind: Element
name: db1
profile: postgres
address: 127.0.0.1
groups: [prod]
settings: {patroni_leader: master, env: prod, version: 15}
---
kind: Element
name: db2
profile: postgres
address: 127.0.0.1
groups: [prod]
settings: {patroni_leader: replica, env: prod, version: 15}
---
kind: Element
name: db3
profile: postgres
address: 127.0.0.1
groups: [stage]
settings: {patroni_leader: replica, env: stage, version: 9}
---
kind: Element
name: db4
profile: postgres
address: 127.0.0.1
groups: [stage]
settings: {env: stage}
---
kind: Task
name: Read role
class: command
command: echo replica
save: {patroni_leader: output}
---
kind: Task
name: Restart
class: command
command: echo ok
"""
LEADER_LAST = "order_flow_elements(elements, lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0)\n"


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With four elements in two groups, and two tasks."""
    shared_up.apply(CONTENT)
    return shared_up


def listed(page: Page) -> list[str]:
    """The names beside the card Target."""
    return page.locator("#target-list .side-row > :first-child").all_inner_texts()


def test_a_filter_is_completed_by_keys_alone_and_shows_what_it_leaves(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Filtered by keys", target={"profile": "postgres", "groups": [], "filters": []})
    page = open_editor(visitor, flow)
    page.keyboard.press("Alt+1")
    expect(page.locator("#main")).to_have_attribute("data-card", "target")
    page.get_by_role("button", name="Add filter").press("Enter")
    field = page.get_by_role("combobox", name="Filter 1")
    expect(field).to_be_focused()
    page.keyboard.type("en")
    for offered in ("env", "==", "prod"):  # the key, the operator, the value most elements have
        page.keyboard.press("ArrowDown")
        expect(page.locator(".combo-list [aria-selected=true]")).to_contain_text(offered)
        page.keyboard.press("Enter")
    expect(field).to_have_value("env == prod")
    expect(page.locator("#filter-0-effect")).to_have_text("4 → 2")
    assert listed(page) == ["db1", "db2"]
    expect(page.locator("[data-open-card=target]")).to_contain_text("2 elements: postgres, env == prod")
    settled(page)
    assert draft_of(visitor, flow)["target"]["filters"] == ["env == prod"]


def test_enter_goes_on_with_a_key_that_is_begun_and_adds_a_row_after_a_whole_filter(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Filtered by Enter", target={"profile": "postgres", "groups": [], "filters": []})
    page = open_editor(visitor, flow)
    open_card(page, "target")
    page.get_by_role("button", name="Add filter").press("Enter")
    field = page.get_by_role("combobox", name="Filter 1")
    expect(field).to_be_focused()
    page.keyboard.type("en")
    page.keyboard.press("Enter")
    expect(field).to_have_value("env ")
    expect(field).to_be_focused()
    expect(page.get_by_role("combobox", name="Filter 2")).to_have_count(0)
    page.keyboard.type("== prod")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Filter 2")).to_be_focused()
    expect(field).to_have_value("env == prod")


def test_a_broken_filter_says_where_and_keeps_what_is_typed(visitor: Visitor) -> None:
    flow = new_flow(
        visitor,
        "Broken filter",
        target={"profile": None, "groups": ["prod", "stage"], "filters": ["env = prod", "version >= 10"]},
    )
    page = open_editor(visitor, flow)
    open_card(page, "target")
    expect(page.locator("#filter-0-effect")).to_contain_text("character 5: found '=', expected one of == !=")
    expect(page.locator("#filter-1-effect")).to_have_text("4 → 2")
    expect(page.locator("[data-open-card=target]")).to_contain_text("Problem: filter 'env = prod'")
    field = page.get_by_role("combobox", name="Filter 1")
    field.press("Home")
    for _ in range(5):
        field.press("ArrowRight")
    page.keyboard.type("=", delay=30)
    page.wait_for_timeout(600)  # answers come meanwhile
    page.keyboard.type("=")
    page.keyboard.press("Backspace")
    expect(field).to_have_value("env == prod")
    assert page.evaluate("document.activeElement.selectionStart") == len("env ==")
    expect(page.locator("#filter-0-effect")).to_have_text("4 → 2")


def test_the_order_shows_what_is_dropped_and_why_and_how_old_its_facts_are(visitor: Visitor) -> None:
    script = "filter_flow_elements(elements, lambda x: x['context']['env'] == 'prod')\n" + LEADER_LAST
    flow = new_flow(visitor, "Leader last", target={"profile": "postgres"}, processing_script=script)
    page = open_editor(visitor, flow)
    order = open_card(page, "order")
    expect(order).to_contain_text("2 dropped")
    preview = page.locator("#order-preview")
    expect(preview.get_by_role("status")).to_contain_text("2 of 4 elements in this order")
    assert preview.locator("tbody th").all_inner_texts() == ["db2", "db1"]
    expect(preview.locator(".side-dropped li")).to_have_count(2)
    expect(preview.locator(".side-dropped")).to_contain_text("env is 'stage'")
    expect(preview.locator(".side-facts")).to_contain_text("patroni_leader")
    expect(preview.locator(".side-facts")).to_contain_text("ago")
    open_card(page, "target")
    expect(page.locator("#target-list .is-dropped")).to_have_count(2)
    assert page.locator("#target-list s").all_inner_texts() == ["db3", "db4"]


def test_a_fact_that_is_missing_stops_the_order_and_the_way_out_is_told(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Missing fact", target={"profile": "postgres"}, processing_script=LEADER_LAST)
    page = open_editor(visitor, flow)
    order = open_card(page, "order")
    expect(order).to_contain_text("stops at line 1")
    problem = page.locator("#order-preview").get_by_role("alert")
    expect(problem).to_contain_text("no context key 'patroni_leader' in db4")
    expect(problem).to_contain_text("key exists")


def test_an_empty_order_begins_with_a_line_made_of_the_fleets_facts(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Begun with a line", target={"groups": ["prod"]})
    page = open_editor(visitor, flow)
    order = open_card(page, "order")
    expect(order).to_contain_text("by name")
    page.get_by_role("button", name="patroni_leader master last").click()
    settled(page)
    assert draft_of(visitor, flow)["processing_script"] == LEADER_LAST
    expect(page.locator("#order-preview tbody th")).to_have_text(["db2", "db1"])


def test_the_rules_change_the_sentence_and_typing_keeps_its_place(visitor: Visitor) -> None:
    flow = new_flow(
        visitor, "Ruled", target={"profile": "postgres"}, execution_script="run_task('Restart')\nsleep(5)\n"
    )
    page = open_editor(visitor, flow)
    rules = open_card(page, "rules")
    expect(rules).to_contain_text("one at a time, stop at the first failure")
    expect(page.locator("[data-open-card=steps]")).to_contain_text("2 steps")
    page.get_by_label("Parallel").check()
    page.get_by_label("Batches", exact=True).fill("1, 5, 20%")
    page.get_by_label("Failed elements that are allowed").fill("2")
    expect(rules).to_contain_text("step by step, 1, then 5, then 20\u00a0% at a time, stop at the 3rd failure")
    page.get_by_role("button", name="Add a task").click()
    page.get_by_role("combobox", name="Task 1 that reads facts first").fill("patroni")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#refresh-0-saves")).to_have_text("saves patroni_leader")
    expect(rules).to_contain_text("after reading fresh facts: ")
    settled(page)
    stored = draft_of(visitor, flow)
    assert (stored["mode"], stored["batches"], stored["error_threshold"]) == ("parallel", [1, 5, "20%"], 2)
    assert (stored["concurrency"], stored["refresh"]) == (50, ["Read role"])


def test_inputs_are_added_with_types_and_moved(visitor: Visitor) -> None:
    flow = new_flow(visitor, "With inputs", target={"profile": "postgres"})
    page = open_editor(visitor, flow)
    rules = open_card(page, "rules")
    page.get_by_role("button", name="Add input").click()
    first = page.get_by_role("group", name="Input 1")
    expect(first.get_by_label("Name")).to_be_focused()
    page.keyboard.type("colour")
    first.get_by_label("Type").select_option("choice")
    first.get_by_label("Choices").fill("blue, green")
    page.locator("#input-0-default-choice").select_option("green")
    page.get_by_role("button", name="Add input").click()
    second = page.get_by_role("group", name="Input 2")
    second.get_by_label("Name").fill("count")
    second.get_by_label("Type").select_option("integer")
    page.locator("#input-1-default").fill("3")
    second.get_by_label("Must be given").uncheck()
    second.get_by_role("button", name="Move input 2 up").click()
    expect(first.get_by_label("Name")).to_have_value("count")
    settled(page)
    inputs = {one["name"]: one for one in draft_of(visitor, flow)["inputs"]}
    assert list(inputs) == ["count", "colour"]
    assert (inputs["count"]["default"], inputs["count"]["required"]) == (3, False)
    assert (inputs["colour"]["choices"], inputs["colour"]["default"]) == (["blue", "green"], "green")
    rules.press("Control+z")
    expect(first.get_by_label("Name")).to_have_value("colour")


def test_a_key_that_is_wrong_is_told_at_its_field(visitor: Visitor) -> None:
    flow = new_flow(visitor, "Wrong keys", target={"profile": "postgres"}, execution_script="sleep(1)\n")
    page = open_editor(visitor, flow)
    rules = open_card(page, "rules")
    field = page.get_by_label("Elements at the same time")
    field.fill("many")
    expect(page.locator("#concurrency-wrong")).to_contain_text("'many'")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(rules).to_contain_text("Problem: concurrency")
    field.fill("3")
    expect(page.locator("#concurrency-wrong")).to_be_empty()
    expect(rules).not_to_contain_text("Problem")


def test_who_may_not_write_sees_everything_and_changes_nothing(
    visitor: Visitor, site: Site, new_visitor: NewVisitor
) -> None:
    inputs = [{"name": "colour", "type": "string", "required": True, "default": None}]
    target = {"profile": "postgres", "groups": ["prod"], "filters": ["env == prod"]}
    flow = new_flow(visitor, "Only read", target=target, inputs=inputs, refresh=["Read role"])
    make_viewer(site)
    viewer = new_visitor(site)
    viewer.sign_in("vera")
    page = viewer.open(f"/flows/{flow}/edit/?card=target")
    expect(page.get_by_role("combobox", name="Filter 1")).to_have_value("env == prod")
    expect(page.locator("#filter-0-effect")).to_have_text("2 left")
    expect(page.get_by_role("button", name="prod 2 elements")).to_be_disabled()
    expect(page.get_by_label("The whole fleet")).to_be_disabled()
    expect(page.get_by_role("button", name="Add filter")).to_be_hidden()
    open_card(page, "rules")
    for field in (
        "Elements at the same time",
        "Failed elements that are allowed",
        "Task 1 that reads facts first",
        "Name",
    ):
        expect(page.get_by_label(field, exact=True)).not_to_be_editable()
    expect(page.get_by_label("Must be given")).to_be_disabled()
    expect(page.locator("#card-rules button:visible")).to_have_count(0)
    assert viewer.axe() == []


def make_viewer(site: Site) -> None:
    """Somebody who only looks, with the visitor's password."""
    script = (
        "from django.contrib.auth.models import Group, User; "
        f"vera = User.objects.create_user('vera', password={PASSWORD!r}); "
        "vera.groups.add(Group.objects.get(name='viewer'))"
    )
    done = site.manage("shell", "-c", script)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_cards_are_accessible_and_fit(site: Site, new_visitor: NewVisitor, theme: str) -> None:
    visitor = new_visitor(site, theme=theme)
    visitor.sign_in()
    inputs: list[dict[str, Any]] = [
        {"name": "colour", "type": "choice", "required": True, "default": None, "choices": ["blue", "green"]}
    ]
    flow = new_flow(
        visitor,
        f"Cards in the {theme}",
        mode="parallel",
        batches=[1, "20%"],
        target={"profile": "postgres", "groups": ["gone"], "filters": ["env = prod", "version >= 9"]},
        refresh=["Read role", "Gone"],
        inputs=inputs,
        processing_script=LEADER_LAST,
    )
    for size in (WIDE, MIDDLE, NARROW):
        visitor.page.set_viewport_size(size)
        for card in ("target", "order", "rules"):
            page = visitor.open(f"/flows/{flow}/edit/?card={card}")
            settled(page)
            page.wait_for_timeout(500)
            assert visitor.axe() == [], (size, card)
            assert not visitor.scrolls_sideways(), (size, card)
