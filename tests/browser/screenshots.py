"""Takes the pictures of ``docs/screenshots``: ``python -m tests.browser.screenshots`` (``make screenshots``).

A site with the demo content, its first runs over; every page at three widths, in both themes.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.browser.sites import make_administrator, run_demo
from tests.browser.visitor import MIDDLE, NARROW, WIDE, Theme, Visitor, chromium
from tests.journeys.fixtures import sites_in
from tests.journeys.site import ROOT, Site

DIRECTORY: Final = ROOT / "docs" / "screenshots"
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")

#: Pages with one address.
PAGES: Final[Mapping[str, str]] = {
    "home": "/",
    "runs": "/runs/",
    "flows": "/flows/",
    "flow-new": "/flows/new/",
    "tasks": "/tasks/",
    "task-new": "/tasks/new/",
    "elements": "/elements/",
    "element-new": "/elements/new/",
    "groups": "/groups/",
    "profiles": "/profiles/",
    "credentials": "/credentials/",
    "schedules": "/schedules/",
    "schedule-in-the-admin": "/admin/flows/schedule/add/",
    "api": "/api/docs/",
}
#: Pages of one of many: where its link stands, the link's words, and what follows its address.
PAGES_OF_ONE: Final[Mapping[str, tuple[str, str, str]]] = {
    "flow": ("/flows/", "Rolling restart, leader last", ""),
    "start": ("/flows/", "Rolling restart, leader last", "?start=1"),
    "editor": ("/flows/", "Rolling restart, leader last", "edit/"),
    "editor-processing": ("/flows/", "Rolling restart, leader last", "edit/?script=processing"),
    "task": ("/tasks/", "Restart service", ""),
    "element": ("/elements/", "db4", ""),
    "run-failed": ("/runs/", "One will fail", ""),
    "run-succeeded": ("/runs/", "Rolling restart, leader last", ""),
}


def take_all(browser: Browser, site: Site, directory: Path) -> None:
    """Every page; stops at the first that does something no page may do."""
    directory.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        visitor = Visitor(browser, site, theme=theme)
        visitor.open("/login/")
        _take(visitor, "sign-in", directory, theme)
        visitor.sign_in()
        for name, path in {**PAGES, **_addresses(visitor)}.items():
            visitor.open(path)
            _take(visitor, name, directory, theme)
        assert not visitor.faults, visitor.faults
        visitor.close()


def _addresses(visitor: Visitor) -> dict[str, str]:
    """The page of each one, found as a person finds it: by its link in the list."""
    found = {}
    for name, (listed, words, rest) in PAGES_OF_ONE.items():
        page = visitor.open(listed)
        link = page.locator("main a", has_text=words).first
        link.wait_for()
        path = link.evaluate("link => link.pathname")
        found[name] = f"{path}{rest}"
    return found


def _take(visitor: Visitor, name: str, directory: Path, theme: Theme) -> None:
    for size in (WIDE, MIDDLE, NARROW):
        visitor.page.set_viewport_size(size)
        visitor.page.reload()
        visitor.page.wait_for_load_state("networkidle")
        visitor.screenshot(directory / f"{name}-{size['width']}-{theme}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work, sites_in(Path(work)) as new_site, chromium() as started:
        demo = new_site()
        demo.start()
        make_administrator(demo)
        run_demo(demo)
        take_all(started, demo, DIRECTORY)
