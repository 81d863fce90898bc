"""Runs one django-q cluster that survives the sudden death of any of its processes.

Beside the library's own work: locks that die with their holder (Note [Why the queue's locks are replaced]), workers
told to give their runs back when the cluster ends, and a restart on request.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Full
from typing import Any

import django_q.cluster
from django_q.cluster import Cluster, Sentinel
from django_q.conf import Conf
from django_q.signals import post_spawn

from flows.adapters.queue.kernel_lock import KernelLock
from flows.adapters.workers import ask_to_retire

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25
_PROCESS_NAME = "flowsite-worker"  # for ps and top, which show 15 characters


def configured_cluster() -> str:
    """The cluster that this process was started for: the library reads ``Q_CLUSTER_NAME`` when it is imported."""
    name: str = Conf.CLUSTER_NAME
    return name


def run_cluster(*, restart_asked: Callable[[], bool]) -> int:
    """Run the configured cluster until SIGTERM or SIGINT; returns the exit code.

    When ``restart_asked`` the whole process group is killed, this process with it; it must lead its group.
    """
    django_q.cluster.Sentinel = SturdySentinel  # what Cluster.start starts
    post_spawn.connect(_prepare_worker)
    log.info("cluster %s: starting %s workers", configured_cluster(), Conf.WORKERS)
    cluster = Cluster()
    cluster.start()
    while cluster.sentinel.is_alive():
        if restart_asked():
            log.error("restarting the cluster %s as asked", configured_cluster())
            os.killpg(os.getpgrp(), signal.SIGKILL)
        time.sleep(_LOOK_EVERY_S)
    if cluster.has_stopped:
        return 0
    log.error("the cluster %s lost its sentinel: ending what is left of it", configured_cluster())
    os.killpg(os.getpgrp(), signal.SIGKILL)
    return 1


def _prepare_worker(**_signal: object) -> None:
    """Let people tell a worker from the processes around it, and SIGTERM be a request."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(_PROCESS_NAME)
    signal.signal(signal.SIGTERM, ask_to_retire)


class SturdySentinel(Sentinel):  # type: ignore[misc]  # the library is untyped
    """The guard of one cluster's processes."""

    def __init__(self, *arguments: Any, start: bool = True, **options: Any) -> None:
        super().__init__(*arguments, start=False, **options)
        for queue in (self.task_queue, self.result_queue):
            queue._rlock = KernelLock()
            queue._wlock = KernelLock()
        if start:
            self.start()

    def stop(self) -> None:
        """End the cluster: nothing new is taken, workers give their runs back and finish their short jobs."""
        self.event_out.set()
        self.pusher.join()
        for process in self.pool:
            process.terminate()
        # The library puts in one pill for each worker and would wait for ever if one of them has died meanwhile.
        while any(process.is_alive() for process in self.pool):
            with suppress(Full):
                self.task_queue.put("STOP", block=False)
            time.sleep(_LOOK_EVERY_S / 10)
        self.pool.clear()
        super().stop()
