"""Everything about a set of files: read, checked alone and together; nothing is stored here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.documents.checking import check_together, warnings_of
from flows.documents.document import Document
from flows.documents.kinds import KINDS
from flows.documents.nodes import Problem, node_of
from flows.documents.reading import SecretSource, Source, read_document, read_documents
from flows.documents.secrets import no_secrets
from flows.documents.world import World


@dataclass(frozen=True, slots=True)
class Checked:
    """``documents`` in the order in which they can be written: what others refer to comes first.

    With ``problems`` none of them may be; ``warnings`` keep nothing from being stored.
    """

    documents: Sequence[Document]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


def check_files(sources: Iterable[Source], stored: World, secrets: SecretSource) -> Checked:
    """All problems of all files: of each document alone, and of the sound ones together."""
    read = read_documents(sources, secrets)
    # What a document that cannot be stored is named is known: it is still there to be referred to.
    together = check_together(read.documents, stored.with_names(read.unsound))
    problems = sorted([*read.problems, *together], key=lambda problem: (problem.file, problem.line))
    return Checked(in_writing_order(read.documents), problems, warnings_of(read.documents))


def in_writing_order(documents: Iterable[Document]) -> list[Document]:
    """By kind, as the kinds refer to each other, else in the order of the files."""
    order = list(KINDS)
    return sorted(documents, key=lambda document: order.index(document.kind))


def check_values(kind: str, values: Mapping[str, Any], stored: World) -> tuple[Document | None, list[Problem]]:
    """One document that did not come from a file; the lines of its problems count in the text of their key."""
    keys = {key: value for key, value in values.items() if key != "kind"}
    document, problems = read_document("", node_of({"kind": kind, **keys}), no_secrets)
    return document, problems + (check_together([document], stored) if document else [])
