"""Tries through every real part but the queue: a draft on chosen elements, one task on one element (R3, R25, R36)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from elements.models import Element
from flows.adapters.sealing import inputs_of_run
from flows.models import Flow, FlowDraft, FlowVersion, Run, RunEvent, RunPlan, StepRun, TriedFlow, VersionIsImmutable
from flows.models.draft import draft_of
from flows.operations.catalog import NotPublishable, publish_task
from flows.operations.drafts import DraftChanged, create_draft, discard_draft, publish_draft, save_draft
from flows.operations.queueing import IdempotencyKeyUsed, InputsRefused
from flows.operations.trying import Asked, NothingChosen, UnknownTask, try_draft, try_task
from flows.queries.flows import flow_rows, last_runs_of
from flows.queries.inventory import element_rows
from flows.queries.overview import elements_by_last_state, troubled_runs
from flows.queries.run_page import describe_for_page, run_of_page, usual_seconds
from flows.queries.runs import list_runs
from flows.queries.tasks import last_results
from flows.queries.tried import NotATest, outcome_of_try
from flowsite.kernel.access import SYSTEM, AccessDenied, Actor
from flowsite.kernel.errors import FlowsiteError
from flowsite.kernel.models import AuditEntry
from tests.factories import make_user
from tests.flows.wholes import advance, dying_after, element_states, flow, logged, publish, settings_of, start, trace

__all__ = ["trace"]
pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

SECRET = "hunter2-of-tests"


def draft(name: str = "F1", **changes: Any) -> FlowDraft:
    """The draft of this flow with these changes."""
    pk = Flow.objects.get(name=name).pk
    return save_draft(flow=pk, revision=draft_of(Flow.objects.get(pk=pk)).revision, changes=changes, by=SYSTEM)


def tried(draft: FlowDraft, *elements: str, by: Actor = SYSTEM, **asked: Any) -> Run:
    """A try of the draft that no worker has yet."""
    return try_draft(
        flow=draft.flow_id,
        revision=draft.revision,
        values=draft.keys(),
        asked=Asked(elements, **asked, enqueue=False),
        by=by,
    )


def single(element: str = "E1", name: str = "A", by: Actor = SYSTEM, **given: Any) -> Run:
    """A test of one task that no worker has yet."""
    asked = Asked([element], given.pop("inputs", {}), enqueue=False, **given.pop("asked", {}))
    return try_task(name=name, asked=asked, by=by, **given)


def test_a_draft_is_run_on_the_chosen_elements_and_stays_a_draft(trace: Path) -> None:
    """R3."""
    flow("run_task('A')", "serial")
    changed = draft(execution_script="run_task('B')\nlog('drafted')", inputs=[])
    run = tried(changed, "E3", "E1", reason="does it work?")
    assert (run.state, run.is_try, run.flow_version, run.narrowed) == ("queued", True, None, ["E3", "E1"])
    assert advance(run) == "ended"
    assert (run.state, run.reason) == ("succeeded", "")
    assert trace.read_text().split() == ["B1", "B3"]
    assert element_states(run) == {"E1": "succeeded", "E3": "succeeded"}
    assert FlowVersion.objects.count() == 1
    assert draft_of(Flow.objects.get(name="F1")).revision == changed.revision
    started = RunEvent.objects.get(root=run, type="run_started").data
    assert (started["flow"], started["version"]) == ("F1", None)
    assert RunPlan.objects.get(run=run).plan is not None


def test_a_flow_that_was_never_published_can_be_tried(trace: Path) -> None:
    create_draft(name="New", by=SYSTEM)
    run = tried(draft("New", execution_script="run_task('A')", target={"all": True}), "E2")
    assert advance(run) == "ended"
    assert (run.state, trace.read_text().split()) == ("succeeded", ["A2"])
    discard_draft(flow=Flow.objects.get(name="New").pk, by=SYSTEM)
    assert not Flow.objects.filter(name="New").exists()
    assert TriedFlow.objects.get(run=run).flow is None
    assert describe_for_page(run_of_page(run.pk))["flow"] == "New"


def test_without_a_draft_the_current_version_is_tried(trace: Path) -> None:
    flow("run_task('A')", "serial")
    shown = draft_of(Flow.objects.get(name="F1"))
    assert shown.revision == 0
    run = tried(shown, "E1")
    assert advance(run) == "ended"
    assert (run.state, run.flow_version, run.is_try) == ("succeeded", None, True)


def test_children_of_a_try_are_the_published_versions_and_are_tries_too(trace: Path) -> None:
    """R25."""
    flow("run_task('B')", "serial", name="F2")
    flow("run_task('A')", "serial")
    draft("F2", execution_script="run_task('C')")
    run = tried(draft(execution_script="run_flow('F2')"), "E1")
    assert advance(run) == "ended"
    assert trace.read_text().split() == ["B1"]
    child = Run.objects.get(root=run)
    assert (child.is_try, child.flow_version) == (True, FlowVersion.objects.get(flow__name="F2"))
    assert not hasattr(child, "tried")


def test_what_is_tried_is_found_by_no_other_run(trace: Path) -> None:
    """R25: the try is queued first, and everything published stays what others reach."""
    flow("run_task('A')", "serial", name="F2")
    flow("run_flow('F2')", "serial")
    tried(draft("F2", execution_script="run_task('B')"), "E1")
    single(definition={"class": "command", "command": "false"})
    run = start("E1")
    assert advance(run) == "ended"
    assert (run.state, trace.read_text().split()) == ("succeeded", ["A1"])


@pytest.mark.parametrize("kept", range(1, 9))
def test_a_try_whose_worker_dies_anywhere_goes_on_with_what_it_began_with(trace: Path, kept: int) -> None:
    """R36, R37: although draft and task have changed, and a version was published, since."""
    flow("run_task('C')", "serial")
    first = draft(execution_script="run_task('A')\nrun_task('B')\nlog('the tried one')")
    run = tried(first, "E1", "E2")
    with dying_after(kept):
        assert advance(run) == "lease lost"
    second = draft(execution_script="run_task('C')\nlog('another one')")
    publish_draft(flow=second.flow_id, revision=second.revision, values=second.keys(), by=SYSTEM)
    for task in "AB":
        publish(task, "false")
    Run.objects.filter(pk=run.pk).update(lease_until=None)
    assert advance(run) == "ended"
    assert (run.state, run.reason) == ("succeeded", "")
    assert set(trace.read_text().split()) == {"A1", "B1", "A2", "B2"}
    assert logged(run) == ["the tried one", "the tried one"]
    sequence = list(RunEvent.objects.filter(root=run).order_by("seq").values_list("seq", flat=True))
    assert sequence == list(range(1, len(sequence) + 1))


def test_the_test_of_an_unpublished_task_survives_its_worker(trace: Path) -> None:
    """R36."""
    given = {"class": "command", "command": f"echo mine >> {trace}", "on_interrupt": "retry"}
    run = single(definition=given)
    with dying_after(2):
        assert advance(run) == "lease lost"
    Run.objects.filter(pk=run.pk).update(lease_until=None)
    assert advance(run) == "ended"
    assert (run.state, set(trace.read_text().split())) == ("succeeded", {"mine"})


def test_one_task_is_tried_on_one_element_and_its_outcome_is_told(trace: Path) -> None:
    publish("Ask", "echo '{\"n\": 5}'; echo careful >&2", parse="json", save={"n": "data.n"})
    run = single("E2", "Ask")
    assert run.flow_name == "Task Ask"
    waits = outcome_of_try(run)
    assert (waits.pop("state"), waits.pop("reason"), set(waits.values())) == ("queued", "worker", {None})
    assert advance(run) == "ended"
    told = outcome_of_try(run)
    assert (told["state"], told["status"], told["exit_code"], told["data"]) == ("succeeded", "succeeded", 0, {"n": 5})
    assert sorted(told["output"].splitlines()) == ["careful", '{"n": 5}']
    assert sorted(told["pieces"]) == [("stderr", "careful\n"), ("stdout", '{"n": 5}\n')]
    assert (told["message"], told["attempts"]) == ("", 1)
    assert 0 <= told["duration_s"] < 30
    assert told["command"].startswith("echo '{")
    assert settings_of("E2")["n"] == 5, "it really ran"


def test_a_task_that_fails_says_why_and_how_often(trace: Path) -> None:
    run = single(name="New one", definition={"class": "command", "command": "echo no; exit 3", "retries": 1})
    assert advance(run) == "ended"
    told = outcome_of_try(run)
    assert (told["state"], told["status"], told["exit_code"], told["attempts"]) == ("failed", "failed", 3, 2)
    assert told["message"].startswith("exit code 3")
    assert told["output"] == "no\n"


def test_a_test_whose_template_cannot_be_rendered_says_so(trace: Path) -> None:
    run = single(definition={"class": "command", "command": "echo {{ nothing_of_this_name }}"})
    assert advance(run) == "ended"
    assert "nothing_of_this_name" in outcome_of_try(run)["message"]


def test_a_run_of_a_flow_is_no_test(trace: Path) -> None:
    flow("run_task('A')", "serial")
    with pytest.raises(NotATest, match="is no test of one task"):
        outcome_of_try(start("E1"))
    with pytest.raises(NotATest):
        outcome_of_try(tried(draft(), "E1"))


def test_inputs_of_a_test_are_the_tasks_and_those_of_the_flow_that_calls_it(trace: Path) -> None:
    """R43: texts are read as the declared types; the flow's own inputs are seen by every template."""
    inputs = [{"name": "count", "type": "integer", "required": True}, {"name": "more", "default": "as declared"}]
    publish("Count", "echo {{ inputs.count + 1 }} {{ inputs.more }} {{ inputs.zone }}", inputs=inputs)
    flow("run_task('A')", "serial", inputs=[{"name": "zone"}, {"name": "other", "required": True}])
    of_flow = Flow.objects.get(name="F1").pk
    run = single(name="Count", inputs={"count": "4", "zone": "eu", "more": ""}, flow=of_flow)
    assert advance(run) == "ended"
    assert outcome_of_try(run)["output"] == "5 as declared eu\n"
    with pytest.raises(InputsRefused, match="'zone' is not declared"):
        single(name="Count", inputs={"count": 4, "zone": "eu"})
    with pytest.raises(InputsRefused, match="'count' is missing"):
        single(name="Count")
    with pytest.raises(InputsRefused, match="expected a whole number"):
        single(name="Count", inputs={"count": "four"})


def test_secrets_of_a_test_and_of_a_try_are_used_and_seen_nowhere(
    trace: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R43."""
    seen = tmp_path / "seen"
    password = {"name": "password", "type": "secret", "required": True}
    definition = {
        "class": "command",
        "command": f"echo {{{{ inputs.password | quote }}}} | tee -a {seen}",
        "inputs": [password],
    }
    run = single(name="Show", definition=definition, inputs={"password": SECRET}, asked={"reason": f"is it {SECRET}"})
    assert advance(run) == "ended"
    publish_task(name="Show", definition=definition, by=SYSTEM)
    flow("run_task('A')", "serial")
    script = "run_task('Show', password=inputs['password'])\nlog('it is ' + inputs['password'])"
    second = tried(draft(execution_script=script, inputs=[password]), "E1", inputs={"password": SECRET})
    assert advance(second) == "ended"
    assert (run.state, second.state, seen.read_text()) == ("succeeded", "succeeded", f"{SECRET}\n" * 2)
    assert outcome_of_try(run)["output"] == "***\n"
    assert (run.inputs, inputs_of_run(run)) == ({"password": "•••"}, {"password": SECRET})
    rows = [repr(row) for model in apps.get_models() for row in model._default_manager.values_list()]
    assert not [row for row in rows if SECRET in row]
    assert SECRET not in caplog.text


def test_a_test_keeps_what_a_secret_input_of_the_flow_gives_the_task(
    trace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R43: the task itself does not say that its input is secret."""
    publish("Say", "echo {{ inputs.words }}", inputs=[{"name": "words", "type": "string", "required": True}])
    run = single(name="Say", inputs={"words": SECRET}, asked={"secrets": ("words",)})
    assert advance(run) == "ended"
    assert outcome_of_try(run)["output"] == "***\n"
    rows = [repr(row) for model in apps.get_models() for row in model._default_manager.values_list()]
    assert not [row for row in rows if SECRET in row]
    assert SECRET not in caplog.text


def refusals() -> list[Any]:
    return [
        (lambda: tried(draft()), NothingChosen, "choose the elements"),
        (lambda: tried(draft(), "E9"), FlowsiteError, "E9"),
        (lambda: tried(draft(target={"all": True, "profile": None}, inputs=[{"name": "n", "required": True}]), "E1"),
         InputsRefused, "'n' is missing"),
        (lambda: tried(draft(execution_script="run_task('Stop')"), "E1"), NotPublishable, "there is no task 'Stop'"),
        (lambda: tried(draft(execution_script="run_flow('F1')"), "E1"), NotPublishable, "F1"),
        (lambda: single("E9"), FlowsiteError, "E9"),
        (lambda: single(name="AA"), UnknownTask, "there is no task 'AA'"),
        (lambda: single(definition={"class": "command", "command": "{{"}), NotPublishable, "command"),
        (lambda: single(flow=999), FlowsiteError, "no flow with the id 999"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(refusals())))
def test_what_cannot_be_tried_is_refused_and_leaves_nothing(trace: Path, number: int) -> None:
    act, error, words = refusals()[number]
    flow("run_task('A')", "serial")
    with pytest.raises(error, match=words):
        act()
    assert not Run.objects.exists()
    assert not TriedFlow.objects.exists()


def test_elements_outside_the_target_of_the_draft_are_refused(trace: Path) -> None:
    """R3: the target is the draft's, not the version's."""
    flow("run_task('A')", "serial")
    narrow = draft(target={"profile": None, "groups": [], "filters": ["role == master"]})
    with pytest.raises(FlowsiteError, match="E1"):
        tried(narrow, "E1")
    assert tried(narrow, "E2").narrowed == ["E2"]


def test_what_was_seen_is_what_is_tried(trace: Path) -> None:
    flow("run_task('A')", "serial")
    seen = draft(execution_script="run_task('B')")
    draft(execution_script="run_task('C')")
    with pytest.raises(DraftChanged):
        tried(seen, "E1")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("role", "may_draft", "may_task", "may_definition"),
    [
        ("viewer", False, False, False),
        ("operator", False, True, False),
        ("author", True, True, True),
    ],
)
def test_who_may_try_what(trace: Path, role: str, may_draft: bool, may_task: bool, may_definition: bool) -> None:
    flow("run_task('A')", "serial")
    person = make_user(role)
    mine = draft(execution_script="run_task('B')")
    acts: tuple[tuple[bool, Callable[[], Run]], ...] = (
        (may_draft, lambda: tried(mine, "E1", by=person)),
        (may_task, lambda: single(by=person)),
        (may_definition, lambda: single(by=person, definition={"class": "command", "command": "true"})),
    )
    for may, act in acts:
        if may:
            assert act().started_by == person.username
        else:
            with pytest.raises(AccessDenied):
                act()
    assert Run.objects.count() == may_draft + may_task + may_definition


def test_tries_stand_in_the_audit_trail(trace: Path) -> None:
    flow("run_task('A')", "serial")
    mine = draft(execution_script="run_task('B')")
    runs = tried(mine, "E1", reason="why"), single("E2")
    entries = AuditEntry.objects.filter(kind="run").order_by("pk").values_list("action", "name", "details")
    assert list(entries) == [
        ("tried", str(runs[0].pk),
         {"flow": "F1", "elements": ["E1"], "reason": "why", "revision": mine.revision}),
        ("tried", str(runs[1].pk), {"flow": "Task A", "elements": ["E2"], "reason": "", "task": "A"}),
    ]  # fmt: skip


def test_a_try_that_is_sent_twice_runs_once(trace: Path) -> None:
    flow("run_task('A')", "serial")
    mine = draft(execution_script="run_task('B')")
    first = tried(mine, "E1", idempotency_key="k")
    assert tried(mine, "E1", idempotency_key="k") == first
    with pytest.raises(IdempotencyKeyUsed):
        tried(mine, "E2", idempotency_key="k")
    assert TriedFlow.objects.count() == 1


def test_statistics_and_last_results_leave_tries_out(trace: Path) -> None:
    flow("run_task('A')", "serial")
    failing = draft(execution_script="run_task('A')\nfail('no')")
    for run in (tried(failing, "E1"), single("E2")):
        assert advance(run) == "ended"
    now = timezone.now()
    assert [row.last_run for row in flow_rows()] == [None]
    assert list(last_runs_of("F1")) == []
    assert usual_seconds("F1") is None
    assert troubled_runs(now=now) == []
    assert elements_by_last_state() == {"by_state": {}, "never_run": 4, "disabled": 0}
    keys = list(Element.objects.values_list("pk", flat=True))
    assert [getattr(row, "last_run", "") for row in element_rows(keys)] == [None] * 4
    assert last_results() == {}
    real = start("E1")
    assert advance(real) == "ended"
    assert [row.last_run for row in flow_rows()] == [real.pk]
    assert list(last_results()) == ["A"]
    assert [run.is_try for run in list_runs()] == [False, True, True]
    assert [run.pk for run in list_runs(is_try=False)] == [real.pk]
    assert [run.is_try for run in list_runs(is_try=True)] == [True, True]


def test_a_try_that_waits_for_somebody_is_not_hidden(trace: Path) -> None:
    flow("run_task('A')", "serial")
    run = tried(draft(), "E1")
    Run.objects.filter(pk=run.pk).update(state="needs_attention")
    assert [told["id"] for told in troubled_runs(now=timezone.now())] == [run.pk]


def test_what_was_tried_never_changes_and_goes_with_its_run(trace: Path) -> None:
    flow("run_task('A')", "serial")
    run = tried(draft(), "E1")
    frozen = TriedFlow.objects.get(run=run)
    frozen.execution_script = "log('another')"
    with pytest.raises(VersionIsImmutable):
        frozen.save()
    run.delete()
    assert not TriedFlow.objects.exists()
    assert Flow.objects.filter(name="F1").exists()


def test_the_database_refuses_a_try_of_a_version(trace: Path) -> None:
    flow("run_task('A')", "serial")
    with pytest.raises(IntegrityError, match="a_try_is_of_no_version"), transaction.atomic():
        Run.objects.create(
            flow_version=FlowVersion.objects.get(),
            is_try=True,
            flow_name="F1",
            started_by="x",
            created_at=timezone.now(),
        )
    bare = {"is_try": True, "flow_name": "F1", "started_by": "x", "created_at": timezone.now()}
    with pytest.raises(IntegrityError, match="a_try_is_of_a_draft_or_of_one_task"), transaction.atomic():
        TriedFlow.objects.create(run=Run.objects.create(**bare), task="A", revision=1)


def test_a_try_whose_definitions_are_gone_ends_with_the_reason(trace: Path) -> None:
    flow("run_task('A')", "serial")
    run = tried(draft(), "E1")
    TriedFlow.objects.filter(run=run).delete()
    assert advance(run) == "ended"
    assert run.state == "failed"
    assert "cannot be read" in run.reason
    assert not StepRun.objects.exists()
