"""Declared inputs: the check of values, the reading of texts, and what their errors say."""

from datetime import date
from typing import Any

import pytest

from flows.tasks.inputs import (
    MASKED,
    InputRefused,
    InputSpec,
    check_inputs,
    missing_elements,
    secret_values_of,
    undeclared_inputs,
)

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
    assert [InputSpec("x", "boolean").read_text("Yes"), InputSpec("x", "string").read_text("5")] == [True, "5"]
    with pytest.raises(InputRefused, match="input 'x' is 'five', expected a whole number"):
        InputSpec("x", "integer").read_text("five")


@pytest.mark.parametrize("text", ["nan", "-inf", "1e999", "two"])
def test_a_number_that_json_cannot_hold_is_none(text: str) -> None:
    with pytest.raises(InputRefused, match="expected a number"):
        InputSpec("share", "number").read_text(text)
    with pytest.raises(InputRefused, match="expected a number"):
        check_inputs([InputSpec("share", "number")], {"share": float("nan")})


WHY = InputSpec("why")
COLOUR = InputSpec("colour", "choice", choices=("blue", "green"))
PORTS = InputSpec("ports", "list", of="integer")
PEER = InputSpec("peer", "element")
SECRET = InputSpec("password", "secret", required=True)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (COLOUR, "green"),
        (PORTS, [80, 443]),
        (PORTS, []),
        (InputSpec("any", "list"), ["a", 1, 2.5, True]),
        (InputSpec("colours", "list", of="choice", choices=("blue", "green")), ["blue"]),
        (PEER, "db1"),
        (SECRET, "abcd"),
        *((WHY, value) for value in ("db1", "", 5, 1.5, False, [], [1, [None]], {"db1": {"bad": [True, "x"]}})),
    ],
)
def test_r43_a_value_of_its_type_is_taken_as_it_is(spec: InputSpec, value: object) -> None:
    assert check_inputs([spec], {spec.name: value}) == {spec.name: value}


@pytest.mark.parametrize(
    ("spec", "value", "problem"),
    [
        (COLOUR, "gren", "input 'colour' is 'gren', expected one of blue, green; did you mean 'green'?"),
        (COLOUR, 5, "input 'colour' is 5, expected one of blue, green"),
        (PORTS, "80", "input 'ports' is '80', expected a list of whole numbers"),
        (PORTS, [80, "x"], "input 'ports': item 2 of the list is 'x', expected a whole number"),
        (InputSpec("any", "list"), [[1]], "input 'any': item 1 of the list is [1], expected a plain value"),
        (PEER, "", "input 'peer' is '', expected the name of an enabled element"),
        (WHY, {1, 2}, "input 'why' is {1, 2}, expected any plain value: a text, a number, true or false, a list or a"),
        (WHY, {"a": float("nan")}, "input 'why' is {'a': nan}, expected any plain value"),
        (WHY, {1: "a"}, "input 'why' is {1: 'a'}, expected any plain value"),
        (WHY, date(2026, 12, 1), "input 'why' is datetime.date(2026, 12, 1), expected any plain value"),
        (SECRET, None, "input 'password' is missing, expected a text of at least 4 characters"),
    ],
)
def test_r43_a_value_of_another_type_is_told_with_what_was_expected(
    spec: InputSpec, value: object, problem: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        check_inputs([spec], {spec.name: value})
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("value", ["q7z", " q7z  ", 71717171, ["q7zq7z"]])
def test_a_secret_too_short_to_be_masked_is_refused_and_not_shown(value: object) -> None:
    with pytest.raises(InputRefused, match="could not be masked") as caught:
        check_inputs([SECRET], {"password": value})
    assert "q7z" not in str(caught.value)
    assert "7171" not in str(caught.value)


def test_what_stands_for_a_secret_is_none() -> None:
    with pytest.raises(InputRefused, match="'password' is •••, which stands for a secret that is not shown"):
        check_inputs([SECRET], {"password": MASKED})


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (PORTS, "80, 443", [80, 443]),
        (PORTS, "80\n443\n", [80, 443]),
        (PORTS, "[80, 443]", [80, 443]),
        (InputSpec("names", "list"), "db1,db2", ["db1", "db2"]),
        (COLOUR, " blue ", "blue"),
        (SECRET, " s p a c e ", " s p a c e "),
        (WHY, '{"db1": [1, null]}', {"db1": [1, None]}),
        (WHY, "15", 15),
        (WHY, '"15"', "15"),
        (WHY, "null", None),
        *((WHY, text, text) for text in ("too old", "", "1.2.3", "True", "{'a': 1}", "NaN", "1e999", "[" * 5000)),
    ],
)
def test_lists_choices_secrets_and_plain_values_are_read_from_text(spec: InputSpec, text: str, value: object) -> None:
    assert spec.read_text(text) == value


@pytest.mark.parametrize("text", ["80,x", "[80,"])
def test_a_text_that_is_no_such_list_is_told(text: str) -> None:
    with pytest.raises(InputRefused, match="input 'ports' is"):
        PORTS.read_text(text)


def test_an_input_that_is_not_declared_is_named_with_the_one_that_was_meant() -> None:
    assert undeclared_inputs([COLOUR, PEER], ["color"], "flow 'Paint'") == [
        "input 'color' is not declared; flow 'Paint' takes colour, peer; did you mean 'colour'?"
    ]
    assert undeclared_inputs([], ["color"], "flow 'Paint'") == [
        "input 'color' is not declared; flow 'Paint' takes none"
    ]


def test_elements_that_are_none_are_named_wherever_they_stand() -> None:
    declared = [PEER, InputSpec("peers", "list", of="element")]
    values = {"peer": "db1", "peers": ["db2", "db9"]}
    assert missing_elements(declared, values, {"db1", "db2"}, ["db1", "web"]) == [
        "input 'peers' is 'db9', expected the name of an enabled element; did you mean 'db1'?"
    ]


def test_only_the_values_of_secret_inputs_are_secrets() -> None:
    assert secret_values_of([SECRET, PEER], {"password": "hunter22", "peer": "db1", "x": "y"}) == {"hunter22"}
