"""Random scripts, run twice: elements sharing sessions, and each in a session of its own. Nobody may tell (R1, R44).

A seed gives the same script, the same fleet and the same outcomes: ``compare(seed)``.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
    Stop,
    Variables,
)
from flows.script.host import SandboxHost
from flows.script.instance import Limits
from tests.script.scripts import element

MAX_ROUNDS = 60
DIGITS = re.compile(r"\d+")
LIMITS = Limits(turn_s=5.0, steps=25)
ELEMENTS = 5

START = """\
names = []
found = {}
n = 0
r = {'ok': True, 'data': {'k': 1}}
limit = 2
def double(x, y=2):
    return x * y
def give_up(why):
    if why != 'no':
        fail(f'{why} {n}')
size = lambda x: len(str(x))
"""
CONDITIONS = [
    "current == first", "current == last", "current % 2", "n > 2", "len(names) < 3", "r['ok']", "element['id'] > 2",
    "element['context'].get('a')", "'k' in found", "not r['ok'] or n", "elements[current]['name'] == 'db2'",
    "inputs['x'] and r.get('data')", "any(e['id'] > 4 for e in elements)", "r['status'] == 'succeeded'",
]  # fmt: skip
VALUES = [
    "n", "names", "found", "current", "element['name']", "[e['name'] for e in elements if e['id'] > current]",
    "double(n)", "sorted(names, key=lambda name: name[::-1])", "{'n': n, 'i': inputs}", "r['data']['k']", "run['flow']",
    "len(elements)", "sum(e['id'] for e in elements)", "[(i, e['id']) for i, e in enumerate(elements)]",
    "max([1, n, current])", "f\"{element['name']:>5} {n!r}\"", "size(element)", "element['context']['a']",
    "elements[current - 1]['id']", "r", "1 if r['ok'] else 2", "str(r['ok']) + 'é'", "list(map(str, names))",
    "[x for x in filter_flow_elements(elements, lambda e: e['id'] != n)]", "double(y=3, x=n)", "found.get('k', [])",
    "order_flow_elements(elements, lambda e: -e['id'])[0]['name']", "names[-1:]", "json.dumps(found)",
]  # fmt: skip
STEPS = [
    "run_task('A', v={0})", "r = run_task('B', check=False, v={0}, w={1})", "r = run_task('C', **{{'v': {0}}})",
    "log(str({0}))", "sleep(n)", "r = run_flow('F2', elements=elements)", "set_context('a.b', {0})",
    "found['c'] = get_context()", "r = run_flow('F2', elements=[elements[0], element], v={0})",
    "approve('go?', timeout=5)", "names = [x for x in run_task('D')['data']]", "log(f\"{{run_task('E')['ok']}}\")",
    "n = n + 1 if run_task('G', v={0})['ok'] else n", "r = run_task('H', element=elements[0])",
]  # fmt: skip
PLAIN = [
    "n += 1", "n = n + len(names)", "names.append({0})", "found['k'] = {0}", "names = names + [str({0})]",
    "found = {{**found, 'm': {0}}}", "r = {{'ok': False, 'status': 'made', 'data': {{'k': {0}}}}}",
    "a, b = n, names", "found['t'] = size({0})", "give_up('no')", "names = sorted(set(str(x) for x in names))",
]  # fmt: skip
ENDS = [
    "fail('over')", "finish(f'at {n}')", "abort('all')", "give_up('yes')", "1 / 0", "raise ValueError(str(n))",
    "{}['gone']", "element['context']['missing']", "raise StepFailed('mine')", "sleep(-1)", "run_task(3)",
    "assert n > 100, 'small'", "[1][n + 1]", "datetime.now()", "int('x')",
    "bomb = 'x' * 10**10", "sorted([2, 1], key=lambda x: fail('k'))",
    "filter_flow_elements(elements, lambda e: fail(e['name']))[0]",
]  # fmt: skip
HANDLERS = [
    "except StepFailed as error:\n    log(str(error))", "except Exception as error:\n    names.append(str(error))",
    "except (KeyError, StepFailed):\n    n += 1", "except ZeroDivisionError:\n    run_task('Z')",
    "except Exception as error:\n    log(f'{error}')\n    raise",
    "except ValueError as error:\n    raise KeyError('x')",
]  # fmt: skip
ODD = [
    "x = elements[0]\nx['context']['n'] = n\nlog(str(elements[0]))", "class Own:\n    pass\nlog('own')",
    "mine = elements\nmine.append(element)\nlog(str(len(elements)))", "with_ = [y := n]\nlog(str(y))",
    "if n > 1:\n    late = 1\nlog(str(late))", "log(str(double))", "data = inputs['x']\ndata += [1]\nlog(str(inputs))",
]  # fmt: skip


def random_script(chance: random.Random) -> str:
    """A script that mostly may share; one in ten may not."""
    body = [_statement(chance, 3) for _ in range(chance.randint(2, 6))]
    if chance.random() < 0.1:
        body.insert(chance.randrange(len(body)), chance.choice(ODD))
    return "import json\nfrom datetime import datetime\n" + START + "\n".join(body) + "\n"


def _statement(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return _filled(chance, chance.choice(STEPS))
    if kind < 0.5:
        return _filled(chance, chance.choice(PLAIN))
    if kind < 0.57:
        return f"if {chance.choice(CONDITIONS)}:\n    {chance.choice(ENDS)}"
    body = _block(chance, depth)
    match chance.randrange(5):
        case 0:
            return f"if {chance.choice(CONDITIONS)}:\n{body}\nelse:\n{_block(chance, depth)}"
        case 1:
            leave = chance.choice(["", f"\n    if {chance.choice(CONDITIONS)}:\n        break"])
            over = chance.choice(["range(2)", "elements[:2]", "['p', 'q']", "run_task('L')['data']"])
            return f"for item in {over}:\n{body}{leave}"
        case 2:
            return f"turn = 0\nwhile turn < limit:\n    turn += 1\n{body}"
        case 3:
            handler, last = chance.choice(HANDLERS), chance.choice(["", f"\nfinally:\n{_block(chance, depth)}"])
            return f"try:\n{body}\n{handler}{last}"
        case _:
            return f"try:\n{body}\nfinally:\n{_block(chance, depth)}"


def _block(chance: random.Random, depth: int) -> str:
    lines = "\n".join(_statement(chance, depth - 1) for _ in range(chance.randint(1, 2)))
    return "\n".join("    " + line for line in lines.split("\n"))


def _filled(chance: random.Random, statement: str) -> str:
    return statement.format(chance.choice(VALUES), chance.choice(VALUES))


async def compare(seed: int) -> None:
    """Raises AssertionError with the script where the two ways differ."""
    chance = random.Random(seed)
    text = random_script(chance)
    shared = SandboxHost({"F": FlowScripts("", text)}, limits=LIMITS, fewest=1)
    separate = SandboxHost({"F": FlowScripts("", text)}, limits=LIMITS, share=False)
    try:
        await compare_hosts(shared, separate, chance, f"seed {seed}\n{text}")
    finally:
        await shared.close()
        await separate.close()


async def compare_hosts(shared: SandboxHost, separate: SandboxHost, chance: random.Random, told: str) -> None:
    """Drive both through the same rounds: some of the waiting instances, in any order, with any outcome."""
    fleet = [element(n, **({"a": n} if n != 3 else {})) for n in range(1, ELEMENTS + 1)]
    run = {"id": 7, "flow": "F", "started_at": "2026-11-26"}
    for host in (shared, separate):
        await host.begin(Variables(0, "F", fleet, {"x": [1, 2]}, run))
    waiting: dict[InstanceId, Resume] = {InstanceId(0, str(one["name"])): Begin() for one in fleet}
    for number in range(MAX_ROUNDS):
        if not waiting:
            return
        chosen = chance.sample(list(waiting), chance.randint(1, len(waiting))) if number else list(waiting)
        items = [Resumption(one, waiting.pop(one)) for one in chosen]
        answers = await shared.resume(items)
        assert _comparable(answers) == _comparable(await separate.resume(items)), told
        waiting |= _outcomes(answers, chance)


def _comparable(answers: Sequence[Answer]) -> list[Answer]:
    """Without the number of bytes by which a limit was exceeded."""
    return [
        replace(answer, verdict=replace(answer.verdict, message=DIGITS.sub("N", answer.verdict.message)))
        if isinstance(answer, Ended) and answer.verdict and answer.verdict.kind == "limit"
        else answer
        for answer in answers
    ]


def _outcomes(answers: Sequence[Answer], chance: random.Random) -> dict[InstanceId, Resume]:
    return {answer.instance: _outcome(answer, chance) for answer in answers if isinstance(answer, Paused)}


def _outcome(answer: Paused, chance: random.Random) -> Resume:
    kind = chance.random()
    if kind < 0.04:
        return Stop()
    if kind < 0.2 and answer.call.check:
        return RaiseStepFailed(f"exit {chance.randint(1, 3)}")
    if answer.call.step in ("sleep", "log", "set_context"):
        return Return(None)
    data: Any = chance.choice([{"k": chance.randint(0, 3)}, ["u", "v"], {"k": [1], "l": None}])
    is_ok = chance.random() < 0.8
    return Return({"ok": is_ok, "status": "succeeded" if is_ok else "failed", "data": data, "output": "x" * 30})
