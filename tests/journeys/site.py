"""A site of one's own: the real ``up`` on a free port with its own data directory, used only from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 40.0
STOPS_WITHIN_S = 25.0


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def until(true: Callable[[], Any], within_s: float, what: str) -> Any:
    """Wait for something that another process does; returns what ``true`` gave, or fails saying what was awaited."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if value := true():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s:g} s: {what}")


@dataclass(slots=True)
class Site:
    """One ``up``. ``lines`` is what it has printed so far, oldest first; ``cookies`` are those of who has signed in."""

    data_dir: Path
    port: int
    environment: Mapping[str, str]
    workers: int = 2
    lines: list[str] = field(default_factory=list)
    cookies: dict[str, Any] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None
    _reader: threading.Thread = field(default_factory=threading.Thread)
    _followed: "list[Following]" = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where its web server answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        """Start ``up`` and wait until it says that it is ready."""
        self.lines.clear()
        listen = ("--port", str(self.port), "--workers", str(self.workers))
        self.process = self._spawn("up", *listen, *options, stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        until(lambda: self.said("ready:") or self.process.poll() is not None, READY_WITHIN_S, "up is ready")  # type: ignore[union-attr]
        assert self.process.poll() is None, self.log()

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send Ctrl-C to ``up`` alone and wait for its end; returns its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(STOPS_WITHIN_S)
        self._reader.join()
        return code

    def leave_runs(self) -> None:
        """End the commands that still follow a run: a test that fails leaves none to the next."""
        for following in self._followed:
            following.leave()

    def manage(self, *arguments: str, within_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run a management command against this site."""
        process = self._spawn(*arguments, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} did not end within {within_s:g} s\n{out}{err}{self.log()}") from None
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def apply(self, text: str) -> None:
        """Create what the YAML documents say."""
        file = self.data_dir / "documents.yaml"
        file.write_text(text)
        done = self.manage("apply", str(file))
        assert done.returncode == 0, done.stdout + done.stderr

    def begin_run(self, flow: str, *arguments: str) -> "Following":
        """``run FLOW --json`` in the background."""
        following = Following(self._spawn("run", flow, "--json", *arguments, stderr=subprocess.PIPE), self)
        self._followed.append(following)
        return following

    def run(self, flow: str, *arguments: str, within_s: float = 60.0) -> "Followed":
        """``run FLOW --json`` to its end."""
        return self.begin_run(flow, *arguments).end(within_s)

    def said(self, text: str) -> bool:
        """True when ``up`` or a service has printed the text."""
        return any(text in line for line in list(self.lines))

    def log(self) -> str:
        """All that was printed, for messages of failures."""
        return "\n--- up said\n" + "\n".join(self.lines)

    def processes(self) -> dict[int, str]:
        """Every living process that was started with this data directory: its id and name (``comm``)."""
        mark = f"FLOWSITE_DATA_DIR={self.data_dir}\0".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes() + b"\0":
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
        return found

    def worker_ids(self) -> list[int]:
        """The workers of the ``default`` cluster, which run flows."""
        return [
            number for number, name in self.processes().items() if name == "flowsite-worker" and not _is_short(number)
        ]

    def worker_of(self, run: int) -> int:
        """The process id of the worker that took this run last, as it said itself; 0 before that."""
        taken = [line for line in list(self.lines) if f"run {run}: taken by worker " in line]
        return int(taken[-1].rpartition(":")[2]) if taken else 0

    def _spawn(self, *arguments: str, stderr: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**_inherited(), **self.environment, "FLOWSITE_DATA_DIR": str(self.data_dir)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        _each_line(process.stdout, self.lines.append)


@dataclass(frozen=True, slots=True)
class Followed:
    """A run as ``run --json`` told it: every event, and how the command ended."""

    code: int
    events: Sequence[Mapping[str, Any]]
    errors: str

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The events of one type, in order."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def status(self) -> str:
        """How the root run ended."""
        ends = [event for event in self.of("run_finished") if event["run"] == event["root"]]
        assert len(ends) == 1, self.events
        status: str = ends[0]["status"]
        return status


class Following:
    """A run in progress, followed by ``run --json``; ``read`` holds its events so far."""

    def __init__(self, process: "subprocess.Popen[str]", site: Site) -> None:
        self.site = site
        self.read: list[Mapping[str, Any]] = []
        self._process = process
        self._errors: list[str] = []
        self._position = 0
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = (
            threading.Thread(target=_each_line, args=(process.stdout, lambda line: self.read.append(json.loads(line)))),
            threading.Thread(target=_each_line, args=(process.stderr, self._errors.append)),
        )
        for reader in self._readers:
            reader.start()

    def until(self, true: Callable[[Mapping[str, Any]], bool], within_s: float = 30.0) -> Mapping[str, Any]:
        """Go on to the first event after the last one given for which this holds."""

        def found() -> bool:
            while self._position < len(self.read):
                self._position += 1
                if true(self.read[self._position - 1]):
                    return True
            return False

        until(found, within_s, "the run gets there")
        return self.read[self._position - 1]

    def end(self, within_s: float = 60.0) -> Followed:
        """Read to the end."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._errors.append(f"not over within {within_s:g} s: {self.read[-5:]}")
        self.leave()
        return Followed(self._process.returncode, self.read, "\n".join(self._errors) + self.site.log())

    def leave(self) -> None:
        """End the command, if it has not ended, and what reads it. The run itself goes on."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()


def _each_line(pipe: IO[str], take: Callable[[str], None]) -> None:
    with pipe as lines:
        for line in lines:
            take(line.rstrip("\n"))


def _inherited() -> dict[str, str]:
    """This process's environment without any setting of the product: the tests' own settings are not the site's."""
    ours = ("FLOWSITE_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "Q_CLUSTER_NAME")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _is_short(process_id: int) -> bool:
    try:
        return b"short" in Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return True
