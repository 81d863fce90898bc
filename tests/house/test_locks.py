"""The lock files pin what pyproject.toml and package.json ask for, with hashes, and name no registry and no machine."""

import json
import re
import tomllib

import pytest

from tests.house.test_shape import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
}


FRONT_END = ROOT / "frontend"
PACKAGE = json.loads((FRONT_END / "package.json").read_text())
PACKAGE_LOCK = json.loads((FRONT_END / "package-lock.json").read_text())["packages"]


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


def test_the_lock_of_the_front_end_names_no_registry_and_no_path() -> None:
    elsewhere = {name: entry["resolved"] for name, entry in PACKAGE_LOCK.items() if "resolved" in entry}
    assert not elsewhere, "keep omit-lockfile-registry-resolved=true in frontend/.npmrc"
    assert "registry" not in (FRONT_END / ".npmrc").read_text().replace("omit-lockfile-registry-resolved=true", "")


def test_every_package_of_the_front_end_has_a_hash() -> None:
    entries = {name: entry for name, entry in PACKAGE_LOCK.items() if name and not entry.get("link")}
    assert len(entries) > 20
    assert not [name for name, entry in entries.items() if not entry.get("integrity", "").startswith("sha512-")]


def test_the_lock_of_the_front_end_is_of_this_package_json() -> None:
    for group in ("dependencies", "devDependencies"):
        assert PACKAGE_LOCK[""].get(group, {}) == PACKAGE.get(group, {}), "run `npm install` in frontend/"
