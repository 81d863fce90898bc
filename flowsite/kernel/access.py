"""Who may do what: one table of permissions and roles, asked by every operation.

Roles are Django groups, made by a migration. Each role includes the ones before it; a superuser may do everything.
"""

from enum import StrEnum
from typing import Protocol

from flowsite.kernel.errors import FlowsiteError


class Role(StrEnum):
    """The four roles, the least first."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    AUTHOR = "author"
    ADMINISTRATOR = "administrator"


_ORDER = tuple(Role)

#: The least role that each permission needs.
POLICY: dict[str, Role] = {
    "inventory.view": Role.VIEWER,
    "inventory.change": Role.AUTHOR,
    "credential.change": Role.ADMINISTRATOR,
    "setting.change": Role.OPERATOR,
    "task.view": Role.VIEWER,
    "task.publish": Role.AUTHOR,
    "flow.view": Role.VIEWER,
    "flow.check": Role.VIEWER,
    "flow.plan": Role.VIEWER,
    "flow.publish": Role.AUTHOR,
    "flow.run": Role.OPERATOR,
    "run.view": Role.VIEWER,
    "run.control": Role.OPERATOR,
    "run.answer": Role.OPERATOR,
    "schedule.view": Role.VIEWER,
    "schedule.change": Role.ADMINISTRATOR,
    "audit.view": Role.ADMINISTRATOR,
    "user.change": Role.ADMINISTRATOR,
}


class AccessDenied(FlowsiteError):
    """This user's roles do not allow it."""

    code = "access_denied"
    status = 403


class Actor(Protocol):
    """Whoever acts: a Django user, or ``SYSTEM``."""

    def get_username(self) -> str:
        """The name that the audit trail shows."""


class SystemActor:
    """The installation itself: its command line, timekeeper and workers. It may do everything."""

    def get_username(self) -> str:
        """A name that no account can have: user names hold no brackets."""
        return "[system]"


SYSTEM = SystemActor()


def require(actor: Actor, permission: str) -> None:
    """Raise ``AccessDenied`` unless the actor may do this; an unknown permission is our bug and a ``KeyError``."""
    needed = POLICY[permission]
    if not allows(actor, permission):
        raise AccessDenied(
            f"{actor.get_username() or 'anonymous'} may not do this: {permission} needs the role {needed} or higher. "
            f"An administrator can give it."
        )


def allows(actor: Actor, permission: str) -> bool:
    """Say whether the actor may do this. One query for each user object; the answer is kept on it."""
    needed = POLICY[permission]
    if actor is SYSTEM:
        return True
    if not getattr(actor, "is_active", False):
        return False
    if getattr(actor, "is_superuser", False):
        return True
    rank = _ORDER.index(needed)
    return any(_ORDER.index(role) >= rank for role in roles_of(actor))


def roles_of(actor: Actor) -> frozenset[Role]:
    """The roles given to this user."""
    known: frozenset[Role] | None = getattr(actor, "_flowsite_roles", None)
    groups = getattr(actor, "groups", None)
    if known is not None or groups is None:
        return known or frozenset()
    names = set(groups.values_list("name", flat=True))
    roles = frozenset(role for role in Role if role in names)
    actor._flowsite_roles = roles  # type: ignore[attr-defined]
    return roles
