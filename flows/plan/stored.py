"""A plan as a few bytes, to be kept with its run: 200,000 waves of one element take some 2 MB."""

import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flows.engine.status import Mode
from flows.plan.wave import Plan, PlanWave, StopsAt

_LEVEL = 3
_AT_ONCE = 1000


def packed(plan: Plan) -> bytes:
    """The plan without its hash, compressed; one JSON value a line."""
    press = zlib.compressobj(_LEVEL)
    lines, parts = iter(_lines(plan)), []
    while some := "\n".join(islice(lines, _AT_ONCE)):
        parts.append(press.compress(f"{some}\n".encode()))
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


def _lines(plan: Plan) -> Iterator[str]:
    """Each line as JSON; what waves have in common is written once: there are few steps and many elements."""
    yield json.dumps(_head(plan))
    places = {name: place for place, name in enumerate(plan.elements)}
    known: dict[tuple[Any, ...], tuple[str, str]] = {}
    for wave in plan.waves:
        # All of the run's elements are 0; those of the run are told by their places, others by their names.
        members: Any = 0 if wave.elements == plan.elements else [places.get(name, name) for name in wave.elements]
        head, tail = (wave.path, wave.site, wave.turn, wave.step, wave.name, wave.line), (wave.batch, wave.target)
        if (head, tail) not in known:
            known[head, tail] = json.dumps(head)[:-1], json.dumps(tail)[1:-1]
        before, after = known[head, tail]
        names, targets = _by_element(wave.names, wave), _by_element(wave.targets, wave)
        yield f"{before}, {json.dumps(members)}, {after}, {names}, {targets}]"


def _by_element(values: Mapping[str, str | None] | None, wave: PlanWave) -> str:
    return "null" if values is None else json.dumps([values[name] for name in wave.elements])


def _head(plan: Plan) -> dict[str, Any]:
    return {
        "flow": plan.flow,
        "version": plan.version,
        "mode": str(plan.mode),
        "concurrency": plan.concurrency,
        "elements": plan.elements,
        "notes": plan.notes,
        "stops_at": None if plan.stops_at is None else plan.stops_at.to_json(),
    }


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
