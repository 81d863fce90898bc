"""What the demo consists of, read from its YAML, and how much of that is stored as it was made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from flows.documents.document import Document
from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import no_secrets
from flows.documents.stored import stored_documents, stored_world
from flows.models import Flow, FlowVersion, Task, TaskVersion
from flowsite.kernel.access import Actor
from flowsite.kernel.models import AuditEntry

LOGIN = "demo"
_DIRECTORY = Path(__file__).parent / "content"


class DemoAuthor:
    """Whoever makes the demo content: the audit trail and the versions show what came from it."""

    is_active = is_superuser = True

    def get_username(self) -> str:
        """A name that no account can have: user names hold no brackets."""
        return "[demo]"


AUTHOR: Actor = DemoAuthor()


class Standing(StrEnum):
    """What is stored under the name of a document of the demo."""

    MISSING = "missing"
    AS_MADE = "as made"
    CHANGED = "changed"
    #: Somebody else made it, and it only has the same name.
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Piece:
    """One object of the demo: its document in normal form, what is stored of it, and where it stands."""

    kind: str
    name: str
    values: Mapping[str, Any]
    stored: Mapping[str, Any] | None
    standing: Standing

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"

    @property
    def is_ours(self) -> bool:
        """True while it is there and the demo made it."""
        return self.standing in (Standing.AS_MADE, Standing.CHANGED)


def demo_pieces() -> list[Piece]:
    """Every object of the demo, in an order in which they can be written."""
    documents = demo_documents()
    by_kind: dict[str, list[Document]] = {}
    for document in documents:
        by_kind.setdefault(document.kind, []).append(document)
    return [piece for kind, found in by_kind.items() for piece in _pieces(kind, found)]


def demo_documents() -> Sequence[Document]:
    """The documents, checked like those of anybody."""
    sources = [Source(path.name, path.read_text()) for path in sorted(_DIRECTORY.glob("*.yaml"))]
    checked = check_files(sources, stored_world(), no_secrets)
    assert not checked.problems, checked.problems
    return checked.documents


def is_login_ours() -> bool:
    """True when the account ``demo`` is there and the demo made it."""
    return bool(_made_by_author("User", [LOGIN])) and User.objects.filter(username=LOGIN).exists()


def _pieces(kind: str, documents: Sequence[Document]) -> list[Piece]:
    names = [document.name for document in documents]
    stored = {values["name"]: values for values in stored_documents(kind, names)}
    taken = _taken(kind, names) | stored.keys()
    ours = _made_by_author(kind, names)

    def standing(document: Document) -> Standing:
        name = document.name
        if name not in ours:
            return Standing.FOREIGN if name in taken else Standing.MISSING
        if name not in stored:
            return Standing.MISSING
        return Standing.AS_MADE if stored[name] == document.values else Standing.CHANGED

    return [
        Piece(kind, document.name, document.values, stored.get(document.name), standing(document))
        for document in documents
    ]


def _taken(kind: str, names: Collection[str]) -> set[str]:
    """Names in use by what ``stored_documents`` leaves out: archived and unpublished tasks and flows."""
    if kind == "Task":
        return set(Task.objects.filter(name__in=names).values_list("name", flat=True))
    if kind == "Flow":
        return set(Flow.objects.filter(name__in=names).values_list("name", flat=True))
    return set()


def _made_by_author(kind: str, names: Collection[str]) -> set[str]:
    """The names whose object the demo made."""
    author = AUTHOR.get_username()
    # Tasks and flows are archived, never deleted: their first version tells for good who made them.
    if kind == "Task":
        tasks = TaskVersion.objects.filter(task__name__in=names, number=1, published_by=author)
        return set(tasks.values_list("task__name", flat=True))
    if kind == "Flow":
        flows = FlowVersion.objects.filter(flow__name__in=names, number=1, published_by=author)
        return set(flows.values_list("flow__name", flat=True))
    # The last creation counts: a new object of somebody else under an old name is his.
    entries = AuditEntry.objects.filter(kind=kind.lower(), name__in=names, action="created").order_by("id")
    return {name for name, actor in dict(entries.values_list("name", "actor")).items() if actor == author}
