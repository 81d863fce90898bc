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
        os.register_at_fork(after_in_child=_forget_connection_pools)


#: Pools that came with a fork: kept, because closing one would wait for threads that are not here.
_inherited: list[Any] = []


def _forget_connection_pools() -> None:
    """Job workers are forked; the threads of an inherited pool are not, so waiting for it would hang."""
    backend = sys.modules.get("django.db.backends.postgresql.base")
    if backend is not None:
        pools = backend.DatabaseWrapper._connection_pools
        _inherited.append(dict(pools))
        pools.clear()
