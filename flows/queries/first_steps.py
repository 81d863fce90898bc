"""The first steps that Home proposes: what there is to try, and which of it a person has done already."""

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User

from elements.models import Element
from flows.engine.status import RUN_ENDED
from flows.models import Flow, FlowDraft, FlowVersion, Run, Task
from flowsite.kernel.access import allows
from flowsite.kernel.models import AuditEntry

#: Of the demo: the flow that shows order best, and the one to look at when it has not run.
TOUR_FLOW = "Rolling restart, leader last"


class Act(StrEnum):
    """What one may try, in the order of the list."""

    OPEN_RUN = "open_run"
    ADD_ELEMENT = "add_element"
    WRITE_TASK = "write_task"
    WATCH_RUN = "watch_run"
    CHANGE_FLOW = "change_flow"
    BUILD_FLOW = "build_flow"
    MAKE_SCHEDULE = "make_schedule"


_NEEDS = {
    Act.OPEN_RUN: "run.view",
    Act.ADD_ELEMENT: "inventory.change",
    Act.WRITE_TASK: "task.publish",
    Act.WATCH_RUN: "flow.run",
    Act.CHANGE_FLOW: "flow.publish",
    Act.BUILD_FLOW: "flow.publish",
    Act.MAKE_SCHEDULE: "schedule.change",
}


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One proposal. ``pk`` is that of the run or flow that it is about, ``name`` the flow's."""

    act: Act
    is_done: bool
    pk: int | None = None
    name: str = ""


def first_steps(user: User, *, ticked: frozenset[str], not_asked_for: str) -> list[FirstStep]:
    """What this person may try here; about ten short queries.

    ``ticked`` are the acts that leave no trace and were told of; runs with the reason ``not_asked_for`` were begun in
    this person's name by the demo.
    """
    steps = (_tour() if Flow.objects.filter(name=TOUR_FLOW, archived=False).exists() else _from_nothing()).items()
    done = _done(user, not_asked_for) | {Act(act) for act in ticked if act in set(Act)}
    return [
        FirstStep(act, act in done, *about)
        for act, about in steps
        if about is not None and allows(user, _NEEDS[act]) and (act is not Act.MAKE_SCHEDULE or user.is_staff)
    ]


_About = tuple[int | None, str]
_ANYWHERE: _About = (None, "")


def _tour() -> dict[Act, _About | None]:
    flow = _flow(TOUR_FLOW)
    return {
        Act.OPEN_RUN: _finished_run(),
        Act.WATCH_RUN: flow,
        Act.CHANGE_FLOW: flow,
        Act.BUILD_FLOW: _ANYWHERE,
        Act.MAKE_SCHEDULE: _ANYWHERE,
    }


def _from_nothing() -> dict[Act, _About | None]:
    newest = Flow.objects.filter(archived=False, versions__isnull=False).order_by("-id").values_list("pk", "name")
    return {
        Act.ADD_ELEMENT: _ANYWHERE,
        Act.WRITE_TASK: _ANYWHERE,
        Act.BUILD_FLOW: _ANYWHERE,
        Act.WATCH_RUN: newest.first(),
        Act.MAKE_SCHEDULE: _ANYWHERE,
    }


def _flow(name: str) -> _About | None:
    return Flow.objects.filter(name=name, archived=False).values_list("pk", "name").first()


def _finished_run() -> _About | None:
    """The newest of the flow that shows most; of any flow when that has not run."""
    over = Run.objects.roots().in_earnest().filter(state__in=[state.value for state in RUN_ENDED]).order_by("-id")
    found = over.values_list("pk", "flow_name")
    return found.filter(flow_name=TOUR_FLOW).first() or found.first()


def _done(user: User, not_asked_for: str) -> set[Act]:
    name = user.get_username()
    by_hand = Run.objects.roots().filter(started_by=name, scheduled_start=None).exclude(run_reason=not_asked_for)
    versions = FlowVersion.objects.filter(published_by=name)
    drafts = FlowDraft.objects.filter(written_by=name)
    claims = {
        Act.ADD_ELEMENT: Element.objects.all(),
        Act.WRITE_TASK: Task.objects.filter(archived=False),
        Act.WATCH_RUN: by_hand,
        Act.BUILD_FLOW: versions.filter(number=1),
        Act.MAKE_SCHEDULE: AuditEntry.objects.filter(actor=name, kind="schedule", action="created"),
    }
    done = {act for act, rows in claims.items() if rows.exists()}
    changed = versions.filter(number__gt=1).exists() or drafts.filter(base_version__isnull=False).exists()
    return done | ({Act.CHANGE_FLOW} if changed else set())
