"""The Jinja2 environment of task templates: sandboxed, strict, and bounded in time, size and steps (R43).

Jinja2's own sandbox keeps a template from Python's internals, not from ``'x' * 10**10``, an endless macro or a
string that doubles in a loop. Here every loop round, call and filter inside ``map`` takes from a budget, and what
can grow (``*``, ``**``, ``+``, ``~``, join, replace, tojson) is measured before it does.
"""

import contextvars
import json
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jinja2 import StrictUndefined, filters, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

MAX_STEPS = 100_000
MAX_SECONDS = 1.0
MAX_SIZE = 256 * 1024
MAX_INTEGER_BITS = 4096


class TemplateTooBig(Exception):
    """A template asked for more time, steps or size than it may have."""


class ValueRefused(Exception):
    """A value cannot stand in a text: null, a list, a mapping."""


@dataclass(slots=True)
class Budget:
    """What one rendering may still use."""

    deadline: float
    steps: int = MAX_STEPS

    def tick(self) -> None:
        """Take one step."""
        self.steps -= 1
        if self.steps < 0:
            raise TemplateTooBig(f"more than {MAX_STEPS:,} loop rounds and calls")
        if time.monotonic() > self.deadline:
            raise TemplateTooBig(f"took longer than {MAX_SECONDS:g} s")


_budget: contextvars.ContextVar[Budget] = contextvars.ContextVar("template_budget")


def start_budget() -> None:
    """Give this thread or task a fresh budget; call it before each rendering."""
    _budget.set(Budget(time.monotonic() + MAX_SECONDS))


class Missing(StrictUndefined):
    """An undefined name: every use is an error that names it, and the keys that there are."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name, owner = self._undefined_name, self._undefined_obj
        if owner is missing:
            return f"no name '{name}'"
        if isinstance(owner, Mapping):
            keys = ", ".join(sorted(map(str, owner))[:10]) or "none"
            return f"no key '{name}' (its keys: {keys})"
        return f"a {type(owner).__name__} has no '{name}'"


def _measure(size: int, what: str) -> None:
    if size > MAX_SIZE:
        raise TemplateTooBig(f"{what} of {size:,}, at most {MAX_SIZE:,} are allowed")


def write_scalar(value: Any) -> Any:
    """What ``{{ ... }}`` writes: texts, numbers and booleans; the rest is surely a mistake in a command."""
    if isinstance(value, str | int | float | Missing):
        return value
    if value is None:
        raise ValueRefused("the value is null; give it one, or write {{ ... | default('', true) }}")
    raise ValueRefused(f"the value is a {type(value).__name__}; write {{{{ ... | join(' ') }}}} or | tojson")


def _quote(value: Any) -> str:
    return shlex.quote(str(write_scalar(value)))


def _string(value: Any) -> str:
    return str(write_scalar(value))


def _concat(values: Iterable[Any]) -> str:
    texts = [str(write_scalar(value)) for value in values]
    _measure(sum(map(len, texts)), "a text")
    return "".join(texts)


def _each(values: Iterable[Any]) -> Iterator[Any]:
    budget = _budget.get()
    for value in values:
        budget.tick()
        yield value


def _join(values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        values = (TEMPLATES.getitem(value, attribute) for value in values)
    texts: list[str] = []
    size = 0
    for value in _each(values):
        texts.append(str(write_scalar(value)))
        size += len(texts[-1]) + len(separator)
        _measure(size, "a text")
    return separator.join(texts)


def _replace(value: Any, old: str, new: str) -> str:
    text = str(write_scalar(value))
    _measure(len(text) + text.count(old) * len(new), "a text")
    return text.replace(old, new)


def _to_json(value: Any) -> str:
    parts: list[str] = []
    size = 0
    for part in json.JSONEncoder(ensure_ascii=False, sort_keys=True).iterencode(value):
        parts.append(part)
        size += len(part)
        _measure(size, "a text")
    return "".join(parts)


def _round(value: float, precision: int = 0) -> float:
    return round(float(value), max(-15, min(15, precision)))


_PLAIN = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
)
_OWN: dict[str, Callable[..., Any]] = {
    "quote": _quote,
    "string": _string,
    "join": _join,
    "replace": _replace,
    "tojson": _to_json,
    "round": _round,
    " each": _each,  # the blank keeps these two out of a template's reach
    " concat": _concat,
}
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType({name: filters.FILTERS[name] for name in _PLAIN} | _OWN)
_TEXT_METHODS = frozenset(
    {
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isspace",
        "isupper",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    }
)
_SAFE_METHODS: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (
        str,
        _TEXT_METHODS,
    ),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    ((list, tuple), frozenset({"count", "index"})),
    ((int, float), frozenset()),
)


class _Counted(NodeTransformer):
    """Rewrites what cannot be intercepted: the iterable of ``for`` and the operands of ``~``."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by Jinja2
        self.generic_visit(node)
        node.iter = _filtered(node.iter, " each")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named by Jinja2
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), " concat")


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


class TaskTemplates(ImmutableSandboxedEnvironment):
    """The environment. ``net.0.hostname`` reads the key '0', and a mapping's items win over its methods."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(
            undefined=Missing, finalize=write_scalar, autoescape=False, keep_trailing_newline=False, cache_size=0
        )
        self.filters = dict(FILTERS)
        self.globals = {name: self.globals[name] for name in ("range", "dict", "namespace")}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = _Counted().visit(super()._parse(source, name, filename))
        tree.set_environment(self)
        return tree  # type: ignore[no-any-return]

    def parse_as_written(self, source: str) -> nodes.Template:
        """The tree before it is rewritten; raises ``TemplateSyntaxError``."""
        return super()._parse(source, None, None)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute``; a mapping's key first."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``, ``obj.0``; a mapping may spell the number as a text."""
        if isinstance(obj, Mapping) and isinstance(argument, int) and argument not in obj and str(argument) in obj:
            return obj[str(argument)]
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Plain values have a short list of methods: none of them can make a big text."""
        for kind, names in _SAFE_METHODS:
            if isinstance(obj, kind):
                return attr in names
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """``str.format`` can pad without bounds: it stays an unsafe attribute."""

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 - as Jinja2
        """Every call in a template, macros and recursive loops too."""
        _budget.get().tick()
        return super().call(__context, __obj, *args, **kwargs)

    def call_filter(self, *args: Any, **kwargs: Any) -> Any:
        """A filter named inside ``map``."""
        _budget.get().tick()
        return super().call_filter(*args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator that can make something big."""
        match operator:
            case "*":
                _measure(_product_size(left, right), "a product")
            case "**" if _power_bits(left, right) > MAX_INTEGER_BITS:
                raise TemplateTooBig(f"a number of more than {MAX_INTEGER_BITS} bits")
            case "%" if isinstance(left, str):
                raise ValueRefused("'%' does not format texts here; write {{ a }} or use ~")
            case "+" if hasattr(left, "__len__") and hasattr(right, "__len__"):
                _measure(len(left) + len(right), "a sum")
        return super().call_binop(context, operator, left, right)


def _power_bits(left: Any, right: Any) -> int:
    return left.bit_length() * right if isinstance(left, int) and isinstance(right, int) else 0


def _product_size(left: Any, right: Any) -> int:
    if isinstance(left, int) and isinstance(right, int):
        return 0 if left.bit_length() + right.bit_length() <= MAX_INTEGER_BITS else MAX_SIZE + 1
    for sequence, times in ((left, right), (right, left)):
        if hasattr(sequence, "__len__") and isinstance(times, int):
            return len(sequence) * max(times, 0)
    return 0


TEMPLATES = TaskTemplates()
