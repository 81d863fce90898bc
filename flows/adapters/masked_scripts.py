"""Scripts that know secrets: they see the values, and what they say of them is masked before anybody hears it.

Whatever a script asks for or decides becomes part of the journal: names of steps, messages, reasons. It is masked here,
between the sandbox and the engine, so that the engine itself knows the masked text alone: a replay then compares masked
with masked (R37). That holds because the mask is the same whenever the script runs again: it knows what the runs of the
tree were started with, in the order of the journal, and what this script instance has itself passed on as a secret.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flows.engine.commands import Call, Ended, InstanceId, Paused, Resumption, ScriptAnswer, Verdict
from flows.runner.ports import ElementDict, ScriptContext, ScriptHost, ScriptProblem
from flows.tasks.inputs import InputSpec, secret_values_of
from flows.tasks.parsing import masked_data
from flows.tasks.redact import Redactor
from flows.tasks.secrets import RunSecrets

Declared = Mapping[str, Sequence[InputSpec]]
"""The declared inputs by the name of the task or flow."""

#: An instance that passes secrets of its own needs a redactor of its own.
_KEPT_REDACTORS = 256


def masked_scripts(scripts: ScriptHost, secrets: RunSecrets, flows: Declared, tasks: Declared) -> ScriptHost:
    """The host itself where no input of the run can be a secret; else one that masks them."""
    declared = [spec for specs in (*flows.values(), *tasks.values()) for spec in specs]
    if not any(spec.type == "secret" for spec in declared):
        return scripts
    return MaskedScripts(scripts, secrets, flows, tasks)


class MaskedScripts:
    """A script host whose answers hold no secret, but for the inputs of calls: tasks and child flows get them whole."""

    def __init__(self, scripts: ScriptHost, secrets: RunSecrets, flows: Declared, tasks: Declared) -> None:
        """``flows`` and ``tasks`` are those that the run can reach; their names are no secrets."""
        self._scripts = scripts
        self._secrets = secrets
        self._declared: Mapping[str, Declared] = {"run_task": tasks, "run_flow": flows}
        self._elements: dict[int, frozenset[str]] = {}
        self._passed: dict[InstanceId, frozenset[str]] = {}
        self._redactors: dict[frozenset[str], Redactor] = {}

    @property
    def version(self) -> str:
        """As of the host."""
        return self._scripts.version

    @property
    def patience(self) -> float:
        """As of the host."""
        return self._scripts.patience

    @patience.setter
    def patience(self, times: float) -> None:
        self._scripts.patience = times

    async def process(
        self, flow: str, elements: Sequence[ElementDict], inputs: Mapping[str, Any]
    ) -> Sequence[ElementDict]:
        """Apply the processing script; its problem is told without secrets."""
        try:
            return await self._scripts.process(flow, elements, inputs)
        except ScriptProblem as problem:
            known = self._secrets.met | self._secrets.of_flow(flow, inputs)
            raise ScriptProblem(Redactor(inputs=known).text(str(problem))) from None

    async def begin(self, context: ScriptContext) -> None:
        """A run has started, and its secrets are known from now on."""
        self._secrets.run_started(context.flow, context.inputs)
        self._elements[context.number] = frozenset(element["name"] for element in context.elements)
        await self._scripts.begin(context)

    async def resume(self, items: Sequence[Resumption]) -> Sequence[ScriptAnswer]:
        """Run each instance to its next step or its end."""
        return [self._masked(answer) for answer in await self._scripts.resume(items)]

    async def end(self, number: int) -> None:
        """Forget a run's instances."""
        self._passed = {instance: found for instance, found in self._passed.items() if instance.run != number}
        self._elements.pop(number, None)
        await self._scripts.end(number)

    async def close(self) -> None:
        """Free the sandbox."""
        await self._scripts.close()

    def _masked(self, answer: ScriptAnswer) -> ScriptAnswer:
        if isinstance(answer, Paused):
            self._note_passed(answer)
        redactor = self._redactor(self._secrets.started | self._passed.get(answer.instance, frozenset()))
        verdict = _masked_verdict(answer.verdict, redactor)
        if isinstance(answer, Ended):
            return Ended(answer.instance, verdict)
        return Paused(answer.instance, self._masked_call(answer.instance.run, answer.call, redactor), verdict)

    def _redactor(self, secrets: frozenset[str]) -> Redactor:
        if secrets not in self._redactors:
            if len(self._redactors) >= _KEPT_REDACTORS:
                self._redactors.clear()
            self._redactors[secrets] = Redactor(inputs=secrets)
        return self._redactors[secrets]

    def _note_passed(self, paused: Paused) -> None:
        """What the call passes as a secret; other instances know of it once a run has started with it."""
        call = paused.call
        declared = self._declared.get(call.step, {}).get(call.name or "", ())
        found = secret_values_of(declared, call.inputs)
        if found:
            self._passed[paused.instance] = self._passed.get(paused.instance, frozenset()) | found
            self._secrets.meet(found)

    def _masked_call(self, run: int, call: Call, redactor: Redactor) -> Call:
        elements = self._elements.get(run, frozenset())

        def target(name: str) -> str:
            return name if name in elements else redactor.text(name)

        is_known = call.name is None or call.name in self._declared.get(call.step, {})
        return replace(
            call,
            name=call.name if is_known else redactor.text(call.name or ""),
            element=None if call.element is None else target(call.element),
            elements=None if call.elements is None else tuple(map(target, call.elements)),
            inputs=call.inputs if call.step in self._declared else masked_data(call.inputs, redactor.text),
        )


def _masked_verdict(verdict: Verdict | None, redactor: Redactor) -> Verdict | None:
    return None if verdict is None else replace(verdict, message=redactor.text(verdict.message))
