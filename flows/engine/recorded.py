"""A replay compares what the journal recorded with what the scripts ask for now (R37)."""

from flows.engine.core import Core
from flows.engine.events import StepFinished, StepStarted
from flows.engine.instances import Instance, Phase
from flows.engine.tree import RunNode


class RecordedOtherwise(Exception):
    """A replayed script asked for something else than what the journal recorded (R37)."""

    def __init__(self, recorded: str, line: int, asked: str) -> None:
        super().__init__(f"recorded {recorded} at line {line}, script asked for {asked}")
        self.recorded, self.line, self.asked = recorded, line, asked


def located(core: Core, event: StepStarted | StepFinished) -> tuple[RunNode, Instance]:
    """The run and the instance of the recorded step; its script must have asked for this very attempt.

    Raises ``RecordedOtherwise``, also when the attempt can neither start nor end as things are.
    """
    try:
        node, instance = core.locate(event.key)
    except (KeyError, IndexError) as error:
        raise RecordedOtherwise(_told(event), event.line, "nothing in such a run") from error
    call = instance.call
    fits = call is not None and call.step == event.step and call.name == event.name and instance.key == event.key
    if not fits or instance.phase not in _POSSIBLE[type(event)]:
        raise RecordedOtherwise(_told(event), event.line, _asked(node, instance))
    return node, instance


_POSSIBLE: dict[type, tuple[Phase, ...]] = {
    StepStarted: (Phase.WAITING, Phase.RETRYING),
    StepFinished: (Phase.STEPPING,),
}


def _told(event: StepStarted | StepFinished) -> str:
    step, name, element = event.step, event.name, event.key.element
    return f"{step} {name!r} on {element}" if name else f"{step} on {element}"


def _asked(node: RunNode, instance: Instance) -> str:
    if instance.call is None or instance.phase is Phase.ENDED:
        return "nothing more" if instance.phase is Phase.ENDED else "nothing yet"
    name, line = instance.call.name, node.site(instance.call.site).line
    return f"{instance.call.step} {name!r} at line {line}" if name else f"{instance.call.step} at line {line}"
