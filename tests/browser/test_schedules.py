"""A schedule is made in the admin, with its next starts in view, and starts a run by itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import NARROW, Visitor
from tests.journeys.site import Site, until

pytestmark = pytest.mark.browser

FLOW = """\
kind: Flow
name: Say so
mode: serial
target: {all: true}
on_empty: succeed
execution_script: log('by itself')
"""
ADD = "/admin/flows/schedule/add/"


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With a flow to start."""
    shared_up.apply(FLOW)
    return shared_up


def test_the_next_starts_show_while_days_and_times_are_chosen(visitor: Visitor) -> None:
    page = visitor.open(ADD)
    coming = page.locator("[data-preview]")
    page.get_by_label("Sunday").check()
    expect(coming).to_contain_text("days and times go together")
    page.get_by_label("Times").fill("2:30")
    page.get_by_label("Time zone").select_option("Europe/Madrid")
    expect(coming.locator("li")).to_have_count(20)
    expect(coming.locator("li").first).to_have_text(re.compile(r"^Sun .*, 02:30 \+0[12]:00"))
    page.get_by_label("Times").fill("26:00")
    expect(coming).to_contain_text("found 26:00, expected times such as 02:00, 14:30")
    assert visitor.axe() == []


def test_a_schedule_made_in_the_admin_starts_a_run_by_itself(visitor: Visitor) -> None:
    page = visitor.open(ADD)
    page.get_by_label("Name").fill("Every minute")
    page.get_by_label("Flow").select_option("Say so")
    page.get_by_label("Cron").fill("* * * * *")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist")).to_contain_text("Every minute starts next on")

    def has_started() -> bool:
        page.reload()
        return "succeeded" in page.locator(".field-past_starts").inner_text()

    until(has_started, 90, "the schedule has started a run, and it has ended")
    assert visitor.axe() == []

    page = visitor.open("/schedules/")
    row = page.get_by_role("row").filter(has_text="Every minute")
    expect(row.locator("[data-state=succeeded]")).to_be_visible()
    expect(page.locator("#week")).to_contain_text("Many times a day: Every minute")
    page.set_viewport_size(NARROW)
    assert not visitor.scrolls_sideways()
    page.get_by_role("button", name="Disable Every minute").click()
    expect(page.get_by_role("button", name="Enable Every minute")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Every minute is disabled.")
