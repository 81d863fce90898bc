"""Who can sign in to a site that ``up`` starts: the demo's login on one's own machine alone, and people's accounts."""

import ipaddress
import os
import shlex
import sys

from django.conf import settings
from django.contrib.auth.models import User

from flows.demo.account import allow_login, is_login_on
from flows.demo.content import AUTHOR, LOGIN
from flows.demo.making import is_first_start, make_demo


def prepare_sign_in(host: str, *, with_demo: bool) -> list[str]:
    """Make the demo content if this is the first start and it is asked for; returns what to say once all is ready.

    On a host that others can reach no demo is made, and the login of one that is there is switched off.
    """
    if not is_loopback(host):
        was_on = allow_login(False, by=AUTHOR)
        off = ["the demo login is off, because others can reach this host"] if was_on else []
        return off + _hint()
    if not with_demo:
        return _hint()
    if is_first_start():
        if not settings.FLOWSITE_ALLOW_LOCAL:
            return ["no demo was made: its steps need FLOWSITE_ALLOW_LOCAL=1", *_hint()]
        return [f"sign in as {LOGIN} with the password {make_demo().password} (shown this once)"]
    allow_login(True, by=AUTHOR)
    if is_login_on():
        return [f"sign in as {LOGIN}; a new password: {_command('demo --new-password')}"]
    return _hint()


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hint() -> list[str]:
    """What to do while there is no account at all."""
    if User.objects.filter(is_active=True).exists():
        return []
    return [f"nobody can sign in yet; make an account: {_command('createsuperuser')}"]


def _command(words: str) -> str:
    """As it can be typed in the directory that ``up`` was started in."""
    python = os.path.relpath(sys.executable)
    return f"{shlex.quote(sys.executable if python.startswith('..') else python)} {shlex.quote(sys.argv[0])} {words}"
