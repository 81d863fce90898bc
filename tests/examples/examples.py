"""The example flows as they are stored: read from their documents, applied to the database, looked up as a run does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from elements.models import Element
from elements.queries import element_dicts, select_elements
from flows.adapters.definitions import Catalog, catalog_as_of
from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets
from flows.documents.stored import stored_world
from flows.operations.apply import write_documents
from flows.operations.runs import current_version
from flows.runner.outcomes import canonical
from flowsite.kernel.access import SYSTEM

DOCUMENTS = Path(__file__).parent / "documents"


@dataclass(frozen=True)
class Example:
    """A flow with all that it reaches. ``selected`` are the names of its target, in their natural order."""

    flow: str
    catalog: Catalog
    selected: Sequence[str]
    elements: Mapping[str, Mapping[str, Any]]


@cache
def example(document: str, flow: str) -> Example:
    """The flow of a document. Needs the database the first time, and leaves nothing in it."""
    with transaction.atomic():
        store(document)
        catalog = catalog_as_of(current_version(flow).pk, timezone.now())
        names = Element.objects.values_list("name", flat=True)
        elements = {name: canonical(found) for name, found in element_dicts(names).items()}
        selected = [item["name"] for item in select_elements(catalog.targets[flow])]
        transaction.set_rollback(True)
    return Example(flow, catalog, selected, elements)


def store(document: str) -> None:
    """Check and apply a document, as the command does."""
    text = (DOCUMENTS / f"{document}.yaml").read_text()
    checked = check_files([Source(f"{document}.yaml", text)], stored_world(), local_secrets)
    assert not checked.problems, [str(problem) for problem in checked.problems]
    write_documents(documents=[(found.kind, found.values) for found in checked.documents], by=SYSTEM)
