"""What must hold before the site may start: Django asks it on every command."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from elements.models import Credential
from elements.secrets import reveal
from flowsite.kernel.encryption import EncryptionProblem, check_key

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})


@register(Tags.security)
def check_credential_key(**_options: Any) -> list[CheckMessage]:
    """The key that encrypts credentials is there, private and well-formed; the first start makes it."""
    try:
        check_key()
    except EncryptionProblem as problem:
        return [Error(problem.message, id="flowsite.E001")]
    return []


@register(Tags.database)
def check_credentials_open(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """The key is the one that the stored credentials were encrypted with; asked where the database is checked."""
    if not databases or Credential._meta.db_table not in connection.introspection.table_names():
        return []
    newest = Credential.objects.order_by("-written_at").first()
    try:
        if newest is not None:
            reveal(newest)
    except EncryptionProblem as problem:
        return [Error(f"Credential {newest}: {problem.message}", id="flowsite.E002")]
    return []


@register(Tags.security)
def check_reachable_settings(**_options: Any) -> list[CheckMessage]:
    """What is meant for one's own machine is off where others can reach the site."""
    hosts = sorted(set(settings.ALLOWED_HOSTS) - _LOOPBACK)
    dangers = {
        "FLOWSITE_DEBUG": (settings.DEBUG, "pages of errors show source and settings"),
        "FLOWSITE_ALLOW_LOCAL": (settings.FLOWSITE_ALLOW_LOCAL, "tasks may run commands on this machine"),
    }
    return [
        checks.Warning(
            f"{name} is on and the site answers to {', '.join(hosts)}: {danger}.",
            hint=f"Unset {name}.",
            id="flowsite.W001",
        )
        for name, (is_on, danger) in dangers.items()
        if is_on and hosts
    ]
