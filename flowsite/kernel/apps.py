"""The kernel as a Django app: it owns the audit trail and the roles."""

import os
import sys
from typing import Any

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Registers what must happen once per process."""

    name = "flowsite.kernel"
    label = "kernel"
    verbose_name = "Access and audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let forked processes open connections of their own."""
        os.register_at_fork(after_in_child=_forget_connections)


#: Connections and pools that came with a fork: kept, because closing them would disturb the parent's.
_inherited: list[Any] = []


def _forget_connections() -> None:
    """Give a forked process connections of its own.

    SQLite forbids to carry one over a fork, two processes on one PostgreSQL connection read each other's answers, and
    the threads of an inherited pool are not here, so waiting for it would hang.
    """
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        _inherited.append(connection)
        del connections[connection.alias]
    backend = sys.modules.get("django.db.backends.postgresql.base")
    if backend is not None:
        pools = backend.DatabaseWrapper._connection_pools
        _inherited.append(dict(pools))
        pools.clear()
