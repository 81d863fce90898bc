"""The value of a secret input is used, and seen nowhere: not in the database, an answer, a page, a log or an export."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client

from elements.models import Setting
from elements.operations import save_element, save_profile
from flows import wiring
from flows.adapters.journal import DatabaseJournal
from flows.adapters.sealing import inputs_of_run
from flows.documents.exporting import dump_document
from flows.documents.stored import EXPORTED, stored_documents
from flows.models import Run, RunElement, RunEvent, Schedule, StepOutput, StepRun
from flows.operations.apply import DocumentRefused, write_documents
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.plan import plan_flow
from flows.operations.queueing import IdempotencyKeyUsed, InputsRefused
from flows.operations.runs import answer_question, start_run
from flows.operations.schedules import what_to_start
from flows.runner.commit_queue import JournalFailed
from flowsite.kernel.access import SYSTEM, Role
from tests.factories import make_user
from tests.live.sites import Socket, session

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

#: Spelled otherwise by shells and by JSON, so that no mask of the plain value alone would do.
SECRET = "hun'ter\"22é\\x"
#: Parts of it that no spelling changes: whoever shows one of them has not masked it.
TELLING = ("hun'ter", 'ter\\"22', 'ter"22', "22é", "22\\u00e9")
PASSWORD = {"name": "password", "type": "secret", "required": True}

CHILD = """
log('child has ' + inputs['pin'])
run_task('Show', password=inputs['pin'])
"""
PARENT = """
log('parent has ' + inputs['password'])
run_task('Show', password=inputs['password'])
found = run_task('Ask', password=inputs['password'])
log('data ' + str(found['data']))
set_context('told', inputs['password'])
run_flow('Child', pin=inputs['password'], note='for ' + inputs['password'])
run_task('Fail', check=False, password=inputs['password'])
"""
ENDS = {
    "fail": "fail('because of ' + inputs['password'])",
    "abort": "abort('because of ' + inputs['password'])",
    "finish": "finish('done with ' + inputs['password'])",
    "an error": "{}[inputs['password']]",
    "another error": "raise ValueError(inputs['password'])",
    "a step that nobody knows": "run_task(inputs['password'])",
    "an input that is none": "run_task('Sho' + 'w', password=inputs['password'], more=inputs['password'])",
    "a child's input of another type": "run_flow('Child', pin=inputs['password'], count=inputs['password'])",
    "an argument": "sleep(inputs['password'])",
    "its own secret": "run_task('Show', password='x' + inputs['password'])\nlog('x' + inputs['password'])",
    "an element that is none": "run_flow('Child', elements=[inputs['password']], pin='other-secret')",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An element, tasks that show, print as JSON, and fail with a secret, and two flows; the file that Show writes."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    save_element(name="E1", profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)
    seen = tmp_path / "seen"
    seen.touch()
    value = "{{ inputs.password | quote }}"
    commands: dict[str, dict[str, Any]] = {
        "Show": {"command": f"echo {value} | tee -a {seen}; echo {value} >&2"},
        "Ask": {
            "command": f"printf '%s' {value} | python3 -c 'import json, sys; print(json.dumps([sys.stdin.read()]))'",
            "parse": "json",
            "save": {"asked.first": "data.0", "asked.output": "output"},
        },
        "Fail": {"command": f"echo {value} >&2; exit 3"},
    }
    for name, keys in commands.items():
        definition = {"class": "command", "on_interrupt": "retry", "inputs": [PASSWORD], **keys}
        publish_task(name=name, definition=definition, by=SYSTEM)
    publish("Child", CHILD, [{**PASSWORD, "name": "pin"}, {"name": "note"}, {"name": "count", "type": "integer"}])
    publish("Parent", PARENT)
    return seen


def publish(name: str, script: str, inputs: list[dict[str, Any]] | None = None, mode: str = "serial") -> None:
    definition = {"mode": mode, "target": {"all": True}, "inputs": inputs or [PASSWORD]}
    publish_flow(name=name, definition=definition, execution_script=script, by=SYSTEM)


def start(flow: str = "Parent", **options: Any) -> Run:
    return start_run(flow=flow, inputs={"password": SECRET}, by=SYSTEM, enqueue=False, **options)


def in_the_database() -> Iterator[str]:
    """Every value of every row."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            for value in row:
                yield value.decode(errors="replace") if isinstance(value, bytes) else repr(value) + str(value)


def assert_unseen(texts: Iterator[str] | list[str]) -> None:
    shown = [text for text in texts if any(part in text for part in TELLING)]
    assert not shown, shown[:3]


def test_a_secret_is_used_and_seen_nowhere(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    """R12, R22, R43."""
    run = start(reason=f"trying {SECRET}")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert (run.state, run.reason) == ("succeeded", "")
    assert site.read_text() == f"{SECRET}\n" * 2, "tasks of the run and of its child get the value"
    assert_unseen(in_the_database())
    assert_unseen([caplog.text])

    logs = list(StepRun.objects.filter(step="log").order_by("id").values_list("name", flat=True))
    assert logs == ["parent has ***", "data ['***']", "child has ***"]
    [failed] = StepRun.objects.filter(name="Fail")
    assert failed.reason == "exit code 3: ***"
    assert {
        bytes(piece) for piece in StepOutput.objects.filter(element_name="E1", site=2).values_list("content", flat=True)
    } >= {b"***\n"}
    assert dict(Setting.objects.values_list("key", "value")) == {
        "told": "***", "asked.first": "***", "asked.output": '["***"]\n',
    }  # fmt: skip
    assert run.inputs == {"password": "•••"}
    assert run.run_reason == "trying ***"
    child = Run.objects.get(root=run)
    assert child.inputs == {"pin": "•••", "note": "for ***", "count": None}
    assert inputs_of_run(child) == {"pin": SECRET, "note": f"for {SECRET}", "count": None}


@pytest.mark.parametrize("ending", ENDS)
def test_a_secret_is_in_no_error(site: Path, caplog: pytest.LogCaptureFixture, ending: str) -> None:
    """R6, R11, R22, R43: whatever goes wrong with it."""
    publish("Parent", ENDS[ending])
    run = start()
    assert wiring.advance(run.pk) == "ended"
    element = RunElement.objects.get(run=run)
    assert element.state == ("succeeded" if ending in ("finish", "its own secret") else "failed")
    assert_unseen(in_the_database())
    assert_unseen([caplog.text])


def test_a_question_tells_no_secret(site: Path) -> None:
    """R14: neither the question, nor the run that waits for its answer, nor what it answers."""
    publish("Parent", "approve('may I use ' + inputs['password'])\nlog(str(get_context()) + inputs['password'])")
    run = start()
    assert wiring.advance(run.pk) == "suspended"
    run.refresh_from_db()
    assert (run.state, run.reason) == ("waiting", "approval: may I use ***")
    answer_question(run=run.pk, question=1, answer="approve", by=SYSTEM, comment=f"fine, {SECRET} it is")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "succeeded"
    assert_unseen(in_the_database())


def test_r23_callers_with_different_secrets_have_children_of_their_own(site: Path) -> None:
    """What one element passes on is masked for it, and for the others once a child has started with it."""
    save_element(name="E2", profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)
    script = """
pin = inputs['password'] + element['name']
log('before ' + pin)
run_task('Show', password=pin)
log('between ' + pin)
run_flow('Child', pin=pin)
log('after ' + inputs['password'] + 'E1')
"""
    publish("Parent", script, mode="parallel")
    run = start()
    assert wiring.advance(run.pk) == "ended"
    assert sorted(site.read_text().split()) == sorted(2 * [f"{SECRET}E1", f"{SECRET}E2"])
    logs = StepRun.objects.filter(run=run, step="log").order_by("site", "element_name").values_list("name", flat=True)
    assert list(logs) == ["before ***E1", "before ***E2", "between ***", "between ***", "after ***", "after ***"]
    assert [child.inputs["pin"] for child in Run.objects.filter(root=run)] == ["•••", "•••"]
    assert_unseen(in_the_database())


def test_a_processing_script_tells_no_secret(site: Path) -> None:
    """R6."""
    definition = {"mode": "serial", "target": {"all": True}, "inputs": [PASSWORD]}
    script = "filter_flow_elements(elements, lambda e: e['context'][inputs['password']])"
    publish_flow(name="Parent", definition=definition, processing_script=script, execution_script="log('x')", by=SYSTEM)
    run = start()
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "failed"
    assert "***" in run.reason
    assert_unseen(in_the_database())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "crash"), [*(("serial", n) for n in range(2, 20, 3)), *(("parallel", n) for n in range(3, 19, 3))]
)
def test_a_run_that_died_goes_on_with_its_secret(
    site: Path, monkeypatch: pytest.MonkeyPatch, mode: str, crash: int
) -> None:
    """R36, R37: the script sees the value again, the journal the mask, and what was recorded is what is asked for."""
    save_element(name="E2", profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)
    publish("Parent", "x = 'x' + inputs['password']\nrun_task('Show', password=x)\nlog(x)\n" + PARENT, mode=mode)
    run = start()
    append, commits = DatabaseJournal._append, iter(range(1, 1000))

    def dies(self: DatabaseJournal, *arguments: Any) -> int:
        if next(commits) == crash:
            raise RuntimeError("the worker dies")
        return append(self, *arguments)

    monkeypatch.setattr(DatabaseJournal, "_append", dies)
    with pytest.raises(JournalFailed):
        wiring.advance(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_until=None, lease_owner="")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert (run.state, run.reason) == ("succeeded", "")
    assert_unseen(in_the_database())
    assert {f"x{SECRET}", SECRET} == set(site.read_text().splitlines())


@pytest.mark.slow
def test_no_answer_and_no_page_shows_a_secret(site: Path) -> None:
    run = start()
    assert wiring.advance(run.pk) == "ended"
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    child = Run.objects.get(root=run)
    answers = [
        client.get(address)
        for pk in (run.pk, child.pk)
        for address in (
            f"/runs/{pk}/", f"/api/runs/{pk}/", f"/api/runs/{pk}/events/", f"/api/runs/{pk}/steps/",
            f"/api/runs/{pk}/elements/", "/api/runs/", "/runs/", "/", "/elements/", "/api/elements/",
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {200}
    shown = [answer.content.decode() for answer in answers]
    assert "•••" in shown[0] or "\\u2022" in shown[0]
    assert json.loads(shown[1])["inputs"] == {"password": "•••"}
    assert_unseen(shown)


@pytest.mark.parametrize("path", ["/ws/runs/{}/?after=0", "/ws/runs/{}/?view=matrix"])
def test_no_socket_tells_a_secret(site: Path, path: str) -> None:
    run = start()
    assert wiring.advance(run.pk) == "ended"

    headers = session("viewer")

    async def act() -> list[Any]:
        async with Socket(path.format(run.pk), headers) as socket:
            frames = [await socket.frame()]
            await socket.send({"type": "rows", "run": run.pk, "from": 0, "to": 10})
            return [*frames, *([await socket.frame()] if "matrix" in path else [])]

    try:
        assert_unseen([json.dumps(asyncio.run(act()))])
    finally:
        connections.close_all()


def test_a_plan_tells_no_secret(site: Path) -> None:
    """R40."""
    publish("Parent", "log('has ' + inputs['password'])\nrun_flow('Child', pin=inputs['password'])")
    plan = plan_flow(flow="Parent", inputs={"password": SECRET})
    assert [wave.name for wave in plan.waves] == ["has ***", "Child", "child has ***", "Show"]
    assert_unseen([json.dumps(plan.to_json()), json.dumps(plan.to_json(), ensure_ascii=False)])


@pytest.mark.parametrize("secret", ["", "abc", "•••"])
def test_a_secret_that_cannot_be_masked_starts_nothing(site: Path, secret: str) -> None:
    with pytest.raises(InputsRefused, match=r"input .password. is .*expected a text of at least 4 characters"):
        start_run(flow="Parent", inputs={"password": secret}, by=SYSTEM, enqueue=False)
    assert not Run.objects.exists()


def test_a_refusal_does_not_tell_the_secret_that_was_given_beside(site: Path) -> None:
    with pytest.raises(InputsRefused) as refused:
        start_run(flow="Child", inputs={"pin": SECRET, "count": SECRET, SECRET: 1}, by=SYSTEM, enqueue=False)
    assert_unseen([str(refused.value), *refused.value.fields["inputs"]])


def test_the_same_key_with_another_secret_is_another_start(site: Path) -> None:
    first = start(idempotency_key="k")
    assert start(idempotency_key="k") == first
    with pytest.raises(IdempotencyKeyUsed):
        start_run(flow="Parent", inputs={"password": "another"}, by=SYSTEM, enqueue=False, idempotency_key="k")


def schedule(**inputs: str) -> list[str]:
    values = {
        "name": "Nightly", "flow": "Parent", "days": ["sun"], "times": ["02:00"], "cron": "", "timezone": "UTC",
        "overlap": "skip", "missed": "skip", "inputs": inputs, "elements": [], "version": "latest", "run_as": "",
        "start": None, "end": None, "blackout": [], "owner": "", "note": "", "enabled": True,
    }  # fmt: skip
    return write_documents(documents=[("Schedule", values)], by=SYSTEM)


def test_a_schedule_starts_with_its_secret_and_shows_none(site: Path) -> None:
    assert schedule(password=SECRET) == ["created"]
    assert_unseen(in_the_database())
    stored = Schedule.objects.get()
    assert stored.inputs == {"password": "•••"}
    assert what_to_start(stored)["inputs"] == {"password": SECRET}
    assert schedule(password=SECRET) == ["unchanged"]
    assert schedule(password="•••") == ["unchanged"], "what an export shows stands for what is stored"
    assert schedule(password="another") == ["updated"]
    assert what_to_start(Schedule.objects.get())["inputs"] == {"password": "another"}
    with pytest.raises(DocumentRefused, match="at least 4 characters"):
        schedule(password="no")
    assert what_to_start(Schedule.objects.get())["inputs"] == {"password": "another"}


def test_a_mask_without_a_stored_secret_is_no_input_of_a_schedule(site: Path) -> None:
    with pytest.raises(DocumentRefused, match="stands for a secret that is not shown"):
        schedule(password="•••")


def test_an_export_shows_no_secret(site: Path) -> None:
    schedule(password=SECRET)
    assert wiring.advance(start().pk) == "ended"
    texts = [dump_document(kind, values) for kind in EXPORTED for values in stored_documents(kind)]
    assert any("password: •••" in text for text in texts)
    assert_unseen(texts)


def test_under_another_key_a_run_ends_with_the_reason(site: Path) -> None:
    run = start()
    Run.objects.filter(pk=run.pk).update(sealed_inputs=b"sealed elsewhere")
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "failed"
    assert "encrypted with another key" in run.reason
    assert RunEvent.objects.filter(root=run).exists()
