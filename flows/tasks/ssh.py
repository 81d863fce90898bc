"""Connecting to elements over SSH: who is trusted, who we are, and what it means when it does not work."""

import asyncio
import errno
import logging
import socket
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from flows.tasks.failures import Fault, Faulted
from flows.tasks.hostkeys import KnownHosts, Trust, entry_name, show_key
from flows.tasks.spec import ConnectionSpec, Secret, Target

# asyncssh writes every command that it sends to the log at level INFO: commands may hold what nobody should read.
asyncssh.set_log_level(logging.WARNING)

#: A peer that is gone is noticed after three unanswered questions, 45 s.
KEEPALIVE_INTERVAL_S = 15
KEEPALIVE_COUNT = 3

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL})
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and as whom: two steps of an element share a connection as long as this is equal."""

    address: str
    connection: ConnectionSpec
    secret: Secret | None


def endpoint_of(target: Target) -> Endpoint:
    """The endpoint of an element whose connection is of type ssh."""
    return Endpoint(target.address.strip(), target.connection, target.secret)


@dataclass(slots=True)
class Connector:
    """Makes connections. Nothing of the account that runs the worker is used: no agent, no ~/.ssh, no default keys.

    ``known_hosts`` of the data directory is used where a connection names no other file.
    """

    data_dir: Path
    _known: dict[Path, KnownHosts] = field(default_factory=dict)
    _keys: dict[Secret, asyncio.Task[asyncssh.SSHKey]] = field(default_factory=dict)

    async def connect(self, endpoint: Endpoint) -> asyncssh.SSHClientConnection:
        """A connection that is logged in, within the connection's timeout, or ``Faulted``."""
        if not endpoint.address:
            raise Faulted(Fault.ADDRESS_MISSING)
        connection = endpoint.connection
        known = self._known_hosts(connection)
        guard = _Guard(known, accept_new=connection.host_key_policy == "accept-new")
        try:
            async with asyncio.timeout(connection.connect_timeout_s):
                key = await self._private_key(endpoint.secret)
                return await _open(endpoint, guard, key)
        except TimeoutError:
            raise Faulted(Fault.CONNECT_TIMEOUT, seconds=connection.connect_timeout_s) from None
        except (OSError, asyncssh.Error, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise _fault(error, endpoint, guard) from None

    def _known_hosts(self, connection: ConnectionSpec) -> KnownHosts:
        path = self.data_dir / (connection.known_hosts or "known_hosts")
        if path not in self._known:
            self._known[path] = KnownHosts(path)
        return self._known[path]

    async def _private_key(self, secret: Secret | None) -> asyncssh.SSHKey | None:
        """The parsed key; once per credential and in a thread, as a passphrase costs a tenth of a second of CPU."""
        if secret is None or secret.private_key is None:
            return None
        if secret not in self._keys:
            parsing = asyncio.to_thread(asyncssh.import_private_key, secret.private_key, secret.passphrase)
            self._keys[secret] = asyncio.create_task(parsing)
        return await asyncio.shield(self._keys[secret])


class _Guard(asyncssh.SSHClient):
    """Judges the host key of one connection and remembers the verdict."""

    def __init__(self, known: KnownHosts, *, accept_new: bool) -> None:
        self.known = known
        self.trust = Trust.TRUSTED
        self.shown = {"algorithm": "", "fingerprint": ""}
        self._accept_new = accept_new

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Asked for a key that is not among the trusted ones."""
        shown = show_key(key)
        self.shown = {"algorithm": shown.algorithm, "fingerprint": shown.fingerprint}
        self.trust = self.known.judge(host, addr, port, key)
        if self.trust is Trust.UNKNOWN and self._accept_new:
            self.trust = self.known.accept(host, addr, port, key)
        return self.trust is Trust.TRUSTED


async def _open(endpoint: Endpoint, guard: _Guard, key: asyncssh.SSHKey | None) -> asyncssh.SSHClientConnection:
    connection, secret = endpoint.connection, endpoint.secret
    return await asyncssh.connect(
        endpoint.address,
        connection.port,
        username=connection.user,
        password=secret.password if secret else None,
        client_keys=[key] if key is not None else None,
        known_hosts=guard.known.match,
        server_host_key_algs=guard.known.algorithms(endpoint.address, connection.port),
        client_factory=lambda: guard,
        config=None,
        agent_path=None,
        gss_host=None,
        login_timeout=0,  # the connect timeout is over all of it
        keepalive_interval=KEEPALIVE_INTERVAL_S,
        keepalive_count_max=KEEPALIVE_COUNT,
    )


def _fault(error: Exception, endpoint: Endpoint, guard: _Guard) -> Faulted:
    match error:
        case asyncssh.PermissionDenied() | asyncssh.IllegalUserName():
            return Faulted(Fault.LOGIN_REFUSED, credential=_describe_credential(endpoint.secret))
        case asyncssh.HostKeyNotVerifiable():
            return _host_key_fault(error, endpoint, guard)
        case asyncssh.KeyImportError() | asyncssh.KeyEncryptionError():
            detail = "the private key cannot be read, or its passphrase is wrong or missing"
            return Faulted(Fault.CREDENTIAL_UNUSABLE, detail=detail)
        case socket.gaierror():
            return Faulted(Fault.NAME_NOT_RESOLVED, detail=error.strerror or str(error))
        case ConnectionRefusedError():
            return Faulted(Fault.PORT_REFUSED)
        case TimeoutError():
            return Faulted(Fault.CONNECT_TIMEOUT, seconds=endpoint.connection.connect_timeout_s)
        case OSError(errno=number) if number in _NO_ROUTE:
            return Faulted(Fault.NO_ROUTE, detail=error.strerror or str(error))
        case OSError(errno=number) if number in _EXHAUSTED:
            return Faulted(Fault.FILES_EXHAUSTED, detail=error.strerror or str(error))
    return Faulted(Fault.NO_SSH_SERVER, detail=str(error) or type(error).__name__)


def _host_key_fault(error: Exception, endpoint: Endpoint, guard: _Guard) -> Faulted:
    fault = {Trust.UNKNOWN: Fault.HOST_KEY_UNKNOWN, Trust.CHANGED: Fault.HOST_KEY_CHANGED}.get(guard.trust)
    if fault is None:  # revoked, or a certificate that does not hold
        return Faulted(Fault.NO_SSH_SERVER, detail=str(error))
    entry = entry_name(endpoint.address, endpoint.connection.port)
    return Faulted(fault, known_hosts=guard.known.path, entry=entry, **guard.shown)


def _describe_credential(secret: Secret | None) -> str:
    if secret is None:
        return "no credential"
    return "this key" if secret.private_key else "this password"
