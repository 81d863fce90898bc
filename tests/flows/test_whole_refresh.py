"""``refresh`` through every real part but the queue: facts are read, stored, and order the run (R3)."""

from pathlib import Path

import pytest
from django.utils import timezone

from elements.models import Element, Setting
from elements.operations import set_settings
from flows.models import Run, RunElement, RunEvent, StepRun
from flows.queries.events import events_after
from flowsite.kernel.access import SYSTEM
from tests.flows.wholes import advance, dying_after, element_states, flow, logged, publish, settings_of, start, trace

__all__ = ["trace"]
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

LEADER_LAST = "order_flow_elements(elements, lambda x: 1 if x['context']['role'] == 'master' else 0)"
ROLE = {"parse": {"type": "json"}, "save": {"role": "data.role", "seen.by": "data.by"}}


@pytest.fixture
def facts(trace: Path, tmp_path: Path) -> Path:
    """A file of facts for each element, and the task *Read role* that reads it. E4 is the leader by now."""
    directory = tmp_path / "facts"
    directory.mkdir()
    for name in ("E1", "E2", "E3", "E4"):
        role = "master" if name == "E4" else "replica"
        (directory / name).write_text(f'{{"role": "{role}", "by": ["{name}"]}}')
    publish("Read role", f"cat {directory}/{{{{ element.name }}}}", **ROLE)
    return directory


def test_fresh_facts_order_the_run_and_are_kept(facts: Path, trace: Path) -> None:
    """R3, R5: what the inventory knew was old; E4 leads now, so it is last, and E2 is not."""
    flow("log(element['context']['role'])\nrun_task('A')", "serial", processing=LEADER_LAST, refresh=["Read role"])
    run = start()
    assert advance(run) == "ended"
    assert (run.state, run.reason) == ("succeeded", "")
    assert trace.read_text().split() == ["A1", "A2", "A3", "A4"]
    assert list(element_states(run)) == ["E1", "E2", "E3", "E4"]
    assert logged(run) == ["replica", "replica", "replica", "master"]
    assert settings_of("E2") == {"role": "replica", "seen.by": ["E2"]}
    assert RunElement.objects.get(run=run, name="E4").snapshot["context"] == {"role": "master", "seen": {"by": ["E4"]}}
    written = Setting.objects.get(element__name="E4", key="role")
    assert written.written_by == f"run {run.pk}"
    assert (timezone.now() - written.written_at).total_seconds() < 30
    steps = StepRun.objects.filter(run=run, site=0)
    assert sorted(steps.values_list("element_name", "turn", "name")) == [
        (name, 1, "Read role") for name in ("E1", "E2", "E3", "E4")
    ]


def test_an_element_whose_refresh_fails_has_failed_and_is_left_out(facts: Path, trace: Path) -> None:
    """R3, R30."""
    (facts / "E1").write_text("no json")
    flow(
        "log(','.join(item['name'] for item in elements))",
        "serial", processing=LEADER_LAST, refresh=["Read role"], error_threshold=1,
    )  # fmt: skip
    run = start("E1", "E2", "E4")
    assert advance(run) == "ended"
    assert run.state == "partial"
    assert element_states(run) == {"E2": "succeeded", "E4": "succeeded", "E1": "failed"}
    assert logged(run) == ["E2,E4", "E2,E4"]
    assert settings_of("E1") == {"role": "replica"}
    assert "is no JSON" in RunElement.objects.get(run=run, name="E1").message
    [ordered] = [event for event in events_after(run.pk, 0) if event["type"] == "elements_ordered"]
    assert ordered["elements"] == ["E2", "E4"]


def test_too_many_failed_refreshes_stop_the_run_before_its_first_step(facts: Path, trace: Path) -> None:
    """R3, R30, R31."""
    for file in facts.iterdir():
        file.unlink()
    flow("run_task('A')", refresh=["Read role"])
    run = start()
    assert advance(run) == "ended"
    assert run.state == "failed"
    assert trace.read_text() == ""
    assert set(element_states(run).values()) <= {"failed", "stopped", "not_started"}


def test_several_tasks_run_one_after_the_other_in_waves(facts: Path, trace: Path) -> None:
    """R3: refresh runs Parallel, whatever the flow's mode."""
    flow("run_task('C')", "serial", refresh=["A", "B"])
    run = start("E1", "E2")
    assert advance(run) == "ended"
    ran = trace.read_text().split()
    assert [sorted(ran[:2]), sorted(ran[2:4]), ran[4:]] == [["A1", "A2"], ["B1", "B2"], ["C1", "C2"]]


def test_a_processing_script_that_fails_after_the_refresh_fails_the_run(facts: Path, trace: Path) -> None:
    """R3, R6."""
    flow("run_task('A')", processing="order_flow_elements(elements, lambda x: x['context']['lag'])", refresh=["B"])
    run = start("E1", "E2")
    assert advance(run) == "ended"
    assert (run.state, run.reason) == ("failed", "line 1: no context key 'lag' in E1, E2")
    assert element_states(run) == {"E1": "not_started", "E2": "not_started"}
    assert sorted(trace.read_text().split()) == ["B1", "B2"]


def test_what_a_roots_processing_script_drops_is_no_part_of_the_run(facts: Path, trace: Path) -> None:
    """R3, R5."""
    only = "filter_flow_elements(elements, lambda x: x['context']['role'] == 'master')"
    flow("run_task('A')", processing=only, refresh=["Read role"])
    run = start()
    assert advance(run) == "ended"
    assert element_states(run) == {"E4": "succeeded"}
    assert trace.read_text().split() == ["A4"]


def test_a_child_refreshes_its_own_elements_when_it_starts(facts: Path, trace: Path) -> None:
    """R2, R3, R24."""
    flow(
        "log(element['context']['role'])", "serial", name="Child", refresh=["Read role"],
        processing="filter_flow_elements(elements, lambda x: x['context']['role'] != 'master')",
    )  # fmt: skip
    flow("run_flow('Child', elements=elements)", "serial")
    run = start("E3", "E4")
    assert advance(run) == "ended"
    assert run.state == "succeeded"
    child = Run.objects.filter(root=run).order_by("number").first()
    assert child is not None
    assert element_states(child) == {"E3": "succeeded", "E4": "skipped"}


@pytest.mark.parametrize("kept", range(1, 14))
def test_a_worker_may_die_anywhere_and_the_run_ends_the_same(facts: Path, trace: Path, kept: int) -> None:
    """R36: also between the refresh and the order, and with a refresh that has failed."""
    (facts / "E1").unlink()
    flow("run_task('A')\nrun_task('B')", "serial", processing=LEADER_LAST, refresh=["Read role"], error_threshold=1)
    run = start("E1", "E2", "E4")
    with dying_after(kept):
        advance(run)
    Run.objects.filter(pk=run.pk, lease_until__isnull=False).update(lease_until=timezone.now(), lease_owner="nobody")
    if run.ended_at is None:
        assert advance(run) == "ended"
    assert element_states(run) == {"E2": "succeeded", "E4": "succeeded", "E1": "failed"}
    assert [line for line in trace.read_text().split() if "2" in line or "4" in line] == trace.read_text().split()
    assert set(trace.read_text().split()) == {"A2", "B2", "A4", "B4"}
    done = StepRun.objects.filter(run=run, status="succeeded", site__gt=0)
    assert sorted(done.values_list("element_name", "name")) == [("E2", "A"), ("E2", "B"), ("E4", "A"), ("E4", "B")]
    assert sorted(RunEvent.objects.filter(root=run, type="elements_ordered").values_list("run_id", flat=True)) == [
        run.pk
    ]


def test_settings_that_contradict_what_is_stored_take_its_place(trace: Path) -> None:
    """R9: what was written last is what get_context shows; what stands beside stays."""
    set_settings(element="E1", settings={"net": "none", "disk.0": 1, "disk.1": 2, "kept": True}, by=SYSTEM)
    flow("set_context('net.0.hostname', 'e1')\nset_context('disk', [7])\nlog(str(sorted(get_context().items())))")
    run = start("E1")
    assert advance(run) == "ended"
    assert settings_of("E1") == {"net.0.hostname": "e1", "disk": [7], "kept": True, "role": "replica"}
    assert logged(run) == ["[('disk', [7]), ('kept', True), ('net', {'0': {'hostname': 'e1'}}), ('role', 'replica')]"]


def test_a_disabled_element_has_no_context_any_more(trace: Path) -> None:
    """R9, R13."""
    flow("sleep(31)\nget_context()")
    run = start("E1")
    assert advance(run) == "suspended"
    Element.objects.filter(name="E1").update(enabled=False)
    started = RunEvent.objects.get(root=run, type="step_started")
    started.data["until"] -= 60
    started.save(update_fields=["data"])
    assert advance(run) == "ended"
    assert element_states(run) == {"E1": "failed"}
    assert StepRun.objects.get(run=run, step="get_context").reason == "no enabled element is named 'E1'"
