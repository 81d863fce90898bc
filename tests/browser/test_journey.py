"""From first start to a flow of one's own that starts by itself: Home's first steps, followed one after the other."""

import ast
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.editing import (
    below,
    block,
    choose,
    choose_script,
    drag_block,
    inside,
    into,
    on_canvas,
    open_card,
    pick,
    problems,
    publish,
    python_text,
    settled,
    values_of,
    write,
)
from tests.browser.operating import (
    WORK_MS,
    elements_in_order,
    expect_ticked,
    follow_first_step,
    run_state,
    start_run,
    watch_until,
)
from tests.browser.visitor import Visitor
from tests.journeys.fixtures import NewSite
from tests.journeys.site import until
from tests.journeys.test_make_run import LEADERS_LAST, said_password

pytestmark = pytest.mark.browser

TOUR = "Rolling restart, leader last"
OWN = "Leaders go last"
SCHEDULE = "Every minute"
#: The script that the product's description gives as its example.
SEED = """\
sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0
order_flow_elements(elements, sort_function, reverse=False)
"""
LAST_WORD = "The last leader is done."
STEPS = f"""\
run_task('Drain connections')
run_task('Restart service', service=element['context']['service'])
sleep(2)
if current == last:
    log('{LAST_WORD}')
"""
OPEN, WATCH = "Open a finished run", f"Run “{TOUR}” and watch it"
CHANGE, BUILD, LET_START = f"Change “{TOUR}”", "Build a flow of your own", "Let a flow start by itself"


@pytest.fixture(scope="session")
def beginning() -> None:
    """Nothing: this site is started for the first time."""


def open_a_finished_run(visitor: Visitor) -> None:
    """One of those that the first start began: it tells of each step what it printed."""
    until(lambda: visitor.open("/").get_by_role("link", name=OPEN).count(), 90, "a run is over")
    page = follow_first_step(visitor, OPEN)
    expect(run_state(page)).to_have_text(re.compile("succeeded|failed"))
    a_task = re.compile(
        "^db1, 1 Say hello: succeeded|^db1, 1 Check disk: succeeded|^db1, 2 Drain connections: succeeded"
    )
    page.get_by_role("gridcell", name=a_task).click()
    expect(page.get_by_role("complementary", name="Details").get_by_text("Exit code")).to_be_visible()
    expect_ticked(visitor, OPEN)


def watch_a_run(visitor: Visitor) -> None:
    """From the flow's page, by its start sheet."""
    page = follow_first_step(visitor, WATCH)
    page.get_by_role("button", name="Run…").click()
    start_run(page, "to watch it")
    for state in ("running", "succeeded"):
        cell = page.get_by_role("gridcell", name=f"db1, 2 Drain connections: {state}")
        expect(cell).to_be_visible(timeout=WORK_MS)
    assert elements_in_order(page) == LEADERS_LAST
    expect_ticked(visitor, WATCH)


def change_a_flow(visitor: Visitor) -> None:
    """One text, in a block: the Python beside it follows, and nothing else changes."""
    page = follow_first_step(visitor, CHANGE)
    settled(page)
    before = python_text(page)
    write(page, values_of(block(page, "log"))[0], "Replicas, then leaders.")
    assert python_text(page) == before.replace("Replicas first, leaders last.", "Replicas, then leaders.") != before
    expect_ticked(visitor, CHANGE)


def build_a_flow(visitor: Visitor) -> Page:
    """From an empty page: which elements, in which order, which steps."""
    page = follow_first_step(visitor, BUILD)
    page.get_by_label("Name", exact=True).fill(OWN)
    page.get_by_label(re.compile("^Serial")).check()
    page.get_by_role("button", name="Create and edit").click()
    page.wait_for_url(re.compile(r"/flows/\d+/edit/"))
    settled(page)
    assert python_text(page) == ""
    choose_elements(page)
    order_by_blocks(page)
    assert ast.dump(ast.parse(python_text(page))) == ast.dump(ast.parse(SEED))
    steps_by_blocks(page)
    assert ast.dump(ast.parse(python_text(page))) == ast.dump(ast.parse(STEPS))
    assert problems(page) == []
    assert publish(page) == "Published as version 1. Runs that start now use it."
    return page


def choose_elements(page: Page) -> None:
    """With their number and names in view, as they are chosen."""
    sentence = open_card(page, "target")
    elements = page.get_by_role("region", name="Elements")
    page.get_by_label("Chosen elements").check()
    page.get_by_label("Profile", exact=True).select_option("demo")
    expect(elements.get_by_role("status")).to_have_text("10 elements")
    page.get_by_role("button", name="patroni 6 elements").click()
    expect(elements.locator("strong")).to_have_text(["db1", "db2", "db3", "db4", "db5", "db6"])
    expect(sentence).to_contain_text("6 elements: demo, patroni")
    settled(page)


def order_by_blocks(page: Page) -> None:
    """The processing script."""
    choose_script(page, "Processing")
    named = drag_block(page, "set to gives a value a name", "set_variable", on_canvas(page))
    write(page, named, "sort_function")
    function = drag_block(page, "what to sort or filter by", "function", into(named))
    chosen = drag_block(page, "one of two values", "choose", into(function))
    compared = drag_block(page, "compares", "compare", into(chosen, 1))
    drag_block(page, "value of an element", "context", into(compared, 0))
    master = drag_block(page, "a text", "text", into(compared, 1))
    scroll_sideways(page, 160)  # the long block leads out of the canvas
    write(page, master, "master")
    scroll_sideways(page, -160)
    drag_block(page, "sort elements with", "sort_elements_with", below(named))


def scroll_sideways(page: Page, pixels: int) -> None:
    """Turn the wheel over the canvas."""
    page.locator("#canvas").hover()
    page.mouse.wheel(pixels, 0)


def steps_by_blocks(page: Page) -> None:
    """The execution script."""
    choose_script(page, "Execution")
    drain = drag_block(page, "run drain", "run_task", on_canvas(page))
    restart = drag_block(page, "run restart", "run_task", below(drain))
    service = drag_block(page, "value of an element", "context", into(restart))
    pick(page, service, "service")
    pause = drag_block(page, "wait seconds", "sleep", below(restart))
    write(page, values_of(pause)[0], "2")
    condition = drag_block(page, "if condition holds", "if", below(pause))
    choose(page, values_of(condition)[0], "the last")
    line = drag_block(page, "log writes", "log", inside(condition))
    write(page, values_of(line)[0], LAST_WORD)


def run_it(page: Page) -> None:
    """In the order that was built; the matrix moves until all is done."""
    page.get_by_role("button", name="Run…", exact=True).click()
    start_run(page, "to see it run")
    expect(run_state(page)).to_have_text(re.compile("running|succeeded"), timeout=WORK_MS)
    watched = watch_until(page, "succeeded", 90)
    assert elements_in_order(page) == LEADERS_LAST
    assert watched.beginners() == LEADERS_LAST
    assert {"running", "waiting", "succeeded"} <= watched.states
    assert [element for element, step, _ in watched.changes if step == f"Log: {LAST_WORD}"] == ["db5"]


def let_it_start_by_itself(visitor: Visitor) -> None:
    """Every minute; Home shows the run without being loaded again."""
    page = follow_first_step(visitor, LET_START)
    page.get_by_label("Name").fill(SCHEDULE)
    page.get_by_label("Flow").select_option(OWN)
    page.get_by_label("Cron").fill("* * * * *")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/flows/schedule/")
    page = visitor.open("/")
    running = page.locator("#running tbody tr").filter(has_text=OWN)
    expect(running).to_be_visible(timeout=90_000)
    running.get_by_role("link").click()
    expect(page.locator("#run-head")).to_contain_text(f"started by the schedule {SCHEDULE}")
    page = visitor.open("/schedules/")
    page.get_by_role("button", name=f"Disable {SCHEDULE}").click()
    expect(page.get_by_role("button", name=f"Enable {SCHEDULE}")).to_be_visible()
    expect_ticked(visitor, LET_START)


@pytest.mark.timeout(300)
def test_the_first_steps_lead_to_a_flow_of_ones_own_that_starts_by_itself(
    new_site: NewSite, new_visitor: NewVisitor
) -> None:
    site = new_site(workers=3)
    site.start("--demo")
    visitor = new_visitor(site)
    visitor.sign_in("demo", said_password(site))
    open_a_finished_run(visitor)
    watch_a_run(visitor)
    change_a_flow(visitor)
    run_it(build_a_flow(visitor))
    expect_ticked(visitor, BUILD)
    let_it_start_by_itself(visitor)
    expect(visitor.page.get_by_role("region", name="First steps")).to_contain_text("5 of 5 done")
