"""From ``PrepareRun`` to ``RunStarted``: select the elements, let the processing script order them (R3-R7, R22).

A run whose flow has ``refresh`` starts with what was selected; once its tasks have ended, ``OrderElements`` is answered
by ``ElementsOrdered``, from the contexts as they are then (R3).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.commands import OrderElements, PrepareRun
from flows.engine.definitions import Definitions
from flows.engine.events import ElementsOrdered, RunStarted
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, Inventory, ScriptHost, ScriptProblem, TargetProblem


async def prepare(
    command: PrepareRun,
    number: int,
    definitions: Definitions,
    inventory: Inventory,
    scripts: ScriptHost,
    seed: str = "",
) -> tuple[RunStarted, Sequence[ElementDict]]:
    """The event that answers the command, and its elements' dicts in execution order.

    What the author or the target did wrong becomes the event's ``problem``; only our own bugs are raised.
    """
    spec = definitions.flows[command.flow]
    refreshing = False
    chosen: Sequence[ElementDict] = ()
    ordered: Sequence[ElementDict] = ()
    unknown: Sequence[str] = ()
    problem = ""
    try:
        chosen, unknown = await inventory.select(command)
        refreshing = bool(spec.refresh and chosen)
        ordered = chosen
        if chosen and not refreshing:
            ordered = _kept(chosen, await scripts.process(command.flow, chosen, command.inputs))
    except (ScriptProblem, TargetProblem) as error:
        chosen, ordered, problem = (), (), str(error)
    started = RunStarted(
        run=number,
        flow=command.flow,
        version=spec.version,
        mode=spec.mode,
        elements=_names(ordered),
        skipped=_names(_without(chosen, ordered)),
        unknown=tuple(unknown),
        inputs=canonical(command.inputs),
        parent=command.parent,
        site=command.site,
        turn=command.turn,
        callers=tuple(caller for caller, _ in command.callers),
        path=command.path,
        problem=problem,
        sandbox=scripts.version,
        refreshing=refreshing,
        seed=seed,
    )
    return started, ordered


async def order(
    command: OrderElements,
    started: RunStarted,
    selected: Sequence[ElementDict],
    inventory: Inventory,
    scripts: ScriptHost,
) -> tuple[ElementsOrdered, Sequence[ElementDict]]:
    """The event that answers the command, and its elements' dicts, with fresh contexts, in execution order.

    An element that was disabled meanwhile keeps the context that it was selected with. With a ``problem`` of the author
    the elements stand in the order in which they were selected: none of them will start.
    """
    failed = frozenset(command.without)
    left = [element for element in selected if element["name"] not in failed]
    fresh = await inventory.contexts(_names(left))
    chosen: Sequence[ElementDict] = [_with_context(element, fresh) for element in left]
    ordered: Sequence[ElementDict] = ()
    problem = ""
    try:
        if chosen:
            ordered = _kept(chosen, await scripts.process(started.flow, chosen, started.inputs))
    except ScriptProblem as error:
        ordered, problem = chosen, str(error)
    event = ElementsOrdered(command.run, _names(ordered), _names(_without(chosen, ordered)), problem)
    return event, ordered


def _with_context(element: ElementDict, fresh: Mapping[str, Mapping[str, Any]]) -> ElementDict:
    context = fresh.get(element["name"])
    return element if context is None else {**element, "context": canonical(context)}


def _kept(chosen: Sequence[ElementDict], processed: Sequence[ElementDict]) -> Sequence[ElementDict]:
    """The chosen dicts in the processed order: nothing added, nothing twice, nothing changed (R1, R5)."""
    by_id = {element["id"]: element for element in chosen}
    order = dict.fromkeys(element.get("id") for element in processed)
    return [by_id[identity] for identity in order if identity in by_id]


def _without(chosen: Sequence[ElementDict], ordered: Sequence[ElementDict]) -> Sequence[ElementDict]:
    left = {element["id"] for element in ordered}
    return [element for element in chosen if element["id"] not in left]


def _names(elements: Sequence[ElementDict]) -> tuple[str, ...]:
    return tuple(element["name"] for element in elements)
