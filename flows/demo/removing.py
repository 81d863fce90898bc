"""Removes the demo content, but nothing that somebody changed or that somebody's own objects need."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from elements.models import Element, Group, Profile
from flows.demo.content import AUTHOR, LOGIN, Piece, Standing, demo_pieces, is_login_ours
from flows.demo.fleet import remove_state
from flows.documents.stored import stored_documents
from flows.models import Flow, FlowDraft, Run, Schedule, Task
from flows.script.references import references_of
from flowsite.kernel import audit
from flowsite.kernel.errors import Conflict

Values = Mapping[str, Any]


class DemoInUse(Conflict):
    """A run of the demo is not over."""

    code = "demo_in_use"


@transaction.atomic
def remove_demo() -> list[str]:
    """Remove what the demo made, flows and tasks by archiving them, because their runs stay; a line for each object.

    What was changed stays, and what other objects need. Raises ``DemoInUse`` and then has done nothing.
    """
    pieces = [piece for piece in demo_pieces() if piece.is_ours]
    _refuse_running(piece.name for piece in pieces if piece.kind == "Flow")
    kept = _Kept.of(pieces)
    lines = []
    for piece in reversed(pieces):
        reason = kept.reason(piece)
        if reason:
            lines.append(f"kept {piece}: {reason}")
        else:
            _REMOVE[piece.kind](piece.name)
            audit.record(AUTHOR, "archived" if piece.kind in _ARCHIVED else "deleted", piece.kind.lower(), piece.name)
            lines.append(f"removed {piece}")
    lines += _remove_login()
    remove_state(piece.name for piece in pieces if piece.kind == "Element" and not kept.reason(piece))
    return lines


def _refuse_running(flows: Iterable[str]) -> None:
    for run in Run.objects.roots().unended().filter(flow_name__in=list(flows)).order_by("pk")[:1]:
        raise DemoInUse(
            f"run {run.pk} of {run.flow_name!r} is {run.state}: wait for its end or cancel it, then remove the demo"
        )


@dataclass(slots=True)
class _Kept:
    """Why each object stays, by kind and name. What stays keeps what it needs, so each step looks at the one before."""

    reasons: dict[tuple[str, str], str]

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> "_Kept":
        pieces = list(pieces)
        changed = {(p.kind, p.name): "it was changed" for p in pieces if p.standing is Standing.CHANGED}
        kept, ours = cls(changed), {(piece.kind, piece.name) for piece in pieces}
        for schedule in Schedule.objects.select_related("flow").order_by("name"):
            if kept.stays("Schedule", schedule.name, ours):
                kept.keep("Flow", schedule.flow.name, f"the schedule {schedule.name!r} starts it")
        for draft in FlowDraft.objects.select_related("flow"):
            kept.keep("Flow", draft.flow.name, f"{draft.written_by} works on a draft of it")
        kept._keep_called(ours)
        targets = {
            values["name"]: values["target"] or {}
            for values in stored_documents("Flow")
            if kept.stays("Flow", values["name"], ours)
        }
        kept._keep_selected(targets, ours)
        return kept

    def reason(self, piece: Piece) -> str:
        """Why it stays, or ''."""
        return self.reasons.get((piece.kind, piece.name), "")

    def stays(self, kind: str, name: str, ours: set[tuple[str, str]]) -> bool:
        """True for everything that will still be there."""
        return (kind, name) not in ours or (kind, name) in self.reasons

    def keep(self, kind: str, name: str, reason: str) -> None:
        """Note it; the first reason counts."""
        self.reasons.setdefault((kind, name), reason)

    def _keep_called(self, ours: set[tuple[str, str]]) -> None:
        """The tasks and flows that a flow which stays calls, and what these call in turn."""
        called: dict[str, set[tuple[str, str]]] = {}
        for values in stored_documents("Flow"):
            called.setdefault(values["name"], set()).update(_called(values))
        for draft in FlowDraft.objects.select_related("flow"):
            called.setdefault(draft.flow.name, set()).update(_called(draft.keys()))
        waiting = [name for name in called if self.stays("Flow", name, ours)]
        seen = set(waiting)
        while waiting:
            caller = waiting.pop()
            for kind, name in sorted(called[caller]):
                self.keep(kind, name, f"the flow {caller!r} calls it")
                if kind == "Flow" and name in called and name not in seen:
                    seen.add(name)
                    waiting.append(name)

    def _keep_selected(self, targets: Mapping[str, Values], ours: set[tuple[str, str]]) -> None:
        """The elements that these targets name by profile or group, and the profiles and groups of all that stay."""
        for flow, target in targets.items():
            because = f"the flow {flow!r} selects by it"
            if target.get("profile"):
                self.keep("Profile", target["profile"], because)
            for group in target.get("groups", ()):
                self.keep("Group", group, because)
        for values in stored_documents("Element"):
            name = values["name"]
            for flow, target in targets.items():
                if values["profile"] == target.get("profile") or set(values["groups"]) & set(target.get("groups", ())):
                    self.keep("Element", name, f"the flow {flow!r} selects it")
            if self.stays("Element", name, ours):
                self.keep("Profile", values["profile"], f"the element {name!r} has it")
                for group in values["groups"]:
                    self.keep("Group", group, f"the element {name!r} is in it")


def _called(values: Values) -> set[tuple[str, str]]:
    """What a flow's script calls, and the tasks of its ``refresh``; a draft may hold anything."""
    found, refresh = references_of(values["execution_script"]), values.get("refresh")
    tasks = {*found.tasks, *(name for name in (refresh if isinstance(refresh, list) else ()) if isinstance(name, str))}
    return {*(("Task", name) for name in tasks), *(("Flow", name) for name in found.flows)}


def _remove_login() -> list[str]:
    if not is_login_ours():
        return []
    schedule = Schedule.objects.filter(run_as=LOGIN).order_by("name").first()
    if schedule is not None:
        return [f"kept the login {LOGIN!r}: the schedule {schedule.name!r} runs as it"]
    User.objects.get(username=LOGIN).delete()
    audit.record(AUTHOR, "deleted", "user", LOGIN)
    return [f"removed the login {LOGIN!r}"]


_ARCHIVED = ("Task", "Flow")
_REMOVE: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "Schedule": lambda name: Schedule.objects.filter(name=name).delete(),
        "Flow": lambda name: Flow.objects.filter(name=name).update(archived=True),
        "Task": lambda name: Task.objects.filter(name=name).update(archived=True),
        "Element": lambda name: Element.objects.filter(name=name).delete(),
        "Group": lambda name: Group.objects.filter(name=name).delete(),
        "Profile": lambda name: Profile.objects.filter(name=name).delete(),
    }
)
