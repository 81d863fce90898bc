"""Tasks in the browser: the list, the page of one with its form, archiving, and the preview behind it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from flows.models import FlowDraft, StepRun, Task, TaskVersion
from flows.tasks.filter_words import FILTER_WORDS
from flows.tasks.sandbox import FILTERS
from flowsite.kernel.models import AuditEntry
from tests.factories import (
    AN_INSTANT,
    make_credential,
    make_element,
    make_flow_version,
    make_group,
    make_profile,
    make_run,
    make_task_version,
)
from tests.web.people import client_of, main_text, person

pytestmark = pytest.mark.django_db

SENT = {
    "name": "Stop service",
    "command": "systemctl stop {{ inputs.service | quote }}\n",
    "timeout": "60",
    "retries": "2",
    "retry_delay": "0.5",
    "on_interrupt": "retry",
    "input-name": ["service", "grace", ""],
    "input-type": ["string", "integer", "string"],
    "input-required": ["yes", "", ""],
    "input-default": ["", "15", ""],
}


@pytest.mark.parametrize("role", ["viewer", "operator", "author", "administrator"])
def test_everybody_with_a_role_sees_tasks(role: str) -> None:
    task = make_task_version("Stop").task
    client = client_of(role)
    assert client.get("/tasks/").status_code == 200
    text = main_text(client.get(f"/tasks/{task.pk}/"))
    assert ('<fieldset class="card-body" disabled>' in text) is (role in ("viewer", "operator"))
    assert ("Archive" in text) is (role not in ("viewer", "operator"))


@pytest.mark.parametrize("page", ["/tasks/", "/tasks/new/", "/tasks/1/"])
def test_who_is_not_signed_in_is_asked_to(page: str) -> None:
    assert Client().get(page)["Location"].startswith("/login/")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 403), ("author", 200)])
def test_new_tasks_are_for_authors(role: str, status: int) -> None:
    assert client_of(role).get("/tasks/new/").status_code == status


def test_a_task_is_made_by_its_form() -> None:
    answer = client_of("author").post("/tasks/new/", SENT)
    version = TaskVersion.objects.get(task__name="Stop service")
    assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{version.task_id}/")
    assert version.definition == {
        "class": "command",
        "command": "systemctl stop {{ inputs.service | quote }}\n",
        "timeout": 60,
        "retries": 2,
        "retry_delay": 0.5,
        "on_interrupt": "retry",
        "inputs": [
            {"name": "service", "type": "string", "required": True, "default": None},
            {"name": "grace", "type": "integer", "required": False, "default": 15},
        ],
    }


WHOLE = {
    **SENT,
    "retry_backoff": "2",
    "retry_jitter": "0.25",
    "parse": "json",
    "save": "service.state: data.state\nservice.seen: output\n",
    "input-name": ["colour", "ports", "password", ""],
    "input-type": ["choice", "list", "secret", "string"],
    "input-required": ["", "", "yes", ""],
    "input-default": ["blue", "80, 443", "", ""],
    "input-choices": ["blue, green", "", "", ""],
    "input-of": ["", "integer", "string", ""],
    "input-description": ["of the paint", "", "", ""],
    "command": "true",
}


def test_a_form_has_every_key_of_a_task_and_shows_it_again() -> None:
    """R28, R43."""
    author = client_of("author")
    assert author.post("/tasks/new/", WHOLE).status_code == 302
    version = TaskVersion.objects.get()
    told = {key: version.definition[key] for key in ("retry_backoff", "retry_jitter", "parse", "save", "inputs")}
    assert told == {
        "retry_backoff": 2,
        "retry_jitter": 0.25,
        "parse": {"type": "json"},
        "save": {"service.state": "data.state", "service.seen": "output"},
        "inputs": [
            {
                "name": "colour", "type": "choice", "required": False, "default": "blue", "choices": ["blue", "green"],
                "description": "of the paint",
            },
            {"name": "ports", "type": "list", "required": False, "default": [80, 443], "of": "integer"},
            {"name": "password", "type": "secret", "required": True, "default": None},
        ],
    }  # fmt: skip
    form = author.get(f"/tasks/{version.task_id}/").context["form"]
    shown = {name: form[name].value() for name in ("retry_backoff", "retry_jitter", "parse", "save")}
    assert shown == {
        "retry_backoff": 2, "retry_jitter": 0.25, "parse": "json",
        "save": "service.state: data.state\nservice.seen: output",
    }  # fmt: skip
    assert [(row.default, row.choices, row.of) for row in form.inputs.rows] == [
        ("blue", "blue, green", ""), ("80, 443", "", "integer"), ("", "", ""), ("", "", ""),
    ]  # fmt: skip
    author.post(f"/tasks/{version.task_id}/", {**WHOLE, "base": "1"})
    assert TaskVersion.objects.count() == 1


def test_saving_publishes_a_version_unless_nothing_differs() -> None:
    author = client_of("author")
    author.post("/tasks/new/", SENT)
    task = Task.objects.get()
    address = f"/tasks/{task.pk}/"
    shown = author.get(address).context["form"]
    assert [row.default for row in shown.inputs.rows] == ["", "15", ""]
    author.post(address, {**SENT, "base": "1"})
    assert "Nothing differs" in main_text(author.get(address))
    author.post(address, {**SENT, "base": "1", "timeout": "90"})
    assert list(task.versions.values_list("number", "definition__timeout")) == [(2, 90), (1, 60)]
    old = author.get(f"{address}?version=1")
    assert (old.context["shown"].number, old.context["form"]["timeout"].value()) == (1, 60)
    assert author.get(f"{address}?version=7").status_code == 404


@pytest.mark.parametrize(
    ("inputs", "example"),
    [
        ([], "run_task('Check disk')"),
        ([{"name": "service", "required": True}], "run_task('Check disk', service='sample')"),
        (
            [
                {"name": "grace", "type": "integer", "default": 15},
                {"name": "force", "type": "boolean"},
                {"name": "on", "type": "element", "required": True},
                {"name": "left_out"},
            ],
            "run_task('Check disk', on='web1', grace=15, force=False)",
        ),
        (
            [
                {"name": "colour", "type": "choice", "choices": ["blue", "green"]},
                {"name": "ports", "type": "list", "of": "integer"},
                {"name": "password", "type": "secret"},
            ],
            "run_task('Check disk', colour='blue', ports=[1], password=inputs['password'])",
        ),
    ],
)
def test_the_example_of_a_call_has_the_inputs_of_the_task(inputs: list[dict[str, Any]], example: str) -> None:
    task = make_task_version("Check disk", inputs=inputs).task
    page = main_text(client_of("author").get(f"/tasks/{task.pk}/")).replace("&#x27;", "'")
    assert f"<code>{example}</code>" in page


def test_the_second_of_two_who_edit_is_told_and_loses_nothing() -> None:
    task = make_task_version("Stop").task
    make_task_version("Stop", command="false")
    author, address = client_of("author"), f"/tasks/{task.pk}/"
    answer = author.post(address, {**SENT, "base": "1", "timeout": "4711"})
    assert answer.status_code == 422
    text = main_text(answer)
    assert "has published version 2 since" in text
    assert "4711" in text
    assert 'name="base" value="2"' in text
    assert author.post(address, {**SENT, "base": "2", "timeout": "4711"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"name": ""}, "name", "is missing"),
        ({"name": "Start"}, "name", "is taken"),
        ({"command": ""}, "command", "is missing"),
        ({"command": "a\n{{ b | qoute }}"}, "command", "line 2: no filter 'qoute'; did you mean 'quote'?"),
        ({"command": "{{ b"}, "command", "line 1"),
        ({"timeout": "soon"}, "timeout", "'soon'"),
        ({"timeout": "0"}, "timeout", "greater than 0"),
        ({"retries": "-1"}, "retries", "whole number"),
        ({"retry_backoff": "0.5"}, "retry_backoff", "expected a number from 1 to 100"),
        ({"retry_jitter": "much"}, "retry_jitter", "expected a number from 0 to 1"),
        ({"parse": "xml"}, "parse", "xml"),
        ({"save": "a: data.x"}, "save", "without parse there is no data"),
        ({"save": "a"}, "save", "expected keys with values"),
        ({"on_interrupt": "shrug"}, "on_interrupt", "shrug"),
        ({"input-name": ["check", "grace", ""]}, "__all__", "see their rows"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    change: dict[str, Any], field: str, problem: str
) -> None:
    make_task_version("Start")
    answer = client_of("author").post("/tasks/new/", {**SENT, **change})
    assert answer.status_code == 422
    assert problem in " ".join(answer.context["form"].errors[field])
    assert "grace" in main_text(answer)
    assert not Task.objects.filter(name="Stop service").exists()


@pytest.mark.parametrize(
    ("typed", "default"), [("15", 15), ('"15"', "15"), ("late", "late"), ('{"db1": [1, null]}', {"db1": [1, None]})]
)
def test_the_default_of_any_value_is_json_where_it_reads_as_json(typed: str, default: object) -> None:
    """R43."""
    author = client_of("author")
    sent = {**SENT, "input-type": ["string", "any", ""], "input-default": ["", typed, ""]}
    assert author.post("/tasks/new/", sent).status_code == 302
    version = TaskVersion.objects.get()
    assert version.definition["inputs"][1] == {"name": "grace", "required": False, "default": default}
    row = author.get(f"/tasks/{version.task_id}/").context["form"].inputs.rows[1]
    assert (row.type, row.default) == ("any", typed)


@pytest.mark.parametrize(
    ("change", "row", "problem"),
    [
        ({"input-name": ["two words", "grace", ""]}, 0, "letters, digits and _"),
        ({"input-name": ["service", "service", ""]}, 1, "a name that no other input has"),
        ({"input-name": ["service", "", ""]}, 1, "name"),
        ({"input-default": ["", "some", ""]}, 1, "expected a whole number"),
        ({"input-name": ["timeout", "grace", ""]}, 0, "does not use itself"),
        ({"input-type": ["choice", "integer", ""]}, 0, "a list of different texts"),
        ({"input-type": ["string", "secret", ""]}, 1, "anybody could read it"),
        ({"input-choices": ["a, b", "", ""]}, 0, "only a choice"),
    ],
)
def test_what_is_wrong_with_an_input_stands_at_its_row(change: dict[str, Any], row: int, problem: str) -> None:
    answer = client_of("author").post("/tasks/new/", {**SENT, **change})
    assert answer.status_code == 422
    assert problem in " ".join(answer.context["form"].inputs.rows[row].problems)


def test_all_that_is_wrong_is_told_at_once() -> None:
    answer = client_of("author").post("/tasks/new/", {**SENT, "timeout": "soon", "command": "{{ a | qoute }}"})
    assert set(answer.context["form"].errors) == {"timeout", "command"}


def test_a_list_tells_where_tasks_are_used_and_how_they_went_last() -> None:
    make_task_version("Stop")
    make_task_version("Task 10")
    make_task_version("Task 2")
    flow = make_flow_version("Restart", execution_script="run_task('Stop')\nrun_task('Stop')\n")
    run = make_run(flow)
    for status in ("succeeded", "failed"):
        StepRun.objects.create(
            run=run,
            element_name="db1",
            site=1,
            turn=1,
            attempt=1 if status == "succeeded" else 2,
            step="run_task",
            name="Stop",
            line=1,
            status=status,
            finished_at=AN_INSTANT,
        )
    viewer = client_of("viewer")
    rows = {row.name: row for row in viewer.get("/tasks/").context["rows"]}
    assert list(rows) == ["Stop", "Task 2", "Task 10"]
    assert [name.name for name in rows["Stop"].flows] == ["Restart"]
    assert (rows["Stop"].last.status, rows["Stop"].last.run, rows["Task 2"].last) == ("failed", run.pk, None)
    assert [row.name for row in viewer.get("/tasks/?search=task&order=-name").context["rows"]] == ["Task 10", "Task 2"]
    page = main_text(viewer.get(f"/tasks/{Task.objects.get(name='Stop').pk}/"))
    assert f"/flows/{flow.flow_id}/" in page
    assert 'data-state="failed"' in page


def test_a_list_costs_the_same_queries_whatever_its_length() -> None:
    viewer = client_of("viewer")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert viewer.get("/tasks/").status_code == 200
        return len(captured)

    make_task_version("A")
    make_flow_version("F0", execution_script="run_task('A')\n")
    few = queries()
    for number in range(30):
        make_task_version(f"T{number}")
        make_flow_version(f"F{number + 1}", execution_script=f"run_task('T{number}')\n")
    assert queries() == few <= 7


def test_a_task_in_use_is_not_archived_and_its_users_are_named() -> None:
    task = make_task_version("Stop").task
    make_flow_version("Restart", execution_script="run_task('Stop' if current == last else 'Other')\n")
    author, address = client_of("author"), f"/tasks/{task.pk}/archive/"
    asked = main_text(author.get(f"/tasks/{task.pk}/")).replace("&#x27;", "'")
    assert "Stop cannot be archived while it is in use. The task 'Stop' is in use by the flow 'Restart'" in asked
    assert "at line 1. Take it out" in asked
    assert "data-confirm" not in asked
    refused = author.post(address, follow=True)
    assert "the flow 'Restart'" in main_text(refused).replace("&#x27;", "'")
    assert not Task.objects.get(pk=task.pk).archived
    make_flow_version("Restart", execution_script="log('no more')\n")
    assert 'data-confirm="Archive Stop? Flows can no longer call it.' in main_text(author.get(f"/tasks/{task.pk}/"))
    assert client_of("operator").post(address).status_code == 403
    assert author.post(address).status_code == 302
    task.refresh_from_db()
    assert task.archived
    assert AuditEntry.objects.filter(action="archived", kind="task", name="Stop").exists()
    assert author.get(f"/tasks/{task.pk}/").status_code == 404
    assert "Stop" not in [row.name for row in author.get("/tasks/").context["rows"]]


class TestPreview:
    """``POST /api/tasks/preview``."""

    def ask(self, role: str = "viewer", **body: Any) -> Any:
        """The answer's body."""
        client = APIClient()
        client.force_login(person(role))
        body.setdefault("definition", {"command": "stop {{ inputs.service | quote }} on {{ zone | quote }}"})
        return client.post("/api/tasks/preview", body, format="json")

    def test_shows_the_command_as_the_element_gets_it(self) -> None:
        make_element("db1", settings={"zone": "eu west"})
        answer = self.ask(element="db1", inputs={"service": "nginx"})
        assert answer.json().items() >= {"rendered": "stop nginx on 'eu west'", "problems": []}.items()

    def test_tells_what_a_template_can_name_and_where_it_comes_from_without_secrets(self) -> None:
        """R42, R43. Also while the template is half written."""
        make_credential("other", password="a secret word")
        settings = {"disk-use": 97, "net.0.host": "a", "run": "mine", "word": "a secret word" * 9}
        make_element("db1", profile=make_profile(context={"ports": [80, 443]}), settings=settings)
        answer = self.ask(definition={"command": "stop {{ por"}, element="db1")
        names = {name["name"]: (name["value"], name["from"]) for name in answer.json()["names"]}
        assert {key: names[key] for key in names if not key.startswith(("run.", "element.id"))} == {
            "ports": ("[80, 443]", "profile linux"),
            "element.context['disk-use']": ("97", "own setting"),
            "net.0.host": ("a", "own setting"),
            "element.context.run": ("mine", "own setting"),
            "word": ("*" * 27, "own setting"),
            "element.name": ("db1", "the element"),
            "element.address": ("", "the element"),
            "element.profile": ("linux", "the element"),
            "element.groups": ("[]", "the element"),
        }
        assert names["run.flow"] == ("preview", "the run; a sample here")
        assert self.ask(definition={"command": "true"}).json()["names"] == []

    def test_reads_typed_texts_as_declared_and_names_what_is_missing(self) -> None:
        make_element("db1", settings={"zone": "eu"})
        inputs = [{"name": "n", "type": "integer"}, {"name": "must", "required": True}]
        definition = {"command": "{{ inputs.n + 1 }}", "inputs": inputs}
        answer = self.ask(definition=definition, element="db1", inputs={"n": "4", "must": "x"})
        assert answer.data["rendered"] == "5"
        answer = self.ask(definition=definition, element="db1", inputs={"n": "many"})
        assert (answer.data["rendered"], answer.data["problems"][0]["key"]) == (None, "inputs")
        answer = self.ask(definition=definition, element="db1", inputs={"n": "4", "must": ""})
        assert "'must' is missing" in answer.data["problems"][0]["message"]

    def test_tells_the_line_of_what_cannot_be_rendered(self) -> None:
        make_element("db1", settings={"zone": "eu"})
        answer = self.ask(definition={"command": "a\nb {{ zonne }}"}, element="db1")
        [problem, _] = answer.data["problems"]
        assert (problem["line"], problem["severity"]) == (2, "error")
        assert "did you mean 'zone'?" in problem["message"]

    def test_tells_what_is_wrong_with_the_task_itself(self) -> None:
        answer = self.ask(definition={"command": "{{ x | qoute }}", "timeout": 5})
        assert answer.data["problems"][0]["message"] == "no filter 'qoute'; did you mean 'quote'?"
        answer = self.ask(definition={"comand": "true"})
        assert {problem["key"] for problem in answer.data["problems"]} == {"command", "comand"}

    def test_warns_of_values_that_are_not_quoted(self) -> None:
        [problem] = self.ask(definition={"command": "rm {{ path }}"}).data["problems"]
        assert (problem["severity"], problem["line"]) == ("warning", 1)

    def test_masks_every_secret(self) -> None:
        make_credential("other", password="a secret word")
        profile = make_profile(
            "ssh", connection={"type": "ssh", "user": "ops"}, credential=make_credential(password="pw")
        )
        make_element("db1", profile=profile, settings={"a": "a secret word", "b": "pw"})
        answer = self.ask(definition={"command": "{{ a | quote }} {{ b | quote }}"}, element="db1")
        assert answer.data["rendered"] == "'***' ***"
        answer = self.ask(definition={"command": "{{ a | int + 'x' }}"}, element="db1")
        assert "a secret word" not in str(answer.data)

    def test_masks_inputs_that_the_call_names_as_secret(self) -> None:
        make_element("db1")
        task = {"command": "echo {{ inputs.words | quote }}", "inputs": [{"name": "words", "type": "string"}]}
        asked: dict[str, Any] = {"definition": task, "element": "db1", "inputs": {"words": "hunter2secret"}}
        assert self.ask(**asked).data["rendered"] == "echo hunter2secret"
        assert self.ask(**asked, secrets=["words"]).data["rendered"] == "echo ***"

    def test_names_what_may_be_an_input_that_was_forgotten(self) -> None:
        """R43. Not what any element, group or profile says, what a task saves, or what is declared."""
        make_element("db1", profile=make_profile(context={"port": 1}), settings={"net.0.host": "a", "zone": "eu"})
        make_group("eu", context={"site.name": "x"})
        make_task_version("Read role", command="true", save={"role.now": "output"})
        command = (
            "{{ port }}{{ net.0 }}{{ zone }}{{ site }}{{ role }}{{ service }} {{ inputs.a }}{{ inputs.b }}{{ run.id }}"
        )
        definition = {"command": command, "inputs": [{"name": "a"}]}
        found = [{"name": "b", "is_input": True}, {"name": "service", "is_input": False}]
        assert self.ask(definition=definition).json()["undeclared"] == found
        assert self.ask(definition=definition, element="db1").json()["undeclared"] == found
        assert self.ask(definition={"command": "{{ service"}).json()["undeclared"] == []

    def test_refuses_an_element_that_a_flow_could_not_select(self) -> None:
        make_element("db1", enabled=False)
        answer = self.ask(element="db1")
        assert (answer.data["rendered"], answer.data["problems"][0]["key"]) == (None, "element")

    def test_needs_somebody_signed_in_and_known_keys(self) -> None:
        assert APIClient().post("/api/tasks/preview", {}, format="json").status_code in (401, 403)
        assert self.ask(elemnt="db1").data["fields"].keys() == {"elemnt"}


def test_a_preview_shows_no_secret_and_knows_elements() -> None:
    """R43."""
    make_element("db1")
    inputs = [{"name": "password", "type": "secret"}, {"name": "peer", "type": "element"}]
    body: dict[str, Any] = {
        "definition": {"command": "echo {{ inputs.password | quote }} {{ inputs.peer }}", "inputs": inputs},
        "element": "db1",
        "inputs": {"password": "hun'ter22", "peer": "db1"},
    }
    author = client_of("author")
    assert (
        author.post("/api/tasks/preview", body, content_type="application/json").json()["rendered"] == "echo '***' db1"
    )
    body["inputs"] = {"password": "abc", "peer": "db2"}
    told = author.post("/api/tasks/preview", body, content_type="application/json").json()["problems"][0]["message"]
    assert "a text of 3 characters" in told
    body["inputs"] = {"peer": "db2"}
    told = author.post("/api/tasks/preview", body, content_type="application/json").json()["problems"][0]["message"]
    assert told == "input 'peer' is 'db2', expected the name of an enabled element; did you mean 'db1'?"


def test_a_task_shows_where_it_is_used_and_is_not_renamed_while_it_is() -> None:
    task = make_task_version("Stop").task
    flow = make_flow_version("Restart", execution_script="log('x')\nrun_task('Stop')\n").flow
    FlowDraft.objects.create(flow=flow, execution_script="run_task('Stop')\n", written_by="ann", written_at=AN_INSTANT)
    author, address = client_of("author"), f"/tasks/{task.pk}/"
    page = main_text(author.get(address))
    assert f'href="/flows/{flow.pk}/#execution-2"' in page
    assert "step 2, line 2" in page
    assert "line 1, draft of ann" in page
    assert "These drafts call it too: Restart." in page
    assert f'action="{address}rename/"' in page
    told = main_text(author.post(f"{address}rename/", {"name": "Halt"}, follow=True)).replace("&#x27;", "'")
    assert "The task 'Stop' is in use by the flow 'Restart' at line 2. Publish them without it, then rename it." in told
    make_flow_version("Restart", execution_script="log('x')\n")
    assert client_of("operator").post(f"{address}rename/", {"name": "Halt"}).status_code == 403
    told = main_text(author.post(f"{address}rename/", {"name": " Halt "}, follow=True))
    assert "Task Stop is Halt now. Rewritten: the drafts of Restart." in told
    assert "renamed: Stop → Halt" in told
    told = main_text(author.post(f"{address}rename/", {"name": "Halt"}, follow=True)).replace("&#x27;", "'")
    assert "It keeps its name: the task is called 'Halt' already; give another name." in told


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_not_rename_is_not_offered_it(role: str) -> None:
    task = make_task_version("Stop").task
    assert "Rename…" not in main_text(client_of(role).get(f"/tasks/{task.pk}/"))


def test_versions_tell_what_they_changed_and_any_two_are_compared() -> None:
    task = make_task_version("Stop", command="a\nb\n").task
    make_task_version("Stop", command="a\nc\n", timeout=90, save={"x": "output"})
    make_task_version("Stop", command="a\nc\n", timeout=30)
    author, address = client_of("author"), f"/tasks/{task.pk}/"
    text = main_text(author.get(address))
    for told in ("command: 1 line new, 1 gone", "timeout: 600 s → 90 s", "saves x from output", "saves x no more"):
        assert told in text
    compared = author.get(f"{address}?from=1&to=3").context["comparison"]
    assert list(compared.changes) == ["command: 1 line new, 1 gone", "timeout: 600 s → 30 s"]
    assert list(compared.lines) == [(" ", 1, 1, "a"), ("-", 2, None, "b"), ("+", None, 2, "c")]
    assert author.get(f"{address}?from=1&to=9").context["comparison"] is None
    assert "They are the same." in main_text(author.get(f"{address}?from=2&to=2"))


def test_the_preview_begins_with_an_element_that_the_task_is_used_with() -> None:
    make_element("a1")
    make_element("b1", profile=make_profile("other"))
    task = make_task_version("Stop").task
    author, address = client_of("author"), f"/tasks/{task.pk}/"
    assert author.get(address).context["data"]["sample"] is None
    flow = make_flow_version("Restart", execution_script="run_task('Stop')\n", target={"profile": "other"})
    assert author.get(address).context["data"]["sample"] == "b1"
    StepRun.objects.create(
        run=make_run(flow), element_name="a1", site=1, turn=1, attempt=1, step="run_task", name="Stop", line=1,
        status="succeeded", finished_at=AN_INSTANT,
    )  # fmt: skip
    assert author.get(address).context["data"]["sample"] == "a1"


def test_only_the_pages_with_an_editor_let_styles_be_written_into_them() -> None:
    task = make_task_version("Stop").task
    author = client_of("author")
    for address in (f"/tasks/{task.pk}/", "/tasks/new/"):
        assert "style-src-elem 'self' 'unsafe-inline'" in author.get(address)["Content-Security-Policy"]
    assert "unsafe-inline" not in author.get("/tasks/")["Content-Security-Policy"]


def test_every_filter_of_a_template_is_explained() -> None:
    assert set(FILTER_WORDS) == {name for name in FILTERS if name.isidentifier()}
