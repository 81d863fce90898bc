"""Drives one script in the real sandbox and tells what it did."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.script.calls import (
    Begin,
    Call,
    Ended,
    FlowScripts,
    InstanceId,
    Paused,
    Resume,
    Resumption,
    Return,
    Stop,
    Variables,
    Verdict,
)
from flows.script.calls import RaiseStepFailed as Fails
from flows.script.host import SandboxHost
from flows.script.instance import Limits

__all__ = ["Fails", "Stop", "Told", "element", "process", "run_script"]

Told = tuple[str, str | None, Verdict | None]
"""(step, name or None, the verdict made so far)."""


def element(number: int, **context: Any) -> dict[str, Any]:
    """An element as scripts see it (R1)."""
    name = f"db{number}"
    address = f"10.0.0.{number}"
    return {"id": number, "name": name, "address": address, "profile": "pg", "groups": ["all"], "context": context}


THREE = [element(1), element(2), element(3)]


async def process(text: str, elements: Sequence[Mapping[str, Any]], **inputs: Any) -> list[str]:
    """The names that a processing script leaves, in its order."""
    host = SandboxHost({"F": FlowScripts(text, "")})
    try:
        return [str(chosen["name"]) for chosen in await host.process("F", elements, inputs)]
    finally:
        await host.close()


class Played:
    """What a script did: its calls with the verdict at that moment, and how it ended."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.told: list[Verdict | None] = []
        self.end: Verdict | None = None

    @property
    def names(self) -> list[str | None]:
        """The names of the steps, in order."""
        return [call.name for call in self.calls]

    @property
    def sites(self) -> list[int]:
        """The sites of the steps, in order."""
        return [call.site for call in self.calls]


async def run_script(
    text: str,
    *answers: Resume | dict[str, Any],
    elements: Sequence[Mapping[str, Any]] = THREE,
    at: str = "db1",
    limits: Limits | None = None,
    **inputs: Any,
) -> Played:
    """Run the script of one element; steps succeed once the answers are used up."""
    host = SandboxHost({"F": FlowScripts("", text)}, limits=limits)
    try:
        await host.begin(Variables(0, "F", elements, inputs, {"id": 7, "flow": "F", "started_at": "2026-11-23"}))
        return await _play(host, InstanceId(0, at), list(answers))
    finally:
        await host.close()


async def _play(host: SandboxHost, instance: InstanceId, answers: list[Resume | dict[str, Any]]) -> Played:
    played = Played()
    resume: Resume = Begin()
    while True:
        (answer,) = await host.resume([Resumption(instance, resume)])
        if isinstance(answer, Ended):
            played.end = answer.verdict
            return played
        assert isinstance(answer, Paused)
        played.calls.append(answer.call)
        played.told.append(answer.verdict)
        given = answers.pop(0) if answers else {"ok": True, "status": "succeeded"}
        resume = Return(given) if isinstance(given, dict) else given
