"""``check_script``: every problem of scripts in files, as ``file:line:col: problem``."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from flows.documents.stored import stored_world
from flows.management.console import FAILED, ConsoleCommand
from flows.script.check import Catalog, Problem, check_execution, check_processing


class Command(ConsoleCommand):
    """Checks scripts without storing anything."""

    help = "Check execution scripts (or processing scripts) and print every problem as file:line:col: problem."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--processing", action="store_true", help="the files are processing scripts")
        parser.add_argument("--json", action="store_true", help="print the problems as one JSON list")
        parser.add_argument("--no-names", action="store_true", help="do not look up task and flow names")

    def act(self, options: dict[str, Any]) -> None:
        texts = [(file, self._text(file)) for file in options["files"]]
        catalog = None if options["processing"] or options["no_names"] else self._catalog()
        found: list[tuple[str, Problem]] = []
        for file, text in texts:
            problems = check_processing(text) if options["processing"] else check_execution(text, catalog)
            found.extend((file, problem) for problem in problems)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(file, problem) for file, problem in found]))
            lines = []
        else:
            lines = [f"{file}:{problem.line}:{problem.col}: {problem.message}" for file, problem in found]
        if found:
            self.refuse(lines, FAILED)

    def _catalog(self) -> Catalog | None:
        world = stored_world()
        if world.tasks or world.flows:
            return Catalog(flows=world.flows, tasks=world.tasks)
        self.stderr.write("no task and no flow is stored: names were not looked up")
        return None

    def _text(self, file: str) -> str:
        try:
            return Path(file).read_text(encoding="utf-8")
        except OSError as error:
            self.refuse([f"{file}:1:1: cannot be read: {error.strerror}"], FAILED)
        except UnicodeDecodeError:
            self.refuse([f"{file}:1:1: is no UTF-8 text"], FAILED)


def _as_json(file: str, problem: Problem) -> dict[str, Any]:
    return {
        "file": file,
        "line": problem.line,
        "col": problem.col,
        "code": problem.code,
        "found": problem.found,
        "expected": problem.expected,
        "message": problem.message,
    }
