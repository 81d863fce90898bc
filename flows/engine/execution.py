"""One root run as a state machine: events in, commands out (``docs/decisions`` tells how the driver uses it)."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, assert_never

from flows.engine import outcomes
from flows.engine.approvals import answer_approval, approval_started
from flows.engine.attempts import answer_question, step_finished
from flows.engine.batches import end_soak, start_soak, wants_soak
from flows.engine.bulk import started, succeed_all, succeed_in_turn
from flows.engine.commands import Call, Ended, Paused, PrepareRun, Record, ResumeScripts, ScriptAnswer, StartStep, Stop
from flows.engine.core import Core
from flows.engine.definitions import Definitions
from flows.engine.events import (
    ENDED_BY_ENGINE,
    CancelRequested,
    ElementFinished,
    ElementsOrdered,
    Event,
    LimitExceeded,
    PauseRequested,
    QuestionAnswered,
    QuestionAsked,
    ResumeRequested,
    RunFinished,
    RunStarted,
    RunStateChanged,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.instances import Instance, Phase
from flows.engine.recorded import RecordedOtherwise, located
from flows.engine.scheduling import enqueue, settle
from flows.engine.starting import order_elements, start_run
from flows.engine.status import ElementState, RunState
from flows.engine.tree import ChildGroup, Refresh, RunNode, Stopping
from flows.engine.wishes import Wish, needs_slot, wishes

__all__ = ["Execution", "RecordedOtherwise", "Wish"]


class Execution:
    """The state of one root run and its children. Not thread-safe; cost per event does not grow with the fleet.

    Every method that takes something in returns what follows at once: records to append, scripts to resume. What the
    driver should start or wait for is asked with ``due``, once everything that arrived has been taken in.
    """

    def __init__(self, definitions: Definitions, root_flow: str, inputs: Mapping[str, Any]) -> None:
        self._core = Core(definitions)
        defaults = definitions.flows[root_flow].input_defaults
        self._prepare_root = PrepareRun(root_flow, {**defaults, **inputs}, (root_flow,))

    @property
    def ended(self) -> bool:
        """True when the root run has its final state."""
        return self._core.ended

    @property
    def state(self) -> RunState:
        """The root run's state."""
        return self._core.state

    @property
    def next_run_number(self) -> int:
        """The number of the next ``RunStarted``."""
        return len(self._core.runs)

    def unfinished(self) -> tuple[StepStarted, ...]:
        """Steps that were started and have no outcome: what a dead worker left behind.

        Without child flows and approvals, which wait for others: the engine itself ends them.
        """
        steps = (i.step_started for node in self._core.open for i in node.live() if i.phase is Phase.STEPPING)
        return tuple(step for step in steps if step is not None and step.step not in ENDED_BY_ENGINE)

    def unfinished_timers(self) -> AbstractSet[StepKey]:
        """What waits for a time: sleeps, retries whose delay is not over, approvals, soaks."""
        return self._core.timers.keys()

    def question_of(self, key: StepKey) -> int | None:
        """The open approval whose first caller waits at this step, or None (R14)."""
        return self._core.approval_timers.get(key)

    def apply(self, event: Event, at: float) -> list[Record | ResumeScripts]:
        """Take in a journaled event that happened at ``at`` (Unix seconds). Facts change nothing."""
        self._take_in(event, at)
        if not isinstance(event, StepStarted) or event.step in ENDED_BY_ENGINE:
            settle(self._core)
        return self._core.flush()

    def apply_many(self, events: Sequence[StepFinished], at: float) -> list[Record | ResumeScripts]:
        """Take in outcomes for one round of scripts: all ``groupable``, of the same run."""
        for event in events:
            self._step_finished(event, at)
        settle(self._core)
        return self._core.flush()

    def succeed_all(self, starts: Sequence[StartStep]) -> list[Record | ResumeScripts]:
        """Take in that these steps started at once and succeeded, with exit code 0 and no result: for plans.

        ``starts`` are of one run, as ``due`` has just wished for them: its first ones, in their order; of a Serial run
        one. What follows is exactly what follows from a ``StepStarted`` for each and then a ``StepFinished`` for each,
        taken in by ``apply_many``, for less. Child flows and approvals are only started: their ends follow from other
        events, that of an approval from the answer to its ``QuestionAsked``, which has no timeout here. The values of
        equal successes are one object, which nobody may change. Raises ``ValueError`` for other starts.
        """
        core = self._core
        node = core.runs[starts[0].key.run]
        if node.serial and len(starts) > 1:
            raise ValueError("of a Serial run one step may succeed at a time")
        if starts[0].call.step in ENDED_BY_ENGINE:
            for start in starts:
                self._step_started(started(start))
        elif node.refresh:
            raise ValueError("a plan does not refresh")
        else:
            succeed_all(core, node, starts)
        settle(core)
        return core.flush()

    def succeed_in_turn(
        self, start: StartStep, calls: Sequence[Call]
    ) -> tuple[list[StartStep], list[Record | ResumeScripts]]:
        """``succeed_all`` of one step of a Serial run, and then of each of these calls, which its script will ask for
        in this order and without a verdict: for less than to ask it each time.

        Returns the starts of the calls, or none where something may come between, and what follows from the last
        success. ``calls`` has no child flows and no approvals. Raises ``ValueError`` for other starts.
        """
        core = self._core
        node = core.runs[start.key.run]
        if not node.serial or node.refresh or start.key.attempt > 1:
            raise ValueError("steps succeed in turn in a Serial run, at their first attempt")
        if any(call.step in ENDED_BY_ENGINE for call in (start.call, *calls)):
            raise ValueError("child flows and approvals do not succeed by themselves")
        starts = succeed_in_turn(core, node, start, calls)
        settle(core)
        return starts, core.flush()

    def groupable(self, event: Event) -> int | None:
        """The run whose outcomes may be taken in together with this event, or None.

        Only successes of one Parallel run: nothing of what follows then depends on how they were grouped, so a
        replay may group them otherwise.
        """
        if not isinstance(event, StepFinished) or not event.outcome.ok or event.step in ENDED_BY_ENGINE:
            return None
        node = self._core.runs[event.key.run]
        return None if node.serial else node.number

    def scripts_paused(self, answers: Sequence[ScriptAnswer]) -> list[Record | ResumeScripts]:
        """Take in where the scripts of a ``ResumeScripts`` came, one answer per item, in its order."""
        runs = self._core.runs
        for answer in answers:
            number, element = answer.instance
            node = runs[number]
            self._take_answer(node, node.instances[element], answer)
        settle(self._core)
        return self._core.flush()

    def timer_fired(self, key: StepKey) -> None:
        """A retry's delay is over: the next ``due`` starts it. All other timers end by an event instead."""
        if key not in self._core.timers or not key.element:
            return
        node, instance = self._core.locate(key)
        if instance.phase is Phase.RETRYING and instance.key == key:
            self._core.forget_step(key)
            node.queue.appendleft(instance)

    def due(self) -> list[Wish]:
        """What to do now. Ask when everything that arrived has been taken in and no script is running.

        Starts and preparations stand until their event was applied: journal and apply those before anything else.
        """
        if self._core.in_script:
            raise AssertionError("scripts are still running: their answers come first")
        return wishes(self._core, self._prepare_root)

    # --- taking in ----------------------------------------------------------------------------------------------

    def _take_in(self, event: Event, at: float) -> None:
        match event:
            case StepStarted():
                self._step_started(event)
            case StepFinished():
                self._step_finished(event, at)
            case RunStarted() | ElementsOrdered() | SoakStarted() | SoakEnded():
                self._run_went_on(event)
            case PauseRequested() | ResumeRequested() | CancelRequested() | QuestionAnswered():
                self._take_signal(event)
            case LimitExceeded() | QuestionAsked() | ElementFinished() | RunStateChanged() | RunFinished():
                pass
            case _:
                assert_never(event)

    def _run_went_on(self, event: RunStarted | ElementsOrdered | SoakStarted | SoakEnded) -> None:
        match event:
            case RunStarted():
                start_run(self._core, event)
                self._stop_if_cancelled()
            case ElementsOrdered():
                order_elements(self._core, self._ordering(event), event)
            case SoakStarted():
                start_soak(self._core, self._between_batches(event), event.until)
            case SoakEnded():
                self._soak_ended(event)

    def _take_signal(self, event: PauseRequested | ResumeRequested | CancelRequested | QuestionAnswered) -> None:
        match event:
            case PauseRequested():
                self._core.paused_by = event.by
            case ResumeRequested():
                self._core.paused_by = None
            case CancelRequested():
                self._cancel(event)
            case QuestionAnswered():
                self._question_answered(event)

    def _step_started(self, event: StepStarted) -> None:
        core = self._core
        node, instance = located(core, event)
        if node.queue and node.queue[0] is instance:
            node.queue.popleft()
        elif instance in node.queue:
            node.queue.remove(instance)
        if needs_slot(node, instance):
            node.take_slot(instance)
        node.step(instance)
        instance.started, instance.step_started = True, event
        core.forget_step(event.key)
        if event.step == "approve":
            approval_started(core, instance)
        elif isinstance(instance.group, ChildGroup):
            instance.group.started += 1
        elif event.until is not None:
            core.set_timer(event.key, event.until)

    def _step_finished(self, event: StepFinished, at: float) -> None:
        if event.step in ENDED_BY_ENGINE:
            return
        node, instance = located(self._core, event)
        self._core.forget_step(event.key)
        step_finished(self._core, node, instance, event.outcome, at)

    def _ordering(self, event: ElementsOrdered) -> RunNode:
        """The run that waits for the order of its elements."""
        node = self._run(event.run)
        if node is None or node.refresh is not Refresh.ORDERING:
            raise RecordedOtherwise(f"the order of the elements of run {event.run}", 0, "nothing of the kind")
        return node

    def _between_batches(self, event: SoakStarted) -> RunNode:
        """The run that waits for its soak to begin."""
        node = self._run(event.run)
        if node is None or not wants_soak(node) or node.batch != event.batch:
            raise RecordedOtherwise(f"a soak after batch {event.batch} of run {event.run}", 0, "nothing of the kind")
        return node

    def _soak_ended(self, event: SoakEnded) -> None:
        """The wait is over, unless a stop has ended it before."""
        node = self._run(event.run)
        if node is not None and node.soaking and node.batch == event.batch:
            end_soak(self._core, node)

    def _run(self, number: int) -> RunNode | None:
        runs = self._core.runs
        return runs[number] if number < len(runs) else None

    def _question_answered(self, event: QuestionAnswered) -> None:
        """An answer to a question that is closed changes nothing."""
        if event.question in self._core.questions:
            answer_question(self._core, event)
        elif event.question in self._core.approvals:
            answer_approval(self._core, event)

    def _cancel(self, event: CancelRequested) -> None:
        core = self._core
        core.cancels += 1
        core.cancelled_by = event.by
        core.paused_by = None
        if core.skips_finally and not core.ended:
            outcomes.skip_finally(core)
        else:
            self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        core = self._core
        if core.cancels and core.open:
            outcomes.stop(core, core.runs[0], Stopping.CANCEL, f"cancelled by {core.cancelled_by}")

    def _take_answer(self, node: RunNode, instance: Instance, answer: ScriptAnswer) -> None:
        core = self._core
        core.in_script -= 1
        if answer.verdict is not None:
            outcomes.judge(core, node, instance, answer.verdict)
        if isinstance(answer, Ended):
            core.finish_element(node, instance, instance.decided or ElementState.SUCCEEDED)
        else:
            self._reached_step(node, instance, answer)

    def _reached_step(self, node: RunNode, instance: Instance, paused: Paused) -> None:
        core, call = self._core, paused.call
        instance.reach(node.track_to(instance, call.site), call)
        node.wait(instance)
        is_leaving = instance.stop_pending or instance.unwinding or core.cancels > 1
        if is_leaving and self._sent_out(node, instance):
            return
        if node.serial:
            enqueue(core, node, [instance])
        else:
            node.fall_behind(instance)

    def _sent_out(self, node: RunNode, instance: Instance) -> bool:
        """A script that is on its way out, or has to go, asks for another step: only its ``finally`` blocks run (R31).

        One that swallowed the exception, or caught a failure of its ``finally``, gets it again.
        """
        core = self._core
        if core.skips_finally or (instance.stop_pending and not instance.started):
            fallback = ElementState.STOPPED if instance.started else ElementState.NOT_STARTED
            core.finish_element(node, instance, instance.decided or fallback)
        elif node.site(instance.key.site).in_finally:
            return False
        elif instance.unwinding:
            core.resume(node, instance, Stop())
        else:
            core.raise_stop(node, instance, ElementState.STOPPED)
        return True
