"""What stops the start, and what is warned of."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from tests.factories import make_credential


def found(*, databases: list[str] | None = None) -> dict[str | None, str]:
    return {
        message.id: message.msg
        for message in run_checks(databases=databases)
        if (message.id or "").startswith("flowsite")
    }


def test_a_sound_installation_has_nothing_to_report() -> None:
    assert found() == {}


def test_a_key_file_that_others_may_read_stops_every_command(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "credential.key"
    file.write_text(Fernet.generate_key().decode())
    file.chmod(0o644)
    settings.FLOWSITE_CREDENTIAL_KEY, settings.FLOWSITE_CREDENTIAL_KEY_FILE = "", file
    with pytest.raises(SystemCheckError, match=r"credential\.key has mode 644, expected 600"):
        call_command("check")


@pytest.mark.django_db
def test_a_key_that_does_not_open_the_stored_credentials_stops_the_start(settings: Settings) -> None:
    make_credential("ops", password="hunter2")
    assert found(databases=["default"]) == {}
    settings.FLOWSITE_CREDENTIAL_KEY = Fernet.generate_key().decode()
    problems = found(databases=["default"])
    assert "Credential ops: This secret was encrypted with another key" in problems["flowsite.E002"]
    assert "hunter2" not in str(problems)


def test_local_commands_on_a_reachable_site_are_warned_of(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "flow.example.org"]
    settings.FLOWSITE_ALLOW_LOCAL = True
    assert found() == {
        "flowsite.W001": "FLOWSITE_ALLOW_LOCAL is on and the site answers to flow.example.org: "
        "tasks may run commands on this machine."
    }
