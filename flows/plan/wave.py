"""A plan: its waves, where it stops and why, and its hash (R40); ``plan --json`` tells it in these words."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from flows.engine.status import Mode


class PlanWave(NamedTuple):
    """One wave; ``n`` and ``site`` count from 1, ``turn`` is the largest of the wave. A Serial plan has one for each
    element and step: hence a named tuple.

    ``name`` is None where it differs between the elements, with ``names`` that map each element to its own, and for a
    message that holds something unknown; ``target`` likewise, None on the element itself.
    """

    n: int
    depth: int
    path: tuple[str, ...]
    site: int
    turn: int
    step: str
    name: str | None
    line: int
    elements: tuple[str, ...]
    batch: int = 1
    target: str | None = None
    names: Mapping[str, str | None] | None = None
    targets: Mapping[str, str | None] | None = None

    def to_json(self) -> dict[str, Any]:
        """The public form; ``names`` and ``targets`` only where they say something."""
        told: dict[str, Any] = {
            "n": self.n,
            "depth": self.depth,
            "path": list(self.path),
            "site": self.site,
            "turn": self.turn,
            "step": self.step,
            "name": self.name,
            "line": self.line,
            "batch": self.batch,
            "elements": list(self.elements),
            "target": self.target,
        }
        if self.names is not None:
            told["names"] = dict(self.names)
        if self.targets is not None:
            told["targets"] = dict(self.targets)
        return told


@dataclass(frozen=True, slots=True)
class StopsAt:
    """Where nobody can know further. ``site`` is the step whose result is used, in the flow that ends ``path``; None
    where it is the run itself. ``may_run`` are the sites of that flow that may still run, ascending."""

    path: tuple[str, ...]
    line: int
    site: int | None
    reason: str
    may_run: tuple[int, ...]

    @property
    def told(self) -> str:
        """Where and why in one line, for people."""
        return told_stop(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "path": list(self.path),
            "line": self.line,
            "site": self.site,
            "reason": self.reason,
            "may_run": list(self.may_run),
        }


def told_stop(stop: Mapping[str, Any]) -> str:
    """``F > G, line 2 uses ...``: the public form of where a plan stops, as one line that names the line once."""
    path, reason = " > ".join(stop["path"]), stop["reason"]
    line = f"line {stop['line']}"
    return f"{path}, {reason}" if reason.startswith(f"{line} ") else f"{path}, {line}: {reason}"


@dataclass(frozen=True)
class Plan:
    """What runs, in order, if nothing fails, as far as anybody can know. ``notes`` say in words where it simplifies."""

    flow: str
    version: int | None
    mode: Mode
    concurrency: int
    elements: tuple[str, ...]
    waves: tuple[PlanWave, ...]
    notes: tuple[str, ...] = ()
    stops_at: StopsAt | None = None

    @property
    def complete(self) -> bool:
        """True when this is exactly what runs if nothing fails."""
        return self.stops_at is None

    @cached_property
    def hash(self) -> str:
        """Equal for equal plans: of version, elements, waves and where it stops. Notes do not count."""
        stop = None if self.stops_at is None else self.stops_at.to_json()
        head = (self.flow, self.version, str(self.mode), self.concurrency, self.elements, stop)
        digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
        for part in _told(self.waves, self.elements):
            digest.update(part)
        return digest.hexdigest()

    def to_json(self, first: int | None = None) -> dict[str, Any]:
        """The form of ``plan --json``; with ``first`` only so many waves, and how many there are."""
        shown = self.waves if first is None else self.waves[:first]
        return {
            "flow": self.flow,
            "version": self.version,
            "mode": str(self.mode),
            "concurrency": self.concurrency,
            "elements": list(self.elements),
            "complete": self.complete,
            "stops_at": None if self.stops_at is None else self.stops_at.to_json(),
            "hash": self.hash,
            **({"notes": list(self.notes)} if self.notes else {}),
            **({"waves_total": len(self.waves)} if first is not None else {}),
            "waves": [wave.to_json() for wave in shown],
        }


def _told(waves: Iterable[PlanWave], elements: tuple[str, ...]) -> Iterable[bytes]:
    """Each wave as bytes; lists of names that come again are told once."""
    digests: dict[tuple[str, ...], str] = {elements: "all"}
    heads: dict[tuple[Any, ...], str] = {}
    for wave in waves:
        if wave.elements not in digests:
            digests[wave.elements] = hashlib.sha256("\0".join(wave.elements).encode()).hexdigest()
        more = (wave.names, wave.targets)
        told = "" if more == (None, None) else json.dumps(more, sort_keys=True)
        head = (wave.path, wave.site, wave.turn, wave.step, wave.name, wave.line, wave.batch, wave.target)
        if head not in heads:
            heads[head] = repr(head)
        yield f"{heads[head]}{digests[wave.elements]}{told}\n".encode()
