"""What one measured drive cost: wall time, CPU by thread, memory, and the time spent waiting for each port."""

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path("var/bench")


@dataclass
class Spent:
    """Seconds by label. Waits overlap with other work, so they do not add up to the wall time."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @asynccontextmanager
    async def waiting(self, label: str) -> AsyncIterator[None]:
        """Time an await."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[label] += time.perf_counter() - began
            self.calls[label] += 1


@dataclass
class Cost:
    """Wall and CPU seconds of this process, and of its children that ended meanwhile."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    loop_cpu_s: float = 0.0


@contextmanager
def cost() -> Iterator[Cost]:
    """Measure what the block costs; ``loop_cpu_s`` is the calling thread's share."""
    found = Cost()
    wall, cpu, loop = time.perf_counter(), time.process_time(), time.thread_time()
    yield found
    found.wall_s = time.perf_counter() - wall
    found.cpu_s = time.process_time() - cpu
    found.loop_cpu_s = time.thread_time() - loop


def peak_mib() -> float:
    """The largest resident size of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True, slots=True)
class Workers:
    """What the living child processes have used so far: CPU seconds, and their largest resident sizes, added up."""

    cpu_s: float
    peak_mib: float


def workers() -> Workers:
    """Linux only: from /proc."""
    pids = [pid for children in Path("/proc/self/task").glob("*/children") for pid in children.read_text().split()]
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    ticks = sum(int(stat[11]) + int(stat[12]) for stat in stats)
    peaks = [
        int(line.split()[1])
        for pid in pids
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return Workers(ticks / os.sysconf("SC_CLK_TCK"), sum(peaks) / 1024)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median, with the least and the most."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "command": " ".join(sys.argv),
    }


def write(name: str, results: Mapping[str, Any]) -> Path:
    """Keep the figures as JSON beside the versions and settings that they belong to."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=2) + "\n")
    return path
