"""``plan`` prints the waves that will run (R40)."""

import json

import pytest

from flows.models import Run
from tests.commands.fleets import local_fleet
from tests.commands.running import manage

__all__ = ["local_fleet"]

pytestmark = pytest.mark.usefixtures("local_fleet")


def test_json_has_the_keys_that_others_rely_on() -> None:
    ended = manage("plan", "Parent", "--json")
    assert ended.code == 0, ended.err
    plan = json.loads(ended.out)
    assert plan.keys() == {
        "flow", "version", "mode", "concurrency", "elements", "complete", "stops_at", "hash", "waves",
    }  # fmt: skip
    assert plan["waves"][0].keys() == {
        "n", "depth", "path", "site", "turn", "step", "name", "line", "batch", "elements", "target",
    }  # fmt: skip
    assert {
        key: plan[key] for key in ("flow", "version", "mode", "concurrency", "elements", "complete", "stops_at")
    } == {
        "flow": "Parent",
        "version": 1,
        "mode": "serial",
        "concurrency": 1,
        "elements": ["e1", "e2"],
        "complete": True,
        "stops_at": None,
    }
    waves = [
        (wave["n"], wave["depth"], wave["path"], wave["step"], wave["name"], wave["elements"]) for wave in plan["waves"]
    ]
    assert waves[:3] == [
        (1, 0, ["Parent"], "run_flow", "Talk", ["e1"]),
        (2, 1, ["Parent", "Talk"], "run_task", "Say", ["e1"]),
        (3, 1, ["Parent", "Talk"], "log", "said it", ["e1"]),
    ]
    assert len(waves) == 6
    assert not Run.objects.exists()


def test_the_table_has_one_line_per_wave_with_children_indented() -> None:
    lines = manage("plan", "Parent", "--elements", "e2").lines
    assert [line.split() for line in lines] == [
        ["Parent", "version", "1,", "serial,", "concurrency", "1,", "1", "element"],
        ["1", "1", "run_flow", "Talk", "e2"],
        ["2", "1", "run_task", "Say", "e2"],
        ["3", "2", "log", "said", "it", "e2"],
    ]
    assert lines[2].index("1 run_task") == lines[1].index("1 run_flow") + 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Nope"], "there is no flow 'Nope'"),
        (["Prent"], "there is no flow 'Prent'; did you mean 'Parent'?"),
        (["Talk"], "input 'words' is missing"),
        (["Talk", "--input", "words=x", "--elements", "e9"], "There is no element e9"),
        (["No target"], "This flow has no target"),
        (["Parent", "--elements", ","], "--elements ',' names no element"),
    ],
)
def test_a_flow_that_could_not_start_has_no_plan(words: list[str], message: str) -> None:
    ended = manage("plan", *words)
    assert (ended.code, ended.out) == (1, "")
    assert message in ended.err
