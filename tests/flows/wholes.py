"""Whole runs: a small fleet on the local connection, tasks that leave a trace, and what a run has come to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from elements.models import Setting
from elements.operations import save_element, save_profile
from flows import wiring
from flows.adapters.journal import DatabaseJournal
from flows.models import Run, RunElement, StepRun
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.runs import start_run
from flows.runner.ports import LeaseLost
from flowsite.kernel.access import SYSTEM

NAMES = ("E1", "E2", "E3", "E4")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Four elements with the setting ``role``, and tasks A, B, C that append ``A1`` for E1 to this file."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for name in NAMES:
        role = "master" if name == "E2" else "replica"
        save_element(name=name, profile="here", settings={"role": role}, by=SYSTEM)
    order = tmp_path / "order"
    order.touch()
    for task in "ABC":
        publish(task, f"echo {task}{{{{ element.name[1:] }}}} >> {order}")
    return order


def publish(task: str, command: str, **keys: Any) -> None:
    """A task that may be repeated."""
    definition = {"class": "command", "command": command, "on_interrupt": "retry", **keys}
    publish_task(name=task, definition=definition, by=SYSTEM)


def flow(script: str, mode: str = "parallel", *, name: str = "F1", processing: str = "", **rules: Any) -> None:
    """A flow over all elements."""
    publish_flow(
        name=name,
        definition={"mode": mode, "target": {"all": True}, **rules},
        processing_script=processing,
        execution_script=script,
        by=SYSTEM,
    )


def start(*elements: str, flow: str = "F1", **inputs: Any) -> Run:
    """A run that no worker has yet."""
    return start_run(flow=flow, by=SYSTEM, elements=list(elements) or None, inputs=inputs, enqueue=False)


def advance(run: Run) -> str:
    """Drive the run as far as it goes, and read it anew."""
    ending = wiring.advance(run.pk)
    run.refresh_from_db()
    return ending


def element_states(run: Run) -> dict[str, str]:
    """By name, in the order of execution."""
    return dict(RunElement.objects.filter(run=run).order_by("position").values_list("name", "state"))


def logged(run: Run) -> list[str]:
    """What the scripts said, in their order."""
    told = StepRun.objects.filter(run=run, step="log").order_by("pk").values_list("name", flat=True)
    return [text or "" for text in told]


def settings_of(element: str) -> dict[str, Any]:
    """What is stored on the element."""
    return dict(Setting.objects.filter(element__name=element).values_list("key", "value"))


@contextmanager
def dying_after(commits: int) -> Iterator[None]:
    """A worker that is gone after so many commits of its journal, without giving the lease back."""
    append, left = DatabaseJournal._append, commits

    def counted(journal: DatabaseJournal, *arguments: Any) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise LeaseLost("killed")
        return append(journal, *arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseJournal, "_append", counted)
        yield
