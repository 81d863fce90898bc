"""The journal's words: exact both ways, under the names that others rely on (4.2)."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine import events as words
from flows.engine.events import Event, Outcome, QuestionAnswered, StepFinished, StepKey, StepStarted
from flows.engine.status import ElementState, Mode, RunState, StepStatus
from flows.runner.events import EncodedEvent, UnknownEventType, decode, encode, is_input, run_number

names = st.text(max_size=8)
numbers = st.integers(1, 1000)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(st.text(max_size=5), json_values, max_size=3)
tuples = st.lists(names, max_size=3).map(tuple)
keys = st.builds(StepKey, st.integers(0, 99), names, numbers, numbers, numbers)
outcomes = st.builds(
    Outcome, st.sampled_from(StepStatus), names, names, st.none() | st.integers(-255, 255), json_objects
)
EVENTS: dict[type, st.SearchStrategy[Event]] = {
    words.RunStarted: st.builds(
        words.RunStarted,
        run=st.integers(0, 99),
        flow=names,
        version=numbers,
        mode=st.sampled_from(Mode),
        elements=tuples,
        skipped=tuples,
        unknown=tuples,
        inputs=json_objects,
        parent=st.none() | numbers,
        site=st.none() | numbers,
        turn=st.none() | numbers,
        callers=tuples,
        path=tuples,
        problem=names,
        sandbox=names,
        refreshing=st.booleans(),
        seed=names,
    ),
    words.ElementsOrdered: st.builds(words.ElementsOrdered, st.integers(0, 99), tuples, tuples, names),
    words.SoakStarted: st.builds(words.SoakStarted, st.integers(0, 99), numbers, st.floats(0, 1e12)),
    words.SoakEnded: st.builds(words.SoakEnded, st.integers(0, 99), numbers),
    StepStarted: st.builds(
        StepStarted, keys, names, st.none() | names, numbers, tuples, st.none() | names, st.none() | st.floats(0, 1e12)
    ),
    StepFinished: st.builds(StepFinished, keys, names, st.none() | names, numbers, tuples, outcomes, st.none() | names),
    words.PauseRequested: st.builds(words.PauseRequested, names),
    words.ResumeRequested: st.builds(words.ResumeRequested, names),
    words.CancelRequested: st.builds(words.CancelRequested, names),
    QuestionAnswered: st.builds(QuestionAnswered, numbers, st.sampled_from(get_args(words.Answer)), names, names),
    words.LimitExceeded: st.builds(words.LimitExceeded, st.integers(0, 99), names, numbers, names, st.none() | numbers),
    words.QuestionAsked: st.builds(
        words.QuestionAsked,
        numbers,
        keys,
        names,
        tuples,
        st.sampled_from(get_args(words.QuestionKind)),
        tuples,
        st.none() | st.floats(0, 1e12),
    ),
    words.ElementFinished: st.builds(
        words.ElementFinished,
        st.integers(0, 99),
        names,
        st.sampled_from(ElementState),
        names,
        st.none() | st.tuples(numbers, numbers),
    ),
    words.RunStateChanged: st.builds(words.RunStateChanged, st.integers(0, 9), st.sampled_from(RunState), names),
    words.RunFinished: st.builds(words.RunFinished, st.integers(0, 99), st.sampled_from(RunState), names),
}


@given(st.one_of(*EVENTS.values()))
def test_an_event_comes_back_from_the_journal_exactly(event: Event) -> None:
    encoded = encode(event)
    through = EncodedEvent(encoded.type, encoded.run, json.loads(json.dumps(encoded.data)))
    assert decode(through) == event
    assert encoded.run == run_number(event)


def test_every_event_of_the_engine_has_words() -> None:
    assert set(EVENTS) == set(Event.__args__)


def test_the_names_of_step_events_are_those_that_others_rely_on() -> None:
    """4.2."""
    key = StepKey(2, "db1", 3, 4, 5)
    outcome = Outcome(StepStatus.FAILED, "exit 3", "look", 3, {"output": "x"})
    finished = encode(StepFinished(key, "run_task", "Stop", 7, ("F1", "F2"), outcome, "db1"))
    assert finished == (
        "step_finished",
        2,
        {
            "element": "db1",
            "target": "db1",
            "site": 3,
            "turn": 4,
            "line": 7,
            "step": "run_task",
            "name": "Stop",
            "attempt": 5,
            "status": "failed",
            "exit_code": 3,
            "path": ["F1", "F2"],
            "reason": "exit 3",
            "advice": "look",
            "result": {"output": "x"},
        },
    )


def test_the_outcomes_of_child_flows_and_approvals_are_facts_and_a_tasks_is_an_input() -> None:
    key = StepKey(0, "db1", 1, 1)
    done = Outcome(StepStatus.SUCCEEDED)
    assert is_input(StepFinished(key, "run_task", "A", 1, ("F",), done))
    assert not is_input(StepFinished(key, "run_flow", "F2", 1, ("F",), done))
    assert not is_input(StepFinished(key, "approve", "Go on?", 1, ("F",), done))


def test_a_type_of_a_newer_version_is_named() -> None:
    with pytest.raises(UnknownEventType, match="'step_danced'"):
        decode(EncodedEvent("step_danced", 0, {}))
