"""Builds a driver over the real world and drives a root run with it."""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.conf import settings

from elements.queries import secret_values
from flows.adapters.clock import SystemClock
from flows.adapters.context import DatabaseInventory, DatabaseTargets
from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import Catalog, catalog_of_run
from flows.adapters.journal import DatabaseJournal
from flows.adapters.lease import Claim, claim
from flows.adapters.masked_scripts import masked_scripts
from flows.adapters.planning import give_plan, plan_now, wants_plan
from flows.adapters.publisher import ChannelPublisher
from flows.adapters.scripts import SandboxScripts
from flows.adapters.sealing import inputs_of_run
from flows.engine.definitions import Definitions
from flows.models import Run, RunSignal
from flows.plan import PlanRefused
from flows.runner.breakdown import closing_events
from flows.runner.driver import Driver, Ending, Pace, Ports
from flows.runner.ports import LeaseLost
from flows.tasks.executor import TaskExecutor
from flows.tasks.secrets import RunSecrets

log = logging.getLogger(__name__)

BUSY = "busy"
LOST = "lease lost"
_LOOK_EVERY_S = 0.25
#: A run that nobody planned when it was started gets its plan before its first step, if that takes no longer.
_PLAN_S = 5.0
#: How long ``drive_locally`` waits before it takes up again what it had to let go, and how long at most.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 5.0


def advance(root_id: int) -> str:
    """Drive a root run as far as it goes: ``ended``, ``suspended``, ``retired``, ``busy`` or ``lease lost``.

    Returns at once when another worker has it or it is over. On SIGTERM, in a main thread, the run is given back and
    the signal then takes its usual effect. A run that lost its sandbox is given back too and not taken up again here:
    within a second the timekeeper wakes it, for whichever worker is well. Raises ``JournalFailed`` when the database
    fails.
    """
    retirement = Retirement()
    with _sigterm_retires(retirement):
        ending = asyncio.run(_advance(root_id, retirement))
    if retirement.by_signal:
        signal.raise_signal(signal.SIGTERM)
    return ending


def drive_locally(root_id: int, *, stop: threading.Event | None = None) -> str:
    """Drive a root run in this process until it has ended, sleeping through its waits: ``run --local``.

    Needs no queue, worker or timekeeper. ``stop`` makes it give the run back; then, and when another worker holds the
    run, the answer is as of ``advance``. There is nobody else to go on with a run that had to be let go because its
    sandbox or its lease was lost, so it is taken up again, after a pause that grows with every time in a row.
    """
    retirement = Retirement(stop)
    pause_s = _FIRST_PAUSE_S
    while True:
        ending = asyncio.run(_advance(root_id, retirement))
        if ending == Ending.SUSPENDED.value:
            goes_on = _wait_until_due(root_id, stop)
            pause_s = _FIRST_PAUSE_S
        else:
            goes_on = ending in (Ending.RETIRED.value, LOST) and not _asked_within(pause_s, retirement)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        if not goes_on:
            return ending


@dataclass(slots=True)
class Retirement:
    """Whether the worker should give its run back."""

    stop: threading.Event | None = None
    by_signal: bool = False

    @property
    def asked(self) -> bool:
        """True once somebody wants the worker to end."""
        return self.by_signal or (self.stop is not None and self.stop.is_set())


@contextmanager
def _sigterm_retires(retirement: Retirement) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def retire(*_signal: object) -> None:
        retirement.by_signal = True

    before = signal.signal(signal.SIGTERM, retire)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _advance(root_id: int, retirement: Retirement) -> str:
    pace = Pace()
    database = DatabaseThread()
    try:
        asked_at = SystemClock().monotonic()
        claimed = await database.run(claim, root_id, lease_s=pace.lease_s)
        if claimed is None:
            return BUSY
        return await _drive(claimed, asked_at, database, pace, retirement)
    except LeaseLost as lost:
        log.warning("run %s: %s", root_id, lost)
        return LOST
    finally:
        await database.close()


async def _drive(
    claimed: Claim, claimed_at: float, database: DatabaseThread, pace: Pace, retirement: Retirement
) -> str:
    try:
        catalog = await database.run(catalog_of_run, claimed.root, claimed.started_at)
        secrets = await database.run(secret_values)
        claimed = await database.run(_with_secret_inputs, claimed)
    except Exception as error:
        log.exception("run %s: its flows and tasks cannot be read", claimed.root)
        await _refuse(claimed, database, f"internal error: its flows and tasks cannot be read: {error}")
        return Ending.ENDED.value
    await _plan(claimed, catalog, database)
    publisher = ChannelPublisher()
    ports = _ports(claimed, catalog, secrets, database, publisher)
    driver = Driver(claimed.root, ports, pace, claimed_at=claimed_at, steps_are_read=catalog.steps_are_read)
    watching = asyncio.create_task(_watch(driver, retirement), name="watch for retirement")
    try:
        return (await driver.drive()).value
    finally:
        watching.cancel()
        await publisher.close()


def _ports(
    claimed: Claim, catalog: Catalog, secrets: Iterable[str], database: DatabaseThread, publisher: ChannelPublisher
) -> Ports:
    run_secrets = RunSecrets(catalog.inputs)
    run_secrets.run_started(claimed.flow, claimed.inputs)
    executor = TaskExecutor(
        catalog.tasks,
        DatabaseTargets(database),
        settings.FLOWSITE_DATA_DIR,
        allow_local=settings.FLOWSITE_ALLOW_LOCAL,
        secrets=secrets,
        run_secrets=run_secrets,
    )
    return Ports(
        journal=DatabaseJournal(claimed, database, catalog.engine, catalog.versions, run_secrets),
        executor=executor,
        scripts=masked_scripts(
            SandboxScripts(catalog.scripts),
            run_secrets,
            catalog.inputs,
            {name: task.inputs for name, task in catalog.tasks.items()},
        ),
        inventory=DatabaseInventory(database, catalog.targets, catalog.inputs, claimed.narrowed, run_secrets),
        clock=SystemClock(),
        publisher=publisher,
    )


async def _plan(claimed: Claim, catalog: Catalog, database: DatabaseThread) -> None:
    """Keep what the run is to do, before it begins: later the inventory is another (R40). Nothing depends on it."""
    if not await database.run(wants_plan, claimed.root):
        return
    plan, problem = None, ""
    try:
        async with asyncio.timeout(_PLAN_S):
            plan = await plan_now(catalog, claimed.flow, claimed.inputs, claimed.narrowed, database)
    except PlanRefused as refused:
        problem = str(refused)
    except TimeoutError:
        problem = f"making it took longer than {_PLAN_S:g} s"
    except Exception:
        log.exception("run %s: it cannot be planned", claimed.root)
        problem = "internal error: the log has it"
    await database.run(give_plan, claimed.root, plan, problem)


def _with_secret_inputs(claimed: Claim) -> Claim:
    """With the inputs that the run was started with, secrets included."""
    return replace(claimed, inputs=inputs_of_run(Run.objects.get(pk=claimed.root)))


async def _watch(driver: Driver, retirement: Retirement) -> None:
    while not retirement.asked:  # noqa: ASYNC110 - set by a signal handler or another thread
        await asyncio.sleep(_LOOK_EVERY_S)
    driver.retire()


async def _refuse(claimed: Claim, database: DatabaseThread, reason: str) -> None:
    """End a run that cannot even be built, instead of trying it for ever."""
    journal = DatabaseJournal(claimed, database, Definitions({}, {}), {})
    history = await journal.load()
    closing = closing_events([item.event for item in history.events], reason)
    await journal.append(closing, at=SystemClock().now())
    await journal.release(wake_at=None)


def _asked_within(seconds: float, retirement: Retirement) -> bool:
    """Wait, unless somebody wants the worker to end; True when somebody does."""
    ends_at = time.monotonic() + seconds
    while not retirement.asked and (left_s := ends_at - time.monotonic()) > 0:
        time.sleep(min(left_s, _LOOK_EVERY_S))
    return retirement.asked


def _wait_until_due(root_id: int, stop: threading.Event | None) -> bool:
    """Wait until the run's time has come or somebody asked something of it; False when ``stop`` came first."""
    while stop is None or not stop.is_set():
        wake_at = Run.objects.values_list("wake_at", flat=True).get(pk=root_id)
        asked = RunSignal.objects.pending().filter(root_id=root_id).exists()
        if asked or (wake_at is not None and wake_at.timestamp() <= time.time()):
            return True
        time.sleep(_LOOK_EVERY_S)
    return False
