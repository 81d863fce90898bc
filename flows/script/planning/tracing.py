"""Runs scripts for a plan: many elements in one session where that changes nothing, else each in its own (R1, R44).

A script that goes beyond a limit, or ends by an error, is run once more alone, so that what is told of it is its own
doing, with the author's line; nobody else is touched.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.script.arguments import WrongArgument
from flows.script.calls import Call, ElementDict, FlowScripts, Variables, Verdict
from flows.script.explain import verdict_of
from flows.script.instance import NO_WORLD, Limits, look_around
from flows.script.planning.budget import Budget
from flows.script.planning.program import PlanProgram, plan_program
from flows.script.planning.traces import Calls, Given, Trace, decide, trace_of
from flows.script.problem import Unreadable
from flows.script.processing import process
from flows.script.sandbox import Asked, Broke, Finished, Machine, Sandbox, SandboxError, Wanted

AT_ONCE: Final = 2
"""Sessions that work at the same moment."""

OPEN: Final = 2
"""Shared sessions kept for the next question."""

CHUNK: Final = 250
"""Scripts of one turn of a shared session: far below a turn's time, far above the cost of asking."""


@dataclass(frozen=True, slots=True)
class Job:
    """One script to run: the element's place in its run, and how its asks end where not well."""

    place: int
    given: Mapping[int, Given] = field(default_factory=dict)


@dataclass(slots=True)
class Traced:
    """A trace with the table that its rows are in, which is that of its session; a clean one has no wrong calls."""

    trace: Trace
    table: Sequence[Call | WrongArgument] = ()
    is_clean: bool = True


@dataclass(slots=True)
class _Session:
    machine: Machine
    calls: Calls
    told: int = 0


class Tracer:
    """Runs the scripts of one plan. Used from one event loop."""

    def __init__(
        self, flows: Mapping[str, FlowScripts], limits: Limits | None = None, *, keeps_workers: bool = False
    ) -> None:
        self._flows = flows
        self._limits = limits or Limits()
        self._sandbox = Sandbox(max_processes=OPEN + AT_ONCE, turn_s=self._limits.turn_s, keeps=keeps_workers)
        self._programs: dict[str, PlanProgram | Unreadable] = {}
        self._open: OrderedDict[tuple[str, int], _Session] = OrderedDict()
        self._budget = Budget()

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the flow's processing script. Raises ``ScriptProblem``."""
        text = self._flows[flow].processing
        return await process(self._sandbox, self._limits, text, elements, inputs) if text.strip() else list(elements)

    def program(self, flow: str) -> PlanProgram | Unreadable:
        """The flow's script made ready, or why it cannot be read."""
        if flow not in self._programs:
            try:
                self._programs[flow] = plan_program(self._flows[flow].execution)
            except Unreadable as refusal:
                self._programs[flow] = refusal
        return self._programs[flow]

    async def trace(self, run: Variables, jobs: Sequence[Job]) -> list[Traced]:
        """What each of these scripts does, in the jobs' order. The run's variables are plain JSON values.

        Raises ``TooDear``.
        """
        program = self.program(run.flow)
        if isinstance(program, Unreadable):
            verdict = Verdict("error", program.problem.message, program.problem.line)
            return [Traced(Trace((), "ended", verdict=verdict)) for _ in jobs]
        found: list[Traced | None] = [None] * len(jobs)
        if program.is_shared:
            await self._share(program, run, jobs, found)
        await self._one_by_one(program, run, jobs, found)
        self._budget.check()
        return [traced for traced in found if traced is not None]

    async def close(self) -> None:
        """Free the sandbox."""
        while self._open:
            _, session = self._open.popitem()
            await session.machine.close()
        await self._sandbox.close()

    # --- many in one session --------------------------------------------------------------------------------------

    async def _share(
        self, program: PlanProgram, run: Variables, jobs: Sequence[Job], found: list[Traced | None]
    ) -> None:
        """Leaves those out that must run alone. Many are shared out to more than one session."""
        parts = AT_ONCE if len(jobs) > CHUNK else 1
        size = -(-len(jobs) // parts)
        async with asyncio.TaskGroup() as group:
            for part in range(parts):
                chosen = range(part * size, min((part + 1) * size, len(jobs)))
                group.create_task(self._share_part(program, run, jobs, found, chosen, part))

    async def _share_part(
        self,
        program: PlanProgram,
        run: Variables,
        jobs: Sequence[Job],
        found: list[Traced | None],
        chosen: range,
        part: int,
    ) -> None:
        name = f"{run.flow} {part}"
        number = run.number if program.is_per_run else -1
        at = chosen.start
        while at < chosen.stop and not self._budget.is_exceeded:
            session = await self._session(program, run, name, number)
            until = min(at + CHUNK, chosen.stop)
            came, is_broken = await self._ask(session, program, run, [jobs[n] for n in range(at, until)])
            for n, told in enumerate(came, start=at):
                found[n] = Traced(
                    trace_of(told, program, self._limits.steps), session.calls.made, session.calls.is_clean
                )
                self._budget.add_steps(0 if jobs[n].given else len(told[0]))
            at += len(came)
            # The one that broke off runs alone; a session that is used up makes way for a new one.
            if is_broken:
                await session.machine.close()
                if at < chosen.stop:
                    found[at] = await self._alone(program, run, jobs[at])
                    at += 1
            else:
                await self._keep(name, number, session)

    async def _ask(
        self, session: _Session, program: PlanProgram, run: Variables, jobs: Sequence[Job]
    ) -> tuple[Sequence[Any], bool]:
        told = [
            [job.place, None if program.needs_elements else run.elements[job.place], _listed(job.given)] for job in jobs
        ]
        words = f"__many({told!r},{len(run.elements) - 1},{run.inputs!r},{{**{run.run!r},**__unknown_of_run()}})"
        is_broken = False
        try:
            came, rows = await session.machine.evaluate(words)
        except SandboxError:
            is_broken = True
            try:
                came, rows = await session.machine.evaluate(f"__rest({session.told})")
            except SandboxError:
                return (), True
        session.told += len(rows)
        session.calls.add(rows)
        return came, is_broken

    async def _session(self, program: PlanProgram, run: Variables, name: str, number: int) -> _Session:
        held = self._open.pop((name, number), None)
        if held is not None:
            return held
        machine = await self._sandbox.machine(memory_bytes=self._limits.memory_for(len(run.elements)))
        await machine.run(
            program.shared,
            {
                **program.tables,
                "__limit": self._limits.steps,
                "__ticks": False,
                "__script": program.shared_text,
                "__elements_": list(run.elements) if program.needs_elements else None,
                "last": len(run.elements) - 1,
            },
        )
        if not isinstance(machine.state, Finished):
            raise AssertionError(f"the prelude of a plan is broken: {machine.state}")  # noqa: TRY004
        return _Session(machine, Calls(program, run.elements, []))

    async def _keep(self, name: str, number: int, session: _Session) -> None:
        self._open[name, number] = session
        while len(self._open) > OPEN:
            _, oldest = self._open.popitem(last=False)
            await oldest.machine.close()

    # --- each in its own ------------------------------------------------------------------------------------------

    async def _one_by_one(
        self, program: PlanProgram, run: Variables, jobs: Sequence[Job], found: list[Traced | None]
    ) -> None:
        left = iter([n for n, traced in enumerate(found) if traced is None or traced.trace.end == "again"])

        async def work() -> None:
            for n in left:
                if self._budget.is_exceeded:
                    return
                found[n] = await self._alone(program, run, jobs[n])

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())

    async def _alone(self, program: PlanProgram, run: Variables, job: Job) -> Traced:
        machine = await self._sandbox.machine(memory_bytes=self._limits.memory_for(len(run.elements)))
        try:
            await machine.run(program.alone.code, self._variables(program, run, job))
            broke = await self._until_its_end(machine)
            try:
                came, rows = await machine.evaluate("[__came(),__rows]")
            except SandboxError:
                came, rows = [[], None, None], []
            calls = Calls(program, run.elements, [])
            calls.add(rows)
            trace = trace_of(came, program, self._limits.steps)
            if broke is not None and broke.kind != "SystemExit" and trace.end != "uses" and not _was_stopped(job):
                await self._judge(machine, broke, program, trace)
            self._budget.add_steps(0 if job.given else len(trace.rows))
            self._budget.add_alone(run.flow, str(run.elements[job.place]["name"]), trace)
            return Traced(trace, calls.made, calls.is_clean)
        finally:
            await machine.close()

    def _variables(self, program: PlanProgram, run: Variables, job: Job) -> dict[str, Any]:
        names: dict[str, Any] = {
            **program.tables,
            "__limit": self._limits.steps,
            "__ticks": True,
            "__first_given": dict(job.given),
            "current": job.place,
            "first": 0,
            "last": len(run.elements) - 1,
            "element": run.elements[job.place],
            "inputs": run.inputs,
            "run": run.run,
        }
        if program.needs_elements:
            names["elements"] = list(run.elements)
        return names

    async def _until_its_end(self, machine: Machine) -> Broke | None:
        """Answer what a script asks for that it cannot have; each step begins a new turn, whose time is limited."""
        requests = 0
        while True:
            match machine.state:
                case Finished():
                    return None
                case Broke() as broke:
                    return broke
                case Asked(function="__tick"):
                    requests = 0
                    await machine.give(None)
                case Asked(function=function, is_world=True):
                    await machine.throw("RuntimeError", NO_WORLD.format(function))
                case Asked(function=function):
                    await machine.throw("NameError", f"name {function!r} is not defined")
                case Wanted():
                    await machine.refuse()
            requests += 1
            if requests > self._limits.requests:
                return Broke("RuntimeError", "the script asks for what it cannot have, without end", ())

    async def _judge(self, machine: Machine, broke: Broke, program: PlanProgram, trace: Trace) -> None:
        found = await look_around(machine, broke)
        line = program.alone.source_line(broke.lines) or found.line or 1
        decide(trace, verdict_of(broke, line, program.alone, found.blamed, self._limits.turn_s))


def _listed(given: Mapping[int, Given]) -> dict[int, list[Any]]:
    return {ask: list(how) for ask, how in given.items()}


def _was_stopped(job: Job) -> bool:
    return any(how[0] == "stop" for how in job.given.values())
