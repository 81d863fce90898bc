"""A browser for all, a window for each test, and people with each role."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.sites import make_administrator
from tests.browser.visitor import PATIENCE_MS, Visitor, chromium
from tests.journeys.site import Site, free_port

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process. What is expected may take as long as a click may."""
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a site with an administrator: made once, where each site would take seconds for it."""
    site = Site(tmp_path_factory.mktemp("beginning"), free_port(), {"FLOWSITE_ALLOW_LOCAL": "1"})
    done = site.manage("migrate")
    assert done.returncode == 0, done.stderr
    make_administrator(site)
    return site.data_dir


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    """A site without content."""
    return shared_up


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
    faults = [fault for visitor in visitors for fault in visitor.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def visitor(site: Site, new_visitor: NewVisitor) -> Visitor:
    """Somebody who is signed in on the module's site and may do everything."""
    made = new_visitor(site)
    made.sign_in()
    return made
