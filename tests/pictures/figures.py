"""Reads a page: its flows, and the pictures that show their plans.

A fenced Python block whose first line is ``# Name: {mode: serial}`` holds a flow, or several, each with such a line:
the first is the one that is planned. The rules are those of a flow's document, and ``elements``. Every picture
that follows, up to the next such block, shows their plan; its title may say otherwise: ``Name serial, Child parallel``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from tests.plans.cases import Case, Flow, flow

FLEET: Mapping[str, Mapping[str, Any]] = {
    **{f"db{n}": {"n": n, "role": "master" if n == 2 else "replica"} for n in range(1, 7)},
    "ca1": {"n": 0, "role": "authority"},
}
"""The fleet of the page: db2 is the master; ca1 is in nobody's target."""
DEFAULT_ELEMENTS = "db1 db2 db3"

_BLOCK = re.compile(
    r"^```python\n(# \w[^\n:]*: \{.*?)^```$|!\[([^\]]*)\]\(pictures/([\w-]+)\.svg(?: \"([^\"]*)\")?\)",
    re.MULTILINE | re.DOTALL,
)
_HEAD = re.compile(r"^# (?P<name>\w[^\n:]*): (?P<rules>\{.*\})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of the page: its file's name, what its alternative text says, and whose plan it shows."""

    name: str
    told: str
    case: Case

    def __str__(self) -> str:
        return self.name


def figures_of(page: str) -> Iterator[Figure]:
    """Every picture of the page, in its order."""
    flows: dict[str, Flow] = {}
    elements = DEFAULT_ELEMENTS
    for block, told, name, title in _BLOCK.findall(page):
        if block:
            flows, elements = _read(block)
        else:
            yield Figure(name, told, _case(flows, elements, title))


def _read(block: str) -> tuple[dict[str, Flow], str]:
    """The flows of a block, each with its first line, and the elements of the first."""
    heads = list(_HEAD.finditer(block))
    ends = [*(head.start() for head in heads[1:]), len(block)]
    flows: dict[str, Flow] = {}
    elements = DEFAULT_ELEMENTS
    for head, end in zip(heads, ends, strict=True):
        rules: dict[str, Any] = yaml.safe_load(head["rules"])
        elements = rules.pop("elements", elements)
        flows[head["name"]] = flow(rules.pop("mode"), block[head.start() : end], **_frozen(rules))
    return flows, elements


def _frozen(rules: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in rules.items()}


def _case(flows: dict[str, Flow], elements: str, title: str) -> Case:
    modes = dict(part.rsplit(" ", 1) for part in title.split(", ")) if title else {}
    found = {name: replace(each, mode=modes.get(name, each.mode)) for name, each in flows.items()}
    root = next(iter(found))
    children = {name: each for name, each in found.items() if name != root}
    return Case(root, found[root], children, elements=elements)
