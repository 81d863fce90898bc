"""What the tests of attempts share: a target of the ssh fleet, an executor over targets in memory, a sink."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.engine.events import Outcome, StepKey
from flows.runner.ports import StepRequest
from flows.tasks.executor import TaskExecutor
from flows.tasks.session import TerminationGraces
from flows.tasks.spec import ConnectionSpec, Secret, Target, TaskSpec
from tests.sshd import SshFleet

SHORT_GRACES = TerminationGraces(term_s=0.3, kill_s=0.5)


@dataclass
class Inventory:
    """Targets by name; counts the queries."""

    targets: dict[str, Target] = field(default_factory=dict)
    queries: list[tuple[str, ...]] = field(default_factory=list)

    async def load(self, names: Sequence[str]) -> list[Target]:
        self.queries.append(tuple(names))
        return [self.targets[name] for name in names if name in self.targets]


@dataclass
class Sink:
    """Keeps what was streamed, by element and stream."""

    pieces: list[tuple[StepKey, str, bytes]] = field(default_factory=list)

    async def __call__(self, key: StepKey, stream: str, data: bytes) -> None:
        self.pieces.append((key, stream, data))

    def text(self, stream: str = "stdout", element: str | None = None) -> str:
        wanted = (data for key, name, data in self.pieces if name == stream and element in (None, key.element))
        return b"".join(wanted).decode(errors="replace")


def request(element: str = "db1", *, task: str = "task", timeout_s: float | None = None, **inputs: Any) -> StepRequest:
    key = StepKey(run=0, element=element, site=1, turn=1)
    run = {"id": 1, "flow": "F", "started_at": "2026-11-23T00:00:00Z"}
    return StepRequest(key, task=task, target=element, inputs=inputs, timeout_s=timeout_s, run=run)


def fleet_target(fleet: SshFleet, index: int = 0, **changes: Any) -> Target:
    connection: dict[str, Any] = {
        "user": fleet.user,
        "port": fleet.port,
        "known_hosts": str(write_known_hosts(fleet)),
    } | changes.pop("connection", {})
    values: dict[str, Any] = {
        "id": index + 1,
        "name": f"db{index + 1}",
        "address": fleet.addresses[index],
        "profile": "linux",
        "secret": Secret("ssh_key", private_key=fleet.private_key),
    } | changes
    return Target(connection=ConnectionSpec(**connection), **values)


def write_known_hosts(fleet: SshFleet) -> Path:
    path = fleet.directory / "known_hosts"
    if not path.exists():
        path.write_text(fleet.known_hosts())
    return path


def executor_for(
    data_dir: Path, targets: Sequence[Target], commands: Mapping[str, str] | str, **options: Any
) -> tuple[TaskExecutor, Inventory]:
    """``commands`` are templates by task name; a text alone is the task 'task'."""
    by_name = {"task": commands} if isinstance(commands, str) else commands
    tasks = {name: TaskSpec(name=name, command=command, timeout_s=20) for name, command in by_name.items()}
    inventory = Inventory({target.name: target for target in targets})
    options.setdefault("graces", SHORT_GRACES)
    return TaskExecutor(tasks, inventory.load, data_dir, **options), inventory


async def attempt(data_dir: Path, target: Target, command: str, **options: Any) -> tuple[Outcome, Sink]:
    """One attempt of one command with an executor of its own."""
    sink = Sink()
    timeout_s = options.pop("timeout_s", None)
    executor, _ = executor_for(data_dir, [target], command, **options)
    try:
        return await executor.run(request(target.name, timeout_s=timeout_s), sink), sink
    finally:
        await executor.close()
