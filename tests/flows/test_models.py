"""The rules that the database itself holds, and the named filters over runs (3.4)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from flows.models import (
    ElementLock,
    FlowVersion,
    Run,
    RunElement,
    RunEvent,
    RunSignal,
    Schedule,
    ScheduledStart,
    StepRun,
)
from flows.models.versions import VersionIsImmutable
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_run, make_task_version

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = AN_INSTANT + timedelta(minutes=1)
EARLIER = AN_INSTANT - timedelta(minutes=1)


def make_child(root: Run, number: int = 1, **fields: Any) -> Run:
    return make_run(root=root, parent=root, number=number, **fields)


def event(root: Run, seq: int) -> RunEvent:
    return RunEvent.objects.create(root=root, run=root, seq=seq, type="x", at=AN_INSTANT)


def step(run: Run, **fields: Any) -> StepRun:
    key = {"element_name": "e", "site": 1, "turn": 1, "attempt": 1, **fields}
    return StepRun.objects.create(run=run, step="log", line=1, finished_at=AN_INSTANT, **{"status": "succeeded", **key})


def member(run: Run, position: int, name: str) -> RunElement:
    return RunElement.objects.create(run=run, position=position, name=name)


def test_each_rule_of_a_run_tree_is_held_by_the_database() -> None:
    root = make_run()
    child = make_child(root)
    element = make_element("e")
    event(root, 1)
    step(root)
    member(root, 0, "e")
    make_run(idempotency_key="k")
    ElementLock.objects.create(element=element, root=root, kind="exclusive")
    breaking = {
        "event_seq_is_unique_in_its_root_run": lambda: event(root, 1),
        "event_seq_counts_from_one": lambda: event(root, 0),
        "an_attempt_has_one_outcome": lambda: step(root),
        "step_status_is_known": lambda: step(root, attempt=2, status="odd"),
        "run_element_position_is_unique": lambda: member(root, 0, "f"),
        "run_element_name_is_unique": lambda: member(root, 1, "e"),
        "run_state_is_known": lambda: make_run(state="odd"),
        "run_mode_is_known": lambda: make_run(mode="odd"),
        "run_number_is_unique_in_its_tree": lambda: make_child(root, 1),
        "idempotency_key_starts_one_run": lambda: make_run(idempotency_key="k"),
        "a_child_run_has_root_parent_and_number": lambda: make_run(root=root),
        "only_a_root_run_has_lease_and_sequence": lambda: Run.objects.filter(pk=child.pk).update(fence=1),
        "a_run_has_ended_at_exactly_in_a_final_state": lambda: make_run(state="succeeded"),
        "an_exclusive_lock_is_alone": lambda: ElementLock.objects.create(
            element=element, root=make_run(), kind="exclusive"
        ),
        "signal_kind_is_known": lambda: RunSignal.objects.create(root=root, kind="odd", by="x", at=AN_INSTANT),
    }
    held = {rule for rule, act in breaking.items() if _is_refused(act)}
    assert held == set(breaking)


def _is_refused(act: Any) -> bool:
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def test_a_run_may_end_and_only_then_has_an_end() -> None:
    run = make_run()
    assert Run.objects.filter(pk=run.pk).update(state="partial", ended_at=LATER) == 1
    assert _is_refused(lambda: Run.objects.filter(pk=run.pk).update(state="running"))


@pytest.mark.parametrize("act", ["save", "delete", "update", "delete_all"])
def test_a_published_version_never_changes(act: str) -> None:
    """R25."""
    for version in (make_flow_version(), make_task_version()):
        rows = type(version)._default_manager.filter(pk=version.pk)
        acts: dict[str, Callable[[], object]] = {
            "save": version.save,
            "delete": version.delete,
            "update": partial(rows.update, number=9),
            "delete_all": rows.delete,
        }
        with pytest.raises(VersionIsImmutable, match="never changes"):
            acts[act]()
        assert rows.get().number == 1


def test_version_numbers_are_unique() -> None:
    version = make_flow_version()
    fields = {"published_at": AN_INSTANT, "published_by": "x", "name": "F1", "flow": version.flow}
    assert _is_refused(lambda: FlowVersion.objects.create(number=1, **fields))
    assert _is_refused(lambda: FlowVersion.objects.create(number=0, **fields))


def test_the_filters_over_runs_select_what_their_names_say() -> None:
    queued = make_run()
    leased = make_run(state="running", lease_until=LATER, lease_owner="w")
    expired = make_run(state="running", lease_until=EARLIER, lease_owner="w")
    due = make_run(state="waiting", wake_at=EARLIER)
    asleep = make_run(state="waiting", wake_at=LATER)
    asked = make_run(state="paused")
    over = make_run(state="succeeded", ended_at=EARLIER, lease_until=EARLIER, wake_at=EARLIER)
    child = make_child(leased, state="running")
    for run in (asked, over):
        RunSignal.objects.create(root=run, kind="resume", by="x", at=AN_INSTANT)
    RunSignal.objects.create(root=asleep, kind="pause", by="x", at=AN_INSTANT, consumed_seq=3)
    found = {
        "queued": Run.objects.queued(),
        "leased": Run.objects.leased_at(AN_INSTANT),
        "expired": Run.objects.with_expired_lease(AN_INSTANT),
        "due": Run.objects.due_to_wake(AN_INSTANT),
        "asked": Run.objects.with_pending_signals(),
        "tree": Run.objects.tree_of(leased.pk),
        "children": Run.objects.exclude(pk__in=Run.objects.roots()),
    }
    assert {name: set(runs) for name, runs in found.items()} == {
        "queued": {queued},
        "leased": {leased},
        "expired": {expired},
        "due": {due},
        "asked": {asked},
        "tree": {leased, child},
        "children": {child},
    }


def test_an_enabled_schedule_says_since_when_and_a_disabled_one_plans_nothing() -> None:
    flow = make_flow_version().flow
    for wrong in ({"enabled": True}, {"next_at": AN_INSTANT}):
        with pytest.raises(IntegrityError, match="says_since_when"), transaction.atomic():
            Schedule.objects.create(name="s", flow=flow, cron="0 2 * * sun", **wrong)
    Schedule.objects.create(name="s", flow=flow, cron="0 2 * * sun", enabled=True, since=AN_INSTANT, next_at=LATER)


def test_a_schedule_starts_once_per_intended_start() -> None:
    schedule = Schedule.objects.create(name="s", flow=make_flow_version().flow, cron="0 2 * * sun")
    ScheduledStart.objects.create(schedule=schedule, intended_at=AN_INSTANT, at=AN_INSTANT, outcome="started")
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledStart.objects.create(schedule=schedule, intended_at=AN_INSTANT, at=LATER, outcome="failed")
    with pytest.raises(IntegrityError, match="outcome_is_known"), transaction.atomic():
        ScheduledStart.objects.create(schedule=schedule, intended_at=LATER, at=LATER, outcome="perhaps")
