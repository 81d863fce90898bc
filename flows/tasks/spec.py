"""What a task, a connection and a target are, read from the keys of the YAML documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from flows.engine.definitions import OnInterrupt
from flows.tasks.declared import read_inputs
from flows.tasks.inputs import InputSpec, check_inputs
from flows.tasks.parsing import Parse, read_parse, read_save
from flows.tasks.reading import Reader, SpecError, SpecProblem

__all__ = [
    "ConnectionSpec",
    "InputSpec",
    "Secret",
    "SpecError",
    "SpecProblem",
    "Target",
    "TaskSpec",
    "check_inputs",
    "read_inputs",
]

HostKeyPolicy = Literal["strict", "accept-new"]
SecretType = Literal["ssh_key", "password"]

DEFAULT_TIMEOUT_S = 600.0
DEFAULT_CONNECT_TIMEOUT_S = 10.0
#: A greater factor is a slip of the pen: the second wait would be days.
MOST_BACKOFF = 100.0


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task version. ``command`` is a template (R43); times in seconds; ``retries`` come after the first attempt.

    The wait before each further retry is ``retry_backoff`` times longer, and random by ``retry_jitter`` of it (0 to 1).
    ``save`` has the path in the result by the key of the setting that it becomes.
    """

    name: str
    command: str
    timeout_s: float = DEFAULT_TIMEOUT_S
    retries: int = 0
    retry_delay_s: float = 0.0
    retry_backoff: float = 1.0
    retry_jitter: float = 0.0
    on_interrupt: OnInterrupt = "ask"
    inputs: tuple[InputSpec, ...] = ()
    parse: Parse = "none"
    save: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], name: str = "") -> "TaskSpec":
        """Read a ``kind: Task`` document, with or without ``kind`` and ``name``, or raise ``SpecError``."""
        reader = Reader(data)
        reader.skip("kind")
        reader.later("class", lambda value: value in ("http", "notification"), "use class: command")
        for key in ("method", "url", "headers", "body", "expect_status"):
            reader.later(key, lambda _: True, "use class: command")
        reader.choice("class", ("command",), default="command")
        spec = cls(
            name=reader.text("name", default=name) or name,
            command=reader.text("command", required=True),
            timeout_s=reader.number("timeout", default=DEFAULT_TIMEOUT_S, above=0),
            retries=reader.integer("retries", default=0, least=0, most=1000),
            retry_delay_s=reader.number("retry_delay", default=0.0, least=0),
            retry_backoff=reader.factor("retry_backoff", default=1.0, least=1, most=MOST_BACKOFF),
            retry_jitter=reader.factor("retry_jitter", default=0.0, least=0, most=1),
            on_interrupt=reader.choice("on_interrupt", get_args(OnInterrupt), default="ask"),
            inputs=read_inputs(reader),
            parse=(parse := read_parse(reader)),
            save=read_save(reader, parse),
        )
        reader.finish()
        return spec


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """How an element is reached. ``known_hosts`` None means the file ``known_hosts`` of the data directory.

    ``credential`` is the name of the credential; its values come in ``Target.secret``.
    """

    type: Literal["ssh", "local"] = "ssh"
    user: str = ""
    port: int = 22
    credential: str | None = None
    host_key_policy: HostKeyPolicy = "strict"
    known_hosts: str | None = None
    connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "ConnectionSpec":
        """Read a profile's ``connection``, or raise ``SpecError`` with keys relative to it."""
        reader = Reader(data)
        kind = reader.choice("type", ("ssh", "local"), default="ssh")
        reader.later("jump_host", lambda value: value is not None, "leave it out or null")
        reader.later("sudo", lambda value: value not in (None, False), "leave it out or false")
        if kind == "local":
            reader.finish()
            return cls(type="local")
        spec = cls(
            user=reader.text("user", required=True),
            port=reader.integer("port", default=22, least=1, most=65535),
            credential=reader.text("credential") or None,
            host_key_policy=reader.choice("host_key_policy", get_args(HostKeyPolicy), default="strict"),
            known_hosts=reader.text("known_hosts") or None,
            connect_timeout_s=reader.number("connect_timeout", default=DEFAULT_CONNECT_TIMEOUT_S, above=0),
        )
        reader.finish()
        return spec


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A credential's values. Its repr and str show which values it has, never one of them."""

    type: SecretType
    private_key: str | None = None
    passphrase: str | None = None
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        shown = (f"{item.name}='***'" for item in fields(self)[1:] if getattr(self, item.name) is not None)
        return f"Secret({', '.join([self.type, *shown])})"

    def values(self) -> tuple[str, ...]:
        """What must never be seen, for redaction; the user's name is no secret."""
        return tuple(value for value in (self.private_key, self.passphrase, self.password) if value)


@dataclass(frozen=True, slots=True)
class Target:
    """An element as a step finds it, with its context as it is now (R43).

    ``problem`` says why its profile or credential cannot be used: its steps cannot connect.
    """

    id: int
    name: str
    address: str
    profile: str
    groups: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    connection: ConnectionSpec = field(default_factory=ConnectionSpec)
    secret: Secret | None = None
    problem: str = ""
