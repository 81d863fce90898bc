"""Calls to the API with the session of a window, and the flows that tests of the editor begin with."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.visitor import Visitor

ONE_DATABASE = """\
kind: Profile
name: postgres
connection: {type: local}
---
kind: Element
name: db1
profile: postgres
address: 127.0.0.1
settings: {patroni_leader: master, env: prod}
---
kind: Task
name: Restart
class: command
command: echo {{ inputs.service }}
inputs: [{name: service, type: string, required: true}]
---
kind: Task
name: Health
class: command
command: echo ok
"""
"""An element and two tasks, one of which requires an input."""


def ask(page: Page, method: str, path: str, body: Any = None) -> Any:
    """A call to the API as whoever is signed in there."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": page.url}
    answer = page.request.fetch(path, method=method, data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def new_flow(visitor: Visitor, name: str, **keys: Any) -> int:
    """A flow with a draft alone."""
    draft = ask(visitor.page, "POST", "/api/drafts/", {"name": name, "mode": "serial"})
    if keys:
        ask(visitor.page, "PUT", f"/api/drafts/{draft['flow']}/", {"revision": draft["revision"], **keys})
    return int(draft["flow"])


def draft_of(visitor: Visitor, flow: int) -> Any:
    """What is stored of it."""
    return ask(visitor.page, "GET", f"/api/drafts/{flow}/")
