"""The runner's inventory, and the targets of its executor: elements with their context, from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from elements.queries import NotInTarget, Reached, element_dicts, reached_elements, select_elements
from elements.queries import TargetProblem as BadTarget
from flows.adapters.database import DatabaseThread
from flows.adapters.input_check import checked_flow_inputs
from flows.engine.commands import PrepareRun
from flows.runner.outcomes import canonical
from flows.runner.ports import ElementDict, TargetProblem
from flows.tasks.inputs import InputRefused, InputSpec
from flows.tasks.reading import SpecError
from flows.tasks.secrets import RunSecrets
from flows.tasks.spec import ConnectionSpec, Secret, Target


class DatabaseInventory:
    """Selects a run's elements and freezes their context (R2, R3, R22). ``targets`` are the flows' own, by name."""

    def __init__(
        self,
        database: DatabaseThread,
        targets: Mapping[str, Mapping[str, Any] | None],
        inputs: Mapping[str, Sequence[InputSpec]],
        narrowed: Sequence[str] | None,
        secrets: RunSecrets | None = None,
    ) -> None:
        """``narrowed`` are the names to which the start narrowed the root's target; no problem tells ``secrets``."""
        self._database = database
        self._targets = targets
        self._inputs = inputs
        self._narrowed = narrowed
        self._secrets = secrets or RunSecrets(inputs)

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        """The elements in order, their keys in canonical order, and the names that are no enabled elements."""
        await self._check_inputs(request)
        if request.parent is None:
            return await self._database.run(_select_root, self._targets[request.flow], self._narrowed), ()
        return await self._database.run(_select_child, request)

    async def _check_inputs(self, request: PrepareRun) -> None:
        declared = self._inputs[request.flow]
        if not declared and not request.inputs:
            return
        try:
            await self._database.run(checked_flow_inputs, request.flow, declared, request.inputs)
        except InputRefused as refused:
            raise TargetProblem(self._secrets.redactor.text(str(refused))) from None

    async def contexts(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        """The effective contexts of the enabled elements among these, as they are now. At most 5 queries."""
        return await self._database.run(_contexts, names)


class KnownInventory(DatabaseInventory):
    """The same for a run whose elements were selected before: the database is asked only for what they are not.

    So a plan needs no thread for it, and its children no more queries.
    """

    def __init__(
        self,
        database: DatabaseThread,
        inputs: Mapping[str, Sequence[InputSpec]],
        elements: Sequence[ElementDict],
        secrets: RunSecrets,
    ) -> None:
        """``elements`` are the root's, in order, as ``select_elements`` gives them."""
        super().__init__(database, {}, inputs, None, secrets)
        self._known = {element["name"]: canonical(element) for element in elements}

    async def select(self, request: PrepareRun) -> tuple[Sequence[ElementDict], Sequence[str]]:
        """As of the database; the root's inputs were checked with its elements."""
        if request.parent is None:
            return list(self._known.values()), ()
        lists = [(caller,) if passed is None else passed for caller, passed in request.callers]
        chosen = dict.fromkeys(name for names in lists for name in names)
        if not chosen.keys() <= self._known.keys():
            return await super().select(request)
        await self._check_inputs(request)
        return [self._known[name] for name in chosen], ()


def _select_root(target: Mapping[str, Any] | None, narrowed: Sequence[str] | None) -> list[ElementDict]:
    try:
        return [canonical(item) for item in select_elements(target, narrowed)]
    except (BadTarget, NotInTarget) as problem:
        raise TargetProblem(problem.message) from problem


def _select_child(request: PrepareRun) -> tuple[list[ElementDict], list[str]]:
    """The union of what the callers passed, in the order of first mention, without lists that name a stranger."""
    lists = [(caller,) if passed is None else passed for caller, passed in request.callers]
    found = element_dicts({name for names in lists for name in names})
    unknown = dict.fromkeys(name for names in lists for name in names if name not in found)
    chosen = dict.fromkeys(name for names in lists if not unknown.keys() & set(names) for name in names)
    return [canonical(found[name]) for name in chosen], list(unknown)


def _contexts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {name: canonical(item["context"]) for name, item in element_dicts(names).items()}


class DatabaseTargets:
    """Loads the targets of steps as they are now, with connection and credential (R43)."""

    def __init__(self, database: DatabaseThread) -> None:
        """Batches are the caller's business."""
        self._database = database

    async def __call__(self, names: Sequence[str]) -> Sequence[Target]:
        """The enabled elements among these names. At most 6 queries."""
        return await self._database.run(_load_targets, names)


def _load_targets(names: Sequence[str]) -> list[Target]:
    return [_target(reached) for reached in reached_elements(names).values()]


def _target(reached: Reached) -> Target:
    """The target; what is wrong with its profile or credential becomes its own problem."""
    element = reached.element
    target = Target(
        id=element["id"],
        name=element["name"],
        address=element["address"],
        profile=element["profile"],
        groups=tuple(element["groups"]),
        context=element["context"],
        problem=reached.problem,
    )
    try:
        connection = replace(ConnectionSpec.from_mapping(reached.connection), credential=reached.credential)
        secret = None if reached.problem else _secret(reached)
    except SpecError as wrong:
        return replace(target, problem=f"profile {target.profile!r}: {wrong}")
    return replace(target, connection=connection, secret=secret)


def _secret(reached: Reached) -> Secret | None:
    """What opens the connection; a token opens none."""
    match reached.credential_type:
        case "ssh_key":
            return Secret("ssh_key", **reached.secret)
        case "password" | "basic":
            return Secret("password", **reached.secret)
        case _:
            return None
