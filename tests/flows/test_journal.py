"""The journal in the database: fenced, without gaps, and its rows are what its events say (3.3, 3.4)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elements.models import Element, Profile
from flows.adapters import lease
from flows.adapters.database import DatabaseThread
from flows.adapters.journal import DatabaseJournal
from flows.engine.definitions import TaskPolicy
from flows.engine.events import (
    ElementFinished,
    ElementsOrdered,
    Event,
    PauseRequested,
    RunFinished,
    RunStarted,
    RunStateChanged,
    StepFinished,
    StepKey,
    StepStarted,
)
from flows.engine.status import RunState
from flows.models import Flow, FlowVersion, Run, RunElement, RunEvent, RunSignal, StepOutput, StepRun
from flows.queries.events import events_after
from flows.queries.runs import count_elements
from flows.runner.driver import Driver, Ending, Ports
from flows.runner.events import EncodedEvent, decode, encode
from flows.runner.ports import History, LeaseLost
from tests.engine.programs import Fail, Library, Loop, Node, Step, Try, flow, tasks
from tests.fakes import Deed, FakeExecutor, FakeInventory, FakePublisher, Processing, failing
from tests.runner.world import ProgramHost

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

NAMES = ("E1", "E2", "E3")


class RealClock:
    """Time as it is: database threads do not live in virtual time."""

    def now(self) -> float:
        return timezone.now().timestamp()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Stage:
    """A run of programs in the database, driven with the fakes of everything else."""

    def __init__(self, library: Library, deeds: dict[Any, Deed] | None = None) -> None:
        self.library = library
        self.deeds = deeds or {}
        self.trace: list[Any] = []
        self.processing: dict[str, Processing] = {}
        versions = {}
        for name in library.programs:
            stored, _ = Flow.objects.get_or_create(name=name)
            versions[name], _ = FlowVersion.objects.get_or_create(
                flow=stored, number=1, defaults={"name": name, "published_at": timezone.now(), "published_by": "ana"}
            )
        profile, _ = Profile.objects.get_or_create(name="linux")
        self.inventory = FakeInventory(NAMES)
        for name in NAMES:
            element, _ = Element.objects.get_or_create(name=name, defaults={"profile": profile})
            self.inventory.elements[name]["id"] = element.pk
        self.versions = {name: version.pk for name, version in versions.items()}
        self.run = Run.objects.create(
            flow_version=versions["F1"], flow_name="F1", started_by="ana", created_at=timezone.now()
        )

    def claim(self, lease_s: float = 60) -> lease.Claim:
        claimed = lease.claim(self.run.pk, lease_s=lease_s)
        assert claimed is not None
        return claimed

    def with_journal(self, act: Callable[[DatabaseJournal], Awaitable[Any]], claimed: lease.Claim | None = None) -> Any:
        claimed = claimed or self.claim()

        async def main() -> Any:
            database = self.database = DatabaseThread()
            try:
                return await act(DatabaseJournal(claimed, database, self.library.definitions, self.versions))
            finally:
                await database.close()

        return asyncio.run(main())

    def drive(self, kill_after: int | None = None) -> Ending | None:
        """Drive with one worker; it dies after so many commits, without giving the lease back."""

        async def act(journal: DatabaseJournal) -> Ending | None:
            host = ProgramHost(self.library.programs, self.trace)
            host.processing = self.processing
            executor = FakeExecutor(self.deeds, self.trace)
            ports = Ports(journal, executor, host, self.inventory, RealClock(), FakePublisher())
            driving = asyncio.ensure_future(Driver(self.run.pk, ports).drive())
            if kill_after is not None:
                left = kill_after
                append = journal.append

                async def count(*arguments: Any, **options: Any) -> int:
                    nonlocal left
                    left -= 1
                    if left < 0:
                        raise LeaseLost("killed")
                    return await append(*arguments, **options)

                journal.append = count  # type: ignore[method-assign]
            try:
                return await driving
            except LeaseLost:
                return None

        ending: Ending | None = self.with_journal(act)
        if ending is None:
            Run.objects.filter(pk=self.run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        return ending

    def events(self) -> list[Event]:
        numbers = dict(Run.objects.tree_of(self.run.pk).values_list("pk", "number"))
        rows = RunEvent.objects.filter(root=self.run).exclude(type="step_output").order_by("seq")
        return [
            decode(EncodedEvent(type_, numbers[run], data))
            for type_, run, data in rows.values_list("type", "run", "data")
        ]


def one_flow(program: Sequence[Node] = (), mode: str = "serial", **rules: Any) -> Library:
    return Library(flow("F1", mode, program or tasks("A"), **rules), flow("F2", "parallel", tasks("CB")))


STARTED = StepStarted(StepKey(0, "E1", 1, 1), "run_task", "A", 1, ("F1",), "E1")


async def started(journal: DatabaseJournal, stage: Stage) -> None:
    event = RunStarted(0, "F1", 1, stage.library.definitions.flows["F1"].mode, NAMES, path=("F1",))
    elements = [stage.inventory.elements[name] for name in NAMES]
    assert await journal.append([event], at=1000.0, elements={0: elements}) == 1


# --- lease and fence ----------------------------------------------------------------------------------------------


def test_a_run_has_one_holder_until_its_lease_ends_in_database_time() -> None:
    stage = Stage(one_flow())
    first = stage.claim()
    assert first.owner == lease.this_worker()
    assert lease.claim(stage.run.pk, lease_s=60) is None
    Run.objects.filter(pk=stage.run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = stage.claim()
    assert second.fence == first.fence + 1
    assert second.started_at == first.started_at


def test_an_ended_run_and_a_child_cannot_be_claimed() -> None:
    stage = Stage(one_flow([Step("F2", "run_flow")]))
    stage.drive()
    for run in Run.objects.tree_of(stage.run.pk):
        assert run.state == "succeeded"
        assert lease.claim(run.pk, lease_s=60) is None


def test_a_lease_is_renewed_by_every_write_and_by_renew() -> None:
    stage = Stage(one_flow())
    claimed = stage.claim(lease_s=60)

    async def act(journal: DatabaseJournal) -> None:
        writes: list[Callable[[], Awaitable[None]]] = [lambda: started(journal, stage), journal.renew]
        for write in writes:
            await stage.database.run(Run.objects.filter(pk=stage.run.pk).update, lease_until=timezone.now())
            await write()
            until = await stage.database.run(lambda: Run.objects.get(pk=stage.run.pk).lease_until)
            assert until is not None
            assert 55 < (until - timezone.now()).total_seconds() <= 60.1

    stage.with_journal(act, claimed)


def test_a_worker_that_was_fenced_out_can_write_nothing_at_all() -> None:
    stage = Stage(one_flow())
    old = stage.claim()
    Run.objects.filter(pk=stage.run.pk).update(lease_until=None)
    stage.claim()

    async def act(journal: DatabaseJournal) -> None:
        writes: list[Callable[[], Awaitable[Any]]] = [
            lambda: journal.append([STARTED], at=1.0),
            lambda: journal.write_output([(STARTED.key, "stdout", b"x")], at=1.0),
            journal.renew,
            lambda: journal.release(wake_at=None),
        ]
        for write in writes:
            with pytest.raises(LeaseLost):
                await write()

    stage.with_journal(act, old)
    assert not RunEvent.objects.exists()
    assert not StepOutput.objects.exists()
    assert Run.objects.get(pk=stage.run.pk).lease_until is not None


def test_a_transaction_that_fails_leaves_no_event_behind() -> None:
    stage = Stage(one_flow())

    async def act(journal: DatabaseJournal) -> None:
        await started(journal, stage)
        unknown = StepStarted(StepKey(9, "E1", 1, 1), "run_task", "A", 1, ("F1",), "E1")
        with pytest.raises(KeyError):
            await journal.append([STARTED, unknown], at=1.0)
        assert await journal.append([STARTED], at=1.0) == 2

    stage.with_journal(act)
    assert list(RunEvent.objects.filter(root=stage.run).values_list("seq", flat=True)) == [1, 2]


def test_a_released_run_keeps_its_time_to_wake() -> None:
    stage = Stage(one_flow())
    stage.with_journal(lambda journal: journal.release(wake_at=5_000_000_000.0))
    run = Run.objects.get(pk=stage.run.pk)
    assert (run.lease_owner, run.lease_until) == ("", None)
    assert run.wake_at is not None
    assert run.wake_at.timestamp() == 5_000_000_000.0


# --- what is written ------------------------------------------------------------------------------------------------


def test_signals_are_read_in_order_and_consumed_with_their_event() -> None:
    stage = Stage(one_flow())
    for kind in ("pause", "cancel"):
        RunSignal.objects.create(root=stage.run, kind=kind, by="ana", at=timezone.now())

    async def act(journal: DatabaseJournal) -> list[str]:
        pending = await journal.signals()
        await journal.append([PauseRequested("ana")], at=1.0, consumed=[pending[0].id])
        return [signal.kind for signal in (*pending, *await journal.signals())]

    assert stage.with_journal(act) == ["pause", "cancel", "cancel"]
    assert RunSignal.objects.get(kind="pause").consumed_seq == 1


def test_output_has_offsets_by_stream_and_its_text_in_the_public_events() -> None:
    stage = Stage(one_flow())

    async def act(journal: DatabaseJournal) -> None:
        await started(journal, stage)
        await journal.append([STARTED], at=1.0)
        key = STARTED.key
        await journal.write_output([(key, "stdout", b"one\n"), (key, "stderr", b"bad\xff\n")], at=2.0)
        assert await journal.write_output([(key, "stdout", b"two\n")], at=2.0) == 5

    stage.with_journal(act)
    shown = [event for event in events_after(stage.run.pk, 2) if event["type"] == "step_output"]
    assert [(event["seq"], event["stream"], event["offset"], event["text"]) for event in shown] == [
        (3, "stdout", 0, "one\n"),
        (4, "stderr", 0, "bad\ufffd\n"),
        (5, "stdout", 4, "two\n"),
    ]


def test_text_and_numbers_that_a_database_refuses_are_stored_all_the_same() -> None:
    stage = Stage(one_flow())
    nasty = StepStarted(STARTED.key, "log", "a\x00b\ud800", 1, ("F1",), "E1")

    async def act(journal: DatabaseJournal) -> History:
        await started(journal, stage)
        await journal.append([nasty], at=1.0)
        return await journal.load()

    history = stage.with_journal(act)
    assert history.events[-1].event.name == "a\ufffdb\ufffd"


def test_what_was_written_is_loaded_exactly() -> None:
    stage = Stage(one_flow())

    async def act(journal: DatabaseJournal) -> History:
        await started(journal, stage)
        await journal.append([STARTED, PauseRequested("ana")], at=1234.567891)
        await journal.write_output([(STARTED.key, "stdout", b"x")], at=1300.0)
        await journal.append([RunStateChanged(0, RunState.PAUSED, "because")], at=1300.5)
        return await journal.load()

    history = stage.with_journal(act)
    assert [(item.seq, item.at) for item in history.events] == [
        (1, 1000.0),
        (2, 1234.567891),
        (3, 1234.567891),
        (5, 1300.5),
    ]
    assert [item.event for item in history.events[1:]] == [
        STARTED,
        PauseRequested("ana"),
        RunStateChanged(0, RunState.PAUSED, "because"),
    ]
    assert history.elements == {0: [stage.inventory.elements[name] for name in NAMES]}
    assert Run.objects.get(pk=stage.run.pk).state == "paused"


# --- fold(events) == rows -------------------------------------------------------------------------------------------

Outcomes = dict[tuple[Any, ...], tuple[Any, ...]]


def order(elements: dict[tuple[int, str], str], event: ElementsOrdered) -> None:
    """R3: those whose refresh failed stay; what a root's processing script drops is no part of the run."""
    elements |= {(event.run, name): "queued" for name in event.elements}
    for name in event.skipped:
        del elements[event.run, name]
        if event.run:
            elements[event.run, name] = "skipped"


def folded(events: Sequence[Event]) -> tuple[Outcomes, dict[tuple[int, str], str], dict[int, str]]:
    """What the events say of outcomes, elements and runs."""
    steps: Outcomes = {}
    elements: dict[tuple[int, str], str] = {}
    runs: dict[int, str] = {0: "queued"}
    for event in events:
        match event:
            case RunStarted():
                elements |= {(event.run, name): "queued" for name in event.elements}
                elements |= {(event.run, name): "skipped" for name in event.skipped if event.run}
                runs.setdefault(event.run, "running")
            case ElementsOrdered():
                order(elements, event)
            case StepStarted(key=key):
                elements[key.run, key.element] = "running" if event.until is None else "waiting"
            case StepFinished(key=key, outcome=outcome):
                place = (key.run, key.element, key.site, key.turn, key.attempt)
                steps[place] = (event.step, event.name, outcome.status, outcome.reason, dict(outcome.result))
            case ElementFinished():
                elements[event.run, event.element] = event.state
            case RunStateChanged():
                runs[event.run] = event.state
            case RunFinished():
                runs[event.run] = event.status
    return steps, elements, runs


def stored(root: int) -> tuple[Outcomes, dict[tuple[int, str], str], dict[int, str]]:
    """What the rows say of the same."""
    tree = Run.objects.tree_of(root)
    steps = StepRun.objects.filter(run__in=tree).values_list(
        "run__number", "element_name", "site", "turn", "attempt", "step", "name", "status", "reason", "result"
    )
    elements = RunElement.objects.filter(run__in=tree).values_list("run__number", "name", "state")
    return (
        {tuple(row[:5]): tuple(row[5:]) for row in steps},
        {(number, name): state for number, name, state in elements},
        dict(tree.values_list("number", "state")),
    )


#: Each draw makes nodes of its own: a program numbers its steps by their identity.
NODES: tuple[Callable[[], Node], ...] = (
    lambda: Step("A"),
    lambda: Step("B", check=False),
    lambda: Step("F2", "run_flow", check=False),
    lambda: Step("said", "log"),
    lambda: Step("A", target=lambda _: "E1"),
    lambda: Step(None, "set_context", inputs={"key": "seen", "value": True}),
    lambda: Step(None, "get_context"),
    lambda: Step("Go on?", "approve", check=False, timeout=0.01),
    lambda: Loop(lambda element: int(element[1]) % 3, tasks("A")),
    lambda: Try(tasks("B"), tasks("A"), tasks("C")),
    lambda: Fail("no", lambda element: element == "E2"),
)
programs = st.lists(st.sampled_from(NODES).map(lambda make: make()), min_size=1, max_size=4)


#: Rules of F1 by mode: with ``refresh``, whose task fails on E2, and in batches.
RULES: tuple[dict[str, Any], ...] = ({}, {"refresh": ("R",)}, {"refresh": ("A", "R"), "batches": (1,), "soak": 0.01})


def without_the_last(elements: Any, _: Any) -> Any:
    return list(reversed(elements))[:-1] if len(elements) > 1 else elements


@pytest.mark.slow
@given(
    mode=st.sampled_from(["serial", "parallel"]),
    program=programs,
    crash=st.integers(0, 12),
    rules=st.sampled_from(RULES),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_what_the_events_say_at_every_prefix_and_after_a_death(
    mode: str, program: list[Node], crash: int, rules: dict[str, Any]
) -> None:
    """fold(events) == StepRun (3.4); and the next worker goes on from the rows of the first (R3, R36)."""
    retry = [TaskPolicy(name, on_interrupt="retry") for name in "ABCR"]
    own = {key: value for key, value in rules.items() if mode == "parallel" or key == "refresh"}
    library = Library(
        flow("F1", mode, program, concurrency=2, error_threshold="100%", **own),
        flow("F2", "parallel", tasks("CB"), refresh=rules.get("refresh", ())),
        tasks=retry,
    )
    stage = Stage(library, {"B": failing(), ("R", "E2"): failing()})
    stage.processing = dict.fromkeys(("F1", "F2"), without_the_last)
    for _ in range(30):
        ending = stage.drive(kill_after=crash + 1)
        assert folded(stage.events()) == stored(stage.run.pk)
        if ending is Ending.ENDED:
            break
        crash += 1
    seqs = list(RunEvent.objects.filter(root=stage.run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
    stage.run.refresh_from_db()
    assert stage.run.last_seq == len(seqs)
    assert stage.run.state in ("succeeded", "partial")
    assert stage.run.ended_at is not None


def test_the_rows_of_one_run_follow_its_events_commit_by_commit() -> None:
    """fold(events) == StepRun at every prefix (3.4): the recorded events written again, one a commit."""
    program = [*tasks("A"), Step("F2", "run_flow"), Try(tasks("B"), [], tasks("A"))]
    source = Stage(one_flow(program, refresh=("A",)), {"B": failing()})
    source.drive()
    events = source.events()
    copy = Stage(source.library)

    async def act(journal: DatabaseJournal) -> None:
        for number, event in enumerate(events, start=1):
            elements = {}
            if isinstance(event, (RunStarted, ElementsOrdered)):
                elements = {event.run: [copy.inventory.elements[name] for name in event.elements]}
            await journal.append([event], at=1000.0 + number, elements=elements)
            assert await copy.database.run(stored, copy.run.pk) == folded(events[:number])

    copy.with_journal(act)
    assert [encode(event) for event in copy.events()] == [encode(event) for event in events]


def test_children_are_runs_of_their_own_in_the_roots_sequence() -> None:
    """R25."""
    stage = Stage(one_flow([Step("F2", "run_flow")], "parallel"))
    stage.drive()
    child = Run.objects.get(root=stage.run)
    assert (child.number, child.parent_id, child.flow_name, child.flow_version_id) == (
        1,
        stage.run.pk,
        "F2",
        stage.versions["F2"],
    )
    assert child.started_at is not None
    assert count_elements(child.pk) == {"succeeded": 3}
    steps = StepRun.objects.filter(run=child).values_list("started_at", "finished_at")
    assert len(steps) == 6
    assert all(started is not None and started <= finished for started, finished in steps)
    assert {event["root"] for event in events_after(stage.run.pk, 0)} == {stage.run.pk}
    assert {event["run"] for event in events_after(stage.run.pk, 0)} == {stage.run.pk, child.pk}
