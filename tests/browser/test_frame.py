"""The frame around every page: signing in, the theme, the keys."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser


def test_a_page_leads_over_the_sign_in_to_itself(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    page = visitor.open("/runs/")
    assert "/login/" in page.url
    assert visitor.axe() == []
    page.get_by_label("User name").fill("visitor")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").get_by_text("do not match").wait_for()
    visitor.sign_in()
    assert visitor.open("/runs/").url.endswith("/runs/")


def test_the_theme_is_kept_and_set_before_the_first_paint(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    theme = visitor.page.locator("#theme")
    theme.click()
    theme.click()
    visitor.open("/runs/")
    assert visitor.page.locator("html").get_attribute("data-bs-theme") == "dark"
    visitor.open("/admin/")
    assert visitor.page.locator("html").get_attribute("data-theme") == "dark"


def test_keys_go_to_pages(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    visitor.page.keyboard.press("g")
    visitor.page.keyboard.press("f")
    visitor.page.wait_for_url("**/flows/")
    visitor.page.keyboard.press("?")
    assert visitor.page.get_by_role("dialog", name="Keys").is_visible()


def test_keys_of_one_character_can_be_switched_off(site: Site, new_visitor: NewVisitor) -> None:
    """WCAG 2.2, 2.1.4."""
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/flows/")
    keys = page.get_by_role("dialog", name="Keys")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys of one character").uncheck()
    assert visitor.axe() == []
    keys.get_by_role("button", name="Close").click()
    visitor.open("/flows/")
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.get_by_label("Search names")).not_to_be_focused()
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys of one character").check()
    keys.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Search names")).to_be_focused()
