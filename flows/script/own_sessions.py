"""Scripts that each have a session for themselves: alive while used lately, else as bytes, or brought back by a replay.

A script that the machine gave too little time is run again with more, so that R44 speaks of the script alone.
"""

import zlib
from collections import OrderedDict
from typing import Final

from flows.script.calls import Answer, Begin, Ended, InstanceId, Paused, Resume, Verdict
from flows.script.fairness import TRIES, longer, was_starved
from flows.script.history import Packer, unpack
from flows.script.instance import Instance
from flows.script.sandbox import Machine, Sandbox
from flows.script.script_run import ScriptRun
from flows.script.states import Broke, State

ALIVE: Final = 2
"""Sessions kept alive: a Serial run of one or two elements never pays for a dump."""

COMPRESSED_ABOVE_BYTES: Final = 32 * 1024
"""Dumps that hold the list of all elements shrink to a tenth; small ones are not worth the time."""

TOO_BUSY: Final = "the script got {cpu:.1f} s of the machine's time in {wall:.0f} s and reached no step: it is too busy"


class OwnSessions:
    """The sessions of one host. An instance is advanced by one task at a time."""

    def __init__(self, sandbox: Sandbox, packer: Packer) -> None:
        self._sandbox, self._packer = sandbox, packer
        self._alive: OrderedDict[InstanceId, tuple[ScriptRun, Machine]] = OrderedDict()
        self._dumps: dict[InstanceId, bytes] = {}

    async def advance(self, run: ScriptRun, identity: InstanceId, resume: Resume) -> Answer:
        """Go on to the next step or the end."""
        if isinstance(resume, Begin):
            await self.forget(identity)
            run.instances.pop(identity.element, None)
            run.made_anew(identity)
        instance = run.instances[identity.element]
        async with instance.lock:
            answer = await self._advance(run, instance, resume)
        instance = run.instances[identity.element]
        instance.waits = isinstance(answer, Paused)
        if instance.waits:
            instance.history.append(self._packer.pack(resume))
        await self._make_room()
        return answer

    async def forget(self, identity: InstanceId) -> None:
        """Close the session of an instance, if it has one."""
        self._dumps.pop(identity, None)
        alive = self._alive.pop(identity, None)
        if alive:
            await alive[1].close()

    async def _advance(self, run: ScriptRun, instance: Instance, resume: Resume) -> Answer:
        machine = await self._machine(run, instance)
        wall_s = self._sandbox.allowed_s
        if machine is None:
            answer, state = await self._replay(run, instance.identity, resume, wall_s)
        else:
            answer, state = await self._go_on(run, instance, machine, resume)
        for _ in range(TRIES):
            if not was_starved(state, self._sandbox.allowed_s):
                return answer
            wall_s = longer(wall_s, state, self._sandbox.allowed_s)
            answer, state = await self._replay(run, instance.identity, resume, wall_s)
        return self._too_busy(run.instances[instance.identity.element], state, wall_s)

    async def _machine(self, run: ScriptRun, instance: Instance) -> Machine | None:
        """The instance's session: the one still alive, its dump loaded again, or a new one; None asks for a replay."""
        alive = self._alive.pop(instance.identity, None)
        if alive:
            return alive[1]
        dump = self._dumps.pop(instance.identity, None)
        if dump is None and instance.history:
            return None
        machine = await self._sandbox.machine(memory_bytes=run.memory_bytes)
        if dump is not None:
            await machine.load(_unpacked(dump))
        return machine

    async def _go_on(
        self, run: ScriptRun, instance: Instance, machine: Machine, resume: Resume
    ) -> tuple[Answer, State]:
        try:
            answer = await instance.advance(machine, resume)
        except BaseException:
            await machine.close()
            raise
        if isinstance(answer, Paused):
            self._alive[instance.identity] = (run, machine)
        else:
            await machine.close()
        return answer, machine.state

    async def _make_room(self) -> None:
        """Keep as bytes the sessions that were used longest ago."""
        while len(self._alive) > ALIVE:
            identity, (run, _) = next(iter(self._alive.items()))
            async with run.instances[identity.element].lock:
                await self._put_away(identity)

    async def _put_away(self, identity: InstanceId) -> None:
        alive = self._alive.pop(identity, None)
        if alive:
            try:
                self._dumps[identity] = _packed(await alive[1].dump())
            finally:
                await alive[1].close()

    # --- replays ------------------------------------------------------------------------------------------------

    async def _replay(
        self, run: ScriptRun, identity: InstanceId, resume: Resume, wall_s: float
    ) -> tuple[Answer, State]:
        """Bring the instance back to where it waited, in a new session, and let it go on."""
        machine = await self._sandbox.machine(memory_bytes=run.memory_bytes, wall_s=wall_s)
        instance = run.made_anew(identity)
        for packed in instance.history:
            answer, state = await self._go_on(run, instance, machine, unpack(packed))
            if isinstance(answer, Ended):
                return answer, state
            del self._alive[identity]
        answer, state = await self._go_on(run, instance, machine, resume)
        if wall_s > self._sandbox.allowed_s:
            await self._put_away(identity)  # loaded again, it has the usual limit
        return answer, state

    def _too_busy(self, instance: Instance, state: State, wall_s: float) -> Answer:
        cpu_s = state.cpu_s if isinstance(state, Broke) and state.cpu_s else 0.0
        line = instance.last_site.line if instance.last_site else 1
        return Ended(instance.identity, Verdict("limit", TOO_BUSY.format(cpu=cpu_s, wall=wall_s), line))


def _packed(dump: bytes) -> bytes:
    return b"z" + zlib.compress(dump, 1) if len(dump) > COMPRESSED_ABOVE_BYTES else b"-" + dump


def _unpacked(dump: bytes) -> bytes:
    return zlib.decompress(dump[1:]) if dump[:1] == b"z" else dump[1:]
