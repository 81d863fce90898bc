"""Starts runs and asks things of them: each call is one transaction that wakes a worker when it is committed.

Nothing here writes what a run does: a ``RunSignal`` asks, and the worker that holds the run answers (3.3).
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.db import transaction
from django.utils import timezone

from elements.queries import select_elements
from flows.adapters.definitions import declared_inputs, source_of
from flows.adapters.sealing import inputs_of_run
from flows.engine.status import RUN_ENDED, ElementState, RunState
from flows.models import Flow, FlowVersion, Run, RunElement, RunEvent, RunSignal, StepRun
from flows.operations.queueing import Start, inputs_for, store_run, wake_on_commit
from flows.tasks.inputs import secret_values_of
from flows.tasks.redact import Redactor
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import Conflict, InvalidRequest, NotFound

#: Characters of a comment: it becomes part of an outcome and of every reason that tells of it.
MAX_COMMENT = 1000


class UnknownFlow(NotFound):
    """No published flow has this name."""

    code = "unknown_flow"


class UnknownVersion(NotFound):
    """The flow has no version of this number."""

    code = "unknown_version"


class UnknownRun(NotFound):
    """No run has this number."""

    code = "unknown_run"


class RunHasEnded(Conflict):
    """The run is over: nothing can be asked of it."""

    code = "run_has_ended"


class NotARootRun(Conflict):
    """A child run is controlled through its root."""

    code = "not_a_root_run"


class RunNotPausable(Conflict):
    """The run is paused already."""

    code = "run_paused"


class RunNotPaused(Conflict):
    """The run is not paused, so it cannot be resumed."""

    code = "run_not_paused"


class NoSuchQuestion(Conflict):
    """The run does not wait for an answer to this question."""

    code = "no_such_question"


class QuestionAnsweredAlready(Conflict):
    """Somebody was faster, or nobody answered in time."""

    code = "question_answered"


class AnswerRefused(InvalidRequest):
    """The question takes other answers, or the comment is too long."""

    code = "answer_refused"


# --- starting -----------------------------------------------------------------------------------------------------


def start_run(
    *,
    flow: str,
    by: Actor,
    inputs: Mapping[str, Any] | None = None,
    elements: Sequence[str] | None = None,
    version: int | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
    enqueue: bool = True,
) -> Run:
    """Queue a run of the flow's current version, or of the one of this number; ``elements`` narrows its target (R3).

    The same key by the same person gives the same run again. Without ``enqueue`` the caller drives the run itself.
    Raises ``AccessDenied`` and what ``startable`` raises.
    """
    require(by, "flow.run")
    pinned, checked = startable(flow=flow, version=version, inputs=inputs or {}, elements=elements)
    start = Start(
        flow=pinned.flow.name,
        mode=pinned.definition["mode"],
        declared=declared_inputs(pinned),
        inputs=checked,
        elements=elements,
        version=pinned,
        reason=reason,
        idempotency_key=idempotency_key,
    )
    return store_run(start, by=by, enqueue=enqueue)


def startable(
    *, flow: str, version: int | None, inputs: Mapping[str, Any], elements: Sequence[str] | None
) -> tuple[FlowVersion, dict[str, Any]]:
    """The version that a start takes and its inputs with defaults filled in; nothing is stored.

    Raises ``UnknownFlow``, ``UnknownVersion``, ``InputsRefused``, and what selecting the elements raises.
    """
    pinned = current_version(flow)
    if version is not None and version != pinned.number:
        pinned = _earlier_version(pinned, version)
    checked = checked_inputs(pinned, inputs)
    target = pinned.definition.get("target")
    if elements is not None or not target:
        select_elements(target, elements)
    return pinned, checked


def current_version(flow: str) -> FlowVersion:
    """The version that a start takes now, or ``UnknownFlow``."""
    versions = FlowVersion.objects.filter(flow__name=flow, flow__archived=False)
    version = versions.select_related("flow").order_by("-number").first()
    if version is None:
        near = get_close_matches(flow, Flow.objects.filter(archived=False).values_list("name", flat=True), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownFlow(f"there is no flow {flow!r}{meant}", fields={"flow": ["unknown"]})
    return version


def _earlier_version(current: FlowVersion, number: int) -> FlowVersion:
    found = FlowVersion.objects.select_related("flow").filter(flow=current.flow, number=number).first()
    if found is None:
        message = f"{current.flow.name} has no version {number}, expected one from 1 to {current.number}"
        raise UnknownVersion(message, fields={"version": [message]})
    return found


def checked_inputs(version: FlowVersion, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with defaults filled in, or ``InputsRefused`` naming every problem."""
    return inputs_for(version.flow.name, declared_inputs(version), inputs)


# --- asking -------------------------------------------------------------------------------------------------------


def pause_run(*, run: int, by: Actor) -> RunSignal:
    """Ask for no new step, children included (R33). Raises ``RunHasEnded``, ``RunNotPausable``."""
    require(by, "run.control")
    root = _controllable(run)
    if _will_be_paused(root):
        raise RunNotPausable(f"run {run} is paused already; resume or cancel it")
    return _ask(root, "pause", {}, by)


def resume_run(*, run: int, by: Actor) -> RunSignal:
    """Ask a paused run to go on. Raises ``RunHasEnded``, ``RunNotPaused``."""
    require(by, "run.control")
    root = _controllable(run)
    if not _will_be_paused(root):
        raise RunNotPaused(f"run {run} is {root.state}, not paused; there is nothing to resume")
    return _ask(root, "resume", {}, by)


def cancel_run(*, run: int, by: Actor) -> RunSignal:
    """Ask to end the run; a second time, to skip its ``finally`` blocks too (R34). Raises ``RunHasEnded``."""
    require(by, "run.control")
    return _ask(_controllable(run), "cancel", {}, by)


def answer_question(*, run: int, question: int, answer: str, by: Actor, comment: str = "") -> RunSignal:
    """Decide about an interrupted step (R36), or approve or reject what the run asks (R14).

    Raises ``RunHasEnded``, ``NoSuchQuestion``, ``QuestionAnsweredAlready``, ``AnswerRefused``.
    """
    require(by, "run.answer")
    root = _controllable(run)
    question = _open_question(root, question)
    asked = open_questions(root.pk)[question]
    if answer not in asked["options"]:
        raise AnswerRefused(_other_answer(question, asked, answer), fields={"answer": ["unknown answer"]})
    if len(comment) > MAX_COMMENT:
        message = f"the comment has {len(comment)} characters, expected at most {MAX_COMMENT}"
        raise AnswerRefused(message, fields={"comment": [message]})
    told = _without_secrets(root, comment)
    return _ask(root, "answer", {"question": question, "answer": answer, "comment": told}, by)


def _without_secrets(root: Run, text: str) -> str:
    """A person's text without the secrets that the run was started with."""
    if not root.sealed_inputs:
        return text
    return Redactor(inputs=secret_values_of(declared_inputs(source_of(root)), inputs_of_run(root))).text(text)


def _open_question(root: Run, question: int) -> int:
    """The number again, or why there is nothing to be answered."""
    questions = open_questions(root.pk)
    answered = _answered(root.pk, question)
    if answered is not None:
        raise QuestionAnsweredAlready(f"question {question} of run {root.pk} is answered already: {answered}")
    if question in questions:
        return question
    known = ", ".join(str(number) for number in questions) or "none"
    raise NoSuchQuestion(f"run {root.pk} does not wait for an answer to question {question}; open questions: {known}")


def _answered(root: int, question: int) -> str | None:
    """Who gave which answer; also one that the run has not read yet. None while nobody has."""
    pending = RunSignal.objects.pending().filter(root_id=root, kind="answer", arguments__question=question).first()
    if pending is not None:
        return f"{pending.arguments['answer']} by {pending.by}"
    events = RunEvent.objects.filter(root_id=root, type="question_answered", data__question=question).order_by("seq")
    for data in events.values_list("data", flat=True)[:1]:
        return _told_answer(data)
    return None


def _told_answer(data: Mapping[str, Any]) -> str:
    return "nobody answered in time" if data["answer"] == "timed_out" else f"{data['answer']} by {data['by']}"


def _other_answer(question: int, asked: Mapping[str, Any], answer: str) -> str:
    """Why this answer does not fit, in the words of the question's kind."""
    is_approval = asked.get("kind") == "approval"
    about = "is an approval" if is_approval else f"asks what became of an interrupted step on {asked['element']}"
    return f"question {question} {about}: the answer is {answer!r}, expected one of {', '.join(asked['options'])}"


def open_questions(root: int) -> dict[int, dict[str, Any]]:
    """The questions of a root run that nobody has answered, by number: kind, callers, element, site, message, options.

    An answer that the run has not read yet does not close its question; the end of its step, or element, does.
    """
    types = ("question_asked", "question_answered")
    found: dict[int, tuple[int, dict[str, Any]]] = {}
    events = RunEvent.objects.filter(root_id=root, type__in=types).order_by("seq")
    for run, type_, data in events.values_list("run_id", "type", "data"):
        if type_ == "question_asked":
            found[data["question"]] = run, data
        else:
            found.pop(data["question"], None)
    return {number: data for number, (run, data) in found.items() if not _is_over(run, data)}


def _is_over(run: int, asked: Mapping[str, Any]) -> bool:
    """True when the run's stop has ended what the question is about. At most 2 queries."""
    element = asked["element"]
    if RunElement.objects.filter(run_id=run, name=element).exclude(state__in=_UNDER_WAY).exists():
        return True
    place = {key: asked[key] for key in ("site", "turn", "attempt")}
    is_approval = asked.get("kind") == "approval"
    return is_approval and StepRun.objects.filter(run_id=run, element_name=element, **place).exists()


_UNDER_WAY = (ElementState.QUEUED, ElementState.WAITING, ElementState.RUNNING)


def _controllable(run: int) -> Run:
    found = Run.objects.filter(pk=run).first()
    if found is None:
        raise UnknownRun(f"there is no run {run}")
    if found.root_id is not None:
        raise NotARootRun(f"run {run} is a child of run {found.root_id}; control that one")
    if found.state in RUN_ENDED:
        raise RunHasEnded(f"run {run} has ended: it is {found.state}")
    return found


def _will_be_paused(root: Run) -> bool:
    """What the run will be once it has read what was asked before."""
    asked = RunSignal.objects.pending().filter(root=root, kind__in=("pause", "resume", "cancel"))
    last = asked.order_by("-id").values_list("kind", flat=True).first()
    return last == "pause" if last else root.state == RunState.PAUSED


def _ask(root: Run, kind: str, arguments: dict[str, Any], by: Actor) -> RunSignal:
    with transaction.atomic():
        signal = RunSignal.objects.create(
            root=root, kind=kind, arguments=arguments, by=by.get_username(), at=timezone.now()
        )
        audit.record(by, f"asked to {kind}", "run", str(root.pk), arguments)
        wake_on_commit(root.pk)
    return signal
