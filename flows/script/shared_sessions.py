"""Keeps the sessions that elements of a run share, and gives those that they cannot bear one of their own (R44).

A session that died is built anew by a replay without the member that killed it. Who did is found out by letting the
first one that did not answer go on alone, under the usual limits: only what a script does alone is held against it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from flows.script.calls import Answer, Begin, Ended, InstanceId, Paused, Resume, Resumption
from flows.script.fairness import longer, was_starved
from flows.script.history import Packer
from flows.script.own_sessions import OwnSessions
from flows.script.sandbox import Sandbox
from flows.script.script_run import ScriptRun
from flows.script.shared_session import SharedSession, Turn

ALIVE: Final = 4
"""Sessions that hold a worker; others are kept as bytes."""

FEWEST: Final = 24
"""So many elements begin together before they share: fewer are as fast in sessions of their own."""

MOST: Final = 5_000
"""Elements in one session: what a death costs grows with them."""

DEATHS: Final = 4
"""After so many in one round, those that have not answered go on alone."""


class SharedSessions:
    """The shared sessions of one host. Used by one task at a time."""

    def __init__(self, sandbox: Sandbox, own: OwnSessions, packer: Packer) -> None:
        self._sandbox, self._own, self._packer = sandbox, own, packer
        self._homes: dict[InstanceId, SharedSession] = {}
        self._alive: OrderedDict[int, SharedSession] = OrderedDict()

    def home(self, identity: InstanceId) -> SharedSession | None:
        """The session in which an instance waits."""
        return self._homes.get(identity)

    async def begin(self, run: ScriptRun, identities: Sequence[InstanceId]) -> dict[InstanceId, Answer]:
        """Start instances, in sessions of equal size."""
        answers: dict[InstanceId, Answer] = {}
        for part in _parts(identities):
            for identity in part:
                run.instances.pop(identity.element, None)
            session = self._made(run, part)
            answers |= await self._advance(run, session, dict.fromkeys(part, Begin()))
        return answers

    async def go_on(
        self, run: ScriptRun, session: SharedSession, items: Sequence[Resumption]
    ) -> dict[InstanceId, Answer]:
        """Resume members of a session, in this order."""
        return await self._advance(run, session, {item.instance: item.resume for item in items})

    async def leave(self, identity: InstanceId) -> None:
        """The instance goes on elsewhere, or is over."""
        session = self._homes.pop(identity, None)
        if session is not None:
            session.leave(session.numbers[identity])
            if session.is_over:
                await self._sandbox.in_thread(lambda: self._close(session))

    def stop(self) -> None:
        """End what runs at the next call of the host."""
        for session in self._homes.values():
            session.is_stopping = True

    # --- a round ------------------------------------------------------------------------------------------------

    async def _advance(
        self, run: ScriptRun, session: SharedSession, waiting: dict[InstanceId, Resume]
    ) -> dict[InstanceId, Answer]:
        answers: dict[InstanceId, Answer] = {}
        wall_s = self._sandbox.allowed_s
        for _ in range(DEATHS):
            turn = await self._turn(session, waiting, wall_s)
            self._take(session, turn, waiting, answers)
            for identity in [session.members[number].identity for number in turn.broken]:
                if identity in waiting:
                    answers[identity] = await self._alone(run, identity, waiting.pop(identity))
            if turn.end is None:
                return answers
            if was_starved(turn.end, self._sandbox.allowed_s):
                wall_s = longer(wall_s, turn.end, self._sandbox.allowed_s)
            elif not await self._finds_culprit(run, session, waiting, answers):
                break
            revived = await self._revived(run, session, waiting, wall_s)
            if revived is None or not waiting:
                break
            session = revived
        for identity, resume in waiting.items():
            answers[identity] = await self._alone(run, identity, resume)
        return answers

    async def _finds_culprit(
        self,
        run: ScriptRun,
        session: SharedSession,
        waiting: dict[InstanceId, Resume],
        answers: dict[InstanceId, Answer],
    ) -> bool:
        """Let the first that did not answer go on alone. False if it can: then all of them together are too much."""
        if not waiting:
            return True
        suspect = next(iter(waiting))
        answers[suspect] = await self._alone(run, suspect, waiting.pop(suspect))
        if _exceeded_limit(answers[suspect]):
            return True
        await self._dissolve(session)
        return False

    async def _turn(self, session: SharedSession, waiting: dict[InstanceId, Resume], wall_s: float) -> Turn:
        return await self._sandbox.in_thread(lambda: self._turn_now(session, waiting, wall_s))

    def _turn_now(self, session: SharedSession, waiting: dict[InstanceId, Resume], wall_s: float) -> Turn:
        self._make_room(session)
        try:
            if all(isinstance(resume, Begin) for resume in waiting.values()):
                turn = session.begin(wall_s)
            else:
                turn = session.go_on([(session.numbers[one], resume) for one, resume in waiting.items()], wall_s)
        except BaseException:
            self._close(session)
            raise
        if turn.end is not None or session.is_over:
            self._close(session)
        return turn

    def _take(
        self, session: SharedSession, turn: Turn, waiting: dict[InstanceId, Resume], answers: dict[InstanceId, Answer]
    ) -> None:
        for number, answer in turn.answers.items():
            instance = session.members[number]
            resume = waiting.pop(instance.identity, None)
            if resume is None:
                continue  # it answered before its session died, and had to be brought back
            answers[instance.identity] = answer
            instance.waits = isinstance(answer, Paused)
            if instance.waits:
                instance.history.append(self._packer.pack(resume))
            else:
                self._homes.pop(instance.identity, None)

    async def _alone(self, run: ScriptRun, identity: InstanceId, resume: Resume) -> Answer:
        await self.leave(identity)
        return await self._own.advance(run, identity, resume)

    # --- sessions -----------------------------------------------------------------------------------------------

    def _made(self, run: ScriptRun, identities: Sequence[InstanceId]) -> SharedSession:
        assert run.programs.shared is not None
        members = [run.made_anew(identity) for identity in identities]
        session = SharedSession(self._sandbox, run.programs.shared, members, run.memory_bytes)
        for member in members:
            member.waits = bool(member.history)
            self._homes[member.identity] = session
        return session

    async def _revived(
        self, run: ScriptRun, dead: SharedSession, waiting: dict[InstanceId, Resume], wall_s: float
    ) -> SharedSession | None:
        """A new session for those that are left of a dead one, where they waited; None if it died as well."""
        left = [one.identity for one in dead.members if self._homes.get(one.identity) is dead]
        if not left:
            return None
        session = self._made(run, left)
        if any(isinstance(resume, Begin) for resume in waiting.values()):
            return session  # they all begin again, which is all that they did
        end = await self._sandbox.in_thread(lambda: self._catch_up(session, wall_s))
        if end is None:
            return session
        await self._dissolve(session)
        return None

    def _catch_up(self, session: SharedSession, wall_s: float) -> object:
        self._make_room(session)
        end = session.catch_up(wall_s)
        if end is not None:
            self._close(session)
        return end

    async def _dissolve(self, session: SharedSession) -> None:
        """Its members go on alone, each brought back when it is its turn."""
        for member in session.members:
            if self._homes.get(member.identity) is session:
                del self._homes[member.identity]
        await self._sandbox.in_thread(lambda: self._close(session))

    def _make_room(self, session: SharedSession) -> None:
        """Keep as bytes the sessions that were used longest ago."""
        self._alive.pop(id(session), None)
        while len(self._alive) >= ALIVE:
            _, oldest = self._alive.popitem(last=False)
            oldest.put_away()
        self._alive[id(session)] = session

    def _close(self, session: SharedSession) -> None:
        self._alive.pop(id(session), None)
        session.close()


def _parts(identities: Sequence[InstanceId]) -> list[Sequence[InstanceId]]:
    count = -(-len(identities) // MOST)
    size = -(-len(identities) // count)
    return [identities[start : start + size] for start in range(0, len(identities), size)]


def _exceeded_limit(answer: Answer) -> bool:
    return isinstance(answer, Ended) and answer.verdict is not None and answer.verdict.kind == "limit"
