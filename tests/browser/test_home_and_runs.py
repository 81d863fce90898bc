"""Home and the list of runs move by themselves, and never under the pointer; first steps tick; the API is found."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import NARROW
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

BREAK_ON_E2 = "  if element['name'] == 'e2':\n      run_task('Break')\n"
DOCUMENTS = "---\n".join(
    [
        "kind: Profile\nname: here\nconnection: {type: local}\n",
        *(f"kind: Element\nname: e{number}\nprofile: here\n" for number in (1, 2, 3)),
        "kind: Task\nname: Wait\nclass: command\ncommand: sleep 1\n",
        "kind: Task\nname: Break\nclass: command\ncommand: exit 3\n",
        "kind: Flow\nname: Slow\nmode: serial\ntarget: {all: true}\nexecution_script: run_task('Wait')\n",
        "kind: Flow\nname: Quick\nmode: parallel\ntarget: {all: true}\nexecution_script: log('there')\n",
        f"kind: Flow\nname: Broken\nmode: serial\ntarget: {{all: true}}\nexecution_script: |\n{BREAK_ON_E2}",
    ]
)


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    shared_up.apply(DOCUMENTS)
    return shared_up


def start(site: Site, flow: str) -> None:
    """As somebody does elsewhere."""
    done = site.manage("run", flow, "--no-watch")
    assert done.returncode == 0, done.stderr


def names(page: Page) -> list[str]:
    """The flows of the rows, from the top."""
    return [name.split(" ", 1)[1] for name in page.locator(".run-table tbody .run-run a").all_inner_texts()]


def test_the_list_begins_empty_and_follows_what_starts_elsewhere(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/runs/")
    expect(page.get_by_text("Nothing has run yet.")).to_be_visible()
    expect(page.locator("#link")).to_contain_text("Live")
    start(site, "Slow")
    row = page.locator(".run-table tbody tr").first
    expect(row).to_contain_text("Slow")
    expect(row.locator(".state")).to_have_text("running")
    expect(row.locator(".run-elements")).to_have_text("1 succeeded, 1 running, 1 queued")
    expect(row.locator(".state")).to_have_text("succeeded")
    expect(row.locator(".run-elements")).to_have_text("3 succeeded")
    expect(row.locator(".run-took")).to_have_text(re.compile(r"^[3-9] s$"))
    row.get_by_role("link").click()
    page.wait_for_url("**/runs/1/**")


def test_no_row_moves_under_the_pointer(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    start(site, "Quick")
    page = visitor.open("/runs/?flow=Quick")
    rows = page.locator(".run-table tbody tr")
    expect(rows).to_have_count(1)
    expect(page.locator("#link")).to_contain_text("Live")
    rows.first.hover()
    start(site, "Quick")
    start(site, "Slow")
    news = page.get_by_role("button", name="Show 1 new run")
    expect(news).to_be_visible()
    expect(rows).to_have_count(1)
    page.mouse.move(5, 5)
    expect(rows).to_have_count(2)
    expect(news).to_be_hidden()
    assert names(page) == ["Quick", "Quick"]


def test_the_address_keeps_the_filters_and_the_browser_goes_back(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    start(site, "Broken")
    page = visitor.open("/runs/?search=broken")
    failed = page.locator(".run-table tbody .state", has_text="failed")
    expect(failed).to_have_count(1)
    page.get_by_label("succeeded", exact=True).check()
    expect(page.get_by_text("No run matches these filters.")).to_be_visible()
    assert page.url.endswith("/runs/?state=succeeded&search=broken")
    page.get_by_label("failed", exact=True).check()
    expect(failed).to_have_count(1)
    page.go_back()
    expect(failed).to_have_count(0)
    expect(page.get_by_label("failed", exact=True)).not_to_be_checked()
    page.locator("#clear").click()
    page.wait_for_url("**/runs/")
    expect(page.locator(".run-table tbody tr").first).to_be_visible()
    assert "Broken" in names(page)


def test_home_shows_what_runs_and_leads_to_what_failed(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/")
    expect(page.locator("#link")).to_contain_text("Live")
    start(site, "Slow")
    running = page.locator("#running tbody tr")
    expect(running).to_contain_text("Slow")
    expect(running).to_contain_text("1 of 3 done")
    expect(page.get_by_text("Nothing runs now.")).to_be_visible()
    start(site, "Broken")
    trouble = page.locator("#troubles tbody tr").first
    expect(trouble).to_contain_text("e2 failed at 1 Break")
    expect(page.locator("#elements")).to_contain_text("failed")
    trouble.get_by_role("link", name="e2, step 1").click()
    page.wait_for_url(re.compile(r"/runs/\d+/#/run/\d+/element/e2/site/1$"))


def test_first_steps_are_put_away_and_brought_back(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/")
    steps = page.get_by_role("region", name="First steps")
    expect(steps.get_by_role("listitem").first).to_contain_text("Add your first element (done)")
    steps.get_by_role("button", name="Put away").click()
    expect(steps).to_have_count(0)
    page.get_by_role("button", name="visitor").click()
    page.get_by_role("button", name="Show the first steps").click()
    expect(steps).to_be_visible()


def test_a_call_of_the_api_is_found_and_opened_by_its_address(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    page = visitor.open("/api/docs/#flows_runs_create")
    call = page.locator("#flows_runs_create")
    expect(call).to_have_attribute("open", "")
    expect(call).to_be_in_viewport()
    assert visitor.axe() == []
    page.keyboard.press("/")
    page.keyboard.type("pause run")
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ calls$"))).to_be_visible()
    expect(page.locator("#runs_pause_create")).to_be_visible()
    expect(page.locator("#credentials_list")).to_be_hidden()
    page.keyboard.type(" and nothing like it")
    expect(page.get_by_text("No call matches.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_telephone_the_menu_leads_everywhere(site: Site, new_visitor: NewVisitor, theme: str) -> None:
    visitor = new_visitor(site, theme=theme, size=NARROW)
    visitor.sign_in()
    page = visitor.open("/runs/")
    page.get_by_role("button", name="Menu").click()
    menu = page.locator("#menu")
    expect(menu.get_by_role("link", name="Schedules")).to_be_visible()
    expect(page.locator(".collapsing")).to_have_count(0)
    assert visitor.axe() == []
    assert not visitor.scrolls_sideways()
    menu.get_by_role("link", name="Schedules").click()
    page.wait_for_url("**/schedules/")
