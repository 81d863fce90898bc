"""Calls of steps and functions as far as they are plain: arguments, names and keywords (R9, R16)."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from flows.script.language import STEPS
from flows.script.problem import Problem, did_you_mean
from flows.script.source import Source


@dataclass(frozen=True, slots=True)
class Catalog:
    """The flows and tasks that exist: name -> the names of its declared inputs."""

    flows: Mapping[str, Collection[str]] = field(default_factory=dict)
    tasks: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a word takes by its place; ``needs`` says what it must be, ``may_be`` what kind it is."""

    name: str
    needs: str
    kind: Literal["name", "text", "seconds", "anything"] = "text"
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """How a word is called: arguments by place, by name too where ``by_keyword``, and options by name only."""

    parameters: tuple[Parameter, ...]
    options: frozenset[str] = frozenset()
    takes_inputs: bool = False
    by_keyword: bool = True

    @property
    def keywords(self) -> frozenset[str]:
        """What may be given by name, inputs aside."""
        return self.options | ({p.name for p in self.parameters} if self.by_keyword else set())

    def written(self, word: str) -> str:
        """The call as an example of itself: ``sleep(seconds)``."""
        names = [parameter.name for parameter in self.parameters]
        return f"{word}({', '.join([*names, '...'] if self.options else names)})"


MESSAGE: Final = Parameter("message", "the message")
SIGNATURES: Final[Mapping[str, Signature]] = {
    "run_task": Signature(
        (Parameter("name", "the task's name", "name"),),
        frozenset({"check", "timeout", "retries", "element"}),
        takes_inputs=True,
        by_keyword=False,
    ),
    "run_flow": Signature(
        (Parameter("name", "the flow's name", "name"),),
        frozenset({"check", "elements"}),
        takes_inputs=True,
        by_keyword=False,
    ),
    "sleep": Signature((Parameter("seconds", "a number of seconds, 0 or more", "seconds"),)),
    "approve": Signature((MESSAGE,), frozenset({"check", "timeout"})),
    "set_context": Signature((Parameter("key", "the setting's key"), Parameter("value", "a value", "anything"))),
    "get_context": Signature(()),
    "log": Signature((MESSAGE,)),
    "fail": Signature((MESSAGE,)),
    "finish": Signature((Parameter("message", "the message", is_required=False),)),
    "abort": Signature((MESSAGE,)),
}


def call_problems(source: Source, catalog: Catalog | None) -> Iterator[Problem]:
    """What is wrong with each call of a step or of what ends a script. Without a catalog no name is looked up."""
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id=word)) if word in SIGNATURES:
                yield from _argument_problems(source, node, word)
                if catalog is not None and word in STEPS:
                    yield from _catalog_problems(source, node, word, catalog)


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


def _argument_problems(source: Source, call: ast.Call, word: str) -> Iterator[Problem]:
    signature = SIGNATURES[word]
    yield from _count_problems(source, call, word)
    for parameter, argument in _given(signature, call):
        if not _may_be(parameter, argument):
            found = ast.unparse(argument)
            message = f"{word} takes {parameter.needs}, not {found}"
            yield source.problem(argument, "wrong_argument", found, parameter.needs, message)
    for keyword in call.keywords:
        if keyword.arg and not signature.takes_inputs and keyword.arg not in signature.keywords:
            written = signature.written(word)
            hint = did_you_mean(keyword.arg, signature.keywords) or f": write {written}"
            message = f"{word} has no argument {keyword.arg!r}{hint}"
            yield source.problem(keyword, "unknown_keyword", keyword.arg, written, message)


def _count_problems(source: Source, call: ast.Call, word: str) -> Iterator[Problem]:
    """Too few or too many arguments. What ``*x`` and ``**x`` bring is not known here."""
    signature = SIGNATURES[word]
    keywords = {keyword.arg for keyword in call.keywords}
    if any(isinstance(argument, ast.Starred) for argument in call.args) or None in keywords:
        return
    by_name = sum(parameter.name in keywords for parameter in signature.parameters) if signature.by_keyword else 0
    given, most = len(call.args) + by_name, len(signature.parameters)
    least = sum(parameter.is_required for parameter in signature.parameters)
    if not least <= given <= most or len(call.args) > most:
        found = f"{given} argument{'' if given == 1 else 's'}" if given else "no argument"
        takes = " and ".join(parameter.needs for parameter in signature.parameters)
        expected = signature.written(word)
        one = f"takes {takes} as its one argument" if most == 1 else f"takes {takes or 'no argument'}"
        yield source.problem(call, "wrong_argument", found, expected, f"{word} {one}: write {expected}")


def _given(signature: Signature, call: ast.Call) -> Iterator[tuple[Parameter, ast.expr]]:
    """The arguments that can be told to belong to a parameter."""
    for parameter, argument in zip(signature.parameters, call.args, strict=False):
        if isinstance(argument, ast.Starred):
            return
        yield parameter, argument
    if signature.by_keyword:
        by_name = {parameter.name: parameter for parameter in signature.parameters}
        yield from ((by_name[k.arg], k.value) for k in call.keywords if k.arg in by_name)


def _may_be(parameter: Parameter, argument: ast.expr) -> bool:
    """False where a plain value is certainly of the wrong kind."""
    if parameter.kind == "anything":
        return True
    if not isinstance(argument, ast.Constant):
        return not isinstance(argument, ast.List | ast.Dict | ast.Set | ast.Tuple | ast.Lambda)
    if parameter.kind == "seconds":
        return isinstance(argument.value, int | float) and not isinstance(argument.value, bool)
    return isinstance(argument.value, str) and (parameter.kind != "name" or bool(argument.value))


def _catalog_problems(source: Source, call: ast.Call, word: str, catalog: Catalog) -> Iterator[Problem]:
    tables = {"run_task": ("task", catalog.tasks), "run_flow": ("flow", catalog.flows)}
    if word not in tables:
        return
    kind, declared = tables[word]
    names = literals(call)
    for name in names:
        if name.value and name.value not in declared:
            hint = did_you_mean(str(name.value), declared)
            message = f"there is no {kind} {name.value!r}{hint or f': create the {kind}, or correct the name'}"
            yield source.problem(name, f"unknown_{kind}", repr(name.value), f"the name of a {kind}", message)
    known = [declared[str(name.value)] for name in names if name.value in declared]
    for keyword in call.keywords:
        for inputs in known[:1]:
            if keyword.arg and keyword.arg not in {*inputs, *SIGNATURES[word].options}:
                yield _unknown_input(source, keyword, kind, str(names[0].value), inputs)


def _unknown_input(source: Source, keyword: ast.keyword, kind: str, name: str, inputs: Collection[str]) -> Problem:
    declared = ", ".join(sorted(inputs)) or "none"
    hint = did_you_mean(str(keyword.arg), inputs) or f": declare it in the {kind}, or leave it out"
    message = f"the {kind} {name!r} declares no input {keyword.arg!r}{hint}"
    return source.problem(keyword, "unknown_keyword", str(keyword.arg), f"one of its inputs: {declared}", message)
