"""The kernel as a Django app: it owns the audit trail and the roles."""

import os

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


def _forget_connection_pools() -> None:
    """Job workers are forked; the threads of an inherited pool are not, so waiting for it would hang."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        pools = getattr(connection, "_connection_pools", None)
        if pools:
            pools.clear()
