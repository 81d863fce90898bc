"""Every word of the script language with what it does, in a sentence or two: for completion, hover and the docs."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["execution", "processing"]
BOTH: Final[tuple[Kind, ...]] = ("execution", "processing")
EXECUTION: Final[tuple[Kind, ...]] = ("execution",)
PROCESSING: Final[tuple[Kind, ...]] = ("processing",)

_RESULT = (
    "It returns a result with 'ok', 'status', 'exit_code', 'output' (first 64 KiB), 'data' (parsed as the task says), "
    "'settings' and 'attempts'."
)
_CHECK = (
    "With check=True (the default) a failure raises StepFailed; with check=False the result comes back with 'ok' False."
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: how it is written, what it does, and in which scripts."""

    name: str
    kind: Literal["step", "ending", "function", "variable"]
    signature: str
    doc: str
    scripts: tuple[Kind, ...] = EXECUTION


WORDS: Final[tuple[Word, ...]] = (
    Word(
        "run_task",
        "step",
        "run_task(name, /, *, check=True, timeout=None, retries=None, element=None, **inputs)",
        f"Runs a task on this element, or on `element` (a name or a dict). {_RESULT} {_CHECK} timeout (seconds) and "
        "retries stand for those of the task.",
    ),
    Word(
        "run_flow",
        "step",
        "run_flow(name, /, *, elements=None, check=True, **inputs)",
        "Runs a child flow on this element, or on exactly `elements` (dicts or names), in that order. In a Parallel "
        "flow the callers of a wave are merged into one child run, so the child's own mode decides. It returns "
        f"'ok', 'status', 'run', 'elements', 'failed' and 'messages'. {_CHECK}",
    ),
    Word("sleep", "step", "sleep(seconds)", "Waits. It survives restarts and holds no worker."),
    Word(
        "approve",
        "step",
        "approve(message, *, timeout=86400, check=True)",
        "Waits for a person: one question for all elements of a wave that ask the same. It returns 'ok', 'by' and "
        "'comment'. Refused, or not answered within the timeout (seconds), it aborts the run; with check=False it "
        "returns 'ok' False.",
    ),
    Word(
        "set_context",
        "step",
        "set_context(key, value)",
        "Stores a setting on this element, for templates and later runs. Dots in the key lead inwards.",
    ),
    Word(
        "get_context",
        "step",
        "get_context()",
        "This element's context as it is now, with what its steps stored. `element['context']` stays as it was when "
        "the run started.",
    ),
    Word("log", "step", "log(message)", "A line in the run's log."),
    Word("fail", "ending", "fail(message)", "Fails this element and ends its script. No except catches it."),
    Word(
        "finish",
        "ending",
        "finish(message='')",
        "Ends this element's script as succeeded. No except catches it.",
    ),
    Word(
        "abort",
        "ending",
        "abort(message)",
        "Fails this element and stops the whole run, callers included. No except catches it.",
    ),
    Word(
        "order_flow_elements",
        "function",
        "order_flow_elements(elements, key, reverse=False)",
        "A new list, sorted by key(e); elements with equal keys keep their order.",
    ),
    Word(
        "filter_flow_elements",
        "function",
        "filter_flow_elements(elements, predicate)",
        "A new list of those for which predicate(e) is true.",
    ),
    Word(
        "order_flow_elements",
        "function",
        "order_flow_elements(elements, key, reverse=False)",
        "Sorts the elements in place by key(e) and returns the same list; elements with equal keys keep their order.",
        PROCESSING,
    ),
    Word(
        "filter_flow_elements",
        "function",
        "filter_flow_elements(elements, predicate)",
        "Keeps those for which predicate(e) is true, in place, and returns the same list. The others are dropped.",
        PROCESSING,
    ),
    Word(
        "elements",
        "variable",
        "elements",
        "The elements of the run in order, after the processing script: dicts with 'id', 'name', 'address', 'profile', "
        "'groups' and 'context'. In a batch they still are those of the whole run.",
    ),
    Word(
        "elements",
        "variable",
        "elements",
        "The selected elements, by name with digits as numbers (db2 before db10): dicts with 'id', 'name', 'address', "
        "'profile', 'groups' and 'context'. What the list is at the end is what runs.",
        PROCESSING,
    ),
    Word("element", "variable", "element", "This element: elements[current]. Its facts are in element['context']."),
    Word(
        "current",
        "variable",
        "current",
        "This element's number in elements, from 0: elements[current] is this element.",
    ),
    Word("first", "variable", "first", "The number of the first element, 0: `if current == first:` does a thing once."),
    Word("last", "variable", "last", "The number of the last element: len(elements) - 1."),
    Word("inputs", "variable", "inputs", "The inputs that the run was started with, or that the caller gave.", BOTH),
    Word("run", "variable", "run", "This run: 'id', 'flow' and 'started_at'."),
    Word(
        "StepFailed",
        "variable",
        "StepFailed",
        "The exception of a step that did not succeed: `except StepFailed as error:`; str(error) is the reason.",
    ),
)
"""In the order in which they are offered; a word that acts otherwise in a processing script stands twice."""
