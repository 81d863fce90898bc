"""What of an outcome is kept, and in what form."""

import json

from hypothesis import given
from hypothesis import strategies as st

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.runner.outcomes import KEPT_OUTPUT_BYTES, canonical, kept

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def of(**result: object) -> Outcome:
    return Outcome(StepStatus.SUCCEEDED, result=result)


def test_large_output_stays_only_where_something_reads_it() -> None:
    outcome = of(output="x" * 5000, data={"a": 1}, exit=0)
    assert kept(outcome, is_read=True) == outcome
    assert kept(outcome, is_read=False).result == {"exit": 0}
    assert kept(of(output="short", data=[1]), is_read=False).result == {"output": "short", "data": [1]}


def test_read_output_is_cut_at_64_kib_of_whole_characters() -> None:
    """R12."""
    output = kept(of(output="é" * 60_000 + "x"), is_read=True).result["output"]
    assert len(output.encode()) == KEPT_OUTPUT_BYTES
    assert set(output) == {"é"}


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_the_canonical_form_is_ordered_storable_and_stable(value: dict[str, object]) -> None:
    once = canonical(value)
    text = json.dumps(once, allow_nan=False)
    assert "\\u0000" not in text
    assert json.dumps(once, sort_keys=True) == text
    assert json.dumps(canonical(once)) == text
    text.encode()


def test_text_that_no_database_takes_is_replaced() -> None:
    outcome = Outcome(StepStatus.FAILED, "a\x00b", "c\ud800", None, {"k\x00": ["\udfff"]})
    clean = Outcome(StepStatus.FAILED, "a\ufffdb", "c\ufffd", None, {"k\ufffd": ["\ufffd"]})
    assert kept(outcome, is_read=True) == clean
