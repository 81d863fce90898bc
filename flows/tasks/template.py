"""Task templates: rendering one for an element, and checking one before it is stored (R43)."""

import difflib
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Literal

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, UndefinedError

from flows.tasks.sandbox import FILTERS, TEMPLATES, TemplateTooBig, ValueRefused, start_budget

#: Linux refuses one argument of 128 KiB or more (MAX_ARG_STRLEN, execve(2)), and a command is one argument of sh.
MAX_COMMAND_BYTES = 128 * 1024 - 1

_FILE = "<template>"


class TemplateFault(Exception):
    """A template could not be rendered; the text names task, element and line, what was found and expected.

    ``line`` counts from 1, and is 0 where it is not known.
    """

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """What a check found. ``line`` counts from 1 in the template; an error keeps the task from being stored."""

    line: int
    severity: Literal["error", "warning"]
    message: str


def render(text: str, names: Mapping[str, Any], *, task: str, element: str) -> str:
    """The command for one element, or ``TemplateFault``. ``names`` is what the template sees, nothing else.

    Takes at most 1 s and gives at most ``MAX_COMMAND_BYTES``; costs 20-50 µs for a short command.
    """
    try:
        command = _generate(_compile(text), names)
    except (TemplateError, TemplateTooBig, ValueRefused, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise TemplateFault(_describe(error, names, task, element), _line_of(error)) from None
    except (RecursionError, MemoryError) as error:
        raise TemplateFault(_describe(error, {}, task, element), _line_of(error)) from None
    return command


def check_template(text: str) -> list[TemplateProblem]:
    """Everything wrong with a command template, by line: errors, and a warning for each value without ``| quote``."""
    try:
        tree = TEMPLATES.parse_as_written(text)
    except TemplateSyntaxError as error:
        return [TemplateProblem(error.lineno, "error", error.message or "is no template")]
    problems = [*_unknown_words(tree), *_refused_tags(tree), *_unquoted(tree)]
    if not any(problem.severity == "error" for problem in problems):
        try:
            TEMPLATES.compile(text)
        except TemplateSyntaxError as error:
            problems.append(TemplateProblem(error.lineno, "error", error.message or "is no template"))
    return sorted(problems, key=lambda problem: problem.line)


def _generate(template: Template, names: Mapping[str, Any]) -> str:
    start_budget()
    parts: list[str] = []
    size = 0
    for part in template.generate(names):
        parts.append(part)
        size += len(part.encode(errors="surrogatepass"))
        if size > MAX_COMMAND_BYTES:
            raise TemplateTooBig(f"a command of more than {MAX_COMMAND_BYTES:,} bytes")
    command = "".join(parts)
    if "\x00" in command:
        raise ValueRefused("a NUL character cannot stand in a command")
    return command


@lru_cache(maxsize=1024)
def _compile(text: str) -> Template:
    code: CodeType = TEMPLATES.compile(text, filename=_FILE)
    return Template.from_code(TEMPLATES, code, {**TEMPLATES.globals})


def _line_of(error: BaseException) -> int:
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return getattr(error, "lineno", None) or next((frame.lineno or 0 for frame in frames if frame.filename == _FILE), 0)


def _describe(error: BaseException, names: Mapping[str, Any], task: str, element: str) -> str:
    line = _line_of(error)
    where = f"template of task '{task}' for {element}" + (f", line {line}" if line else "")
    match error:
        case UndefinedError():
            return f"{where}: {error.message}{_suggest(str(error.message), names)}"
        case SecurityError():
            return f"{where}: not allowed in a template: {error.message}"
        case TemplateTooBig():
            return f"{where}: too much for a template: {error}"
        case RecursionError() | MemoryError():
            return f"{where}: too much for a template: {type(error).__name__}"
        case TemplateError() | ValueRefused():
            return f"{where}: {error}"
    return f"{where}: {type(error).__name__}: {error}"


def _suggest(message: str, names: Mapping[str, Any]) -> str:
    if not message.startswith("no name "):
        return ""
    near = difflib.get_close_matches(message.split("'")[1], [str(name) for name in names], n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _unknown_words(tree: nodes.Template) -> Iterator[TemplateProblem]:
    known = sorted(name for name in FILTERS if not name.startswith(" "))
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        kind, words = ("filter", known) if isinstance(node, nodes.Filter) else ("test", sorted(TEMPLATES.tests))
        if node.name not in words:
            near = difflib.get_close_matches(node.name, words, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f", expected one of {', '.join(words)}"
            yield TemplateProblem(node.lineno, "error", f"no {kind} '{node.name}'{hint}")


def _refused_tags(tree: nodes.Template) -> Iterator[TemplateProblem]:
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name = type(node).__name__.lower().replace("fromimport", "from")
        yield TemplateProblem(node.lineno, "error", f"'{name}' is not possible: a task is one template")


def _unquoted(tree: nodes.Template) -> Iterator[TemplateProblem]:
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if not _is_shell_safe(node):
                message = "a value without | quote: shell characters in it are executed; write {{ ... | quote }}"
                yield TemplateProblem(node.lineno, "warning", message)


def _is_shell_safe(node: nodes.Expr) -> bool:
    match node:
        case nodes.TemplateData() | nodes.Const():
            return True
        case nodes.Filter(name="quote" | "int" | "float" | "length" | "count" | "round" | "wordcount"):
            return True
        case nodes.Filter(name="join", node=nodes.Filter(name="map", args=[nodes.Const(value="quote")])):
            return True
        case nodes.CondExpr():
            return _is_shell_safe(node.expr1) and (node.expr2 is None or _is_shell_safe(node.expr2))
    return False
