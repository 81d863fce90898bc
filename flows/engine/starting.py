"""Runs come into the tree: what they start with, and what they have when their elements are put in order (R3, R7)."""

from flows.engine.core import Core
from flows.engine.events import ElementFinished, ElementsOrdered, RunStarted
from flows.engine.outcomes import stop_beyond_threshold
from flows.engine.refreshing import begin_refresh, failed_to_refresh
from flows.engine.status import ElementState
from flows.engine.threshold import DEFAULT_THRESHOLD
from flows.engine.tree import Refresh, RunNode, Stopping


def start_run(core: Core, started: RunStarted) -> None:
    """A run has its elements: put it into the tree. Raises ``ValueError`` for a number out of order."""
    if started.run != len(core.runs):
        raise ValueError(f"run {started.run} started out of order: {len(core.runs)} runs are known")
    node = _new_node(core, started)
    core.runs.append(node)
    core.open.append(node)
    if node.parent is None:
        core.seed = started.seed
    else:
        _attach(core.runs[node.parent], node, started)
    _skip(core, node, started.skipped)
    if not _hopeless(core, node, started.problem) and started.refreshing:
        begin_refresh(node)


def order_elements(core: Core, node: RunNode, ordered: ElementsOrdered) -> None:
    """The run has its elements, and their scripts may begin. Those whose refresh failed keep their state.

    Percentages are of both from now on, so that fewer failures may be allowed than before (R30).
    """
    results = {name: instance.steps for name, instance in node.instances.items()}
    node.instances = {name: node.instances[name] for name in failed_to_refresh(node)}
    node.order(ordered.elements)
    for name in ordered.elements:
        node.instances[name].steps = results.get(name, {})
    node.refresh = Refresh.NONE
    _skip(core, node, ordered.skipped)
    if not _hopeless(core, node, ordered.problem):
        stop_beyond_threshold(core, node, f"{node.failed} of {node.size} elements could not be refreshed")


def _new_node(core: Core, started: RunStarted) -> RunNode:
    spec = core.definitions.flows[started.flow]
    inherited = DEFAULT_THRESHOLD if started.parent is None else core.runs[started.parent].threshold
    return RunNode(
        number=started.run,
        spec=spec,
        elements=started.elements,
        inputs=started.inputs,
        path=started.path,
        threshold=inherited if spec.error_threshold is None else spec.error_threshold,
        parent=started.parent,
    )


def _attach(parent: RunNode, child: RunNode, started: RunStarted) -> None:
    first = started.callers[0]
    group = next(group for group in parent.groups if group.child is None and group.first.element == first)
    group.child, group.unknown = child.number, frozenset(started.unknown)


def _skip(core: Core, node: RunNode, skipped: tuple[str, ...]) -> None:
    """The processing script removed these; in a child their callers hear of it (R24)."""
    node.skipped = frozenset(skipped)
    if node.parent is not None:
        for name in skipped:
            core.record(ElementFinished(node.number, name, ElementState.SKIPPED))


def _hopeless(core: Core, node: RunNode, problem: str) -> bool:
    """End the run before its first step if there is a reason to."""
    reason = problem or _emptiness(node)
    if reason:
        node.stopping, node.stop_reason = Stopping.ABORT, reason
        core.drop_pending(node)
    return bool(reason)


def _emptiness(node: RunNode) -> str:
    """Why a root run without elements fails (R7); an empty child does nothing and succeeds (R22)."""
    if node.parent is not None or node.elements or node.spec.on_empty == "succeed":
        return ""
    if node.skipped:
        return f"the processing script left none of the {len(node.skipped)} selected elements"
    return "no enabled element matches the flow's target"
