"""From ``PrepareRun`` to ``RunStarted``: select the elements, let the processing script order them (R3-R7, R22)."""

from collections.abc import Sequence

from flows.engine.commands import PrepareRun
from flows.engine.definitions import Definitions
from flows.engine.events import RunStarted
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, Inventory, ScriptHost, ScriptProblem, TargetProblem


async def prepare(
    command: PrepareRun, number: int, definitions: Definitions, inventory: Inventory, scripts: ScriptHost
) -> tuple[RunStarted, Sequence[ElementDict]]:
    """The event that answers the command, and its elements' dicts in execution order.

    What the author or the target did wrong becomes the event's ``problem``; only our own bugs are raised.
    """
    chosen: Sequence[ElementDict] = ()
    ordered: Sequence[ElementDict] = ()
    unknown: Sequence[str] = ()
    problem = ""
    try:
        chosen, unknown = await inventory.select(command)
        if chosen:
            ordered = _kept(chosen, await scripts.process(command.flow, chosen, command.inputs))
    except (ScriptProblem, TargetProblem) as error:
        chosen, ordered, problem = (), (), str(error)
    spec = definitions.flows[command.flow]
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
    )
    return started, ordered


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
