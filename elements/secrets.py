"""The values of credentials: sealed when they are written, opened only for the connection that needs them."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import asyncssh

from elements.models import Credential
from flowsite.kernel.encryption import decrypt, encrypt
from flowsite.kernel.errors import InvalidRequest

#: The values of each type of credential: those that must be there, then those that may.
CREDENTIAL_VALUES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "ssh_key": (("private_key",), ("passphrase",)),
        "password": (("password",), ()),
        "token": (("token",), ()),
        "basic": (("username", "password"), ()),
    }
)


class CredentialIncomplete(InvalidRequest):
    """A credential lacks a value, or has one that its type does not know. No value stands in the message."""

    code = "credential_incomplete"


def seal(kind: str, values: Mapping[str, str]) -> bytes:
    """The values encrypted, or ``CredentialIncomplete``."""
    _check(kind, values)
    return encrypt(json.dumps(dict(sorted(values.items()))).encode())


def reveal(credential: Credential) -> dict[str, str]:
    """The values in the clear, for a connection about to be made; raises ``EncryptionProblem`` under a wrong key."""
    values: dict[str, str] = json.loads(decrypt(bytes(credential.secret)))
    return values


def _check(kind: str, values: Mapping[str, str]) -> None:
    if kind not in CREDENTIAL_VALUES:
        raise CredentialIncomplete(
            f"the type is {kind!r}, expected one of {', '.join(CREDENTIAL_VALUES)}", fields={"type": ["unknown type"]}
        )
    required, optional = CREDENTIAL_VALUES[kind]
    missing = [name for name in required if not values.get(name)]
    unknown = sorted(set(values) - {*required, *optional})
    if missing or unknown:
        problems = {name: [f"{kind} needs it"] for name in missing} | {name: [f"{kind} has none"] for name in unknown}
        text = "; ".join(f"{name}: {messages[0]}" for name, messages in problems.items())
        raise CredentialIncomplete(f"these values do not make a credential of type {kind}: {text}", fields=problems)
    if kind == "ssh_key":
        _check_key(values)


def _check_key(values: Mapping[str, str]) -> None:
    """A key that no connection could use is refused now, not at night."""
    try:
        asyncssh.import_private_key(values["private_key"], values.get("passphrase") or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        message = (
            "cannot be read: expected a whole private key in OpenSSH or PEM format, and its passphrase if it has one"
        )
        raise CredentialIncomplete(f"private_key {message}", fields={"private_key": [message]}) from None
