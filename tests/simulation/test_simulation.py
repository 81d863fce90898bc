"""R17-R19, R21, R26, R27, R30, R31, R36, R37 and the others over random flows in a world full of trouble."""

import os

import pytest

from tests.simulation.faults import FAULTS, put_in
from tests.simulation.generate import scenario_of
from tests.simulation.stage import perform
from tests.simulation.telling import journal_told, told
from tests.simulation.trial import try_seed

#: In the fast part; ``make simulate`` tries ten thousand.
SEEDS = int(os.environ.get("SIMULATED_SEEDS") or 150)
GROUPS = 4
#: A fault must be found within so many seeds.
SEEDS_FOR_A_FAULT = 200


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_seed_keeps_every_rule_through_deaths_signals_and_failures(group: int) -> None:
    """R17-R31, R34, R36, R37: the referee, the record, the folds, and the calm run beside the disturbed one."""
    failed = [trial for trial in map(try_seed, range(group, SEEDS, GROUPS)) if trial.breaches]
    assert not failed, "\n".join(told(trial) for trial in failed)


def test_a_seed_gives_the_same_journal_to_the_last_event() -> None:
    for seed in (3, 17, 101):
        first, again = (perform(scenario_of(seed), calm_turns=300) for _ in range(2))
        assert journal_told(first) == journal_told(again)
        assert first.turns == again.turns


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_that_is_put_in_on_purpose_is_found_within_200_seeds(name: str) -> None:
    with put_in(name):
        found = next((trial for trial in map(try_seed, range(SEEDS_FOR_A_FAULT)) if trial.breaches), None)
    assert found is not None, f"{name} breaks {FAULTS[name].rule} and was not found"
