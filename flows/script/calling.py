"""Calls of steps and endings as far as they are plain: how many arguments, of which kind, which keywords (R9, R16)."""

import ast
from collections.abc import Collection, Iterator
from typing import Any, Final

from flows.script.arguments import WrongArgument, call_of
from flows.script.language import STEPS
from flows.script.problem import Problem, did_you_mean
from flows.script.signatures import SIGNATURES, Parameter, Signature
from flows.script.source import Source
from flows.script.values import NoJsonValue, from_script

STAND_INS: Final = {"name": "x", "text": "x", "seconds": 1, "anything": None}
"""A right value of each kind, for the arguments that are not looked at."""

NO_VALUE: Final = ast.Lambda | ast.GeneratorExp | ast.Set | ast.SetComp
"""What is certainly no value that a step can be given."""


NO_FUNCTION: Final = ast.Constant | ast.List | ast.Dict | ast.Set | ast.Tuple | ast.JoinedStr | ast.Compare
"""What is certainly nothing that can be called."""


class NotPlain(Exception):
    """The expression is no literal: its value is known when it runs."""


def call_problems(source: Source, words: Collection[str]) -> Iterator[Problem]:
    """What is wrong with each call of these words, whatever tasks and flows there are."""
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id=word)) if word in words:
                yield from _count_problems(source, node, word)
                yield from _argument_problems(source, node, word)
                yield from _keyword_problems(source, node, word)


def literal_value(node: ast.expr) -> Any:
    """The value of a literal, or ``NotPlain``."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise NotPlain from error


def shortened(node: ast.expr) -> str:
    """An expression as a problem shows it."""
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."


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
        expected = signature.written(word)
        yield source.problem(call, "wrong_argument", found, expected, f"{word} {_takes(signature)}: write {expected}")


def _takes(signature: Signature) -> str:
    needs = " and ".join(parameter.needs for parameter in signature.parameters)
    one = " as its one argument" if len(signature.parameters) == 1 else ""
    return f"takes {needs or 'no argument'}{one}"


def _argument_problems(source: Source, call: ast.Call, word: str) -> Iterator[Problem]:
    for parameter, argument in _given(SIGNATURES[word], call):
        if not _may_be(parameter, argument):
            found = shortened(argument)
            message = f"{word} takes {parameter.needs}, not {found}"
            yield source.problem(argument, "wrong_argument", found, parameter.needs, message)
        elif word in STEPS:
            yield from _value_problems(source, word, parameter.name, argument, parameter.needs)


def _given(signature: Signature, call: ast.Call) -> Iterator[tuple[Parameter, ast.expr]]:
    """The arguments that can be told to belong to a parameter."""
    if not any(isinstance(argument, ast.Starred) for argument in call.args):
        yield from zip(signature.parameters, call.args, strict=False)
    if signature.by_keyword:
        by_name = {parameter.name: parameter for parameter in signature.parameters}
        yield from ((by_name[k.arg], k.value) for k in call.keywords if k.arg in by_name)


def _may_be(parameter: Parameter, argument: ast.expr) -> bool:
    """False where an expression is certainly of the wrong kind."""
    if parameter.kind == "function":
        return not isinstance(argument, NO_FUNCTION)
    if isinstance(argument, NO_VALUE):
        return False
    if parameter.kind == "list":
        return not isinstance(argument, ast.Constant | ast.Dict | ast.DictComp)
    if parameter.kind == "anything":
        return True
    if not isinstance(argument, ast.Constant):
        return not isinstance(argument, ast.List | ast.Dict | ast.Tuple | ast.ListComp | ast.DictComp)
    if parameter.kind == "seconds":
        return isinstance(argument.value, int | float) and not isinstance(argument.value, bool)
    return isinstance(argument.value, str) and (parameter.kind != "name" or bool(argument.value))


def _keyword_problems(source: Source, call: ast.Call, word: str) -> Iterator[Problem]:
    signature = SIGNATURES[word]
    for keyword in call.keywords:
        name = keyword.arg
        if name is not None and name in signature.options:
            if word in STEPS:
                yield from _value_problems(source, word, name, keyword.value, signature.options[name])
        elif name and signature.takes_inputs:
            yield from _input_problems(source, name, keyword.value)
        elif name and name not in signature.keywords:
            written = signature.written(word)
            hint = did_you_mean(name, signature.keywords) or f": write {written}"
            yield source.problem(keyword, "unknown_keyword", name, written, f"{word} has no argument {name!r}{hint}")


def _value_problems(source: Source, word: str, name: str, given: ast.expr, needs: str) -> Iterator[Problem]:
    """What the step itself would say of a literal, alone among arguments that are right."""
    by_place = {parameter.name: STAND_INS[parameter.kind] for parameter in SIGNATURES[word].parameters}
    try:
        value = literal_value(given)
        if name in by_place:
            call_of(word, 1, list({**by_place, name: value}.values()), {})
        else:
            call_of(word, 1, list(by_place.values()), {name: value})
    except NotPlain:
        return
    except WrongArgument as wrong:
        yield source.problem(given, "wrong_argument", shortened(given), needs, str(wrong))


def _input_problems(source: Source, name: str, given: ast.expr) -> Iterator[Problem]:
    """An input that is certainly no JSON value, whoever declares it."""
    expected = "text, a number, True, False, None, or lists and dicts of them"
    try:
        if isinstance(given, NO_VALUE):
            found = shortened(given)
            yield source.problem(given, "wrong_argument", found, expected, f"{name} must be {expected}, not {found}")
        else:
            from_script(name, literal_value(given))
    except NotPlain:
        return
    except NoJsonValue as wrong:
        yield source.problem(given, "wrong_argument", shortened(given), expected, str(wrong))
