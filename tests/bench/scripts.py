"""Script rounds in the sandbox: 10,000 elements in lockstep, five steps, a script that looks into `elements`.

Two ways: elements that share sessions, and each in a session of its own (fewer of them, by default 500: what one costs
does not depend on how many there are, but for the list of all elements). CPU is that of the host's process and of the
sandbox's workers; memory is the largest resident size of each, added up. Each drive is a process of its own.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.measuring import cost, machine, peak_mib, spread, workers, write

STEPS = 5
SCRIPT = f"""\
before = elements[current - 1]['name'] if current > first else None
masters = [one['name'] for one in elements[:10] if one['context']['role'] == 'master']
for number in range({STEPS}):
    result = run_task('Noop', number=number, after=before, masters=masters, of=len(elements))
    if not result['ok']:
        fail(f"{{element['name']}} failed at {{number}}")
"""
RESULT = {"ok": True, "status": "succeeded", "exit_code": 0, "output": "", "data": None, "settings": {}, "attempts": 1}


def main() -> int:
    """Measure both ways in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--elements", type=int, default=10_000)
    parser.add_argument("--separate", type=int, default=500)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "ELEMENTS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asyncio.run(_drive(int(options.one[1]), share=options.one[0] == "shared"))))
        return 0
    drives: dict[str, list[dict[str, float]]] = {}
    about = machine()
    for turn in range(options.rounds):
        for way, elements in (("shared", options.elements), ("separate", options.separate)):
            print(f"round {turn + 1} of {options.rounds}: {way}", file=sys.stderr)
            drives.setdefault(f"{way}, {elements:,} elements", []).append(_in_own_process(way, elements))
    _print_table(drives)
    print(f"written to {write('scripts', {'machine': about, 'steps': STEPS, 'drives': drives})}")
    return 0


def _in_own_process(way: str, elements: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.scripts", "--one", way, str(elements)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=900)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _print_table(drives: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    print(f"{'way':<26} {'wall s':<24} {'CPU s in all':<24} {'of it the host':<24} {'MiB in all':<20} µs of CPU a step")
    for name, found in drives.items():
        row = [spread([drive[key] for drive in found], 2) for key in ("wall_s", "cpu_s", "host_cpu_s")]
        memory = spread([drive["peak_mib"] for drive in found])
        per_step = spread([drive["us_per_step"] for drive in found])
        print(f"{name:<26} {row[0]:<24} {row[1]:<24} {row[2]:<24} {memory:<20} {per_step}")


async def _drive(count: int, *, share: bool) -> dict[str, float]:
    """Every step succeeds at once; a round resumes all."""
    from flows.script.calls import Begin, Ended, FlowScripts, InstanceId, Paused, Resumption, Return, Variables
    from flows.script.host import SandboxHost

    fleet = [_element(number) for number in range(count)]
    host = SandboxHost({"F": FlowScripts("", SCRIPT)}, share=share)
    with cost() as found:
        await host.begin(Variables(0, "F", fleet, {}, {"id": 1, "flow": "F", "started_at": "2026-11-26"}))
        answers = await host.resume([Resumption(InstanceId(0, one["name"]), Begin()) for one in fleet])
        for _ in range(STEPS):
            assert all(isinstance(answer, Paused) for answer in answers)
            answers = await host.resume([Resumption(answer.instance, Return(RESULT)) for answer in answers])
        assert answers == [Ended(answer.instance) for answer in answers]
        used = workers()
    await host.close()
    cpu_s = found.cpu_s + used.cpu_s
    return {
        "wall_s": found.wall_s,
        "cpu_s": cpu_s,
        "host_cpu_s": found.cpu_s,
        "peak_mib": peak_mib() + used.peak_mib,
        "us_per_step": cpu_s / count / STEPS * 1e6,
    }


def _element(number: int) -> dict[str, Any]:
    """About 1 KB, as a fleet's elements have."""
    context = {"role": "master" if number % 10 == 0 else "replica", "port": 5432, "notes": "x" * 600, "number": number}
    return {
        "id": number,
        "name": f"db{number}",
        "address": f"10.0.{number // 250}.{number % 250}",
        "profile": "postgres",
        "groups": ["patroni", "prod"],
        "context": context,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
