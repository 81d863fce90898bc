"""``make simulate``: try many seeds on all cores. ``--seed N`` tells one in full, ``--fault NAME`` puts a fault in."""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.simulation.faults import FAULTS, put_in
from tests.simulation.shrinking import shrink
from tests.simulation.stage import calmly, perform
from tests.simulation.telling import journal_told, scenario_told, told
from tests.simulation.trial import Trial, try_seed

#: Seeds that one process tries before it reports.
CHUNK = 25


def main() -> int:
    """0 when every seed passed; with a fault, 0 when it was found."""
    options = _parser().parse_args()
    if options.seed is not None:
        return _one(options.seed, options.fault)
    if options.fault:
        return _fault(options.fault, options.first, options.seeds)
    return _many(options.first, options.seeds, options.processes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=int(os.environ.get("SEEDS") or 10_000), help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="only this one, told in full and made simpler if it fails")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="put this fault into the product")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once")
    return parser


def _many(first: int, count: int, processes: int) -> int:
    began = time.monotonic()
    failed: list[Trial] = []
    tried = events = 0
    for trial in _trials(first, count, processes):
        tried += 1
        events += trial.events
        if trial.breaches:
            failed.append(trial)
            print(told(trial), flush=True)
        if tried % 1000 == 0:
            _report(tried, events, len(failed), began)
    if tried % 1000:
        _report(tried, events, len(failed), began)
    return 1 if failed else 0


def _report(tried: int, events: int, failed: int, began: float) -> None:
    rate = tried / (time.monotonic() - began)
    print(f"{tried} seeds, {events} events, {failed} failed, {rate:.1f} seeds/s", flush=True)


def _trials(first: int, count: int, processes: int) -> Iterator[Trial]:
    seeds = range(first, first + count)
    if processes < 2 or count <= CHUNK:
        yield from map(try_seed, seeds)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(try_seed, seeds, CHUNK)


def _fault(name: str, first: int, count: int) -> int:
    with put_in(name):
        for trial in map(try_seed, range(first, first + min(count, 200))):
            if trial.breaches:
                print(f"{name} ({FAULTS[name].rule}) was found by seed number {trial.seed - first + 1}:\n{told(trial)}")
                return 0
    print(f"{name} ({FAULTS[name].rule}) was not found")
    return 1


def _one(seed: int, fault: str | None) -> int:
    with ExitStack() as stack:
        if fault:
            stack.enter_context(put_in(fault))
        trial = try_seed(seed, deeply=True)
        if trial.breaches:
            print(told(trial))
            trial = shrink(trial)
            print(f"\nthe simplest scenario found that fails so:\n\n{told(trial)}\n")
        print(scenario_told(trial.scenario))
        calm = perform(calmly(trial.scenario))
        print(f"\ncalm, {calm.turns} turns:\n{journal_told(calm)}")
        print(f"\nstorm:\n{journal_told(perform(trial.scenario, calm_turns=calm.turns))}")
    return 1 if trial.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
