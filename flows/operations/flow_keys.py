"""The keys of a flow's definition, beside its scripts: which there are and what each may hold (4.3)."""

from collections.abc import Mapping
from typing import Any

from elements.selection import FilterProblem, parse_filter
from flows.engine.status import Mode
from flows.tasks.reading import Reader, SpecProblem
from flows.tasks.spec import read_inputs

#: Keys of a later release, with the value that means "off".
_LATER: Mapping[str, Any] = {
    "batches": [],
    "soak": 0,
    "workers": {},
    "refresh": [],
    "lock": "exclusive",
    "start_within": None,
    "approvers": None,
    "notify": None,
}


def flow_key_problems(definition: Mapping[str, Any]) -> list[SpecProblem]:
    """Every wrong key. Those of a later release are refused by name unless they say "off"."""
    problems: list[SpecProblem] = []
    reader = Reader(definition, "", problems)
    for key, off in _LATER.items():
        if definition.get(key) not in (None, off):
            reader.later(key, lambda _: True, "leave it out")
        reader.skip(key)
    if reader.choice("mode", tuple(mode.value for mode in Mode), default="") == "" and definition.get("mode") is None:
        problems.append(SpecProblem("mode", "is missing, expected serial or parallel"))
    reader.integer("concurrency", default=1, least=1, most=10_000)
    reader.choice("on_empty", ("fail", "succeed"), default="fail")
    read_inputs(reader)
    problems += _threshold_problems(reader.take("error_threshold"))
    problems += _target_problems(reader.take("target"))
    reader.finish()
    return problems


def _threshold_problems(value: Any) -> list[SpecProblem]:
    """R30: nothing, a number of elements, or a percentage of them."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return []
    number = value[:-1] if isinstance(value, str) and value.endswith("%") else ""
    if number.isascii() and number.isdecimal() and len(number) < 4 and int(number) <= 100:
        return []
    return [SpecProblem("error_threshold", f"is {value!r}, expected null, a whole number, or a percentage like '10%'")]


def _target_problems(target: Any) -> list[SpecProblem]:
    if target is None:
        return []
    problems: list[SpecProblem] = []
    reader = Reader(target, "target.", problems)
    everything = reader.flag("all")
    reader.text("profile")
    _texts(reader, "groups")
    filters = _texts(reader, "filters")
    given = [key for key in ("profile", "groups", "filters") if reader.take(key)]
    reader.finish()
    if everything and given:
        problems.append(SpecProblem("target.all", f"selects every enabled element, expected no {given[0]} beside it"))
    if not everything and not given and not problems:
        problems.append(SpecProblem("target", "selects nothing, expected profile, groups, filters, or {all: true}"))
    return problems + [problem for index, text in enumerate(filters) for problem in _filter_problems(index, text)]


def _texts(reader: Reader, key: str) -> list[str]:
    value = reader.take(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        reader.problem(key, value, "a list of texts")
        return []
    return value


def _filter_problems(index: int, text: str) -> list[SpecProblem]:
    try:
        parse_filter(text)
    except FilterProblem as problem:
        return [SpecProblem(f"target.filters.{index}", str(problem))]
    return []
