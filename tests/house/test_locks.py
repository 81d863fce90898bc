"""The lock files pin what pyproject.toml asks for, with hashes, and name neither a registry nor a machine."""

import re
import tomllib

import pytest

from tests.house.test_shape import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
}


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_names_no_registry_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    assert not re.search(r"(^|\s)/\w", text)


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_holds_every_pin_of_the_project(lock: str) -> None:
    pinned = set(re.findall(r"^([a-z0-9.-]+==[^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE))
    asked = {re.sub(r"\[.*\]", "", requirement) for requirement in ASKED[lock]}
    assert asked <= pinned, f"run `make lock`: {asked - pinned}"


@pytest.mark.parametrize("lock", ASKED)
def test_every_pin_of_a_lock_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z])", (ROOT / lock).read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_both_locks_agree() -> None:
    """The development lock is installed over the runtime's; a difference would replace what is tested."""
    runtime, dev = (set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in ASKED)
    assert runtime <= dev
