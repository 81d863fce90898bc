"""What the engine must know of flows and tasks: frozen when the root run starts (R25)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flows.engine.status import Mode

OnInterrupt = Literal["ask", "retry", "fail"]


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """One step site: the place in a script where a step is called (R15).

    ``loops`` are the first sites of the loops around it, outermost first (R19);
    ``caught`` says that a handler for ``StepFailed`` or ``Exception`` encloses it (R29);
    ``in_finally`` that it stands in a ``finally`` block; ``uses_result`` that the script reads what it returns.
    """

    number: int
    step: str
    line: int
    loops: tuple[int, ...] = ()
    caught: bool = False
    in_finally: bool = False
    uses_result: bool = True


#: Where the tasks of ``refresh`` stand, in no script (R3).
REFRESH_SITE = SiteSpec(0, "run_task", 0, uses_result=False)
#: How many elements a Serial flow refreshes at the same moment; a Parallel one as many as it works on.
REFRESH_CONCURRENCY = 50


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A flow version as the engine sees it, or with ``version`` None a flow that is none. ``sites[i].number == i + 1``.

    ``batches`` are sizes as written, numbers or percentages of the whole run, the last one repeating; none means one
    batch of all. ``soak`` seconds pass between two batches (R21). ``refresh`` names the tasks that run on the selected
    elements before the processing script, in this order (R3).
    """

    name: str
    version: int | None
    mode: Mode
    sites: tuple[SiteSpec, ...]
    concurrency: int = 1
    error_threshold: int | str | None = None
    on_empty: Literal["fail", "succeed"] = "fail"
    batches: tuple[int | str, ...] = ()
    soak: float = 0.0
    refresh: tuple[str, ...] = ()

    def site(self, number: int) -> SiteSpec:
        """The step site with this number; 0 is that of ``refresh``."""
        return self.sites[number - 1] if number else REFRESH_SITE

    input_defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskPolicy:
    """What a task says about failing and interruption (R28, R36). Times in seconds.

    ``retry_backoff`` multiplies the delay from attempt to attempt; ``retry_jitter`` is the share of the delay, 0 to 1,
    by which it may be longer or shorter.
    """

    name: str
    retries: int = 0
    retry_delay: float = 0.0
    on_interrupt: OnInterrupt = "ask"
    retry_backoff: float = 1.0
    retry_jitter: float = 0.0


@dataclass(frozen=True, slots=True)
class Definitions:
    """Every flow and task that a run can reach, by name, as they were at the root's start."""

    flows: Mapping[str, FlowSpec]
    tasks: Mapping[str, TaskPolicy]
