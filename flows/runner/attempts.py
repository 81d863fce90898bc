"""The attempts under way: a pool of tasks that make them, and what is needed to end one."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from flows.engine.events import Outcome, StepKey
from flows.engine.status import StepStatus
from flows.runner.ports import Clock, Executor, OutputSink, StepRequest

log = logging.getLogger(__name__)

#: Attempts made at the same moment, over all runs of one tree; more wait for a free task.
POOL_LIMIT = 1024
#: How long an attempt that is being ended may take before its outcome is called unknown.
TERMINATE_S = 30.0


@dataclass(slots=True, eq=False)
class _Attempt:
    request: StepRequest
    task: asyncio.Task[None] | None = None
    terminating: bool = False
    over: bool = False


class Attempts:
    """Makes attempts through the executor and reports each outcome once."""

    def __init__(
        self, executor: Executor, output: OutputSink, on_outcome: Callable[[StepKey, Outcome], None], clock: Clock
    ) -> None:
        """No attempt is under way. ``close`` must be awaited in the end."""
        self._executor = executor
        self._output = output
        self._on_outcome = on_outcome
        self._clock = clock
        self._waiting: asyncio.Queue[_Attempt] = asyncio.Queue()
        self._running: dict[StepKey, _Attempt] = {}
        self._pool: list[asyncio.Task[None]] = []
        self._idle = 0
        self._closed = False

    @property
    def running(self) -> int:
        """How many attempts have no outcome yet."""
        return len(self._running)

    def start(self, request: StepRequest) -> None:
        """Make this attempt as soon as a task is free."""
        attempt = _Attempt(request)
        self._running[request.key] = attempt
        self._waiting.put_nowait(attempt)
        if self._waiting.qsize() > self._idle and len(self._pool) < POOL_LIMIT:
            self._idle += 1
            self._pool.append(asyncio.create_task(self._work(), name="make attempts"))

    def terminate(self, key: StepKey) -> None:
        """End this attempt; its outcome says what was found out (R34). Nothing happens if it is over."""
        attempt = self._running.get(key)
        if attempt is None or attempt.terminating:
            return
        attempt.terminating = True
        if attempt.task is None:
            self._finish(attempt, Outcome(StepStatus.CANCELLED, reason="cancelled before it was sent"))
            return
        attempt.task.cancel()
        self._pool.append(asyncio.create_task(self._give_up(attempt), name="give up an attempt"))

    async def close(self, timeout_s: float) -> None:
        """Start nothing more and end what runs, without outcomes; waits no longer than ``timeout_s``."""
        self._closed = True
        open_tasks = [task for task in self._pool if not task.done()]
        for task in open_tasks:
            task.cancel()
        if open_tasks:
            _, stubborn = await asyncio.wait(open_tasks, timeout=timeout_s)
            if stubborn:
                log.error("%d attempts did not end within %g s", len(stubborn), timeout_s)

    async def _work(self) -> None:
        while not self._closed:
            attempt = await self._waiting.get()
            self._idle -= 1
            if not attempt.over:
                await self._make(attempt)
            self._idle += 1

    async def _make(self, attempt: _Attempt) -> None:
        """One attempt to its outcome. An executor that was told to end may swallow the cancellation."""
        task = asyncio.current_task()
        assert task is not None
        attempt.task = task
        try:
            outcome = await self._executor.run(attempt.request, self._output)
        except asyncio.CancelledError:
            if self._closed or not attempt.terminating:
                raise
            outcome = Outcome(StepStatus.UNKNOWN, reason="it was ended, and nothing is known of what it did")
        except Exception as error:
            log.exception("The executor failed at %s", attempt.request.key)
            outcome = _internal_error(error)
        while task.cancelling():
            task.uncancel()
        if not self._closed:
            self._finish(attempt, outcome)

    def _finish(self, attempt: _Attempt, outcome: Outcome) -> None:
        if attempt.over:
            return
        attempt.over = True
        attempt.task = None
        key = attempt.request.key
        del self._running[key]
        try:
            self._on_outcome(key, outcome)
        except Exception as error:
            log.exception("The outcome of %s cannot be kept", key)
            self._on_outcome(key, _internal_error(error))

    async def _give_up(self, attempt: _Attempt) -> None:
        await self._clock.sleep(TERMINATE_S)
        reason = f"it was ended, and did not answer within {TERMINATE_S:g} s"
        self._finish(attempt, Outcome(StepStatus.UNKNOWN, reason=reason, advice="Look on the element itself."))


def _internal_error(error: Exception) -> Outcome:
    return Outcome(
        StepStatus.FAILED,
        reason=f"internal error: {type(error).__name__}",
        advice="This is a defect of Flowsite; the worker's log has the details.",
    )
