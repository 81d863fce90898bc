"""Files into documents: what can be said of each document alone. ``checking`` looks at them together."""

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flows.documents.document import Document, describe, line_of
from flows.documents.kinds import KINDS, NOT_THIS_RELEASE
from flows.documents.nodes import Node, Problem, Unreadable, read_nodes
from flows.keys.fields import Fields

SecretSource = Callable[[str, str], str]
"""Takes ('env' | 'file', name) and gives the text, or raises ``SecretNotFound``."""


class SecretNotFound(Exception):
    """A credential's variable or file is not there; the text says what was looked for, never what was found."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file's name, as problems show it, and its text."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """The documents that are right in themselves; kind and name of the others; every problem of those."""

    documents: list[Document]
    unsound: list[tuple[str, str]]
    problems: list[Problem]


def read_documents(sources: Iterable[Source], secrets: SecretSource) -> Read:
    """Everything that can be said without looking at what is stored."""
    documents: list[Document] = []
    unsound: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            nodes = read_nodes(source.text)
        except Unreadable as error:
            problems.append(Problem(source.file, error.line, error.message))
            continue
        for node in nodes:
            document, found = read_document(source.file, node, secrets)
            problems.extend(found)
            if document:
                documents.append(document)
            else:
                unsound.extend(_kind_and_name(node))
    return Read(documents, unsound, problems + _defined_twice(documents))


def _kind_and_name(node: Node) -> list[tuple[str, str]]:
    keys = node.value if isinstance(node.value, dict) else {}
    kind, name = (keys[key].value if key in keys else None for key in ("kind", "name"))
    return [(kind, name)] if isinstance(kind, str) and isinstance(name, str) else []


def read_document(file: str, node: Node, secrets: SecretSource) -> tuple[Document | None, list[Problem]]:
    """One document, or None and what is wrong with it."""
    if not isinstance(node.value, dict):
        return None, [Problem(file, node.line, "expected a mapping that begins with 'kind:'")]
    kind = node.value["kind"].value if "kind" in node.value else None
    if not isinstance(kind, str) or kind not in KINDS:
        return None, [Problem(file, line_of(node, "kind"), _wrong_kind(kind))]
    data, missing = _with_secrets(node, secrets) if kind == "Credential" else (node.plain(), [])
    fields = Fields.of(data)
    values = KINDS[kind](fields)
    fields.reader.finish()
    for key in fields.data:
        if "\\u0000" in json.dumps(fields.data[key]):
            fields.note(key, "has a NUL character, which no database and no shell can hold")
    name = str(values["name"])
    title = f"{kind} '{name}'" if name else kind
    problems = [Problem(file, line_of(node, wrong.key), describe(wrong), title, wrong.key) for wrong in fields.problems]
    problems += [Problem(file, line_of(node, key), message, title, key) for key, message in missing]
    return (None if problems else Document(kind, name, file, node, values)), sorted(problems)


def _wrong_kind(kind: Any) -> str:
    known = ", ".join(KINDS)
    if kind is None:
        return f"kind is missing, expected one of {known}"
    if isinstance(kind, list | dict):
        return f"kind is a {'list' if isinstance(kind, list) else 'mapping'}, expected one of {known}"
    if kind in NOT_THIS_RELEASE:
        return f"kind {kind} is not available in this release"
    near = difflib.get_close_matches(str(kind), KINDS, n=1)
    return f"kind is {str(kind)[:60]!r}, expected one of {known}" + (f"; did you mean '{near[0]}'?" if near else "")


def _with_secrets(node: Node, secrets: SecretSource) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The credential's keys, ``{env: NAME}`` and ``{file: PATH}`` replaced by what they stand for, and what is not."""
    assert isinstance(node.value, dict)
    data: dict[str, Any] = {}
    missing: list[tuple[str, str]] = []
    for key, child in node.value.items():
        data[key] = child.plain()
        try:
            data[key] = _secret(data[key], secrets)
        except SecretNotFound as error:
            data[key] = "not found"
            missing.append((key, f"{key}: {error}"))
    return data, missing


def _secret(value: Any, secrets: SecretSource) -> Any:
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(source, name)] = value.items()
    return secrets(source, name) if source in ("env", "file") and isinstance(name, str) else value


def _defined_twice(documents: Sequence[Document]) -> list[Problem]:
    seen: dict[tuple[str, str], Document] = {}
    problems: list[Problem] = []
    for document in documents:
        first = seen.setdefault((document.kind, document.name), document)
        if first is not document:
            place = f"{first.file}:{first.node.line}"
            problems.append(document.problem("name", f"is defined twice; the first is at {place}"))
    return problems
