"""Events as the journal writes them: a type in snake case, a run number and a flat JSON object, and back.

``encode`` and ``decode`` are exact inverses for every event whose values are JSON. The names of types and keys are
interfaces (section 4.2 of the design): add, do not rename.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

from flows.engine.events import (
    ENDED_BY_ENGINE,
    CancelRequested,
    ElementFinished,
    ElementsOrdered,
    Event,
    Input,
    LimitExceeded,
    Outcome,
    PauseRequested,
    QuestionAnswered,
    QuestionAsked,
    ResumeRequested,
    RunFinished,
    RunStarted,
    RunStateChanged,
    SoakEnded,
    SoakStarted,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import ElementState, Mode, RunState, StepStatus

#: The type of the events that tell of output; they are for readers only and never decoded.
STEP_OUTPUT = "step_output"


class EncodedEvent(NamedTuple):
    """One event in the journal's words; ``run`` is its number in the tree, 0 for the root."""

    type: str
    run: int
    data: dict[str, Any]


class UnknownEventType(ValueError):
    """The journal holds a type that this version does not know: it was written by a newer one."""


def encode(event: Event) -> EncodedEvent:
    """The event as type, run number and JSON object."""
    return _CODECS[type(event)].encode(event)


def decode(encoded: EncodedEvent) -> Event:
    """The event again; raises ``UnknownEventType``."""
    codec = _BY_TYPE.get(encoded.type)
    if codec is None:
        known = ", ".join(sorted(_BY_TYPE))
        raise UnknownEventType(f"the journal holds an event of type {encoded.type!r}; this version knows {known}")
    return codec.decode(encoded.run, encoded.data)


@dataclass(frozen=True, slots=True)
class _Codec:
    type: str
    encode: Callable[[Any], EncodedEvent]
    decode: Callable[[int, Mapping[str, Any]], Event]


# --- runs ---------------------------------------------------------------------------------------------------------


def _encode_run_started(event: RunStarted) -> EncodedEvent:
    data = {
        "flow": event.flow,
        "version": event.version,
        "mode": event.mode.value,
        "elements": list(event.elements),
        "skipped": list(event.skipped),
        "unknown": list(event.unknown),
        "inputs": dict(event.inputs),
        "parent": event.parent,
        "site": event.site,
        "turn": event.turn,
        "callers": list(event.callers),
        "path": list(event.path),
        "problem": event.problem,
        "sandbox": event.sandbox,
        "refreshing": event.refreshing,
        "seed": event.seed,
    }
    return EncodedEvent("run_started", event.run, data)


def _decode_run_started(run: int, data: Mapping[str, Any]) -> RunStarted:
    return RunStarted(
        run=run,
        flow=data["flow"],
        version=data["version"],
        mode=Mode(data["mode"]),
        elements=tuple(data["elements"]),
        skipped=tuple(data["skipped"]),
        unknown=tuple(data["unknown"]),
        inputs=data["inputs"],
        parent=data["parent"],
        site=data["site"],
        turn=data["turn"],
        callers=tuple(data["callers"]),
        path=tuple(data["path"]),
        problem=data["problem"],
        sandbox=data["sandbox"],
        refreshing=data.get("refreshing", False),
        seed=data.get("seed", ""),
    )


def _encode_elements_ordered(event: ElementsOrdered) -> EncodedEvent:
    data = {"elements": list(event.elements), "skipped": list(event.skipped), "problem": event.problem}
    return EncodedEvent("elements_ordered", event.run, data)


def _decode_elements_ordered(run: int, data: Mapping[str, Any]) -> ElementsOrdered:
    return ElementsOrdered(run, tuple(data["elements"]), tuple(data["skipped"]), data["problem"])


def _encode_soak_started(event: SoakStarted) -> EncodedEvent:
    return EncodedEvent("soak_started", event.run, {"batch": event.batch, "until": event.until})


def _decode_soak_started(run: int, data: Mapping[str, Any]) -> SoakStarted:
    return SoakStarted(run, data["batch"], data["until"])


def _encode_soak_ended(event: SoakEnded) -> EncodedEvent:
    return EncodedEvent("soak_ended", event.run, {"batch": event.batch})


def _decode_soak_ended(run: int, data: Mapping[str, Any]) -> SoakEnded:
    return SoakEnded(run, data["batch"])


def _encode_run_state(event: RunStateChanged) -> EncodedEvent:
    return EncodedEvent("run_state", event.run, {"state": event.state.value, "reason": event.reason})


def _decode_run_state(run: int, data: Mapping[str, Any]) -> RunStateChanged:
    return RunStateChanged(run, RunState(data["state"]), data["reason"])


def _encode_run_finished(event: RunFinished) -> EncodedEvent:
    return EncodedEvent("run_finished", event.run, {"status": event.status.value, "reason": event.reason})


def _decode_run_finished(run: int, data: Mapping[str, Any]) -> RunFinished:
    return RunFinished(run, RunState(data["status"]), data["reason"])


# --- elements and steps -------------------------------------------------------------------------------------------


def _encode_limit_exceeded(event: LimitExceeded) -> EncodedEvent:
    keys = ("element", "resumption", "message", "line")
    return EncodedEvent("limit_exceeded", event.run, {key: getattr(event, key) for key in keys})


def _decode_limit_exceeded(run: int, data: Mapping[str, Any]) -> LimitExceeded:
    return LimitExceeded(run, data["element"], data["resumption"], data["message"], data["line"])


def _encode_element_finished(event: ElementFinished) -> EncodedEvent:
    data = {
        "element": event.element,
        "state": event.state.value,
        "message": event.message,
        "last_step": None if event.last_step is None else list(event.last_step),
    }
    return EncodedEvent("element_finished", event.run, data)


def _decode_element_finished(run: int, data: Mapping[str, Any]) -> ElementFinished:
    last = data["last_step"]
    last_step = None if last is None else (last[0], last[1])
    return ElementFinished(run, data["element"], ElementState(data["state"]), data["message"], last_step)


def _encode_step_started(event: StepStarted) -> EncodedEvent:
    key = event.key
    data = {
        "element": key.element,
        "target": event.target,
        "site": key.site,
        "turn": key.turn,
        "line": event.line,
        "step": event.step,
        "name": event.name,
        "attempt": key.attempt,
        "path": list(event.path),
        "until": event.until,
    }
    return EncodedEvent("step_started", key.run, data)


def _decode_step_started(run: int, data: Mapping[str, Any]) -> StepStarted:
    return StepStarted(
        key=_key(run, data),
        step=data["step"],
        name=data["name"],
        line=data["line"],
        path=tuple(data["path"]),
        target=data["target"],
        until=data["until"],
    )


def _encode_step_finished(event: StepFinished) -> EncodedEvent:
    key, outcome = event.key, event.outcome
    data = {
        "element": key.element,
        "target": event.target,
        "site": key.site,
        "turn": key.turn,
        "line": event.line,
        "step": event.step,
        "name": event.name,
        "attempt": key.attempt,
        "status": outcome.status.value,
        "exit_code": outcome.exit_code,
        "path": list(event.path),
        "reason": outcome.reason,
        "advice": outcome.advice,
        "result": dict(outcome.result),
    }
    return EncodedEvent("step_finished", key.run, data)


def _decode_step_finished(run: int, data: Mapping[str, Any]) -> StepFinished:
    outcome = Outcome(
        status=_STEP_STATUS[data["status"]],
        reason=data["reason"],
        advice=data["advice"],
        exit_code=data["exit_code"],
        result=data["result"],
    )
    return StepFinished(
        key=_key(run, data),
        step=data["step"],
        name=data["name"],
        line=data["line"],
        path=tuple(data["path"]),
        outcome=outcome,
        target=data["target"],
    )


def _key(run: int, data: Mapping[str, Any]) -> StepKey:
    return StepKey(run, data["element"], data["site"], data["turn"], data["attempt"])


_STEP_STATUS = {status.value: status for status in StepStatus}


# --- people -------------------------------------------------------------------------------------------------------


def _encode_question_asked(event: QuestionAsked) -> EncodedEvent:
    key = event.key
    data = {
        "question": event.question,
        "element": key.element,
        "site": key.site,
        "turn": key.turn,
        "attempt": key.attempt,
        "message": event.message,
        "options": list(event.options),
        "kind": event.kind,
        "callers": list(event.callers),
        "until": event.until,
    }
    return EncodedEvent("question_asked", key.run, data)


def _decode_question_asked(run: int, data: Mapping[str, Any]) -> QuestionAsked:
    return QuestionAsked(
        question=data["question"],
        key=_key(run, data),
        message=data["message"],
        options=tuple(data["options"]),
        kind=data.get("kind", "interrupted"),
        callers=tuple(data.get("callers", ())),
        until=data.get("until"),
    )


def _encode_question_answered(event: QuestionAnswered) -> EncodedEvent:
    data = {"question": event.question, "answer": event.answer, "by": event.by, "comment": event.comment}
    return EncodedEvent("question_answered", 0, data)


def _decode_question_answered(_run: int, data: Mapping[str, Any]) -> QuestionAnswered:
    return QuestionAnswered(data["question"], data["answer"], data["by"], data["comment"])


def _by_whom(type_: str, event_class: Callable[[str], Event]) -> _Codec:
    """The codec of a request that says nothing but who made it."""
    return _Codec(
        type_,
        encode=lambda event: EncodedEvent(type_, 0, {"by": event.by}),
        decode=lambda _run, data: event_class(data["by"]),
    )


_CODECS: dict[type, _Codec] = {
    RunStarted: _Codec("run_started", _encode_run_started, _decode_run_started),
    ElementsOrdered: _Codec("elements_ordered", _encode_elements_ordered, _decode_elements_ordered),
    SoakStarted: _Codec("soak_started", _encode_soak_started, _decode_soak_started),
    SoakEnded: _Codec("soak_ended", _encode_soak_ended, _decode_soak_ended),
    StepStarted: _Codec("step_started", _encode_step_started, _decode_step_started),
    StepFinished: _Codec("step_finished", _encode_step_finished, _decode_step_finished),
    ElementFinished: _Codec("element_finished", _encode_element_finished, _decode_element_finished),
    RunStateChanged: _Codec("run_state", _encode_run_state, _decode_run_state),
    RunFinished: _Codec("run_finished", _encode_run_finished, _decode_run_finished),
    PauseRequested: _by_whom("pause_requested", PauseRequested),
    ResumeRequested: _by_whom("resume_requested", ResumeRequested),
    CancelRequested: _by_whom("cancel_requested", CancelRequested),
    LimitExceeded: _Codec("limit_exceeded", _encode_limit_exceeded, _decode_limit_exceeded),
    QuestionAsked: _Codec("question_asked", _encode_question_asked, _decode_question_asked),
    QuestionAnswered: _Codec("question_answered", _encode_question_answered, _decode_question_answered),
}
_BY_TYPE = {codec.type: codec for codec in _CODECS.values()}


def is_input(event: Event) -> TypeGuard[Input]:
    """True for what a replay feeds to the engine; facts it derives again (so it does the outcomes of ``run_flow`` and
    ``approve``)."""
    match event:
        case StepFinished():
            return event.step not in ENDED_BY_ENGINE
        case LimitExceeded() | QuestionAsked() | ElementFinished() | RunStateChanged() | RunFinished():
            return False
        case _:
            return True


def run_number(event: Event) -> int:
    """The run that the event speaks of; requests and answers belong to the root."""
    match event:
        case StepStarted() | StepFinished() | QuestionAsked():
            return event.key.run
        case RunStarted() | ElementsOrdered() | SoakStarted() | SoakEnded():
            return event.run
        case LimitExceeded() | ElementFinished() | RunStateChanged() | RunFinished():
            return event.run
        case _:
            return 0
