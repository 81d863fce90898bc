"""The keys of a flow beside its name and scripts: what each may hold, and their normal form (4.3)."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from elements.selection import FilterProblem, parse_filter
from flows.keys.fields import Fields
from flows.keys.inputs import plain_inputs
from flows.tasks.reading import SpecProblem

MAX_CONCURRENCY = 10_000
MAX_BATCH = 1_000_000
DEFAULT_CONCURRENCY = MappingProxyType({"serial": 1, "parallel": 50})

#: Keys that later releases carry out, with the values that mean "off".
LATER_KEYS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "workers": (),
        "lock": ("exclusive",),
        "start_within": (),
        "approvers": ({"role": "operator", "count": 1, "self": False},),
        "notify": (),
    }
)


def read_flow_keys(fields: Fields) -> dict[str, Any]:
    """The definition with defaults filled in and keys that are off left out; ``fields`` has what is wrong."""
    reader = fields.reader
    mode = reader.choice("mode", tuple(DEFAULT_CONCURRENCY), default="")
    if fields.data.get("mode") is None:
        fields.note("mode", "is missing, expected one of " + ", ".join(DEFAULT_CONCURRENCY))
    inputs = plain_inputs(fields, "run_flow")
    values = {
        "mode": mode,
        "target": fields.nested("target", _target),
        "concurrency": reader.integer(
            "concurrency", default=DEFAULT_CONCURRENCY.get(mode, 1), least=1, most=MAX_CONCURRENCY
        ),
        "error_threshold": _threshold(fields),
        "on_empty": reader.choice("on_empty", ("fail", "succeed"), default="fail"),
        "inputs": inputs,
        **_rollout(fields, mode),
        **_refresh(fields),
    }
    for key, off in LATER_KEYS.items():
        fields.later(key, *off)
    return values


def flow_key_problems(definition: Mapping[str, Any]) -> list[SpecProblem]:
    """Every wrong key of a definition that holds nothing else, filters that cannot be read among them."""
    fields = Fields.of(definition)
    target = read_flow_keys(fields)["target"]
    fields.reader.finish()
    return fields.problems + [SpecProblem(key, message) for key, message in filter_problems(target)]


def refresh_problems(definition: Mapping[str, Any], tasks: Collection[str]) -> Iterator[tuple[str, str]]:
    """The key of each name in ``refresh`` that no task has, and what is wrong with it (R3)."""
    names = definition.get("refresh")
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in tasks:
            near = get_close_matches(name, tasks, n=1)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            yield f"refresh.{index}", f"there is no task '{name}'{meant}"


def filter_problems(target: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The key of each filter that cannot be read, and why."""
    for index, text in enumerate((target or {}).get("filters", ())):
        try:
            parse_filter(text)
        except FilterProblem as error:
            yield f"target.filters.{index}", str(error)


def _target(fields: Fields) -> dict[str, Any]:
    everything = fields.reader.flag("all")
    profile = fields.reader.text("profile") or None
    groups, filters = sorted(fields.names("groups")), fields.names("filters")
    if everything:
        if profile or groups or filters:
            fields.note("target.all", "selects every enabled element, expected no profile, groups or filters beside it")
        return {"all": True}
    is_understood = not fields.problems and fields.data.keys() <= {"all", "profile", "groups", "filters"}
    if is_understood and not (profile or groups or filters):
        fields.note("target", "selects nothing: choose a profile, groups or filters, or the whole fleet (all: true)")
    return {"profile": profile, "groups": groups, "filters": filters}


def _rollout(fields: Fields, mode: str) -> dict[str, Any]:
    """``batches`` and ``soak`` (R21), left out where they are off."""
    batches = _batches(fields)
    soak = fields.reader.number("soak", default=0.0, least=0)
    given = {"batches": batches, "soak": int(soak) if soak.is_integer() else soak}
    values = {key: value for key, value in given.items() if value}
    if mode == "serial":
        for key in values:
            fields.note(key, f"is given for a serial flow, expected none: {_SERIAL[key]}")
    return values


#: What a Serial flow has instead.
_SERIAL: Mapping[str, str] = MappingProxyType(
    {
        "batches": "it takes elements one after the other by itself; leave it out, or write mode: parallel",
        "soak": "it passes between batches; leave it out, or put sleep(seconds) at the end of the script",
    }
)


def _batches(fields: Fields) -> list[int | str]:
    value = fields.reader.take("batches")
    if value is None:
        return []
    if not isinstance(value, list):
        fields.reader.problem("batches", value, "a list such as [1, 5, '20%']")
        return []
    wrong = [index for index, size in enumerate(value) if not _is_batch(size)]
    for index in wrong:
        fields.reader.problem(
            f"batches.{index}", value[index], "a whole number from 1, or a percentage from 1% to 100%"
        )
    return [] if wrong else value


def _is_batch(size: Any) -> bool:
    if isinstance(size, int) and not isinstance(size, bool):
        return 1 <= size <= MAX_BATCH
    return isinstance(size, str) and _PERCENTAGE.fullmatch(size) is not None and int(size[:-1]) > 0


def _refresh(fields: Fields) -> dict[str, Any]:
    """The tasks that make facts fresh before the run (R3), left out where there are none."""
    names = fields.names("refresh")
    return {"refresh": names} if names else {}


def _threshold(fields: Fields) -> int | str | None:
    """R30: None, a number of elements, or a percentage such as '10%'."""
    value = fields.reader.take("error_threshold")
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if value is None or is_number or (isinstance(value, str) and _PERCENTAGE.fullmatch(value)):
        return value  # type: ignore[no-any-return]
    fields.reader.problem("error_threshold", value, "null, a whole number, or a percentage such as '10%'")
    return None


_PERCENTAGE = re.compile(r"(100|[0-9]{1,2})%")
