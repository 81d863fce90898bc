"""What a draft's processing script makes of the elements that its target selects: order, what is dropped, and of which
facts, how old they are and where they come from (R3-R7). Nothing is stored.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from elements.context import MISSING, lookup, nested, written_at
from elements.models import Group, Profile, Setting
from elements.queries import ElementDict, NotInTarget, TargetProblem, select_elements
from flows.adapters.definitions import FlowSource, declared_inputs
from flows.adapters.input_check import sampled_inputs
from flows.runner.outcomes import canonical
from flows.script.calls import ScriptProblem
from flows.script.dropping import Dropped, dropped_by
from flows.script.element_keys import Key
from flows.script.instance import Limits
from flows.script.ordering import Processing, Statement, told
from flows.script.planning.tracing import AT_ONCE, OPEN
from flows.script.processing import process
from flows.script.sandbox import Sandbox
from flows.tasks.inputs import InputRefused, secret_values_of
from flows.tasks.redact import Redactor

MOST_NAMES: Final = 50
"""Names of elements that miss a key."""

MOST_VALUE: Final = 200
"""Characters of a fact, as JSON."""

MOST_S: Final = 6.0

_LINE: Final = re.compile(r"line (\d+): ")


@dataclass(frozen=True, slots=True)
class _Asked:
    source: FlowSource
    processing: Processing
    selected: Sequence[ElementDict]
    rows: int


def order_of(source: FlowSource, inputs: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """``words``, ``selected``, ``kept``, ``rows``, ``dropped``, ``keys`` and ``problem`` as the API tells them.

    At most 14 queries; 10,000 elements take 1.3 s of CPU. What is wrong with the target or in the script is the
    ``problem``; lists have the first ``rows``.
    """
    processing = told(source.processing_script)
    try:
        selected = [canonical(item) for item in select_elements(source.definition.get("target"))]
    except (TargetProblem, NotInTarget) as problem:
        return _with_problem(_Asked(source, processing, (), rows), 0, str(problem))
    asked = _Asked(source, processing, selected, rows)
    declared = declared_inputs(source)
    try:
        given, _ = sampled_inputs(source.name, declared, inputs, selected)
        ordered, dropped = asyncio.run(_processed(asked, given))
    except InputRefused as refused:
        return _with_problem(asked, 0, str(refused))
    except ScriptProblem as problem:
        message = Redactor(inputs=secret_values_of(declared, given)).text(str(problem))
        found = _LINE.match(message)
        return _with_problem(asked, int(found[1]) if found else 0, message)
    return _answer(asked, ordered, dropped)


def refused_order(script: str, line: int, message: str) -> dict[str, Any]:
    """The same answer where a key is wrong, so that nothing was selected."""
    source = FlowSource("", {}, script, "")
    return _with_problem(_Asked(source, told(script), (), 0), line, message)


async def _processed(asked: _Asked, inputs: Mapping[str, Any]) -> tuple[Sequence[ElementDict], Mapping[Any, Dropped]]:
    """As a run would have it; and where the others were dropped, where there are others."""
    text = asked.source.processing_script
    if not asked.selected or not text.strip():
        return asked.selected, {}
    by_id = {item["id"]: item for item in asked.selected}
    limits = Limits()
    sandbox = Sandbox(max_processes=OPEN + AT_ONCE, turn_s=limits.turn_s, keeps=True)
    try:
        async with asyncio.timeout(MOST_S):
            processed = await process(sandbox, limits, text, asked.selected, inputs)
            ordered = [by_id[item["id"]] for item in processed]
            if len(ordered) == len(asked.selected):
                return ordered, {}
            return ordered, await dropped_by(sandbox, limits, text, asked.selected, inputs)
    except TimeoutError:
        raise ScriptProblem(f"the order took longer than {MOST_S:g} s: narrow the target") from None
    finally:
        await sandbox.close()


# --- telling ------------------------------------------------------------------------------------------------------


def _with_problem(asked: _Asked, line: int, message: str) -> dict[str, Any]:
    """The elements as they are selected: what is known before the script is told all the same."""
    answer = _answer(asked, asked.selected, {})
    return answer | {"problem": {"line": line, "message": message}}


def _answer(asked: _Asked, ordered: Sequence[ElementDict], dropped: Mapping[Any, Dropped]) -> dict[str, Any]:
    keys = asked.processing.keys
    left = {item["id"] for item in ordered}
    gone = [item for item in asked.selected if item["id"] not in left]
    read = _keys_read([key.name for key in keys if not key.is_own], asked.selected)
    return {
        "words": asked.processing.words,
        "selected": len(asked.selected),
        "kept": len(ordered),
        "rows": [_row(item, keys, read) for item in ordered[: asked.rows]],
        "dropped": [_dropped(item, asked.processing, dropped.get(item["id"])) for item in gone[: asked.rows]],
        "keys": [found.told() for found in read],
        "problem": None,
    }


def _row(item: ElementDict, keys: Sequence[Key], read: "Sequence[_KeyRead]") -> dict[str, Any]:
    """One element with its facts, and when each that came from the context was written, where that is known."""
    times = {found.key: found.at_of[item["id"]] for found in read if item["id"] in found.at_of}
    written = {key: at.isoformat() for key, at in times.items()}
    return {"name": item["name"], "facts": _facts(item, keys), "written_at": written}


def _dropped(item: ElementDict, processing: Processing, found: Dropped | None) -> dict[str, Any]:
    statement = None if found is None else processing.at(found.line)
    keys = processing.keys if statement is None else statement.keys
    return {
        "name": item["name"],
        "line": None if found is None else found.line,
        "why": "the script left it out" if found is None else _why(item, statement, found),
        "facts": _facts(item, keys or processing.keys),
    }


def _why(item: ElementDict, statement: Statement | None, found: Dropped) -> str:
    """``line 2 keeps only env prod; env is 'stage'``, ``line 3 keeps the first 3; it was number 5``."""
    does = f"line {found.line} {statement.drops if statement and statement.drops else 'left it out'}"
    facts = [_said(item, key) for key in (statement.keys if statement else ())]
    if not facts:
        return f"{does}; it was number {found.place}"
    return f"{does}; {', '.join(facts)}"


def _said(item: ElementDict, key: Key) -> str:
    value = _value_of(item, key)
    if value is MISSING:
        return f"it has no {key.name}"
    if key == Key("groups", is_own=True):
        return f"its groups are {', '.join(value)}" if value else "it is in no group"
    return f"{key.name} is {_shown(value)!r}"


def _facts(item: ElementDict, keys: Sequence[Key]) -> dict[str, Any]:
    values = {key.name: _value_of(item, key) for key in keys if key != Key("name", is_own=True)}
    return {name: _shown(value) for name, value in values.items() if value is not MISSING}


def _value_of(item: ElementDict, key: Key) -> Any:
    return item[key.name] if key.is_own else lookup(item["context"], key.name)


def _shown(value: Any) -> Any:
    """The value, or the beginning of a long one as text."""
    if isinstance(value, bool | int | float | None):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]}…"


# --- where facts come from ----------------------------------------------------------------------------------------


def _keys_read(keys: Sequence[str], selected: Sequence[ElementDict]) -> "list[_KeyRead]":
    """Each key with who misses it, the ages of its values, and how many have it from where. 3 queries, or none."""
    if not keys or not selected:
        return [_KeyRead(key) for key in keys]
    settings = _settings_of(keys, {item["id"] for item in selected})
    layers = [
        *_layers("group", Group.objects.order_by("-priority", "-name")),
        *_layers("profile", Profile.objects.all()),
    ]
    read = []
    for key in keys:
        found = _KeyRead(key)
        sources = [
            replace(layer, at=written_at(layer.times, key))
            for layer in layers
            if lookup(layer.context, key) is not MISSING
        ]
        for item in selected:
            at = _written_at(settings.get(item["id"], ()), key)
            if at is not None:
                found.add(item, "setting", at)
            else:
                found.add_source(item, sources)
        read.append(found)
    return read


@dataclass(frozen=True, slots=True)
class _Source:
    """A group or profile, and when it last wrote the key in question, where that is known."""

    origin: str
    name: str
    context: Mapping[str, Any]
    times: Mapping[str, str]
    at: datetime | None = None

    def is_of(self, item: ElementDict) -> bool:
        return self.name in item["groups"] if self.origin == "group" else self.name == item["profile"]


def _layers(origin: str, rows: QuerySet[Any]) -> Iterable[_Source]:
    for name, context, times in rows.values_list("name", "context", "context_written_at"):
        yield _Source(origin, name, nested(context), times)


@dataclass(slots=True)
class _KeyRead:
    """What is told of one key; ``written`` are the instants by where the value comes from, ``at_of`` by element."""

    key: str
    missing: list[str] = field(default_factory=list)
    origins: Counter[str] = field(default_factory=Counter)
    written: dict[str, list[datetime]] = field(default_factory=lambda: {"setting": [], "group": [], "profile": []})
    at_of: dict[Any, datetime] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)

    def add(self, item: ElementDict, origin: str, at: datetime | None) -> None:
        self.origins[origin] += 1
        if at is not None:
            self.written[origin].append(at)
            self.at_of[item["id"]] = at

    def add_source(self, item: ElementDict, sources: Sequence[_Source]) -> None:
        """The first of them, strongest first, that this element has; or it misses the key."""
        source = next((source for source in sources if source.is_of(item)), None)
        if source is None:
            self.missing.append(item["name"])
        else:
            self.add(item, source.origin, source.at)
            self.sources[f"{source.origin} {source.name}"] = None

    def told(self) -> dict[str, Any]:
        written = [at for times in self.written.values() for at in times]
        return {
            "key": self.key,
            "missing": self.missing[:MOST_NAMES],
            "missing_total": len(self.missing),
            "oldest_at": _told_at(min(written, default=None)),
            "newest_at": _told_at(max(written, default=None)),
            "oldest_setting_at": _told_at(min(self.written["setting"], default=None)),
            "untimed": self.origins.total() - len(written),
            "origins": {origin: self.origins[origin] for origin in self.written},
            "sources": list(self.sources)[:MOST_NAMES],
        }


def _told_at(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


_Own = tuple[str, Any, datetime]


def _settings_of(keys: Sequence[str], elements: set[int]) -> Mapping[int, Sequence[_Own]]:
    """By element, those of its settings that these keys may come from: they, what is above them, what is below."""
    above = {".".join(key.split(".")[:length]) for key in keys for length in range(1, key.count(".") + 2)}
    chosen = Q(key__in=above)
    for key in keys:
        chosen |= Q(key__startswith=f"{key}.")
    found: dict[int, list[_Own]] = {}
    rows = Setting.objects.filter(chosen).order_by().values_list("element_id", "key", "value", "written_at")
    for element, key, value, at in rows:
        if element in elements:
            found.setdefault(element, []).append((key, value, at))
    return found


def _written_at(settings: Iterable[_Own], key: str) -> datetime | None:
    """When the newest setting was written that has a part in this key."""
    times = [
        at
        for name, value, at in settings
        if name == key or name.startswith(f"{key}.") or lookup(nested({name: value}), key) is not MISSING
    ]
    return max(times, default=None)
