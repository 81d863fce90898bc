"""The name of a worker: who holds a lease, in a form that tells whether that worker is still there."""

import os
import socket


def worker_name(process_id: int | None = None) -> str:
    """``host:process id`` of a worker on this machine; of this process without one."""
    return f"{socket.gethostname()}:{process_id or os.getpid()}"
