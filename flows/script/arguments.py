"""What a script passed to a step, checked by the step's signature and put in its normal form (R9)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from elements.context import key_problem
from flows.script.calls import Call
from flows.script.values import NoJsonValue, as_message, inputs_from_script, shown, storable

MAX_SLEEP_S: Final = 10 * 366 * 86_400
LONGEST: Final = f"{MAX_SLEEP_S:,} (ten years)"
APPROVAL_TIMEOUT_S: Final = 86_400.0
MAX_RETRIES: Final = 1000
MAX_NAME: Final = 200
"""Characters of the name of a task, a flow or an element: none has more."""

Kind = Literal["failed", "finished", "aborted"]
ENDING_KINDS: Final[Mapping[str, tuple[Kind, str]]] = {
    "fail": ("failed", "failed by the script"),
    "finish": ("finished", ""),
    "abort": ("aborted", "aborted by the script"),
}
"""What each ending decides, and its message where none was given."""


class WrongArgument(Exception):
    """Becomes a ``TypeError`` in the script; the text says what was found and what was expected."""


def call_of(step: str, site: int, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
    """The call of a step, or ``WrongArgument``."""
    try:
        return READERS[step](site, args, dict(kwargs))
    except NoJsonValue as problem:
        raise WrongArgument(str(problem)) from problem


def ending_of(word: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Kind, str]:
    """What ``fail``, ``finish`` or ``abort`` decides, and its message: whatever was passed, as text, because an end
    must not fail itself (R11)."""
    kind, default = ENDING_KINDS[word]
    values = [*args, *kwargs.values()]
    return kind, as_message(*values) or default


def _run_task(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    name = _name("run_task", args)
    element = _target(kwargs.pop("element", None))
    check = _flag("run_task", kwargs.pop("check", True))
    timeout = _timeout(kwargs.pop("timeout", None))
    retries = _retries(kwargs.pop("retries", None))
    inputs = inputs_from_script("run_task", kwargs)
    return Call("run_task", site, name, check=check, timeout=timeout, retries=retries, element=element, inputs=inputs)


def _run_flow(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    name = _name("run_flow", args)
    check = _flag("run_flow", kwargs.pop("check", True))
    elements = _elements(kwargs.pop("elements", None))
    return Call("run_flow", site, name, check=check, elements=elements, inputs=inputs_from_script("run_flow", kwargs))


def _sleep(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    (seconds,) = _bound("sleep", ("seconds",), args, kwargs)
    if not _is_number(seconds) or not 0 <= seconds <= MAX_SLEEP_S:
        raise WrongArgument(f"sleep takes seconds, a number from 0 to {LONGEST}, not {_told(seconds)}")
    return Call("sleep", site, seconds=abs(float(seconds)))


def _approve(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    check = _flag("approve", kwargs.pop("check", True))
    timeout = kwargs.pop("timeout", APPROVAL_TIMEOUT_S)
    if not _is_number(timeout) or not 0 < timeout <= MAX_SLEEP_S:
        expected = f"a number of seconds above 0, at most {LONGEST}"
        raise WrongArgument(f"approve: timeout must be {expected}, not {_told(timeout)}")
    (message,) = _bound("approve", ("message",), args, kwargs)
    return Call("approve", site, as_message(message), check=check, timeout=float(timeout))


def _set_context(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    key, value = _bound("set_context", ("key", "value"), args, kwargs)
    if not isinstance(key, str):
        raise WrongArgument(f"set_context takes a key as text, like 'version' or 'net.0.hostname', not {shown(key)}")
    if problem := key_problem(key):
        raise WrongArgument(f"set_context: {problem}")
    return Call("set_context", site, inputs=inputs_from_script("set_context", {"key": key, "value": value}))


def _get_context(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    _bound("get_context", (), args, kwargs)
    return Call("get_context", site)


def _log(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    (message,) = _bound("log", ("message",), args, kwargs)
    return Call("log", site, as_message(message))


READERS: Final[Mapping[str, Callable[[int, Sequence[Any], dict[str, Any]], Call]]] = {
    "run_task": _run_task,
    "run_flow": _run_flow,
    "sleep": _sleep,
    "approve": _approve,
    "set_context": _set_context,
    "get_context": _get_context,
    "log": _log,
}


def _bound(step: str, names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """The values of a step's parameters, each once, by place or by name."""
    values = dict(zip(names, args, strict=False))
    unknown = [name for name in kwargs if name not in names]
    if len(args) > len(names) or unknown or values.keys() & kwargs.keys() or len(values) + len(kwargs) < len(names):
        count = len(args) + len(kwargs)
        found = ", ".join(unknown) or f"{count} value{'' if count == 1 else 's'}"
        expected = f"{step}({', '.join(names)})"
        raise WrongArgument(f"{step} takes {_COUNTS[len(names)]}, {expected}, found {found}")
    values.update(kwargs)
    return [values[name] for name in names]


_COUNTS: Final = ("no argument", "one argument", "two arguments")


def _name(step: str, args: Sequence[Any]) -> str:
    if len(args) != 1:
        raise WrongArgument(f"{step} takes one name, then inputs by keyword, like {step}('Name', key=1)")
    if not isinstance(args[0], str) or not args[0]:
        raise WrongArgument(f"{step} takes a name as text, not {shown(args[0])}")
    return _of_fair_length(step, args[0])


def _of_fair_length(what: str, name: str) -> str:
    if len(name) > MAX_NAME:
        raise WrongArgument(f"{what}: a name has at most {MAX_NAME} characters, found {len(name)}: {shown(name)}")
    return storable(what, name)


def _flag(step: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongArgument(f"{step}: check must be True or False, not {shown(value)}")
    return value


def _timeout(value: Any) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or value <= 0:
        raise WrongArgument(f"run_task: timeout must be a number of seconds above 0, or None, not {_told(value)}")
    return float(value)


def _retries(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_RETRIES):
        expected = f"a whole number from 0 to {MAX_RETRIES}, or None"
        raise WrongArgument(f"run_task: retries must be {expected}, not {_told(value)}")
    return value


def _target(value: Any) -> str | None:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else value
    if not isinstance(name, str) or not name:
        raise WrongArgument(f"run_task: element must be an element or its name, not {shown(value)}")
    return _of_fair_length("run_task: element", name)


def _elements(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise WrongArgument(f"run_flow: elements must be a list of elements or names, not {shown(value)}")
    return tuple(dict.fromkeys(_element_name(item) for item in value))


def _element_name(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else item
    if not isinstance(name, str) or not name:
        raise WrongArgument(f"run_flow: elements holds elements or their names, found {shown(item)}")
    return _of_fair_length("run_flow: elements", name)


def _told(value: Any) -> str:
    """A whole number that is only too small or too large needs no type beside it."""
    return shown(value).removesuffix(" (int)")


def _is_number(value: Any) -> bool:
    """True for what a float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
