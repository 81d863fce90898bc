"""django-q, the job queue, and everything that knows it: jobs, how long they wait, the canary, running a cluster.

A job is only a wake-up: the run row is the truth, a lost or a repeated job is harmless. Two clusters work on it:
``default`` advances runs, one run a worker; ``short`` does what ends soon, so that long runs never starve it.
"""

from flows.adapters.queue.canary import canary_answered, send_canary
from flows.adapters.queue.jobs import CLUSTERS, DEFAULT, SHORT, enqueue_advance, enqueue_short
from flows.adapters.queue.restarts import ask_for_restart, restart_asked_since
from flows.adapters.queue.waiting import Waiting, waiting_jobs

__all__ = [
    "CLUSTERS",
    "DEFAULT",
    "SHORT",
    "Waiting",
    "ask_for_restart",
    "canary_answered",
    "enqueue_advance",
    "enqueue_short",
    "restart_asked_since",
    "send_canary",
    "waiting_jobs",
]
