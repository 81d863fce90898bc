"""The keys of a flow beside its name and scripts: what each may hold, and their normal form (4.3)."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from elements.selection import FilterProblem, parse_filter
from flows.keys.fields import Fields
from flows.keys.inputs import plain_inputs
from flows.tasks.reading import SpecProblem

MAX_CONCURRENCY = 10_000
DEFAULT_CONCURRENCY = MappingProxyType({"serial": 1, "parallel": 50})

#: Keys that later releases carry out, with the values that mean "off".
LATER_KEYS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "batches": (),
        "soak": (0,),
        "workers": (),
        "refresh": (),
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
        fields.note("target", "selects nothing, expected profile, groups, filters or {all: true}")
    return {"profile": profile, "groups": groups, "filters": filters}


def _threshold(fields: Fields) -> int | str | None:
    """R30: None, a number of elements, or a percentage such as '10%'."""
    value = fields.reader.take("error_threshold")
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if value is None or is_number or (isinstance(value, str) and _PERCENTAGE.fullmatch(value)):
        return value  # type: ignore[no-any-return]
    fields.reader.problem("error_threshold", value, "null, a whole number, or a percentage such as '10%'")
    return None


_PERCENTAGE = re.compile(r"(100|[0-9]{1,2})%")
