"""What scripts may call by name: tasks and flows that exist, and the inputs that they declare (R16)."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flows.script.calling import NotPlain, literal_value, shortened
from flows.script.names import all_bindings
from flows.script.problem import Problem, did_you_mean, near_name
from flows.script.signatures import SIGNATURES
from flows.script.source import Source


class DeclaredInput(Protocol):
    """An input with its type, as its task or flow declares it."""

    @property
    def type(self) -> str:
        """``secret`` for what no problem may show."""

    @property
    def expected(self) -> str:
        """The type in words."""

    def accepts(self, value: object) -> bool:
        """True when the value has the type."""

    def describe_misfit(self, value: object) -> str:
        """What was found and what was expected."""


Inputs = Mapping[str, DeclaredInput] | Collection[str]
"""The declared inputs by name, or their names alone: then values are not checked."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The flows and tasks that exist, each with its inputs."""

    flows: Mapping[str, Inputs] = field(default_factory=dict)
    tasks: Mapping[str, Inputs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Called:
    """What a call names, and how problems speak of it."""

    kind: str
    name: str
    inputs: Inputs


def catalog_problems(source: Source, catalog: Catalog) -> Iterator[Problem]:
    """Tasks and flows that do not exist, and what they are given and do not take."""
    tables = {"run_task": ("task", catalog.tasks), "run_flow": ("flow", catalog.flows)}
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id="run_task" | "run_flow" as word)):
                kind, declared = tables[word]
                yield from _unknown_names(source, node, kind, declared)
                names = [str(name.value) for name in literals(node)]
                for called in [Called(kind, name, declared[name]) for name in names if name in declared]:
                    yield from _input_problems(source, node, word, called)


def input_problems(source: Source, inputs: Collection[str]) -> Iterator[Problem]:
    """``inputs['x']`` where the flow itself declares no such input; not where ``inputs`` has another meaning."""
    if any(name == "inputs" for name, _ in all_bindings(source)):
        return
    for node in source.nodes:
        match node:
            case ast.Subscript(value=ast.Name(id="inputs"), slice=ast.Constant(value=str(name)) as key, ctx=ast.Load()):
                if name not in inputs:
                    hint = did_you_mean(name, inputs) or ": declare it in the flow, or correct the name"
                    message = f"this flow declares no input {name!r}{hint}"
                    yield source.problem(key, "unknown_input", repr(name), _listed(inputs), message)


def literals(call: ast.Call) -> list[ast.Constant]:
    """The plain strings that the first argument may be, also as the branches of ``x if a else y``."""
    found, waiting = [], list(call.args[:1])
    while waiting:
        match waiting.pop():
            case ast.Constant(value=str()) as constant:
                found.append(constant)
            case ast.IfExp(body=body, orelse=orelse):
                waiting += [orelse, body]
    return found


def _unknown_names(source: Source, call: ast.Call, kind: str, declared: Collection[str]) -> Iterator[Problem]:
    for name in literals(call):
        if name.value and name.value not in declared:
            near = near_name(str(name.value), declared)
            hint = f"; did you mean {near!r}?" if near else f": create the {kind}, or correct the name"
            message = f"there is no {kind} {name.value!r}{hint}"
            yield source.problem(name, f"unknown_{kind}", repr(name.value), f"the name of a {kind}", message, near)


def _input_problems(source: Source, call: ast.Call, word: str, called: Called) -> Iterator[Problem]:
    options = SIGNATURES[word].options
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in options:
            continue
        if keyword.arg in called.inputs:
            yield from _misfits(source, keyword.arg, keyword.value, called)
        else:
            near = did_you_mean(keyword.arg, [*called.inputs, *options])
            message = (
                f"the {called.kind} {called.name!r} declares no input {keyword.arg!r}"
                f"{near or f': declare it in the {called.kind}, or leave it out'}"
            )
            yield source.problem(keyword, "unknown_keyword", keyword.arg, _listed(called.inputs), message)


def _misfits(source: Source, name: str, given: ast.expr, called: Called) -> Iterator[Problem]:
    """A literal that is not of the type that the input declares; None stands for its default."""
    if not isinstance(called.inputs, Mapping):
        return
    declared = called.inputs[name]
    try:
        value = literal_value(given)
    except NotPlain:
        return
    if value is not None and not declared.accepts(value):
        found = "a secret" if declared.type == "secret" else shortened(given)
        message = f"the {called.kind} {called.name!r}: {declared.describe_misfit(value)}"
        yield source.problem(given, "wrong_input", found, declared.expected, message)


def _listed(inputs: Collection[str]) -> str:
    return f"one of its inputs: {', '.join(sorted(inputs)) or 'none'}"
