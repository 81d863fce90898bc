"""Reads settings from the environment and says which variable is wrong, what it held and what was expected."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class EnvironmentProblem(Exception):
    """A variable of the environment has a value that cannot be used; the start stops."""

    def __init__(self, name: str, found: str, expected: str) -> None:
        super().__init__(f"{name}: found {found}, expected {expected}")
        self.name = name


def env_text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, *, default: bool = False) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off."""
    if name not in os.environ:
        return default
    value = os.environ[name].strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise EnvironmentProblem(name, repr(os.environ[name]), "1 or 0")


def env_number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within the limits, both included."""
    text = env_text(name)
    if not text:
        return default
    expected = f"a whole number from {least} to {most}"
    try:
        number = int(text)
    except ValueError:
        raise EnvironmentProblem(name, repr(text), expected) from None
    if not least <= number <= most:
        raise EnvironmentProblem(name, repr(text), expected)
    return number


def env_names(name: str, default: list[str]) -> list[str]:
    """Names separated by commas."""
    names = [part.strip() for part in env_text(name).split(",") if part.strip()]
    for found in names:
        if any(character in found for character in " /@"):
            raise EnvironmentProblem(name, repr(found), "host names separated by commas, such as flow.example.org")
    return names or default


def env_directory(name: str, default: Path) -> Path:
    """A directory that this process may write; it is made when missing, readable by its owner alone."""
    directory = Path(env_text(name, str(default))).expanduser().resolve()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(name, f"{str(directory)!r} ({error.strerror})", "a directory to write to") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise EnvironmentProblem(name, f"{str(directory)!r}, which is not writable", "a directory to write to")
    return directory


def env_secret(name: str, *, shortest: int) -> str:
    """A secret, or '' when not set. Messages tell its length, never its value."""
    secret = env_text(name)
    if secret and len(secret) < shortest:
        raise EnvironmentProblem(name, f"{len(secret)} characters", f"at least {shortest}; leave it unset to make one")
    return secret


def env_redis(name: str) -> str:
    """A Redis address such as ``redis://127.0.0.1:6379/0``, or '' when not set."""
    address = env_text(name)
    if not address:
        return ""
    expected = "an address such as redis://127.0.0.1:6379/0"
    parts = _split(name, address, expected)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.scheme == "unix"):
        raise EnvironmentProblem(name, _shown(parts), expected)
    return address


def env_database(name: str, *, default_file: Path) -> dict[str, Any]:
    """Django's settings for ``sqlite:///file`` or ``postgres://user:password@host:port/name?sslmode=require``."""
    address = env_text(name)
    if not address:
        return sqlite_database(str(default_file))
    expected = "sqlite:////path/to/file or postgres://user:password@host:5432/name"
    parts = _split(name, address, expected)
    if parts.scheme == "sqlite":
        path = unquote(parts.path).removeprefix("/")
        if not path or parts.netloc:
            raise EnvironmentProblem(name, _shown(parts), expected)
        return sqlite_database(path if path == ":memory:" else str(Path(path).resolve()))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise EnvironmentProblem(name, _shown(parts), expected)
    return postgresql_database(parts)


def sqlite_database(file: str) -> dict[str, Any]:
    """SQLite as measured: one writer at a time that waits its turn, durable commits, a connection kept open."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        },
    }


def postgresql_database(parts: SplitResult) -> dict[str, Any]:
    """PostgreSQL over a small pool for each process; query parameters are libpq's (sslmode, application_name)."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 16, "timeout": 20}, **dict(parse_qsl(parts.query))},
    }


def database_problem(error: Exception) -> str | None:
    """What an operator can do about a database that cannot be used, in one line; None for an error of ours."""
    text = " ".join(str(error).split())
    if "no such table" in text or ("relation " in text and "does not exist" in text):
        return f"the database has not been prepared ({text}): run `manage.py migrate`, or `manage.py up`"
    if type(error).__name__ != "OperationalError":
        return None
    found = "DATABASE_URL" if env_text("DATABASE_URL") else "FLOWSITE_DATA_DIR"
    return f"{found}: the database cannot be used: {text}"


def _split(name: str, address: str, expected: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise EnvironmentProblem(name, "an address that cannot be read", expected) from None
    return parts


def _shown(parts: SplitResult) -> str:
    """The address without user and password: those may be secrets."""
    host = parts.netloc.rpartition("@")[2]
    return repr(f"{parts.scheme}://{host}{parts.path}") if parts.scheme else "no scheme"
