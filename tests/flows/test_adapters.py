"""What the driver's ports find in the database: versions as of an instant, elements of children, targets."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from elements.models import Element, Profile
from elements.operations import save_credential, save_element, save_profile
from flows.adapters.context import DatabaseInventory, DatabaseTargets
from flows.adapters.database import DatabaseThread
from flows.adapters.definitions import catalog_as_of
from flows.adapters.publisher import ChannelPublisher
from flows.adapters.scripts import SandboxScripts
from flows.engine.commands import Begin, InstanceId, Paused, PrepareRun, Resumption
from flows.models import FlowVersion
from flows.operations.catalog import FlowDraft, TaskDraft, publish, publish_flow
from flows.runner.ports import ScriptContext, ScriptProblem, TargetProblem
from flows.script.calls import FlowScripts
from flows.tasks.inputs import InputSpec
from flowsite.kernel.access import SYSTEM
from tests.fakes import element_dict

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
in_database = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def flow(name: str, script: str, **definition: Any) -> FlowDraft:
    return FlowDraft(name, {"mode": "serial", **definition}, execution_script=script)


def command(name: str, text: str = "true", **definition: Any) -> TaskDraft:
    return TaskDraft(name, {"class": "command", "command": text, **definition})


def root_version(name: str) -> int:
    return FlowVersion.objects.filter(flow__name=name).order_by("-number")[0].pk


class TestDefinitions:
    pytestmark = in_database

    def test_everything_is_as_it_was_when_the_run_started_but_the_root_is_pinned(self) -> None:
        """R25."""
        publish(
            tasks=[command("A", "old")],
            flows=[flow("F2", "run_task('A')"), flow("F1", "run_flow('F2')")],
            by=SYSTEM,
            at=MONDAY,
        )
        pinned = root_version("F1")
        publish(tasks=[command("A", "new")], flows=[], by=SYSTEM, at=MONDAY + timedelta(hours=2))
        publish_flow(
            name="F2",
            definition={"mode": "parallel"},
            execution_script="log('new')",
            by=SYSTEM,
            at=MONDAY + timedelta(hours=2),
        )
        before = catalog_as_of(pinned, MONDAY + timedelta(hours=1))
        assert before.tasks["A"].command == "old"
        assert before.engine.flows["F2"].version == 1
        after = catalog_as_of(pinned, MONDAY + timedelta(hours=3))
        assert after.engine.flows["F2"].version == 2
        assert after.engine.flows["F2"].concurrency == 50
        assert after.tasks == {}

    def test_only_what_is_named_is_read_unless_a_name_is_computed(self) -> None:
        drafts = [flow("F2", "run_task('B')"), flow("F3", "run_task('A')"), flow("F1", "run_flow('F2')")]
        publish(tasks=[command("A"), command("B")], flows=drafts, by=SYSTEM, at=MONDAY)
        found = catalog_as_of(root_version("F1"), MONDAY)
        assert (sorted(found.engine.flows), sorted(found.tasks)) == (["F1", "F2"], ["B"])
        publish(flows=[flow("F1", "run_flow('F' + '2')")], tasks=[], by=SYSTEM, at=MONDAY)
        found = catalog_as_of(root_version("F1"), MONDAY)
        assert (sorted(found.engine.flows), sorted(found.tasks)) == (["F1", "F2", "F3"], ["A", "B"])

    def test_the_engine_gets_sites_rules_defaults_and_policies(self) -> None:
        """R15, R28, R30, R36."""
        script = "try:\n    for n in range(2):\n        x = run_task('A')\nexcept StepFailed:\n    pass"
        rules = {"error_threshold": "10%", "concurrency": 3, "inputs": [{"name": "v", "default": "1"}, {"name": "w"}]}
        publish(
            tasks=[command("A", "echo {{ steps }}", retries=2, retry_delay=5, on_interrupt="fail")],
            flows=[flow("F1", script, **rules)],
            by=SYSTEM,
            at=MONDAY,
        )
        found = catalog_as_of(root_version("F1"), MONDAY)
        spec = found.engine.flows["F1"]
        assert (spec.error_threshold, spec.concurrency, spec.input_defaults) == ("10%", 3, {"v": "1", "w": None})
        site = spec.sites[0]
        assert (site.loops, site.caught, site.uses_result, site.line) == ((1,), True, True, 3)
        policy = found.engine.tasks["A"]
        assert (policy.retries, policy.retry_delay, policy.on_interrupt) == (2, 5.0, "fail")
        assert found.steps_are_read


def child(*callers: tuple[str, tuple[str, ...] | None], **inputs: Any) -> PrepareRun:
    return PrepareRun("F2", inputs, ("F1", "F2"), parent=0, site=1, turn=1, callers=callers)


def fleet(*names: str) -> None:
    save_profile(name="here", connection={"type": "local"}, context={"b": {"z": 1, "a": 2}}, by=SYSTEM)
    for name in names:
        save_element(name=name, profile="here", address="", enabled=True, groups=[], settings={}, by=SYSTEM)


def select(
    request: PrepareRun, narrowed: Sequence[str] | None = None, target: dict[str, Any] | None = None
) -> tuple[list[str], list[str]]:
    async def main() -> tuple[list[str], list[str]]:
        database = DatabaseThread()
        inventory = DatabaseInventory(
            database, {request.flow: target}, {request.flow: [InputSpec("n", "integer")]}, narrowed
        )
        try:
            elements, unknown = await inventory.select(request)
        finally:
            await database.close()
        assert all(list(element) == sorted(element) for element in elements)
        return [element["name"] for element in elements], list(unknown)

    return asyncio.run(main())


class TestInventory:
    pytestmark = in_database

    def test_a_root_gets_its_target_in_natural_order_narrowed_to_names_in_it(self) -> None:
        """R3."""
        fleet("db10", "db2", "db1")
        root = PrepareRun("F1", {"n": None}, ("F1",))
        assert select(root, target={"all": True}) == (["db1", "db2", "db10"], [])
        assert select(root, ["db10", "db1"], {"all": True}) == (["db1", "db10"], [])
        Element.objects.filter(name="db2").update(enabled=False)
        with pytest.raises(TargetProblem, match="db2"):
            select(root, ["db1", "db2"], {"all": True})

    def test_a_child_gets_the_union_of_its_callers_lists_in_the_order_of_first_mention(self) -> None:
        """R22, R23."""
        fleet("E1", "E2", "E3")
        assert select(child(("E2", None), ("E1", ("E3", "E2", "E1")))) == (["E2", "E3", "E1"], [])

    def test_a_list_that_names_a_stranger_is_left_out_and_the_stranger_told(self) -> None:
        """R22: only that caller fails."""
        fleet("E1", "E2", "E3")
        assert select(child(("E1", ("E1", "db9")), ("E2", None))) == (["E2"], ["db9"])

    def test_inputs_that_do_not_fit_the_child_are_its_problem(self) -> None:
        fleet("E1")
        with pytest.raises(TargetProblem, match="'n' is 'many'"):
            select(child(("E1", None), n="many"))


class TestTargets:
    pytestmark = in_database

    def test_targets_come_with_connection_and_opened_credential_and_show_no_secret(self) -> None:
        save_credential(name="ops", type="password", secret={"password": "hunter2"}, by=SYSTEM)
        connection = {"type": "ssh", "user": "ops", "port": 2222, "credential": "ops"}
        save_profile(name="ssh", connection=connection, context={"role": "db"}, by=SYSTEM)
        save_element(
            name="E1", profile="ssh", address="10.0.0.1", enabled=True, groups=[], settings={"n": 1}, by=SYSTEM
        )

        async def main() -> Any:
            database = DatabaseThread()
            try:
                return await DatabaseTargets(database)(["E1", "E9"])
            finally:
                await database.close()

        (target,) = asyncio.run(main())
        assert (target.address, target.connection.port, target.connection.user) == ("10.0.0.1", 2222, "ops")
        assert target.context == {"role": "db", "n": 1}
        assert target.secret.password == "hunter2"
        assert "hunter2" not in repr(target)

    def test_what_is_wrong_with_one_profile_or_credential_is_told_of_its_elements_alone(self, settings: Any) -> None:
        connection = {"type": "ssh", "user": "ops"}
        save_credential(name="ops", type="password", secret={"password": "hunter2"}, by=SYSTEM)
        save_profile(name="sealed", connection={**connection, "credential": "ops"}, context={}, by=SYSTEM)
        save_profile(name="bent", connection=connection, context={}, by=SYSTEM)
        save_profile(name="fine", connection=connection, context={}, by=SYSTEM)
        for name, profile in [("E1", "sealed"), ("E2", "bent"), ("E3", "fine")]:
            save_element(name=name, profile=profile, address="x", enabled=True, groups=[], settings={}, by=SYSTEM)
        Profile.objects.filter(name="bent").update(connection={**connection, "port": "many"})
        settings.FLOWSITE_CREDENTIAL_KEY = Fernet.generate_key().decode()

        async def main() -> Any:
            database = DatabaseThread()
            try:
                return await DatabaseTargets(database)(["E1", "E2", "E3"])
            finally:
                await database.close()

        problems = {target.name: target.problem for target in asyncio.run(main())}
        assert problems["E1"].startswith("credential 'ops': This secret was encrypted with another key")
        assert problems["E2"].startswith("profile 'bent': port")
        assert problems["E3"] == ""


async def test_the_sandbox_speaks_the_engines_words() -> None:
    scripts = SandboxScripts(
        {
            "F1": FlowScripts(
                processing="order_flow_elements(elements, lambda e: e['context']['n'])",
                execution="log('hi\\x00' + element['name'])",
            )
        }
    )
    elements = [element_dict("E1", 1, n=2), element_dict("E2", 2, n=1)]
    try:
        ordered = await scripts.process("F1", elements, {})
        assert [element["name"] for element in ordered] == ["E2", "E1"]
        with pytest.raises(ScriptProblem, match="line 1: no context key 'n' in E3"):
            await scripts.process("F1", [element_dict("E3", 3)], {})
        await scripts.begin(ScriptContext(0, "F1", ordered, {}, {"id": 1, "flow": "F1", "started_at": ""}))
        (answer,) = await scripts.resume([Resumption(InstanceId(0, "E1"), Begin())])
    finally:
        await scripts.close()
    assert isinstance(answer, Paused)
    assert (answer.call.step, answer.call.site, answer.call.name) == ("log", 1, "hi\ufffdE1")


async def test_a_publisher_without_a_layer_between_processes_does_nothing() -> None:
    publisher = ChannelPublisher()
    publisher.published(1, 2)
    await publisher.close()
    assert publisher._sending is None
