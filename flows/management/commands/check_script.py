"""``check_script``: every problem of scripts in files, as ``file:line:col: problem``."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from flows.documents.stored import stored_world
from flows.management.console import FAILED, ConsoleCommand, FileNotReadable, read_text
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
        catalog = None if options["processing"] or options["no_names"] else self._catalog()
        check = check_processing if options["processing"] else partial(check_execution, catalog=catalog)
        found = [(file, problem) for file in options["files"] for problem in _problems(file, check)]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(file, problem) for file, problem in found]))
            lines = []
        else:
            lines = [f"{file}:{problem.line}:{problem.col}: {problem.message}" for file, problem in found]
        if found:
            self.refuse(lines, FAILED)

    def _catalog(self) -> Catalog | None:
        try:
            world = stored_world()
        except DatabaseError:
            self.stderr.write("the database cannot be read (see `manage.py migrate`): names were not looked up")
            return None
        if world.tasks or world.flows:
            return Catalog(flows=world.flows, tasks=world.tasks)
        self.stderr.write("no task and no flow is stored: names were not looked up")
        return None


def _problems(file: str, check: Callable[[str], Sequence[Problem]]) -> Sequence[Problem]:
    try:
        return check(read_text(file))
    except FileNotReadable as error:
        return [Problem(1, 1, "unreadable", "no text", "a script in UTF-8", str(error))]


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
