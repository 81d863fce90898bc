"""The filter language (4.3, R3)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elements.patterns import PatternProblem, compile_pattern
from elements.selection import OPERATORS, FilterProblem, ValueTooLong, parse_filter, parse_filters

CONTEXT: dict[str, Any] = {
    "env": "prod",
    "version": 15,
    "text_version": "9",
    "load": 0.5,
    "leader": True,
    "nothing": None,
    "tags": ["web", "eu", 7],
    "net": {"0": {"hostname": "db1.example"}},
    "disks": [{"size": 100}],
    "in": "a key like an operator",
    "not": "a key like a word",
    "quote": "a, b",
}
ELEMENT: dict[str, Any] = {
    "id": 1,
    "name": "db1",
    "address": "10.0.0.1",
    "profile": "p",
    "groups": [],
    "context": CONTEXT,
}

HOLDING = [
    "env == prod", "env==prod", "  env   ==   prod  ", "env != test", "env in prod, test", "env in test,prod",
    "env contains ro", "env matches pr.d", "env matches (prod|test)", "env exists", "not missing exists",
    "version == 15", "version == 15.0", "version >= 15", "version <= 15", "version > 9", "version < 100",
    "version in 14, 15", "version != 16", "version matches 1[0-9]",
    "text_version < 15", "text_version == 9.0", "load < 1", "load == 0.50",
    "leader == true", "leader != True", "nothing == null", "nothing exists",
    "tags contains web", "tags contains 7", "tags != web", "net contains 0",
    "net.0.hostname == db1.example", "net.0 exists", "disks.0.size >= 100",
    "name == db1", "name matches db[0-9]+", "address == 10.0.0.1", "address > 10",
    "missing != anything", "in contains operator", "not == 'a key like a word'", "not exists",
    "quote == 'a, b'", "quote in x, 'a, b'", 'env == "prod"', "env in 'prod'",
]  # fmt: skip

NOT_HOLDING = [
    "env == test", "env == Prod", "env != prod", "env in test, dev", "env contains x", "env matches pro",
    "env matches ro", "not env exists", "missing exists", "missing == x", "missing < 1", "missing <= x",
    "missing > 1", "missing >= x", "missing in x, y", "missing contains x", "missing matches .*",
    "version == 14", "version > 15", "version < 15", "text_version >= 15", "leader == True", "nothing == None",
    "tags == web", "tags contains eu2", "tags matches .*", "tags < z", "net == x", "net contains 1",
    "profile exists", "id exists", "disks.1 exists", "env.x exists", "quote in a, b",
]  # fmt: skip


@pytest.mark.parametrize("text", HOLDING)
def test_a_filter_holds(text: str) -> None:
    """R3."""
    assert parse_filter(text).holds(ELEMENT)


@pytest.mark.parametrize("text", NOT_HOLDING)
def test_a_filter_does_not_hold(text: str) -> None:
    """R3."""
    assert not parse_filter(text).holds(ELEMENT)


@pytest.mark.parametrize(
    ("text", "position", "found", "expected"),
    [
        ("", 0, "the end", "a context key, name or address"),
        ("   ", 3, "the end", "a context key"),
        ("== x", 0, "'== x'", "a context key"),
        ("env", 3, "the end", "one of == != <="),
        ("env ==", 6, "the end", "a value after =="),
        ("env = prod", 4, "'='", "did you mean ==?"),
        ("env <> prod", 4, "'<>'", "did you mean !=?"),
        ("env =~ prod", 4, "'=~'", "did you mean matches?"),
        ("env contain x", 4, "'contain'", "did you mean contains?"),
        ("env exist", 4, "'exist'", "did you mean exists?"),
        ("env EXISTS", 4, "'EXISTS'", "did you mean exists?"),
        ("env is prod", 4, "'is'", "one of == != <="),
        ("env exists yes", 11, "'yes'", "nothing after exists"),
        ("not env == prod", 8, "'=='", "not stands only before"),
        ("not env", 7, "the end", "one of =="),
        ("env in a,, b", 9, "an empty item", "a, b, c"),
        ("env in a,", 9, "an empty item", "a, b, c"),
        ("env == 'prod", 7, '"\'prod"', "a closing '"),
        ("a..b == 1", 0, "'a..b'", "single dots"),
        ("env matches (", 12, "'('", "not a regular expression"),
        ("env matches a(b", 13, "'a(b'", "not a regular expression"),
    ],
)
def test_a_filter_that_cannot_be_read_says_where_what_and_what_was_expected(
    text: str, position: int, found: str, expected: str
) -> None:
    """R3."""
    with pytest.raises(FilterProblem) as caught:
        parse_filter(text)
    assert caught.value.position == position
    assert caught.value.found == found
    assert expected in caught.value.expected
    assert f"character {position + 1}:" in str(caught.value)


def test_the_first_filter_that_cannot_be_read_is_told() -> None:
    with pytest.raises(FilterProblem, match="'b ~ 1'"):
        parse_filters(["a == 1", "b ~ 1", "c ="])


@given(st.text(max_size=30))
def test_any_text_is_a_filter_or_a_problem_with_its_place(text: str) -> None:
    try:
        condition = parse_filter(text)
    except FilterProblem as caught:
        position = caught.position
    else:
        assert condition.operator in OPERATORS
        assert condition.holds(ELEMENT) in (True, False)
        return
    assert 0 <= position <= len(text)


values = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text("ab19.- ", min_size=1), st.booleans()
)


@given(values, st.integers(-(10**20), 10**20))
def test_of_less_equal_and_greater_exactly_one_holds(found: Any, asked: int) -> None:
    """R3: numbers compare as numbers, all else as text, never half and half."""
    element = {**ELEMENT, "context": {"k": found}}
    held = [sign for sign in ("<", "==", ">") if parse_filter(f"k {sign} {asked}").holds(element)]
    assert len(held) == 1
    assert parse_filter(f"k != {asked}").holds(element) == (held != ["=="])
    assert parse_filter(f"k <= {asked}").holds(element) == (held != [">"])
    assert parse_filter(f"k >= {asked}").holds(element) == (held != ["<"])


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30))
def test_numbers_of_any_size_compare_exactly(one: int, other: int) -> None:
    """R3."""
    for found in (one, str(one)):
        assert parse_filter(f"k < {other}").holds({**ELEMENT, "context": {"k": found}}) == (one < other)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a*)*b", "(a|aa)+", "(.*)(.*)(.*)(.*)x", "(a?){30}a{30}", r"(\w+\s?)*", r"(a)\1", "(?=a)a",
     "a{1,200}" * 4, "a?" * 30, "x" * 201, "a{99999999999}",
     "(?P<n>a)(?P=n)", "(" * 150, "[[a]"],
)  # fmt: skip
def test_a_pattern_that_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(PatternProblem):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [("db[0-9]+", "db17"), ("(web|db)-[a-z]+-[0-9]+", "web-eu-1"), (r"\d+\.\d+\.\d+", "1.2.3"), ("(eu|us)+", "euus"),
     ("(?i)DB.*", "db1"), (".*foo.*", "a foo b"), ("[a-z]{1,63}(\\.[a-z]{1,63}){0,1}", "ab.cd"),
     ("", ""), ("a??", "a")],
)  # fmt: skip
def test_ordinary_patterns_are_accepted(pattern: str, value: str) -> None:
    assert compile_pattern(pattern).fullmatch(value)


@pytest.mark.timeout(60)  # a pattern that backtracks for ever is found by never coming back
@settings(deadline=None)
@given(st.text("ab|()*+?.{}[]12,", max_size=24), st.sampled_from("ab1"))
def test_every_accepted_pattern_comes_to_an_answer(pattern: str, letter: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except PatternProblem:
        return
    compiled.fullmatch(letter * 255 + "!")


def test_a_value_too_long_for_matches_is_told_with_its_element() -> None:
    element = {**ELEMENT, "context": {"motd": "x" * 257}}
    with pytest.raises(ValueTooLong, match="motd of db1 has 257 characters"):
        parse_filter("motd matches x+").holds(element)
