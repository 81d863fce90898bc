"""``export``: what is stored, as YAML that ``apply`` takes back unchanged."""

from typing import Any

from django.core.management.base import CommandParser

from flows.documents.exporting import dump_document
from flows.documents.kinds import KINDS
from flows.documents.stored import EXPORTED, stored_documents
from flows.management.console import FAILED, USAGE, ConsoleCommand


class Command(ConsoleCommand):
    """Writes documents to stdout."""

    help = "Print the stored objects as YAML that apply takes back unchanged. Credentials are never exported."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", nargs="?", metavar="KIND", help="one of " + ", ".join(EXPORTED))
        parser.add_argument("name", nargs="?", metavar="NAME", help="the name of one object")

    def act(self, options: dict[str, Any]) -> None:
        kinds = [self._kind(options["kind"])] if options["kind"] else EXPORTED
        names = [options["name"]] if options["name"] else None
        texts = [dump_document(kind, values) for kind in kinds for values in stored_documents(kind, names)]
        if names and not texts:
            self.refuse([f"there is no {kinds[0].lower()} '{names[0]}'"], FAILED)
        self.stdout.write("---\n".join(texts), ending="")

    def _kind(self, text: str) -> str:
        kind = next((kind for kind in KINDS if text.lower() in (kind.lower(), f"{kind.lower()}s")), None)
        if kind == "Credential":
            self.refuse(
                ["credentials are never exported: keep their documents with {env: NAME} or {file: PATH}"], USAGE
            )
        if kind is None:
            self.refuse([f"kind is {text!r}, expected one of {', '.join(EXPORTED)}"], USAGE)
        return kind
