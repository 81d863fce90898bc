"""YAML text into values that know their line.

The grammar is YAML, the scalars are those of its JSON subset: ``true``, ``false``, ``null``, whole and decimal
numbers; everything else is text (``yes``, ``on``, ``0755``, ``2026-12-25``, ``12:30``). Keys are always text. Tags,
merge keys and values that contain themselves are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 40
MAX_REPEATED_NODES = 10_000

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where; ``str()`` is the line that people and editors read.

    ``subject`` names the document, ``key`` is the dotted path of what is wrong in it; both may be unknown.
    """

    file: str
    line: int
    message: str
    subject: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.subject}{': ' if self.subject else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place.

    ``line`` counts from 1 and is the line of the value's key, or of the value where it has none. ``text_line`` is
    the line on which the text of a literal block (``|``) begins; other values have none, because their lines cannot
    be told apart any more. ``size`` counts all nodes in it. The repr shows no value: it may be a secret.
    """

    value: "Scalar | list[Node] | dict[str, Node]" = field(repr=False)
    line: int = 0
    text_line: int | None = None
    size: int = 1

    def plain(self) -> Any:
        """The value without places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Unreadable(Exception):
    """The text is not a readable YAML file; nothing after ``line`` was read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def read_nodes(text: str) -> list[Node]:
    """One node per document of the text, empty documents left out; raises ``Unreadable``."""
    try:
        return list(_Reader(text).documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"not readable as YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise Unreadable(_line_of(text, error), f"not readable as YAML: {getattr(error, 'reason', error)}") from error


def node_of(value: Any) -> Node:
    """A node without a line for a value that did not come from a file (JSON)."""
    if isinstance(value, dict):
        children = {str(key): node_of(child) for key, child in value.items()}
        return Node(children, size=1 + sum(child.size for child in children.values()))
    if isinstance(value, list | tuple):
        items = [node_of(child) for child in value]
        return Node(items, size=1 + sum(item.size for item in items))
    return Node(value)


def resolve(text: str) -> Scalar:
    """The scalar that a plain (unquoted) word stands for."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,299})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,299})(\.[0-9]{1,299})?([eE][-+]?[0-9]{1,3})?")


class _Reader:
    """Builds nodes from the parser's events, with bounds on depth and on what aliases repeat.

    The events are consumed directly, because the library's own composer overflows the stack on deep nesting.
    """

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self._anchors: dict[str, Node] = {}
        self._repeated = 0

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                node = self._node(next(self._events), 0, None)
                if node.value is not None:
                    yield node

    def _node(self, event: Any, depth: int, line: int | None) -> Node:
        place = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise Unreadable(place, f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", place, line)
        if event.tag not in (None, "!"):
            # Neither the tag's nor an alias' word is told: it may be a password that somebody forgot to quote.
            raise Unreadable(place, "a tag (!...) is not allowed; leave it out, or put the text in quotes")
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, line or place)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(depth, line or place)
        else:
            node = self._sequence(depth, line or place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str, place: int, line: int | None) -> Node:
        node = self._anchors.get(anchor)
        if node is None:
            raise Unreadable(place, "an alias (*...) has no complete value (&...) before it; put a text in quotes")
        self._repeated += node.size
        if self._repeated > MAX_REPEATED_NODES:
            raise Unreadable(place, f"aliases repeat more than {MAX_REPEATED_NODES} values")
        return Node(node.value, line or place, node.text_line, node.size)

    def _scalar(self, event: Any, line: int) -> Node:
        if event.implicit[0]:
            return Node(resolve(event.value), line)
        if event.style != "|":
            return Node(event.value, line)
        return Node(event.value, line, event.start_mark.line + 2)  # marks count from 0; the text follows the "|"

    def _mapping(self, depth: int, line: int) -> Node:
        entries: dict[str, Node] = {}
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise Unreadable(place, "a key must be a single word or text")
            if event.value == "<<" and event.implicit[0]:
                raise Unreadable(place, "merge keys (<<) are not allowed; repeat the keys")
            if event.value in entries:
                first = entries[event.value].line
                raise Unreadable(place, f"key '{event.value}' is given twice; the first is on line {first}")
            entries[event.value] = self._node(next(self._events), depth + 1, place)
            size += entries[event.value].size
        return Node(entries, line, size=size)

    def _sequence(self, depth: int, line: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1, None))
        return Node(items, line, size=1 + sum(item.size for item in items))


def _line_of(text: str, error: yaml.YAMLError) -> int:
    position = getattr(error, "position", None)
    return 1 if position is None else text.count("\n", 0, position) + 1
