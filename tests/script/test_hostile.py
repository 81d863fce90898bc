"""Scripts that mean harm end in a clear error of their own, while others go on (R1, R15, R44)."""

from collections.abc import Sequence

import pytest

from tests.script.hostile import calls, catching, deep, escapes, loops, memory, names
from tests.script.hostile.play import Hostile, problems

HEAVY = ("a giant ", "giant ", "many ", "stars")
"""How the names of those begin that move megabytes."""

QUICK = {
    "escapes": escapes.SCRIPTS,
    "deep": deep.SCRIPTS,
    "catching": catching.SCRIPTS,
    "calls": [script for script in calls.SCRIPTS if not script.name.startswith(HEAVY)],
    "names": names.SCRIPTS,
    "memory": memory.SCRIPTS[:2],
}
SLOW = {"memory": memory.SCRIPTS, "loops": loops.SCRIPTS, "all calls": calls.SCRIPTS}
ALL = [script for scripts in (QUICK | SLOW).values() for script in scripts]


def test_there_are_more_than_a_hundred_of_them() -> None:
    assert len({script.text for script in ALL}) > 200


@pytest.mark.parametrize("scripts", QUICK.values(), ids=QUICK)
async def test_r44_hostile_scripts_end_in_a_clear_error_while_others_go_on(scripts: Sequence[Hostile]) -> None:
    assert await problems(scripts) == []


@pytest.mark.slow
@pytest.mark.timeout(170)
@pytest.mark.parametrize("scripts", SLOW.values(), ids=SLOW)
async def test_r44_hostile_scripts_that_use_all_they_may_end_within_it(scripts: Sequence[Hostile]) -> None:
    assert await problems(scripts) == []


@pytest.mark.slow
@pytest.mark.parametrize("scripts", QUICK.values(), ids=QUICK)
async def test_r1_hostile_scripts_end_alike_in_sessions_of_their_own(scripts: Sequence[Hostile]) -> None:
    assert await problems(scripts, share=False) == []


async def test_the_corpus_would_tell_of_a_script_that_does_no_harm() -> None:
    (told,) = await problems([Hostile("harmless", "log('x')", "error", 1, "")])
    assert "harmless: ended as None" in told
