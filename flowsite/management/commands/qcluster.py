"""``qcluster``: one cluster of workers, in the place of django-q's own command of this name."""

import os
import sys
import time
from argparse import ArgumentParser
from functools import partial
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flows.adapters.queue import CLUSTERS, DEFAULT, restart_asked_since
from flows.adapters.queue.cluster import configured_cluster, run_cluster
from flowsite.management.supervisor import die_with_parent


class Command(BaseCommand):
    """Run workers until SIGTERM."""

    help = "Run the workers of one cluster: `default` advances runs, `short` does short jobs. SIGTERM ends it in order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which cluster."""
        parser.add_argument(
            "-n", "--name", choices=CLUSTERS, help="the cluster (default: Q_CLUSTER_NAME, else default)"
        )

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        """Run the cluster in this process group; exit with its code."""
        chosen = name or os.environ.get("Q_CLUSTER_NAME") or DEFAULT
        if chosen not in CLUSTERS:
            raise CommandError(f"Q_CLUSTER_NAME: found {chosen!r}, expected one of {', '.join(CLUSTERS)}")
        if configured_cluster() != chosen:
            # The library read the name when it was imported: start again with the right one.
            os.execve(  # noqa: S606 - this very program
                sys.executable, [sys.executable, *sys.argv], {**os.environ, "Q_CLUSTER_NAME": chosen}
            )
        if chosen == DEFAULT:
            # Before forking: the workers share the memory, and the first run of each starts at once.
            import_module("flows.wiring")
        lead_own_group()
        asked = partial(restart_asked_since, chosen, time.time())
        sys.exit(run_cluster(restart_asked=asked))


def lead_own_group() -> None:
    """A restart kills the group. Started from a script, this process is in its parent's: leave it, and end with it."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()
        die_with_parent()
