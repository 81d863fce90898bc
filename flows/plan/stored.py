"""A plan as a few bytes, to be kept with its run: 200,000 waves of one element take some 2 MB."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from flows.engine.status import Mode
from flows.plan.wave import Plan, PlanWave, StopsAt

_LEVEL = 3


def packed(plan: Plan) -> bytes:
    """The plan without its hash, compressed; one JSON value a line."""
    press = zlib.compressobj(_LEVEL)
    parts = [press.compress(f"{json.dumps(line)}\n".encode()) for line in _lines(plan)]
    return b"".join([*parts, press.flush()])


def unpacked(content: bytes) -> Plan:
    """The plan that was packed."""
    head, *rows = [json.loads(line) for line in zlib.decompress(content).splitlines()]
    stop = head["stops_at"]
    elements = tuple(head["elements"])
    return Plan(
        flow=head["flow"],
        version=head["version"],
        mode=Mode(head["mode"]),
        concurrency=head["concurrency"],
        elements=elements,
        waves=tuple(_wave(n, row, elements) for n, row in enumerate(rows, start=1)),
        notes=tuple(head["notes"]),
        stops_at=None
        if stop is None
        else StopsAt(tuple(stop["path"]), stop["line"], stop["site"], stop["reason"], tuple(stop["may_run"])),
    )


def _lines(plan: Plan) -> Iterator[Any]:
    yield {
        "flow": plan.flow,
        "version": plan.version,
        "mode": str(plan.mode),
        "concurrency": plan.concurrency,
        "elements": plan.elements,
        "notes": plan.notes,
        "stops_at": None if plan.stops_at is None else plan.stops_at.to_json(),
    }
    places = {name: place for place, name in enumerate(plan.elements)}
    for wave in plan.waves:
        # All of the run's elements are 0; those of the run are told by their places, others by their names.
        members: Any = 0 if wave.elements == plan.elements else [places.get(name, name) for name in wave.elements]
        yield [
            wave.path, wave.site, wave.turn, wave.step, wave.name, wave.line, members, wave.batch, wave.target,
            wave.names and [wave.names[name] for name in wave.elements],
            wave.targets and [wave.targets[name] for name in wave.elements],
        ]  # fmt: skip


def _wave(n: int, row: list[Any], all_elements: tuple[str, ...]) -> PlanWave:
    path, site, turn, step, name, line, members, batch, target, names, targets = row
    elements = (
        all_elements
        if members == 0
        else tuple(all_elements[member] if isinstance(member, int) else member for member in members)
    )
    return PlanWave(
        n=n,
        depth=len(path) - 1,
        path=tuple(path),
        site=site,
        turn=turn,
        step=step,
        name=name,
        line=line,
        elements=elements,
        batch=batch,
        target=target,
        names=names and dict(zip(elements, names, strict=True)),
        targets=targets and dict(zip(elements, targets, strict=True)),
    )
