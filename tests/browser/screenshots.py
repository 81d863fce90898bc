"""Takes the pictures of ``docs/screenshots``: ``python -m tests.browser.screenshots`` (``make screenshots``).

A site with the demo content, its first runs over, a canary that waits for its answer and another that got it, a flow
that decides by what it reads, and one credential; every page at three widths, in both themes.
Words after the command name the pages to take: ``python -m tests.browser.screenshots password groups``.
"""

import json
import secrets
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, expect

from tests.browser.sites import make_administrator, run_demo
from tests.browser.visitor import MIDDLE, NARROW, WIDE, Theme, Visitor, chromium
from tests.journeys.fixtures import sites_in
from tests.journeys.site import ROOT, Site, until

DIRECTORY: Final = ROOT / "docs" / "screenshots"
#: Before anybody is known; all other pages are those of a person signed in.
SIGN_IN: Final = "sign-in"
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")

#: The demo has none: its elements are on Flowsite's own machine.
CREDENTIAL: Final = "ops-token"

CANARY: Final = "Canary with a question"
#: Its plan ends where its script decides.
DECIDING: Final = """\
kind: Flow
name: Clean where it is needed
mode: parallel
target: {profile: demo, groups: [patroni]}
execution_script: |
  disk = run_task('Check disk', check=False)
  if 'more than 90 %' in disk['output']:
      run_task('Clean logs')
  run_task('Say hello', greeting='all is well')
"""

#: A draft of a flow that is published; what its author changed is not.
BEGUN: Final = "Clean logs"

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
    "elements-none-found": "/elements/?search=nowhere",
    "groups": "/groups/",
    "group-new": "/groups/new/",
    "profiles": "/profiles/",
    "profile-new": "/profiles/new/",
    "credentials": "/credentials/",
    "credential-new": "/credentials/new/",
    "schedules": "/schedules/",
    "admin": "/admin/",
    "schedules-in-the-admin": "/admin/flows/schedule/",
    "schedule-in-the-admin": "/admin/flows/schedule/add/",
    "runs-in-the-admin": "/admin/flows/run/",
    "users-in-the-admin": "/admin/auth/user/",
    "api": "/api/docs/",
    "password": "/password/",
    "not-found": "/nowhere/",
}
#: Pages of one of many: where its link stands, the link's words, and what follows its address.
PAGES_OF_ONE: Final[Mapping[str, tuple[str, str, str]]] = {
    "flow": ("/flows/", "Rolling restart, leader last", ""),
    "flow-batches": ("/flows/", CANARY, ""),
    "start": ("/flows/", "Rolling restart, leader last", "?start=1"),
    "start-plan-ends": ("/flows/", "Clean where it is needed", "?start=1"),
    "editor": ("/flows/", "Rolling restart, leader last", "edit/"),
    "editor-target": ("/flows/", "Rolling restart, leader last", "edit/?card=target"),
    "editor-processing": ("/flows/", "Rolling restart, leader last", "edit/?card=order"),
    "editor-rules": ("/flows/", CANARY, "edit/?card=rules"),
    "editor-versions": ("/flows/", "Rolling restart, leader last", "edit/?card=versions"),
    "editor-publish": ("/flows/", BEGUN, "edit/"),
    "editor-try": ("/flows/", "Rolling restart, leader last", "edit/"),
    "task": ("/tasks/", "Restart service", ""),
    "element": ("/elements/", "db4", ""),
    "element-edit": ("/elements/", "db4", "edit/"),
    "group-edit": ("/groups/", "patroni", ""),
    "profile-edit": ("/profiles/", "demo", ""),
    "credential-edit": ("/credentials/", CREDENTIAL, ""),
    "run-failed": ("/runs/", "One will fail", ""),
    "run-blocks": ("/runs/", "One will fail", "?tab=blocks"),
    "run-succeeded": ("/runs/", "Rolling restart, leader last", ""),
    "run-batches": ("/runs/?state=succeeded", CANARY, ""),
    "run-approval": ("/runs/?state=waiting", CANARY, ""),
}
#: What is pressed on a page before its picture is taken, by the word on it.
PRESSED: Final[Mapping[str, str]] = {"editor-publish": "Publish…", "editor-try": "Try…"}


def take_all(browser: Browser, site: Site, directory: Path, only: Collection[str] = ()) -> None:
    """Every page, or those named; stops at the first theme in which a page does what no page may do."""
    directory.mkdir(parents=True, exist_ok=True)
    _make_by_hand(browser, site)
    for theme in THEMES:
        visitor = Visitor(browser, site, theme=theme)
        if not only or SIGN_IN in only:
            visitor.open("/login/")
            _take(visitor, SIGN_IN, directory, theme)
        visitor.sign_in()
        for name, path in {**PAGES, **_addresses(visitor)}.items():
            if not only or name in only:
                visitor.open(path)
                _take(visitor, name, directory, theme)
        assert not visitor.faults, visitor.faults
        visitor.close()


def prepare(site: Site) -> None:
    """What the demo does not have when it begins: a canary that was approved, one that waits, a flow that decides."""
    site.apply(DECIDING)
    approved, waiting = _start_canary(site, "CHG-1041"), _start_canary(site, "CHG-1042")
    done = site.manage("run_control", str(approved), "approve", "--comment", "error rate as before")
    assert done.returncode == 0, done.stderr
    until(lambda: _state(site, approved) == "succeeded", 90, "the approved canary is over")
    assert _state(site, waiting) == "waiting"


def _begin_draft(visitor: Visitor) -> None:
    """One step more in a flow that is published."""
    page = visitor.page
    [flow] = page.request.get(f"/api/flows/?name={BEGUN}").json()["results"]
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    script = f"{flow['execution_script'].rstrip()}\nrun_task('Check disk')\n"
    answer = page.request.put(
        f"/api/drafts/{flow['id']}/",
        data={"revision": 0, "execution_script": script},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert answer.ok, answer.text()


def _start_canary(site: Site, reason: str) -> int:
    done = site.manage("run", CANARY, "--no-watch", "--reason", reason)
    assert done.returncode == 0, done.stderr
    number: int = max(run["id"] for run in _runs(site))
    until(lambda: _state(site, number) == "waiting", 60, "the canary asks")
    return number


def _state(site: Site, number: int) -> str:
    [state] = [run["state"] for run in _runs(site) if run["id"] == number]
    return str(state)


def _runs(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(site.manage("runs", "--json").stdout)
    return found


def _make_by_hand(browser: Browser, site: Site) -> None:
    """A credential by its form, its value nothing that anything accepts; and a draft."""
    visitor = Visitor(browser, site)
    visitor.sign_in()
    page = visitor.open("/credentials/new/")
    page.get_by_label("Name", exact=True).fill(CREDENTIAL)
    page.get_by_label("Type", exact=True).select_option("token")
    page.get_by_label("Token", exact=True).fill(secrets.token_urlsafe())
    page.get_by_role("button", name="Create credential").click()
    page.wait_for_url("**/credentials/")
    _begin_draft(visitor)
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
        if name in PRESSED:
            visitor.page.get_by_role("button", name=PRESSED[name]).click()
            expect(visitor.page.get_by_role("dialog")).not_to_contain_text("Saving and comparing")
            visitor.page.wait_for_load_state("networkidle")
        visitor.screenshot(directory / f"{name}-{size['width']}-{theme}.png")


if __name__ == "__main__":
    if unknown := {*sys.argv[1:]} - {SIGN_IN, *PAGES, *PAGES_OF_ONE}:
        sys.exit(f"no page is called {', '.join(sorted(unknown))}: see the names in {__file__}")
    with tempfile.TemporaryDirectory() as work, sites_in(Path(work)) as new_site, chromium() as started:
        demo = new_site()
        demo.start()
        make_administrator(demo)
        run_demo(demo)
        prepare(demo)
        take_all(started, demo, DIRECTORY, sys.argv[1:])
