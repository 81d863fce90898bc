"""Makes attempts: loads the target, renders the command, runs it where the connection says, and tells the outcome."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.runner.ports import OutputSink, StepRequest
from flows.tasks.failures import Fault, Faulted, outcome_of
from flows.tasks.inputs import InputRefused, secret_values_of
from flows.tasks.loading import LoadTargets, TargetLoader
from flows.tasks.local import LocalCommand
from flows.tasks.output import MAX_KEPT_BYTES, Output
from flows.tasks.parsing import NotReadable, NotSaved, masked_data, parsed, saved
from flows.tasks.pool import ConnectionPool
from flows.tasks.process import After, Ended, Ending, Running, follow, forget_cancellation
from flows.tasks.redact import SHORTEST_OF_OTHERS, Redactor
from flows.tasks.secrets import RunSecrets
from flows.tasks.session import TerminationGraces
from flows.tasks.spec import Secret, Target, TaskSpec
from flows.tasks.ssh import Connector
from flows.tasks.step_inputs import step_inputs
from flows.tasks.template import TemplateFault, render
from flows.tasks.watchdog import Watchdog

#: A rendered command up to this size is part of the result (``command``), for whoever reads the step later.
MAX_RESULT_COMMAND = 1024
#: Redactors kept ready: one takes 25 ms to build over hundreds of credentials, and each element may have its own.
_KEPT_REDACTORS = 32

_AFTER_TIMEOUT = {
    After.GONE: Fault.TIMEOUT,
    After.STILL_THERE: Fault.TIMEOUT_STILL_RUNNING,
    After.UNKNOWN: Fault.TIMEOUT_UNKNOWN,
}
_AFTER_CANCEL = {
    After.GONE: Fault.CANCELLED,
    After.STILL_THERE: Fault.CANCELLED_STILL_RUNNING,
    After.UNKNOWN: Fault.CANCELLED_UNKNOWN,
}


class TaskExecutor:
    """The runner's executor for ``command`` tasks; one per run, all its calls from one event loop.

    One call of ``run`` is one attempt, under its timeout, connecting included; retries are the engine's business.
    The result has ``exit_code``, ``output`` (the first 64 KiB of stdout), ``data`` (None without ``parse``),
    ``settings`` (what the task saves, only if it succeeded), and ``command`` as it was sent, without secrets, if it is
    short. A script should read the first four (R12).
    """

    def __init__(  # noqa: PLR0913 - three say what to do, the others how
        self,
        tasks: Mapping[str, TaskSpec],
        targets: LoadTargets,
        data_dir: Path,
        *,
        allow_local: bool = False,
        secrets: Iterable[str] = (),
        run_secrets: RunSecrets | None = None,
        graces: TerminationGraces | None = None,
        max_connections: int | None = None,
        max_output_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        """``secrets`` are the values of all credentials: whichever a command shows, it is masked, as are those of the
        run's secret inputs.

        Values of credentials below ``SHORTEST_OF_OTHERS`` characters are masked only where the step's own credential
        has them.
        """
        self._tasks = tasks
        self._secrets = frozenset(secret for secret in secrets if len(secret.strip()) >= SHORTEST_OF_OTHERS)
        self._redactor = Redactor(self._secrets)
        self._redactors: OrderedDict[frozenset[str], Redactor] = OrderedDict()
        self._run_secrets = run_secrets or RunSecrets({})
        self._targets = TargetLoader(targets)
        self._data_dir = data_dir
        self._allow_local = allow_local
        self._graces = graces or TerminationGraces()
        self._max_output_bytes = max_output_bytes
        self._pool = ConnectionPool(Connector(data_dir), self._graces, max_connections)
        self._watchdog = Watchdog()
        self._ahead: set[asyncio.Task[None]] = set()

    async def run(self, request: StepRequest, output: OutputSink) -> Outcome:
        """Make one attempt. Cancelling ends the command and returns what is known of it (R34).

        Raises only what ``output`` or the loading of targets raises.
        """
        fields: dict[str, Any] = {"name": request.target, "task": request.task}
        self._meet_secrets(request)
        redactor = self._redactor_for(None)
        try:
            target = await self._targets.get(request.target)
        except asyncio.CancelledError:
            forget_cancellation()
            return outcome_of(Fault.CANCELLED_BEFORE_START, fields, redactor)
        if target is None:
            return outcome_of(Fault.ELEMENT_MISSING, fields, redactor)
        redactor = self._redactor_for(target.secret)
        fields |= _describe(target)
        try:
            return await self._attempt(request, target, redactor, output, fields)
        except Faulted as faulted:
            return outcome_of(faulted.fault, fields | faulted.fields, redactor)
        except asyncio.CancelledError:
            forget_cancellation()
            return outcome_of(Fault.CANCELLED_BEFORE_START, fields, redactor)

    async def connect_ahead(self, targets: Sequence[str]) -> None:
        """Open connections to these elements soon; returns at once."""
        task = asyncio.create_task(self._connect_ahead(tuple(targets)), name="connect ahead")
        self._ahead.add(task)
        task.add_done_callback(self._ahead.discard)

    async def close(self) -> None:
        """Close every connection and end what still runs on this machine."""
        for task in tuple(self._ahead):
            task.cancel()
        await asyncio.gather(*self._ahead, return_exceptions=True)
        await self._targets.close()
        await self._watchdog.close()
        await self._pool.close()

    def _meet_secrets(self, request: StepRequest) -> None:
        task = self._tasks.get(request.task)
        if task is not None:
            self._run_secrets.meet(secret_values_of(task.inputs, request.inputs))

    def _redactor_for(self, secret: Secret | None) -> Redactor:
        """For all credentials, the run's secret inputs, and the target's own credential, which may have been stored
        since the run was taken."""
        met = self._run_secrets.met
        own = frozenset(secret.values() if secret else ()) - self._secrets
        more = own | met
        if not more:
            return self._redactor
        if more not in self._redactors:
            self._redactors[more] = Redactor(self._secrets | own, inputs=met)
        self._redactors.move_to_end(more)
        while len(self._redactors) > _KEPT_REDACTORS:
            self._redactors.popitem(last=False)
        return self._redactors[more]

    async def _connect_ahead(self, names: Sequence[str]) -> None:
        try:
            targets = await self._targets.get_all(names)
        except Exception:  # noqa: BLE001 - the step that needs the target will meet the error, and tell it
            return
        self._pool.connect_ahead(target for target in targets if target.connection.type == "ssh" and not target.problem)

    async def _attempt(
        self, request: StepRequest, target: Target, redactor: Redactor, sink: OutputSink, fields: dict[str, Any]
    ) -> Outcome:
        task = self._tasks.get(request.task)
        if task is None:
            raise Faulted(Fault.TASK_MISSING)
        if target.problem:
            raise Faulted(Fault.PROFILE_UNUSABLE, detail=target.problem)
        command = _command(task, request, await self._inputs(task, request, target), target)
        timeout_s = task.timeout_s if request.timeout_s is None else request.timeout_s
        deadline = asyncio.get_running_loop().time() + timeout_s
        running = await self._start(target, command, deadline)

        async def write(stream: str, data: bytes) -> None:
            await sink(request.key, stream, data)

        output = Output(write, redactor, limit_bytes=self._max_output_bytes)
        ending = await follow(running, output, deadline)
        result: dict[str, Any] = {"exit_code": ending.exit_code, "output": output.text, "data": None, "settings": {}}
        shown = redactor.text(command)
        if len(shown) <= MAX_RESULT_COMMAND:
            result["command"] = shown
        fault = _fault_of(ending)
        if fault is None:
            fault, fields["detail"] = _read_result(task, result, redactor, is_cut=output.is_cut)
            if fault is None:
                return Outcome(StepStatus.SUCCEEDED, exit_code=ending.exit_code, result=result)
            return outcome_of(fault, fields, redactor, exit_code=ending.exit_code, result=result)
        fields |= {
            "seconds": timeout_s,
            "exit_code": ending.exit_code,
            "signal": ending.signal,
            "last": f": {output.last_line}" if output.last_line else "",
            "detail": str(running.feed.lost or "the server closed the session without an exit status"),
        }
        return outcome_of(fault, fields, redactor, exit_code=ending.exit_code, result=result)

    async def _inputs(self, task: TaskSpec, request: StepRequest, target: Target) -> dict[str, Any]:
        """The step's inputs, checked (R43); elements that they name must be enabled now."""
        try:
            return await step_inputs(task, request, self._targets.get_all)
        except InputRefused as refused:
            raise Faulted(Fault.INPUTS, detail=f"task '{task.name}' for {target.name}: {refused}") from None

    async def _start(self, target: Target, command: str, deadline: float) -> Running:
        if target.connection.type == "ssh":
            return await self._pool.start(target, command, deadline)
        if not self._allow_local:
            raise Faulted(Fault.LOCAL_NOT_ALLOWED)
        local = LocalCommand(self._watchdog, self._graces.term_s, self._graces.kill_s)
        await local.start(command, self._data_dir)
        return local


def _read_result(
    task: TaskSpec, result: dict[str, Any], redactor: Redactor, *, is_cut: bool
) -> tuple[Fault | None, str]:
    """Put ``data`` and ``settings`` into the result of a command that went well; the fault if that cannot be done."""
    try:
        result["data"] = masked_data(parsed(task.parse, result["output"], is_cut=is_cut), redactor.text)
    except NotReadable as problem:
        return Fault.PARSE, str(problem)
    try:
        result["settings"] = saved(task.save, result)
    except NotSaved as problem:
        return Fault.SAVE, str(problem)
    return None, ""


def _command(task: TaskSpec, request: StepRequest, inputs: Mapping[str, Any], target: Target) -> str:
    names = {
        **target.context,
        "element": element_names(target),
        "inputs": inputs,
        "run": request.run,
        "steps": request.steps,
    }
    try:
        return render(task.command, names, task=task.name, element=target.name)
    except TemplateFault as fault:
        raise Faulted(Fault.TEMPLATE, detail=str(fault)) from None


def element_names(target: Target) -> dict[str, Any]:
    """The element as templates see it: the keys of R1."""
    return {
        "id": target.id,
        "name": target.name,
        "address": target.address,
        "profile": target.profile,
        "groups": list(target.groups),
        "context": target.context,
    }


def _fault_of(ending: Ending) -> Fault | None:
    match ending.how:
        case Ended.TIMED_OUT:
            return _AFTER_TIMEOUT[ending.after]
        case Ended.CANCELLED:
            return _AFTER_CANCEL[ending.after]
        case Ended.LOST:
            return Fault.CONNECTION_LOST
    if ending.signal is not None:
        return Fault.KILLED
    return None if ending.exit_code == 0 else Fault.EXIT_CODE


def _describe(target: Target) -> dict[str, Any]:
    port = target.connection.port
    where = f"{target.name} ({target.address}:{port})" if target.connection.type == "ssh" else target.name
    return {"name": target.name, "where": where, "port": port, "user": target.connection.user}
