"""Renaming tasks and flows: refused while in use, drafts rewritten, and every run replays what it began with."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flows.adapters.definitions import catalog_as_of, catalog_of_run
from flows.adapters.uses import Place, Uses, uses_of_flow, uses_of_task
from flows.models import Flow, FlowDraft, FlowVersion, Run, Schedule, Task, TaskVersion
from flows.operations.archiving import StillInUse, archive_task
from flows.operations.catalog import NotPublishable, publish_flow, publish_task
from flows.operations.drafts import DraftChanged, create_draft, publish_draft, save_draft
from flows.operations.naming import NameTaken
from flows.operations.renaming import rename_flow, rename_task
from flows.operations.runs import start_run
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.errors import InvalidRequest, NotFound
from flowsite.kernel.models import AuditEntry
from tests.factories import AN_INSTANT, make_element, make_flow_version, make_run, make_task_version, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = AN_INSTANT + timedelta(days=1)


def make_draft(name: str, script: str, **definition: Any) -> FlowDraft:
    """A flow that has a draft and no version."""
    draft = create_draft(name=name, by=SYSTEM)
    return save_draft(flow=draft.flow_id, revision=1, changes={"execution_script": script, **definition}, by=SYSTEM)


def test_every_use_is_told_with_its_place() -> None:
    make_task_version("Stop")
    reader = make_task_version("Report", command="echo {{ steps['Stop'].output | quote }}").task
    restart = make_flow_version(
        "Restart", execution_script="log('x')\nif run_task('Stop')['ok']:\n  run_task('Stop')\n"
    )
    fresh = make_flow_version("Fresh", execution_script="run_task('Other')\n", refresh=["Stop"])
    computing = make_flow_version("Any", execution_script="run_task('St' + inputs['x'])\n")
    draft = make_draft("New", "run_task('Stop')\n", refresh=["Stop"])
    broken = make_draft("Broken", "run_task('Stop'\n")
    uses = uses_of_task("Stop")
    assert uses.published == [
        Place("flow", fresh.flow_id, "Fresh", "refresh", version=1),
        Place("flow", restart.flow_id, "Restart", "call", 2, 2, 1),
        Place("flow", restart.flow_id, "Restart", "call", 3, 3, 1),
        Place("task", reader.pk, "Report", "results", 1, version=1),
    ]
    assert uses.drafts == [
        Place("draft", broken.flow_id, "Broken", "unreadable", by="[system]"),
        Place("draft", draft.flow_id, "New", "refresh", by="[system]"),
        Place("draft", draft.flow_id, "New", "call", 1, 1, by="[system]"),
    ]
    assert [place.id for place in uses.computing] == [computing.flow_id]


def test_many_drafts_are_named_as_far_as_a_sentence_takes_them() -> None:
    drafts = [Place("draft", number, f"F{number}", "call", line, by="a") for number in range(14) for line in (1, 2)]
    assert Uses(drafts=drafts[:4]).drafts_told == "F0, F1"
    assert Uses(drafts=drafts).drafts_told == "F0, F1, F2, F3, F4, F5, F6, F7, F8, F9 and 4 more"


def test_a_flow_is_used_by_its_callers_and_started_by_schedules() -> None:
    child = make_flow_version("Child").flow
    parent = make_flow_version("Parent", execution_script="run_flow('Child')\n")
    schedule = Schedule.objects.create(name="nightly", flow=child, cron="0 2 * * *")
    uses = uses_of_flow(child.pk, "Child")
    assert uses.published == [Place("flow", parent.flow_id, "Parent", "call", 1, 1, 1)]
    assert uses.schedules == [Place("schedule", schedule.pk, "nightly", "start")]
    with pytest.raises(StillInUse, match="the flow 'Parent' at line 1"):
        rename_flow(flow=child.pk, name="Kid", by=SYSTEM)
    make_flow_version("Parent", execution_script="log('alone')\n")
    rename_flow(flow=child.pk, name="Kid", by=SYSTEM)
    schedule.refresh_from_db()
    assert schedule.flow.name == "Kid"


def test_a_task_in_use_keeps_its_name_and_every_place_is_told() -> None:
    task = make_task_version("Stop").task
    make_flow_version("Restart", execution_script="run_task('Stop')\n")
    make_flow_version("Fresh", refresh=["Stop"])
    with pytest.raises(StillInUse) as refused:
        rename_task(task=task.pk, name="Halt", by=SYSTEM)
    assert str(refused.value) == (
        "the task 'Stop' is in use by the flow 'Fresh' in refresh, the flow 'Restart' at line 1. "
        "Publish them without it, then rename it"
    )
    assert [place.name for place in refused.value.places] == ["Fresh", "Restart"]
    assert Task.objects.get().name == "Stop"


def test_renaming_publishes_a_version_and_rewrites_drafts_byte_for_byte() -> None:
    task = make_task_version("Stop", command="systemctl stop x").task
    script = "# 'Stop' stays here\r\nx = run_task( \"Stop\",\tcheck=False )  # ä\n"
    draft = make_draft("New", script, refresh=["Stop", "Other"])
    other = make_draft("Untouched", "run_task('Stopp')\n")
    renamed = rename_task(task=task.pk, name="Halt", by=SYSTEM)
    assert (renamed.old, renamed.new, renamed.rewritten, renamed.left) == ("Stop", "Halt", ["New"], [])
    assert list(TaskVersion.objects.order_by("number").values_list("number", "name", "definition__command")) == [
        (1, "Stop", "systemctl stop x"), (2, "Halt", "systemctl stop x"),
    ]  # fmt: skip
    now = FlowDraft.objects.get(pk=draft.pk)
    assert now.execution_script == script.replace('"Stop"', '"Halt"')
    assert now.definition["refresh"] == ["Halt", "Other"]
    assert (now.revision, FlowDraft.objects.get(pk=other.pk).revision) == (draft.revision + 1, other.revision)
    with pytest.raises(DraftChanged):
        save_draft(flow=draft.flow_id, revision=draft.revision, changes={"execution_script": "pass\n"}, by=SYSTEM)
    told = AuditEntry.objects.get(action="renamed")
    assert (told.kind, told.name, told.details) == ("task", "Halt", {"from": "Stop", "drafts": ["New"]})


def test_a_draft_that_cannot_be_read_stays_and_is_told() -> None:
    task = make_task_version("Stop").task
    draft = make_draft("Broken", "run_task('Stop'\n")
    renamed = rename_task(task=task.pk, name="Halt", by=SYSTEM)
    assert [place.how for place in renamed.left] == ["unreadable"]
    now = FlowDraft.objects.get(pk=draft.pk)
    assert (now.execution_script, now.revision) == ("run_task('Stop'\n", draft.revision)


@pytest.mark.parametrize("name", ["", " Halt", "Halt\n", "x" * 201])
def test_a_name_must_be_one(name: str) -> None:
    task = make_task_version("Stop").task
    with pytest.raises(InvalidRequest):
        rename_task(task=task.pk, name=name, by=SYSTEM)


def test_a_name_that_is_taken_or_archived_is_refused() -> None:
    task = make_task_version("Stop").task
    make_task_version("Start")
    archived = make_task_version("Old").task
    archive_task(task=archived.pk, by=SYSTEM)
    for name, told in (("Start", "another task"), ("Old", "an archived task"), ("Stop", "already")):
        with pytest.raises(NameTaken, match=told):
            rename_task(task=task.pk, name=name, by=SYSTEM)
    with pytest.raises(NotFound):
        rename_task(task=archived.pk, name="New", by=SYSTEM)


def test_an_old_name_means_the_same_for_ever() -> None:
    """No other task or flow may take it, by any way in; its own may have it back."""
    task = make_task_version("Stop").task
    flow = make_flow_version("Restart").flow
    rename_task(task=task.pk, name="Halt", by=SYSTEM)
    rename_flow(flow=flow.pk, name="Roll", by=SYSTEM)
    with pytest.raises(NotPublishable, match="'Stop' was the name of the task 'Halt'"):
        publish_task(name="Stop", definition={"class": "command", "command": "true"}, by=SYSTEM)
    with pytest.raises(NotPublishable, match="'Restart' was the name of the flow 'Roll'"):
        publish_flow(
            name="Restart",
            definition={"mode": "serial", "target": {"all": True}},
            execution_script="log('x')\n",
            by=SYSTEM,
        )
    with pytest.raises(NameTaken, match="'Restart' was the name of the flow 'Roll'"):
        create_draft(name="Restart", by=SYSTEM)
    other = make_task_version("Other").task
    with pytest.raises(NameTaken, match="was the name of"):
        rename_task(task=other.pk, name="Stop", by=SYSTEM)
    assert not Task.objects.filter(name="Stop").exists()
    rename_task(task=task.pk, name="Stop", by=SYSTEM)
    assert list(task.versions.order_by("number").values_list("name", flat=True)) == ["Stop", "Halt", "Stop"]


def test_a_run_finds_what_it_began_with_under_the_names_of_its_scripts() -> None:
    """R25: replay is by name, and the name has become another one since."""
    make_task_version("Stop", command="first")
    make_flow_version("Child", execution_script="run_task('Stop')\n")
    parent = make_flow_version("Parent", execution_script="run_flow('Child')\n")
    run = make_run(parent, started_at=LATER)
    before = catalog_of_run(run.pk, LATER)
    make_flow_version("Parent", execution_script="log('alone')\n", at=LATER + timedelta(hours=1))
    make_flow_version("Child", execution_script="log('alone')\n", at=LATER + timedelta(hours=1))
    for rename, row, name in (
        (rename_task, {"task": Task.objects.get(name="Stop").pk}, "Halt"),
        (rename_flow, {"flow": Flow.objects.get(name="Child").pk}, "Kid"),
        (rename_flow, {"flow": parent.flow_id}, "Elder"),
    ):
        rename(**row, name=name, by=SYSTEM)
    run.refresh_from_db()
    assert catalog_of_run(run.pk, LATER) == before
    assert before.tasks["Stop"].command == "first"


def test_an_old_version_that_is_started_anew_finds_what_its_names_have_become() -> None:
    make_element("db1")
    task = make_task_version("Stop", command="first").task
    flow = make_flow_version("Restart", execution_script="run_task('Stop')\n").flow
    make_flow_version("Restart", execution_script="log('no more')\n")
    rename_task(task=task.pk, name="Halt", by=SYSTEM)
    rename_flow(flow=flow.pk, name="Roll", by=SYSTEM)
    publish_task(name="Halt", definition={"class": "command", "command": "second"}, by=SYSTEM)
    run = start_run(flow="Roll", version=1, by=SYSTEM, enqueue=False)
    catalog = catalog_of_run(run.pk, timezone.now())
    assert (run.flow_name, catalog.tasks["Stop"].command, catalog.tasks["Stop"].name) == ("Roll", "second", "Stop")
    assert catalog.versions["Roll"] == FlowVersion.objects.get(flow=flow, number=1).pk


def test_a_script_that_computes_names_reaches_old_ones_too() -> None:
    task = make_task_version("Stop", command="first").task
    flow = make_flow_version("Any", execution_script="run_task('St' + inputs['x'])\n")
    rename_task(task=task.pk, name="Halt", by=SYSTEM)
    assert set(catalog_as_of(flow.pk, timezone.now()).tasks) == {"Stop", "Halt"}
    assert set(catalog_as_of(flow.pk, LATER).tasks) == {"Stop"}


def test_a_flow_keeps_its_draft_and_its_runs() -> None:
    flow = make_flow_version("Restart", execution_script="run_flow('Restart2')\n").flow
    make_flow_version("Restart2")
    make_run(flow.versions.get())
    draft = save_draft(flow=flow.pk, revision=0, changes={"execution_script": "log('new')\n"}, by=SYSTEM)
    rename_flow(flow=flow.pk, name="Roll", by=SYSTEM)
    now = FlowDraft.objects.get(pk=draft.pk)
    assert (now.base_version, now.revision, now.flow.name) == (2, draft.revision, "Roll")
    values = {"mode": "serial", "target": {"all": True}, "processing_script": "", "execution_script": "log('new')\n"}
    publish_draft(flow=flow.pk, revision=now.revision, values=values, by=SYSTEM)
    assert list(flow.versions.order_by("number").values_list("name", flat=True)) == ["Restart", "Roll", "Roll"]
    assert Run.objects.get().flow_name == "Restart"


def test_a_flow_without_a_version_is_renamed_and_its_callers_drafts_with_it() -> None:
    flow = make_draft("Child", "log('x')\n").flow
    caller = make_draft("Parent", "run_flow('Child', elements=elements)\n")
    assert rename_flow(flow=flow.pk, name="Kid", by=SYSTEM).rewritten == ["Parent"]
    assert FlowDraft.objects.get(pk=caller.pk).execution_script == "run_flow('Kid', elements=elements)\n"
    assert not FlowVersion.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_renaming_is_for_authors(role: str) -> None:
    task, flow = make_task_version("Stop").task, make_flow_version("Restart").flow
    somebody = make_user(role)
    with pytest.raises(AccessDenied):
        rename_task(task=task.pk, name="Halt", by=somebody)
    with pytest.raises(AccessDenied):
        rename_flow(flow=flow.pk, name="Roll", by=somebody)
