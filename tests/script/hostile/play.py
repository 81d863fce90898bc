"""Plays hostile scripts beside others: every one must end in its own clear error, and nobody else may notice (R44).

Each script is run by one element of a run of its own, whose other element is well-behaved; besides, there is a run of
another flow. All runs share one host and go on together, round by round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.script.calls import (
    Answer,
    Begin,
    Ended,
    FlowScripts,
    InstanceId,
    Paused,
    Resume,
    Resumption,
    Return,
    Variables,
    Verdict,
)
from flows.script.host import SandboxHost
from flows.script.instance import Limits
from tests.script.scripts import element

LIMITS = Limits(turn_s=0.2, memory_bytes=24 * 1024 * 1024, steps=20)
ROUNDS = 40
LONGEST_REASON = 600

GOOD = "if element['name'] == 'db1':\n    log('one')\n    log('two')\n    finish('fine')\n"
"""Stands before every script: what the well-behaved element does. It moves the script's lines."""

FLEET = [element(1), element(2)]
FINE = Verdict("finished", "fine", 4)
RESULT = {"ok": True, "status": "succeeded", "output": ""}


@dataclass(frozen=True, slots=True)
class Hostile:
    """A script, and how it must end: kind of verdict, line in the script (None where that cannot be told: a session
    whose memory is full knows nothing, and a loop of several lines is somewhere in it), and how the message begins.

    ``spoils_all``: the text is no script, so that its run's other element fails too.
    """

    name: str
    text: str
    kind: str
    line: int | None
    message: str
    spoils_all: bool = False


async def problems(scripts: Sequence[Hostile], *, share: bool = True) -> list[str]:
    """What went otherwise than it must, in words; nothing is the right answer."""
    flows = {str(number): FlowScripts("", GOOD + one.text) for number, one in enumerate(scripts)}
    flows["other"] = FlowScripts("", "run_task('A')\nlog('b')")
    host = SandboxHost(flows, limits=LIMITS, share=share, fewest=1)
    try:
        for number in range(len(scripts)):
            await host.begin(Variables(number, str(number), FLEET, {"x": 1}, {"id": number}))
        await host.begin(Variables(len(scripts), "other", FLEET, {}, {}))
        ends = await _play(host, [InstanceId(n, str(one["name"])) for n in range(len(scripts) + 1) for one in FLEET])
    finally:
        await host.close()
    others = [ends.get(InstanceId(len(scripts), str(one["name"])), "never") for one in FLEET]
    told = [f"the other run's elements ended as {others}"] if others != [None, None] else []
    return told + [text for number, one in enumerate(scripts) for text in _judged(number, one, ends)]


async def _play(host: SandboxHost, instances: Sequence[InstanceId]) -> dict[InstanceId, Verdict | None]:
    """How every instance ended."""
    ends: dict[InstanceId, Verdict | None] = {}
    waiting: dict[InstanceId, Resume] = {instance: Begin() for instance in instances}
    for _ in range(ROUNDS):
        answers: Sequence[Answer] = await host.resume([Resumption(*item) for item in waiting.items()])
        ends |= {answer.instance: answer.verdict for answer in answers if isinstance(answer, Ended)}
        waiting = {answer.instance: Return(RESULT) for answer in answers if isinstance(answer, Paused)}
        if not waiting:
            break
    return ends


def _judged(number: int, one: Hostile, ends: dict[InstanceId, Verdict | None]) -> Iterator[str]:
    good, bad = (ends.get(InstanceId(number, str(element["name"])), "never") for element in FLEET)
    if good != FINE and not one.spoils_all:
        yield f"{one.name}: the element beside it ended as {good}"
    if not isinstance(bad, Verdict):
        yield f"{one.name}: ended as {bad}"
        return
    line = None if bad.line is None else bad.line - GOOD.count("\n")
    if (bad.kind, bad.message[: len(one.message)]) != (one.kind, one.message) or (one.line and line != one.line):
        yield f"{one.name}: expected {one.kind} in line {one.line}: {one.message}; found {bad}"
    is_own_words = one.kind in ("failed", "aborted", "finished")
    if not is_own_words and (len(bad.message) > LONGEST_REASON or not bad.message.isprintable()):
        yield f"{one.name}: its reason is no clear line: {bad.message[:LONGEST_REASON]!r}"
