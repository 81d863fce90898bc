"""Plays a scenario to its end: workers come and go, people ask and answer, all in one virtual event loop."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any
from unittest import mock

from flows.engine.commands import InstanceId, RaiseStepFailed, Resumption, Return, ScriptAnswer
from flows.engine.events import Event, QuestionAsked, StepKey
from flows.runner import inbox
from flows.runner.commit_queue import JournalFailed
from flows.runner.driver import Driver, Ending, Pace, Ports
from flows.runner.events import decode
from flows.runner.ports import LeaseLost, ScriptHost, ScriptsLost
from tests.fakes import EverythingWaitsForEver, FakeClock, FakePublisher
from tests.simulation.scenario import CALM, Scenario, Shift
from tests.simulation.world import (
    Foul,
    TurnLoop,
    WalkHost,
    World,
    WorldExecutor,
    WorldInventory,
    WorldJournal,
    run_in_turns,
)

#: Seconds between two looks for signals: fewer turns, and people who wait a moment longer.
POLL_S = 1.5
PACE = Pace(lease_s=20.0)

HostMaker = Callable[[World], WalkHost]


@dataclass(frozen=True, slots=True)
class Performance:
    """What came of a scenario: the journal with its times, the elements of each run, and the turns it took."""

    scenario: Scenario
    journal: Sequence[tuple[float, Event]]
    elements: dict[int, Any]
    seqs: Sequence[int]
    turns: int
    fouls: Sequence[str]

    @property
    def events(self) -> list[Event]:
        """The events in order."""
        return [event for _, event in self.journal]


class WatchedHost(WalkHost):
    """Notes when a script is shown an outcome that is not committed yet."""

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        """Look at each resumption, then go on."""
        if self.lost:
            raise ScriptsLost("the sandbox is gone")
        for item in items:
            if isinstance(item.resume, Return | RaiseStepFailed):
                self._watch(item.instance)
        answers = await self._answers(items)
        for answer in answers:
            call = getattr(answer, "call", None)
            if call is not None:
                turns = self._turns.setdefault(answer.instance, {})
                turns[call.site] = turns.get(call.site, 0) + 1
                self._waits[answer.instance] = (call.step, call.site, turns[call.site])
        return answers

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._waits: dict[InstanceId, tuple[str, int, int]] = {}
        self._turns: dict[InstanceId, dict[int, int]] = {}

    async def _answers(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        return await super().resume(items)

    def _watch(self, instance: InstanceId) -> None:
        step, site, turn = self._waits[instance]
        if step in ("run_flow", "approve"):
            return
        place = (instance.run, instance.element, site, turn)
        if not any((key.run, key.element, key.site, key.turn) == place for key in self.world.outcomes):
            self.world.fouls.append(
                f"R36: the script of {instance} saw an outcome of site {site} before it was committed"
            )


def perform(scenario: Scenario, *, calm_turns: int = 0, host: HostMaker = WatchedHost) -> Performance:
    """Play it. ``calm_turns`` are those of the calm run, by which the moments of trouble are measured."""
    logging.disable(logging.CRITICAL)
    try:
        with mock.patch.object(inbox, "POLL_S", POLL_S):
            return _perform(scenario, calm_turns, host)
    finally:
        logging.disable(logging.NOTSET)


def calmly(scenario: Scenario) -> Scenario:
    """The same without any trouble of workers and signals."""
    return replace(scenario, storm=CALM)


def _perform(scenario: Scenario, calm_turns: int, host: HostMaker) -> Performance:
    world = World(scenario)

    async def play() -> None:
        await _Stage(world, host, calm_turns).play()

    turns = 0
    try:
        _, turns = run_in_turns(play())
    except (EverythingWaitsForEver, Foul) as error:
        world.fouls.append(f"the run comes to rest without an end: {type(error).__name__} {error}")
    store = world.store
    journal = [(at, decode(encoded)) for _, at, encoded in store.events if encoded.type != "step_output"]
    seqs = [seq for seq, _, _ in store.events]
    return Performance(scenario, journal, store.elements, seqs, turns, world.fouls)


class _Stage:
    """The workers and the people of one performance."""

    def __init__(self, world: World, host: HostMaker, calm_turns: int) -> None:
        self.world = world
        self.host = host
        self.calm_turns = calm_turns
        self.rung = asyncio.Event()
        self.workers: list[asyncio.Task[Ending]] = []
        loop = asyncio.get_running_loop()
        assert isinstance(loop, TurnLoop)
        self.loop = loop

    async def play(self) -> None:
        """Until the root run has ended in the journal."""
        self.world.on_question = self._question_asked
        storm = self.world.scenario.storm
        for asked in storm.asked:
            self.loop.call_later(asked.at, self._signal, asked.kind)
        try:
            for shift in chain(storm.shifts, repeat(None)):
                if self.world.ended:
                    break
                await self._work(shift)
        finally:
            for worker in self.workers:
                worker.cancel()
            await asyncio.gather(*self.workers, return_exceptions=True)

    async def _work(self, shift: Shift | None) -> None:
        """One worker, from its claim to what becomes of it; then a while until the next."""
        worker = _Worker(self.world, self.host)
        self.workers.append(worker.driving)
        moved_on = asyncio.Event()
        worker.driving.add_done_callback(lambda _: moved_on.set())
        if shift is not None:
            turn = self.loop.turns + max(1, int(shift.after * self.calm_turns))
            self.loop.call_at_turn(turn, lambda: worker.suffer(shift.kind, moved_on.set))
        await moved_on.wait()
        if shift is not None and shift.gap_s:
            await asyncio.sleep(shift.gap_s)
        if not worker.driving.done():
            return
        ending = None
        with suppress(LeaseLost, JournalFailed, asyncio.CancelledError):
            ending = worker.driving.result()
        if ending is Ending.SUSPENDED:
            await self._sleep()

    async def _sleep(self) -> None:
        """The run waits for its time, or for somebody."""
        store = self.world.store
        if any(signal.id not in store.consumed for signal in store.signals):
            return
        self.rung.clear()
        wake_s = None if store.wake_at is None else max(0.0, store.wake_at - FakeClock().now())
        with suppress(TimeoutError):
            async with asyncio.timeout(wake_s):
                await self.rung.wait()

    # --- people -----------------------------------------------------------------------------------------------------

    def _signal(self, kind: str, **arguments: Any) -> None:
        self.world.store.signal(kind, **arguments)
        if kind == "pause":
            self.loop.call_later(self._chance("pause", len(self.world.store.signals)) * 40, self._signal, "resume")
        self.rung.set()

    def _question_asked(self, asked: QuestionAsked) -> None:
        """A person will answer, depending on what is asked, and not on when."""
        trouble = self.world.scenario.trouble
        about = (asked.key.element, asked.key.site, asked.key.turn, asked.message if asked.kind == "approval" else "")
        lot, after_s = self._chance(*about), self._chance("after", *about) * 30
        if asked.kind == "interrupted":
            answer = ("retry", "succeeded", "failed")[int(lot * 3)]
        elif lot < trouble.silent:
            return
        else:
            answer = "reject" if lot < trouble.silent + trouble.refuse else "approve"
        self.loop.call_later(after_s, self._answer, asked.question, answer)

    def _answer(self, question: int, answer: str) -> None:
        self._signal("answer", question=question, answer=answer, comment="looked")

    def _chance(self, *about: object) -> float:
        return self.world.scenario.chance("people", *about).random()


class _Worker:
    """One worker with its claim, and what may befall it."""

    def __init__(self, world: World, host: HostMaker) -> None:
        self.journal = WorldJournal(world)
        self.scripts = host(world)
        executor = WorldExecutor(world, self.journal)
        scripts: ScriptHost = self.scripts
        ports = Ports(self.journal, executor, scripts, WorldInventory(world), FakeClock(), FakePublisher())
        self.driver = Driver(world.store.root, ports, PACE)
        self.driving = asyncio.ensure_future(self.driver.drive())

    def suffer(self, kind: str, moved_on: Callable[[], None]) -> None:
        """It happens now."""
        match kind:
            case "dies":
                self.journal.lose_lease()
                self.driving.cancel()
            case "taken_over":
                moved_on()
            case "retires":
                self.driver.retire()
            case "loses_lease":
                self.journal.lose_lease()
            case "journal_fails":
                self.journal.fails = True
            case "write_hangs":
                self.journal.hangs = True
            case "scripts_lost":
                self.scripts.lost = True


__all__ = ["Performance", "StepKey", "calmly", "perform"]
