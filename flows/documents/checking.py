"""Documents together: references, filters, templates, scripts, cycles of flows."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from flows.documents.document import Document, in_text
from flows.documents.nodes import Problem
from flows.documents.scripts import check_scripts, find_flow_cycle
from flows.documents.world import World
from flows.keys.flow import filter_problems, refresh_problems
from flows.keys.schedule import undeclared
from flows.tasks.template import check_template

#: Types of credentials with which an SSH connection can be opened.
FOR_SSH = ("ssh_key", "password")

Found = tuple[str, str]
"""A key and what is wrong with it."""


def check_together(documents: Sequence[Document], stored: World) -> list[Problem]:
    """Every problem of the documents among each other and with what is stored, in the order of files and lines."""
    world = stored.with_documents(documents)
    problems: list[Problem] = []
    for document in documents:
        check = _CHECKS.get(document.kind)
        if check:
            problems.extend(document.problem(key, message) for key, message in check(document, world))
        if document.kind == "Flow":
            problems.extend(check_scripts(document, world))
        if document.kind == "Task":
            problems.extend(_of_template(document, "error"))
    return problems + find_flow_cycle(documents, world)


def warnings_of(documents: Sequence[Document]) -> list[Problem]:
    """What is allowed and probably not meant: values that reach a shell without ``| quote`` (R43)."""
    return [
        problem for document in documents if document.kind == "Task" for problem in _of_template(document, "warning")
    ]


def _of_template(document: Document, severity: str) -> list[Problem]:
    found = [problem for problem in check_template(document.values["command"]) if problem.severity == severity]
    return [in_text(document, "command", problem.line, problem.message) for problem in found]


def _check_profile(document: Document, world: World) -> Iterator[Found]:
    credential = document.values["connection"].get("credential")
    if credential is None:
        return
    yield from _known("connection.credential", credential, "credential", world.credentials)
    kind = world.credentials.get(credential, FOR_SSH[0])
    if kind not in FOR_SSH:
        expected = " or ".join(FOR_SSH)
        yield "connection.credential", f"credential '{credential}' is of type {kind}, expected {expected}"


def _check_element(document: Document, world: World) -> Iterator[Found]:
    values = document.values
    yield from _known("profile", values["profile"], "profile", world.profiles)
    for name in values["groups"]:
        yield from _known("groups", name, "group", world.groups)
    if world.profiles.get(values["profile"]) == "ssh" and not values["address"]:
        yield "address", f"address is missing, expected one because profile '{values['profile']}' connects by ssh"


def _check_flow(document: Document, world: World) -> Iterator[Found]:
    target = document.values["target"] or {}
    if target.get("profile"):
        yield from _known("target.profile", target["profile"], "profile", world.profiles)
    for name in target.get("groups", ()):
        yield from _known("target.groups", name, "group", world.groups)
    yield from filter_problems(target)
    yield from refresh_problems(document.values, world.tasks)


def _check_schedule(document: Document, world: World) -> Iterator[Found]:
    flow = document.values["flow"]
    yield from _known("flow", flow, "flow", world.flows)
    # A pinned version may declare other inputs; which, is seen when it is stored.
    if document.values["version"] == "latest" and flow in world.flows and not world.is_partial:
        yield from undeclared(document.values["inputs"], world.flows[flow])


def _known(key: str, name: str, kind: str, names: Collection[str]) -> Iterator[Found]:
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        yield key, f"there is no {kind} '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")


_CHECKS: Mapping[str, Callable[[Document, World], Iterator[Found]]] = MappingProxyType(
    {"Profile": _check_profile, "Element": _check_element, "Flow": _check_flow, "Schedule": _check_schedule}
)
