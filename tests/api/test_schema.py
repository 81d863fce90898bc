"""The description of the API is complete, sound and served by the site itself."""

import io
import re

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient


@pytest.fixture(scope="module")
def schema() -> dict[str, object]:
    """As generated; any warning fails."""
    GENERATOR_STATS.reset()
    out = io.StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    described: dict[str, object] = yaml.safe_load(out.getvalue())
    return described


def test_the_schema_is_valid_and_generated_without_a_warning(schema: dict[str, object]) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert not GENERATOR_STATS


def test_every_call_says_how_it_refuses(schema: dict[str, object]) -> None:
    paths = schema["paths"]
    assert isinstance(paths, dict)
    calls = [call for path in paths.values() for method, call in path.items() if method != "parameters"]
    assert len(calls) > 30
    for call in calls:
        assert {"400", "401", "403", "404", "409"} <= call["responses"].keys(), call["operationId"]


@pytest.mark.parametrize(
    "path",
    ["elements", "profiles", "groups", "credentials", "tasks", "flows", "runs", "targets", "flows/{id}/check",
     "flows/{id}/publish", "flows/{id}/plan", "flows/{id}/runs", "runs/{id}/events", "runs/{id}/steps",
     "runs/{id}/pause", "runs/{id}/resume", "runs/{id}/cancel", "runs/{id}/questions/{number}", "scripts/blocks",
     "scripts/names", "schedules", "schedules/{id}", "drafts", "drafts/{flow_id}", "drafts/{flow_id}/check",
     "drafts/{flow_id}/publish", "flows/{id}/picture"],
)  # fmt: skip
def test_the_resources_that_others_rely_on_are_described(schema: dict[str, object], path: str) -> None:
    paths = schema["paths"]
    assert isinstance(paths, dict)
    assert f"/api/{path}/" in paths


def test_secrets_are_described_as_write_only(schema: dict[str, object]) -> None:
    text = yaml.safe_dump(schema)
    assert re.search(r"secret:\n(?:\s+\w.*\n)*?\s+writeOnly: true", text)


def test_the_schema_is_served_to_who_has_no_account() -> None:
    """It holds no data, so a tool may read it before it has a token."""
    assert APIClient().get("/api/schema/").status_code == 200
