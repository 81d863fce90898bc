"""The sheet that starts a flow has a field for each type of input, and shows no secret (R43)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.operating import WORK_MS, run_of, run_state
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

DOCUMENTS = """
kind: Profile
name: typed
connection: {type: local}
---
kind: Element
name: typed1
profile: typed
---
kind: Element
name: typed2
profile: typed
---
kind: Task
name: Tell typed
class: command
command: |
  echo {{ inputs.colour | quote }} {{ inputs.ports | sum }} {{ inputs.peer | quote }} {{ inputs.password | quote }}
inputs: [{name: password, type: secret}]
---
kind: Flow
name: Typed
mode: serial
target: {profile: typed}
inputs:
- {name: colour, type: choice, choices: [blue, green], required: true, description: of the paint}
- {name: ports, type: list, of: integer, default: [80]}
- {name: peer, type: element, required: true}
- {name: force, type: boolean, default: true}
- {name: password, type: secret, required: true}
execution_script: |
  told = run_task('Tell typed', password=inputs['password'])
  log(str(inputs['force']) + ' ' + told['output'] + inputs['password'])
"""


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    shared_up.apply(DOCUMENTS)
    return shared_up


def test_a_flow_is_started_with_inputs_of_every_type(site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(site)
    visitor.sign_in()
    page = visitor.open("/flows/")
    page.get_by_role("link", name="Typed", exact=True).click()
    page.get_by_role("button", name=re.compile("^Run")).first.click()
    sheet = page.get_by_role("dialog", name="Run Typed")
    expect(sheet.get_by_role("region", name="Plan")).to_contain_text("It comes with values for colour, peer, password.")
    sheet.get_by_role("button", name=re.compile("^Run on ")).click()
    expect(sheet.get_by_label("colour")).to_be_focused()
    expect(sheet.get_by_label("password")).to_have_attribute("aria-invalid", "true")
    expect(sheet).to_contain_text("Give a value: one of blue, green.")
    expect(sheet).to_contain_text("of the paint")
    assert visitor.axe() == []

    sheet.get_by_label("colour").select_option("green")
    sheet.get_by_label("ports").fill("80\n443")
    sheet.get_by_label("peer").fill("typed")
    expect(sheet.locator("datalist option")).to_have_count(2)
    sheet.get_by_label("peer").fill("typed2")
    sheet.get_by_label("force").uncheck()
    assert sheet.get_by_label("password").get_attribute("type") == "password"
    sheet.get_by_label("password").fill("hunter22")
    expect(sheet.get_by_role("region", name="Plan")).to_contain_text("Tell typed", timeout=WORK_MS)
    sheet.get_by_role("button", name=re.compile("^Run on 2 elements")).click()
    page.wait_for_url(re.compile(r"/runs/\d+/"))
    expect(run_state(page)).to_contain_text("succeeded", timeout=WORK_MS)
    assert "hunter22" not in page.content()
    run = run_of(page)
    events = visitor.open(f"/api/runs/{run}/events/").content()
    assert "False green 523 typed2 ***" in events
    assert "hunter22" not in events

    page = visitor.open(f"/runs/{run}/")
    page.get_by_role("button", name=re.compile("Run again")).click()
    again = page.get_by_role("dialog", name="Run Typed")
    expect(again.get_by_label("colour")).to_have_value("green")
    expect(again.get_by_label("ports")).to_have_value("80\n443")
    expect(again.get_by_label("password")).to_have_value("")
