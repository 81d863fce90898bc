"""``timekeeper``: wakes runs and watches the clusters, once a second."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from flows.timekeeper import Timekeeper

TICK_S = 1.0


class Command(BaseCommand):
    """Tick until SIGTERM."""

    help = "Wake runs whose time has come or whose worker died, and watch the clusters. Safe to run more than once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many workers the rule for wedged clusters counts with."""
        parser.add_argument(
            "--workers",
            type=int,
            default=settings.Q_CLUSTER["workers"],
            help="how many workers the default cluster has (default: FLOWSITE_WORKERS, else %(default)s)",
        )

    def handle(self, *args: Any, workers: int, **options: Any) -> None:
        """Tick once a second; a signal ends it between two ticks."""
        stopped = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        keeper = Timekeeper(workers=workers)
        while not stopped.wait(TICK_S):
            close_old_connections()  # one that broke is opened anew
            keeper.tick()
