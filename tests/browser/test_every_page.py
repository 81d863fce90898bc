"""Whatever page a link leads to: accessible in both themes, no wider than the window, and nothing from elsewhere."""

import re
from collections import deque
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.sites import run_demo
from tests.browser.visitor import NARROW, WIDE, Visitor
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

#: Pages that the frame leads to, and pages of the admin that people of a site work with.
FIRST = ("/", "/runs/", "/flows/", "/tasks/", "/elements/", "/schedules/", "/password/", "/api/docs/")
ADMIN = ("/admin/", "/admin/flows/schedule/", "/admin/flows/schedule/add/", "/admin/flows/run/", "/admin/auth/user/")
#: What is no page, or ends the session.
NO_PAGE = re.compile(r"^/(api/(?!docs)|admin/|static/|logout/)")


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """With the demo content, its first runs over."""
    run_demo(shared_up)
    return shared_up


def kinds_of_pages(visitor: Visitor) -> list[str]:
    """One address of each kind, found by following links; numbers in an address name one of many."""
    found: dict[str, str] = {}
    waiting = deque(FIRST)
    while waiting:
        address = waiting.popleft()
        kind = re.sub(r"\d+", "N", urlsplit(address).path)
        if kind in found or NO_PAGE.match(kind):
            continue
        found[kind] = urlsplit(address).path
        visitor.open(address)
        # Also the links of a picture, whose `href` is no text.
        links = visitor.page.eval_on_selector_all(
            "a[href]", "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"
        )
        waiting.extend(link for link in links if link.startswith(visitor.site.address))
        waiting = deque(urlsplit(link).path for link in waiting)
    return [*found.values(), *ADMIN]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(site: Site, new_visitor: NewVisitor, theme: str) -> None:
    visitor = new_visitor(site, theme=theme)
    visitor.sign_in()
    pages = kinds_of_pages(visitor)
    assert len(pages) > len(FIRST) + len(ADMIN)
    found = []
    for size in (WIDE, NARROW):
        visitor.page.set_viewport_size(size)
        for path in pages:
            visitor.open(path)
            visitor.page.wait_for_load_state("networkidle")
            found += [f"{size['width']} px: {problem}" for problem in visitor.axe()]
            if visitor.scrolls_sideways() and path not in ADMIN:
                found.append(f"{size['width']} px: {path} is wider than the window")
    assert not found, "\n".join(found)
