"""The names that a task's template can use for one element, with their values there: what its editor completes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elements.models import Element
from elements.queries import ElementDict, origins_of
from flows.tasks.redact import Redactor

#: Characters of a value that are shown.
SHOWN = 60
#: So many values of one element at most.
MAX_NAMES = 500

#: What a template sees beside the keys of the context (R43): a context's own key of such a name stands behind it.
_TAKEN = frozenset({"element", "inputs", "run", "steps"})
_OF_THE_ELEMENT = ("name", "address", "profile", "groups", "id")


@dataclass(frozen=True, slots=True)
class TemplateName:
    """``name`` as a template spells it, ``value`` as a short text without secrets, ``origin`` in words."""

    name: str
    value: str
    origin: str


def template_names(item: ElementDict, run: Mapping[str, Any], redactor: Redactor) -> tuple[TemplateName, ...]:
    """What stands in the element's context with the layer it comes from, the element, and the run. 4 queries."""
    element = Element.objects.select_related("profile").get(pk=item["id"])
    found = [(spelled(origin.key.split(".")), origin.value, origin.origin) for origin in origins_of(element)]
    found += [(f"element.{key}", item[key], "the element") for key in _OF_THE_ELEMENT]
    found += [(f"run.{key}", value, "the run; a sample here") for key, value in run.items()]
    return tuple(TemplateName(name, _short(value, redactor), origin) for name, value, origin in found[:MAX_NAMES])


def spelled(path: Sequence[str]) -> str:
    """The path of a context value in Jinja2: ``net.0.hostname``, ``element.context['disk-use'].size``."""
    is_plain = path[0].isidentifier() and path[0] not in _TAKEN
    return ("" if is_plain else "element.context") + "".join(_parts(path, is_first_plain=is_plain))


def _parts(path: Sequence[str], *, is_first_plain: bool) -> Iterator[str]:
    for index, part in enumerate(path):
        if index == 0 and is_first_plain:
            yield part
        elif part.isidentifier() or part.isdecimal():
            yield f".{part}"
        else:
            yield f"[{part!r}]"


def _short(value: Any, redactor: Redactor) -> str:
    """Masked before it is cut, so that no part of a secret is left over."""
    text = redactor.text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
