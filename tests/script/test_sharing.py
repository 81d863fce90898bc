"""Elements that share a session cannot tell (R1), and what one of them does to it hurts no other (R44)."""

import asyncio
import os
from collections.abc import Sequence

import pytest

from flows.script import script_run
from flows.script.calls import (
    Answer,
    Begin,
    Ended,
    FlowScripts,
    InstanceId,
    Paused,
    RaiseStepFailed,
    Resume,
    Resumption,
    Return,
    ScriptProblem,
    Stop,
    Variables,
    Verdict,
)
from flows.script.fairness import longer, was_starved
from flows.script.history import Packer, unpack
from flows.script.host import SandboxHost
from flows.script.instance import Limits
from flows.script.program import execution_program
from flows.script.sandbox import SandboxLost
from flows.script.sharing import why_not
from flows.script.states import Broke
from flows.script.worker_clock import WorkerClock
from tests.script import sharing
from tests.script.scripts import element
from tests.script.test_limits import kill_workers

SEEDS = int(os.environ.get("SHARING_SEEDS", "5"))
QUICK = Limits(turn_s=0.1, steps=5)
FLEET = [element(n) for n in range(8)]
NAMES = [InstanceId(0, f"db{n}") for n in range(8)]
LOOPS = "the script ran for 0.1 s without reaching a step or its end: look for a loop that never ends"


async def begun(text: str, limits: Limits = QUICK, **hosts: bool) -> tuple[SandboxHost, Sequence[Answer]]:
    """A host whose elements share a session, and what they did first."""
    assert hosts.get("share", True) is False or why_not(execution_program(text)) == ""
    host = SandboxHost({"F": FlowScripts("", text)}, limits=limits, fewest=1, **hosts)
    await host.begin(Variables(0, "F", FLEET, {}, {}))
    return host, await host.resume([Resumption(name, Begin()) for name in NAMES])


async def gone_on(host: SandboxHost, value: object = None) -> Sequence[Answer]:
    return await host.resume([Resumption(name, Return(value)) for name in NAMES])


def names(answers: Sequence[Answer]) -> list[str | None]:
    """The names of the calls; what an element decided where it ended."""
    return [a.call.name if isinstance(a, Paused) else a.verdict.kind if a.verdict else None for a in answers]


# --- nobody can tell (R1) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(2))
@pytest.mark.timeout(600)
async def test_r1_shared_and_separate_sessions_do_the_same(part: int) -> None:
    """``SHARING_SEEDS=1000 pytest tests/script/test_sharing.py`` looks longer."""
    for seed in range(part * SEEDS, (part + 1) * SEEDS):
        await sharing.compare(seed)


TELLING = [
    "mine = elements\nmine.append(element)\nlog(str(len(elements)))",
    "x = elements[0]\nx['context']['n'] = current\nlog(str(elements))",
    "data = inputs['x']\ndata += [1]\nlog(str(inputs))",
    "try:\n    if current: late = 1\n    log(str(late))\nexcept NameError as error:\n    log(str(error))",
]


@pytest.mark.parametrize("text", TELLING)
async def test_what_may_not_share_would_be_seen_if_it_did(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison and the rules against sharing, held against each other."""
    assert why_not(execution_program(text))
    monkeypatch.setattr(sharing, "random_script", lambda _: f"{text}\nrun_task('A')\nlog(str(elements) + str(inputs))")
    await sharing.compare(1)
    monkeypatch.setattr(script_run, "why_not", lambda _: "")
    with pytest.raises(AssertionError):
        await sharing.compare(1)


SHARED = [
    "run_task('A')",
    "for n in range(3):\n    run_task('A', n=n)",
    "if current == first: log('one')",
    "elements = [e for e in elements if e['id'] > 1]\nrun_flow('F', elements=elements)",
    "try:\n    r = run_task('A')\nexcept StepFailed as error:\n    fail(str(error))\nlog(r['status'])",
    "while True:\n    r = run_task('A', check=False)\n    if r['ok']: break\n    sleep(5)\nlog(r['status'])",
    "ports = []\nfor e in elements:\n    ports.append(e['context']['port'])\nlog(str(sorted(ports)))",
    "def other(e): return e['name'] != element['name']\nrun_flow('F', elements=filter_flow_elements(elements, other))",
    "import re\nfound = re.search('a+', run_task('A')['output'])\nif found: log(found.group(0))",
    "count = {}\ncount['a'] = 1\ncount['a'] += 1\nlog(f\"{count['a']:>3}\")",
    "match run_task('A'):\n    case {'data': {'role': role}}: log(role)\n    case _: pass",
]


@pytest.mark.parametrize("text", SHARED)
def test_plain_scripts_share(text: str) -> None:
    assert why_not(execution_program(text)) == ""


SEPARATE = [
    ("x = elements\nx.append(1)", "x is changed in place"),
    ("element['a'] = 1", "element is changed in place"),
    ("for e in elements: e['a'] = 1", "e is changed in place"),
    ("for e in elements: e['context'].update(a=1)", "e['context'] is changed in place"),
    ("x = inputs['a']\nx += [1]", "x is changed in place"),
    ("x = {}\nx['a'] = element\nx['a']['b'] = 1", "x['a'] is changed in place"),
    ("x = {'a': element}\nx['a'] |= {}", "x['a'] is changed in place"),
    ("def add(to):\n    to.append(1)\nadd(elements)", "to is changed in place"),
    ("x = max([elements, []])\nx.clear()", "x is changed in place"),
    ("x = [] or elements\nx.clear()", "x is changed in place"),
    ("x, y = elements, 1\nx.pop()", "x is changed in place"),
    ("list.pop(elements)", "list is changed in place"),
    ("class A: pass", "syntax"),
    ("def f():\n    global x\n    x = 1\nx = 2\nf()", "syntax"),
    ("if (x := 1): log('a')", "syntax"),
    ("x: int = 1", "syntax"),
    ("if current: late = 1\nlog(str(late))", "['late'] may be read without a value"),
    ("for e in elements: x = e\nlog(x['name'])", "['x'] may be read without a value"),
    ("try:\n    1 / 0\nexcept ArithmeticError as e: pass\nlog(str(e))", "['e'] may be read without a value"),
    ("e = 1\ntry:\n    1 / 0\nexcept ArithmeticError as e: pass\nlog(str(e))", "['e'] may be read without a value"),
    ("def f(): return later\nx = f()\nlater = 1", "['later'] may be read without a value"),
    ("def f(n): return f(n - 1)\nf(1)", "['f'] may be read without a value"),
    ("len = 3", "another meaning of len"),
    ("log(str(len(x)))", "x is not known"),
    ("log(str(hash('a')))", "hash is not known"),
    ("def f(): return 1\nlog(str(f))", "a function as a value"),
    ("f = [lambda: 1]\nlog(str(f))", "a function as a value"),
    ("log(str(zip([1], [2])))", "an iterator as a value"),
    ("log(str(x for x in []))", "an iterator as a value"),
    ("def call(f): return f()\nx = 1", "f may be any function"),
    ("if element is elements[0]: log('a')", "an identity"),
    ("import random\nlog(str(random.random()))", "an import"),
    ("import bisect\nbisect.insort(elements, 1)", "bisect.insort is not known"),
    ("x = []\nfor i in range(3): x = [x]", "data that nest without end"),
    ("x = []\nwhile current: x.append([x])", "data that nest without end"),
    ("x = element.__class__", "a name of the sandbox"),
    ("assert run_task('A')['ok']", "a step in an assert"),
]


@pytest.mark.parametrize(("text", "reason"), SEPARATE)
def test_r1_what_elements_could_see_of_each_other_is_not_shared(text: str, reason: str) -> None:
    assert reason in why_not(execution_program(text))


# --- one element's limit is not another's (R44) -----------------------------------------------------------------------

CULPRITS = [
    ("    while True: pass", LOOPS, 3),
    ("    x = 'x' * 10**9", "the script used more memory than it may", 3),
]


@pytest.mark.parametrize(("bad", "message", "line"), CULPRITS)
async def test_r44_one_element_that_exceeds_a_limit_fails_alone(bad: str, message: str, line: int) -> None:
    host, first = await begun(f"log('a')\nif current == 3:\n{bad}\nr = run_task('b')\nlog('c')")
    assert names(first) == ["a"] * 8
    second = await gone_on(host)
    assert names(second) == ["b"] * 3 + ["limit"] + ["b"] * 4
    culprit = second[3]
    assert isinstance(culprit, Ended)
    assert culprit.verdict
    assert culprit.verdict.message.startswith(message)
    assert culprit.verdict.line == line
    others = [name for name in NAMES if name.element != "db3"]
    third = await host.resume([Resumption(name, Return({"ok": True})) for name in others])
    assert names(third) == ["c"] * 7
    await host.close()


@pytest.mark.slow
async def test_r44_a_limit_in_the_first_round_is_found_too() -> None:
    host, first = await begun("if current in (0, 7):\n    while True: pass\nrun_task('a')")
    assert names(first) == ["limit"] + ["a"] * 6 + ["limit"]
    await host.close()


async def test_r44_when_many_exceed_a_limit_each_fails_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.script.shared_sessions.DEATHS", 2)
    host, first = await begun("log('a')\nif current in (0, 2, 7): x = 'x' * 10**9\nlog('b')")
    assert names(first) == ["a"] * 8
    assert names(await gone_on(host)) == ["limit", "b", "limit", *["b"] * 4, "limit"]
    await host.close()


@pytest.mark.slow
async def test_r44_what_is_too_much_only_together_fails_nobody() -> None:
    limits = Limits(turn_s=2.0, memory_bytes=8 * 1024 * 1024)
    host, first = await begun("x = 'x' * 3_000_000\nlog('a')\nlog(str(len(x)))", limits)
    assert names(first) == ["a"] * 8
    assert names(await gone_on(host)) == ["3000000"] * 8
    await host.close()


async def test_r29_an_error_in_a_shared_session_has_its_line_and_cause() -> None:
    host, first = await begun("log('a')\nx = element['context']\nif current > 5:\n    x['gone']\nlog('b')")
    second = await gone_on(host)
    assert names(second) == ["b"] * 6 + ["error"] * 2
    assert second[7] == Ended(NAMES[7], Verdict("error", "no key 'gone'", 4))
    await host.close()
    assert names(first) == ["a"] * 8


async def test_r44_asking_for_ever_in_a_shared_session_ends_that_element() -> None:
    text = "log('a')\nwhile current == 2:\n    try: sleep('x')\n    except TypeError: pass\nlog('b')"
    host, _ = await begun(text)
    second = await gone_on(host)
    assert names(second) == ["b", "b", "error", "b", "b", "b", "b", "b"]
    await host.close()


async def test_r44_the_steps_of_each_element_are_limited_in_a_shared_session() -> None:
    host, answers = await begun("while True:\n    sleep(current)")
    for _ in range(5):
        assert names(answers) == [None] * 8
        answers = await gone_on(host)
    assert names(answers) == ["error"] * 8
    await host.close()


async def test_elements_of_a_shared_session_go_on_by_and_by() -> None:
    host, _ = await begun(
        "r = run_task('A')\nlog(f\"{element['name']} {r['n']}\")\ntry:\n    log('x')\nfinally:\n    log('f')"
    )
    odd, even = NAMES[1::2], NAMES[0::2]
    late = await host.resume([Resumption(name, Return({"n": n})) for n, name in enumerate(reversed(odd))])
    assert names(late) == ["db7 0", "db5 1", "db3 2", "db1 3"]
    assert [answer.instance for answer in late] == list(reversed(odd))
    assert names(await host.resume([Resumption(name, Return({"n": "e"})) for name in even])) == [
        f"{name.element} e" for name in even
    ]
    assert names(await gone_on(host)) == ["x"] * 8
    assert names(await host.resume([Resumption(name, Stop()) for name in NAMES])) == ["f"] * 8
    assert await gone_on(host) == [Ended(name) for name in NAMES]
    with pytest.raises(LookupError, match="does not wait at a step"):
        await gone_on(host)
    await host.close()


async def test_more_sessions_than_may_be_alive_are_kept_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.script.shared_sessions.MOST", 1)
    monkeypatch.setattr("flows.script.shared_sessions.ALIVE", 2)
    host, answers = await begun("x = run_task('A')\ny = run_task('B')\nlog(f\"{current} {x['n']} {y['n']}\")")
    for number in range(2):
        answers = await gone_on(host, {"n": number})
    assert names(answers) == [f"{place} 0 1" for place in range(8)]
    assert await gone_on(host) == [Ended(name) for name in NAMES]
    await host.close()


async def test_a_worker_that_is_killed_under_waiting_shared_scripts_calls_for_a_replay() -> None:
    """R36: nobody's element fails because a process died."""
    host, _ = await begun("log('a')\nlog('b')")
    kill_workers()
    await asyncio.sleep(0.1)  # until the kernel has closed its pipes
    with pytest.raises(SandboxLost):
        await gone_on(host)
    await host.close()


async def test_a_run_that_ends_leaves_the_shared_sessions_of_others_alone() -> None:
    flows = {"F": FlowScripts("", "run_flow('G')\nlog('f')"), "G": FlowScripts("", "log('g')\nlog('h')")}
    host = SandboxHost(flows, limits=QUICK, fewest=1)
    await host.begin(Variables(0, "F", FLEET, {}, {}))
    assert names(await host.resume([Resumption(name, Begin()) for name in NAMES])) == ["G"] * 8
    children = [InstanceId(1, name.element) for name in NAMES]
    for _ in range(2):
        await host.begin(Variables(1, "G", FLEET, {}, {}))
        assert names(await host.resume([Resumption(name, Begin()) for name in children])) == ["g"] * 8
        assert names(await host.resume([Resumption(name, Begin()) for name in children[:4]])) == ["g"] * 4
        assert names(await host.resume([Resumption(name, Return(None)) for name in children])) == ["h"] * 8
    await host.end(1)
    assert names(await gone_on(host, {"ok": True})) == ["f"] * 8
    await host.close()


@pytest.mark.slow
async def test_r37_with_more_patience_for_a_replay_shared_scripts_may_take_longer() -> None:
    host, first = await begun("log('a')\nx = 0\nfor i in range(600_000): x += i\nlog('b')", Limits(turn_s=0.02))
    assert names(first) == ["a"] * 8
    host.patience = 200.0
    assert names(await gone_on(host)) == ["b"] * 8
    await host.close()


# --- a busy machine fails nobody (R44) ------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [True, False])
async def test_r44_a_script_that_the_machine_starved_is_run_again(share: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is of CPU time: here a clock says once that the script had hardly any."""
    text = "log('a')\nx = 0\nfor i in range(200_000): x += i\nlog('b')"
    host, _ = await begun(text, Limits(turn_s=0.01), share=share)
    monkeypatch.setattr(WorkerClock, "spent_s", lambda _: 0.001)
    assert names(await gone_on(host)) == ["b"] * 8
    await host.close()


async def test_r44_a_processing_script_that_the_machine_starved_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x = 0\nfor i in range(200_000): x += i\nelements = elements[:1]"
    flows = {"F": FlowScripts(text, ""), "G": FlowScripts("while True: pass", "")}
    host = SandboxHost(flows, limits=Limits(turn_s=0.01))
    monkeypatch.setattr(WorkerClock, "spent_s", lambda _: 0.001)
    assert await host.process("F", FLEET, {}) == FLEET[:1]
    monkeypatch.setattr("flows.script.fairness.MAX_WALL_S", 0.02)
    with pytest.raises(ScriptProblem, match="the machine is too busy"):
        await host.process("G", FLEET, {})
    await host.close()


async def test_r44_a_machine_that_stays_too_busy_ends_the_script_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.script.fairness.MAX_WALL_S", 0.05)
    monkeypatch.setattr(WorkerClock, "spent_s", lambda _: 0.001)
    host, _ = await begun("log('a')\nif current == 1:\n    while True: pass\nlog('b')", Limits(turn_s=0.02))
    second = await gone_on(host)
    assert names(second) == ["b", "limit", *["b"] * 6]
    assert isinstance(second[1], Ended)
    assert second[1].verdict
    assert "it is too busy" in second[1].verdict.message
    await host.close()


def test_r44_only_a_time_limit_without_cpu_time_is_the_machines_fault() -> None:
    stopped = Broke("TimeoutError", "turn time limit exceeded: 1s", (), cpu_s=0.2)
    assert was_starved(stopped, 1.0)
    assert not was_starved(stopped, 0.2)
    assert not was_starved(Broke("TimeoutError", "turn time limit exceeded: 1s", ()), 1.0)
    assert not was_starved(Broke("MemoryError", "", ()), 1.0)
    assert longer(1.0, stopped, 1.0) == pytest.approx(7.5)
    assert longer(24.0, stopped, 1.0) == 25.0


def test_a_worker_tells_the_time_that_it_used() -> None:
    clock = WorkerClock(os.getpid())
    clock.start()
    sum(range(200_000))
    assert (clock.spent_s() or 0) > 0
    nobody = WorkerClock(None)
    nobody.start()
    assert nobody.spent_s() is None


# --- histories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resume",
    [
        Begin(),
        Stop(),
        RaiseStepFailed("exit 3 é"),
        Return(None),
        Return({"ok": True, "n": 10**5000, "f": 1.5, "l": [None, "é"]}),
        Return({"output": "x" * 100_000}),
    ],
)
def test_histories_keep_what_was_given(resume: Resume) -> None:
    packed = Packer().pack(resume)
    assert unpack(packed) == resume
    assert len(packed) < 4_000


@pytest.mark.slow
async def test_closing_while_a_shared_session_runs_ends_it() -> None:
    host, _ = await begun("log('a')\nif current == 0:\n    while True: pass\nlog('b')", Limits(turn_s=0.5))
    going = asyncio.create_task(gone_on(host))
    await asyncio.sleep(0.05)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    await host.close()
