"""The sandbox as the runner's script host: the script layer's words for the engine's, one to one."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine import commands
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, ScriptContext, ScriptProblem, ScriptsLost
from flows.runner.script_words import engine_call, engine_verdict
from flows.script import calls
from flows.script.calls import FlowScripts
from flows.script.host import SandboxHost
from flows.script.sandbox import VERSION, SandboxLost


class SandboxScripts:
    """The runner's ``ScriptHost`` over the sandbox. One per root run."""

    def __init__(self, flows: Mapping[str, FlowScripts]) -> None:
        """``flows`` are the scripts of every flow that the run can reach."""
        self._host = SandboxHost(flows)

    @property
    def patience(self) -> float:
        """See the port."""
        return self._host.patience

    @patience.setter
    def patience(self, times: float) -> None:
        self._host.patience = times

    @property
    def version(self) -> str:
        """The sandbox library and the prelude."""
        return VERSION

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the flow's processing script; raises the runner's ``ScriptProblem`` (R6)."""
        try:
            return await self._host.process(flow, elements, inputs)
        except calls.ScriptProblem as problem:
            raise ScriptProblem(str(problem)) from problem

    async def begin(self, context: ScriptContext) -> None:
        """Make a run's variables known."""
        await self._host.begin(
            calls.Variables(context.number, context.flow, context.elements, context.inputs, context.run)
        )

    async def resume(self, items: Sequence[commands.Resumption]) -> Sequence[commands.ScriptAnswer]:
        """Run each instance to its next step or its end, in the items' order."""
        try:
            answers = await self._host.resume([_resumption(item) for item in items])
        except SandboxLost as lost:
            raise ScriptsLost(str(lost)) from lost
        return [_answer(answer) for answer in answers]

    async def end(self, number: int) -> None:
        """Forget a run's instances."""
        await self._host.end(number)

    async def close(self) -> None:
        """Free the sandbox."""
        await self._host.close()


def _resumption(item: commands.Resumption) -> calls.Resumption:
    return calls.Resumption(calls.InstanceId(item.instance.run, item.instance.element), _resume(item.resume))


def _resume(resume: commands.Resume) -> calls.Resume:
    match resume:
        case commands.Begin():
            return calls.Begin()
        case commands.Return():
            return calls.Return(resume.value)
        case commands.RaiseStepFailed():
            return calls.RaiseStepFailed(resume.message)
        case commands.Stop():
            return calls.Stop()


def _answer(answer: calls.Answer) -> commands.ScriptAnswer:
    instance = commands.InstanceId(answer.instance.run, answer.instance.element)
    if isinstance(answer, calls.Paused):
        return commands.Paused(
            instance, engine_call(answer.call, canonical(answer.call.inputs)), engine_verdict(answer.verdict)
        )
    return commands.Ended(instance, engine_verdict(answer.verdict))
