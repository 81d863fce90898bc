"""Settings from the environment: what is accepted, and what is said of a bad value."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError

from flowsite.kernel import environment
from flowsite.kernel.environment import EnvironmentProblem

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("0", False), ("off", False), ("", False)]
)
def test_a_flag_is_read(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("X_FLAG", value)
    assert environment.env_flag("X_FLAG") is expected


def test_sqlite_is_the_default_and_waits_its_turn_and_commits_durably(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X_DB", raising=False)
    database = environment.env_database("X_DB", default_file=Path("/data/f.sqlite3"))
    assert database["NAME"] == "/data/f.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous = FULL" in database["OPTIONS"]["init_command"]
    assert database["CONN_MAX_AGE"] == 600


def test_a_postgresql_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_DB", "postgres://us%40er:p%3Ass@db:5433/flow?sslmode=require")
    database = environment.env_database("X_DB", default_file=Path("unused"))
    assert (database["USER"], database["PASSWORD"], database["HOST"], database["PORT"], database["NAME"]) == (
        "us@er", "p:ss", "db", "5433", "flow",
    )  # fmt: skip
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        ("env_flag", "maybe", "X_VALUE: found 'maybe', expected 1 or 0"),
        ("env_number", "many", "X_VALUE: found 'many', expected a whole number from 1 to 9"),
        ("env_number", "10", "X_VALUE: found '10', expected a whole number from 1 to 9"),
        ("env_names", "a b", "X_VALUE: found 'a b', expected host names"),
        ("env_names", "http://x", "X_VALUE: found 'http://x', expected host names"),
        ("env_directory", "/dev/null/x", "X_VALUE: found '/dev/null/x' (Not a directory), expected a directory"),
        ("env_secret", "hunter2", "X_VALUE: found 7 characters, expected at least 32"),
        ("env_redis", "http://u:hunter2@h/0", "X_VALUE: found 'http://h/0', expected an address such as redis://"),
        ("env_redis", "redis://u:hunter2@h:port/0", "X_VALUE: found an address that cannot be read, expected"),
        ("env_database", "mysql://u:hunter2@h/d", "X_VALUE: found 'mysql://h/d', expected sqlite:////path"),
        ("env_database", "postgres://u:hunter2@h", "X_VALUE: found 'postgres://h', expected sqlite:////path"),
        ("env_database", "hunter2", "X_VALUE: found no scheme, expected sqlite:////path"),
    ],
)
def test_a_bad_value_is_told_with_name_found_and_expected_and_never_a_secret(
    monkeypatch: pytest.MonkeyPatch, read: str, value: str, message: str
) -> None:
    monkeypatch.setenv("X_VALUE", value)
    calls: dict[str, Callable[[], object]] = {
        "env_number": lambda: environment.env_number("X_VALUE", 1, least=1, most=9),
        "env_names": lambda: environment.env_names("X_VALUE", []),
        "env_directory": lambda: environment.env_directory("X_VALUE", Path("unused")),
        "env_secret": lambda: environment.env_secret("X_VALUE", shortest=32),
        "env_redis": lambda: environment.env_redis("X_VALUE"),
        "env_database": lambda: environment.env_database("X_VALUE", default_file=Path("unused")),
        "env_flag": lambda: environment.env_flag("X_VALUE"),
    }
    with pytest.raises(EnvironmentProblem) as caught:
        calls[read]()
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.slow
def test_a_bad_value_stops_the_command_line_with_one_line(tmp_path: Path) -> None:
    """4.2: a bad value stops the start with a message that names it."""
    environ = {**os.environ, "FLOWSITE_DATA_DIR": str(tmp_path), "FLOWSITE_WORKERS": "none"}
    environ["DJANGO_SETTINGS_MODULE"] = "flowsite.settings"
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "manage.py: FLOWSITE_WORKERS: found 'none', expected a whole number from 1 to 256\n"


@pytest.mark.slow
def test_the_first_start_makes_a_private_data_directory_and_secret_key(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environ = {key: value for key, value in os.environ.items() if key not in ("FLOWSITE_SECRET_KEY", "DATABASE_URL")}
    environ |= {"FLOWSITE_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "flowsite.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "check"], cwd=ROOT, env=environ, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_database_that_cannot_be_used_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    """4.2: no traceback, neither before the first migration nor for an address that leads nowhere."""
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environ |= {"FLOWSITE_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "flowsite.settings"}
    for url, told in {
        "": "manage.py: the database has not been prepared (no such table: flows_run): run `manage.py migrate`",
        "sqlite:////nowhere/flowsite.sqlite3": "manage.py: DATABASE_URL: the database cannot be used: unable to open",
    }.items():
        command = [sys.executable, "manage.py", "runs"]
        environ["DATABASE_URL"] = url
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(told)
        assert done.stderr.count("\n") == 1


def test_a_defect_of_ours_stays_a_traceback() -> None:
    assert environment.database_problem(IntegrityError("UNIQUE constraint failed")) is None
    assert environment.database_problem(ProgrammingError('relation "flows_run" does not exist\nLINE 1')) is not None
