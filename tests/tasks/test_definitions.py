"""Tasks, connections and inputs read from documents; secrets that never show."""

from typing import Any

import pytest

from flows.tasks.inputs import InputSpec
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
        ({"parse": {"type": "regex"}}, "parse: {'type': 'regex'} is not available in this release; use json or li"),
        ({"parse": "xml"}, "parse: 'xml' is not available in this release; use json or lines, or leave"),
        ({"parse": "jsn"}, "parse: is 'jsn', expected one of none, json, lines, bare or as {type: json}; did you mean"),
        ({"parse": {"type": "json", "x": 1}}, "parse: is {'type': 'json', 'x': 1}, expected one of none, json, lines"),
        ({"save": "x"}, "save: is 'x', expected a mapping of setting keys to paths"),
        ({"save": {"a": "b"}}, "save.a: is 'b', expected a path that begins with data, output, exit_code"),
        ({"save": {"a": "exitcode"}}, "did you mean 'exit_code'?"),
        ({"save": {"a": "data.x"}}, "save.a: is 'data.x', but without parse there is no data: add parse: json"),
        ({"save": {"a": "output.x"}}, "save.a: is 'output.x', expected 'output' alone: it has no parts"),
        ({"save": {"a..b": "output"}}, "save.a..b: the key 'a..b' has an empty part"),
        ({"save": {"a": "output", "a.b": "output"}}, "save.a.b: 'a.b' stands below 'a', which gets a plain value"),
        ({"save": {"a": 5}}, "save.a: is 5, expected a path such as data.state"),
        ({"retry_backoff": 0.5}, "retry_backoff: is 0.5, expected a number from 1 to 100"),
        ({"retry_backoff": float("nan")}, "retry_backoff: is nan, expected a number from 1 to 100"),
        ({"retry_jitter": 2}, "retry_jitter: is 2, expected a number from 0 to 1"),
        ({"timeot": 5}, "timeot: is no known key, expected one of"),
        ({"timeout": 0}, "timeout: is 0, expected a number of seconds greater than 0"),
        ({"timeout": float("inf")}, "timeout: is inf, expected a number of seconds greater than 0"),
        ({"retries": True}, "retries: is True, expected a whole number from 0 to 1000"),
        ({"on_interrupt": "rety"}, "expected one of ask, retry, fail; did you mean 'retry'?"),
        ({"command": " "}, "command: is ' ', expected a text that is not empty"),
        ({"inputs": [{"name": "a b"}]}, "inputs.0.name: is 'a b', expected letters, digits and _"),
        ({"inputs": [{"name": "a", "type": "secrt"}]}, "list, secret; did you mean 'secret'?"),
        ({"inputs": [{"name": "a", "type": "secret", "default": "x"}]}, "inputs.0.default: is given, expected none"),
        (
            {"inputs": [{"name": "a", "type": "choice"}]},
            "inputs.0.choices: is None, expected a list of different texts",
        ),
        ({"inputs": [{"name": "a", "type": "choice", "choices": ["x", "x"]}]}, "inputs.0.choices: is ['x', 'x'], exp"),
        ({"inputs": [{"name": "a", "choices": ["x"]}]}, "inputs.0.choices: is ['x'], expected none: only a choice"),
        ({"inputs": [{"name": "a", "of": "integer"}]}, "inputs.0.of: is 'integer', expected none: only a list"),
        ({"inputs": [{"name": "a", "type": "list", "of": "secret"}]}, "inputs.0.of: is 'secret', expected one of"),
        (
            {"inputs": [{"name": "a", "type": "choice", "choices": ["blue", "green"], "default": "red"}]},
            "inputs.0.default: is 'red', expected one of blue, green",
        ),
        (
            {"inputs": [{"name": "a", "type": "list", "of": "integer", "default": [1, "2"]}]},
            "inputs.0.default: is [1, '2'], expected a list of whole numbers",
        ),
        ({"inputs": [{"name": "a", "description": 5}]}, "inputs.0.description: is 5, expected a text"),
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


@pytest.mark.parametrize("parse", ["json", {"type": "json"}])
def test_parse_is_a_bare_word_or_a_mapping_and_save_goes_with_it(parse: object) -> None:
    spec = TaskSpec.from_mapping(STOP | {"parse": parse, "save": {"service.state": "data.state", "seen": "output"}})
    assert (spec.parse, spec.save) == ("json", {"service.state": "data.state", "seen": "output"})


def test_r28_a_task_says_how_its_waits_grow() -> None:
    spec = TaskSpec.from_mapping(STOP | {"retry_backoff": 2, "retry_jitter": 0.25})
    assert (spec.retry_backoff, spec.retry_jitter) == (2.0, 0.25)
    assert (TaskSpec.from_mapping(STOP).retry_backoff, TaskSpec.from_mapping(STOP).retry_jitter) == (1.0, 0.0)


def test_r43_inputs_of_every_type_are_read() -> None:
    inputs = [
        {"name": "colour", "type": "choice", "choices": ["blue", "green"], "default": "blue"},
        {"name": "ports", "type": "list", "of": "integer", "default": [80]},
        {"name": "peer", "type": "element", "description": "where to copy from"},
        {"name": "password", "type": "secret", "required": True},
    ]
    assert TaskSpec.from_mapping(STOP | {"inputs": inputs}).inputs == (
        InputSpec("colour", "choice", default="blue", choices=("blue", "green")),
        InputSpec("ports", "list", default=[80], of="integer"),
        InputSpec("peer", "element", description="where to copy from"),
        InputSpec("password", "secret", required=True),
    )


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
