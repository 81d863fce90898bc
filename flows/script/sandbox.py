"""The sandbox: the only module that knows pydantic_monty.

Scripts run in worker processes of their own, without clock, randomness, files or environment, each session under
limits. Measured (2026-11-23, 1.4.0, 2 shared cores): a session that stays alive goes on in 0.2 ms a step; one that
is dumped and loaded again in 0.8 ms, 9 KB a dump.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from pydantic_monty import (
    AsyncFunctionSnapshot,
    AsyncMonty,
    AsyncMontySession,
    AsyncNameLookupSnapshot,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
    OSPolicy,
    ResourceLimits,
)

from flows.script.prelude import DIGEST, STEP_FAILED
from flows.script.values import whole_text

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

WORKER_TIMEOUT_S: Final = 30.0
"""A worker that does not answer for so long is killed; its own time limit ends a script long before."""

TIME_LIMIT: Final = "turn time limit"
"""How the message of an exceeded time limit begins."""

DIED_BEFORE: Final = "sending a request"
"""In the message of a crash that was there before the script went on; else the script itself was running."""

SETTLING_S: Final = 0.02
"""Worker threads still hand over their last answer when a pool has closed; one that does so while Python itself
ends makes the process abort (seen in half of the runs of a program that ended at once, 2026-11-23)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The script calls a function that the sandbox does not have. ``is_world``: an import, a file, a clock, ...

    ``offset`` is where it does so, in bytes of the code.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_world: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """The script reads a name that nobody has given."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The script reached its end."""


@dataclass(frozen=True, slots=True)
class Broke:
    """An exception left the script. ``lines`` are those of its frames, innermost last; none for an exceeded limit."""

    kind: str
    message: str
    lines: tuple[int, ...]


State = Asked | Wanted | Finished | Broke


class Machine:
    """One session, stopped wherever its script waits. Not to be used by two tasks at once."""

    def __init__(self, session: AsyncMontySession, stack: AsyncExitStack) -> None:
        self._session = session
        self._stack = stack
        self._snapshot: Any = None
        self.state: State = Finished()

    async def run(self, code: str, variables: dict[str, Any]) -> None:
        """Start code in a new session."""
        await self._go(self._session.feed_start(code, inputs=variables, print_callback=_discard))

    async def load(self, dump: bytes) -> None:
        """Continue, in a new session, where a dump was made."""
        await self._go(self._session.load_snapshot(dump, print_callback=_discard))

    async def give(self, value: Any) -> None:
        """Answer ``Asked`` with a value."""
        await self._go(self._snapshot.resume({"return_value": value}))

    async def throw(self, kind: str, message: str) -> None:
        """Answer ``Asked`` with an exception; ``StepFailed`` is a kind like any other."""
        name = STEP_FAILED if kind == "StepFailed" else kind
        await self._go(self._snapshot.resume({"exc_type": name, "message": whole_text(message)}))

    async def bind(self, value: Any) -> None:
        """Answer ``Wanted`` with a value."""
        await self._go(self._snapshot.resume(value=value))

    async def refuse(self) -> None:
        """Answer ``Wanted``: there is no such name."""
        await self._go(self._snapshot.resume())

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

    async def _go(self, turn: Any) -> None:
        try:
            self._snapshot = await turn
        except MontyError as error:
            if isinstance(error, MontyCrashedError) and DIED_BEFORE in str(error):
                raise SandboxLost(str(error)) from error
            self.state = _broke(error)
            return
        self.state = _state(self._snapshot)


class SandboxLost(Exception):
    """A worker died while its script waited, which is nobody's fault: the run's scripts must be replayed."""


class SandboxError(Exception):
    """An evaluation failed: ``broke`` says how."""

    def __init__(self, broke: Broke) -> None:
        super().__init__(f"{broke.kind}: {broke.message}")
        self.broke = broke


class Sandbox:
    """A pool of worker processes, made when first used and never before a fork: a forked pool hangs (6-facts)."""

    def __init__(self, *, max_processes: int, turn_s: float) -> None:
        self._max_processes = max_processes
        self._turn_s = turn_s
        self.patience = 1.0
        self._pool: AsyncMonty | None = None
        self._stack = AsyncExitStack()
        self._owner = 0
        self._opening = asyncio.Lock()

    async def machine(self, *, memory_bytes: int) -> Machine:
        """A fresh session; waits for a free worker. ``memory_bytes`` is for all that the script holds."""
        pool = await self._opened()
        limits: ResourceLimits = {
            "max_turn_duration_secs": self._turn_s * self.patience,
            "max_memory": memory_bytes,
            "max_suspensions": MAX_SUSPENSIONS,
        }
        for _ in range(self._max_processes):
            try:
                return await _opened_machine(pool, limits)
            except MontyCrashedError:
                continue  # an idle worker had been killed; the pool makes a new one
        return await _opened_machine(pool, limits)

    async def close(self) -> None:
        """End the workers. The sandbox may be used again, with new ones."""
        if self._pool is not None and self._owner == os.getpid():
            await self._stack.aclose()
            await asyncio.sleep(SETTLING_S)
        self._pool = None

    async def _opened(self) -> AsyncMonty:
        async with self._opening:
            if self._pool is None or self._owner != os.getpid():
                self._stack = AsyncExitStack()
                self._owner = os.getpid()
                pool = AsyncMonty(max_processes=self._max_processes, request_timeout=WORKER_TIMEOUT_S)
                self._pool = await self._stack.enter_async_context(pool)
            return self._pool


async def _opened_machine(pool: AsyncMonty, limits: ResourceLimits) -> Machine:
    stack = AsyncExitStack()
    session = await stack.enter_async_context(pool.checkout(limits=limits, os_policy=WITHOUT_A_WORLD))
    return Machine(session, stack)


def _state(snapshot: object) -> State:
    match snapshot:
        case MontyComplete():
            return Finished()
        case AsyncFunctionSnapshot():
            function, offset = str(snapshot.function_name), snapshot.position.start
            return Asked(function, snapshot.args, snapshot.kwargs, bool(snapshot.is_os_function), offset)
        case AsyncNameLookupSnapshot():
            return Wanted(snapshot.variable_name, snapshot.position.start)
        case _:
            return Broke("RuntimeError", "scripts wait at steps only, not at `await`", ())


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
