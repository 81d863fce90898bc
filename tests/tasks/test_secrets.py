"""Secrets in texts that spell them otherwise, or show only how they begin; and the secrets of a run as it goes on."""

import json
import shlex

import pytest

from flows.tasks.inputs import InputSpec
from flows.tasks.redact import Redactor
from flows.tasks.secrets import RunSecrets
from flows.tasks.words import shorten

ODD = 'it\'s "5\\5" é'


@pytest.mark.parametrize(
    "text",
    [
        ODD,
        json.dumps({"a": [f"x{ODD}"]}),
        json.dumps(f"x{ODD}", ensure_ascii=False),
        shlex.quote(f"x{ODD}"),
        repr(f"x{ODD}"),
        ascii(ODD),
        repr("it's"),
    ],
)
def test_a_secret_is_masked_however_it_is_spelled(text: str) -> None:
    masked = Redactor([ODD, "it's", "it\\'s"]).text(text)
    assert "***" in masked
    assert "5" not in masked
    assert "it" not in masked


def test_a_secret_that_an_error_cuts_off_is_masked_as_far_as_it_is_shown() -> None:
    token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." * 5
    told = f"is {shorten(token)}, expected a whole number; it begins {token[:80]}…"
    assert Redactor(inputs=[token]).text(told) == "is '***…, expected a whole number; it begins ***…"
    assert Redactor([token]).text(told) == told, "beginnings of credentials are not kept: there are too many"


def test_r37_what_scripts_are_masked_by_grows_with_the_runs_alone() -> None:
    secrets = RunSecrets({"F": [InputSpec("password", "secret"), InputSpec("name")]})
    secrets.run_started("F", {"password": "hunter22", "name": "visible"})
    secrets.meet(["swordfish"])
    assert secrets.started == {"hunter22"}
    assert secrets.met == {"hunter22", "swordfish"}
    assert secrets.redactor.text("hunter22 swordfish visible") == "*** *** visible"
