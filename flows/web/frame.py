"""What the frame around every page shows: where one can go, and what this person may do."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from flowsite.kernel.access import POLICY, Actor, Role, allows, roles_of


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    title: str
    icon: str
    address: str
    is_here: bool


_PLACES = (
    ("Home", "home", "home"),
    ("Runs", "history", "runs"),
    ("Flows", "route", "flows"),
    ("Tasks", "checklist", "tasks"),
    ("Elements", "server-2", "elements"),
    ("Schedules", "calendar-event", "schedules"),
)
#: What stands beside a place's own address.
_ALSO = {"elements": ("/groups/", "/profiles/", "/credentials/")}


class May:
    """What somebody may do: ``may.flow_run`` in templates (``_`` for the dot), ``may.all`` for scripts."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def __getattr__(self, name: str) -> bool:
        permission = name.replace("_", ".", 1)
        if permission not in POLICY:
            raise AttributeError(name)
        return allows(self._actor, permission)

    @cached_property
    def all(self) -> str:
        """Every permission of this person, with blanks between."""
        return " ".join(permission for permission in POLICY if allows(self._actor, permission))

    @cached_property
    def role(self) -> str:
        """The highest role, in a word."""
        if getattr(self._actor, "is_superuser", False):
            return Role.ADMINISTRATOR.value
        ranked = [role for role in Role if role in roles_of(self._actor)]
        return ranked[-1].value if ranked else "no role yet: ask an administrator"


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    may = May(request.user)
    return {"may": may, "places": [_place(request, *place) for place in _PLACES]}


def _place(request: HttpRequest, title: str, icon: str, view: str) -> Place:
    address = reverse(view)
    is_here = request.path == address if address == "/" else request.path.startswith((address, *_ALSO.get(view, ())))
    return Place(title, icon, address, is_here)
