"""Publishing tasks and flows (R16, R25)."""

from datetime import timedelta
from typing import Any

import pytest

from flows.models import Flow, FlowVersion, Task, TaskVersion
from flows.operations.catalog import Change, FlowDraft, NotPublishable, TaskDraft, publish, publish_flow, publish_task
from flowsite.kernel.access import SYSTEM, AccessDenied
from flowsite.kernel.models import AuditEntry
from tests.factories import AN_INSTANT, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FLOW: dict[str, Any] = {"mode": "serial", "target": {"all": True}}


def flow(name: str, script: str = "log('x')\n", **keys: Any) -> FlowDraft:
    return FlowDraft(name, {**FLOW, **keys}, execution_script=script)


def problems_of(*flows: FlowDraft) -> list[str]:
    with pytest.raises(NotPublishable) as caught:
        publish(flows=flows, by=SYSTEM)
    return [str(problem) for problem in caught.value.problems]


def test_publishing_makes_a_version_only_when_something_changed() -> None:
    task = {"class": "command", "command": "true"}
    changes = [publish_task(name="A", definition=definition, by=SYSTEM).change
               for definition in (task, task, {**task, "retries": 1}, {**task, "retries": 1}, task)]  # fmt: skip
    assert changes == [Change.CREATED, Change.UNCHANGED, Change.UPDATED, Change.UNCHANGED, Change.UPDATED]
    assert list(TaskVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert AuditEntry.objects.filter(kind="task", action="published").count() == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"definition": {**FLOW, "concurrency": 2}},
        {"execution_script": "log('y')\n"},
        {"processing_script": "elements\n"},
    ],
)
def test_a_change_of_any_part_of_a_flow_is_a_new_version(changed: dict[str, Any]) -> None:
    first: dict[str, Any] = {"name": "F1", "definition": FLOW, "execution_script": "log('x')\n", "by": SYSTEM}
    assert publish_flow(**first).change is Change.CREATED
    assert publish_flow(**first).change is Change.UNCHANGED
    published = publish_flow(**{**first, **changed})
    assert (published.change, published.version.number) == (Change.UPDATED, 2)


def test_publishing_an_archived_flow_brings_it_back() -> None:
    publish(flows=[flow("F1")], by=SYSTEM)
    Flow.objects.update(archived=True)
    assert publish(flows=[flow("F1")], by=SYSTEM)[0].change is Change.UPDATED
    assert not Flow.objects.get().archived


def test_drafts_may_refer_to_each_other_in_any_order() -> None:
    drafts = [
        flow("Parent", "run_flow('Child', n=1)\n"),
        flow("Child", "run_task('A')\n", inputs=[{"name": "n", "type": "integer"}]),
    ]
    answers = publish(tasks=[TaskDraft("A", {"command": "true"})], flows=drafts, by=SYSTEM)
    assert [answer.version.name for answer in answers] == ["A", "Parent", "Child"]


def test_every_problem_is_told_with_its_place_and_nothing_is_published() -> None:
    """R16."""
    bad = FlowDraft(
        "F1",
        {"mode": "sideways", "target": {"filters": ["a = 1"]}, "error_threshold": "200%", "batches": [0], "colour": 1},
        processing_script="run_task('A')\n",
        execution_script="log('x')\nrun_task('Missing')\n",
    )
    with pytest.raises(NotPublishable) as caught:
        publish(tasks=[TaskDraft("A", {"command": "{{ nope"})], flows=[flow("Good"), bad], by=SYSTEM)
    found = {(problem.name, problem.part, problem.line) for problem in caught.value.problems}
    assert found == {
        ("A", "command", 1),
        ("F1", "batches.0", 0),
        ("F1", "mode", 0),
        ("F1", "error_threshold", 0),
        ("F1", "target.filters.0", 0),
        ("F1", "colour", 0),
        ("F1", "processing_script", 1),
        ("F1", "execution_script", 2),
    }
    assert "flow 'F1': execution_script:2:" in caught.value.message
    assert not Task.objects.exists()
    assert not Flow.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"mode": None}, "mode: is missing, expected one of serial, parallel"),
        ({"concurrency": 0}, "concurrency: is 0, expected a whole number from 1"),
        ({"error_threshold": -1}, "error_threshold: is -1, expected null, a whole number, or a percentage"),
        ({"error_threshold": "ten%"}, "error_threshold: is 'ten%'"),
        ({"error_threshold": True}, "error_threshold: is True"),
        ({"on_empty": "cry"}, "on_empty: is 'cry', expected one of fail, succeed"),
        ({"target": {"all": True, "profile": "p"}}, "target.all: selects every enabled element, expected no profile"),
        ({"target": {"groups": []}}, "target: selects nothing"),
        ({"target": {"groups": "prod"}}, "target.groups: is 'prod', expected a list of names"),
        ({"target": {"who": 1}}, "target.who: is no known key"),
        ({"refresh": ["Read rloe"]}, "refresh.0: there is no task 'Read rloe'; did you mean 'Read role'?"),
        ({"refresh": "Read role"}, "refresh: is 'Read role', expected a list of names"),
        ({"refresh": ["Read role", "Read role"]}, "refresh.1: is 'Read role', expected each name once"),
        ({"lock": "shared"}, "lock: is not available in this release"),
        ({"batches": [1]}, "batches: is given for a serial flow, expected none: it takes elements one after the other"),
        ({"soak": 5}, "soak: is given for a serial flow, expected none: it passes between batches"),
        ({"mode": "parallel", "soak": -1}, "soak: is -1, expected a number of seconds of at least 0"),
        ({"mode": "parallel", "batches": 5}, "batches: is 5, expected a list such as [1, 5, '20%']"),
        ({"mode": "parallel", "batches": [1, 0]}, "batches.1: is 0, expected a whole number from 1, or a percentage"),
        ({"mode": "parallel", "batches": ["0%"]}, "batches.0: is '0%', expected a whole number from 1, or a percent"),
        ({"mode": "parallel", "batches": ["101%"]}, "batches.0: is '101%'"),
        ({"mode": "parallel", "batches": [True]}, "batches.0: is True"),
        ({"mode": "parallel", "batches": [1.5]}, "batches.0: is 1.5"),
    ],
)
def test_each_wrong_key_of_a_flow_is_told(keys: dict[str, Any], message: str) -> None:
    """R3, R21, R30."""
    publish_task(name="Read role", definition={"command": "true"}, by=SYSTEM)
    found = problems_of(flow("F1", **keys))
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    "keys",
    [
        {"target": None}, {"error_threshold": 0}, {"error_threshold": "100%"}, {"error_threshold": None},
        {"batches": [], "soak": 0, "refresh": [], "lock": "exclusive", "start_within": None, "workers": {}},
        {"on_empty": "succeed", "concurrency": 10},
        {"mode": "parallel", "batches": [1, 5, "20%", "100%"], "soak": 0.5}, {"mode": "parallel", "soak": 60},
        {"target": {"profile": "p", "groups": ["g"], "filters": ["a exists"]}},
    ],
)  # fmt: skip
def test_the_keys_of_this_release_are_accepted_and_later_ones_when_they_say_off(keys: dict[str, Any]) -> None:
    assert publish(flows=[flow("F1", **keys)], by=SYSTEM)[0].change is Change.CREATED


def test_a_cycle_of_child_flows_is_refused_by_name() -> None:
    """R16, R25."""
    assert "F1 -> F1" in problems_of(flow("F1", "run_flow('F1')\n"))[0]
    publish(flows=[flow("C")], by=SYSTEM)
    publish(flows=[flow("B", "run_flow('C')\n"), flow("A", "run_flow('B')\n")], by=SYSTEM)
    (problem,) = problems_of(flow("C", "run_flow('A')\n"))
    assert problem.startswith(
        "flow 'C': execution_script:1:10: the flows call each other in a circle: C -> A -> B -> C. Take this call out"
    )


def test_child_flows_sixteen_levels_deep_are_accepted_and_seventeen_are_refused() -> None:
    """R25."""
    chain = [flow("L0"), *(flow(f"L{level}", f"run_flow('L{level - 1}')\n") for level in range(1, 17))]
    publish(flows=chain, by=SYSTEM)
    assert (
        "'L17' calls child flows 17 levels deep, expected at most 16"
        in problems_of(flow("L17", "run_flow('L16')\n"))[0]
    )
    publish(flows=[flow("End")], by=SYSTEM)
    assert "'L16' calls child flows 17 levels deep" in problems_of(flow("L0", "run_flow('End')\n"))[0]


def test_versions_as_of_an_instant_are_those_that_were_newest_then() -> None:
    """R25: a run is pinned to what was current when its root started."""
    for minutes, script in enumerate(("log('1')\n", "log('2')\n", "log('3')\n")):
        publish(flows=[flow("F1", script)], by=SYSTEM, at=AN_INSTANT + timedelta(minutes=minutes))
    publish(flows=[flow("F2")], by=SYSTEM, at=AN_INSTANT + timedelta(minutes=9))
    numbers = {
        minutes: dict(
            FlowVersion.objects.newest(as_of=AN_INSTANT + timedelta(minutes=minutes)).values_list("name", "number")
        )
        for minutes in (-1, 0, 1, 9)
    }
    assert numbers == {-1: {}, 0: {"F1": 1}, 1: {"F1": 2}, 9: {"F1": 3, "F2": 1}}
    assert dict(FlowVersion.objects.newest().values_list("name", "number")) == {"F1": 3, "F2": 1}


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_publishing_needs_the_role_author(role: str) -> None:
    with pytest.raises(AccessDenied, match="needs the role author"):
        publish(flows=[flow("F1")], by=make_user(role))
    publish(flows=[flow("F1")], by=make_user("author"))
