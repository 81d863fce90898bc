"""The list of first steps on Home: in words, with addresses; put away and brought back by each person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from flows.demo.making import FIRST_REASON
from flows.queries.first_steps import Act, FirstStep, first_steps
from flows.web.page import Page
from flowsite.kernel.errors import InvalidRequest
from flowsite.kernel.preferences import change_preference, preferred

_PREFERENCE = "first_steps"
_FRESH: Mapping[str, Any] = {"hidden": False, "ticked": []}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. ``ticks`` is what its link tells the server when it is followed, if nothing else does."""

    title: str
    text: str
    address: str
    is_done: bool
    ticks: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole list."""

    lines: list[Line]
    is_hidden: bool

    @property
    def done(self) -> int:
        """How many lines are ticked."""
        return sum(line.is_done for line in self.lines)


def proposal_for(user: User) -> Proposal:
    """What Home proposes to this person."""
    chosen = preferred(user, _PREFERENCE, _FRESH)
    if chosen["hidden"]:
        return Proposal([], is_hidden=True)
    steps = first_steps(user, ticked=frozenset(chosen["ticked"]), not_asked_for=FIRST_REASON)
    return Proposal([_line(step) for step in steps], is_hidden=False)


class FirstSteps(Page, View):
    """Puts the list away, brings it back, or ticks what leaves no other trace."""

    needs = "run.view"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """``do`` is hide, show, or tick with an ``act``."""
        assert isinstance(request.user, User)
        do, act = request.POST.get("do", ""), request.POST.get("act", "")
        if do not in ("hide", "show") and (do != "tick" or act not in set(Act)):
            raise InvalidRequest(f"do is {do!r} and act {act!r}, expected hide, show, or tick with a step of the list")

        def change(chosen: dict[str, Any]) -> dict[str, Any]:
            if do == "tick":
                return {**chosen, "ticked": sorted({*chosen["ticked"], act})}
            return {**chosen, "hidden": do == "hide"}

        change_preference(request.user, _PREFERENCE, change, _FRESH)
        return redirect("home")


def _line(step: FirstStep) -> Line:
    title, text, address = _WORDS[step.act]
    ticks = step.act.value if step.act is Act.OPEN_RUN else ""
    return Line(title.format(flow=step.name), text, address.format(pk=step.pk), step.is_done, ticks)


#: Title, text and address of each; ``{flow}`` and ``{pk}`` are what it is about.
_WORDS: Mapping[Act, tuple[str, str, str]] = {
    Act.OPEN_RUN: (
        "Open a finished run",
        "Every step on every element, with what it printed.",
        "/runs/{pk}/",
    ),
    Act.ADD_ELEMENT: (
        "Add your first element",
        "A server, a database, a switch: anything with an address.",
        "/elements/new/",
    ),
    Act.WRITE_TASK: (
        "Write a task",
        "A command that runs on an element; see it rendered for one before anything runs.",
        "/tasks/new/",
    ),
    Act.WATCH_RUN: (
        "Run “{flow}” and watch it",
        "Press Run on the flow's page: the matrix shows each step as it happens.",
        "/flows/{pk}/",
    ),
    Act.CHANGE_FLOW: (
        "Change “{flow}” in the block editor",
        "Blocks and Python side by side: change either, the other follows.",
        "/flows/{pk}/edit/",
    ),
    Act.BUILD_FLOW: (
        "Build a flow of your own",
        "Choose its elements and their order, put steps together, publish, run.",
        "/flows/new/",
    ),
    Act.MAKE_SCHEDULE: (
        "Let a flow start by itself",
        "Make a schedule in the admin: days and times, or a cron line.",
        "/admin/flows/schedule/add/",
    ),
}
