"""What a script passed to a step, checked by the step's signature and put in its normal form (R9)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flows.script.calls import Call
from flows.script.values import NoJsonValue, from_script, shown, storable, without_nul

MAX_SLEEP_S: Final = 10 * 366 * 86_400


class WrongArgument(Exception):
    """Becomes a ``TypeError`` in the script; the text says what was found and what was expected."""


def call_of(step: str, site: int, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
    """The call of a step, or ``WrongArgument``."""
    try:
        return READERS[step](site, args, dict(kwargs))
    except NoJsonValue as problem:
        raise WrongArgument(str(problem)) from problem


def message_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The message of ``fail``: whatever was passed, as text, because failing itself must not fail."""
    values = [*args, *kwargs.values()]
    return without_nul(" ".join(str(value) for value in values)) or "failed by the script"


def _run_task(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    name = _name("run_task", args)
    if "element" in kwargs:
        raise WrongArgument("run_task(element=...) is not available in this release: leave it out")
    check = _flag("run_task", kwargs.pop("check", True))
    timeout = _timeout(kwargs.pop("timeout", None))
    retries = _retries(kwargs.pop("retries", None))
    return Call("run_task", site, name, check=check, timeout=timeout, retries=retries, inputs=_inputs(kwargs))


def _run_flow(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    name = _name("run_flow", args)
    check = _flag("run_flow", kwargs.pop("check", True))
    elements = _elements(kwargs.pop("elements", None))
    return Call("run_flow", site, name, check=check, elements=elements, inputs=_inputs(kwargs))


def _sleep(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    seconds = _only("sleep", "seconds", args, kwargs)
    if not _is_number(seconds) or not 0 <= seconds <= MAX_SLEEP_S:
        raise WrongArgument(f"sleep takes seconds, a number from 0 to {MAX_SLEEP_S}, not {shown(seconds)}")
    return Call("sleep", site, seconds=float(seconds))


def _log(site: int, args: Sequence[Any], kwargs: dict[str, Any]) -> Call:
    message = _only("log", "message", args, kwargs)
    if not isinstance(message, str):
        raise WrongArgument(f"log takes a text, not {shown(message)}: write log(str(...)) or an f-string")
    return Call("log", site, without_nul(message))


READERS: Final[Mapping[str, Callable[[int, Sequence[Any], dict[str, Any]], Call]]] = {
    "run_task": _run_task,
    "run_flow": _run_flow,
    "sleep": _sleep,
    "log": _log,
}


def _only(step: str, argument: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    values = [*args, *(value for name, value in kwargs.items() if name == argument)]
    unknown = [name for name in kwargs if name != argument]
    if len(values) != 1 or unknown:
        found = ", ".join(unknown) or f"{len(values)} values"
        raise WrongArgument(f"{step} takes one argument, {step}({argument}), found {found}")
    return values[0]


def _name(step: str, args: Sequence[Any]) -> str:
    if len(args) != 1:
        raise WrongArgument(f"{step} takes one name, then inputs by keyword, like {step}('Name', key=1)")
    if not isinstance(args[0], str) or not args[0]:
        raise WrongArgument(f"{step} takes a name as text, not {shown(args[0])}")
    return storable(step, args[0])


def _flag(step: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongArgument(f"{step}: check must be True or False, not {shown(value)}")
    return value


def _timeout(value: Any) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or value <= 0:
        raise WrongArgument(f"run_task: timeout must be a number of seconds above 0, or None, not {shown(value)}")
    return float(value)


def _retries(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise WrongArgument(f"run_task: retries must be a whole number from 0, or None, not {shown(value)}")
    return value


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
    return storable("run_flow: elements", name)


def _inputs(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: from_script(name, value) for name, value in kwargs.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
