"""Accounts and tokens in the admin: an administrator makes them, and cannot rise above himself."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from flowsite.kernel.models import AuditEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    return logged_in(client, "administrator")


def logged_in(client: Client, role: str) -> Client:
    user = make_user(role)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def page(model: str, what: str, *args: object) -> str:
    return reverse(f"admin:{model}_{what}", args=args)


def test_an_administrator_gives_a_role(administrator: Client) -> None:
    user = User.objects.create_user("alice")
    address = page("auth_user", "change", user.pk)
    form = {"username": "alice", "is_active": "on", "is_superuser": "on", "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00", "groups": [Group.objects.get_or_create(name="operator")[0].pk]}  # fmt: skip
    assert administrator.post(address, form).status_code == 302
    user.refresh_from_db()
    assert (user.is_superuser, [group.name for group in user.groups.all()]) == (False, ["operator"])
    assert AuditEntry.objects.filter(kind="user", name="alice", action="updated").exists()


def test_nobody_changes_somebody_who_may_do_more(administrator: Client) -> None:
    root = User.objects.create_superuser("root")
    assert administrator.post(page("auth_user", "change", root.pk), {"username": "me"}).status_code == 403
    assert administrator.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403
    assert administrator.post(page("auth_user", "delete", root.pk), {"post": "yes"}).status_code == 403
    administrator.post(page("authtoken_tokenproxy", "add"), {"user": root.pk})
    assert not Token.objects.exists()


def test_a_token_is_shown_once_and_works(administrator: Client) -> None:
    user = make_user("viewer")
    made = administrator.post(page("authtoken_tokenproxy", "add"), {"user": user.pk}, follow=True)
    key = Token.objects.get(user=user).key
    assert made.content.decode().count(key) == 1
    for address in (page("authtoken_tokenproxy", "changelist"), page("authtoken_tokenproxy", "change", user.pk)):
        answer = administrator.get(address, follow=True)
        assert (answer.status_code, key in answer.content.decode()) == (200, False)
    assert not any(key in str(row) for row in [*AuditEntry.objects.values(), *LogEntry.objects.values()])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get("/api/elements/").status_code == 200
    chosen = {"action": "end_tokens", "_selected_action": [user.pk]}
    administrator.post(page("auth_user", "changelist"), chosen)
    assert client.get("/api/elements/").status_code == 401


@pytest.mark.parametrize("role", ["viewer", "operator", "author"])
def test_others_see_no_accounts(client: Client, role: str) -> None:
    for model in ("auth_user", "authtoken_tokenproxy"):
        assert logged_in(client, role).get(page(model, "changelist")).status_code == 403
