"""Secrets at rest: the key file, the key from the environment, and what is said when they are wrong."""

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from flowsite.kernel.encryption import EncryptionProblem, check_key, decrypt, encrypt
from flowsite.kernel.keyfile import KeyFileProblem, read_or_make_key


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """An installation without a key, in an own directory."""
    settings.FLOWSITE_CREDENTIAL_KEY = ""
    settings.FLOWSITE_CREDENTIAL_KEY_FILE = tmp_path / "credential.key"
    return tmp_path / "credential.key"


def test_the_first_use_makes_a_key_file_that_only_its_owner_may_read(key_file: Path) -> None:
    before = os.umask(0)
    try:
        assert decrypt(encrypt(b"secret")) == b"secret"
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [file.name for file in key_file.parent.iterdir()] == ["credential.key"]


def test_what_is_stored_does_not_hold_the_secret(key_file: Path) -> None:
    assert b"secret" not in encrypt(b"secret")
    assert encrypt(b"secret") != encrypt(b"secret")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused_with_the_way_out(key_file: Path, mode: int) -> None:
    check_key()
    key_file.chmod(mode)
    with pytest.raises(EncryptionProblem, match=rf"has mode {mode:o}, expected 600.*chmod 600") as caught:
        check_key()
    assert key_file.read_text().strip() not in str(caught.value)


def test_a_secret_under_another_key_is_told_without_showing_either(key_file: Path) -> None:
    token = encrypt(b"secret")
    key_file.unlink()
    with pytest.raises(EncryptionProblem, match="another key") as caught:
        decrypt(token)
    assert key_file.read_text().strip() not in str(caught.value)


@pytest.mark.parametrize("content", ["", "short", "x" * 44, "ü" * 44])
def test_a_broken_key_file_is_told_by_name(key_file: Path, content: str) -> None:
    key_file.write_text(content)
    key_file.chmod(0o600)
    with pytest.raises(EncryptionProblem, match=r"credential\.key"):
        check_key()


def test_the_key_of_the_environment_wins_and_makes_no_file(key_file: Path, settings: Settings) -> None:
    settings.FLOWSITE_CREDENTIAL_KEY = Fernet.generate_key().decode()
    assert decrypt(encrypt(b"secret")) == b"secret"
    assert not key_file.exists()


def test_with_several_keys_the_first_encrypts_and_all_decrypt(key_file: Path, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FLOWSITE_CREDENTIAL_KEY = old
    under_old = encrypt(b"secret")
    settings.FLOWSITE_CREDENTIAL_KEY = f"{new}, {old}"
    under_new = encrypt(b"secret")
    assert decrypt(under_old) == decrypt(under_new) == b"secret"
    settings.FLOWSITE_CREDENTIAL_KEY = old
    with pytest.raises(EncryptionProblem):
        decrypt(under_new)


def test_of_many_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    file, made, barrier = tmp_path / "key", iter(range(100)), threading.Barrier(8)
    found: list[str] = []

    def start() -> None:
        barrier.wait()
        found.append(read_or_make_key(file, lambda: f"key {next(made)}"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_an_empty_key_file_is_not_a_key(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch(0o600)
    with pytest.raises(KeyFileProblem, match="is empty"):
        read_or_make_key(file, lambda: "never")
