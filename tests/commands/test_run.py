"""``run`` starts and follows; ``runs`` lists; ``run_control`` controls (4.2)."""

import _thread
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from flows.management.following import NO_WORKER_AFTER_S, POLL_S, Follower
from flows.models import Run, RunEvent, RunSignal
from flows.operations.runs import cancel_run, pause_run, start_run
from flows.wiring import drive_locally
from flowsite.kernel.access import SYSTEM
from tests.commands.fleets import local_fleet
from tests.commands.running import Ended, manage

__all__ = ["local_fleet"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("local_fleet")]


def run(*words: str) -> Ended:
    """``manage.py run --local`` with these words."""
    return manage("run", *words, "--local")


def events(ended: Ended) -> list[dict[str, Any]]:
    """The lines of ``--json``."""
    return [json.loads(line) for line in ended.lines]


def test_json_has_every_event_as_stored_in_order_and_without_gaps() -> None:
    ended = run("Talk", "--input", "words=good day", "--json", "--reason", "a test")
    assert ended.code == 0, ended.err
    told = events(ended)
    [stored] = Run.objects.all()
    assert [event["seq"] for event in told] == list(range(1, stored.last_seq + 1))
    assert {event["root"] for event in told} == {event["run"] for event in told} == {stored.pk}
    assert RunEvent.objects.count() == len(told)
    assert (told[0]["type"], told[0]["flow"], told[0]["version"], told[0]["mode"], told[0]["elements"]) == (
        "run_started", "Talk", 1, "parallel", ["e1", "e2"],
    )  # fmt: skip
    [output] = [event for event in told if event["type"] == "step_output" and event["element"] == "e1"]
    assert (output["stream"], output["text"]) == ("stdout", "e1 says good day\n")
    finished = [event for event in told if event["type"] == "step_finished" and event["site"] == 1]
    keys = ("element", "target", "site", "turn", "line", "step", "name", "attempt", "status", "exit_code", "path")
    assert [tuple(event[key] for key in keys) for event in sorted(finished, key=lambda event: event["element"])] == [
        (name, name, 1, 1, 1, "run_task", "Say", 1, "succeeded", 0, ["Talk"]) for name in ("e1", "e2")
    ]
    assert (told[-1]["type"], told[-1]["status"]) == ("run_finished", "succeeded")
    assert (stored.started_by, stored.run_reason, stored.inputs) == (
        "[system]",
        "a test",
        {"words": "good day", "times": 1},
    )


def test_a_childs_events_carry_its_own_run_and_the_numbers_of_the_root() -> None:
    told = events(run("Parent", "--elements", "e2", "--json"))
    root = Run.objects.get(root=None)
    [child] = Run.objects.filter(root=root)
    assert [event["seq"] for event in told] == list(range(1, root.last_seq + 1))
    assert {event["run"] for event in told if event["type"] == "step_output"} == {child.pk}
    assert {event["root"] for event in told} == {root.pk}


@pytest.mark.parametrize(
    ("flow", "code", "state"), [("Fail", 1, "failed"), ("Half", 1, "partial"), ("Parent", 0, "succeeded")]
)
def test_the_exit_code_says_how_the_run_ended(flow: str, code: int, state: str) -> None:
    """R32."""
    assert run(flow).code == code
    assert Run.objects.get(root=None).state == state


def test_without_a_terminal_what_is_worth_telling_is_told_in_plain_lines() -> None:
    lines = [line[9:] for line in run("Fail").lines]
    number = Run.objects.get().pk
    assert lines[0] == f"run {number}: Fail version 1, serial, 2 elements"
    assert any(line.startswith("e1  1 Break  failed, exit 3: ") for line in lines)
    assert any(line.startswith("e2  not_started") for line in lines)
    assert lines[-1].startswith(f"run {number}: failed")


def test_verbose_lines_hold_the_output_too() -> None:
    assert any(
        line.endswith("e1  1 stdout: e1 says hi") for line in run("Talk", "--input", "words=hi", "-v", "2").lines
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Nope"], "there is no flow 'Nope'"),
        (["Talk"], "input 'words' is missing, expected a string"),
        (["Talk", "--input", "words"], "--input 'words': expected name=value"),
        (["Talk", "--input", "words=x", "--input", "times=many"], "input 'times' is 'many', expected a whole number"),
        (["Talk", "--input", "words=x", "--input", "wrds=y"], "input 'wrds' is not declared; Talk takes words, times"),
        (["Fail", "--elements", "e1,e9"], "There is no element e9: correct the name."),
        (["No target"], "This flow has no target: name the elements to run it on (--elements a,b)."),
        (["Fail", "--no-watch"], "--local executes the run in this process"),
    ],
)
def test_wrong_usage_ends_with_2_and_starts_nothing(words: list[str], message: str) -> None:
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(message)
    assert not Run.objects.exists()


def test_elements_narrow_the_target_and_inputs_have_their_types() -> None:
    """R3."""
    assert run("Talk", "--input", "words=a=b", "--input", "times=3", "--elements", "e2").code == 0
    stored = Run.objects.get()
    assert (stored.narrowed, stored.inputs) == (["e2"], {"words": "a=b", "times": 3})


@pytest.mark.parametrize(
    ("typed", "value"),
    [('{"e1": [7]}', {"e1": [7]}), ("16", 16), ('"16"', "16"), ("too old", "too old"), ("null", "unknown")],
)
def test_an_input_of_any_value_is_json_where_it_reads_as_json(tmp_path: Path, typed: str, value: object) -> None:
    """R43."""
    file = tmp_path / "note.yaml"
    keys = "mode: serial\ntarget: {all: true}\ninputs: [{name: why, default: unknown}]\n"
    file.write_text(f"kind: Flow\nname: Note\n{keys}execution_script: log(str(inputs['why']))\n")
    assert manage("apply", str(file)).code == 0
    assert run("Note", "--input", f"why={typed}").code == 0
    assert Run.objects.get().inputs == {"why": value}


def test_a_run_that_is_not_watched_is_queued_for_a_worker() -> None:
    ended = manage("run", "Fail", "--no-watch", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {"run": Run.objects.get(state="queued").pk}


class Terminal(io.StringIO):
    """A stdin with a person in front of it."""

    def isatty(self) -> bool:
        return True


def interrupt_once_it_runs() -> threading.Thread:
    """Press Ctrl-C when the run has begun to wait."""

    def press() -> None:
        while not RunEvent.objects.filter(type="step_started").exists():
            time.sleep(0.02)
        _thread.interrupt_main()

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_ctrl_c_asks_and_cancels_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("cancel\n"))
    thread = interrupt_once_it_runs()
    ended = run("Wait")
    thread.join()
    assert (ended.code, Run.objects.get().state) == (3, "cancelled")


def test_ctrl_c_leaves_the_run_as_it_is_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("leave\n"))
    thread = interrupt_once_it_runs()
    ended = run("Wait")
    thread.join()
    stored = Run.objects.get()
    assert (ended.code, stored.lease_until) == (130, None)
    assert f"manage.py run_control {stored.pk} cancel" in ended.err
    assert stored.state not in ("cancelled", "failed")


def test_a_run_that_no_worker_takes_says_so_once() -> None:
    stored = start_run(flow="Fail", by=SYSTEM, enqueue=False)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) > 3 * NO_WORKER_AFTER_S:
            Run.objects.update(state="cancelled", ended_at=timezone.now())

    told: list[str] = []
    assert list(Follower(stored.pk, sleep=sleep).events(told.append)) == []
    assert told == ["queued: no worker has taken it for 5 s; is `manage.py up` running?"]
    assert set(slept) == {POLL_S}


def test_runs_are_listed_newest_first_and_filtered() -> None:
    run("Fail")
    run("Parent", "--elements", "e1")
    assert [line.split()[1] for line in manage("runs").lines] == ["succeeded", "failed"]
    assert [item["flow"] for item in json.loads(manage("runs", "--state", "failed", "--json").out)] == ["Fail"]
    [listed] = json.loads(manage("runs", "--flow", "Parent", "--json").out)
    assert (listed["elements"], listed["mode"], listed["version"]) == (["e1"], "serial", 1)


def test_control_asks_and_refuses_in_words() -> None:
    stored = start_run(flow="Wait", by=SYSTEM, enqueue=False)
    number = str(stored.pk)
    assert manage("run_control", number, "pause").out == f"run {number}: asked to pause\n"
    again = manage("run_control", number, "pause")
    assert (again.code, again.err) == (1, f"run {number} is paused already; resume or cancel it\n")
    refused = manage("run_control", number, "resume", "--comment", "why").err
    assert refused.endswith("go with approve, reject and answer, not with resume\n")
    assert manage("run_control", number, "resume").code == 0
    answer = manage("run_control", number, "answer", "--answer", "retry")
    assert (answer.code, answer.out) == (1, "")
    assert "open questions: none" in answer.err
    assert manage("run_control", number, "answer").code == 2
    approved = manage("run_control", number, "approve", "--comment", "go")
    assert (approved.code, approved.err) == (1, answer.err)
    assert manage("run_control", number, "approve", "--answer", "retry").code == 2
    assert manage("run_control", "999999", "cancel").err == "there is no run 999999\n"
    assert list(RunSignal.objects.values_list("kind", flat=True)) == ["pause", "resume"]


def test_what_a_later_release_can_do_is_refused_by_name() -> None:
    for verb in ("drain", "continue", "rerun", "exclude", "skip"):
        ended = manage("run_control", "1", verb)
        assert (ended.code, ended.err) == (1, f"{verb} is not available in this release\n")
    assert manage("run_control", "1", "cancel", "--element", "e1").err == "--element is not available in this release\n"


def test_a_paused_run_is_cancelled_from_the_command_line() -> None:
    """R33, R34."""
    stored = start_run(flow="Wait", by=SYSTEM, enqueue=False)
    pause_run(run=stored.pk, by=SYSTEM)
    cancel_run(run=stored.pk, by=SYSTEM)
    assert drive_locally(stored.pk) == "ended"
    assert manage("run_control", str(stored.pk), "resume").err == f"run {stored.pk} has ended: it is cancelled\n"


@pytest.mark.parametrize(
    "words",
    [["plan", "F\udcff"], ["run", "Talk", "--local", "--input", "words=\udcff"], ["runs", "--flow", "\udcff"],
     ["export", "Flow", "\udcff"]],
)  # fmt: skip
def test_an_argument_that_is_no_text_is_wrong_usage(words: list[str]) -> None:
    ended = manage(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "expected text in UTF-8" in ended.err
    assert "udcff" in ended.err


@pytest.mark.parametrize("limit", ["0", "-1", "many", "99999999999999999999"])
def test_a_limit_is_a_number_of_runs(limit: str) -> None:
    with pytest.raises(CommandError, match="expected a whole number from 1 to 100000"):
        manage("runs", f"--limit={limit}")
