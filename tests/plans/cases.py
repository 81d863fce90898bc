"""How a case of a plan is written down, and the fleet over which all are planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: The root's target, and two elements outside of it; ``n`` counts them, E2 is the master.
CONTEXTS: Mapping[str, Mapping[str, Any]] = {
    "E1": {"n": 1, "role": "replica"},
    "E2": {"n": 2, "role": "master"},
    "E3": {"n": 3, "role": "replica"},
    "E4": {"n": 4, "role": "replica"},
    "S1": {"n": 8, "role": "signer"},
    "S2": {"n": 9, "role": "signer"},
}
#: The elements of most cases, as waves write them.
ALL = "E1 E2 E3"

Wave = tuple[Any, ...]
"""(path, site, turn, step, name, line, elements) and, where they say something, {batch, target, names, targets}.
The path is written ``Top/Child``, the elements ``E1 E2``; ``n`` is the place in the list."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow of a case. ``inputs`` are the defaults of those that it declares."""

    mode: str
    script: str
    processing: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)


def flow(
    mode: str, script: str, *, processing: str = "", inputs: Mapping[str, Any] | None = None, **rules: Any
) -> Flow:
    """A flow with its rules (concurrency, batches, error_threshold, ...)."""
    return Flow(mode, script.strip("\n"), processing, inputs or {}, rules)


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a plan must stop. ``site`` is None where the unknown is of the run itself."""

    line: int
    site: int | None
    may_run: Sequence[int]
    path: str = "Top"


@dataclass(frozen=True, slots=True)
class Case:
    """One flow ``Top`` over ``elements``, the flows that it calls, and what its plan must be."""

    says: str
    top: Flow
    children: Mapping[str, Flow] = field(default_factory=dict)
    elements: str = ALL
    inputs: Mapping[str, Any] = field(default_factory=dict)
    saving: Sequence[str] = ()
    waves: Sequence[Wave] | None = None
    ran: str | None = None
    stop: Stop | None = None

    def __str__(self) -> str:
        return self.says


def wave_json(n: int, wave: Wave) -> dict[str, Any]:
    """A wave as ``plan --json`` must tell it."""
    path, site, turn, step, name, line, elements, *more = wave
    told: dict[str, Any] = {"batch": 1, "target": None, **(more[0] if more else {})}
    names = path.split("/")
    return {
        "n": n,
        "depth": len(names) - 1,
        "path": names,
        "site": site,
        "turn": turn,
        "step": step,
        "name": name,
        "line": line,
        "elements": elements.split(),
        **told,
    }
