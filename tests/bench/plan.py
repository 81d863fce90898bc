"""Plans of 10,000 elements x 20 steps, a script that uses `elements`, some inputs different for each element.

`make_plan` alone, over elements in memory; with the plan's hash and the bytes that are kept. CPU is that of this
process and of the sandbox's workers; memory is the largest resident size of both, added up. Each drive is a process of
its own.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.definitions import Definitions
from flows.engine.status import Mode
from flows.plan import make_plan, packed
from flows.script.calls import FlowScripts
from tests.bench.measuring import cost, machine, peak_mib, spread, write
from tests.plans.fleets import Fleet, spec

STEPS = 20
SCRIPT = "before = elements[current - 1]['name']\n" + "".join(
    f"run_task('Task {number}', host=element['name'], after=before)\n"
    if number % 5 == 0
    else f"run_task('Task {number}')\n"
    for number in range(STEPS)
)


def main() -> int:
    """Measure both modes in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--elements", type=int, default=10_000)
    parser.add_argument("--one", metavar="MODE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asyncio.run(_drive(Mode(options.one), options.elements))))
        return 0
    about = machine()
    drives: dict[str, list[dict[str, float]]] = {str(mode): [] for mode in Mode}
    for turn in range(options.rounds):
        for mode, found in drives.items():
            print(f"round {turn + 1} of {options.rounds}: {mode}", file=sys.stderr)
            found.append(_in_own_process(mode, options.elements))
    _print_table(drives)
    print(f"written to {write('plan', {'machine': about, 'steps': STEPS, 'drives': drives})}")
    return 0


def _in_own_process(mode: str, elements: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.plan", "--one", mode, "--elements", str(elements)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=900)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


async def _drive(mode: Mode, elements: int) -> dict[str, float]:
    definitions = Definitions({"F": spec("F", SCRIPT, mode)}, {})
    fleet = Fleet(elements)
    with cost() as making:
        plan = await make_plan(definitions, {"F": FlowScripts("", SCRIPT)}, "F", {}, fleet)
    assert plan.complete
    assert sum(len(wave.elements) for wave in plan.waves) == elements * STEPS
    with cost() as keeping:
        assert plan.hash
        size = len(packed(plan))
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall_s": making.wall_s,
        "host_cpu_s": making.cpu_s,
        "workers_cpu_s": workers.ru_utime + workers.ru_stime,
        "keeping_cpu_s": keeping.cpu_s,
        "kib": size / 1024,
        "mib": peak_mib() + workers.ru_maxrss / 1024,
    }


def _print_table(drives: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    print("| mode | wall s | CPU s, host | CPU s, workers | CPU s, hash and packing | KiB kept | MiB in all |")
    print("|---|---|---|---|---|---|---|")
    for mode, found in drives.items():
        digits = {"wall_s": 1, "host_cpu_s": 2, "workers_cpu_s": 2, "keeping_cpu_s": 2, "kib": 0, "mib": 0}
        cells = [spread([drive[key] for drive in found], count) for key, count in digits.items()]
        print(f"| {mode} | {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
