"""Runs scripts: one isolated session per element, stopped at its steps (R1, R8, R29, R31, R44).

A session that waits is kept alive while it was used lately, else as bytes. Callers name instances and never see a
session, so that sessions may be shared one day.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from flows.script.calls import (
    Answer,
    Begin,
    ElementDict,
    Ended,
    FlowScripts,
    InstanceId,
    Resume,
    Resumption,
    Return,
    Variables,
    Verdict,
)
from flows.script.instance import Instance, Limits
from flows.script.problem import Unreadable
from flows.script.processing import process
from flows.script.program import Program, execution_program
from flows.script.sandbox import Machine, Sandbox, SandboxLost
from flows.script.values import plain

ALIVE: Final = 2
"""Sessions kept alive: a Serial run of one or two elements never pays for a dump."""

AT_ONCE: Final = 2
"""Scripts that run at the same moment."""

COMPRESSED_ABOVE_BYTES: Final = 32 * 1024
"""Dumps that hold the list of all elements shrink to a tenth; small ones are not worth the time."""


@dataclass
class ScriptRun:
    """One run's variables, and its instances by element."""

    variables: Variables
    program: Program | Unreadable
    instances: dict[str, Instance] = field(default_factory=dict)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each element stands."""
        return {str(element["name"]): place for place, element in enumerate(self.variables.elements)}


class SandboxHost:
    """The script host of one root run. Used from one event loop; one ``resume`` at a time."""

    def __init__(self, flows: Mapping[str, FlowScripts], *, limits: Limits | None = None) -> None:
        self._flows = flows
        self._limits = limits or Limits()
        self._sandbox = Sandbox(max_processes=ALIVE + AT_ONCE, turn_s=self._limits.turn_s)
        self._runs: dict[int, ScriptRun] = {}
        self._alive: OrderedDict[InstanceId, Machine] = OrderedDict()
        self._dumps: dict[InstanceId, bytes] = {}
        self._programs: dict[str, Program | Unreadable] = {}

    @property
    def patience(self) -> float:
        """Multiplies the time limit of scripts; sessions that are kept alive keep theirs until their next pause."""
        return self._sandbox.patience

    @patience.setter
    def patience(self, times: float) -> None:
        self._sandbox.patience = times

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the flow's processing script (R4-R6): the dicts given, in their new order, those that are left.

        Raises ``ScriptProblem`` with line, cause and elements.
        """
        text = self._flows[flow].processing
        if not text.strip():
            return list(elements)
        return await process(self._sandbox, self._limits, text, elements, inputs)

    async def begin(self, variables: Variables) -> None:
        """Make a run's variables known; its instances start with ``Begin``. A second time they all start anew.

        Raises ``TypeError`` if they hold what is no JSON value.
        """
        await self.end(variables.number)
        variables = Variables(
            number=variables.number,
            flow=variables.flow,
            elements=plain(variables.elements),
            inputs=plain(variables.inputs),
            run=plain(variables.run),
        )
        self._runs[variables.number] = ScriptRun(variables, self._program(variables.flow))

    async def resume(self, items: Sequence[Resumption]) -> Sequence[Answer]:
        """Run each instance to its next step or its end: one answer per item, in the items' order.

        An instance stands in the items once. Before anything runs, raises ``LookupError`` when one does not wait (it
        has ended, or never began), and ``TypeError`` when one is given what is no JSON value. Cost: see ``sandbox``;
        1,000 instances take about 0.8 s a round. Raises ``SandboxLost`` when a worker died under a waiting script: the
        host is of no more use, and replaying the run with a new one brings every script back to where it was.
        """
        items = [self._made_ready(item) for item in items]
        answers: list[Answer | None] = [None] * len(items)
        waiting = iter(enumerate(items))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(items))):
                    group.create_task(self._answer(waiting, answers))
        except* SandboxLost as lost:
            raise SandboxLost(f"a worker of the sandbox died: {lost.exceptions[0]}") from lost
        return [answer for answer in answers if answer is not None]

    async def end(self, number: int) -> None:
        """Forget a run's instances."""
        run = self._runs.pop(number, None)
        for element in run.instances if run else ():
            instance = InstanceId(number, element)
            self._dumps.pop(instance, None)
            machine = self._alive.pop(instance, None)
            if machine:
                await machine.close()

    async def close(self) -> None:
        """Forget everything and free the sandbox."""
        for number in list(self._runs):
            await self.end(number)
        await self._sandbox.close()

    def _program(self, flow: str) -> Program | Unreadable:
        if flow not in self._programs:
            try:
                self._programs[flow] = execution_program(self._flows[flow].execution)
            except Unreadable as refusal:
                self._programs[flow] = refusal
        return self._programs[flow]

    async def _answer(self, waiting: Iterator[tuple[int, Resumption]], answers: list[Answer | None]) -> None:
        for place, item in waiting:
            answers[place] = await self._resume(item.instance, item.resume)

    async def _resume(self, identity: InstanceId, resume: Resume) -> Answer:
        run = self._runs[identity.run]
        if isinstance(run.program, Unreadable):
            problem = run.program.problem
            return Ended(identity, Verdict("error", problem.message, problem.line))
        if isinstance(resume, Begin):
            run.instances[identity.element] = self._new_instance(run, run.program, identity)
        instance = run.instances[identity.element]
        async with instance.lock:
            machine = await self._machine(instance, resume)
            try:
                answer = await instance.advance(machine, resume)
            except BaseException:
                await machine.close()
                raise
        if isinstance(answer, Ended):
            await machine.close()
        else:
            await self._keep(identity, machine)
        return answer

    def _made_ready(self, item: Resumption) -> Resumption:
        identity = item.instance
        if identity.run not in self._runs:
            raise LookupError(f"run {identity.run} has no scripts: it has ended, or never began")
        waits = (
            identity in self._alive
            or identity in self._dumps
            or isinstance(self._runs[identity.run].program, Unreadable)
        )
        if not waits and not isinstance(item.resume, Begin):
            raise LookupError(f"{identity} does not wait at a step: it has ended, or never began")
        resume = item.resume
        return Resumption(identity, Return(plain(resume.value))) if isinstance(resume, Return) else item

    def _new_instance(self, run: ScriptRun, program: Program, identity: InstanceId) -> Instance:
        place = run.positions[identity.element]
        return Instance(identity, program, run.variables, place, self._limits)

    async def _machine(self, instance: Instance, resume: Resume) -> Machine:
        """The instance's session: a new one, the one still alive, or its dump loaded again."""
        alive = self._alive.pop(instance.identity, None)
        dump = self._dumps.pop(instance.identity, None)
        if isinstance(resume, Begin):
            if alive:
                await alive.close()
        elif alive:
            return alive
        machine = await self._sandbox.machine(memory_bytes=self._limits.memory_for(len(instance.variables.elements)))
        if dump is not None and not isinstance(resume, Begin):
            await machine.load(_unpacked(dump))
        return machine

    async def _keep(self, identity: InstanceId, machine: Machine) -> None:
        """Keep a waiting session alive, and the one that was used longest ago as bytes."""
        self._alive[identity] = machine
        if len(self._alive) <= ALIVE:
            return
        oldest, machine = self._alive.popitem(last=False)
        run = self._runs[oldest.run]
        async with run.instances[oldest.element].lock:
            try:
                self._dumps[oldest] = _packed(await machine.dump())
            finally:
                await machine.close()


def _packed(dump: bytes) -> bytes:
    return b"z" + zlib.compress(dump, 1) if len(dump) > COMPRESSED_ABOVE_BYTES else b"-" + dump


def _unpacked(dump: bytes) -> bytes:
    return zlib.decompress(dump[1:]) if dump[:1] == b"z" else dump[1:]
