"""``make run`` asks the network once for each content of a lock file, and says in one line what is missing.

The programs that it starts are small scripts here, which write down how they were called.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.test_shape import ROOT

SYSTEM_PROGRAMS = (
    "awk", "bash", "cat", "cut", "date", "env", "find", "git", "gzip", "make", "mkdir", "mktemp", "rm", "sed", "sh",
    "sha256sum", "sort", "tail", "tar", "touch", "tr", "xargs", "grep",
)  # fmt: skip
NODE = 'echo "node $*" >> "$CALLS"; [ "$1" != --version ] || echo v20.19.0\n'
OLD_NODE = '[ "$1" = --version ] && echo v18.20.4 || exit 1\n'
NPM = (
    'echo "npm $*" >> "$CALLS"\n'
    'case "$*" in ci*) mkdir -p node_modules;; *build*) rm -rf ../static/dist; mkdir -p ../static/dist/.vite;\n'
    "  echo built > ../static/dist/.vite/manifest.json;; esac\n"
)
PYTHON = 'echo "python $* local=${FLOWSITE_ALLOW_LOCAL:-}" >> "$CALLS"\n'


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the Makefile and what it looks at, and the only programs that it finds."""

    directory: Path
    programs: Path

    def write_program(self, path: Path, text: str) -> None:
        """An executable of the test."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)

    def make(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """``make`` with these words."""
        (self.directory / "calls").write_text("")
        base: Mapping[str, str] = {"PATH": str(self.programs), "CALLS": str(self.directory / "calls")}
        return subprocess.run(
            ["make", *words],
            cwd=self.directory,
            env={**base, **environment},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        """How the programs were called by the last ``make``, without Node's question for its version."""
        lines = (self.directory / "calls").read_text().splitlines()
        return [line for line in lines if not line.startswith("node ")]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout whose virtual environment is there and whose locks were never installed."""
    here = Checkout(tmp_path / "flowsite", tmp_path / "programs")
    (here.directory / "frontend" / "src").mkdir(parents=True)
    here.programs.mkdir()
    for file in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / file, here.directory)
    for file in ("package.json", "package-lock.json", "src/main.ts"):
        (here.directory / "frontend" / file).write_text("{}")
    for name in SYSTEM_PROGRAMS:
        (here.programs / name).symlink_to(str(shutil.which(name)))
    here.write_program(here.programs / "node", NODE)
    here.write_program(here.programs / "npm", NPM)
    here.write_program(here.directory / ".venv" / "bin" / "python", PYTHON)
    return here


def test_the_second_run_asks_the_network_for_nothing(checkout: Checkout) -> None:
    assert checkout.make("run").returncode == 0
    first = checkout.calls()
    assert [line.split()[:4] for line in first] == [
        ["python", "-m", "pip", "install"],
        ["npm", "ci", "--no-audit", "--no-fund"],
        ["npm", "run", "--silent", "build"],
        ["python", "manage.py", "up", "--host"],
    ]
    assert checkout.make("run").returncode == 0
    assert checkout.calls() == [first[-1]]


def test_a_changed_source_is_built_again_and_a_changed_lock_is_installed_again(checkout: Checkout) -> None:
    checkout.make("run")
    (checkout.directory / "frontend" / "src" / "main.ts").write_text("another")
    checkout.make("run")
    assert [line.split()[1] for line in checkout.calls()] == ["run", "manage.py"]
    (checkout.directory / "frontend" / "package-lock.json").write_text("another")
    checkout.make("run")
    assert [line.split()[1] for line in checkout.calls()] == ["ci", "run", "manage.py"]
    (checkout.directory / "requirements.lock").write_text("another")
    checkout.make("run")
    assert [line.split()[1] for line in checkout.calls()] == ["-m", "manage.py"]


def test_what_is_in_node_modules_is_no_source(checkout: Checkout) -> None:
    checkout.make("run")
    (checkout.directory / "frontend" / "node_modules" / "cache").write_text("x")
    checkout.make("run")
    assert len(checkout.calls()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_a_loopback_host_the_local_connection_is_allowed(checkout: Checkout, host: str) -> None:
    checkout.make("run", f"HOST={host}", "PORT=8123")
    assert checkout.calls()[-1] == f"python manage.py up --host {host} --port 8123 --workers 8 --demo local=1"


def test_on_another_host_it_is_not(checkout: Checkout) -> None:
    checkout.make("run", "HOST=0.0.0.0")
    assert checkout.calls()[-1] == "python manage.py up --host 0.0.0.0 --port 8000 --workers 8 --demo local="


def test_the_demo_can_be_left_out(checkout: Checkout) -> None:
    checkout.make("run", FLOWSITE_DEMO="0")
    assert "--demo" not in checkout.calls()[-1]


@pytest.mark.parametrize(("program", "found"), [(None, "none"), (OLD_NODE, "v18.20.4")])
def test_a_missing_or_old_node_is_one_line_that_says_what_to_do(
    checkout: Checkout, program: str | None, found: str
) -> None:
    (checkout.programs / "node").unlink()
    if program:
        checkout.write_program(checkout.programs / "node", program)
    ended = checkout.make("run")
    assert ended.returncode != 0
    [line] = [line for line in ended.stderr.splitlines() if not line.startswith("make: ***")]
    assert line.startswith("make: Node 20.19 or newer with npm is needed")
    assert f"(found: {found})" in line
    assert "manage.py" not in " ".join(checkout.calls())


@pytest.mark.parametrize("what", ["npm", "pip"])
def test_a_network_that_is_not_there_is_one_line_that_says_what_to_do(checkout: Checkout, what: str) -> None:
    if what == "npm":
        checkout.write_program(checkout.programs / "npm", "echo ENOTFOUND >&2; exit 1\n")
    else:
        checkout.write_program(checkout.directory / ".venv" / "bin" / "python", "echo ENOTFOUND >&2; exit 1\n")
    ended = checkout.make("run")
    assert ended.returncode != 0
    cause, advice = [line for line in ended.stderr.splitlines() if not line.startswith("make: ***")][:2]
    assert cause == "ENOTFOUND"
    assert "check the network" in advice
    assert checkout.make("run").returncode != 0, "nothing is taken for installed"


def test_a_missing_venv_module_is_one_line_that_says_what_to_do(checkout: Checkout) -> None:
    shutil.rmtree(checkout.directory / ".venv")
    checkout.write_program(checkout.programs / "python3", 'case "$2" in *ensurepip*) exit 1;; esac\n')
    ended = checkout.make("run")
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[0] == "make: Python's venv module is missing: apt-get install python3-venv"


def test_the_archive_starts_without_node(checkout: Checkout, tmp_path: Path) -> None:
    here = checkout.directory
    (here / ".gitignore").write_text("node_modules/\nstatic/dist/\n/dist/\n.venv/\ncalls\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.hooksPath=/dev/null"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
        subprocess.run([*git, *words], cwd=here, check=True)
    made = checkout.make("dist", HOME=str(tmp_path))
    assert made.returncode == 0, made.stderr
    [archive] = (here / "dist").iterdir()
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(archive, unpacked, filter="data")
    [root] = unpacked.iterdir()
    there = Checkout(root, checkout.programs)
    there.write_program(root / ".venv" / "bin" / "python", PYTHON)
    for name in ("node", "npm"):
        (checkout.programs / name).unlink()
    ended = there.make("run")
    assert ended.returncode == 0, ended.stderr
    assert [line.split()[1] for line in there.calls()] == ["-m", "manage.py"]
    assert (root / "static" / "dist" / ".vite" / "manifest.json").read_text() == "built\n"


def test_an_archive_is_not_made_from_files_that_git_does_not_know(checkout: Checkout) -> None:
    subprocess.run(["git", "init", "-q"], cwd=checkout.directory, check=True)
    ended = checkout.make("dist", HOME=str(checkout.directory))
    assert ended.returncode != 0
    assert "not in git" in ended.stderr
