"""From fault to what a person reads: the state, what happened, and what to do about it. One table, nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from flows.engine.events import Outcome
from flows.engine.status import StepStatus
from flows.tasks.redact import Redactor


class Fault(StrEnum):
    """Everything that can keep an attempt from succeeding."""

    LOGIN_REFUSED = "login_refused"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    CREDENTIAL_UNUSABLE = "credential_unusable"
    PROFILE_UNUSABLE = "profile_unusable"
    PORT_REFUSED = "port_refused"
    NO_ROUTE = "no_route"
    NAME_NOT_RESOLVED = "name_not_resolved"
    ADDRESS_MISSING = "address_missing"
    CONNECT_TIMEOUT = "connect_timeout"
    NO_SSH_SERVER = "no_ssh_server"
    FILES_EXHAUSTED = "files_exhausted"
    SESSION_REFUSED = "session_refused"
    EXIT_CODE = "exit_code"
    KILLED = "killed"
    TIMEOUT = "timeout"
    TIMEOUT_STILL_RUNNING = "timeout_still_running"
    TIMEOUT_UNKNOWN = "timeout_unknown"
    CONNECTION_LOST = "connection_lost"
    CANCELLED = "cancelled"
    CANCELLED_BEFORE_START = "cancelled_before_start"
    CANCELLED_STILL_RUNNING = "cancelled_still_running"
    CANCELLED_UNKNOWN = "cancelled_unknown"
    TEMPLATE = "template"
    INPUTS = "inputs"
    PARSE = "parse"
    SAVE = "save"
    TASK_MISSING = "task_missing"
    ELEMENT_MISSING = "element_missing"
    LOCAL_NOT_ALLOWED = "local_not_allowed"
    LOCAL_NOT_STARTED = "local_not_started"


@dataclass(frozen=True, slots=True)
class Rule:
    """``reason`` and ``advice`` are formats over the fault's fields, and ``name``, ``where`` and ``user``."""

    status: StepStatus
    reason: str
    advice: str


class Faulted(Exception):
    """An attempt ends with this fault; ``fields`` fill its rule's formats."""

    def __init__(self, fault: Fault, **fields: Any) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.fields = fields


_UNREACHABLE, _FAILED, _UNKNOWN = StepStatus.UNREACHABLE, StepStatus.FAILED, StepStatus.UNKNOWN

# Note [A lost connection is unknown]: a step that could not connect has done nothing, so `unreachable` may always be
# tried again. When the connection breaks in mid-command the command may have finished, may still run, or may have
# been ended with its session: saying `failed` or `unreachable` would invite a retry that does the work twice.
RULES: Mapping[Fault, Rule] = MappingProxyType(
    {
        Fault.LOGIN_REFUSED: Rule(
            _UNREACHABLE,
            "{where} refused the login of user '{user}' with {credential}",
            "Check the user and the credential of the profile, and that {name} accepts this key or password.",
        ),
        Fault.HOST_KEY_UNKNOWN: Rule(
            _UNREACHABLE,
            "the host key of {where} is not known: {algorithm} {fingerprint}",
            "Compare this fingerprint on {name}'s own console; if it is the same, add the key to {known_hosts}.",
        ),
        Fault.HOST_KEY_CHANGED: Rule(
            _UNREACHABLE,
            "the host key of {where} has changed: it now shows {algorithm} {fingerprint}",
            "Find out why: {name} was reinstalled, or somebody stands between; only then remove the old line of "
            "{entry} from {known_hosts}.",
        ),
        Fault.CREDENTIAL_UNUSABLE: Rule(
            _UNREACHABLE,
            "the credential for {name} cannot be used: {detail}",
            "Store the credential again: a whole private key in OpenSSH or PEM format, and its passphrase.",
        ),
        Fault.PROFILE_UNUSABLE: Rule(
            _UNREACHABLE,
            "{name} cannot be reached with its profile: {detail}",
            "Correct the connection of the profile, or store its credential again; then retry the step.",
        ),
        Fault.PORT_REFUSED: Rule(
            _UNREACHABLE,
            "{where} refused the connection",
            "Check that sshd runs on {name} and listens on port {port}.",
        ),
        Fault.NO_ROUTE: Rule(
            _UNREACHABLE,
            "there is no route to {where}: {detail}",
            "Check the address of {name}, and the network between this worker and it.",
        ),
        Fault.NAME_NOT_RESOLVED: Rule(
            _UNREACHABLE,
            "the name of {where} cannot be resolved: {detail}",
            "Correct the address of {name}, or its entry in the DNS that this worker asks.",
        ),
        Fault.ADDRESS_MISSING: Rule(
            _UNREACHABLE, "{name} has no address", "Give {name} an address, or a profile with the local connection."
        ),
        Fault.CONNECT_TIMEOUT: Rule(
            _UNREACHABLE,
            "{where} did not let us in within {seconds:g} s",
            "Check that {name} is up and not overloaded, and that no firewall drops port {port}.",
        ),
        Fault.NO_SSH_SERVER: Rule(
            _UNREACHABLE,
            "{where} ended the connection before the login: {detail}",
            "Look at the sshd log of {name}: too many logins at once (MaxStartups), or no SSH server on port {port}.",
        ),
        Fault.FILES_EXHAUSTED: Rule(
            _UNREACHABLE,
            "this worker cannot open a connection to {where}: {detail}",
            "Raise the limit of open files (ulimit -n) of the workers, or lower the flow's concurrency.",
        ),
        Fault.SESSION_REFUSED: Rule(
            _FAILED,
            "{name} let us in but refused to run the command: {detail}",
            "Look at the sshd log of {name}: MaxSessions or the login shell of '{user}' may forbid it.",
        ),
        Fault.EXIT_CODE: Rule(
            _FAILED,
            "exit code {exit_code}{last}",
            "Read the last lines of the output, correct the cause on {name}, then retry the step.",
        ),
        Fault.KILLED: Rule(
            _FAILED,
            "the command was killed by signal {signal}{last}",
            "Find out who ended it on {name}; after KILL look for the out-of-memory killer in its kernel log.",
        ),
        Fault.TIMEOUT: Rule(
            _FAILED,
            "no end within {seconds:g} s; the command was ended on {name}",
            "See in the output what it waited for; if it only needs longer, raise the timeout of the task.",
        ),
        Fault.TIMEOUT_STILL_RUNNING: Rule(
            StepStatus.STILL_RUNNING_THERE,
            "no end within {seconds:g} s, and the command could not be ended: it still runs on {name}",
            "Log in to {name} and end the command before you retry the step, or two will run at once.",
        ),
        Fault.TIMEOUT_UNKNOWN: Rule(
            _UNKNOWN,
            "no end within {seconds:g} s, and {name} no longer answers: the command may still run there",
            "When {name} is back, make sure that the command has ended before you retry the step.",
        ),
        Fault.CONNECTION_LOST: Rule(
            _UNKNOWN,
            "the connection to {where} was lost while the command ran: {detail}",
            "Look on {name} whether the command did its work; retry the step only if doing it twice is safe.",
        ),
        Fault.CANCELLED: Rule(
            StepStatus.CANCELLED,
            "cancelled; the command was ended on {name}",
            "What it had done so far is done: check {name} before you use it.",
        ),
        Fault.CANCELLED_BEFORE_START: Rule(StepStatus.CANCELLED, "cancelled before the command was sent", ""),
        Fault.CANCELLED_STILL_RUNNING: Rule(
            StepStatus.STILL_RUNNING_THERE,
            "cancelled, but the command could not be ended: it still runs on {name}",
            "Log in to {name} and end the command, or let it finish.",
        ),
        Fault.CANCELLED_UNKNOWN: Rule(
            _UNKNOWN,
            "cancelled, but {name} no longer answers: the command may still run there",
            "When {name} is back, look whether the command has ended.",
        ),
        Fault.TEMPLATE: Rule(
            _FAILED, "{detail}", "Correct the template of the task, or give {name} the value that is missing."
        ),
        Fault.INPUTS: Rule(
            _FAILED, "{detail}", "Correct the inputs where the flow's script calls the task, or those of the run."
        ),
        Fault.PARSE: Rule(
            _FAILED,
            "the command succeeded, but {detail}",
            "Correct what the command prints (messages belong to stderr), or the parse of the task.",
        ),
        Fault.SAVE: Rule(
            _FAILED,
            "the command succeeded, but its result cannot be saved: {detail}",
            "Correct the paths of the task's save, or what the command prints.",
        ),
        Fault.TASK_MISSING: Rule(
            _FAILED, "there is no task '{task}'", "Create the task or correct its name in the script; start a new run."
        ),
        Fault.ELEMENT_MISSING: Rule(
            _FAILED,
            "no enabled element is named '{name}'",
            "Enable or create the element, or leave it out and continue with the others.",
        ),
        Fault.LOCAL_NOT_ALLOWED: Rule(
            _FAILED,
            "the profile of {name} uses the local connection, which is not allowed here",
            "Give the profile an ssh connection, or start the workers with FLOWSITE_ALLOW_LOCAL=1.",
        ),
        Fault.LOCAL_NOT_STARTED: Rule(
            _FAILED,
            "the command could not be started on this machine: {detail}",
            "Free memory or processes on the worker's machine; check that /bin/sh and the data directory exist.",
        ),
    }
)


def outcome_of(
    fault: Fault,
    fields: Mapping[str, Any],
    redactor: Redactor,
    *,
    exit_code: int | None = None,
    result: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of a fault, its texts without secrets and on one line each."""
    rule = RULES[fault]
    return Outcome(
        status=rule.status,
        reason=_one_line(redactor.text(rule.reason.format_map(fields))),
        advice=_one_line(redactor.text(rule.advice.format_map(fields))),
        exit_code=exit_code,
        result=result or {},
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
