"""The tailer against real journals and a real broker: equal to the rows, woken early (3.4, 3.5)."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.adapters.publisher import ChannelPublisher
from flows.engine.definitions import TaskPolicy
from flows.live.reading import JournalReader
from flows.live.tailer import Tailer
from flows.live.view import LETTERS, TreeView
from flows.models import Run, RunElement, StepRun
from flows.queries.events import events_after
from tests.engine.programs import Fail, Library, Loop, Node, Step, Try, flow, tasks
from tests.fakes import failing
from tests.flows.test_journal import Stage
from tests.live.sites import started_run, step, write

REDIS_URL = "redis://127.0.0.1:6379/15"
UNDER_WAY = ("waiting", "running", "retrying")
WORST = ("succeeded", "cancelled", "interrupted", "failed")

NODES: tuple[Callable[[], Node], ...] = (
    lambda: Step("A"),
    lambda: Step("B", check=False),
    lambda: Step("F2", "run_flow", check=False),
    lambda: Step("said", "log"),
    lambda: Loop(lambda element: int(element[1]) % 3, tasks("A")),
    lambda: Try(tasks("B"), tasks("A"), tasks("C")),
    lambda: Fail("no", lambda element: element == "E2"),
)
programs = st.lists(st.sampled_from(NODES).map(lambda make: make()), min_size=1, max_size=4)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@given(mode=st.sampled_from(["serial", "parallel"]), program=programs, crash=st.integers(1, 12))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_view_of_a_journal_is_what_the_rows_say(mode: str, program: list[Node], crash: int) -> None:
    """fold(events) == StepRun and RunElement (3.4), in the middle of a run that lost its worker and at its end."""
    library = Library(
        flow("F1", mode, program, concurrency=2, error_threshold="100%"),
        flow("F2", "parallel", tasks("CB")),
        tasks=[TaskPolicy(name, on_interrupt="retry") for name in "ABC"],
    )
    stage = Stage(library, {"B": failing()})
    if stage.drive(kill_after=crash) is None:
        compare(stage.run.pk)
        stage.drive()
    loaded = compare(stage.run.pk)
    assert loaded.bands[stage.run.pk].ended_at is not None


def compare(root: int) -> TreeView:
    """The view by both ways of reading, and the rows."""
    loaded, shown = JournalReader().load(root), TreeView(root)
    shown.apply_all(events_after(root, 0))
    under_way = {key for key, (_, state) in told(loaded)[0].items() if state in UNDER_WAY}
    cells, *rest = stored(root)
    for read in (loaded, shown):
        ended = {key: cell for key, cell in told(read)[0].items() if key not in under_way}
        assert ended == {key: cell for key, cell in cells.items() if key not in under_way}
        assert told(read)[1:] == tuple(rest)
    return loaded


def told(view: TreeView) -> tuple[Any, ...]:
    """Outcomes, elements, runs and counts of the view."""
    cells: dict[tuple[int, str, int], tuple[int, str]] = {}
    elements: dict[tuple[int, str], str] = {}
    for band in view.bands.values():
        for row, site, turn, state in band.cells(0, len(band.names)):
            cells[band.run, band.names[row - band.first_row], site] = (turn, state)
        elements |= {(band.run, name): LETTERS[chr(state)] for name, state in zip(band.names, band.states, strict=True)}
    runs = {band.run: (band.state, band.reason, band.parent) for band in view.bands.values()}
    return cells, elements, runs, {band.run: dict(band.counts) for band in view.bands.values() if band.counts}


def stored(root: int) -> tuple[Any, ...]:
    """The same from the rows: of each turn its last attempt, of all turns the worst."""
    tree = Run.objects.tree_of(root)
    turns: dict[tuple[Any, ...], str] = {}
    for run, name, site, turn, status in StepRun.objects.filter(run__in=tree).values_list(
        "run", "element_name", "site", "turn", "status"
    ):
        turns[run, name, site, turn] = status
    cells: dict[tuple[Any, ...], list[tuple[int, str]]] = defaultdict(list)
    for (run, name, site, turn), status in turns.items():
        cells[run, name, site].append((turn, status))
    elements = {(row.run_id, row.name): row.state for row in RunElement.objects.filter(run__in=tree)}
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (run, _), state in elements.items():
        counts[run][state] += 1
    runs = {run.pk: (run.state, run.reason, run.parent_id) for run in tree}
    return {key: _worst(known) for key, known in cells.items()}, elements, runs, counts


def _worst(turns: list[tuple[int, str]]) -> tuple[int, str]:
    return max(turn for turn, _ in turns), max((state for _, state in turns), key=WORST.index)


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_message_through_redis_wakes_the_tailer_before_its_time() -> None:
    run = started_run("E1")
    layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}

    async def act() -> None:
        bell = asyncio.Event()
        tailer = Tailer(poll_s=60).start()
        publisher = ChannelPublisher()
        async with asyncio.timeout(10), tailer.watch(run.pk, bell, matrix=True) as feed:
            await sync_to_async(write)(run, [step("started")])
            while not bell.is_set():
                publisher.published(run.pk, 2)
                await asyncio.sleep(0.1)
            assert feed.view is not None
            assert feed.view.seq == 2
        await publisher.close()
        await tailer.close()
        redis: Any = channel_layers["default"]
        await redis.close_pools()

    with override_settings(CHANNEL_LAYERS={"default": layer}):
        asyncio.run(act())
