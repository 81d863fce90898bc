"""Somebody at a browser: opens pages of a site, and notices what no page may do."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, sync_playwright

from tests.journeys.site import ROOT, Site

Theme = Literal["light", "dark"]

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
#: Chromium as root in a sandbox without a network: it looks for nothing outside by itself.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = ViewportSize(width=1440, height=900)
MIDDLE = ViewportSize(width=1024, height=768)
NARROW = ViewportSize(width=390, height=844)

#: How long a page may take to do what it is asked for. It ends a wait for what never comes, and judges no speed:
#: a busy machine with two browsers is several times slower than an idle one.
PATIENCE_MS = 30_000

USER = "visitor"
PASSWORD = "correct horse battery staple"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = shutil.which("chromium")
    assert path is not None, "apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visitor:
    """One browser window on one site. ``faults`` collects what no page may do: requests to other hosts, errors of
    scripts, violations of the Content-Security-Policy, answers of 500 and more."""

    def __init__(
        self,
        browser: Browser,
        site: Site,
        *,
        theme: Theme = "light",
        size: ViewportSize = WIDE,
        runs_scripts: bool = True,
    ) -> None:
        self.site = site
        self.faults: list[str] = []
        self._context = browser.new_context(
            color_scheme=theme, viewport=size, base_url=site.address, java_script_enabled=runs_scripts
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.on("request", self._look_at_request)
        self._context.on("response", self._look_at_answer)
        self._context.on("console", self._look_at_console)
        self._context.on(
            "weberror", lambda error: self.faults.append(f"{error.page.url if error.page else ''}: {error.error}")
        )
        self.page: Page = self._context.new_page()

    def close(self) -> None:
        """Leave."""
        self._context.close()

    def sign_in(self, user: str = USER, password: str = PASSWORD) -> None:
        """By the form, as everybody; who has been on this site before comes with the cookies of then."""
        self._context.add_cookies(self.site.cookies.get(user, ()))
        self.page.goto("/")
        if "/login/" in self.page.url:
            self.page.get_by_label("User name").fill(user)
            self.page.get_by_label("Password").fill(password)
            self.page.get_by_role("button", name="Sign in").click()
            self.page.wait_for_url(lambda url: "/login/" not in url)
        self.site.cookies[user] = self._context.cookies()

    def open(self, path: str) -> Page:
        """A page of the site, until nothing more is loaded."""
        self.page.goto(path)
        self.page.wait_for_load_state("load")
        return self.page

    def axe(self) -> Sequence[str]:
        """What axe finds on the page as it is: rule, first places, and why. It does not read style sheets again by
        itself: where one imports another, it would write a style into the page, which no page may do."""
        self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(
            """() => axe.run(document, {resultTypes: ['violations'], preload: false}).then(found =>
                found.violations.map(rule => `${location.pathname}: ${rule.id}: ` +
                rule.nodes.slice(0, 3).map(node => node.target.join(' ') + ' ' + node.failureSummary).join('; ')))"""
        )
        return found

    def scrolls_sideways(self) -> bool:
        """True when the page as a whole is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def screenshot(self, file: Path) -> None:
        """The window as it is."""
        self.page.screenshot(path=file)

    def _look_at_request(self, request: Request) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.faults.append(f"a request to another host: {request.url}")

    def _look_at_answer(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")

    def _look_at_console(self, message: ConsoleMessage) -> None:
        # Chromium tells refused answers and lost sockets there too; pages show those themselves.
        expected = ("Failed to load resource", "WebSocket connection to")
        if message.type == "error" and not message.text.startswith(expected):
            self.faults.append(f"{message.page.url if message.page else ''}: {message.text}")
