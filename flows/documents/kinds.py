"""The kinds of documents: which keys each has, and its values in normal form (4.3)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from elements.secrets import CREDENTIAL_VALUES
from flows.keys.fields import Fields
from flows.keys.flow import read_flow_keys
from flows.keys.inputs import plain_input, refuse_reserved
from flows.keys.schedule import read_schedule_keys
from flows.tasks.reading import SpecProblem
from flows.tasks.spec import ConnectionSpec, SpecError, TaskSpec

MAX_NAME = 200
MAX_SHORT_NAME = 100
MAX_ADDRESS = 255
NOT_THIS_RELEASE = ("Calendar",)


def read_profile(fields: Fields) -> dict[str, Any]:
    """How to connect, and the default context."""
    return {
        "name": fields.name(most=MAX_SHORT_NAME),
        "connection": _connection(fields),
        "context": fields.mapping("context"),
    }


def read_group(fields: Fields) -> dict[str, Any]:
    """A named set with a context."""
    values = {
        "name": fields.name(most=MAX_SHORT_NAME),
        "priority": fields.reader.integer("priority", default=0, least=-1_000_000, most=1_000_000),
        "context": fields.mapping("context"),
    }
    fields.later("rule")
    return values


def read_element(fields: Fields) -> dict[str, Any]:
    """One thing of the fleet. A comma would split its name in ``--elements a,b``."""
    return {
        "name": fields.name(most=MAX_NAME, refused=","),
        "profile": fields.reader.text("profile", required=True),
        "address": _address(fields),
        "enabled": fields.reader.flag("enabled", default=True),
        "groups": sorted(fields.names("groups")),
        "settings": fields.mapping("settings"),
    }


def read_credential(fields: Fields) -> dict[str, Any]:
    """A secret; its values are texts by now. Which ones it has depends on its type."""
    name = fields.name(most=MAX_SHORT_NAME)
    kind = fields.reader.choice("type", tuple(CREDENTIAL_VALUES), default="")
    if not kind:
        if "type" not in fields.data:
            fields.note("type", "is missing, expected one of " + ", ".join(CREDENTIAL_VALUES))
        for key in fields.data:
            fields.reader.skip(key)
        return {"name": name}
    required, optional = CREDENTIAL_VALUES[kind]
    values = {key: _secret(fields, key, required=key in required) for key in (*required, *optional)}
    return {"name": name, "type": kind, "secret": {key: value for key, value in values.items() if value}}


def read_task(fields: Fields) -> dict[str, Any]:
    """A reusable unit of work."""
    name = fields.name(most=MAX_NAME)
    try:
        spec = TaskSpec.from_mapping(fields.data, name)
    except SpecError as error:
        fields.problems.extend(_of_task(error.problems))
        spec = None
    for key in fields.data:
        fields.reader.skip(key)
    if spec is None:
        return {"name": name}
    refuse_reserved(fields, "run_task", spec.inputs)
    return {
        "name": name,
        "class": "command",
        "command": spec.command,
        "timeout": _short(spec.timeout_s),
        "retries": spec.retries,
        "retry_delay": _short(spec.retry_delay_s),
        **_unless_default(spec),
        "on_interrupt": spec.on_interrupt,
        "inputs": [plain_input(item) for item in spec.inputs],
    }


def _unless_default(spec: TaskSpec) -> dict[str, Any]:
    """Keys that came later than others: a version without them stays what it was."""
    values: dict[str, Any] = {
        "retry_backoff": _short(spec.retry_backoff),
        "retry_jitter": _short(spec.retry_jitter),
        "parse": {"type": spec.parse},
        "save": dict(spec.save),
    }
    off: dict[str, Any] = {"retry_backoff": 1, "retry_jitter": 0, "parse": {"type": "none"}, "save": {}}
    return {key: value for key, value in values.items() if value != off[key]}


def read_flow(fields: Fields) -> dict[str, Any]:
    """Target, mode, rules and the two scripts."""
    return {
        "name": fields.name(most=MAX_NAME),
        **read_flow_keys(fields),
        "processing_script": _script(fields, "processing_script"),
        "execution_script": _script(fields, "execution_script", required=True),
    }


def read_schedule(fields: Fields) -> dict[str, Any]:
    """When a flow starts by itself."""
    return {"name": fields.name(most=MAX_NAME), **read_schedule_keys(fields)}


#: Every kind in the order in which objects are written: what others refer to comes first.
KINDS: Mapping[str, Callable[[Fields], dict[str, Any]]] = MappingProxyType(
    {
        "Credential": read_credential,
        "Profile": read_profile,
        "Group": read_group,
        "Element": read_element,
        "Task": read_task,
        "Flow": read_flow,
        "Schedule": read_schedule,
    }
)


def _of_task(problems: Sequence[SpecProblem]) -> Sequence[SpecProblem]:
    """A class of a later release has keys of its own: the class alone is what is wrong."""
    of_class = [problem for problem in problems if problem.key == "class"]
    return of_class or [problem for problem in problems if problem.key != "name"]


def _connection(fields: Fields) -> dict[str, Any]:
    value = fields.reader.take("connection")
    try:
        if value is None:
            fields.note("connection", "is missing, expected a mapping such as {type: ssh, user: ops}")
            return {}
        spec = ConnectionSpec.from_mapping(value)
    except SpecError as error:
        fields.problems.extend(_below("connection", problem) for problem in error.problems)
        return {}
    if spec.type == "local":
        return {"type": "local"}
    optional = {"known_hosts": spec.known_hosts, "credential": spec.credential}
    return {
        "type": spec.type,
        "user": spec.user,
        "port": spec.port,
        "host_key_policy": spec.host_key_policy,
        "connect_timeout": _short(spec.connect_timeout_s),
        **{key: value for key, value in optional.items() if value is not None},
    }


def _below(key: str, problem: SpecProblem) -> SpecProblem:
    return SpecProblem(key if problem.key == "definition" else f"{key}.{problem.key}", problem.message)


def _address(fields: Fields) -> str:
    address = fields.reader.text("address") if fields.data.get("address") != "" else ""
    if len(address) > MAX_ADDRESS:
        fields.note("address", f"has {len(address)} characters, expected at most {MAX_ADDRESS}")
    return address


def _script(fields: Fields, key: str, *, required: bool = False) -> str:
    value = fields.reader.take(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        if required:
            fields.note(key, "is missing, expected the steps of the flow")
        return ""
    if isinstance(value, str):
        return value
    fields.reader.problem(key, value, "a script as text; begin it with '|' and write it on indented lines")
    return ""


def _secret(fields: Fields, key: str, *, required: bool) -> str:
    """A value that is never shown, not even when it is wrong."""
    value = fields.reader.take(key)
    if isinstance(value, str) and value:
        return value
    if value is not None or required:
        found = "missing" if value is None else "no text"
        fields.note(key, f"is {found}, expected a text, {{env: NAME}} or {{file: PATH}}")
    return ""


def _short(number: float) -> int | float:
    """A whole number without a fraction, as a person writes it."""
    return int(number) if number.is_integer() else number
