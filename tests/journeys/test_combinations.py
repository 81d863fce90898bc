"""R26: the four combinations of parent and child, through the database, the queue and a real worker process."""

import pytest

from tests.journeys.site import Followed, Site

pytestmark = pytest.mark.journey

TASKS = "".join(
    f"kind: Task\nname: {name}\nclass: command\ncommand: echo {name}\non_interrupt: retry\n---\n" for name in "ABCDF"
)
FLEET = """\
kind: Profile
name: here
connection: {type: local}
---
kind: Element
name: E1
profile: here
address: 127.0.0.1
---
kind: Element
name: E2
profile: here
address: 127.0.0.1
---
"""
#: parent mode, child mode, how the child is called, the order of R26: waves, and in each the elements that run at once.
ROWS = {
    "serial serial itself": ("serial", "serial", "", "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
    "serial serial elements": (
        "serial",
        "serial",
        ", elements=elements",
        "A1 B1 C1 D1 B2 C2 D2 F1 A2 B1 C1 D1 B2 C2 D2 F2",
    ),
    "serial parallel itself": ("serial", "parallel", "", "A1 B1 C1 D1 F1 A2 B2 C2 D2 F2"),
    "serial parallel elements": (
        "serial",
        "parallel",
        ", elements=elements",
        "A1 B1·B2 C1·C2 D1·D2 F1 A2 B1·B2 C1·C2 D1·D2 F2",
    ),
    "parallel serial itself": ("parallel", "serial", "", "A1·A2 B1 C1 D1 B2 C2 D2 F1·F2"),
    "parallel parallel itself": ("parallel", "parallel", "", "A1·A2 B1·B2 C1·C2 D1·D2 F1·F2"),
}


def documents() -> str:
    """Everything the rows need; flows are named after their row."""
    flows = []
    for row, (parent, child, called_with, _) in ROWS.items():
        flows.append(
            f"kind: Flow\nname: {row} child\nmode: {child}\ntarget: {{all: true}}\n"
            "execution_script: |\n  run_task('B')\n  run_task('C')\n  run_task('D')\n"
        )
        flows.append(
            f"kind: Flow\nname: {row}\nmode: {parent}\ntarget: {{all: true}}\n"
            f"execution_script: |\n  run_task('A')\n  run_flow('{row} child'{called_with})\n  run_task('F')\n"
        )
    return TASKS + FLEET + "---\n".join(flows)


def waves_of(run: Followed) -> str:
    """The order in which tasks really ran, in the notation of R26.

    Steps are in one wave when all started before any had ended; each wave must have ended before the next started.
    """
    waves: list[list[str]] = []
    running: set[tuple[int, str, int, int]] = set()
    begun_anew = True
    for event in run.events:
        if event.get("step") != "run_task" or event["type"] not in ("step_started", "step_finished"):
            continue
        key = (event["run"], event["element"], event["site"], event["turn"])
        if event["type"] == "step_started":
            if begun_anew:
                assert not running, f"{key} started while {running} still ran"
                waves.append([])
            waves[-1].append(event["name"] + event["element"].removeprefix("E"))
            running.add(key)
            begun_anew = False
        else:
            running.remove(key)
            begun_anew = True
    return " ".join("·".join(wave) for wave in waves)


@pytest.fixture(scope="module")
def site(shared_up: Site) -> Site:
    shared_up.apply(documents())
    return shared_up


@pytest.mark.parametrize("row", ROWS)
def test_parent_and_child_run_in_the_order_of_the_table(site: Site, row: str) -> None:
    """R17, R18, R22, R23, R26."""
    run = site.run(row)
    assert run.code == 0, run.errors + site.log()
    assert run.status == "succeeded"
    assert waves_of(run) == ROWS[row][3]
    assert [event["seq"] for event in run.events] == list(range(1, len(run.events) + 1))
    assert {event["root"] for event in run.events} == {run.events[0]["root"]}
