"""What the editor asks: the names that scripts may use, and what is wrong with a script among the published ones."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from django.db.models import Max, QuerySet

from flows.keys.called import inputs_by_name
from flows.models import Flow, FlowVersion, TaskVersion
from flows.models.draft import FlowDraft, draft_of
from flows.queries.fleet_context import context_values
from flows.queries.flows import steps_of
from flows.script.check import Catalog, Problem, check_execution, check_processing
from flows.script.cycles import circle_problem
from flows.script.glossary import WORDS
from flows.tasks.inputs import ANY
from flows.tasks.spec import DEFAULT_TIMEOUT_S
from flowsite.kernel.errors import NotFound

#: Characters of a command that a list shows.
MAX_COMMAND_LINE = 200

Kind = Literal["execution", "processing"]


def script_check(
    kind: Kind, flow: str | None = None, inputs: Collection[str] | None = None
) -> Callable[[str], list[Problem]]:
    """Makes the check of a script of this kind with what is published now; two queries for an execution script.

    With ``flow`` the script is that flow's, so that calls in a circle are found (R25); it need not be published.
    ``inputs`` are the names of the inputs that it declares; without them no use of an input is looked at.
    """
    if kind == "processing":
        return lambda text: check_processing(text, inputs) if text.strip() else []
    tasks = {name: inputs_by_name(definition) for name, definition in _tasks()}
    flows = list(_flows())
    known = {name: inputs_by_name(definition) for name, definition, _ in flows}
    catalog = Catalog(flows={**({flow: ()} if flow else {}), **known}, tasks=tasks)
    scripts = {name: script for name, _, script in flows}

    def check(text: str) -> list[Problem]:
        circle = circle_problem(flow, {**scripts, flow: text}) if flow else None
        return sorted([*check_execution(text, catalog, inputs), *([circle] if circle else ())])

    return check


def script_names() -> dict[str, Any]:
    """The words that scripts may use: tasks, flows, what the language has, and the fleet's context; 7 queries.

    Reading the steps of a flow's script costs about 1 ms for 100 lines, once for each script that this process sees.
    """
    values = context_values()
    return {
        "tasks": [_task_name(version) for version in _current_tasks()],
        "flows": [_flow_name(version) for version in _current_flows()],
        "steps": [asdict(word) for word in WORDS],
        "context_keys": list(values),
        "values": values,
    }


def list_drafts() -> QuerySet[FlowDraft]:
    """The stored drafts with their flows and the numbers of their current versions; one query."""
    numbers = Max("flow__versions__number")
    return FlowDraft.objects.select_related("flow").annotate(published_version=numbers).order_by("-written_at")


def editable_draft(flow: int) -> FlowDraft:
    """The draft of a flow, or its current version as one with revision 0. Raises ``NotFound``; 3 queries."""
    found = Flow.objects.listed().filter(pk=flow).first()
    if found is None:
        raise NotFound(f"there is no flow with the id {flow}")
    return draft_of(found)


def published_number(draft: FlowDraft) -> int | None:
    """The number of the flow's current version; no query for one of ``list_drafts``."""
    if hasattr(draft, "published_version"):
        return draft.published_version  # type: ignore[no-any-return]
    return FlowVersion.objects.filter(flow=draft.flow_id).aggregate(newest=Max("number"))["newest"]  # type: ignore[no-any-return]


def _tasks() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from _current_tasks().values_list("task__name", "definition")


def _flows() -> Iterator[tuple[str, Mapping[str, Any], str]]:
    yield from _current_flows().values_list("flow__name", "definition", "execution_script")


def _current_tasks() -> QuerySet[TaskVersion]:
    return TaskVersion.objects.current().select_related("task").order_by("task__name")


def _current_flows() -> QuerySet[FlowVersion]:
    return FlowVersion.objects.current().select_related("flow").order_by("flow__name")


def _task_name(version: TaskVersion) -> dict[str, Any]:
    """What of a task helps to call it. ``command_line`` is the first line of its template that says something."""
    definition = version.definition
    lines = [line.strip() for line in str(definition.get("command", "")).splitlines()]
    return {
        "id": version.task_id,
        "name": version.task.name,
        "version": version.number,
        "class": definition.get("class", "command"),
        "command_line": next((line[:MAX_COMMAND_LINE] for line in lines if line and not line.startswith("#")), ""),
        "timeout": definition.get("timeout", DEFAULT_TIMEOUT_S),
        "retries": definition.get("retries", 0),
        "saves": sorted(definition.get("save") or {}),
        "inputs": _declared(definition),
    }


def _flow_name(version: FlowVersion) -> dict[str, Any]:
    return {
        "id": version.flow_id,
        "name": version.flow.name,
        "version": version.number,
        "mode": version.definition.get("mode"),
        "steps": [dict(zip(("site", "step", "name"), step, strict=True)) for step in _steps(version.execution_script)],
        "inputs": _declared(version.definition),
    }


@lru_cache(maxsize=2048)
def _steps(script: str) -> tuple[tuple[int, str, str | None], ...]:
    """(site, step, name) of each step; a script that cannot be read has none."""
    return tuple((step["site"], step["step"], step["name"]) for step in steps_of(script))


def _declared(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**_INPUT, **item} for item in definition.get("inputs") or ()]


_INPUT: Mapping[str, Any] = MappingProxyType({"type": ANY, "required": False, "default": None})
