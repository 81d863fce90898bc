"""Differences of flows in words: by table, and for whatever people may have written (R3, R16, R21, R30)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.changes import changes_between, line_changes, whole
from flows.changes.words import SHOWN, cut_pair

STOP = "run_task('Stop service', timeout=60)\n"
START = "run_task('Start service')\n"
CHECK = "r = run_task('Check')\n"
#: Longer than what is shown of a value; ``SEEN`` is what is shown of it before a difference at its end.
LONG = "word " * 20
SEEN = "…" + LONG[-20:]


def flow(script: str = "", processing: str = "", **keys: Any) -> dict[str, Any]:
    target = {"profile": "postgres", "groups": ["prod"], "filters": []}
    return {
        "mode": "serial", "target": target, "execution_script": script, "processing_script": processing, **keys,
    }  # fmt: skip


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Without what is said of an order that stayed."""
    changes = changes_between(before, after)
    return [change.text for change in changes if change.text != "order unchanged"]


STEPS: list[tuple[str, str, list[str]]] = [
    (STOP, STOP, []),
    (STOP, STOP.replace("60", "90"), ["step 1 Stop service: timeout 60 → 90"]),
    (STOP, "run_task('Stop service')\n", ["step 1 Stop service: timeout 60 removed"]),
    (START, "run_task('Start service', retries=2)\n", ["step 1 Start service: retries 2 added"]),
    (START, "run_task('Start service', check=False)\n", ["step 1 Start service: if it fails: stop → go on"]),
    ("run_task('Start service', check=False)\n", START, ["step 1 Start service: if it fails: go on → stop"]),
    (START, "run_task('Start service', element=elements[0])\n", ["step 1 Start service: element elements[0] added"]),
    (STOP + START, STOP + "sleep(5)\n" + START, ["new step 2 Wait 5"]),
    (STOP + CHECK + START, STOP + START, ["step 2 Check is gone"]),
    ("sleep(5)\n", "sleep(10)\n", ["step 1 Wait: seconds 5 → 10"]),
    ("log('a')\n", "log('b')\n", ["step 1 Log: message 'a' → 'b'"]),
    ("approve('go?')\n", "approve('go?', timeout=60)\n", ["step 1 Approval: timeout 60 added"]),
    ("run_flow('A')\n", "run_flow('B')\n", ["step 1 flow B: A → B"]),
    ("run_task('A')\n", "run_task('B')\n", ["step 1 B: A → B"]),
    ("run_task('A')\n", "run_task('A' if current == first else 'B')\n",
     ["step 1 'A' if current == first else 'B': A → 'A' if current == first else 'B'"]),
    (STOP + START, START + STOP, ["steps 1 Stop service and 2 Start service change places"]),
    (STOP + CHECK + START, STOP + START + CHECK, ["steps 2 Check and 3 Start service change places"]),
    (STOP + CHECK + "sleep(1)\n" + START, CHECK + "sleep(1)\n" + START + STOP, ["step 4 Stop service: was step 1"]),
    (STOP + CHECK + "sleep(1)\n" + START, CHECK + "sleep(1)\n" + START + STOP.replace("60", "90"),
     ["step 4 Stop service: was step 1; timeout 60 → 90"]),
    (STOP, f"if current == first:\n    {STOP}", ["step 1 Stop service: now only if this is the first element"]),
    (f"if current == first:\n    {STOP}", STOP, ["step 1 Stop service: no longer only if this is the first element"]),
    (f"if current == first:\n    {STOP}", f"if current == last:\n    {STOP}",
     ["step 1 Stop service: only if this is the first element → only if this is the last element"]),
    (f"if inputs['a']:\n    {STOP}", f"if inputs['a']:\n    pass\nelse:\n    {STOP}",
     ["step 1 Stop service: only if inputs['a'] → only if not inputs['a']"]),
    (STOP + CHECK + START, f"for n in (1, 2):\n    {STOP}    {CHECK}    {START}",
     ["steps 1 to 3: now for each n in (1, 2)"]),
    (STOP, f"try:\n    {STOP}except StepFailed:\n    log('no')\n",
     ["step 1 Stop service: now with StepFailed caught", "new step 2 Log 'no', only after StepFailed"]),
    (CHECK, "state = run_task('Check')\n", ["step 1 Check: `r = …` → `state = …`"]),
    (CHECK, "run_task('Check')\n", ["step 1 Check: no longer `r = …`"]),
    ("if run_task('Check')['ok']:\n    log('x')\n", "if not run_task('Check')['ok']:\n    log('x')\n",
     ["step 1 Check: `if …['ok']` → `if not …['ok']`", "step 2 Log: only if …['ok'] → only if not …['ok']"]),
    ("n = 3\n" + STOP, "n = 5\n" + STOP, ["`n = 5`: was `n = 3`"]),
    (STOP, STOP + "fail('no')\n", ["new line 2: `fail('no')`"]),
    ("def f(x):\n    return x + 1\n" + STOP, "def f(x):\n    return x + 2\n" + STOP,
     ["`def f(x): return x + 2`: was `def f(x): return x + 1`"]),
    (STOP, "# why\n" + STOP + "\n", ["comments or layout of the script alone"]),
    (STOP, STOP.rstrip(), ["comments or layout of the script alone"]),
    (STOP, "run_task('Stop service'\n",
     [("script: 1 line new, 1 gone; it cannot be compared step by step "
       "(line 1: not valid Python 3.11: '(' was never closed)")]),
    ("", STOP, ["new step 1 Stop service (timeout 60)"]),
    (STOP, "", ["step 1 Stop service (timeout 60) is gone"]),
    (f"log('{LONG}ONE')\n", f"log('{LONG}TWO')\n", [f"step 1 Log: message {SEEN}ONE' → {SEEN}TWO'"]),
    (f"x = '{LONG}ONE'\n", f"x = '{LONG}TWO'\n", [f"`x = '{LONG[:64]}…`: `{SEEN}ONE'` → `{SEEN}TWO'`"]),
    (f"if '{LONG}ONE':\n    {STOP}", f"if '{LONG}TWO':\n    {STOP}",
     [f"step 1 Stop service: {SEEN}ONE' → {SEEN}TWO'"]),
    (f"run_task('{LONG}ONE')\n", f"run_task('{LONG}TWO')\n", [f"step 1 {LONG}TWO: {SEEN}ONE → {SEEN}TWO"]),
    ("log('a  b')\n", "log('a b')\n", ["step 1 Log: message 'a  b' → 'a b'"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words"), STEPS)
def test_steps_are_told_by_their_numbers_and_names(before: str, after: str, words: list[str]) -> None:
    assert told(flow(before), flow(after)) == words


def test_an_unchanged_order_is_said_where_something_else_changed() -> None:
    changes = changes_between(flow(STOP, "x = 1\n"), flow(STOP.replace("60", "90"), "x = 1\n"))
    assert [(change.part, change.text) for change in changes] == [
        ("order", "order unchanged"), ("steps", "step 1 Stop service: timeout 60 → 90"),
    ]  # fmt: skip
    assert changes_between(flow(STOP), flow(STOP)) == []


BY_NAME = "order_flow_elements(elements, lambda e: e['name'])\n"
LEADER_LAST = "order_flow_elements(elements, lambda e: e['context']['patroni_leader'] == 'master')\n"


def test_the_order_is_told_in_its_own_words() -> None:
    assert told_order("", LEADER_LAST) == "by name → patroni_leader master last"
    assert told_order(LEADER_LAST, BY_NAME) == "patroni_leader master last → by name"


def test_an_order_without_words_is_told_by_its_statements() -> None:
    after = "elements = elements[1:] + elements[:1]\n"
    assert told_order("", after) == "new line 1: `elements = elements[1:] + elements[:1]`"


def test_scripts_with_the_same_words_are_told_by_their_statements() -> None:
    other = BY_NAME.replace("e:", "one:").replace("e[", "one[")
    assert "lambda one" in told_order(BY_NAME, other)


def told_order(before: str, after: str) -> str:
    [change] = changes_between(flow(STOP, before), flow(STOP, after))
    assert change.part == "order"
    return change.text


TARGETS: list[tuple[Any, Any, list[str]]] = [
    ({"profile": "a"}, {"profile": "b"}, ["profile: a → b"]),
    ({"profile": "a", "groups": ["x"]}, {"groups": ["x"]}, ["profile: a → any"]),
    ({"groups": ["x"]}, {"groups": ["y", "x"]}, ["group y added"]),
    ({"groups": ["x", "y"]}, {"groups": ["y"]}, ["group x removed"]),
    ({"filters": ["env == prod"]}, {"filters": ["env == stage"]},
     ["filter env == stage added", "filter env == prod removed"]),
    ({"filters": [f"env == {LONG}ONE"]}, {"filters": [f"env == {LONG}TWO"]},
     [f"filter {SEEN}TWO added", f"filter {SEEN}ONE removed"]),
    ({"filters": ["a == 1", "b == 2"]}, {"filters": ["b == 2", "a == 1"]},
     ["filters in another order: b == 2, a == 1"]),
    ({"groups": ["x", "y"]}, {"groups": ["y", "x"]}, []),
    (None, {"all": True}, ["elements: named at each start → every enabled element"]),
    ({"all": True}, {"profile": "a", "groups": ["x", "y"], "filters": ["n > 1"]},
     ["elements: every enabled element → a, in x or y, n > 1"]),
    ({"all": True}, None, ["elements: every enabled element → named at each start"]),
    ({"all": True}, "all", ["target changed, and cannot be read"]),
    ({"profiles": "a"}, {"profile": "a"}, ["target changed, and cannot be read"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words"), TARGETS)
def test_targets_are_told_by_what_they_select(before: Any, after: Any, words: list[str]) -> None:
    assert told(flow(target=before), flow(target=after)) == words


RULES: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {"concurrency": 1}, []),
    ({"concurrency": 1}, {"concurrency": 5}, ["one at a time → 5 at a time"]),
    ({"mode": "serial"}, {"mode": "parallel"}, ["mode: Serial → Parallel", "one at a time → 50 at a time"]),
    ({"mode": "parallel"}, {"mode": "parallel", "batches": [1, 5, "20%"], "soak": 60},
     ["batches: one of all → 1, 5, 20%", "between batches: 0 s → 60 s"]),
    ({"error_threshold": 0}, {"error_threshold": "100%"}, ["stop at the first failure → never stop for failures"]),
    ({"error_threshold": 1}, {"error_threshold": "10%"},
     ["stop once more than 1 has failed → stop once more than 10% have failed"]),
    ({}, {"error_threshold": 0},
     ["stop at the first failure, as a child as its caller says → stop at the first failure"]),
    ({}, {"on_empty": "succeed"}, ["without elements: fail → succeed"]),
    ({"refresh": ["Read role"]}, {"refresh": ["Read disk"]},
     ["refresh by task Read disk added", "refresh by task Read role removed"]),
    ({"refresh": ["A", "B"]}, {"refresh": ["B", "A"]}, ["refresh by tasks in another order: B, A"]),
    ({"concurrency": 5}, {"concurrency": "many"}, ["concurrency changed, and cannot be read"]),
    ({"mode": "sideways"}, {"mode": "serial"}, ["mode changed, and cannot be read"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words"), RULES)
def test_rules_are_told_as_what_happens(before: dict[str, Any], after: dict[str, Any], words: list[str]) -> None:
    assert told(flow(**before), flow(**after)) == words


SERVICE = {"name": "service", "type": "string", "required": True}
INPUTS: list[tuple[list[Any], list[Any], list[str]]] = [
    ([], [SERVICE], ["new input service (text, required)"]),
    ([SERVICE], [], ["input service is gone"]),
    ([SERVICE], [{**SERVICE, "required": False}], ["input service: required → optional"]),
    ([SERVICE], [{**SERVICE, "type": "integer"}], ["input service: text → whole number"]),
    ([SERVICE], [{**SERVICE, "type": "list", "of": "element"}], ["input service: text → list of element"]),
    ([SERVICE], [{**SERVICE, "default": "pg"}], ["input service: default none → 'pg'"]),
    ([{**SERVICE, "default": f"{LONG}ONE"}], [{**SERVICE, "default": f"{LONG}TWO"}],
     [f"input service: default {SEEN}ONE' → {SEEN}TWO'"]),
    ([{**SERVICE, "type": "choice", "choices": ["a"]}], [{**SERVICE, "type": "choice", "choices": ["a", "b"]}],
     ["input service: choices a → choices a, b"]),
    ([SERVICE], [{**SERVICE, "description": "which"}], ["input service: another description"]),
    ([SERVICE, {"name": "n"}], [{"name": "n"}, SERVICE], ["inputs in another order: n, service"]),
    ([SERVICE], [{"name": 5}], ["inputs changed, and cannot be read"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words"), INPUTS)
def test_inputs_are_told_by_name_and_type(before: list[Any], after: list[Any], words: list[str]) -> None:
    assert told(flow(inputs=before), flow(inputs=after)) == words


def test_a_first_version_is_told_whole_and_compared_with_nothing() -> None:
    script = "if current == first:\n    log('a')\nelse:\n    sleep(5)\napprove('go?')\n"
    inputs = [{"name": "to", "type": "string", "required": True}]
    first = flow(script, inputs=inputs, error_threshold=2, refresh=["Read role"])
    assert [(change.part, change.text) for change in whole(first)] == [
        ("target", "postgres, in prod"),
        ("order", "by name"),
        ("steps", "step 1 Log 'a', only if this is the first element"),
        ("steps", "step 2 Wait 5, only if this is not the first element"),
        ("steps", "step 3 Approval 'go?'"),
        ("rules", "Serial, one at a time"),
        ("rules", "stop once more than 2 have failed"),
        ("rules", "refresh by task Read role"),
        ("inputs", "to (text, required)"),
    ]


def test_a_first_version_that_cannot_be_read_says_which_part() -> None:
    broken = flow("log(", concurrency="many", target="all of them", batches=[1, "50%"])
    texts = {change.part: change.text for change in whole(broken)}
    assert texts["target"] == "target cannot be read"
    assert texts["steps"].startswith("script: 1 line new; it cannot be told step by step (line 1")
    assert "concurrency cannot be read" in texts["rules"]


def test_a_great_many_changes_are_cut() -> None:
    script = "".join(f"run_task('T{n}')\n" for n in range(80))
    texts = told(flow(""), flow(script))
    assert len(texts) == 51
    assert texts[-1] == "and 30 more"


def test_scripts_that_are_too_long_to_be_paired_are_told_by_their_lines() -> None:
    script = "log('x')\n" * 700
    assert told(flow(script), flow(script + "log('y')\n")) == [
        "script: 1 line new; it is too long to be compared step by step"
    ]


def test_lines_stand_beside_each_other_with_their_numbers() -> None:
    assert line_changes("a\nb\nc\n", "a\nx\nc\nd\n") == [
        (" ", 1, 1, "a"), ("-", 2, None, "b"), ("+", None, 2, "x"), (" ", 3, 3, "c"), ("+", None, 4, "d"),
    ]  # fmt: skip
    assert line_changes("a\n", "a\n") == []


TEXTS = st.text("a …\n'\\", max_size=6)
NEAR = st.tuples(st.sampled_from(["", "b", LONG]), TEXTS, st.sampled_from(["", LONG])).map("".join)


@given(NEAR, NEAR)
def test_two_values_are_cut_and_told_the_same_only_where_they_are_equal(before: str, after: str) -> None:
    first, second = cut_pair(before, after)
    assert max(len(first), len(second)) <= SHOWN
    assert (first == second) == (before == after)


LINES = st.sampled_from(
    [STOP, START, CHECK, "sleep(5)\n", "log('x')\n", "n = 1\n", "fail('no')\n", "if current == first:\n    " + STOP,
     "for n in (1, 2):\n    " + CHECK, "while r['ok']:\n    " + CHECK, "x = [run_task('A'), run_task('B')]\n",
     "try:\n    " + STOP + "finally:\n    " + START, "def f():\n    return 1\n", "# a remark\n", "(\n",
     "run_flow('F2')\n", "match r:\n    case 1:\n        " + STOP,
     "r['a'] = run_task('A', x=run_task('B'))['output'] if first else 2\n"]
)  # fmt: skip
SCRIPTS = st.lists(LINES, max_size=8).map("".join)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "all", "groups"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(SCRIPTS, SCRIPTS)
def test_any_two_scripts_can_be_compared_and_only_equal_ones_have_no_difference(before: str, after: str) -> None:
    assert bool(told(flow(before), flow(after))) == (before != after)


@given(ANYTHING, ANYTHING, st.sampled_from(["mode", "target", "concurrency", "batches", "inputs", "refresh", "soak"]))
def test_whatever_a_draft_holds_is_compared(before: Any, after: Any, key: str) -> None:
    changes_between(flow(STOP, **{key: before}), flow(STOP, **{key: after}))
    assert told(flow(STOP, **{key: after}), flow(STOP, **{key: after})) == []
