"""What must hold before a task or a flow may be published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from flows.keys.called import inputs_by_name
from flows.keys.flow import flow_key_problems, refresh_problems
from flows.models import FlowVersion, TaskVersion
from flows.script.check import Catalog, check_execution, check_processing
from flows.script.cycles import circle_problem
from flows.script.references import references_of
from flows.tasks.inputs import InputSpec
from flows.tasks.reading import SpecError, SpecProblem
from flows.tasks.spec import TaskSpec
from flows.tasks.template import check_template

MAX_CHILD_DEPTH = 16
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """One thing that keeps a definition from being published.

    ``part`` is the key at fault (``target``, ``inputs.0.type``) or the script, in which ``line`` and ``col`` count
    from 1; elsewhere they are 0.
    """

    kind: str
    name: str
    part: str
    message: str
    line: int = 0
    col: int = 0

    def __str__(self) -> str:
        place = f"{self.part}:{self.line}:{self.col}" if self.line else self.part
        return f"{self.kind} {self.name!r}: {place}: {self.message}"


@dataclass(frozen=True, slots=True)
class CatalogState:
    """What scripts may call, with its inputs: what is published, with the drafts over it."""

    tasks: dict[str, dict[str, InputSpec]]
    flows: dict[str, dict[str, InputSpec]]
    scripts: dict[str, str]

    @classmethod
    def stored(cls) -> "CatalogState":
        """What is published now, in 2 queries."""
        tasks = TaskVersion.objects.current()
        flows = FlowVersion.objects.current()
        rows = list(flows.values_list("name", "definition", "execution_script"))
        return cls(
            tasks={name: inputs_by_name(definition) for name, definition in tasks.values_list("name", "definition")},
            flows={name: inputs_by_name(definition) for name, definition, _ in rows},
            scripts={name: script for name, _, script in rows},
        )

    def add_task(self, name: str, definition: Mapping[str, Any]) -> None:
        """Lay a draft over what is published."""
        self.tasks[name] = inputs_by_name(definition)

    def add_flow(self, name: str, definition: Mapping[str, Any], execution_script: str) -> None:
        """Lay a draft over what is published."""
        self.flows[name] = inputs_by_name(definition)
        self.scripts[name] = execution_script


def check_task(name: str, definition: Mapping[str, Any]) -> list[DefinitionProblem]:
    """Every problem of a task's keys and of its template."""
    problems = _name_problems("task", name)
    try:
        spec = TaskSpec.from_mapping(definition, name)
    except SpecError as error:
        return problems + _of_keys("task", name, error.problems)
    return problems + [
        DefinitionProblem("task", name, "command", problem.message, problem.line, 1)
        for problem in check_template(spec.command)
        if problem.severity == "error"
    ]


def check_flow(
    name: str, definition: Mapping[str, Any], processing_script: str, execution_script: str, state: CatalogState
) -> list[DefinitionProblem]:
    """Every problem of a flow's keys and of both its scripts (R16)."""
    catalog = Catalog(flows=state.flows, tasks=state.tasks)
    inputs = inputs_by_name(definition)
    scripts = {
        "processing_script": check_processing(processing_script, inputs) if processing_script.strip() else [],
        "execution_script": check_execution(execution_script, catalog, inputs),
    }
    return [
        *_name_problems("flow", name),
        *_of_keys("flow", name, flow_key_problems(definition)),
        *(DefinitionProblem("flow", name, key, message) for key, message in refresh_problems(definition, state.tasks)),
        *(
            DefinitionProblem("flow", name, part, problem.message, problem.line, problem.col)
            for part, problems in scripts.items()
            for problem in problems
        ),
    ]


def check_flow_graph(changed: Sequence[str], state: CatalogState) -> list[DefinitionProblem]:
    """Cycles of child flows, and chains of them that are too long (R25). A new one goes through a changed flow."""
    for name in changed:
        circle = circle_problem(name, state.scripts)
        if circle:
            return [DefinitionProblem("flow", name, "execution_script", circle.message, circle.line, circle.col)]
    graph = {name: references_of(script).flows & state.scripts.keys() for name, script in state.scripts.items()}
    depth, deepest = _deepest(graph)
    if depth <= MAX_CHILD_DEPTH:
        return []
    message = f"{deepest!r} calls child flows {depth} levels deep, expected at most {MAX_CHILD_DEPTH}"
    return [DefinitionProblem("flow", changed[0], "execution_script", message)]


def _deepest(graph: Mapping[str, Iterable[str]]) -> tuple[int, str]:
    """The flow with the most levels of children below it, and how many. The graph has no cycle."""
    below: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        below[name] = max((below[child] + 1 for child in graph[name]), default=0)
    return max((depth, name) for name, depth in below.items())


def _name_problems(kind: str, name: str) -> list[DefinitionProblem]:
    if name and name == name.strip() and name.isprintable() and len(name) <= MAX_NAME:
        return []
    message = f"found {name[:60]!r}, expected 1 to {MAX_NAME} visible characters without blanks around them"
    return [DefinitionProblem(kind, name, "name", message)]


def _of_keys(kind: str, name: str, problems: Iterable[SpecProblem]) -> list[DefinitionProblem]:
    return [DefinitionProblem(kind, name, problem.key, problem.message) for problem in problems]
