"""One root run as a state machine: events in, commands out (``docs/decisions`` tells how the driver uses it)."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from flows.engine import outcomes
from flows.engine.children import start_run
from flows.engine.commands import Ended, Paused, PrepareRun, Record, ResumeScripts, ScriptAnswer
from flows.engine.core import Core
from flows.engine.definitions import Definitions
from flows.engine.events import (
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
from flows.engine.scheduling import Wish, enqueue, needs_slot, settle, wishes
from flows.engine.status import ElementState, RunState
from flows.engine.tree import Instance, Phase, RunNode, Stopping


class RecordedOtherwise(Exception):
    """A replayed script asked for something else than what the journal recorded (R37)."""

    def __init__(self, recorded: str, line: int, asked: str) -> None:
        super().__init__(f"recorded {recorded} at line {line}, script asked for {asked}")
        self.recorded, self.line, self.asked = recorded, line, asked


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
        """Steps that were started and have no outcome, child flows excepted: what a dead worker left behind."""
        steps = (i.step_started for node in self._core.open for i in node.live() if i.phase is Phase.STEPPING)
        return tuple(step for step in steps if step is not None and step.step != "run_flow")

    def unfinished_timers(self) -> frozenset[StepKey]:
        """The steps that wait for a time: sleeps, and retries whose delay is not over."""
        return frozenset(self._core.timers)

    def question_of(self, key: StepKey) -> int | None:
        """The open approval whose first caller waits at this step, or None (R14)."""
        return self._core.approvals.get(key)

    def apply(self, event: Event, at: float) -> list[Record | ResumeScripts]:
        """Take in a journaled event that happened at ``at`` (Unix seconds). Facts change nothing."""
        self._take_in(event, at)
        settle(self._core)
        return self._core.flush()

    def apply_many(self, events: Sequence[StepFinished], at: float) -> list[Record | ResumeScripts]:
        """Take in outcomes for one round of scripts: all ``groupable``, of the same run."""
        for event in events:
            self._take_in(event, at)
        settle(self._core)
        return self._core.flush()

    def groupable(self, event: Event) -> int | None:
        """The run whose outcomes may be taken in together with this event, or None.

        Only successes of one Parallel run: nothing of what follows then depends on how they were grouped, so a
        replay may group them otherwise.
        """
        if not isinstance(event, StepFinished) or not event.outcome.ok or event.step == "run_flow":
            return None
        node = self._core.runs[event.key.run]
        return None if node.serial else node.number

    def scripts_paused(self, answers: Sequence[ScriptAnswer]) -> list[Record | ResumeScripts]:
        """Take in where the scripts of a ``ResumeScripts`` came, one answer per item, in its order."""
        for answer in answers:
            node = self._core.runs[answer.instance.run]
            self._take_answer(node, node.instances[answer.instance.element], answer)
        settle(self._core)
        return self._core.flush()

    def timer_fired(self, key: StepKey) -> None:
        """A retry's delay is over: the next ``due`` starts it. The end of a sleep is a ``StepFinished`` instead."""
        if self._core.timers.get(key) is None:
            return
        node, instance = self._core.locate(key)
        if instance.phase is Phase.RETRYING and instance.attempt == key.attempt:
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
        core = self._core
        match event:
            case RunStarted():
                start_run(core, event)
                self._stop_if_cancelled()
            case StepStarted():
                self._step_started(event)
            case StepFinished():
                self._step_finished(event, at)
            case PauseRequested():
                core.paused_by = event.by
            case ResumeRequested():
                core.paused_by = None
            case CancelRequested():
                self._cancel(event)
            case QuestionAnswered():
                outcomes.answer_question(core, event)
            case ElementsOrdered() | SoakStarted() | SoakEnded():
                raise NotImplementedError(type(event).__name__)
            case LimitExceeded() | QuestionAsked() | ElementFinished() | RunStateChanged() | RunFinished():
                pass
            case _:
                assert_never(event)

    def _step_started(self, event: StepStarted) -> None:
        node, instance = self._instance(event.key, event.step, event.name, event.line)
        if instance.phase not in {Phase.WAITING, Phase.RETRYING} or instance.key(node.number) != event.key:
            raise RecordedOtherwise(_told(event.step, event.name, event.key), event.line, _asked(node, instance))
        if instance in node.queue:
            node.queue.remove(instance)
        if needs_slot(node, instance):
            node.take_slot(instance)
        node.step(instance)
        instance.started, instance.step_started = True, event
        self._core.forget_step(event.key)
        if event.until is not None:
            self._core.timers[event.key] = event.until
        group = node.group_of(instance) if event.step == "run_flow" else None
        if group is not None:
            group.started += 1

    def _step_finished(self, event: StepFinished, at: float) -> None:
        if event.step == "run_flow":
            return
        node, instance = self._instance(event.key, event.step, event.name, event.line)
        if instance.phase is not Phase.STEPPING or instance.key(node.number) != event.key:
            raise RecordedOtherwise(_told(event.step, event.name, event.key), event.line, _asked(node, instance))
        self._core.forget_step(event.key)
        outcomes.step_finished(self._core, node, instance, event.outcome, at)

    def _instance(self, key: StepKey, step: str, name: str | None, line: int) -> tuple[RunNode, Instance]:
        """The instance that the recorded step belongs to; its script must have asked for this very step (R37)."""
        try:
            node, instance = self._core.locate(key)
        except KeyError as error:
            raise RecordedOtherwise(_told(step, name, key), line, "nothing in such a run") from error
        call = instance.call
        if call is None or (call.step, call.name, call.site) != (step, name, key.site):
            raise RecordedOtherwise(_told(step, name, key), line, _asked(node, instance))
        return node, instance

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
        core, site = self._core, node.site(paused.call.site)
        instance.reach(site, paused.call)
        node.wait(instance)
        if core.skips_finally or (instance.stop_pending and not instance.started):
            fallback = ElementState.STOPPED if instance.started else ElementState.NOT_STARTED
            core.finish_element(node, instance, instance.decided or fallback)
        elif instance.stop_pending and not site.in_finally:
            core.raise_stop(node, instance, ElementState.STOPPED)
        elif node.serial:
            enqueue(core, node, [instance])


def _told(step: str, name: str | None, key: StepKey) -> str:
    return f"{step} {name!r} on {key.element}" if name else f"{step} on {key.element}"


def _asked(node: RunNode, instance: Instance) -> str:
    if instance.call is None or instance.phase is Phase.ENDED:
        return "nothing more" if instance.phase is Phase.ENDED else "nothing yet"
    name, line = instance.call.name, node.site(instance.call.site).line
    return f"{instance.call.step} {name!r} at line {line}" if name else f"{instance.call.step} at line {line}"
