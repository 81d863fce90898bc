"""The jobs that django-q calls: plain functions that return small plain values.

A coroutine, or a result that cannot be pickled, would be run again for ever (measured 2026-11-23).
"""

import logging
import time

from flows.adapters.workers import worker_name

log = logging.getLogger(__name__)


def advance(root_id: int) -> str:
    """Drive a root run as far as it goes; returns at once when another worker has it. Says how it ended."""
    from flows import wiring  # heavy: sandbox, SSH and templates are loaded by workers alone

    log.info("run %s: taken by worker %s", root_id, worker_name())
    began = time.monotonic()
    ended = wiring.advance(root_id)
    log.info("run %s: %s after %.1f s", root_id, ended, time.monotonic() - began)
    return ended


def canary() -> str:
    """Come back: proves that the cluster takes, does and answers jobs."""
    return "alive"
