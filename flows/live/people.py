"""Who opens a socket, and whether they may (4.5): a token, or a session from a page of this very site."""

from collections.abc import Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from rest_framework.authtoken.models import Token

from flowsite.kernel.access import Actor, require
from flowsite.kernel.errors import FlowsiteError

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_PERMISSION = "run.view"


class NotLoggedIn(FlowsiteError):
    """Nobody is known by what was sent."""

    code = "not_authenticated"
    status = 401


class ForeignOrigin(FlowsiteError):
    """Another site's page opened the socket with its visitor's session."""

    code = "foreign_origin"
    status = 403


def viewer_of(scope: Mapping[str, Any]) -> Actor:
    """The person behind a connection; must be allowed to view runs.

    Raises ``NotLoggedIn``, ``ForeignOrigin``, ``AccessDenied``. At most three queries; for a database thread.
    """
    headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope["headers"]}
    sent = headers.get("authorization")
    person = _by_token(sent) if sent is not None else _by_session(headers)
    require(person, _PERMISSION)
    return person


def _by_token(sent: str) -> Actor:
    scheme, _, key = sent.partition(" ")
    if scheme.lower() != "token" or not key.strip():
        raise NotLoggedIn("the Authorization header cannot be used, expected: Authorization: Token KEY")
    token = Token.objects.select_related("user").filter(key=key.strip()).first()
    if token is None or not token.user.is_active:
        raise NotLoggedIn("the token is not known or its account is closed; an administrator can make a new one")
    user: Actor = token.user
    return user


def _by_session(headers: Mapping[str, str]) -> Actor:
    _refuse_other_sites(headers)
    key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request: Any = SimpleNamespace(session=session)
    user = get_user(request)
    if not user.is_authenticated:
        raise NotLoggedIn("nobody is logged in; log in, or send a header Authorization: Token KEY")
    person: Actor = user
    return person


def _refuse_other_sites(headers: Mapping[str, str]) -> None:
    """A browser tells the page's origin and cannot be made to lie; the session alone would serve any page."""
    origin, host = headers.get("origin"), headers.get("host", "")
    name = split_domain_port(host)[0]
    if not name or not validate_host(name, settings.ALLOWED_HOSTS):
        raise ForeignOrigin(f"the host is {host!r}, expected one of this site's (FLOWSITE_ALLOWED_HOSTS)")
    if origin is None:
        raise ForeignOrigin(f"no Origin was sent; a session needs a page of {host}, a program a token")
    scheme, _, rest = origin.partition("://")
    if scheme not in ("http", "https") or _address(rest, scheme) != _address(host, scheme):
        raise ForeignOrigin(f"the page's origin is {origin!r}, expected one of {host}")


def _address(netloc: str, scheme: str) -> tuple[str, str]:
    name, port = split_domain_port(netloc)
    return name, port or _DEFAULT_PORTS[scheme]
