"""A credential is masked in every output, whichever step shows it (1-product)."""

import asyncssh
import pytest

from elements.models import Credential
from elements.operations import save_element, save_profile
from elements.queries import secret_values
from flows import wiring
from flows.models import RunEvent, StepOutput, StepRun
from flows.operations.catalog import publish_flow, publish_task
from flows.operations.runs import start_run
from flowsite.kernel.access import SYSTEM
from tests.factories import make_credential

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", passphrase="swordfish").decode()
KEY_LINE = KEY.splitlines()[1]
SHOWN = "root hunter2! swordfish"


def test_what_a_step_shows_of_any_credential_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    make_credential("the database's", password="hunter2!")
    make_credential("the router's", private_key=KEY, passphrase="swordfish")
    make_credential("too short to be told from words", password="at")
    Credential.objects.create(name="of another key", type="password", secret=b"sealed elsewhere")
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    save_element(name="E1", profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)
    command = f"echo 'at {KEY_LINE}'; echo '{SHOWN}'; echo '{SHOWN}' >&2; exit 3"
    publish_task(name="Show", definition={"class": "command", "command": command}, by=SYSTEM)
    publish_flow(
        name="F", definition={"mode": "serial", "target": {"all": True}}, execution_script="run_task('Show')", by=SYSTEM
    )
    assert wiring.advance(start_run(flow="F", by=SYSTEM, enqueue=False).pk) == "ended"

    step = StepRun.objects.get()
    assert step.reason == "exit code 3: root *** ***"
    assert step.result["output"] == "at ***\nroot *** ***\n"
    assert bytes(StepOutput.objects.get(stream="stderr").content) == b"root *** ***\n"
    everything = str(
        [*RunEvent.objects.values_list("data", flat=True), *StepOutput.objects.values_list("content"), step.result]
    )
    assert not [secret for secret in ("hunter2!", "swordfish", KEY_LINE) if secret in everything]
    [warning] = [record.getMessage() for record in caplog.records if "not masked" in record.getMessage()]
    assert "credential 'of another key'" in warning


def test_the_names_of_users_are_no_secrets() -> None:
    make_credential("a login", password="hunter2!")
    assert secret_values() == {"hunter2!"}
