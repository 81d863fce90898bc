"""The scripts of the fakes decide and ask as those of the sandbox do (R9, R11, R13)."""

from collections.abc import Generator
from typing import Any

import pytest

from flows.engine.commands import (
    Begin,
    Call,
    Ended,
    InstanceId,
    Paused,
    RaiseStepFailed,
    Resumption,
    Return,
    Stop,
    Verdict,
)
from tests.fakes import GeneratorInstance, Script, ScriptView, StepFailed, element_dict

ME = InstanceId(0, "E1")
CLEAN_UP = Call("log", 2, "cleaning")


def instance(script: Script) -> GeneratorInstance:
    return GeneratorInstance(ME, ScriptView([element_dict("E1", 1)], 0, {}, {}), script)


def begin(script: Script) -> tuple[GeneratorInstance, Any]:
    made = instance(script)
    return made, made.resume(Resumption(ME, Begin()))


@pytest.mark.parametrize(("name", "kind"), [("fail", "failed"), ("finish", "finished"), ("abort", "aborted")])
def test_r11_each_of_the_three_ends_the_script_and_its_finally_runs(name: str, kind: Any) -> None:
    def script(view: ScriptView) -> Generator[Call, Any, None]:
        try:
            try:
                getattr(view, name)("enough")
            except Exception:  # noqa: BLE001 - none of the three is caught by it
                yield Call("log", 1, "caught")
        finally:
            yield CLEAN_UP

    made, answer = begin(script)
    assert answer == Paused(ME, CLEAN_UP, Verdict(kind, "enough"))
    assert made.resume(Resumption(ME, Return(None))) == Ended(ME, Verdict(kind, "enough"))


def test_r11_the_first_of_the_three_stands() -> None:
    def script(view: ScriptView) -> Generator[Call, Any, None]:
        try:
            view.finish("done")
        finally:
            view.abort("too late")
        yield CLEAN_UP

    assert begin(script)[1] == Ended(ME, Verdict("finished", "done"))


def test_r9_a_script_gets_what_its_steps_return_and_names_the_target() -> None:
    def script(view: ScriptView) -> Generator[Call, Any, None]:
        answer = yield Call("approve", 1, "Go on?", timeout=60.0)
        context = yield Call("get_context", 2)
        yield Call("run_task", 3, "Stop", element=context["leader"] if answer["ok"] else None)

    made, answer = begin(script)
    assert answer.call == Call("approve", 1, "Go on?", timeout=60.0)
    made.resume(Resumption(ME, Return({"ok": True, "by": "ops", "comment": ""})))
    answer = made.resume(Resumption(ME, Return({"leader": "E9"})))
    assert isinstance(answer, Paused)
    assert answer.call.element == "E9"


def test_r13_r31_a_failure_can_be_caught_and_a_stop_cannot() -> None:
    def script(view: ScriptView) -> Generator[Call, Any, None]:
        try:
            yield Call("run_task", 1, "Stop")
        except StepFailed as error:
            yield Call("log", 2, str(error))
        yield Call("log", 3, "after")

    made, _ = begin(script)
    caught = made.resume(Resumption(ME, RaiseStepFailed("exit 1")))
    assert isinstance(caught, Paused)
    assert caught.call.name == "exit 1"
    made, _ = begin(script)
    assert made.resume(Resumption(ME, Stop())) == Ended(ME)
