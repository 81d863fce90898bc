"""A task's command as one element would get it, before anything is stored or run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.utils import timezone

from elements.queries import Reached, reached_elements, secret_values
from flows.adapters.input_check import checked_task_inputs
from flows.queries.fleet_context import unknown_keys
from flows.queries.template_names import TemplateName, template_names
from flows.tasks.inputs import InputRefused, InputSpec, secret_values_of
from flows.tasks.names_read import names_read
from flows.tasks.reading import SpecError
from flows.tasks.redact import SHORTEST_OF_OTHERS, Redactor
from flows.tasks.spec import TaskSpec
from flows.tasks.template import TemplateFault, check_template, render


@dataclass(frozen=True, slots=True)
class PreviewProblem:
    """What is wrong, or probably not meant. ``key`` is a key of the task, ``element`` or ``inputs``; ``line`` is 0
    where it has no lines."""

    key: str
    line: int
    severity: Literal["error", "warning"]
    message: str


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A name that the template reads and the task does not declare.

    ``is_input`` where it says ``inputs.service``, which the flow may have (R43); else it is a bare name that is no key
    of any element's context.
    """

    name: str
    is_input: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The command, or None where it cannot be told; secrets are masked in all of it. ``names`` are what a template
    can use for this element, whatever is wrong with this one; ``undeclared`` may be forgotten inputs."""

    rendered: str | None
    problems: tuple[PreviewProblem, ...]
    names: tuple[TemplateName, ...] = ()
    undeclared: tuple[Undeclared, ...] = ()


def preview_task(
    *,
    definition: Mapping[str, Any],
    element: str | None = None,
    inputs: Mapping[str, Any],
    secrets: Collection[str] = (),
    name: str = "",
) -> Preview:
    """Render the command for an enabled element. What a run alone knows is a sample: ``run`` has the id 0.

    ``inputs`` are those of the call and of its flow; a text is read as the declared type. ``secrets`` names those that
    are masked, though the task does not say so. At most 16 queries; a second at most for the template.
    """
    spec, problems = _checked(definition, name.strip() or "this task")
    undeclared = _undeclared(spec) if spec else ()
    if element is None:
        return Preview(None, problems, undeclared=undeclared)
    reached = reached_elements([element]).get(element)
    if reached is None:
        message = f"there is no enabled element {element!r}: choose another one, or enable it"
        return Preview(None, (PreviewProblem("element", 0, "error", message), *problems), undeclared=undeclared)
    declared = secret_values_of(spec.inputs, inputs) if spec else frozenset()
    named = {str(inputs[key]) for key in secrets if inputs.get(key) not in (None, "")}
    redactor = _redactor(reached, declared | named)
    rendered = None
    if spec and not any(problem.severity == "error" for problem in problems):
        rendered, found = _render(spec, reached, inputs)
        problems = (*found, *problems)
    names = template_names(reached.element, _sample_run(), redactor)
    return _masked(Preview(rendered, problems, names, undeclared), redactor)


def _checked(definition: Mapping[str, Any], name: str) -> tuple[TaskSpec | None, tuple[PreviewProblem, ...]]:
    """The task if its keys can be read, and what is wrong with them or with its template."""
    try:
        spec = TaskSpec.from_mapping(definition, name)
    except SpecError as error:
        return None, tuple(PreviewProblem(item.key, 0, "error", item.message) for item in error.problems)
    return spec, tuple(
        PreviewProblem("command", problem.line, problem.severity, problem.message)
        for problem in check_template(spec.command)
    )


def _undeclared(spec: TaskSpec) -> tuple[Undeclared, ...]:
    inputs, names = names_read(spec.command)
    declared = {item.name for item in spec.inputs}
    return (
        *(Undeclared(name, is_input=True) for name in sorted(inputs - declared)),
        *(Undeclared(name, is_input=False) for name in sorted(unknown_keys(names))),
    )


def _render(
    spec: TaskSpec, reached: Reached, inputs: Mapping[str, Any]
) -> tuple[str | None, tuple[PreviewProblem, ...]]:
    item = reached.element
    try:
        values = checked_task_inputs(spec.inputs, _typed(spec.inputs, inputs))
        names = {**item["context"], "element": item, "inputs": values, "run": _sample_run(), "steps": {}}
        return render(spec.command, names, task=spec.name, element=item["name"]), ()
    except InputRefused as refused:
        return None, tuple(PreviewProblem("inputs", 0, "error", text) for text in refused.problems)
    except TemplateFault as fault:
        place = f"template of task '{spec.name}' for {item['name']}" + (f", line {fault.line}" if fault.line else "")
        return None, (PreviewProblem("command", fault.line, "error", str(fault).removeprefix(f"{place}: ")),)


def _sample_run() -> dict[str, Any]:
    return {"id": 0, "flow": "preview", "started_at": timezone.now().isoformat()}


def _typed(declared: tuple[InputSpec, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as the declared types; an empty one is not given."""
    types = {spec.name: spec for spec in declared}
    return {
        key: types[key].read_text(value) if isinstance(value, str) and key in types else value
        for key, value in given.items()
        if value != ""
    }


def _redactor(reached: Reached, given: frozenset[str]) -> Redactor:
    own = {value for name, value in reached.secret.items() if name != "username"}
    stored = {value for value in secret_values() if len(value.strip()) >= SHORTEST_OF_OTHERS}
    return Redactor(own | stored, inputs=given)


def _masked(preview: Preview, redactor: Redactor) -> Preview:
    return replace(
        preview,
        rendered=None if preview.rendered is None else redactor.text(preview.rendered),
        problems=tuple(replace(problem, message=redactor.text(problem.message)) for problem in preview.problems),
    )
