"""A worker may die anywhere: the next one goes on, and the run ends as if nothing had happened (R36, R37)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.commands import Ended, Resumption, ScriptAnswer, Verdict
from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    ElementFinished,
    LimitExceeded,
    Outcome,
    QuestionAsked,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from flows.engine.status import RunState, StepStatus
from flows.runner.driver import Ending
from flows.runner.events import encode, is_input
from flows.runner.ports import LeaseLost
from tests.engine.programs import Fail, If, Library, Loop, Node, Raise, Step, Try, flow, tasks
from tests.fakes import Deed, failing, run_virtual
from tests.runner.world import World, world

RETRYING = [TaskPolicy(name, on_interrupt="retry") for name in "ABC"]


def kill_after(run: World, turns: int) -> bool:
    """Drive with one worker for so many turns of the event loop, then let it die. True if it was done before."""

    async def drive() -> bool:
        driving = asyncio.ensure_future(run.worker().driver.drive())
        for _ in range(turns):
            if driving.done():
                await driving
                return True
            await asyncio.sleep(0)
        run.store.fence += 1
        run.trace.append("killed")
        driving.cancel()
        await asyncio.wait((driving,))
        return False

    return run_virtual(drive())


def odd(element: str) -> bool:
    return int(element.lstrip("E")) % 2 == 1


def rounds(element: str) -> int:
    return int(element.lstrip("E")) % 3


#: Each draw makes nodes of its own: a program numbers its steps by their identity.
OTHERS: tuple[Callable[[], Node], ...] = (
    lambda: Step("said", "log"),
    lambda: Step(None, "sleep", seconds=3.0),
    lambda: Step("F2", "run_flow"),
    lambda: Fail("no", odd),
    lambda: Raise(odd),
)


def nodes(depth: int) -> st.SearchStrategy[list[Node]]:
    steps = st.sampled_from("ABC").map(lambda name: Step(name, check=name != "B"))
    others = st.sampled_from(OTHERS).map(lambda make: make())
    simple: st.SearchStrategy[Node] = st.one_of(steps, steps, others)
    if depth == 0:
        return st.lists(simple, min_size=1, max_size=3)
    inner = nodes(depth - 1)
    blocks: st.SearchStrategy[Node] = st.one_of(
        st.builds(If, st.just(odd), inner, inner),
        st.builds(Loop, st.just(rounds), inner),
        st.builds(Try, inner, st.none() | inner, inner),
    )
    return st.lists(st.one_of(simple, simple, blocks), min_size=1, max_size=3)


def two_flows(mode: str, child_mode: str, program: Sequence[Node], width: int, threshold: int | str = "100%") -> World:
    """F1 with the program, and a child F2. B fails always; nothing stops the run unless a threshold is given."""
    library = Library(
        flow("F1", mode, program, concurrency=width, error_threshold=threshold),
        flow("F2", child_mode, tasks("CB"), concurrency=width),
        tasks=RETRYING,
    )
    deeds = {"A": Deed(duration_s=1), "B": failing(duration_s=2), "C": Deed(duration_s=0)}
    return World(library, ["E1", "E2", "E3"], deeds)  # type: ignore[arg-type]


def result(run: World) -> tuple[Any, ...]:
    """What a run came to: ends of runs and elements, and the last status of each step by its place.

    Children are named by their callers: side by side in a Serial run they may start in another order after a death.
    """
    named: dict[int | None, tuple[Any, ...]] = {None: ()}
    for event in run.events:
        if isinstance(event, RunStarted):
            named[event.run] = (*named[event.parent], event.site, event.turn, event.callers)
    ends = {(named[e.run], e.element): e.state for e in run.events if isinstance(e, ElementFinished)}
    runs = {named[e.run]: e.status for e in run.events if isinstance(e, RunFinished)}
    last = {
        (named[e.key.run], e.key.element, e.key.site, e.key.turn): e.outcome.status
        for e in run.events
        if isinstance(e, StepFinished)
    }
    return ends, runs, last


@given(
    mode=st.sampled_from(["serial", "parallel"]),
    child_mode=st.sampled_from(["serial", "parallel"]),
    program=nodes(1),
    width=st.integers(1, 3),
    crashes=st.lists(st.integers(0, 120), min_size=1, max_size=3),
)
@settings(max_examples=120, deadline=None)
def test_a_run_that_dies_anywhere_resumes_to_the_same_result(
    mode: str, child_mode: str, program: list[Node], width: int, crashes: list[int]
) -> None:
    """R36, R37: over random scripts and moments of death."""
    undisturbed = two_flows(mode, child_mode, program, width)
    undisturbed.run()
    run = two_flows(mode, child_mode, program, width)
    if not any(kill_after(run, turns) for turns in crashes):
        run.run()
    assert result(run) == result(undisturbed)
    assert_nothing_recorded_ran_again(run)
    assert [seq for seq, _, _ in run.store.events] == list(range(1, run.store.seq + 1))
    facts = Counter(str(encode(event)) for event in run.events if not is_input(event))
    assert set(facts.values()) == {1}, "a fact stands once in the journal"


@given(
    mode=st.sampled_from(["serial", "parallel"]),
    child_mode=st.sampled_from(["serial", "parallel"]),
    program=nodes(1),
    threshold=st.sampled_from([0, 1, "100%"]),
    asked=st.lists(st.sampled_from(["pause", "resume", "cancel"]), max_size=3),
    crashes=st.lists(st.integers(0, 120), max_size=3),
)
@settings(max_examples=120, deadline=None)
def test_whatever_is_asked_and_whoever_dies_the_run_ends_and_every_step_and_element_with_it(
    mode: str, child_mode: str, program: list[Node], threshold: int | str, asked: list[str], crashes: list[int]
) -> None:
    """R30, R31, R33, R34 over random deaths: never a hang, never an internal error, nothing left open."""
    run = two_flows(mode, child_mode, program, 2, threshold)
    for turns, kind in zip_longest(crashes, asked):
        if run.store.recorded() and kind is not None:
            run.store.signal(kind)
        if turns is not None and kill_after(run, turns):
            break
    while not any(isinstance(event, RunFinished) and event.run == 0 for event in run.events):
        if run.run() is Ending.SUSPENDED:
            assert run.states()[-1] == "paused"
            run.store.signal("resume")
    assert "internal error" not in run.finished().reason
    assert_nothing_recorded_ran_again(run)
    started = {event.key for event in run.events if isinstance(event, StepStarted)}
    assert started == {event.key for event in run.events if isinstance(event, StepFinished)}
    elements = [(event.run, name) for event in run.events if isinstance(event, RunStarted) for name in event.elements]
    ended = [(event.run, event.element) for event in run.events if isinstance(event, ElementFinished)]
    assert sorted(elements) == sorted(ended)


def assert_nothing_recorded_ran_again(run: World) -> None:
    recorded = set()
    for item in run.trace:
        match item:
            case ("committed", StepFinished(key=key)):
                recorded.add(key)
            case ("dispatched", key):
                assert key not in recorded, f"{key} had an outcome and ran again"


def test_a_step_without_outcome_is_interrupted_and_its_task_says_what_follows() -> None:
    """R36: retry."""
    run = world(tasks("AB"), elements=1, tasks=RETRYING, deeds={("A", "E1", 1): Deed(duration_s=600)})
    assert not kill_after(run, 60)
    run.run()
    assert [(key.attempt, status) for key, status in run.outcomes().items()] == [
        (1, "interrupted"),
        (2, "succeeded"),
        (1, "succeeded"),
    ]
    assert run.finished().status is RunState.SUCCEEDED


def test_a_task_that_asks_waits_for_an_operator_and_frees_its_worker() -> None:
    """R36: ask, needs_attention, and each answer."""
    for answer, expected in (("retry", "succeeded"), ("succeeded", "succeeded"), ("failed", "failed")):
        run = world(tasks("AB"), elements=1, deeds={("A", "E1", 1): Deed(duration_s=600)})
        assert not kill_after(run, 60)
        assert run.run() is Ending.SUSPENDED
        assert run.states()[-1] == "needs_attention"
        assert run.store.wake_at is None
        question = next(event for event in run.events if isinstance(event, QuestionAsked))
        run.store.signal("answer", question=question.question, answer=answer, comment="looked")
        assert run.run() is Ending.ENDED
        assert run.finished().status == expected


def test_a_sleep_keeps_its_original_end_over_a_crash() -> None:
    """R36."""
    run = world([Step(None, "sleep", seconds=20.0), *tasks("A")], elements=1)
    assert not kill_after(run, 60)
    run.run()
    sleep = next(event for event in run.events if isinstance(event, StepStarted) and event.step == "sleep")
    ended = next(at for _, at, encoded in run.store.events if encoded.type == "step_finished")
    assert sleep.until is not None
    assert ended == pytest.approx(sleep.until)
    assert run.started("sleep") == ["None1"]


def test_a_script_that_asks_for_something_else_than_recorded_fails_the_run_with_both_told() -> None:
    """R37."""
    run = world([*tasks("AB")], elements=1, tasks=RETRYING, deeds={"B": Deed(duration_s=600)})
    assert not kill_after(run, 80)
    assert run.started() == ["A1", "B1"]
    changed = world(tasks("AC"), elements=1, tasks=RETRYING)
    changed.store = replace(run.store, definitions=changed.library.definitions)
    assert changed.run() is Ending.ENDED
    assert changed.finished().status is RunState.FAILED
    assert "recorded run_task 'B'" in changed.finished().reason
    assert "script asked for run_task 'C' at line 20" in changed.finished().reason


def test_a_second_worker_that_takes_the_run_fences_out_the_first() -> None:
    """A duplicated advance: the store's fence decides, and the first worker stops (3.3)."""
    run = world(tasks("AB"), elements=2, tasks=RETRYING, deeds={"A": Deed(duration_s=3)})

    async def both() -> list[Any]:
        first = asyncio.ensure_future(run.worker().driver.drive())
        await asyncio.sleep(1)
        second = asyncio.ensure_future(run.worker().driver.drive())
        return list(await asyncio.gather(first, second, return_exceptions=True))

    first, second = run_virtual(both())
    assert isinstance(first, LeaseLost)
    assert second is Ending.ENDED
    assert run.finished().status is RunState.SUCCEEDED
    assert len([event for event in run.events if isinstance(event, RunFinished)]) == 1


def test_facts_that_a_dead_worker_did_not_write_are_written_by_the_next() -> None:
    run = world(tasks("A"), elements=2)
    run.run()
    cut = next(index for index, (_, _, encoded) in enumerate(run.store.events) if encoded.type == "element_finished")
    whole = list(run.events)
    del run.store.events[cut:]
    run.store.seq = cut
    run.run()
    assert run.events == whole


def test_a_run_that_ended_in_the_journal_is_only_released() -> None:
    run = world(tasks("A"))
    run.run()
    before = run.store.seq
    assert run.run() is Ending.ENDED
    assert run.store.seq == before


def test_outcomes_are_the_same_live_and_replayed_whatever_a_command_printed() -> None:
    """NUL bytes, lone surrogates and megabytes: what the script saw is what the journal has."""
    nasty = Outcome(StepStatus.SUCCEEDED, result={"output": "a\x00\ud800" + "é" * 100_000})
    run = world(tasks("A"), elements=1, deeds={"A": Deed(nasty)})
    run.run()
    returned = next(item[2].value for item in run.trace if item[0] == "resumed" and hasattr(item[2], "value"))
    recorded = next(event.outcome.result for event in run.events if isinstance(event, StepFinished))
    assert returned["output"] == recorded["output"]
    assert len(recorded["output"].encode()) <= 64 * 1024
    assert recorded["output"].startswith("a\ufffd\ufffdé")


def test_r37_a_limit_that_was_exceeded_is_not_judged_again() -> None:
    """The first machine was too slow for E1's script after A; the second would not be."""
    run = world(tasks("AB"), elements=2, tasks=RETRYING, error_threshold="100%")

    async def die_once_it_is_recorded() -> None:
        worker = run.worker()
        in_time = worker.host.resume

        async def too_slow(items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
            answers = await in_time(items)
            verdict = Verdict("limit", "the script ran for 1 s", 2)
            late = {answer.instance for answer in answers if answer.instance.element == "E1" and run.outcomes()}
            return [Ended(a.instance, verdict) if a.instance in late else a for a in answers]

        worker.host.resume = too_slow  # type: ignore[method-assign]
        driving = asyncio.ensure_future(worker.driver.drive())
        for _ in range(1000):
            if any(isinstance(event, LimitExceeded) for event in run.events):
                break
            await asyncio.sleep(0)
        run.store.fence += 1
        driving.cancel()
        await asyncio.wait((driving,))

    run_virtual(die_once_it_is_recorded())
    assert run.run() is Ending.ENDED
    ends = {
        event.element: (str(event.state), event.message) for event in run.events if isinstance(event, ElementFinished)
    }
    assert ends == {"E1": ("failed", "line 2: the script ran for 1 s"), "E2": ("succeeded", "")}
    assert sum(isinstance(event, LimitExceeded | ElementFinished) for event in run.events) == 3
    assert "B1" not in run.started()
