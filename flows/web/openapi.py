"""Reads an OpenAPI description into what the page of the API shows: operations by tag, with fields in plain words."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.web.openapi_examples import example_call, example_of

Node = Mapping[str, Any]

#: Objects within objects are shown to this depth.
_DEPTH = 3
#: Every call may refuse with these; the page says so once.
_SAID_ONCE = ("400", "401", "403", "404", "409")
_SHARED = "Problem"
#: Characters of JSON on a line.
_LINE = 72


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one field of a body or answer. ``name`` is a dotted path, with [] for each of a list."""

    name: str
    type: str
    told: str
    required: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gives back."""

    status: str
    told: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. ``path_example`` is its path with numbers and a query filled in, ``body_example`` JSON or empty."""

    id: str
    method: str
    path: str
    title: str
    text: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    body_example: str
    path_example: str
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Section:
    """The calls of one tag, in the order of their paths."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def sections_of(description: Node) -> list[Section]:
    """All calls of an OpenAPI description, by tag."""
    reader = _Reader(description["components"]["schemas"])
    found: dict[str, Section] = {}
    for path, calls in sorted(description["paths"].items()):
        for method, call in calls.items():
            name = str(call["tags"][0])
            found.setdefault(name, Section(name)).operations.append(reader.operation(method, path, call))
    return sorted(found.values(), key=lambda section: section.name)


class _Reader:
    """Follows references into the components."""

    def __init__(self, components: Mapping[str, Node]) -> None:
        self._components = components

    def operation(self, method: str, path: str, call: Node) -> Operation:
        title, _, text = _plain(call.get("description", "")).partition("\n")
        schema = _json_schema(call.get("requestBody", {}))
        example = example_call(call["operationId"])
        body = example.body if example.body is not None else example_of(schema, self._components)
        return Operation(
            id=call["operationId"],
            method=method.upper(),
            path=path,
            title=_ONE if call["operationId"].endswith("_retrieve") and path.endswith("}/") else title,
            text=text.strip(),
            parameters=[self._parameter(node) for node in call.get("parameters", ())],
            body=list(self._fields(schema, hidden="readOnly")) if schema else [],
            body_example=_indented(body) if schema else "",
            path_example=_filled(path) + example.query,
            answers=list(self._answers(call["responses"])),
        )

    def _parameter(self, node: Node) -> Field:
        schema = self._resolved(node.get("schema", {}))
        told = _PARAMETERS.get(node["name"]) or _plain(node.get("description", ""))
        return Field(node["name"], self._type(schema), told, bool(node.get("required")), node["in"])

    def _answers(self, responses: Node) -> Iterator[Answer]:
        for status, response in sorted(responses.items()):
            schema = _json_schema(response)
            if status in _SAID_ONCE and schema.get("$ref", "").endswith(f"/{_SHARED}"):
                continue
            told = response.get("description") or self._resolved(schema).get("description", "")
            yield Answer(status, _plain(told), list(self._fields(schema, hidden="writeOnly")))

    def _fields(self, schema: Node, *, hidden: str, prefix: str = "", depth: int = _DEPTH) -> Iterator[Field]:
        resolved = self._resolved(schema)
        if resolved.get("type") == "array":
            yield from self._fields(resolved["items"], hidden=hidden, prefix=f"{prefix}[].", depth=depth)
            return
        required = resolved.get("required", ())
        for name, node in resolved.get("properties", {}).items():
            inner = self._resolved(node)
            if inner.get(hidden) or node.get(hidden):
                continue
            told = node.get("description") or inner.get("description", "")
            yield Field(prefix + name, self._type(node), _plain(told), name in required)
            if depth > 1:
                yield from self._inner(inner, f"{prefix}{name}", hidden, depth - 1)

    def _inner(self, node: Node, name: str, hidden: str, depth: int) -> Iterator[Field]:
        item = self._resolved(node["items"]) if node.get("type") == "array" else node
        mark = "[]." if item is not node else "."
        if item.get("properties"):
            yield from self._fields(item, hidden=hidden, prefix=name + mark, depth=depth)

    def _resolved(self, node: Node) -> Node:
        """The node itself with what it refers to laid under it."""
        if "$ref" in node:
            return self._resolved(self._components[node["$ref"].rsplit("/", 1)[1]])
        if len(node.get("allOf", ())) == 1:
            rest = {key: value for key, value in node.items() if key != "allOf"}
            return {**self._resolved(node["allOf"][0]), **rest}
        return node

    def _type(self, node: Node) -> str:
        resolved = self._resolved(node)
        words = self._bare_type(resolved)
        return f"{words}, or null" if resolved.get("nullable") else words

    def _bare_type(self, node: Node) -> str:
        if options := node.get("enum"):
            return "one of " + ", ".join(str(option) for option in options if option not in (None, ""))
        if options := node.get("oneOf"):
            return " or ".join(self._type(option) for option in options if self._resolved(option).get("enum") != [None])
        kind = node.get("type", "")
        if kind == "array":
            return f"list of {self._type(node['items'])}"
        if kind == "string":
            return _FORMATS.get(node.get("format", ""), "text")
        return _TYPES.get(kind, "any JSON")


_ONE = "One of them, by its number."
#: Of every list; the framework's own words say less.
_PARAMETERS = {
    "id": "its number",
    "page": "counts from 1",
    "page_size": "rows on a page, 50 unless it is said, at most 1000",
    "ordering": "a field, with - before it for descending",
    "search": "a part of a name or text",
}
_TYPES = {"integer": "whole number", "number": "number", "boolean": "true or false", "object": "object"}
_FORMATS = {"date-time": "instant, ISO 8601", "date": "date"}


def _json_schema(holder: Node) -> Node:
    content: Node = holder.get("content", {})
    schema: Node = content.get("application/json", {}).get("schema", {})
    return schema


def _plain(text: str) -> str:
    """Without the marks of reStructuredText, and without the options that the type tells already."""
    lines = (line for line in text.replace("``", "").splitlines() if not line.startswith("* `"))
    return "\n".join(lines).strip()


def _filled(path: str) -> str:
    """With a number for each part in braces."""
    return re.sub(r"\{\w+\}", "1", path)


def _indented(value: Any, indent: str = "") -> str:
    """JSON that breaks lines only where one would be long."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) + len(indent) <= _LINE or not isinstance(value, dict | list) or not value:
        return text
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_indented(child, deeper)}" for key, child in value.items()]
        return f"{{\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}}}"
    return f"[\n{deeper}" + f",\n{deeper}".join(_indented(child, deeper) for child in value) + f"\n{indent}]"
