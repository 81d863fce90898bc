"""Inputs of every type at a start: over REST, on the command line, and of schedules; unlike ones are told by name."""

from typing import Any

import pytest

from flows.adapters.sealing import inputs_of_run
from flows.models import Flow, Run, Schedule
from flows.operations.catalog import publish_flow, publish_task
from flowsite.kernel.access import SYSTEM
from tests.api.conftest import Clients
from tests.commands.running import manage
from tests.factories import make_element

pytestmark = pytest.mark.django_db

INPUTS: list[dict[str, Any]] = [
    {"name": "colour", "type": "choice", "choices": ["blue", "green"], "default": "blue"},
    {"name": "ports", "type": "list", "of": "integer"},
    {"name": "peer", "type": "element"},
    {"name": "peers", "type": "list", "of": "element"},
    {"name": "password", "type": "secret"},
    {"name": "force", "type": "boolean", "default": False},
]
GIVEN = {"colour": "green", "ports": [80], "peer": "db1", "peers": ["db1"], "password": "hunter22", "force": True}
SCHEDULE = {"name": "Nightly", "flow": "Paint", "days": ["sun"], "times": ["02:00"]}


@pytest.fixture(autouse=True)
def paint() -> None:
    """Two elements, of which one is enabled, and a flow with inputs of every type."""
    make_element("db1")
    make_element("db2", enabled=False)
    definition = {"mode": "serial", "target": {"all": True}, "inputs": INPUTS}
    publish_flow(name="Paint", definition=definition, execution_script="log('x')", by=SYSTEM)


def runs_of_paint() -> str:
    return f"/api/flows/{Flow.objects.get(name='Paint').pk}/runs/"


def test_r43_a_start_takes_values_of_their_types(client_of: Clients) -> None:
    answer = client_of("operator").post(runs_of_paint(), {"inputs": GIVEN})
    assert answer.status_code == 201, answer.data
    assert answer.data["inputs"] == {**GIVEN, "password": "•••"}
    assert inputs_of_run(Run.objects.get()) == GIVEN


def test_inputs_that_are_not_given_have_their_defaults(client_of: Clients) -> None:
    inputs = client_of("operator").post(runs_of_paint(), {}).data["inputs"]
    absent = {"ports": None, "peer": None, "peers": None, "password": None}
    assert inputs == {"colour": "blue", "force": False, **absent}


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"colour": "gren"}, "input 'colour' is 'gren', expected one of blue, green; did you mean 'green'?"),
        ({"ports": [80, "x"]}, "input 'ports': item 2 of the list is 'x', expected a whole number"),
        ({"peer": "db2"}, "input 'peer' is 'db2', expected the name of an enabled element; did you mean 'db1'?"),
        ({"peers": ["db1", "x"]}, "input 'peers' is 'x', expected the name of an enabled element"),
        ({"password": "abc"}, "input 'password' is a text of 3 characters, expected a text of at least 4 characters"),
        (
            {"colr": "blue"},
            "input 'colr' is not declared; Paint takes colour, ports, peer, peers, password, force; did",
        ),
    ],
)
def test_what_does_not_fit_starts_nothing_and_is_told(client_of: Clients, inputs: Any, problem: str) -> None:
    """R43: by every way in which a flow is started or planned."""
    client = client_of("administrator")
    refused = client.post(runs_of_paint(), {"inputs": inputs})
    assert (refused.status_code, refused.data["code"]) == (400, "inputs_refused")
    assert refused.data["fields"]["inputs"][0].startswith(problem)
    planned = client.post(runs_of_paint().replace("runs", "plan"), {"inputs": inputs})
    assert planned.data["message"].startswith(problem)
    scheduled = client.post("/api/schedules/", {**SCHEDULE, "inputs": inputs})
    assert scheduled.status_code == 400
    assert problem[:20] in str(scheduled.data["fields"])
    assert not Run.objects.exists()
    assert not Schedule.objects.exists()


def test_several_problems_are_told_at_once(client_of: Clients) -> None:
    refused = client_of("operator").post(runs_of_paint(), {"inputs": {"colour": 5, "force": "yes", "more": 1}})
    assert len(refused.data["fields"]["inputs"]) == 3


def test_a_command_line_is_read_by_the_declared_types() -> None:
    words = ("--input", "colour=green", "--input", "ports=80, 443", "--input", "peers=db1", "--input", "force=yes")
    ended = manage("run", "Paint", *words, "--input", "password=a secret", "--no-watch")
    assert ended.code == 0, ended.err
    given = {
        "colour": "green",
        "ports": [80, 443],
        "peers": ["db1"],
        "force": True,
        "password": "a secret",
        "peer": None,
    }
    assert inputs_of_run(Run.objects.get()) == given
    assert "a secret" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("ports=80,x", "input 'ports' is '80,x', expected a list of whole numbers"),
        ("colour=red", "input 'colour' is 'red', expected one of blue, green"),
        ("peer=db2", "input 'peer' is 'db2', expected the name of an enabled element"),
        ("pears=db1", "input 'pears' is not declared; Paint takes"),
        ("password=abc", "input 'password' is a text of 3 characters"),
    ],
)
def test_a_command_line_that_does_not_fit_is_refused(word: str, problem: str) -> None:
    ended = manage("run", "Paint", "--input", word, "--no-watch")
    assert ended.code == 2
    assert problem in ended.err
    assert not Run.objects.exists()


def test_a_schedule_over_rest_shows_a_mask_and_takes_it_back(client_of: Clients) -> None:
    client = client_of("administrator")
    made = client.post("/api/schedules/", {**SCHEDULE, "inputs": {"password": "hunter22"}})
    assert (made.status_code, made.data["inputs"]) == (201, {"password": "•••"})
    again = client.put(f"/api/schedules/{made.data['id']}/", {**SCHEDULE, "inputs": made.data["inputs"], "note": "x"})
    assert (again.status_code, again.data["inputs"], again.data["note"]) == (200, {"password": "•••"}, "x")
    assert b"hunter22" not in bytes(Schedule.objects.get().sealed_inputs)


def test_definitions_show_what_inputs_may_be_and_what_tasks_read(client_of: Clients) -> None:
    definition = {"class": "command", "command": "true", "parse": {"type": "json"}, "save": {"a": "data.a"}}
    publish_task(name="Ask", definition={**definition, "retry_backoff": 2, "inputs": INPUTS[:1]}, by=SYSTEM)
    shown = client_of("viewer").get("/api/tasks/?name=Ask").data["results"][0]
    assert {key: shown[key] for key in definition} == definition
    assert shown["inputs"] == INPUTS[:1]
