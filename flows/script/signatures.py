"""Calls of steps and functions as far as they are plain: arguments, names and keywords (R9, R16)."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from flows.script.language import STEPS
from flows.script.problem import Problem, did_you_mean
from flows.script.source import Source


@dataclass(frozen=True, slots=True)
class Catalog:
    """The flows and tasks that exist: name -> the names of its declared inputs."""

    flows: Mapping[str, Collection[str]] = field(default_factory=dict)
    tasks: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a word is called: one positional argument, which may be given by ``keyword`` too, and options."""

    argument: str
    expected: str
    options: frozenset[str] = frozenset()
    takes_inputs: bool = False
    by_keyword: bool = False


SIGNATURES: Mapping[str, Signature] = {
    "run_task": Signature("name", "the task's name", frozenset({"check", "timeout", "retries"}), takes_inputs=True),
    "run_flow": Signature("name", "the flow's name", frozenset({"check", "elements"}), takes_inputs=True),
    "sleep": Signature("seconds", "a number of seconds, 0 or more", by_keyword=True),
    "log": Signature("message", "the message", by_keyword=True),
    "fail": Signature("message", "the message", by_keyword=True),
}


def call_problems(source: Source, catalog: Catalog | None) -> Iterator[Problem]:
    """What is wrong with each call of a step or of ``fail``. Without a catalog no name is looked up."""
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
    keywords = {keyword.arg for keyword in call.keywords}
    open_ended = any(isinstance(argument, ast.Starred) for argument in call.args) or None in keywords
    given = len(call.args) + (signature.by_keyword and signature.argument in keywords)
    expected = f"{word}({signature.argument}{', ...' if signature.options else ''})"
    if given != 1 and not open_ended:
        found = f"{given} arguments" if given else "no argument"
        message = f"{word} takes {signature.expected} as its one argument: write {expected}"
        yield source.problem(call, "wrong_argument", found, expected, message)
    elif call.args and not _may_be(word, call.args[0]):
        found = ast.unparse(call.args[0])
        message = f"{word} takes {signature.expected}, not {found}"
        yield source.problem(call.args[0], "wrong_argument", found, signature.expected, message)
    for keyword in call.keywords:
        yield from _keyword_problems(source, word, keyword)


def _keyword_problems(source: Source, word: str, keyword: ast.keyword) -> Iterator[Problem]:
    signature, name = SIGNATURES[word], keyword.arg
    if word == "run_task" and name == "element":
        message = "run_task(element=...) is not available in this release: leave it out, or call a child flow for it"
        yield source.problem(keyword, "not_available", "element=", "a task on this element", message)
    elif name and not signature.takes_inputs and not (signature.by_keyword and name == signature.argument):
        message = f"{word} has no argument {name!r}: write {word}({signature.argument})"
        yield source.problem(keyword, "unknown_keyword", name, f"{word}({signature.argument})", message)


def _may_be(word: str, argument: ast.expr) -> bool:
    """False where a plain value is certainly of the wrong kind."""
    if not isinstance(argument, ast.Constant):
        return not isinstance(argument, ast.List | ast.Dict | ast.Set | ast.Tuple | ast.Lambda)
    if word == "sleep":
        return isinstance(argument.value, int | float) and not isinstance(argument.value, bool)
    if word in ("run_task", "run_flow"):
        return isinstance(argument.value, str) and bool(argument.value)
    return isinstance(argument.value, str)


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
            if keyword.arg and keyword.arg not in {*inputs, *SIGNATURES[word].options, "element"}:
                yield _unknown_input(source, keyword, kind, str(names[0].value), inputs)


def _unknown_input(source: Source, keyword: ast.keyword, kind: str, name: str, inputs: Collection[str]) -> Problem:
    declared = ", ".join(sorted(inputs)) or "none"
    hint = did_you_mean(str(keyword.arg), inputs) or f": declare it in the {kind}, or leave it out"
    message = f"the {kind} {name!r} declares no input {keyword.arg!r}{hint}"
    return source.problem(keyword, "unknown_keyword", str(keyword.arg), f"one of its inputs: {declared}", message)
