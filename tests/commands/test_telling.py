"""Events in words, and the live display of a terminal."""

import io
from typing import Any

import pytest
from rich.console import Console

from flows.management.telling import ProgressTeller, describe

STEP = {"run": 7, "root": 7, "element": "db1", "site": 2, "step": "run_task", "name": "Restart", "attempt": 1}


def event(type_: str, **more: Any) -> dict[str, Any]:
    """An event as the journal gives it."""
    return {"seq": 1, "run": 7, "root": 7, "type": type_, "at": "2026-11-23T02:00:01.5+00:00", **more}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            event("run_started", flow="F", version=3, mode="serial", elements=["a"]),
            "run 7: F version 3, serial, 1 element",
        ),
        (
            event(
                "step_finished", **{**STEP, "attempt": 2}, status="failed", exit_code=3, reason="exit 3", advice="Look."
            ),
            "db1  2 Restart  failed, exit 3, attempt 2: exit 3: Look.",
        ),
        (
            event("step_finished", **{**STEP, "step": "log", "name": "half way"}, status="succeeded"),
            "db1  2 log: half way",
        ),
        (
            event("step_finished", **{**STEP, "step": "sleep", "name": None}, status="succeeded"),
            "db1  2 sleep  succeeded",
        ),
        (event("element_finished", element="db1", state="stopped", message="after 2"), "db1  stopped: after 2"),
        (event("run_state", state="paused", reason="paused by ops"), "run 7: paused: paused by ops"),
        (event("run_finished", status="succeeded", reason=""), "run 7: succeeded"),
        (
            event("step_finished", **{**STEP, "site": 0, "target": "lb1"}, status="succeeded"),
            "db1  refresh Restart on lb1  succeeded",
        ),
        (
            event("elements_ordered", elements=["b", "a"], skipped=[], problem=""),
            "run 7: refreshed, in the order b, a",
        ),
        (
            event("soak_started", batch=1, until=1_795_572_000.0),
            "run 7: batch 1 is done, the next begins at 02:00:00 UTC",
        ),
        (
            event("question_answered", question=1, answer="reject", by="ops", comment="no"),
            "question 1: reject by ops: no",
        ),
        (
            event("question_answered", question=1, answer="timed_out", by="", comment=""),
            "question 1: nobody answered in time",
        ),
    ],
)
def test_an_event_is_one_line_with_its_time(told: dict[str, Any], words: str) -> None:
    assert describe(told) == [f"02:00:01 {words}"]


def test_a_question_comes_with_the_command_that_answers_it() -> None:
    """R36."""
    asked = event("question_asked", element="db1", question=2, message="what now?", options=["retry", "failed"])
    assert describe(asked) == [
        "02:00:01 question 2 about db1: what now?",
        "02:00:01 answer it with: manage.py run_control 7 answer --question 2 --answer retry/failed",
    ]


def test_an_approval_comes_with_who_asks_and_both_answers() -> None:
    """R14, R20."""
    callers = [f"e{number}" for number in range(10)]
    asked = event("question_asked", element="e0", question=1, message="Go on?", kind="approval", callers=callers)
    assert describe(asked) == [
        "02:00:01 question 1: Go on? (asked by e0, e1, e2, e3, e4, e5, e6, e7 and 2 more)",
        "02:00:01 answer it with: manage.py run_control 7 approve --question 1, or with reject in place of approve",
    ]


def test_starts_and_output_are_details() -> None:
    started, output = event("step_started", **STEP), event("step_output", **STEP, stream="stderr", text="a\nb\n")
    assert describe(started) == describe(output) == []
    assert describe(started, is_detailed=True) == ["02:00:01 db1  2 Restart  started"]
    assert describe(output, is_detailed=True) == ["02:00:01 db1  2 stderr: a", "02:00:01 db1  2 stderr: b"]


def test_what_an_element_that_succeeded_says_is_not_repeated() -> None:
    assert describe(event("element_finished", element="db1", state="succeeded", message="")) == []


def test_the_live_display_counts_the_roots_elements_and_shows_markup_as_it_is() -> None:
    screen = io.StringIO()
    teller = ProgressTeller(Console(file=screen, force_terminal=True, width=100), 7, is_detailed=False)
    teller.event(event("run_started", flow="F", version=1, mode="serial", elements=["db1", "db2"]))
    teller.event({**event("element_finished", element="db1", state="failed", message="[red]no[/red]"), "run": 8})
    teller.event(event("element_finished", element="db1", state="failed", message="no"))
    teller.event(event("run_finished", status="partial", reason="1 failed"))
    teller.close()
    assert "1/2" in screen.getvalue()
    assert "[red]no[/red]" in screen.getvalue()
    assert "run 7: partial \x1b" in screen.getvalue()
