"""Child flows: which callers share one, what it starts with, and what each caller gets from it (R22-R25)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flows.engine.commands import PrepareRun
from flows.engine.core import MAX_DEPTH, Core
from flows.engine.definitions import Definitions
from flows.engine.events import Outcome, RunFinished
from flows.engine.instances import Instance
from flows.engine.outcomes import finish_step, finish_stopped_step, record_outcome
from flows.engine.status import COUNTS_AS_FAILED, FAILS_CALLER, ElementState, RunState, StepStatus
from flows.engine.tree import ChildGroup, RunNode, Stopping


def group_callers(definitions: Definitions, node: RunNode, callers: Iterable[Instance]) -> list[ChildGroup]:
    """One group for each flow and equal inputs, in the order of the first callers (R23)."""
    groups: dict[tuple[str, str], list[Instance]] = {}
    for caller in callers:
        groups.setdefault(_merge_key(definitions, caller), []).append(caller)
    return [_group(definitions, node, members) for members in groups.values()]


def _group(definitions: Definitions, node: RunNode, members: list[Instance]) -> ChildGroup:
    call = members[0].waiting_call
    group = ChildGroup(
        flow=call.name or "",
        inputs=_inputs(definitions, members[0]),
        callers=tuple((caller, caller.waiting_call.elements) for caller in members),
        site=node.site(call.site),
    )
    for caller in members:
        caller.group = group
    return group


def _merge_key(definitions: Definitions, caller: Instance) -> tuple[str, str]:
    name = caller.waiting_call.name or ""
    return name, json.dumps(_inputs(definitions, caller), sort_keys=True, default=str)


def _inputs(definitions: Definitions, caller: Instance) -> Mapping[str, Any]:
    call = caller.waiting_call
    flow = definitions.flows.get(call.name or "")
    return {**(flow.input_defaults if flow else {}), **call.inputs}


def refusal(definitions: Definitions, node: RunNode, group: ChildGroup) -> str:
    """Why this child cannot be, or nothing."""
    if group.flow not in definitions.flows:
        return f"there is no flow named {group.flow!r}"
    if len(node.path) > MAX_DEPTH:
        return f"child flows are nested deeper than {MAX_DEPTH}: {' > '.join(node.path)} > {group.flow}"
    return ""


def preparation(node: RunNode, group: ChildGroup) -> PrepareRun:
    """What the child starts with."""
    return PrepareRun(
        flow=group.flow,
        inputs=group.inputs,
        path=(*node.path, group.flow),
        parent=node.number,
        site=group.site.number,
        turn=group.first.key.turn,
        callers=tuple((caller.element, passed) for caller, passed in group.callers),
    )


def finish_run(core: Core, node: RunNode) -> None:
    """Every element has its state: the run has ended, and so have the steps of its callers (R24, R32)."""
    node.state, node.reason = _final_state(node)
    core.open.remove(node)
    core.record(RunFinished(node.number, node.state, node.reason))
    if node.parent is None:
        core.state = node.state
        return
    parent = core.runs[node.parent]
    group = next(group for group in parent.groups if group.child == node.number)
    parent.groups.remove(group)
    for caller, passed in group.callers:
        finish_call(core, parent, caller, caller_outcome(node, group, caller, passed))


def finish_call(core: Core, parent: RunNode, caller: Instance, outcome: Outcome) -> None:
    """A caller's step is over: record it, and let the caller go on."""
    record_outcome(core, caller, outcome)
    if outcome.status is StepStatus.CANCELLED and caller.stop_pending:
        finish_stopped_step(core, parent, caller)
    else:
        finish_step(core, parent, caller, outcome)


def _final_state(node: RunNode) -> tuple[RunState, str]:
    failed = f"{node.failed} of {node.size} elements failed"
    if node.stopping is Stopping.CANCEL:
        return RunState.CANCELLED, node.stop_reason
    if node.stopping is not None:
        return RunState.FAILED, node.stop_reason
    if node.failed:
        return RunState.PARTIAL, failed
    return RunState.SUCCEEDED, "" if node.elements else "nothing to do"


def caller_outcome(child: RunNode, group: ChildGroup, caller: Instance, passed: tuple[str, ...] | None) -> Outcome:
    """What a child flow is for one caller: it fails if an element of the list that it passed did not succeed (R24)."""
    names = (caller.element,) if passed is None else passed
    unknown = [name for name in names if name in group.unknown]
    if unknown:
        return Outcome(StepStatus.FAILED, f"no enabled element is named {', '.join(unknown)}")
    states = {name: _state_in(child, name) for name in names}
    bad = [name for name, state in states.items() if state in FAILS_CALLER]
    result = {
        "run": child.number,
        "elements": {name: str(state) for name, state in states.items()},
        "failed": bad,
        "messages": _messages(child, names),
    }
    if not bad:
        return Outcome(StepStatus.SUCCEEDED, result=result)
    status = StepStatus.CANCELLED if child.stopping is Stopping.CANCEL else StepStatus.FAILED
    return Outcome(status, _why_failed(child, bad), result=result)


def _state_in(child: RunNode, name: str) -> ElementState:
    """An element that the child never had was removed by its processing script, or that script has failed."""
    instance = child.instances.get(name)
    if instance is not None and instance.decided is not None:
        return instance.decided
    return ElementState.SKIPPED if name in child.skipped else ElementState.NOT_STARTED


def _messages(child: RunNode, names: Iterable[str]) -> dict[str, str]:
    """What the scripts of these elements said by ``finish`` or ``fail`` (R12)."""
    instances = ((name, child.instances.get(name)) for name in names)
    return {name: instance.said for name, instance in instances if instance is not None and instance.said}


def _why_failed(child: RunNode, bad: list[str]) -> str:
    """Which elements failed and why; if none of these did, why the child stopped before they were done."""
    worst = [name for name in bad if _state_in(child, name) in COUNTS_AS_FAILED]
    told = [f"{name}: {child.instances[name].message}" for name in worst[:3]] or [child.reason]
    others = len(bad) - len(worst[:3])
    more = f" and {others} more" if worst and others else ""
    return f"{child.spec.name} {child.state}: " + "; ".join(told) + more
