"""Events as lines for people, as JSON lines, or as a live progress display."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.management.following import Event

SOUND_STATES = frozenset({"succeeded", "skipped"})


class Teller(Protocol):
    """Shows a run while it is followed."""

    def event(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Show that nothing more comes."""


class JsonTeller:
    """One event a line, as stored."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    def event(self, event: Event) -> None:
        """Write and flush, so that the next program in the pipe has it at once."""
        self._out.write(json.dumps(event))
        self._out.flush()

    def close(self) -> None:
        """Nothing is held back."""


class LineTeller:
    """Plain lines, for pipes and logs. ``is_detailed`` adds starts of steps and their output."""

    def __init__(self, out: OutputWrapper, *, is_detailed: bool) -> None:
        self._out = out
        self._is_detailed = is_detailed

    def event(self, event: Event) -> None:
        """One line, or none where the event says nothing that another does not say better."""
        for line in describe(event, is_detailed=self._is_detailed):
            self._out.write(line)
        self._out.flush()

    def close(self) -> None:
        """Nothing is held back."""


class ProgressTeller:
    """A bar of the root run's finished elements; what is worth a line scrolls above it."""

    def __init__(self, console: Console, root: int, *, is_detailed: bool) -> None:
        self._root = root
        self._is_detailed = is_detailed
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)
        self._bar = self._progress.add_task(f"run {root}: queued", total=None)
        self._progress.start()

    def event(self, event: Event) -> None:
        """Move the bar and print the event's lines above it. A closed bar is shown again."""
        self._progress.start()
        if event["run"] == self._root:
            self._move(event)
        for line in describe(event, is_detailed=self._is_detailed):
            self._progress.console.print(escape(line), highlight=False)

    def _move(self, event: Event) -> None:
        match event["type"]:
            case "run_started":
                self._progress.update(self._bar, total=len(event["elements"]))
            case "elements_ordered":
                finished = int(self._progress.tasks[self._bar].completed)
                self._progress.update(self._bar, total=finished + len(event["elements"]))
            case "element_finished":
                self._progress.advance(self._bar)
            case "run_state" | "run_finished":
                state = event.get("state") or event["status"]
                self._progress.update(self._bar, description=f"run {self._root}: {state}")

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()


def describe(event: Event, *, is_detailed: bool = False) -> list[str]:
    """The event in words; none, one or (output) several lines."""
    words = _WORDS.get(event["type"]) or (_DETAILS.get(event["type"]) if is_detailed else None)
    return [f"{str(event['at'])[11:19]} {line}" for line in (words(event) if words else ())]


def _run_started(event: Event) -> list[str]:
    is_child = event["run"] != event["root"]
    what = f"{'child ' if is_child else ''}run {event['run']}: {event['flow']} version {event['version']}"
    count = len(event["elements"])
    return [f"{what}, {event['mode']}, {count} element{'' if count == 1 else 's'}"]


def _step(event: Event) -> str:
    """``db1  2 Restart``: element, site, name; a task of ``refresh`` stands at no site."""
    target = event.get("target")
    where = f" on {target}" if target and target != event["element"] else ""
    return f"{event['element']}  {event['site'] or 'refresh'} {event.get('name') or event['step']}{where}"


def _step_finished(event: Event) -> list[str]:
    if event["step"] == "log":
        return [f"{event['element']}  {event['site']} log: {event['name']}"]
    parts = [event["status"]]
    if event.get("exit_code"):
        parts.append(f"exit {event['exit_code']}")
    if event["attempt"] > 1:
        parts.append(f"attempt {event['attempt']}")
    more = [event.get("reason"), event.get("advice")]
    return [": ".join([f"{_step(event)}  {', '.join(parts)}", *(text for text in more if text)])]


def _element_finished(event: Event) -> list[str]:
    if event["state"] in SOUND_STATES:
        return []
    return [f"{event['element']}  {event['state']}{': ' if event['message'] else ''}{event['message']}"]


def _with_reason(what: str, event: Event) -> list[str]:
    return [f"run {event['run']}: {what}{': ' if event.get('reason') else ''}{event.get('reason') or ''}"]


def _question(event: Event) -> list[str]:
    if event.get("kind") == "approval":
        asked = f"question {event['question']}: {event['message']} (asked by {_names(event['callers'])})"
        decide = f"manage.py run_control {event['root']} approve --question {event['question']}"
        return [asked, f"answer it with: {decide}, or with reject in place of approve"]
    options = "/".join(event["options"])
    answer = f"manage.py run_control {event['root']} answer --question {event['question']} --answer {options}"
    return [f"question {event['question']} about {event['element']}: {event['message']}", f"answer it with: {answer}"]


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


_SHOWN = 8


def _answered(event: Event) -> list[str]:
    if event["answer"] == "timed_out":
        return [f"question {event['question']}: nobody answered in time"]
    comment = f": {event['comment']}" if event["comment"] else ""
    return [f"question {event['question']}: {event['answer']} by {event['by']}{comment}"]


def _ordered(event: Event) -> list[str]:
    """An order that fails is told with the end of its run."""
    return [] if event["problem"] else [f"run {event['run']}: refreshed, in the order {_names(event['elements'])}"]


def _soak(event: Event) -> list[str]:
    at = datetime.fromtimestamp(event["until"], UTC)
    return [f"run {event['run']}: batch {event['batch']} is done, the next begins at {at:%H:%M:%S} UTC"]


def _output(event: Event) -> list[str]:
    return [
        f"{event['element']}  {event['site'] or 'refresh'} {event['stream']}: {line}"
        for line in event["text"].splitlines()
    ]


_Words = Callable[[Event], list[str]]
_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "run_started": _run_started,
        "step_finished": _step_finished,
        "element_finished": _element_finished,
        "elements_ordered": _ordered,
        "soak_started": _soak,
        "question_asked": _question,
        "question_answered": _answered,
        "run_state": lambda event: _with_reason(event["state"], event),
        "run_finished": lambda event: _with_reason(event["status"], event),
    }
)
_DETAILS: Mapping[str, _Words] = MappingProxyType(
    {"step_started": lambda event: [f"{_step(event)}  started"], "step_output": _output}
)


def teller_for(out: OutputWrapper, root: int, options: Mapping[str, Any]) -> Teller:
    """JSON when asked for, a live display on a terminal, lines otherwise."""
    if options["json"]:
        return JsonTeller(out)
    is_detailed = options["verbosity"] > 1
    if out.isatty():
        return ProgressTeller(Console(), root, is_detailed=is_detailed)
    return LineTeller(out, is_detailed=is_detailed)
