"""``apply``: creates and updates objects from YAML files, all of them or none."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets
from flows.documents.stored import stored_world
from flows.management.console import FAILED, ConsoleCommand, FileNotReadable, read_text
from flows.operations.apply import DocumentRefused, write_documents
from flowsite.kernel.access import SYSTEM


class Command(ConsoleCommand):
    """Applies documents."""

    help = "Create and update objects from YAML files: all of them or, if anything is wrong in any file, none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def act(self, options: dict[str, Any]) -> None:
        checked = check_files(self._sources(options["files"]), stored_world(), local_secrets)
        for warning in checked.warnings:
            self.stderr.write(f"{warning.file}:{warning.line}: warning: {warning.message}")
        if checked.problems:
            self.refuse(checked.problems, FAILED)
        writes = [(document.kind, document.values) for document in checked.documents]
        try:
            changes = write_documents(documents=writes, by=SYSTEM, dry_run=options["dry_run"])
        except DocumentRefused as refused:
            self.refuse([checked.documents[refused.index].problem("", refused.message)], FAILED)
        for document, change in zip(checked.documents, changes, strict=True):
            self.stdout.write(f"{change} {document.kind} {document.name}")

    def _sources(self, files: Iterable[str]) -> list[Source]:
        """All of them, or what cannot be read: without one of the files nothing can be said of the others."""
        sources, problems = [], []
        for file in files:
            try:
                sources.append(Source(file, read_text(file)))
            except FileNotReadable as error:
                problems.append(f"{file}:1: {error}")
        if problems:
            self.refuse(problems, FAILED)
        return sources
