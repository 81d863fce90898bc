"""A worker that died: R36, R37, and replays of the journal's prefixes."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    ENDED_BY_ENGINE,
    CancelRequested,
    ElementsOrdered,
    Event,
    Outcome,
    PauseRequested,
    QuestionAnswered,
    QuestionAsked,
    ResumeRequested,
    RunStarted,
    RunStateChanged,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.execution import RecordedOtherwise
from flows.engine.instances import Phase
from flows.engine.status import StepStatus
from tests.engine.programs import Fail, If, Library, Loop, Node, Raise, Step, Try, flow, tasks
from tests.engine.rehearsal import BAD, OK, Rehearsal

INTERRUPTED = Outcome(StepStatus.INTERRUPTED)
INPUTS = (
    RunStarted,
    ElementsOrdered,
    StepStarted,
    SoakStarted,
    SoakEnded,
    PauseRequested,
    ResumeRequested,
    CancelRequested,
    QuestionAnswered,
)


def is_input(event: Event) -> bool:
    return isinstance(event, INPUTS) or (isinstance(event, StepFinished) and event.step not in ENDED_BY_ENGINE)


def crashed(rehearsal: Rehearsal, at: int) -> Rehearsal:
    """A new worker that knows only the first ``at`` events of the journal."""
    again = Rehearsal(
        rehearsal.library,
        rehearsal.root,
        rehearsal.elements,
        rehearsal.outcomes,
        rehearsal.duration,
        rehearsal.enabled,
        rehearsal.process,
    )
    again.saved = {name: dict(settings) for name, settings in rehearsal.saved.items()}
    prefix = rehearsal.journal[:at]
    again.recorded = Counter(repr(event) for _, event in prefix if not is_input(event))
    for now, event in prefix:
        again.now = now
        again.journal.append((now, event))
        if isinstance(event, RunStarted):
            again.flows[event.run] = event.flow
        if is_input(event):
            again._settle(again.execution.apply(event, now))
    return again


def interrupt(rehearsal: Rehearsal) -> None:
    """What a driver does with the steps that a dead worker left behind."""
    for step in rehearsal.execution.unfinished():
        if step.step == "sleep":
            from flows.engine.commands import Call, StartStep

            rehearsal.under_way[step.key] = StartStep(
                step.key, Call("sleep", step.key.site), step.line, step.path, step.key.element
            )
            continue
        outcome = INTERRUPTED if step.step == "run_task" else OK
        rehearsal.take(StepFinished(step.key, step.step, step.name, step.line, step.path, outcome, step.target))


def half_done(policy: TaskPolicy, mode: str = "serial") -> Rehearsal:
    run = Rehearsal(Library(flow("F1", mode, tasks("AB")), tasks=[policy]), "F1", ("E1", "E2"))
    run.do_due()
    run.do_due()
    again = crashed(run, len(run.journal))
    interrupt(again)
    again.run()
    return again


def test_r36_on_interrupt_retry_runs_the_step_again() -> None:
    run = half_done(TaskPolicy("A", on_interrupt="retry"))
    assert run.outcomes_of("run_task")[:2] == [("E1", 1, "interrupted"), ("E1", 2, "succeeded")]
    assert run.execution.state == "succeeded"


def test_r36_on_interrupt_fail_fails_the_step() -> None:
    run = half_done(TaskPolicy("A", on_interrupt="fail"))
    assert run.states() == {"E1": "failed", "E2": "not_started"}


@pytest.mark.parametrize(("answer", "states"), [
    ("retry", {"E1": "succeeded", "E2": "succeeded"}),
    ("succeeded", {"E1": "succeeded", "E2": "succeeded"}),
    ("failed", {"E1": "failed", "E2": "not_started"}),
])  # fmt: skip
def test_r36_on_interrupt_ask_holds_the_element_until_an_operator_chooses(answer: Any, states: dict[str, str]) -> None:
    run = half_done(TaskPolicy("A", on_interrupt="ask"))
    assert str(run.execution.state) == "needs_attention"
    assert run.order == "A1"
    run.take(QuestionAnswered(1, answer, "ana"))
    run.run()
    assert run.states() == states
    assert run.order.startswith("A1 A1 B1" if answer == "retry" else "A1 B1" if answer == "succeeded" else "A1")


def test_r36_a_question_in_a_parallel_run_holds_the_wave_and_frees_its_slot() -> None:
    run = half_done(TaskPolicy("A", on_interrupt="ask"), "parallel")
    assert str(run.execution.state) == "needs_attention"
    questions = [event for _, event in run.journal if isinstance(event, QuestionAsked)]
    assert [question.key.element for question in questions] == ["E1", "E2"]
    told = [event.reason for _, event in run.journal if isinstance(event, RunStateChanged)]
    assert told[-1] == "what was interrupted needs a decision"  # be it one step or several
    run.take(QuestionAnswered(2, "succeeded", "ana"))
    run.run()
    assert run.order == "A1 A2"
    run.take(QuestionAnswered(1, "retry", "ana"))
    run.run()
    assert run.order == "A1 A2 A1 B1 B2"


def test_an_answer_to_a_closed_question_changes_nothing() -> None:
    run = half_done(TaskPolicy("A", on_interrupt="ask"))
    run.take(QuestionAnswered(1, "succeeded", "ana"))
    run.take(QuestionAnswered(1, "failed", "bob"))
    run.run()
    assert run.execution.state == "succeeded"


def test_r34_cancel_closes_questions() -> None:
    run = half_done(TaskPolicy("A", on_interrupt="ask"))
    run.take(CancelRequested("ana"))
    run.run()
    assert run.states() == {"E1": "cancelled", "E2": "not_started"}
    assert run.execution.state == "cancelled"


def test_r37_a_script_that_asks_for_something_else_is_refused_with_both_named() -> None:
    run = Rehearsal(Library(flow("F1", "serial", tasks("AB"))), "F1", ("E1",))
    run.run()
    changed = Library(flow("F1", "serial", tasks("CB")))
    run.library = changed
    with pytest.raises(
        RecordedOtherwise, match="recorded run_task 'A' on E1 at line 10, script asked for run_task 'C'"
    ):
        crashed(run, len(run.journal))


# --- random programs --------------------------------------------------------------------------------------------------

ELEMENTS = tuple(f"E{n}" for n in range(1, 5))


def somewhere(draw: Callable[..., Any]) -> Callable[[str], bool]:
    chosen = draw(st.frozensets(st.sampled_from(ELEMENTS)))
    return lambda element: element in chosen


@st.composite
def programs(draw: Callable[..., Any], depth: int = 2, children: tuple[str, ...] = ("F2", "F3")) -> list[Node]:
    return [draw(nodes(depth, children)) for _ in range(draw(st.integers(1, 3)))]


@st.composite
def nodes(draw: Callable[..., Any], depth: int, children: tuple[str, ...]) -> Node:
    match draw(st.sampled_from(["step"] * 5 + ["decide", "raise"] + ["if", "loop", "try"] * (depth > 0))):
        case "step":
            step: Step = draw(steps(children))
            return step
        case "decide":
            return Fail("no", somewhere(draw), draw(st.sampled_from(["failed", "finished", "aborted"])))
        case "raise":
            return Raise(somewhere(draw))
        case "if":
            return If(somewhere(draw), draw(programs(depth - 1, children)), draw(programs(depth - 1, children)))
        case "loop":
            rounds = draw(each(st.integers(0, 2)))
            return Loop(lambda element: rounds[element], draw(programs(depth - 1, children)))
        case _:
            handler = draw(st.none() | programs(depth - 1, children))
            return Try(draw(programs(depth - 1, children)), handler, draw(programs(depth - 1, children)))


@st.composite
def steps(draw: Callable[..., Any], children: tuple[str, ...]) -> Step:
    check = draw(st.booleans())
    kinds = ["task"] * 3 + ["log", "sleep", "set_context", "get_context", "approve"] + ["child"] * len(children)
    match draw(st.sampled_from(kinds)):
        case "task":
            targets = draw(each(st.none() | st.sampled_from(ELEMENTS)))
            return Step(draw(st.sampled_from("ABC")), check=check, target=lambda element: targets[element])
        case "sleep":
            return Step(step="sleep", seconds=draw(st.integers(0, 3)))
        case "approve":
            words, timeout = draw(each(st.sampled_from(["left", "right"]))), draw(st.sampled_from([2.0, 5.0]))
            return Step(step="approve", check=check, timeout=timeout, told=lambda element: words[element])
        case "child":
            passed = draw(st.sampled_from([None, ("E1", "E2"), (), ("E4", "nope")]))
            return Step(draw(st.sampled_from(children)), "run_flow", check=check, elements=lambda _: passed)
        case other:
            return Step(step=other, inputs={"key": "k", "value": draw(st.integers(0, 9))})


def each(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One value for each element."""
    return st.fixed_dictionaries(dict.fromkeys(ELEMENTS, values))


@st.composite
def rehearsals(draw: Callable[..., Any]) -> Rehearsal:
    thresholds = st.sampled_from([None, 0, 1, "50%", "100%"])
    flows = []
    for name, below in [("F1", ("F2", "F3")), ("F2", ("F3",)), ("F3", ())]:
        mode = draw(st.sampled_from(["serial", "parallel"]))
        rules: dict[str, Any] = {"refresh": draw(st.sampled_from([(), (), ("A",), ("B", "C")]))}
        if mode == "parallel":
            rules["batches"] = draw(st.sampled_from([(), (1,), (1, 2), ("50%",)]))
            rules["soak"] = draw(st.sampled_from([0.0, 1.5]))
        program = draw(programs(2 if name == "F1" else 1, below))
        width, threshold = draw(st.integers(1, 4)), draw(thresholds)
        flows.append(flow(name, mode, program, concurrency=width, error_threshold=threshold, **rules))
    policies = [
        TaskPolicy(
            name,
            draw(st.integers(0, 2)),
            draw(st.integers(0, 2)),
            draw(st.sampled_from(["retry", "fail", "ask"])),
            draw(st.sampled_from([1.0, 2.0])),
            draw(st.sampled_from([0.0, 0.5])),
        )
        for name in "ABC"
    ]
    dropped = draw(st.frozensets(st.sampled_from(ELEMENTS), max_size=1))
    bad = draw(
        st.frozensets(st.tuples(st.sampled_from("ABC"), st.sampled_from(ELEMENTS), st.integers(1, 2)), max_size=4)
    )
    slow = draw(st.fixed_dictionaries({name: st.integers(1, 3) for name in ELEMENTS}))
    return Rehearsal(
        Library(*flows, tasks=policies),
        "F1",
        ELEMENTS,
        lambda task, element, attempt: BAD if (task, element, attempt) in bad else OK,
        lambda task, element, attempt: float(slow[element]),
        process=lambda flow, elements: [name for name in reversed(elements) if name not in dropped],
    )


def signals(draw: Callable[..., Any], run: Rehearsal) -> None:
    for at in draw(st.lists(st.integers(0, 12), max_size=2)):
        run.signal(float(at), CancelRequested("ana"))
    if draw(st.booleans()):
        at = draw(st.integers(0, 6))
        run.signal(at + 0.5, PauseRequested("ana"))
        run.signal(at + 2.5, ResumeRequested("ana"))
    for number in range(1, 4):
        at = draw(st.integers(0, 9))
        run.signal(at + 0.25, QuestionAnswered(number, draw(st.sampled_from(["approve", "reject"])), "ops"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_r37_replaying_any_prefix_of_the_journal_gives_the_same_commands(data: st.DataObject) -> None:
    live = data.draw(rehearsals())
    signals(data.draw, live)
    snapshots: list[tuple[int, list[str]]] = []
    original = live.take

    def take_and_remember(event: Event) -> None:
        original(event)
        snapshots.append((len(live.journal), state_of(live)))

    live.take = take_and_remember  # type: ignore[method-assign]
    live.run()
    for length, state in some(data.draw, snapshots):
        again = crashed(live, length)
        assert state_of(again) == state
        assert len(again.journal) == length, "facts must follow from the inputs before them, and no others"


def some(draw: Callable[..., Any], snapshots: Sequence[tuple[int, list[str]]]) -> Sequence[tuple[int, list[str]]]:
    """Every one of a short run; of a long one so many that a run costs not more than a few replays."""
    start = draw(st.integers(0, max(0, len(snapshots) // 10)))
    return snapshots[start :: max(1, len(snapshots) // 10)]


def state_of(run: Rehearsal) -> list[str]:
    """Everything that decides what comes next, in words.

    Whether a retry's delay is over is no event: a new worker hears it from its own clock.
    """
    core = run.execution._core
    retries = [i.key for node in core.open for i in node.live() if i.phase is Phase.RETRYING]
    timers = {str(key): at for key, at in core.timers.items() if key not in retries}
    told = [str(core.state), core.reason, str(core.ended), *(str(step.key) for step in run.execution.unfinished())]
    told += [str(timers), str(sorted(core.approvals)), str(core.approval_timers), str(sorted(core.questions))]
    told += [f"{target}: {head.key}" for target, head in core.heads.items()]
    told += [f"{target}: {[i.key for i in line]}" for target, line in core.lines.items()]
    for node in core.open:
        told.append(f"{node.number} {node.stopping} {node.failed} {node.slots} {node.active} {node.wave} {node.parked}")
        told.append(f"{node.refresh} {node.refreshed} {node.batch} {node.soaking}")
        told.append(f"{[i.key for i in node.queue if i.key not in retries]}")
        told.extend(
            f"{i.element} {i.phase} {i.call} {i.turns} {i.key} {i.decided} {i.unwinding} {i.stop_pending}"
            for i in node.live()
        )
    return told


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_r36_a_run_that_dies_anywhere_goes_on_and_nothing_recorded_runs_twice(data: st.DataObject) -> None:
    live = data.draw(rehearsals())
    signals(data.draw, live)
    live.run()
    assert live.execution.ended
    again = crashed(live, data.draw(st.integers(0, len(live.journal))))
    done = {event.key for _, event in again.journal if isinstance(event, StepFinished) and event.step == "run_task"}
    before = len(again.journal)
    interrupt(again)
    finish(again)
    restarted = {event.key for _, event in again.journal[before:] if isinstance(event, StepStarted)}
    assert not done & restarted
    assert again.execution.ended
    keys = [event.key for _, event in again.journal if isinstance(event, StepFinished)]
    assert len(keys) == len(set(keys)), "one outcome per attempt"


def finish(run: Rehearsal) -> None:
    """Answer questions and end pauses until the run has ended."""
    run.run()
    for _ in range(1000):
        if run.execution.ended:
            return
        if run.execution._core.paused_by is not None:
            run.take(ResumeRequested("ana"))
        elif run.execution._core.questions:
            run.take(QuestionAnswered(next(iter(run.execution._core.questions)), "retry", "ana"))
        elif run.execution._core.approvals:
            run.take(QuestionAnswered(next(iter(run.execution._core.approvals)), "approve", "ana"))
        else:
            break
        run.run()
    assert run.execution.ended, "the run came to rest without an end"


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_outcomes_of_one_wave_may_be_taken_in_together(data: st.DataObject) -> None:
    """Grouping successes of a Parallel run into one script round changes nothing that follows."""
    live = data.draw(rehearsals())
    live.run()
    inputs: Sequence[tuple[float, Event]] = [(at, event) for at, event in live.journal if is_input(event)]
    grouped = Rehearsal(live.library, live.root, live.elements)
    batch: list[StepFinished] = []
    for at, event in inputs:
        if isinstance(event, RunStarted):
            grouped.flows[event.run] = event.flow
        run = grouped.execution.groupable(event)
        if batch and (run is None or run != batch[0].key.run):
            grouped._settle(grouped.execution.apply_many(batch, at))
            batch = []
        if run is not None and isinstance(event, StepFinished):
            batch.append(event)
        else:
            grouped._settle(grouped.execution.apply(event, at))
    if batch:
        grouped._settle(grouped.execution.apply_many(batch, 0.0))
    assert state_of(grouped) == state_of(live)
    facts = [repr(event) for _, event in live.journal if not is_input(event)]
    # Their order may differ: who of two callers was stopped first is told in the order of the rounds.
    assert sorted(repr(event) for _, event in grouped.journal) == sorted(facts)


def test_keys_order_by_run_element_and_site() -> None:
    assert StepKey(0, "a", 1, 1) < StepKey(0, "a", 2, 1) < StepKey(1, "a", 1, 1)
