"""Tasks, connections and inputs read from documents; secrets that never show."""

from typing import Any

import pytest

from flows.tasks.inputs import InputRefused, InputSpec, check_inputs
from flows.tasks.spec import ConnectionSpec, Secret, SpecError, TaskSpec

STOP = {
    "kind": "Task",
    "name": "Stop service",
    "class": "command",
    "command": "systemctl stop {{ inputs.service | quote }}",
    "timeout": 60,
    "retries": 2,
    "retry_delay": 5,
    "on_interrupt": "retry",
    "inputs": [{"name": "service", "type": "string", "required": True}],
    "parse": {"type": "none"},
}


def test_a_task_is_read_from_its_document() -> None:
    assert TaskSpec.from_mapping(STOP) == TaskSpec(
        name="Stop service",
        command="systemctl stop {{ inputs.service | quote }}",
        timeout_s=60.0,
        retries=2,
        retry_delay_s=5.0,
        on_interrupt="retry",
        inputs=(InputSpec("service", "string", required=True),),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"class": "http"}, "class: 'http' is not available in this release; use class: command"),
        ({"class": "comand"}, "class: is 'comand', expected one of command; did you mean 'command'?"),
        ({"url": "http://x"}, "url: 'http://x' is not available in this release; use class: command"),
        ({"parse": {"type": "json"}}, "parse: {'type': 'json'} is not available in this release; leave it out or none"),
        ({"save": {"a": "b"}}, "save: {'a': 'b'} is not available in this release; leave it out"),
        ({"timeot": 5}, "timeot: is no known key, expected one of"),
        ({"timeout": 0}, "timeout: is 0, expected a number of seconds greater than 0"),
        ({"timeout": float("inf")}, "timeout: is inf, expected a number of seconds greater than 0"),
        ({"retries": True}, "retries: is True, expected a whole number from 0 to 1000"),
        ({"on_interrupt": "rety"}, "expected one of ask, retry, fail; did you mean 'retry'?"),
        ({"command": " "}, "command: is ' ', expected a text that is not empty"),
        ({"inputs": [{"name": "a b"}]}, "inputs.0.name: is 'a b', expected letters, digits and _"),
        ({"inputs": [{"name": "a", "type": "secret"}]}, "inputs.0.type: 'secret' is not available in this release"),
        ({"inputs": [{"name": "a", "type": "integer", "default": "x"}]}, "inputs.0.default: is 'x', expected a whole"),
        (
            {"inputs": [{"name": "a", "type": "number", "default": float("inf")}]},
            "inputs.0.default: is inf, expected a",
        ),
        ({"inputs": [{"name": "a"}, {"name": "a"}]}, "inputs.1.name: is 'a', expected a name that no other"),
        ({"inputs": {"name": "a"}}, "inputs: is {'name': 'a'}, expected a list"),
    ],
)
def test_a_wrong_key_is_named_with_what_was_found_and_expected(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        TaskSpec.from_mapping(STOP | change)
    assert len(caught.value.problems) == 1
    assert problem in str(caught.value)


def test_a_connection_is_read_and_what_comes_later_is_refused_by_name() -> None:
    given = {"type": "ssh", "port": 22, "user": "ops", "credential": "ops-key", "host_key_policy": "accept-new"}
    spec = ConnectionSpec.from_mapping(given | {"jump_host": None, "sudo": False})
    assert spec == ConnectionSpec(user="ops", credential="ops-key", host_key_policy="accept-new")
    assert ConnectionSpec.from_mapping({"type": "local"}) == ConnectionSpec(type="local")
    with pytest.raises(SpecError) as caught:
        ConnectionSpec.from_mapping({"type": "ssh", "jump_host": "gate", "sudo": True, "prot": 22})
    assert [problem.key for problem in caught.value.problems] == ["jump_host", "sudo", "user", "prot"]


def test_a_secret_shows_which_values_it_has_and_none_of_them() -> None:
    secret = Secret("ssh_key", private_key="-----BEGIN", passphrase="open", username="ops")
    assert repr(secret) == str(secret) == "Secret(ssh_key, private_key='***', passphrase='***', username='***')"


DECLARED = (
    InputSpec("service", "string", required=True),
    InputSpec("count", "integer", default=2),
    InputSpec("factor", "number"),
    InputSpec("force", "boolean", default=False),
)


def test_r43_inputs_get_their_defaults_and_the_flows_own_pass() -> None:
    values = check_inputs(DECLARED, {"service": "ssh", "factor": 3, "more": [1]})
    assert values == {"service": "ssh", "count": 2, "factor": 3, "force": False, "more": [1]}


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, ["input 'service' is missing, expected a string"]),
        ({"service": 5}, ["input 'service' is 5, expected a string"]),
        ({"service": "x", "count": 2.5}, ["input 'count' is 2.5, expected a whole number"]),
        ({"service": "x", "count": True}, ["input 'count' is True, expected a whole number"]),
        (
            {"force": "yes"},
            ["input 'service' is missing, expected a string", "input 'force' is 'yes', expected true or false"],
        ),
    ],
)
def test_r43_inputs_that_do_not_fit_are_all_named(given: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(InputRefused) as caught:
        check_inputs(DECLARED, given)
    assert list(caught.value.problems) == problems


def test_what_a_person_types_is_read_by_the_declared_type() -> None:
    assert [InputSpec("x", "integer").read_text("5"), InputSpec("x", "number").read_text("1.5")] == [5, 1.5]
    assert [InputSpec("x", "boolean").read_text("Yes"), InputSpec("x").read_text("5")] == [True, "5"]
    with pytest.raises(InputRefused, match="input 'x' is 'five', expected a whole number"):
        InputSpec("x", "integer").read_text("five")


@pytest.mark.parametrize("text", ["nan", "-inf", "1e999", "two"])
def test_a_number_that_json_cannot_hold_is_none(text: str) -> None:
    with pytest.raises(InputRefused, match="expected a number"):
        InputSpec("share", "number").read_text(text)
    with pytest.raises(InputRefused, match="expected a number"):
        check_inputs([InputSpec("share", "number")], {"share": float("nan")})
