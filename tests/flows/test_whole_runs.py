"""Runs through every real part but the queue: database, sandbox, local commands (R26 once more, R36)."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from elements.operations import save_element, save_profile
from flows import wiring
from flows.adapters.lease import claim
from flows.models import Run, RunElement, RunEvent, StepOutput, StepRun
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.runs import start_run
from flows.queries.events import events_after
from flowsite.kernel.access import SYSTEM

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """E1, E2, E3 on the local connection, and tasks A, B, C, D, F that append a line to ``order``."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for name in ("E1", "E2", "E3"):
        save_element(name=name, profile="here", address="", enabled=True, groups=[], settings={"n": name}, by=SYSTEM)
    order = tmp_path / "order"
    order.touch()
    for task in "ABCDF":
        command = f"echo {task}{{{{ element.name[1:] }}}} | tee -a {order}"
        publish_task(name=task, definition={"class": "command", "command": command, "on_interrupt": "retry"}, by=SYSTEM)
    return order


def publish(name: str, script: str, mode: str = "serial", **rules: Any) -> None:
    publish_flow(
        name=name, definition={"mode": mode, "target": {"all": True}, **rules}, execution_script=script, by=SYSTEM
    )


def test_a_run_goes_through_database_sandbox_and_commands_to_its_end(fleet: Path) -> None:
    publish("F1", "run_task('A')\nr = run_task('B')\nlog(r['output'].strip() + ' said ' + element['context']['n'])")
    run = start_run(flow="F1", by=SYSTEM, elements=["E1", "E3"], enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert (run.state, run.reason) == ("succeeded", "")
    assert fleet.read_text().split() == ["A1", "B1", "A3", "B3"]
    assert run.lease_until is None
    assert run.last_seq == RunEvent.objects.filter(root=run).count()
    logs = StepRun.objects.filter(run=run, step="log").values_list("name", flat=True)
    assert list(logs) == ["B1 said E1", "B3 said E3"]
    states = list(RunElement.objects.filter(run=run).values_list("name", "state"))
    assert states == [("E1", "succeeded"), ("E3", "succeeded")]
    output = StepOutput.objects.filter(root=run, element_name="E1", site=1).get()
    assert bytes(output.content) == b"A1\n"


@pytest.mark.parametrize(
    ("parent", "child", "call", "order"),
    [
        ("serial", "serial", "", "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
        ("serial", "serial", ", elements=elements", "A1 B1 C1 D1 B2 C2 D2 F1 A2 B1 C1 D1 B2 C2 D2 F2"),
        ("serial", "parallel", "", "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
        ("serial", "parallel", ", elements=elements", "A1 B1·B2 C1·C2 D1·D2 F1 A2 B1·B2 C1·C2 D1·D2 F2"),
        ("parallel", "serial", "", "A1·A2 B1 C1 D1 B2 C2 D2 F1·F2"),
        ("parallel", "parallel", "", "A1·A2 B1·B2 C1·C2 D1·D2 F1·F2"),
    ],
)
def test_the_four_combinations_run_in_their_order(fleet: Path, parent: str, child: str, call: str, order: str) -> None:
    """R26."""
    publish("F2", "run_task('B')\nrun_task('C')\nrun_task('D')", child)
    publish("F1", f"run_task('A')\nrun_flow('F2'{call})\nrun_task('F')", parent)
    run = start_run(flow="F1", by=SYSTEM, elements=["E1", "E2"], enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "succeeded"
    ran = fleet.read_text().split()
    for wave in order.split():
        size = len(wave.split("·"))
        assert sorted(ran[:size]) == wave.split("·")
        ran = ran[size:]
    assert not ran


def test_scripts_and_readers_know_runs_by_their_ids(fleet: Path) -> None:
    """R8, R12."""
    publish("F2", "log('child ' + str(run['id']))")
    publish("F1", "log(str(run['id']))\nresult = run_flow('F2')\nlog('made ' + str(result['run']))")
    run = start_run(flow="F1", by=SYSTEM, elements=["E1"], enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    child = Run.objects.get(root=run)
    logs = StepRun.objects.filter(step="log").order_by("pk").values_list("name", flat=True)
    assert list(logs) == [str(run.pk), f"child {child.pk}", f"made {child.pk}"]
    events = events_after(run.pk, 0)
    assert [event["parent"] for event in events if event["type"] == "run_started"] == [None, run.pk]
    [told] = [event for event in events if event["type"] == "step_finished" and event["step"] == "run_flow"]
    assert told["result"]["run"] == child.pk
    assert "pydantic-monty" in events[0]["sandbox"]


def test_a_run_that_cannot_be_built_ends_with_the_reason(fleet: Path) -> None:
    publish("F1", "run_task('A')")
    run = start_run(flow="F1", by=SYSTEM, enqueue=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flows_flowversion SET execution_script = 'if'")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "failed"
    assert "cannot be read" in run.reason


def test_an_advance_of_a_run_that_is_over_or_held_returns_at_once(fleet: Path) -> None:
    publish("F1", "run_task('A')")
    run = start_run(flow="F1", by=SYSTEM, enqueue=False)
    assert claim(run.pk, lease_s=60) is not None
    assert wiring.advance(run.pk) == "busy"
    Run.objects.filter(pk=run.pk).update(lease_until=None)
    assert wiring.advance(run.pk) == "ended"
    assert wiring.advance(run.pk) == "busy"
