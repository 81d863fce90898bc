"""Documents as YAML text that ``apply`` takes back unchanged: defaults left out, scripts as literal blocks."""

from collections.abc import Mapping
from typing import Any

import yaml

from flows.documents.kinds import KINDS
from flows.documents.nodes import resolve
from flows.keys.fields import Fields

#: What a document of the kind needs beside its name; all its other keys have defaults.
_LEAST: Mapping[str, Mapping[str, Any]] = {
    "Profile": {"connection": {"type": "local"}},
    "Group": {},
    "Element": {"profile": "any"},
    "Task": {"command": "true"},
    "Flow": {"mode": "serial", "execution_script": "pass"},
    "Schedule": {"flow": "any", "days": ["sun"], "times": ["00:00"]},
}
#: Characters that YAML takes for line ends, or drops; only double quotes keep them.
_ODD_BREAKS = frozenset("\r\x85\u2028\u2029\ufeff")
_ALWAYS = frozenset({"name", "connection", "profile", "class", "command", "mode", "execution_script", "flow"})
#: A schedule needs either days and times or cron, so that none of them has a default by itself.
_EITHER: Mapping[str, Any] = {"days": [], "times": [], "cron": ""}


def dump_document(kind: str, values: Mapping[str, Any]) -> str:
    """One document, without the ``---`` before it."""
    mode = {"mode": values["mode"]} if "mode" in values else {}
    defaults = KINDS[kind](Fields.of({"name": values["name"], **_LEAST[kind], **mode}))
    if kind == "Schedule":
        defaults = {**defaults, **_EITHER}
    shown = {key: value for key, value in values.items() if key in _ALWAYS or value != defaults.get(key)}
    if isinstance(shown.get("inputs"), list):
        shown["inputs"] = [_input(item) for item in shown["inputs"]]
    return yaml.dump(
        {"kind": kind, **shown}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000, indent=2
    )


def dump_values(values: Mapping[str, Any]) -> str:
    """A mapping alone, such as a context, for a person to edit."""
    return yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000, indent=2)


def _input(item: Mapping[str, Any]) -> dict[str, Any]:
    is_said = {"default": item["default"] is not None, "required": item["required"]}
    return {key: value for key, value in item.items() if is_said.get(key, True)}


class _Dumper(yaml.SafeDumper):
    """Writes texts so that this reader, and every other one, takes them for texts; repeats instead of aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Always."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _ODD_BREAKS & set(text):
        style: str | None = '"'
    else:
        style = "|" if "\n" in text else "'" if resolve(text) != text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
