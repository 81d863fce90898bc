"""Encrypts secrets at rest: Fernet, with a key from the environment or from a file that only its owner may read.

Several keys may stand in the key, separated by commas: the first encrypts, all decrypt (a key being rotated).
"""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from flowsite.kernel.errors import FlowsiteError
from flowsite.kernel.keyfile import KeyFileProblem, read_or_make_key


class EncryptionProblem(FlowsiteError):
    """The key is missing or wrong. Nothing of the key or of a secret stands in the message."""

    code = "encryption"
    status = 500


def encrypt(plain: bytes) -> bytes:
    """Encrypt with the first key."""
    return _cipher().encrypt(plain)


def decrypt(token: bytes) -> bytes:
    """Decrypt with whichever key fits, or raise ``EncryptionProblem``."""
    try:
        return _cipher().decrypt(bytes(token))
    except InvalidToken:
        raise EncryptionProblem(
            f"This secret was encrypted with another key than the one in {_source()}. Restore that key from the "
            f"backup, or enter the credential anew."
        ) from None


def check_key() -> None:
    """Raise ``EncryptionProblem`` when the key cannot be used; makes the key file on first start."""
    _cipher()


def _cipher() -> MultiFernet:
    keys = [part.strip() for part in _key().split(",") if part.strip()]
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise EncryptionProblem(
            f"{_source()} holds no usable key: expected 32 bytes in URL-safe base64 (44 characters), several of them "
            f"separated by commas. Restore it from the backup."
        ) from None


def _key() -> str:
    given: str = settings.FLOWSITE_CREDENTIAL_KEY
    if given:
        return given
    file: Path = settings.FLOWSITE_CREDENTIAL_KEY_FILE
    try:
        return read_or_make_key(file, lambda: Fernet.generate_key().decode("ascii"))
    except (KeyFileProblem, UnicodeDecodeError) as problem:
        raise EncryptionProblem(
            str(problem) if isinstance(problem, KeyFileProblem) else f"{file} is no key file."
        ) from None
    except OSError as problem:
        raise EncryptionProblem(f"{file} cannot be read or made: {problem.strerror}.") from None


def _source() -> str:
    return "FLOWSITE_CREDENTIAL_KEY" if settings.FLOWSITE_CREDENTIAL_KEY else str(settings.FLOWSITE_CREDENTIAL_KEY_FILE)
