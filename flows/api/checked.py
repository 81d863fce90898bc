"""Definitions that arrive as JSON: checked as documents are, refused field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.documents.document import Document
from flows.documents.files import check_values
from flows.documents.nodes import Problem
from flows.documents.stored import stored_world
from flowsite.kernel.errors import InvalidRequest


class DefinitionRefused(InvalidRequest):
    """A definition has problems; ``fields`` has them by key, as dotted paths."""

    code = "definition"

    def __init__(self, kind: str, problems: Sequence[Problem]) -> None:
        fields: dict[str, list[str]] = {}
        for problem in problems:
            fields.setdefault(problem.key, []).append(in_words(problem))
        count = len(problems)
        super().__init__(f"this {kind} has {count} problem{'s' if count > 1 else ''}, see fields", fields=fields)


def checked_definition(kind: str, values: Mapping[str, Any]) -> Document:
    """The document of this kind with these keys, or ``DefinitionRefused``."""
    document, problems = check_values(kind, values, stored_world())
    if problems or document is None:
        raise DefinitionRefused(kind.lower(), problems)
    return document


def in_words(problem: Problem) -> str:
    """The message, after its line where the value has lines."""
    return f"line {problem.line}: {problem.message}" if problem.line else problem.message
