"""The loop that drives one root run: commit what happened, tell the engine, do what it wants.

Order is everything here. An outcome is committed before its script sees it; a start is committed before it is
dispatched. Between ``Execution.due`` and the application of what it wanted nothing else is applied, which is why one
commit holds first what was decided and then what arrived meanwhile.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from flows.engine.events import (
    NO_SITE,
    ElementsOrdered,
    Event,
    Outcome,
    QuestionAnswered,
    RunFinished,
    RunStarted,
    RunStateChanged,
    SoakEnded,
    StepFinished,
    StepKey,
)
from flows.engine.execution import Execution, RecordedOtherwise
from flows.engine.status import RunState, StepStatus
from flows.runner.ahead import Ahead
from flows.runner.attempts import Attempts
from flows.runner.breakdown import closing_events
from flows.runner.commit_queue import CommitQueue, JournalFailed
from flows.runner.decisions import Decisions, Means
from flows.runner.inbox import Inbox
from flows.runner.lease import Lease
from flows.runner.ports import (
    Clock,
    Executor,
    History,
    Inventory,
    Journal,
    LeaseLost,
    Publisher,
    ScriptHost,
    ScriptsLost,
)
from flows.runner.replay import replay
from flows.runner.rounds import Rounds
from flows.runner.steps import Steps
from flows.runner.timers import Timers

log = logging.getLogger(__name__)

#: Reasons of the states that the driver itself records; the engine never gives them.
TIMER_REASON = "timer"
#: The wait may be over, or somebody asked to pause or to cancel meanwhile.
WOKEN_REASON = "taken up again"
#: How much longer than its limit a script may take in a replay: it was in time once, on a machine less busy.
REPLAY_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as one run needs it."""

    journal: Journal
    executor: Executor
    scripts: ScriptHost
    inventory: Inventory
    clock: Clock
    publisher: Publisher


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. ``lease_s`` is what the journal grants; a wait longer than ``suspend_after_s`` frees the
    worker; a worker that retires lets attempts run on for ``grace_s``."""

    lease_s: float = 10.0
    suspend_after_s: float = 30.0
    grace_s: float = 10.0
    close_s: float = 15.0


class Ending(Enum):
    """Why a worker is done with a run."""

    ENDED = "ended"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Driver:
    """Drives one root run from what its journal holds to its end, or until it only waits, or the worker retires.

    Used once, by one task. The caller has claimed the lease before.
    """

    def __init__(
        self,
        root: int,
        ports: Ports,
        pace: Pace | None = None,
        *,
        claimed_at: float | None = None,
        steps_are_read: bool = False,
        seed: str = "",
    ) -> None:
        """``claimed_at`` is when the claim was asked for (monotonic; now, if it is not given).

        ``steps_are_read``: some task's template uses ``steps`` (R43), so results are kept for it. ``seed`` is what the
        jitter of retries comes from (R28); the root's id, if it is not given.
        """
        self._root = root
        self._seed = seed or str(root)
        self._ports = ports
        self._pace = pace or Pace()
        self._steps_are_read = steps_are_read
        since = ports.clock.monotonic() if claimed_at is None else claimed_at
        self._lease = Lease(ports.journal, ports.clock, self._pace.lease_s, since)
        self._queue = CommitQueue(root, ports.journal, self._lease, ports.clock, ports.publisher)
        self._timers = Timers(ports.clock, self._timer_due)
        self._attempts = Attempts(ports.executor, self._queue.output, self._attempt_over, ports.clock)
        self._inbox = Inbox(ports.journal, self._queue, ports.clock)
        self._retries_due: list[StepKey] = []
        self._retire_asked = asyncio.Event()
        self._grace_over = False
        self._wake_at: float | None = None
        self._shown_waiting = False

    @property
    def _retiring(self) -> bool:
        return self._retire_asked.is_set()

    def retire(self) -> None:
        """Give the run back soon: start nothing more, wait for running attempts for the time of grace."""
        self._retire_asked.set()
        self._queue.wake()

    async def drive(self) -> Ending:
        """Drive the run. Raises ``LeaseLost`` or ``JournalFailed``: then nothing was released, and another worker
        goes on when the lease has run out. A lost sandbox gives the run back. Any other failure ends it as failed."""
        try:
            ending = await self._with_tasks()
        except (LeaseLost, JournalFailed):
            raise
        except ScriptsLost as lost:
            log.warning("Run %s is given back to be replayed: %s", self._root, lost)
            ending = Ending.RETIRED
        except RecordedOtherwise as difference:
            ending = await self._break_down(str(difference))
        except Exception as error:
            log.exception("Run %s broke down", self._root)
            ending = await self._break_down(f"internal error: {type(error).__name__}: {error}")
        finally:
            await self._close()
        await self._release(ending)
        return ending

    # --- tasks around the loop ---

    async def _with_tasks(self) -> Ending:
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(keeper) for keeper in self._keepers()]
                try:
                    ending = await self._run()
                    await self._queue.flush_output()
                finally:
                    await self._attempts.close(self._pace.close_s)
                for task in running:
                    task.cancel()
        except BaseExceptionGroup as group:
            raise _foremost(group) from group
        return ending

    def _keepers(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on beside the loop; each ends only by an error."""
        lease, timers, queue, inbox = self._lease, self._timers, self._queue, self._inbox
        return [lease.keep(), lease.watch(), timers.run(), queue.write_outputs(), inbox.run(), self._grace()]

    async def _grace(self) -> None:
        """Once the worker retires, end the wait for its attempts in time."""
        await self._retire_asked.wait()
        await self._ports.clock.sleep(self._pace.grace_s)
        self._grace_over = True
        self._queue.wake()

    # --- the loop ---

    async def _run(self) -> Ending:
        facts = await self._resume()
        await self._inbox.read()  # or a run that only waits would be given back before it heard what it waits for
        while True:
            self._lease.check()
            decisions = await self._decide(facts)
            if decisions.events or self._queue.has_arrived:
                facts = await self._advance(decisions)
                continue
            if not self._retiring and self._waits_long():
                facts = self._wait_to_record()
                if facts:
                    continue
            ending = self._ending()
            if ending is not None:
                return ending
            await self._queue.wait()

    async def _resume(self) -> list[Event]:
        """Load and replay; returns the facts that the journal lacks. Open attempts of a dead worker are interrupted."""
        history = await self._load()
        self._history = history
        execution = Execution(history.definitions, history.flow, history.inputs)
        self._rounds = Rounds(self._ports.journal.run_id, execution, history.definitions, self._ports.scripts)
        self._steps = Steps(self._rounds, steps_are_read=self._steps_are_read)
        self._means = Means(
            rounds=self._rounds,
            steps=self._steps,
            definitions=history.definitions,
            inventory=self._ports.inventory,
            scripts=self._ports.scripts,
            seed=self._seed,
        )
        self._ahead = Ahead(self._ports.executor, history.definitions)
        self._shown_waiting = _shown_waiting([item.event for item in history.events])
        for item in history.events:
            self._steps.note(item.event)
            if isinstance(item.event, RunStarted):
                self._ahead.note(item.event)
        self._ports.scripts.patience = REPLAY_PATIENCE
        facts = await replay(history, self._rounds)
        self._ports.scripts.patience = 1.0
        for started in execution.unfinished():
            self._steps.note(started)
            event = self._steps.left_by_dead_worker(started)
            if event is not None:
                self._queue.post(event)
        return facts

    async def _load(self) -> History:
        try:
            return await self._ports.journal.load()
        except LeaseLost:
            raise
        except Exception as error:
            raise JournalFailed(f"the journal of run {self._root} could not be read: {error}") from error

    async def _decide(self, facts: Sequence[Event]) -> Decisions:
        """What the engine wants now, as events to commit; ends and timers are seen to at once."""
        decisions = Decisions(list(facts))
        if self._retiring:
            return decisions
        execution = self._rounds.execution
        retries, self._retries_due = self._retries_due, []
        for key in retries:
            execution.timer_fired(key)
        await decisions.take(self._means, self._ports.clock.now())
        for key in decisions.terminated:
            self._attempts.terminate(key)
        for key, due_at in decisions.timers:
            self._timers.add(key, due_at)
        return decisions

    async def _advance(self, decisions: Decisions) -> list[Event]:
        """Commit what was decided and what arrived, then tell the engine; returns the facts that follow."""
        events = self._with_woken(decisions.events)
        at, arrived = await self._queue.commit(events, decisions.elements)
        self._shown_waiting = _shown_waiting(decisions.facts)
        for event in (*decisions.events, *arrived):
            self._steps.note(event)
            if isinstance(event, StepFinished):
                self._timers.discard(event.key)
        facts = await self._rounds.play(((at, event) for event in decisions.events), decisions.elements)
        await self._dispatch(decisions)
        facts += await self._rounds.play(((at, event) for event in arrived), {})
        for fact in facts:
            if isinstance(fact, RunFinished):
                self._ahead.run_ended(fact.run)
        return facts

    async def _dispatch(self, decisions: Decisions) -> None:
        """Start the attempts whose starts are committed."""
        for event in decisions.events:
            match event:
                case RunStarted():
                    await self._ahead.run_started(event)
                case ElementsOrdered():
                    await self._ahead.elements_ordered(event)
        for command in decisions.attempts:
            self._lease.check()
            self._attempts.start(self._steps.request(command))
            await self._ahead.step_started(command.key)

    def _with_woken(self, events: Sequence[Event]) -> Sequence[Event]:
        """Say that a run whose wait was recorded goes on."""
        if not self._shown_waiting:
            return events
        return [RunStateChanged(0, RunState.RUNNING, WOKEN_REASON), *events]

    def _ending(self) -> Ending | None:
        """Nothing is left to do right now: is this the end, or a wait that is not worth a worker?"""
        if self._rounds.execution.ended:
            return Ending.ENDED
        if self._retiring:
            return Ending.RETIRED if self._grace_over or not self._attempts.running else None
        if self._waits_long():
            return Ending.SUSPENDED
        return None

    def _waits_long(self) -> bool:
        """True when nothing runs and the next thing to happen is far off, or an operator's to decide."""
        if self._rounds.execution.ended or self._attempts.running:
            return False
        self._wake_at = self._timers.next_due()
        if self._wake_at is not None:
            return self._wake_at - self._ports.clock.now() > self._pace.suspend_after_s
        if self._rounds.execution.state is RunState.RUNNING and not self._retries_due:
            raise RuntimeError("the run has not ended, and nothing is left that it could wait for")
        return not self._retries_due

    def _wait_to_record(self) -> list[Event]:
        """The state of a run that only waits for a time; pauses and questions were recorded by the engine."""
        if self._wake_at is None or self._shown_waiting or self._rounds.execution.state is not RunState.RUNNING:
            return []
        until = datetime.fromtimestamp(self._wake_at, UTC).isoformat(timespec="seconds")
        return [RunStateChanged(0, RunState.WAITING, f"{TIMER_REASON} until {until}")]

    # --- what others report ---

    def _attempt_over(self, key: StepKey, outcome: Outcome) -> None:
        event = self._steps.finished(key, outcome)
        if event is not None:
            self._queue.post(event)

    def _timer_due(self, key: StepKey) -> None:
        """What follows depends on what waited: see ``WaitForTimer``."""
        execution = self._rounds.execution
        if key.site == NO_SITE and not key.element:
            if key in execution.unfinished_timers():
                self._queue.post(SoakEnded(key.run, key.turn))
            return
        question = execution.question_of(key)
        if question is not None:
            self._queue.post(QuestionAnswered(question, "timed_out", by=""))
            return
        event = self._steps.finished(key, Outcome(StepStatus.SUCCEEDED))
        if event is not None:
            self._queue.post(event)
        else:
            self._retries_due.append(key)
            self._queue.wake()

    # --- the end ---

    async def _break_down(self, reason: str) -> Ending:
        history = await self._load()
        closing = closing_events([item.event for item in history.events], reason)
        await self._queue.commit(closing, {})
        return Ending.ENDED

    async def _close(self) -> None:
        """Close what runs and the sandbox, in bounded time."""
        for close in (self._ports.executor.close, self._ports.scripts.close):
            try:
                async with asyncio.timeout(self._pace.close_s):
                    await close()
            except Exception:
                log.exception("Run %s: closing failed", self._root)

    async def _release(self, ending: Ending) -> None:
        wake_at = {Ending.ENDED: None, Ending.SUSPENDED: self._wake_at, Ending.RETIRED: self._ports.clock.now()}
        try:
            await self._ports.journal.release(wake_at=wake_at[ending])
        except LeaseLost:
            raise
        except Exception as error:
            raise JournalFailed(f"the lease of run {self._root} could not be released: {error}") from error


def _foremost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that decides what follows: a lost lease before a failed journal before anything else."""
    flat = list(_flat(group))
    for kind in (LeaseLost, JournalFailed, ScriptsLost, RecordedOtherwise):
        for error in flat:
            if isinstance(error, kind):
                return error
    return flat[0]


def _flat(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _flat(error)
        else:
            yield error


def _shown_waiting(events: Sequence[Event]) -> bool:
    """True if the last thing that the journal says of the root's state is the driver's own wait."""
    for event in reversed(events):
        if isinstance(event, RunStateChanged) and event.run == 0:
            return event.state is RunState.WAITING and event.reason.startswith(TIMER_REASON)
    return False
