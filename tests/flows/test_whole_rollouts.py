"""Batches, soak, and tasks on other elements, through every real part but the queue (R21, R27)."""

from pathlib import Path

import pytest
from django.utils import timezone

from flows.models import Run, RunElement, RunEvent, StepRun
from flows.queries.events import events_after
from tests.flows.wholes import advance, dying_after, element_states, flow, logged, publish, settings_of, start, trace

__all__ = ["trace"]
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def test_batches_go_one_after_the_other_with_a_soak_between_them(trace: Path) -> None:
    """R21: the first element, then half of all, which repeats; in a batch the script sees the whole run."""
    flow(
        "if current == first:\n    run_task('C')\nrun_task('A')\nrun_task('B')\nlog(str(len(elements)))",
        batches=[1, "50%"], soak=0.2,
    )  # fmt: skip
    run = start()
    assert advance(run) == "ended"
    assert run.state == "succeeded"
    ran = trace.read_text().split()
    assert ran[:3] == ["C1", "A1", "B1"]
    assert [sorted(ran[3:5]), sorted(ran[5:7]), ran[7:]] == [["A2", "A3"], ["B2", "B3"], ["A4", "B4"]]
    assert logged(run) == ["4"] * 4
    soaks = [event for event in events_after(run.pk, 0) if event["type"].startswith("soak")]
    assert [(event["type"], event["batch"]) for event in soaks] == [
        ("soak_started", 1), ("soak_ended", 1), ("soak_started", 2), ("soak_ended", 2),
    ]  # fmt: skip
    assert StepRun.objects.filter(run=run, site=0).count() == 0


def test_a_long_soak_holds_no_worker_and_keeps_its_end(trace: Path) -> None:
    """R21, R36."""
    flow("run_task('A')", batches=[1], soak=600)
    run = start("E1", "E2")
    assert advance(run) == "suspended"
    assert run.state == "waiting"
    assert run.reason.startswith("timer until ")
    assert run.wake_at is not None
    woken = run.wake_at
    assert advance(run) == "suspended"
    assert run.wake_at == woken
    soaking = RunEvent.objects.get(root=run, type="soak_started")
    assert soaking.data["until"] == pytest.approx(woken.timestamp())
    soaking.data["until"] -= 600
    soaking.save(update_fields=["data"])
    assert advance(run) == "ended"
    assert trace.read_text().split() == ["A1", "A2"]


@pytest.mark.parametrize("kept", range(1, 10, 2))
def test_a_worker_may_die_between_batches(trace: Path, kept: int) -> None:
    """R21, R36."""
    flow("run_task('A')\nset_context('done', current)", batches=[1, 2], soak=0.1)
    run = start("E1", "E2", "E3")
    with dying_after(kept):
        advance(run)
    Run.objects.filter(pk=run.pk, lease_until__isnull=False).update(lease_until=timezone.now(), lease_owner="nobody")
    if run.ended_at is None:
        assert advance(run) == "ended"
    assert run.state == "succeeded"
    done = StepRun.objects.filter(run=run, status="succeeded", step="run_task")
    assert sorted(done.values_list("element_name", flat=True)) == ["E1", "E2", "E3"]
    assert [settings_of(name)["done"] for name in ("E1", "E2", "E3")] == [0, 1, 2]


def test_a_failure_in_the_first_batch_stops_the_others(trace: Path) -> None:
    """R21, R30: the threshold counts over all batches."""
    publish("Fail", "exit 3")
    flow("run_task('Fail')", batches=[1])
    run = start()
    assert advance(run) == "ended"
    assert element_states(run) == {"E1": "failed", "E2": "not_started", "E3": "not_started", "E4": "not_started"}


def test_a_task_runs_on_another_element_one_at_a_time(trace: Path) -> None:
    """R27: templates and context are the target's, the outcome is the caller's, steps on one target take turns."""
    publish("Register", f"echo start >> {trace}; sleep 0.05; echo {{{{ inputs.who }}}} at {{{{ role }}}} >> {trace}",
            inputs=[{"name": "who"}])  # fmt: skip
    flow("result = run_task('Register', element='E2', who=element['name'])\nlog(str(result['ok']))")
    run = start("E1", "E3", "E4")
    assert advance(run) == "ended"
    assert run.state == "succeeded"
    assert trace.read_text().splitlines() == [
        "start", "E1 at master", "start", "E3 at master", "start", "E4 at master",
    ]  # fmt: skip
    steps = StepRun.objects.filter(run=run, step="run_task").order_by("pk")
    assert list(steps.values_list("element_name", "target")) == [("E1", "E2"), ("E3", "E2"), ("E4", "E2")]
    assert list(element_states(run)) == ["E1", "E3", "E4"]


def test_settings_that_a_task_saves_are_the_targets(trace: Path) -> None:
    """R27."""
    publish("Read", "echo 42", parse={"type": "json"}, save={"answer": "data"})
    flow("run_task('Read', element=elements[last])")
    run = start("E1", "E3")
    assert advance(run) == "ended"
    assert ("answer" in settings_of("E1"), settings_of("E3")["answer"]) == (False, 42)


def test_a_target_that_is_no_enabled_element_fails_the_step_of_its_caller(trace: Path) -> None:
    """R27."""
    flow("run_task('A', element='E9' if element['name'] == 'E1' else 'E2')", error_threshold="100%")
    run = start("E1", "E3")
    assert advance(run) == "ended"
    assert element_states(run) == {"E1": "failed", "E3": "succeeded"}
    assert "no enabled element is named 'E9'" in RunElement.objects.get(run=run, name="E1").message


def test_finish_and_abort_decide(trace: Path) -> None:
    """R11, R35."""
    flow(
        "if element['name'] == 'E1':\n    finish('nothing to do')\n"
        "if current == last:\n    abort('stop all')\nrun_task('A')"
    )
    run = start("E1", "E2", "E3")
    assert advance(run) == "ended"
    assert (run.state, run.reason) == ("failed", "aborted by E3: stop all")
    messages = RunElement.objects.filter(run=run).values_list("name", "state", "message")
    assert list(messages) == [
        ("E1", "succeeded", "nothing to do"), ("E2", "not_started", ""), ("E3", "failed", "stop all"),
    ]  # fmt: skip
