"""Starting runs and asking things of them: refusals say why, acceptance wakes a worker (R3, R33, R34, R36)."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.utils import timezone

from elements.operations import save_element, save_profile
from elements.queries import NotInTarget, TargetProblem
from flows import wiring
from flows.adapters import queue
from flows.models import Run, RunElement, RunEvent, RunSignal, StepRun
from flows.operations import queueing, runs
from flows.operations.catalog import publish_flow, publish_task
from flows.queries.runs import describe_run, list_runs
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.errors import FlowsiteError
from flowsite.kernel.models import AuditEntry

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fleet() -> None:
    """E1 and E2 on the local connection, a slow task, and a flow F1 over both with an input."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for name in ("E1", "E2"):
        save_element(name=name, profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)
    publish_task(name="Slow", definition={"class": "command", "command": "sleep 1.5", "on_interrupt": "ask"}, by=SYSTEM)
    publish_task(name="Quick", definition={"class": "command", "command": "true"}, by=SYSTEM)
    publish_flow(
        name="F1",
        definition={
            "mode": "serial",
            "target": {"all": True},
            "inputs": [{"name": "tries", "type": "integer", "default": 3}],
        },
        execution_script="run_task('Quick')",
        by=SYSTEM,
    )
    publish_flow(name="Bare", definition={"mode": "serial"}, execution_script="run_task('Slow')", by=SYSTEM)


def woken() -> frozenset[int]:
    return queue.waiting_jobs(queue.DEFAULT, timezone.now()).roots


def start(**changes: Any) -> Run:
    return runs.start_run(**{"flow": "F1", "by": SYSTEM, **changes})


def test_a_start_is_queued_with_its_inputs_and_wakes_a_worker(fleet: None) -> None:
    run = start(reason="because", elements=["E2", "E2"])
    assert (run.state, run.inputs, run.narrowed, run.run_reason) == ("queued", {"tries": 3}, ["E2"], "because")
    assert run.pk in woken()
    assert AuditEntry.objects.filter(action="started", kind="run", name=str(run.pk)).exists()


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"flow": "F9"}, runs.UnknownFlow, "no flow 'F9'"),
        ({"inputs": {"tries": "many"}}, queueing.InputsRefused, "'tries' is 'many', expected a whole number"),
        ({"inputs": {"trys": 1}}, queueing.InputsRefused, "'trys' is not declared; F1 takes tries"),
        ({"elements": ["E1", "E9"]}, NotInTarget, "E9"),
        ({"flow": "Bare"}, TargetProblem, "name the elements"),
    ],
)
def test_a_start_that_cannot_work_is_refused_with_what_was_expected(
    fleet: None, changes: dict[str, Any], error: type[FlowsiteError], told: str
) -> None:
    """R3."""
    with pytest.raises(error, match=told):
        start(**changes)
    assert not Run.objects.exists()
    assert not woken()


def test_an_idempotency_key_starts_one_run(fleet: None) -> None:
    first = start(idempotency_key="k1")
    assert start(idempotency_key="k1").pk == first.pk
    with pytest.raises(queueing.IdempotencyKeyUsed, match=f"started run {first.pk}"):
        start(idempotency_key="k1", inputs={"tries": 4})
    assert start(idempotency_key="k2").pk != first.pk


def test_each_act_asks_the_policy(fleet: None) -> None:
    viewer = User.objects.create_user("vera")
    viewer.groups.add(Group.objects.get_or_create(name="viewer")[0])
    run = start()
    acts: list[Callable[[], Any]] = [
        lambda: start(by=viewer),
        lambda: runs.pause_run(run=run.pk, by=viewer),
        lambda: runs.resume_run(run=run.pk, by=viewer),
        lambda: runs.cancel_run(run=run.pk, by=viewer),
        lambda: runs.answer_question(run=run.pk, question=1, answer="retry", by=viewer),
    ]
    for act in acts:
        with pytest.raises(AccessDenied):
            act()
    assert not RunSignal.objects.exists()


def test_signals_are_refused_where_they_make_no_sense(fleet: None) -> None:
    """R33."""
    run = start()
    with pytest.raises(runs.RunNotPaused, match="nothing to resume"):
        runs.resume_run(run=run.pk, by=SYSTEM)
    runs.pause_run(run=run.pk, by=SYSTEM)
    with pytest.raises(runs.RunNotPausable):
        runs.pause_run(run=run.pk, by=SYSTEM)
    runs.resume_run(run=run.pk, by=SYSTEM)
    with pytest.raises(runs.NoSuchQuestion, match="open questions: none"):
        runs.answer_question(run=run.pk, question=1, answer="retry", by=SYSTEM)
    with pytest.raises(runs.UnknownRun):
        runs.cancel_run(run=run.pk + 1, by=SYSTEM)
    assert wiring.advance(run.pk) == "ended"
    with pytest.raises(runs.RunHasEnded, match="succeeded"):
        runs.cancel_run(run=run.pk, by=SYSTEM)
    asked = RunEvent.objects.filter(root=run, type__endswith="_requested").order_by("seq")
    assert list(asked.values_list("type", flat=True)) == ["pause_requested", "resume_requested"]


def test_a_paused_run_is_suspended_and_goes_on_when_resumed(fleet: None) -> None:
    """R33, through the database."""
    run = start()
    runs.pause_run(run=run.pk, by=SYSTEM)
    assert wiring.advance(run.pk) == "suspended"
    run.refresh_from_db()
    assert (run.state, run.lease_until) == ("paused", None)
    runs.resume_run(run=run.pk, by=SYSTEM)
    assert wiring.advance(run.pk) == "ended"


def test_a_cancelled_run_ends_what_runs_and_says_so(fleet: None) -> None:
    """R34."""
    run = start(flow="Bare", elements=["E1", "E2"])
    runner = beside(lambda: wiring.advance(run.pk))
    wait_started(run)
    runs.cancel_run(run=run.pk, by=SYSTEM)
    runner.join(20)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert StepRun.objects.get(run=run).status == "cancelled"
    states = RunElement.objects.filter(run=run).values_list("name", "state")
    assert dict(states) == {"E1": "cancelled", "E2": "not_started"}


@pytest.fixture
def sigterms() -> Iterator[list[int]]:
    """Instead of ending this process, SIGTERM is noted."""
    noted: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: noted.append(number))
    yield noted
    signal.signal(signal.SIGTERM, before)


def test_a_worker_that_is_told_to_end_gives_its_run_back_and_then_ends(fleet: None, sigterms: list[int]) -> None:
    """Retiring workers give their runs back (3.3): the running step is waited for."""
    run = start(flow="Bare", elements=["E1", "E2"])

    def kill() -> None:
        wait_started(run)
        os.kill(os.getpid(), signal.SIGTERM)

    killer = beside(kill)
    assert wiring.advance(run.pk) == "retired"
    killer.join()
    assert sigterms == [signal.SIGTERM]
    run.refresh_from_db()
    assert run.lease_until is None
    assert run.wake_at is not None
    assert list(StepRun.objects.filter(run=run).values_list("status", flat=True)) == ["succeeded"]
    assert wiring.advance(run.pk) == "ended"
    assert StepRun.objects.filter(run=run).count() == 2


def test_an_interrupted_step_is_asked_about_and_answered(fleet: None) -> None:
    """R36: needs_attention, through the database."""
    run = start(flow="Bare", elements=["E1"])
    runner = beside(lambda: wiring.advance(run.pk))
    wait_started(run)
    Run.objects.filter(pk=run.pk).update(lease_until=None, lease_owner="nobody")  # as if another had taken it
    runner.join(20)
    assert wiring.advance(run.pk) == "suspended"
    run.refresh_from_db()
    assert run.state == "needs_attention"
    with pytest.raises(runs.AnswerRefused, match="expected one of retry, succeeded, failed"):
        runs.answer_question(run=run.pk, question=1, answer="perhaps", by=SYSTEM)
    runs.answer_question(run=run.pk, question=1, answer="succeeded", by=SYSTEM, comment="looked")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "succeeded"
    assert runs.open_questions(run.pk) == {}


def test_a_run_is_driven_locally_through_its_waits(fleet: None) -> None:
    """``run --local`` needs no worker."""
    run = start(enqueue=False)
    assert run.pk not in woken()
    runs.pause_run(run=run.pk, by=SYSTEM)

    def resume() -> None:
        wait_paused(run)
        runs.resume_run(run=run.pk, by=SYSTEM)

    resumer = beside(resume)
    assert wiring.drive_locally(run.pk) == "ended"
    resumer.join()


def test_a_run_that_is_driven_locally_goes_on_when_its_lease_was_lost(fleet: None) -> None:
    """As on a laptop that was asleep: nobody else would take it."""
    run = start(flow="Bare", elements=["E1"], enqueue=False)

    def lose_and_answer() -> None:
        wait_started(run)
        Run.objects.filter(pk=run.pk).update(lease_until=None, lease_owner="nobody")
        wait_for(lambda: bool(runs.open_questions(run.pk)))
        runs.answer_question(run=run.pk, question=1, answer="succeeded", by=SYSTEM)

    other = beside(lose_and_answer)
    assert wiring.drive_locally(run.pk) == "ended"
    other.join()
    run.refresh_from_db()
    assert run.state == "succeeded"


def test_runs_are_listed_the_newest_first_without_children(fleet: None, django_assert_num_queries: Any) -> None:
    publish_flow(
        name="Parent",
        definition={"mode": "serial", "target": {"all": True}},
        execution_script="run_flow('F1')",
        by=SYSTEM,
    )
    first, second = start(), start(flow="Parent", elements=["E1"])
    wiring.advance(second.pk)
    with django_assert_num_queries(1):
        assert [(run["id"], run["version"]) for run in map(describe_run, list_runs())] == [
            (second.pk, 1),
            (first.pk, 1),
        ]
    assert [run.pk for run in list_runs(flow="F1", state="queued")] == [first.pk]
    assert list(list_runs(state="failed")) == []
    shown = describe_run(second)
    assert (shown["flow"], shown["version"], shown["elements"]) == ("Parent", 1, ["E1"])
    child = Run.objects.get(root=second)
    assert describe_run(child)["root"] == second.pk
    with pytest.raises(runs.NotARootRun, match=f"child of run {second.pk}"):
        runs.cancel_run(run=child.pk, by=SYSTEM)


def beside(act: Callable[[], object]) -> threading.Thread:
    """Do it in another thread, which closes its connections in the end."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_paused(run: Run) -> None:
    wait_for(lambda: Run.objects.filter(pk=run.pk, state="paused", lease_until=None).exists())


def wait_started(run: Run) -> None:
    wait_for(lambda: RunEvent.objects.filter(root=run, type="step_started").exists())


def wait_for(holds: Callable[[], bool], within_s: float = 15.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
