"""The account to sign in with: its password is random, told once by whoever made it, and can be made anew."""

from django.contrib.auth.models import Group, User
from django.utils.crypto import get_random_string

from flows.demo.content import AUTHOR, LOGIN, is_login_ours
from flowsite.kernel import audit
from flowsite.kernel.access import Actor, Role
from flowsite.kernel.errors import NotFound
from flowsite.kernel.models import AuditEntry

#: Without characters that look alike: people type it.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class NoDemoLogin(NotFound):
    """There is no account of the demo."""

    code = "no_demo_login"


def make_login() -> str:
    """Make the account, an administrator, and return its password: it is stored nowhere."""
    password = _random_password()
    user = User.objects.create_user(LOGIN, password=password, is_staff=True)
    user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    audit.record(AUTHOR, "created", "user", LOGIN, {"role": Role.ADMINISTRATOR})
    return password


def renew_password(*, by: Actor) -> str:
    """Give the account another password and end its sessions; raises ``NoDemoLogin``."""
    if not is_login_ours():
        raise NoDemoLogin("there is no demo login: make it with `manage.py demo`")
    user = User.objects.get(username=LOGIN)
    password = _random_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(by, "updated", "user", LOGIN, {"fields": ["password"]})
    return password


def is_login_on() -> bool:
    """True when somebody can sign in with it."""
    return is_login_ours() and User.objects.filter(username=LOGIN, is_active=True).exists()


def allow_login(allowed: bool, *, by: Actor) -> bool:
    """Switch the account on or off, its open sessions too; says whether that changed anything.

    One that a person switched off stays off.
    """
    rows = User.objects.filter(username=LOGIN, is_active=not allowed)
    if not is_login_ours() or (allowed and _last_switched_by() != AUTHOR.get_username()):
        return False
    if not rows.update(is_active=allowed):
        return False
    audit.record(by, "updated", "user", LOGIN, {"fields": ["is_active"]})
    return True


def _last_switched_by() -> str:
    entries = AuditEntry.objects.filter(kind="user", name=LOGIN, action="updated").values_list("actor", "details")
    return next((actor for actor, details in entries if "is_active" in details.get("fields", ())), "")


def _random_password() -> str:
    return "-".join(get_random_string(4, _ALPHABET) for _ in range(4))
