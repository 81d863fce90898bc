"""Workers that die: nothing recorded runs twice, nothing recorded is lost, the next run finds a worker."""

import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.journeys.site import Followed, Following, Site, until

pytestmark = pytest.mark.journey

ELEMENTS = 6
STEPS = 3
#: From the death of a worker to the next step of its run (7-benchmarks), in seconds.
GOES_ON_WITHIN_S = 5.0
#: What is said of a cluster that took no job for ten seconds.
RESTARTED = "restarting the cluster default as asked"


def documents(diary: Path, seconds: float = 0.15) -> str:
    """A Serial and a Parallel flow; each step writes a line into the diary, then takes its time."""
    elements = "".join(
        f"kind: Element\nname: e{number}\nprofile: here\naddress: 127.0.0.1\n---\n" for number in range(1, ELEMENTS + 1)
    )
    tasks = "".join(
        f"kind: Task\nname: T{number}\nclass: command\non_interrupt: retry\n"
        f"command: echo {{{{ element.name | quote }}}} T{number} >> {diary}; sleep {seconds}\n---\n"
        for number in range(1, STEPS + 1)
    )
    script = "".join(f"  run_task('T{number}')\n" for number in range(1, STEPS + 1))
    flows = "---\n".join(
        f"kind: Flow\nname: {mode}\nmode: {mode}\nconcurrency: {concurrency}\ntarget: {{all: true}}\n"
        f"execution_script: |\n{script}"
        for mode, concurrency in (("serial", 1), ("parallel", 2))
    )
    return f"kind: Profile\nname: here\nconnection: {{type: local}}\n---\n{elements}{tasks}{flows}"


def kill_worker_after(run: Following, outcomes: int) -> None:
    """Wait for this many more outcomes, then kill -9 the worker that drives the run."""
    for _ in range(outcomes):
        event = run.until(lambda event: event["type"] == "step_finished")
    worker = run.site.worker_of(event["root"])
    assert worker in run.site.worker_ids(), run.site.log()
    os.kill(worker, signal.SIGKILL)
    until(lambda: run.site.worker_of(event["root"]) != worker, GOES_ON_WITHIN_S, "another worker takes the run")


def assert_nothing_ran_twice(run: Followed, diary: Path) -> None:
    """Each step has one success; each earlier attempt was interrupted; the diary has no line beyond the attempts."""
    assert run.code == 0, run.errors
    assert run.status == "succeeded"
    assert [event["seq"] for event in run.events] == list(range(1, len(run.events) + 1))
    lines = Counter(tuple(line.split()) for line in diary.read_text().splitlines())
    ends: dict[tuple[str, str], list[str]] = {}
    for event in run.of("step_finished"):
        ends.setdefault((event["element"], event["name"]), []).append(event["status"])
    assert len(ends) == ELEMENTS * STEPS
    assert set(lines) == set(ends)
    for step, statuses in ends.items():
        assert statuses == ["interrupted"] * (len(statuses) - 1) + ["succeeded"]
        assert lines[step] <= len(statuses), f"{step} ran {lines[step]} times for {statuses}"


def longest_pause_s(run: Followed) -> float:
    """Between two starts of steps."""
    starts = [datetime.fromisoformat(str(event["at"])) for event in run.of("step_started")]
    return max((after - before).total_seconds() for before, after in pairwise(starts))


def wait_s(site: Site, run: Followed) -> float:
    """From the moment the run was asked for until a worker began it; the start of the command is not in it."""
    with closing(sqlite3.connect(site.data_dir / "flowsite.sqlite3")) as stored:
        times = "SELECT created_at, started_at FROM flows_run WHERE id = ?"
        asked, begun = map(datetime.fromisoformat, stored.execute(times, [run.events[0]["run"]]).fetchone())
    return (begun - asked).total_seconds()


@pytest.mark.parametrize("mode", ["serial", "parallel"])
def test_a_run_whose_worker_is_killed_again_and_again_ends_succeeded(live_up: Site, tmp_path: Path, mode: str) -> None:
    """R36."""
    diary = tmp_path / "diary"
    live_up.apply(documents(diary))
    run = live_up.begin_run(mode)
    for outcomes in (1, 2, 4):
        kill_worker_after(run, outcomes)
    ended = run.end()
    assert_nothing_ran_twice(ended, diary)
    assert longest_pause_s(ended) <= GOES_ON_WITHIN_S


@pytest.mark.postgres
@pytest.mark.redis
def test_on_postgresql_and_redis_a_killed_workers_run_ends_succeeded(
    live_up_in_production: Site, tmp_path: Path
) -> None:
    """R36; Redis loses the job of the killed worker."""
    diary = tmp_path / "diary"
    live_up_in_production.apply(documents(diary))
    run = live_up_in_production.begin_run("parallel")
    for outcomes in (1, 4):
        kill_worker_after(run, outcomes)
    ended = run.end()
    assert_nothing_ran_twice(ended, diary)
    assert longest_pause_s(ended) <= GOES_ON_WITHIN_S


def test_a_run_whose_whole_cluster_is_killed_ends_succeeded(live_up: Site, tmp_path: Path) -> None:
    """R36."""
    diary = tmp_path / "diary"
    live_up.apply(documents(diary))
    run = live_up.begin_run("serial")
    event = run.until(lambda event: event["type"] == "step_finished")
    os.killpg(os.getpgid(live_up.worker_of(event["root"])), signal.SIGKILL)
    assert_nothing_ran_twice(run.end(), diary)


def test_after_kill_9_of_every_idle_worker_the_next_run_starts(live_up: Site, tmp_path: Path) -> None:
    """The library's own cluster would be wedged for good; ours needs no restart for it (the wedge rule of 3.3)."""
    diary = tmp_path / "diary"
    live_up.apply(documents(diary, seconds=0))
    idle = until(lambda: len(found := live_up.worker_ids()) == live_up.workers and found, 20, "all workers are there")
    for worker in idle:
        os.kill(worker, signal.SIGKILL)
    run = live_up.run("parallel")
    assert_nothing_ran_twice(run, diary)
    assert wait_s(live_up, run) <= GOES_ON_WITHIN_S
    assert not live_up.said(RESTARTED)


def test_a_run_in_progress_at_ctrl_c_goes_on_with_the_next_start(live_up: Site, tmp_path: Path) -> None:
    """Retiring workers give their runs back (3.3)."""
    diary = tmp_path / "diary"
    live_up.apply(documents(diary))
    run = live_up.begin_run("serial")
    run.until(lambda event: event["type"] == "step_finished")
    assert live_up.stop() == 0
    assert not [number for number, name in live_up.processes().items() if name == "flowsite-worker"]
    live_up.start()
    assert_nothing_ran_twice(run.end(), diary)


def test_a_cluster_that_takes_no_job_is_restarted(live_up: Site, tmp_path: Path) -> None:
    """The wedge rule of 3.3: a job waits for ten seconds though no worker has a run."""
    diary = tmp_path / "diary"
    live_up.apply(documents(diary, seconds=0))
    stuck = until(lambda: len(found := live_up.worker_ids()) == live_up.workers and found, 20, "all workers are there")
    for worker in stuck:
        os.kill(worker, signal.SIGSTOP)
    run = live_up.begin_run("parallel")
    assert_nothing_ran_twice(run.end(40), diary)
    assert live_up.said(RESTARTED)
