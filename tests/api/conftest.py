"""People of each role with a client of their own, and a small fleet."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets
from flows.documents.stored import stored_world
from flows.operations.apply import write_documents
from flowsite.kernel.access import SYSTEM, Role
from tests.documents.texts import FLEET

Clients = Callable[[str], APIClient]


@pytest.fixture
def client_of(db: Any) -> Clients:
    """Makes a client with the token of a user in this role."""

    def make(role: str) -> APIClient:
        user, _ = User.objects.get_or_create(username=f"the {role}")
        # The groups come with a migration; tests that flush the database take them away.
        user.groups.set([Group.objects.get_or_create(name=role)[0]] if role in set(Role) else [])
        client = APIClient()
        client.default_format = "json"
        client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
        return client

    return make


@pytest.fixture
def fleet(db: Any) -> None:
    """The documents of ``tests.documents.texts``, stored."""
    checked = check_files([Source("fleet.yaml", FLEET)], stored_world(), local_secrets)
    write_documents(documents=[(document.kind, document.values) for document in checked.documents], by=SYSTEM)
