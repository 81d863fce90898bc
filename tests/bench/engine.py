"""Durable no-op steps: the real driver and journal on SQLite, an executor that does nothing.

Two loads: 10,000 elements × 5 steps in one Parallel run with waves of all elements, and a serial chain of steps on one
element. Two script hosts: plain generators (what engine and journal cost alone), and the sandbox (what a run costs).
An outcome is committed before its script sees it, a start before it is dispatched, SQLite synchronous FULL.

Each drive is a process of its own, so that memory and caches start empty.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.measuring import Spent, cost, machine, peak_mib, spread, write

STEPS = 5
CHAIN = "for n in range({length}):\n    run_task('Noop')\n"
WAVES = "run_task('Noop')\n" * STEPS


def main() -> int:
    """Measure every load with every host, in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--elements", type=int, default=10_000)
    parser.add_argument("--chain", type=int, default=2_000)
    parser.add_argument("--one", nargs=2, metavar=("LOAD", "HOST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_drive_once(options.one[0], options.one[1], options)))
        return 0
    results = _measure(options)
    _print_table(results["drives"])
    print(f"written to {write('engine', results)}")
    return 0


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    drives: dict[str, list[dict[str, Any]]] = {}
    about = machine()
    for turn in range(options.rounds):
        for load in ("waves", "chain"):
            for host in ("generators", "sandbox"):
                print(f"round {turn + 1} of {options.rounds}: {load}, {host}", file=sys.stderr)
                drives.setdefault(f"{load}, {host}", []).append(_in_own_process(load, host, options))
    return {"machine": about, "elements": options.elements, "steps": STEPS, "chain": options.chain, "drives": drives}


def _in_own_process(load: str, host: str, options: argparse.Namespace) -> dict[str, Any]:
    sizes = ["--elements", str(options.elements), "--chain", str(options.chain)]
    with tempfile.TemporaryDirectory(prefix="flowsite-bench-") as directory:
        environment = {**os.environ, "FLOWSITE_DATA_DIR": directory, "DJANGO_SETTINGS_MODULE": "flowsite.settings"}
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.engine", "--one", load, host, *sizes],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            timeout=600,
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _print_table(drives: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    print(f"{'load, script host':<20} {'steps/s':<28} {'wall s':<24} {'CPU s':<24} peak MiB")
    for name, found in drives.items():
        row = [spread([drive["steps_per_s"] for drive in found])]
        row += [spread([drive[key] for drive in found], 2) for key in ("wall_s", "cpu_s")]
        print(f"{name:<20} {row[0]:<28} {row[1]:<24} {row[2]:<24} {spread([d['peak_mib'] for d in found])}")
    print(
        "\nwhere the time goes (median seconds; waits for the journal's thread overlap with nothing but the executor)"
    )
    for name, found in drives.items():
        labels = found[0]["spent_s"]
        parts = [f"{label} {statistics.median(d['spent_s'][label] for d in found):.2f}" for label in labels]
        print(f"{name:<20} {', '.join(parts)}")


# --- one drive ------------------------------------------------------------------------------------------------------


def _drive_once(load: str, host: str, options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    names = [f"e{n}" for n in range(options.elements if load == "waves" else 1)]
    steps = len(names) * STEPS if load == "waves" else options.chain
    root = _prepare(load, names, options.chain)
    spent = Spent()
    with cost() as found:
        state = asyncio.run(_drive(root, host, load, options.chain, spent))
    _check(root, state, steps)
    waited = sum(spent.seconds.values())
    return {
        "steps_per_s": steps / found.wall_s,
        "wall_s": found.wall_s,
        "cpu_s": found.cpu_s,
        "peak_mib": peak_mib(),
        "commits": spent.calls["journal"],
        "spent_s": {**spent.seconds, "engine and driver": max(0.0, found.wall_s - waited)},
    }


def _prepare(load: str, names: Sequence[str], chain: int) -> int:
    """A fleet, a task, a flow and a queued run of it."""
    from elements.models import Element, Profile
    from flows.operations.catalog import FlowDraft, TaskDraft, publish
    from flows.operations.runs import start_run
    from flowsite.kernel.access import SYSTEM

    profile = Profile.objects.create(name="noop", connection={"type": "local"})
    Element.objects.bulk_create(
        [Element(name=name, profile=profile, address="127.0.0.1") for name in names], batch_size=500
    )
    script = WAVES if load == "waves" else CHAIN.format(length=chain)
    rules = {"mode": "parallel", "concurrency": len(names)} if load == "waves" else {"mode": "serial"}
    publish(
        tasks=[TaskDraft("Noop", {"class": "command", "command": "true", "on_interrupt": "retry"})],
        flows=[FlowDraft("Bench", {**rules, "target": {"all": True}}, "", script)],
        by=SYSTEM,
    )
    return start_run(flow="Bench", by=SYSTEM, enqueue=False).pk


async def _drive(root: int, host: str, load: str, chain: int, spent: Spent) -> str:
    from flows.adapters.clock import SystemClock
    from flows.adapters.context import DatabaseInventory
    from flows.adapters.database import DatabaseThread
    from flows.adapters.definitions import catalog_of_run
    from flows.adapters.journal import DatabaseJournal
    from flows.adapters.lease import claim
    from flows.adapters.publisher import ChannelPublisher
    from flows.runner.driver import Driver, Pace, Ports
    from tests.bench.ports import NoopExecutor, PlainScripts, TimedJournal, TimedScripts, sandbox_scripts

    database, pace = DatabaseThread(), Pace()
    claimed = await database.run(claim, root, lease_s=pace.lease_s)
    assert claimed is not None
    catalog = await database.run(catalog_of_run, claimed.root, claimed.started_at)
    scripts = PlainScripts(STEPS if load == "waves" else chain, chain=load == "chain")
    journal = DatabaseJournal(claimed, database, catalog.engine, catalog.versions)
    ports = Ports(
        journal=TimedJournal(journal, spent),
        executor=NoopExecutor(),
        scripts=TimedScripts(scripts if host == "generators" else sandbox_scripts(catalog.scripts), spent),
        inventory=DatabaseInventory(database, catalog.targets, catalog.inputs, claimed.narrowed),
        clock=SystemClock(),
        publisher=ChannelPublisher(),
    )
    ending = await Driver(root, ports, pace).drive()
    await database.close()
    return ending.value


def _check(root: int, ending: str, steps: int) -> None:
    """A benchmark of a run that did not do its work would be worth nothing."""
    from flows.models import Run, RunEvent, StepRun

    run = Run.objects.get(pk=root)
    assert (ending, run.state) == ("ended", "succeeded"), (ending, run.state, run.reason)
    assert StepRun.objects.filter(run=root, status="succeeded").count() == steps
    assert RunEvent.objects.filter(root=root).count() == run.last_seq


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
