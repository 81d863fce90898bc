"""One document: its kind, its values in normal form, and where each of its keys stands in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.documents.nodes import Node, Problem
from flows.tasks.reading import SpecProblem


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read without a problem.

    ``values`` is the normal form: every key that this release carries out, defaults filled in, keys that are off
    left out, credentials resolved. Two documents mean the same exactly when their values are equal.
    """

    kind: str
    name: str
    file: str
    node: Node = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)

    def problem(self, key: str, message: str) -> Problem:
        """A problem on the line of this key (a dotted path), or of the nearest key above it."""
        return Problem(self.file, line_of(self.node, key), message, f"{self.kind} '{self.name}'", key)


def describe(problem: SpecProblem) -> str:
    """The key and what is wrong with it, as one sentence."""
    return f"{problem.key}{' ' if problem.message.startswith(_VERBS) else ': '}{problem.message}"


_VERBS = ("is ", "has ", "selects ")


def in_text(document: Document, key: str, line: int, message: str) -> Problem:
    """A problem on a line (from 1) of the text under this key: on the file's own line where it is a literal block.

    A document that came without a file has the line of the text itself.
    """
    node = document.node.value.get(key) if isinstance(document.node.value, dict) else None
    problem = document.problem(key, f"{key}: {message}")
    if node is not None and node.text_line is not None:
        return replace(problem, line=node.text_line + line - 1)
    if document.node.line == 0:
        return replace(problem, line=line, message=message)
    return replace(problem, message=f"{key}, line {line}: {message}")


def line_of(node: Node, key: str) -> int:
    """The line of the key with this dotted path; keys may hold dots themselves, the longest one wins."""
    parts = key.split(".")
    while parts:
        found = _step(node, parts)
        if found is None:
            break
        node, parts = found
    return node.line


def _step(node: Node, parts: list[str]) -> tuple[Node, list[str]] | None:
    if isinstance(node.value, list):
        is_index = parts[0].isdigit() and int(parts[0]) < len(node.value)
        return (node.value[int(parts[0])], parts[1:]) if is_index else None
    if isinstance(node.value, dict):
        for length in range(len(parts), 0, -1):
            child = node.value.get(".".join(parts[:length]))
            if child is not None:
                return child, parts[length:]
    return None
