"""One seed, tried: played calmly and in its storm, with everything checked."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation import checks
from tests.simulation.generate import scenario_of
from tests.simulation.planned import breaches_of_plan
from tests.simulation.referee import watch
from tests.simulation.sandboxed import breaches_in_sandbox
from tests.simulation.scenario import Scenario
from tests.simulation.stage import Performance, calmly, perform
from tests.simulation.world import Foul


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found; ``events`` counts those of both performances."""

    scenario: Scenario
    breaches: tuple[str, ...]
    events: int = 0

    @property
    def seed(self) -> int:
        """The scenario's."""
        return self.scenario.seed


#: One seed in so many is tried in the sandbox and planned too.
DEEP_EVERY = 25


def try_seed(seed: int, deeply: bool | None = None) -> Trial:
    """Make the scenario of the seed and try it; every twenty-fifth one deeply, unless it is said."""
    return try_scenario(scenario_of(seed), deeply=seed % DEEP_EVERY == 0 if deeply is None else deeply)


def try_scenario(scenario: Scenario, *, deeply: bool = False) -> Trial:
    """Play it twice; ``deeply``: with scripts as text in the sandbox too, and beside its plan. An error of ours is a
    breach too."""
    breaches: list[str] = []
    events = 0
    try:
        calm = perform(calmly(scenario))
        breaches += [f"calm: {breach}" for breach in breaches_of(calm, is_calm=True)]
        events += len(calm.journal)
        if not breaches:
            storm = perform(scenario, calm_turns=calm.turns)
            breaches += [f"storm: {breach}" for breach in breaches_of(storm, is_calm=False)]
            events += len(storm.journal)
            if not breaches:
                breaches += checks.of_resuming(calm, storm)
            if not breaches and deeply:
                breaches += [*breaches_in_sandbox(scenario, calm), *breaches_of_plan(scenario)]
    except Exception:  # noqa: BLE001 - whatever breaks while a seed is tried is what we look for
        breaches.append(traceback.format_exc(limit=-4))
    return Trial(scenario, tuple(breaches), events)


def breaches_of(performance: Performance, *, is_calm: bool) -> Iterator[str]:
    """Every check of one performance; the referee stops at its first foul."""
    yield from performance.fouls
    yield from checks.of_the_record(performance)
    if not performance.fouls:
        yield from checks.of_the_view(performance)
        try:
            watch(performance, is_calm=is_calm)
        except Foul as foul:
            yield str(foul)
