"""One scenario: flows, tasks, a fleet, what goes wrong in the world, and what happens to the workers."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from flows.engine.definitions import Definitions, FlowSpec, OnInterrupt, SiteSpec, TaskPolicy
from flows.engine.status import Mode
from tests.fakes import element_dict
from tests.simulation.program import Path, Program, Site, sites_of

# --- what is written down -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderBy:
    """``order_flow_elements`` by a key of the context."""

    key: str
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class KeepAbove:
    """``filter_flow_elements``: more than this under a key of the context."""

    key: str
    than: int


Processing = OrderBy | KeepAbove


def process(rule: Processing | None, elements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What the processing script leaves, in its order (R4)."""
    match rule:
        case OrderBy():
            return sorted(elements, key=lambda element: element["context"][rule.key], reverse=rule.reverse)
        case KeepAbove():
            return [element for element in elements if element["context"][rule.key] > rule.than]
        case None:
            return list(elements)


def processing_text(rule: Processing | None) -> str:
    """The same as a script."""
    match rule:
        case OrderBy():
            return f"order_flow_elements(elements, lambda e: e['context'][{rule.key!r}], reverse={rule.reverse})"
        case KeepAbove():
            return f"filter_flow_elements(elements, lambda e: e['context'][{rule.key!r}] > {rule.than})"
        case None:
            return ""


@dataclass(frozen=True)
class FlowRules:
    """A flow as its author wrote it."""

    name: str
    mode: Literal["serial", "parallel"]
    program: Program
    concurrency: int = 1
    threshold: int | str | None = None
    on_empty: Literal["fail", "succeed"] = "fail"
    batches: tuple[int | str, ...] = ()
    soak: float = 0.0
    refresh: tuple[str, ...] = ()
    processing: Processing | None = None

    @cached_property
    def sites(self) -> dict[Path, Site]:
        """Its step sites, by path."""
        return sites_of(self.program)

    @cached_property
    def by_number(self) -> dict[int, Site]:
        """Its step sites, by number."""
        return {site.number: site for site in self.sites.values()}

    def spec(self) -> FlowSpec:
        """As the engine wants it; a site's line is ten times its number."""
        sites = tuple(
            SiteSpec(site.number, site.step, site.number * 10, site.loops, site.caught, site.in_finally)
            for site in self.sites.values()
        )
        return FlowSpec(
            self.name, 1, Mode(self.mode), sites, self.concurrency, self.threshold, self.on_empty,
            batches=self.batches, soak=self.soak, refresh=self.refresh,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskRules:
    """A task as its author wrote it. ``saves``: its results are kept as settings."""

    name: str
    retries: int = 0
    delay: float = 0.0
    backoff: float = 1.0
    jitter: float = 0.0
    on_interrupt: OnInterrupt = "retry"
    saves: bool = False

    def policy(self) -> TaskPolicy:
        """As the engine wants it."""
        return TaskPolicy(self.name, self.retries, self.delay, self.on_interrupt, self.backoff, self.jitter)


# --- what happens ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trouble:
    """How often attempts fail, are unreachable, hang, or break the executor; how people answer. Shares of 1."""

    fail: float = 0.0
    unreachable: float = 0.0
    hang: float = 0.0
    breaks: float = 0.0
    even: bool = False
    refuse: float = 0.0
    silent: float = 0.0


ShiftKind = Literal["dies", "taken_over", "retires", "loses_lease", "journal_fails", "write_hangs", "scripts_lost"]


@dataclass(frozen=True, slots=True)
class Shift:
    """What befalls a worker after so many turns of the event loop (as a share of those of the calm run), and how many
    seconds pass until the next worker comes."""

    kind: ShiftKind
    after: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody signals at this time, in seconds since the start."""

    kind: Literal["pause", "resume", "cancel"]
    at: float


@dataclass(frozen=True, slots=True)
class Storm:
    """Everything that befalls workers and what people ask. ``slow_write``: the share of writes that take a moment."""

    shifts: tuple[Shift, ...] = ()
    asked: tuple[Asked, ...] = ()
    slow_write: float = 0.0


CALM = Storm()


@dataclass(frozen=True)
class Scenario:
    """All of it. ``contexts`` are the elements' static contexts; the root's flow is the first one."""

    seed: int
    contexts: Mapping[str, Mapping[str, int]]
    flows: tuple[FlowRules, ...]
    tasks: tuple[TaskRules, ...]
    trouble: Trouble = field(default_factory=Trouble)
    storm: Storm = CALM

    @cached_property
    def flow(self) -> Mapping[str, FlowRules]:
        """The flows by name."""
        return {flow.name: flow for flow in self.flows}

    @cached_property
    def task(self) -> Mapping[str, TaskRules]:
        """The tasks by name."""
        return {task.name: task for task in self.tasks}

    @cached_property
    def definitions(self) -> Definitions:
        """As the engine wants them."""
        return Definitions(
            {flow.name: flow.spec() for flow in self.flows}, {task.name: task.policy() for task in self.tasks}
        )

    def element(self, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The element as scripts see it now."""
        identity = list(self.contexts).index(name) + 1
        return element_dict(name, identity, **{**self.contexts[name], **settings})

    def chance(self, *about: object) -> random.Random:
        """Chance that depends on what it is about alone, not on when it is asked."""
        return random.Random(f"{self.seed}/{about}")
