"""What the editor asks: the names that scripts may use, and what is wrong with a script among the published ones."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from django.db.models import Max, QuerySet

from elements.context import nested
from elements.models import Group, Profile, Setting
from flows.keys.called import inputs_by_name
from flows.models import Flow, FlowVersion, TaskVersion
from flows.models.draft import FlowDraft, draft_of
from flows.script.check import Catalog, Problem, check_execution, check_processing
from flows.script.cycles import circle_problem
from flows.tasks.inputs import ANY
from flowsite.kernel.errors import NotFound

MAX_CONTEXT_KEYS = 500

Kind = Literal["execution", "processing"]


def script_check(kind: Kind, flow: str | None = None) -> Callable[[str], list[Problem]]:
    """Makes the check of a script of this kind with what is published now; two queries for an execution script.

    With ``flow`` the script is that flow's, so that calls in a circle are found (R25); it need not be published.
    """
    if kind == "processing":
        return lambda text: check_processing(text) if text.strip() else []
    tasks = {name: inputs_by_name(definition) for name, definition in _tasks()}
    flows = list(_flows())
    known = {name: inputs_by_name(definition) for name, definition, _ in flows}
    catalog = Catalog(flows={**({flow: ()} if flow else {}), **known}, tasks=tasks)
    scripts = {name: script for name, _, script in flows}

    def check(text: str) -> list[Problem]:
        circle = circle_problem(flow, {**scripts, flow: text}) if flow else None
        return sorted([*check_execution(text, catalog), *([circle] if circle else ())])

    return check


def script_names() -> dict[str, Any]:
    """The tasks and flows that scripts may call, with their inputs, and the keys of contexts; 6 queries."""
    return {
        "tasks": [
            {"name": name, "inputs": _declared(definition), "class": definition.get("class", "command")}
            for name, definition in _tasks()
        ],
        "flows": [
            {"name": name, "mode": definition.get("mode"), "inputs": _declared(definition)}
            for name, definition, _ in _flows()
        ],
        "context_keys": context_keys(),
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


def context_keys() -> list[str]:
    """The dotted keys that an element's context may have, at most 500, by name.

    Of settings with the same key one is looked at, so that 10,000 elements cost what their different keys cost.
    """
    examples = Setting.objects.order_by().values("key").annotate(example=Max("pk")).values("example")
    own = Setting.objects.filter(pk__in=examples).values_list("key", "value")
    contexts = [
        *Profile.objects.values_list("context", flat=True),
        *Group.objects.values_list("context", flat=True),
        *({key: value} for key, value in own),
    ]
    keys = {key for context in contexts for key in _leaves(nested(context), "")}
    return sorted(keys)[:MAX_CONTEXT_KEYS]


def _tasks() -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = TaskVersion.objects.current()
    yield from rows.order_by("task__name").values_list("task__name", "definition")


def _flows() -> Iterator[tuple[str, Mapping[str, Any], str]]:
    rows = FlowVersion.objects.current()
    yield from rows.order_by("flow__name").values_list("flow__name", "definition", "execution_script")


def _declared(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**_INPUT, **item} for item in definition.get("inputs") or ()]


_INPUT: Mapping[str, Any] = MappingProxyType({"type": ANY, "required": False, "default": None})


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key
