"""Tries: a draft on chosen elements, or one task on one element, run for real with definitions of their own.

A try goes the way of every run: queue, driver, journal, permissions, audit. What it runs is frozen with it
(``TriedFlow``) and is never a version: whatever else starts meanwhile, or is taken up again, finds what is published.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from elements.queries import select_elements
from flows.adapters.definitions import FlowSource, declared_inputs
from flows.keys.called import inputs_by_name
from flows.keys.inputs import plain_input
from flows.models import FlowDraft, Run, TaskVersion, TriedFlow
from flows.models.draft import draft_of
from flows.operations.catalog import NotPublishable
from flows.operations.catalog_checks import CatalogState, check_flow, check_flow_graph, check_task
from flows.operations.drafts import SCRIPTS, editable_flow, seen_draft
from flows.operations.queueing import InputsRefused, Start, inputs_for, store_run
from flows.tasks.inputs import InputRefused, InputSpec, undeclared_inputs
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import InvalidRequest, NotFound

#: What the flow of one step is called, by its task.
OF_TASK = "Task {}"
MAX_NAME = 200


class NothingChosen(InvalidRequest):
    """A try says on which elements: nobody tries a draft on a whole fleet by leaving something out."""

    code = "nothing_chosen"


class UnknownTask(NotFound):
    """No published task has this name."""

    code = "unknown_task"


@dataclass(frozen=True, slots=True)
class Asked:
    """On which elements, with what, and why; a second call with the same ``idempotency_key`` gives the same run.

    Without ``enqueue`` the caller drives the run itself. ``secrets`` names the inputs of one task that are kept as
    secrets are, though the task does not say so: their values come from a secret input of the flow.
    """

    elements: Sequence[str]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Collection[str] = ()
    reason: str = ""
    idempotency_key: str | None = None
    enqueue: bool = True


def try_draft(*, flow: int, revision: int, values: Mapping[str, Any], asked: Asked, by: Actor) -> Run:
    """Run the draft of this revision on elements of its target; ``values`` are its keys in normal form.

    Where no draft is stored the revision is 0 and the current version is tried. Raises ``DraftChanged``,
    ``NotPublishable``, ``NothingChosen``, ``InputsRefused`` and what selecting the elements raises.
    """
    require(by, "flow.publish")
    require(by, "flow.run")
    draft = seen_draft(flow=flow, revision=revision)
    source = _checked(draft, values)
    if not asked.elements:
        raise NothingChosen("choose the elements to try it on, at least one", fields={"elements": ["none is chosen"]})
    tried = _frozen(source, flow=draft.flow, revision=revision, base_version=draft.base_version)
    return _store(source, tried, asked, by)


def _checked(draft: FlowDraft, values: Mapping[str, Any]) -> FlowSource:
    """The draft, if it could be published."""
    definition = {key: value for key, value in values.items() if key not in ("name", *SCRIPTS)}
    source = FlowSource(draft.flow.name, definition, values["processing_script"], values["execution_script"])
    state = CatalogState.stored()
    state.add_flow(source.name, definition, source.execution_script)
    problems = check_flow(source.name, definition, source.processing_script, source.execution_script, state)
    problems += check_flow_graph([source.name], state)
    if problems:
        raise NotPublishable(problems)
    return source


def try_task(
    *, name: str, definition: Mapping[str, Any] | None = None, flow: int | None = None, asked: Asked, by: Actor
) -> Run:
    """Run one task on one element: the published one, or the one that ``definition`` describes.

    Its inputs are those of the call; with ``flow``, in whose draft the task is called, also that flow's own. A text is
    read as the declared type. Raises ``UnknownTask``, ``NotPublishable``, ``InputsRefused`` and what selecting the
    element raises.
    """
    require(by, "flow.run")
    if definition is None:
        definition = _published(name)
    else:
        require(by, "task.publish")
        _refuse_problems(name, definition)
    caller = None if flow is None else draft_of(editable_flow(flow))
    source = _one_step(name, definition, inputs_by_name(caller.definition) if caller else {}, asked)
    typed = replace(asked, inputs=_typed(declared_inputs(source), asked.inputs))
    return _store(source, _frozen(source, flow=caller and caller.flow, task=name, tasks={name: definition}), typed, by)


def _store(source: FlowSource, tried: TriedFlow, asked: Asked, by: Actor) -> Run:
    declared = declared_inputs(source)
    checked = inputs_for(source.name, declared, asked.inputs)
    select_elements(source.definition.get("target"), asked.elements)
    start = Start(
        flow=source.name,
        mode=source.definition["mode"],
        declared=declared,
        inputs=checked,
        elements=asked.elements,
        tried=tried,
        reason=asked.reason,
        idempotency_key=asked.idempotency_key,
        details={"task": tried.task} if tried.task else {"revision": tried.revision},
    )
    return store_run(start, by=by, enqueue=asked.enqueue)


def _published(name: str) -> Mapping[str, Any]:
    found = TaskVersion.objects.current().filter(task__name=name).first()
    if found is None:
        names = TaskVersion.objects.current().values_list("task__name", flat=True)
        near = get_close_matches(name, names, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownTask(f"there is no task {name!r}{meant}", fields={"name": ["unknown"]})
    return found.definition  # type: ignore[no-any-return]


def _refuse_problems(name: str, definition: Mapping[str, Any]) -> None:
    problems = check_task(name, definition)
    if problems:
        raise NotPublishable(problems)


def _one_step(name: str, definition: Mapping[str, Any], of_flow: Mapping[str, InputSpec], asked: Asked) -> FlowSource:
    """A flow that calls the task once.

    Its inputs are those of the task and, of the flow's, those that are given. No value stands in its script: secrets
    are kept as those of every run are.
    """
    given = asked.inputs
    own = {key: _kept(spec, asked.secrets) for key, spec in inputs_by_name(definition).items()}
    others = {key: of_flow[key] for key in given if key in of_flow and key not in own}
    unknown = undeclared_inputs([*own.values(), *others.values()], given, f"task {name!r}")
    if unknown:
        raise InputsRefused("; ".join(unknown), fields={"inputs": unknown})
    keywords = "".join(f", {key}=inputs[{key!r}]" for key in own if given.get(key) is not None)
    return FlowSource(
        name=OF_TASK.format(name)[:MAX_NAME],
        definition={
            "mode": "serial",
            "target": None,
            "concurrency": 1,
            "inputs": [plain_input(spec) for spec in (*own.values(), *others.values())],
        },
        processing_script="",
        execution_script=f"run_task({name!r}{keywords})\n",
    )


def _kept(spec: InputSpec, secrets: Collection[str]) -> InputSpec:
    """A text that is kept as a secret, where its value is one."""
    may_hold_one = spec.name in secrets and spec.type in ("any", "string")
    return replace(spec, type="secret", default=None) if may_hold_one else spec


def _typed(declared: Sequence[InputSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts, as forms give them, as the declared types; an empty one is not given."""
    types = {spec.name: spec for spec in declared}
    try:
        return {
            key: types[key].read_text(value) if isinstance(value, str) else value
            for key, value in given.items()
            if value != ""
        }
    except InputRefused as refused:
        raise InputsRefused(str(refused), fields={"inputs": list(refused.problems)}) from None


def _frozen(source: FlowSource, **about: Any) -> TriedFlow:
    return TriedFlow(
        definition=dict(source.definition),
        processing_script=source.processing_script,
        execution_script=source.execution_script,
        **about,
    )
