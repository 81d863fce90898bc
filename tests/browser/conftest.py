"""A browser for all, a window for each test, and people with each role."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import PASSWORD, USER, Visitor, chromium
from tests.journeys.site import Site

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    with chromium() as started:
        yield started


@pytest.fixture
def new_visitor(browser: Browser) -> Iterator[NewVisitor]:
    """Opens windows; at the end none may have done what no page may do."""
    visitors: list[Visitor] = []

    def make(site: Site, **options: Any) -> Visitor:
        visitor = Visitor(browser, site, **options)
        visitors.append(visitor)
        return visitor

    yield make
    for visitor in visitors:
        visitor.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


def make_administrator(site: Site) -> None:
    """An account that may do everything."""
    site.environment = {**site.environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    done = site.manage("createsuperuser", "--noinput", "--username", USER, "--email", "visitor@example.org")
    assert done.returncode == 0, done.stderr
