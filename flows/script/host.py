"""Runs scripts: each element's is isolated, and stopped at its steps (R1, R8, R29, R31, R44).

Callers name instances and never see a session: an instance has one of its own, or shares one with others where its
script is plain enough that nobody can tell (``sharing``).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flows.script.calls import (
    Answer,
    Begin,
    ElementDict,
    Ended,
    FlowScripts,
    InstanceId,
    Resumption,
    Return,
    Variables,
    Verdict,
)
from flows.script.history import Packer
from flows.script.instance import Limits
from flows.script.own_sessions import ALIVE, OwnSessions
from flows.script.problem import Unreadable
from flows.script.processing import process
from flows.script.sandbox import Sandbox, SandboxLost
from flows.script.script_run import Programs, ScriptRun, programs_of
from flows.script.shared_session import SharedSession
from flows.script.shared_sessions import ALIVE as SHARED_ALIVE
from flows.script.shared_sessions import FEWEST, SharedSessions
from flows.script.values import plain

AT_ONCE: Final = 2
"""Scripts with a session of their own that run at the same moment."""


class SandboxHost:
    """The script host of one root run. Used from one event loop; one ``resume`` at a time."""

    def __init__(
        self,
        flows: Mapping[str, FlowScripts],
        *,
        limits: Limits | None = None,
        share: bool = True,
        fewest: int = FEWEST,
    ) -> None:
        """``share`` lets elements share sessions, where at least ``fewest`` begin together."""
        self._flows = flows
        self._limits = limits or Limits()
        self._share, self._fewest = share, max(fewest, 1)
        self._sandbox = Sandbox(max_processes=ALIVE + AT_ONCE, turn_s=self._limits.turn_s, max_shared=SHARED_ALIVE)
        packer = Packer()
        self._own = OwnSessions(self._sandbox, packer)
        self._shared = SharedSessions(self._sandbox, self._own, packer)
        self._runs: dict[int, ScriptRun] = {}
        self._programs: dict[str, Programs] = {}

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
        self._runs[variables.number] = ScriptRun(variables, self._programs_of(variables.flow), self._limits)

    async def resume(self, items: Sequence[Resumption]) -> Sequence[Answer]:
        """Run each instance to its next step or its end: one answer per item, in the items' order.

        An instance stands in the items once. Before anything runs, raises ``LookupError`` when one does not wait (it
        has ended, or never began), and ``TypeError`` when one is given what is no JSON value. Cost: see ``sandbox``;
        1,000 instances take about 0.8 s a round, or 0.1 s where they share sessions. Raises ``SandboxLost`` when a
        worker died under a waiting script: the host is of no more use, and replaying the run with a new one brings
        every script back to where it was.
        """
        ready = [self._made_ready(item) for item in items]
        answers: dict[InstanceId, Answer] = {}
        alone, beginning, together = self._divided(ready)
        waiting = iter(alone)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(alone))):
                    group.create_task(self._advance_alone(waiting, answers))
                group.create_task(self._advance_together(beginning, together, answers))
        except* SandboxLost as lost:
            raise SandboxLost(f"a worker of the sandbox died: {lost.exceptions[0]}") from lost
        return [answers[item.instance] for item in items]

    async def end(self, number: int) -> None:
        """Forget a run's instances."""
        run = self._runs.pop(number, None)
        for element in run.instances if run else ():
            await self._shared.leave(InstanceId(number, element))
            await self._own.forget(InstanceId(number, element))

    async def close(self) -> None:
        """Forget everything and free the sandbox."""
        self._shared.stop()
        for number in list(self._runs):
            await self.end(number)
        await self._sandbox.close()

    def _programs_of(self, flow: str) -> Programs:
        if flow not in self._programs:
            self._programs[flow] = programs_of(self._flows[flow].execution, share=self._share)
        return self._programs[flow]

    def _made_ready(self, item: Resumption) -> Resumption:
        identity = item.instance
        if identity.run not in self._runs:
            raise LookupError(f"run {identity.run} has no scripts: it has ended, or never began")
        run = self._runs[identity.run]
        instance = run.instances.get(identity.element)
        waits = isinstance(run.programs.own, Unreadable) or (instance is not None and instance.waits)
        if not waits and not isinstance(item.resume, Begin):
            raise LookupError(f"{identity} does not wait at a step: it has ended, or never began")
        resume = item.resume
        return Resumption(identity, Return(plain(resume.value))) if isinstance(resume, Return) else item

    def _divided(
        self, items: Sequence[Resumption]
    ) -> tuple[list[Resumption], dict[int, list[InstanceId]], dict[int, tuple[SharedSession, list[Resumption]]]]:
        """Those that go on alone; those that begin together, by run; those that share a session, by session."""
        alone: list[Resumption] = []
        beginning: dict[int, list[InstanceId]] = {}
        together: dict[int, tuple[SharedSession, list[Resumption]]] = {}
        for item in items:
            home = self._shared.home(item.instance)
            if isinstance(item.resume, Begin):
                beginning.setdefault(item.instance.run, []).append(item.instance)
            elif home is not None:
                together.setdefault(id(home), (home, []))[1].append(item)
            else:
                alone.append(item)
        for number, identities in list(beginning.items()):
            if self._runs[number].programs.shared is None or len(identities) < self._fewest:
                alone += [Resumption(identity, Begin()) for identity in beginning.pop(number)]
        return alone, beginning, together

    async def _advance_alone(self, waiting: Iterator[Resumption], answers: dict[InstanceId, Answer]) -> None:
        for item in waiting:
            run = self._runs[item.instance.run]
            if isinstance(run.programs.own, Unreadable):
                problem = run.programs.own.problem
                answers[item.instance] = Ended(item.instance, Verdict("error", problem.message, problem.line))
                continue
            if isinstance(item.resume, Begin):
                await self._shared.leave(item.instance)
            answers[item.instance] = await self._own.advance(run, item.instance, item.resume)

    async def _advance_together(
        self,
        beginning: Mapping[int, Sequence[InstanceId]],
        together: Mapping[int, tuple[SharedSession, Sequence[Resumption]]],
        answers: dict[InstanceId, Answer],
    ) -> None:
        for number, identities in beginning.items():
            for identity in identities:
                await self._shared.leave(identity)
                await self._own.forget(identity)
            answers.update(await self._shared.begin(self._runs[number], identities))
        for session, items in together.values():
            answers.update(await self._shared.go_on(self._runs[items[0].instance.run], session, items))
