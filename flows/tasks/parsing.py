"""What a command printed as data, and what of it is saved as settings (4.3)."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NoReturn, get_args

from elements.context import conflicting_keys, key_problem
from flows.tasks.output import MAX_RESULT_BYTES
from flows.tasks.reading import Reader
from flows.tasks.words import did_you_mean, shorten

Parse = Literal["none", "json", "lines"]
PARSES: tuple[str, ...] = get_args(Parse)
_LATER: Final = ("regex", "textfsm", "xml")
#: What of a result may be saved.
SAVED_FROM: Final = ("data", "output", "exit_code")
#: As deep as a request's body may be: what is deeper overflows the stack of those who read it later.
MAX_DEPTH: Final = 40
MAX_DIGITS: Final = 1000
_SHOWN: Final = 80


class NotReadable(ValueError):
    """The output is not what the task's ``parse`` expects; the text says where, what was found, what was expected."""


class NotSaved(ValueError):
    """A path of ``save`` leads nowhere in the result; the text says at which part, and what is there."""


# --- reading the keys ---------------------------------------------------------------------------------------------


def read_parse(reader: Reader) -> Any:
    """``parse``, as a bare word or as {type: json}; problems are noted."""
    value = reader.take("parse")
    kind = value.get("type") if isinstance(value, Mapping) and value.keys() == {"type"} else value
    if kind in _LATER:
        reader.refuse("parse", f"{shorten(value)} is not available in this release; use json or lines, or leave it out")
    elif kind is not None and kind not in PARSES:
        hint = did_you_mean(kind, PARSES) if isinstance(kind, str) else ""
        reader.problem("parse", value, f"one of {', '.join(PARSES)}, bare or as {{type: json}}{hint}")
    return kind if kind in PARSES else "none"


def read_save(reader: Reader, parse: str) -> dict[str, str]:
    """``save``: the path in the result by the key of the setting; problems are noted."""
    value = reader.take("save")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.problem("save", value, "a mapping of setting keys to paths, such as {service.state: data.state}")
        return {}
    save = {str(key): path for key, path in value.items()}
    for key, path in save.items():
        if problem := key_problem(key) or _path_problem(path, parse):
            reader.refuse(f"save.{key}", problem)
    for above, below in conflicting_keys(save):
        reader.refuse(f"save.{below}", f"'{below}' stands below '{above}', which gets a plain value; save only one")
    return {key: path for key, path in save.items() if isinstance(path, str)}


def _path_problem(path: object, parse: str) -> str:
    if not isinstance(path, str) or not all(path.split(".")):
        return f"is {path!r}, expected a path such as data.state or data.disks.0.size"
    first = path.partition(".")[0]
    if first not in SAVED_FROM:
        hint = did_you_mean(first, SAVED_FROM)
        return f"is {path!r}, expected a path that begins with {', '.join(SAVED_FROM)}{hint}"
    if first == "data" and parse == "none":
        return f"is {path!r}, but without parse there is no data: add parse: json, or save from output"
    if first not in ("data", path):
        return f"is {path!r}, expected '{first}' alone: it has no parts"
    return ""


# --- applying them ------------------------------------------------------------------------------------------------


def parsed(parse: str, output: str, *, is_cut: bool) -> Any:
    """The output as data, None without ``parse``; raises ``NotReadable``."""
    if parse == "none":
        return None
    if is_cut:
        raise NotReadable(
            f"the output is longer than {MAX_RESULT_BYTES} bytes, expected less for parse: {parse}: let the command "
            "print only what is needed"
        )
    return _from_json(output) if parse == "json" else _lines(output)


def saved(save: Mapping[str, str], result: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the task saves from its result; raises ``NotSaved`` at the first path that leads nowhere."""
    return {key: _at(path, result) for key, path in save.items()}


def _lines(output: str) -> list[str]:
    """Without their ends; what stands after the last line end is a line if it is not empty."""
    return output.replace("\r\n", "\n").removesuffix("\n").split("\n") if output else []


def _from_json(output: str) -> Any:
    if not output.strip():
        raise NotReadable("the output is empty, expected JSON")
    try:
        data = json.loads(output, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise NotReadable(f"the output is no JSON: {where}; it begins {_beginning(output)}") from None
    except RecursionError:
        raise NotReadable(_TOO_DEEP) from None
    except ValueError as error:
        raise NotReadable(f"the output is no JSON: {error}; it begins {_beginning(output)}") from None
    _refuse_unfit(data, 0)
    return data


def _beginning(output: str) -> str:
    """The first 80 characters, of which line ends are shown as such."""
    return repr(output if len(output) <= _SHOWN else output[:_SHOWN] + "…")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _integer(digits: str) -> int:
    """Python itself reads no more than 4,300 digits."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, expected at most {MAX_DIGITS}")
    return int(digits)


_TOO_DEEP: Final = f"the JSON is nested deeper than {MAX_DEPTH} levels, expected less"


def _refuse_unfit(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotReadable(_TOO_DEEP)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotReadable("the JSON has a number too large to keep, expected at most about 1e308")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_unfit(child, depth + 1)


def _at(path: str, result: Mapping[str, Any]) -> Any:
    """The value at a dotted path: keys of mappings, numbers of lists from 0."""
    value: Any = result
    parts = path.split(".")
    for number, part in enumerate(parts):
        here = ".".join(parts[:number]) or "the result"
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise NotSaved(f"nothing is at {path}: {_missing(part, here, value)}")
    return value


def _missing(part: str, here: str, value: Any) -> str:
    match value:
        case Mapping():
            keys = [str(key) for key in value]
            shown = ", ".join(keys[:10]) + (f" and {len(keys) - 10} more" if len(keys) > 10 else "")
            return f"{here} has no '{part}', it has {shown or 'no keys'}{did_you_mean(part, keys)}"
        case list():
            count = len(value)
            return f"{here} is a list of {count}, which has no '{part}', expected {_numbers(count)}"
        case _:
            return f"{here} is {_kind(value)}, which has no '{part}'"


def _numbers(count: int) -> str:
    return f"a number from 0 to {count - 1}" if count else "an entry"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case _:
            return "a number"


def masked_data(data: Any, mask: Callable[[str], str]) -> Any:
    """The data with ``mask`` applied to every text in it, keys included: JSON may spell a secret otherwise."""
    match data:
        case str():
            return mask(data)
        case Mapping():
            return {mask(str(key)): masked_data(value, mask) for key, value in data.items()}
        case list() | tuple():
            return [masked_data(value, mask) for value in data]
        case _:
            return data
