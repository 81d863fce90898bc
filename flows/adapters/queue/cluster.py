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
from multiprocessing import Process
from pathlib import Path
from typing import Any

import django_q.cluster
from django.db import connections
from django_q.cluster import Cluster, Sentinel
from django_q.conf import Conf
from django_q.signals import post_spawn

from flows.adapters.queue.kernel_lock import KernelLock

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
    post_spawn.connect(_name_worker)
    release_connections()
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


def release_connections() -> None:
    """Close what a forked process must not share: connections, and the pools that keep them open."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()


def _name_worker(**_signal: object) -> None:
    """Let people tell a worker from the processes around it."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(_PROCESS_NAME)


class SturdySentinel(Sentinel):  # type: ignore[misc]  # the library is untyped
    """The guard of one cluster's processes."""

    def __init__(self, *arguments: Any, start: bool = True, **options: Any) -> None:
        super().__init__(*arguments, start=False, **options)
        for queue in (self.task_queue, self.result_queue):
            queue._rlock = KernelLock()
            queue._wlock = KernelLock()
        if start:
            self.start()

    def spawn_process(self, target: Callable[..., None], *arguments: Any) -> Process:
        """Start a process that shares no connection with this one."""
        release_connections()
        process: Process = super().spawn_process(target, *arguments)
        return process

    def stop(self) -> None:
        """End the cluster: nothing new is taken, then each worker is told to give its run back."""
        self.event_out.set()
        self.pusher.join()
        for process in self.pool:
            process.terminate()
        for process in self.pool:
            process.join()
        # The library would send a pill to each worker; they need none, and a queue that nobody reads takes only one.
        self.pool.clear()
        super().stop()
