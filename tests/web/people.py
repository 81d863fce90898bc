"""Clients of people in each role, and the part of a page that is its own."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client


def person(role: str) -> User:
    """Somebody who has this role; the same person each time."""
    user, _ = User.objects.get_or_create(username=f"the {role}")
    # The groups come with a migration; tests that flush the database take them away.
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    return user


def client_of(role: str) -> Client:
    """Signed in as somebody who has this role."""
    client = Client()
    client.force_login(person(role))
    return client


def main_text(answer: Any) -> str:
    """The page without the frame around it."""
    return str(answer.text.split('<main id="main"')[1].split("</main>")[0])
