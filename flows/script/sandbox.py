"""The sandbox: the only module that knows pydantic_monty.

Scripts run in worker processes of their own, without clock, randomness, files or environment, each session under
limits. Measured (2026-11-23, 1.4.0, 2 shared cores): a session that stays alive goes on in 0.2 ms a step; one that
is dumped and loaded again in 0.8 ms, 9 KB a dump. A coroutine of a shared session goes on in 0.05 ms.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Final, TypeVar

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncMonty,
    AsyncMontySession,
    AsyncNameLookupSnapshot,
    FunctionSnapshot,
    FutureSnapshot,
    Monty,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    NameLookupSnapshot,
    OSPolicy,
    ResourceLimits,
)

from flows.script.prelude import DIGEST, STEP_FAILED
from flows.script.states import TIME_LIMIT, Asked, Broke, Finished, Give, Idle, Reply, State, Throw, Wanted
from flows.script.values import whole_text
from flows.script.worker_clock import WorkerClock

__all__ = [
    "TIME_LIMIT", "VERSION", "Asked", "Broke", "Finished", "Give", "Idle", "Machine", "Reply", "Sandbox",
    "SandboxError", "SandboxLost", "SharedMachine", "State", "Throw", "Wanted",
]  # fmt: skip

Result = TypeVar("Result")

WITHOUT_A_WORLD: Final[OSPolicy] = {
    "datetime": "call_host",
    "sleep": "call_host",
    "random_start": "call_host",
    "process_time": "zero",
}
VERSION: Final = f"pydantic-monty {version('pydantic-monty')}, prelude {DIGEST}"
"""What a run records: its scripts replay for certain only under the same sandbox and prelude."""

MAX_SUSPENSIONS: Final = 1_000_000
"""Far above what the host itself lets a script ask between two steps, times the steps of an element."""

MAX_SHARED_SUSPENSIONS: Final = 10**12
"""The same for all the coroutines of a shared session."""

WORKER_TIMEOUT_S: Final = 30.0
"""A worker that does not answer for so long is killed; its own time limit ends a script long before."""

GRACE_S: Final = 4.0
"""How long a worker may take to notice that its time is over, before it is killed."""

MAX_WALL_S: Final = 25.0
"""The longest time limit of a session: below what kills its worker."""

SHARED_RECURSION: Final = 1001
"""A coroutine of a shared session begins one call deeper than a script that has a session for itself."""

REACHED: Final = 0.9
"""A time limit that is told of before so much of it has passed was raised by the script itself."""

DIED_BEFORE: Final = "sending a request"
"""In the message of a crash that was there before the script went on; else the script itself was running."""

SETTLING_S: Final = 0.02
"""Worker threads still hand over their last answer when a pool has closed; one that does so while Python itself
ends makes the process abort (seen in half of the runs of a program that ended at once, 2026-11-23)."""


class Machine:
    """One session in the process ``worker``, stopped wherever its script waits. Not to be used by two tasks at once."""

    def __init__(self, session: AsyncMontySession, stack: AsyncExitStack, wall_s: float) -> None:
        self._session = session
        self._stack = stack
        self._wall_s = wall_s
        self._snapshot: Any = None
        self.worker: Final = session.worker_pid
        self._clock = WorkerClock(session.worker_pid)
        self.state: State = Finished()

    async def run(self, code: str, variables: dict[str, Any]) -> None:
        """Start code in a new session."""
        await self._go(lambda: self._session.feed_start(code, inputs=variables, print_callback=_discard))

    async def load(self, dump: bytes) -> None:
        """Continue, in a new session, where a dump was made."""
        await self._go(lambda: self._session.load_snapshot(dump, print_callback=_discard))

    async def give(self, value: Any) -> None:
        """Answer ``Asked`` with a value."""
        await self.reply(Give(value))

    async def throw(self, kind: str, message: str) -> None:
        """Answer ``Asked`` with an exception; ``StepFailed`` is a kind like any other."""
        await self.reply(Throw(kind, message))

    async def reply(self, reply: Reply) -> None:
        """Answer ``Asked``."""
        await self._go(lambda: self._snapshot.resume(_settled(reply)))

    async def bind(self, value: Any) -> None:
        """Answer ``Wanted`` with a value."""
        await self._go(lambda: self._snapshot.resume(value=value))

    async def refuse(self) -> None:
        """Answer ``Wanted``: there is no such name."""
        await self._go(self._snapshot.resume)

    async def dump(self) -> bytes:
        """The session as bytes, for ``load``."""
        try:
            return bytes(await self._session.dump())
        except MontyCrashedError as error:
            raise SandboxLost(str(error)) from error

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression after the end or an error; raises ``SandboxError`` if there is none."""
        try:
            return await self._session.feed_run(expression, print_callback=_discard)
        except MontyError as error:
            raise SandboxError(_broke(error)) from error
        except RuntimeError as error:
            # The session ended with its worker.
            raise SandboxError(Broke("SandboxCrashed", str(error), ())) from error

    async def close(self) -> None:
        """Give the worker back."""
        await self._stack.aclose()

    async def _go(self, turn: Callable[[], Any]) -> None:
        self._clock.start()  # the worker goes on when the turn is made, not when it is awaited
        try:
            self._snapshot = await turn()
        except MontyError as error:
            self.state = _broke_now(error, self._clock, self._wall_s)
            return
        self.state = _state(self._snapshot)


class SharedMachine:
    """A session of many coroutines, which goes on at the first that can. It blocks: to be used in a thread of its own.

    ``state`` is ``Idle`` once every coroutine that has not ended waits for an answer that was put off.
    """

    def __init__(self, session: MontySession, wall_s: float) -> None:
        self._session = session
        self._wall_s = wall_s
        self._snapshot: Any = None
        self._clock = WorkerClock(session.worker_pid)
        self.state: State | Idle = Finished()

    def run(self, code: str, variables: dict[str, Any]) -> None:
        """Start code in a new session."""
        self._go(lambda: self._session.feed_start(code, inputs=variables, print_callback=_discard))

    def load(self, dump: bytes) -> None:
        """Continue, in a new session, where a dump was made."""
        self._go(lambda: self._session.load_snapshot(dump, print_callback=_discard))

    def reply(self, reply: Reply) -> None:
        """Answer ``Asked`` at once: the same coroutine goes on."""
        self._go(lambda: self._snapshot.resume(_settled(reply)))

    def put_off(self) -> None:
        """Answer ``Asked`` later, by its ticket; other coroutines go on."""
        self._go(lambda: self._snapshot.resume({"future": ...}))

    def settle(self, replies: Mapping[int, Reply]) -> None:
        """Answer calls that were put off, by their tickets: their coroutines go on in this order."""
        self._go(lambda: self._snapshot.resume({ticket: _settled(reply) for ticket, reply in replies.items()}))

    def bind(self, value: Any) -> None:
        """Answer ``Wanted`` with a value."""
        self._go(lambda: self._snapshot.resume(value=value))

    def refuse(self) -> None:
        """Answer ``Wanted``: there is no such name."""
        self._go(self._snapshot.resume)

    def dump(self) -> bytes:
        """The session as bytes, for ``load``."""
        try:
            return bytes(self._session.dump())
        except MontyCrashedError as error:
            raise SandboxLost(str(error)) from error

    def close(self) -> None:
        """Give the worker back."""
        self._session.__exit__(None, None, None)

    def _go(self, turn: Callable[[], Any]) -> None:
        self._clock.start()
        try:
            self._snapshot = turn()
        except MontyError as error:
            self.state = _broke_now(error, self._clock, self._wall_s)
            return
        self.state = Idle() if isinstance(self._snapshot, FutureSnapshot) else _state(self._snapshot)


class SandboxLost(Exception):
    """A worker died while its script waited, which is nobody's fault: the run's scripts must be replayed."""


class SandboxError(Exception):
    """An evaluation failed: ``broke`` says how."""

    def __init__(self, broke: Broke) -> None:
        super().__init__(f"{broke.kind}: {broke.message}")
        self.broke = broke


class Sandbox:
    """Pools of worker processes, made when first used and never before a fork: a forked pool hangs (6-facts).

    One that ``keeps`` its workers leaves them, when it is closed, to the next that asks for as many: for questions that
    come one after another, of which each would wait 20 ms for its first worker. No two use a pool at a time.
    """

    def __init__(self, *, max_processes: int, turn_s: float, max_shared: int = 1, keeps: bool = False) -> None:
        self._max_processes, self._max_shared = max_processes, max_shared
        self._turn_s = turn_s
        self._keeps = keeps
        self._open_machines = 0
        self.patience = 1.0
        self._pool: AsyncMonty | None = None
        self._shared_pool: Monty | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._shared_owner = 0
        self._owner = 0
        self._opening = asyncio.Lock()

    @property
    def allowed_s(self) -> float:
        """The CPU time that a script may use between two steps, as things are now."""
        return self._turn_s * self.patience

    async def machine(self, *, memory_bytes: int, wall_s: float | None = None) -> Machine:
        """A fresh session; waits for a free worker. ``memory_bytes`` is for all that the script holds.

        ``wall_s`` ends a turn by the wall clock, where that must be another than what a script may use.
        """
        pool = await self._opened()
        limits = self._limits(memory_bytes, wall_s)
        for _ in range(self._max_processes):
            try:
                return await self._machine(pool, limits)
            except MontyCrashedError:
                continue  # an idle worker had been killed; the pool makes a new one
        return await self._machine(pool, limits)

    async def _machine(self, pool: AsyncMonty, limits: ResourceLimits) -> Machine:
        stack = AsyncExitStack()
        stack.callback(self._machine_closed)
        session = await stack.enter_async_context(pool.checkout(limits=limits, os_policy=WITHOUT_A_WORLD))
        self._open_machines += 1
        return Machine(session, stack, limits.get("max_turn_duration_secs") or 0.0)

    def _machine_closed(self) -> None:
        self._open_machines -= 1

    def shared_machine(self, *, memory_bytes: int, wall_s: float | None = None) -> SharedMachine:
        """A fresh session for many coroutines; blocks. No more than ``max_shared`` may be open."""
        if self._shared_pool is None or self._shared_owner != os.getpid():
            self._shared_pool = _shared_pool(self._max_shared)
            self._shared_owner = os.getpid()
        limits = self._limits(memory_bytes, wall_s)
        limits["max_suspensions"] = MAX_SHARED_SUSPENSIONS
        limits["max_recursion_depth"] = SHARED_RECURSION
        for _ in range(self._max_shared):
            try:
                return _opened_shared(self._shared_pool, limits)
            except MontyCrashedError:
                continue
        return _opened_shared(self._shared_pool, limits)

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Do blocking work of a shared session beside the event loop; one that was begun is always ended."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, thread_name_prefix="shared-scripts")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        """End the workers. The sandbox may be used again, with new ones."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        shared, self._shared_pool = self._shared_pool, None
        if shared is not None and self._shared_owner == os.getpid():
            await asyncio.to_thread(shared.__exit__, None, None, None)
        if self._pool is not None and self._owner == os.getpid():
            await self._part_with(self._pool)
        self._pool = None

    async def _part_with(self, pool: AsyncMonty) -> None:
        """Leave the workers to the next sandbox, or end them; also those of a session that nobody has closed."""
        if self._keeps and self._open_machines == 0 and KEPT.leave(self._max_processes, pool):
            return
        await pool.__aexit__(None, None, None)
        await asyncio.sleep(SETTLING_S)

    def _limits(self, memory_bytes: int, wall_s: float | None) -> ResourceLimits:
        return {
            "max_turn_duration_secs": wall_s or self.allowed_s,
            "max_memory": memory_bytes,
            "max_suspensions": MAX_SUSPENSIONS,
        }

    async def _opened(self) -> AsyncMonty:
        async with self._opening:
            if self._pool is None or self._owner != os.getpid():
                self._owner, self._open_machines = os.getpid(), 0
                kept = KEPT.take(self._max_processes) if self._keeps else None
                self._pool = kept or await _pool(self._max_processes).__aenter__()
            return self._pool


class KeptPools:
    """The pools of this process that nobody uses now, by their size. Used from any thread."""

    def __init__(self, most: int) -> None:
        """At most ``most`` are kept, with the workers that they have started."""
        self._most = most
        self._free: list[tuple[int, AsyncMonty]] = []
        self._owner = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> AsyncMonty | None:
        """A pool of this size that is the caller's alone until it is left again."""
        with self._lock:
            found = next((entry for entry in self._own() if entry[0] == size), None)
            if found is None:
                return None
            self._free.remove(found)
            return found[1]

    def leave(self, size: int, pool: AsyncMonty) -> bool:
        """Keep a pool in which no session is open; False where enough are kept."""
        with self._lock:
            own = self._own()
            if len(own) >= self._most:
                return False
            own.append((size, pool))
            return True

    def _own(self) -> list[tuple[int, AsyncMonty]]:
        """What a process was forked with is not its own."""
        if self._owner != os.getpid():
            self._owner, self._free = os.getpid(), []
        return self._free


KEPT: Final = KeptPools(most=2)
"""A worker that waits takes 9 MB."""


def _pool(processes: int) -> AsyncMonty:
    return AsyncMonty(max_processes=processes, request_timeout=WORKER_TIMEOUT_S, turn_duration_limit_grace=GRACE_S)


def _shared_pool(processes: int) -> Monty:
    return Monty(
        max_processes=processes, request_timeout=WORKER_TIMEOUT_S, turn_duration_limit_grace=GRACE_S
    ).__enter__()


def _opened_shared(pool: Monty, limits: ResourceLimits) -> SharedMachine:
    session = pool.checkout(limits=limits, os_policy=WITHOUT_A_WORLD).__enter__()
    return SharedMachine(session, limits.get("max_turn_duration_secs") or 0.0)


def _settled(reply: Reply) -> Any:
    if isinstance(reply, Give):
        return {"return_value": reply.value}
    name = STEP_FAILED if reply.kind == "StepFailed" else reply.kind
    return {"exc_type": name, "message": whole_text(reply.message)}


def _state(snapshot: object) -> State:
    match snapshot:
        case MontyComplete():
            return Finished()
        case AsyncFunctionSnapshot() | FunctionSnapshot():
            function, offset, ticket = str(snapshot.function_name), snapshot.position.start, snapshot.call_id
            return Asked(function, snapshot.args, snapshot.kwargs, bool(snapshot.is_os_function), offset, ticket)
        case AsyncNameLookupSnapshot() | NameLookupSnapshot():
            return Wanted(snapshot.variable_name, snapshot.position.start)
        case _:
            return Broke("RuntimeError", "scripts wait at steps only, not at `await`", ())


def _broke_now(error: MontyError, clock: WorkerClock, wall_s: float) -> Broke:
    """How a turn ended; raises ``SandboxLost`` when the worker had died before it."""
    if isinstance(error, MontyCrashedError) and DIED_BEFORE in str(error):
        raise SandboxLost(str(error)) from error
    broke = _broke(error)
    if not broke.is_time_limit:
        return broke
    if clock.wall_s() < REACHED * wall_s:
        return replace(broke, message=f"pretended by the script: {broke.message}")
    return replace(broke, cpu_s=clock.spent_s())


def _broke(error: MontyError) -> Broke:
    if isinstance(error, MontyCrashedError) and error.timed_out:
        return Broke("TimeoutError", f"{TIME_LIMIT}: its worker had to be killed", ())
    if isinstance(error, MontyCrashedError):
        return Broke("SandboxCrashed", "the sandbox's worker ended while it ran this script", ())
    inner = error.exception()
    kind = "StepFailed" if type(inner).__name__ == STEP_FAILED.rpartition(".")[2] else type(inner).__name__
    frames = error.traceback() if isinstance(error, MontyRuntimeError | MontySyntaxError) else []
    return Broke(kind, str(inner.args[0]) if inner.args else "", tuple(frame.line for frame in frames))


def _discard(_stream: str, _text: str) -> None:
    """``print`` goes nowhere: the check refuses it, and a worker's output is not the run's."""
