"""A world whose one flow is a generator script: for steps whose values matter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.engine.commands import Call
from flows.engine.definitions import FlowSpec, SiteSpec, TaskPolicy
from flows.engine.status import Mode
from tests.engine.programs import Library
from tests.fakes import Deed, DeedName, GeneratorHost, Script
from tests.runner.world import World


@dataclass
class ScriptedWorld(World):
    """``script`` is that of the root flow."""

    script: Script | None = None

    def host(self) -> GeneratorHost:
        """A script host of its own for each worker."""
        assert self.script is not None
        return GeneratorHost({self.root_flow: self.script}, self.processing, self.trace)


def scripted(
    script: Script,
    *steps: str,
    mode: str = "parallel",
    elements: Sequence[str] = ("E1", "E2"),
    deeds: Mapping[DeedName, Deed] | None = None,
    tasks: Iterable[TaskPolicy] = (),
    **rules: Any,
) -> ScriptedWorld:
    """The flow F1 with these steps as its sites, in their order; none of them stands in a loop or a ``try``."""
    sites = tuple(SiteSpec(number, step, number) for number, step in enumerate(steps, start=1))
    spec = FlowSpec("F1", 1, Mode(mode), sites, **{"concurrency": 1 if mode == "serial" else 50, **rules})
    library = Library((spec, ()), tasks=list(tasks))
    return ScriptedWorld(library, elements, deeds or {}, script=script)


def approve(site: int, message: str = "Go on?", timeout: float = 86_400.0, *, check: bool = True) -> Call:
    """As the sandbox asks for it."""
    return Call("approve", site, message, check=check, timeout=timeout)
