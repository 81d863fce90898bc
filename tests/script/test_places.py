"""R15: a step may be called in any statement and expression of the script's own body, and is waited for there.

Each script runs in the sandbox; beside it are the sites that it visits, in the order in which Python evaluates them.
"""

import pytest

from flows.script.check import check_execution
from tests.script.scripts import run_script

DEFINED = """\
def f(*values, **named):
    return values
class C:
    def __init__(self, value):
        self.value = value
    def __enter__(self):
        return self
    def __exit__(self, *error):
        return None
slots = [0]
"""
RESULT = {"ok": True, "data": [1, 2], "output": "up", "failed": ["db1"]}
RAISES = "raise ValueError(run_task('A')['output'])"

PLACES: list[tuple[str, list[int]]] = [
    ("x = [i for i in run_task('A')['data']]", [1]),
    ("x = {i for i in run_task('A')['data']}", [1]),
    ("x = {i: 1 for i in run_task('A')['data']}", [1]),
    ("x = sum(i for i in run_task('A')['data'])", [1]),
    ("x = list(i for i in run_task('A')['data'])", [1]),
    ("x = [i for i in [j for j in run_task('A')['data']]]", [1]),
    ("assert run_task('A')['ok'], 'x'", [1]),
    ("assert not True or run_task('A')['ok'], str(run_task('B'))", [1]),
    ("raise ValueError(run_task('A')['output'])", [1]),
    ("with C(run_task('A')): log('in')", [1, 2]),
    ("with C(1) as c, C(run_task('A')): pass", [1]),
    ("match run_task('A'):\n    case {'ok': True} if run_task('B')['ok']: log('x')", [1, 2, 3]),
    ("while run_task('A')['data'] == []: pass", [1]),
    ("for i in run_task('A')['data']: log(str(i))", [1, 2, 2]),
    ("x = 1 < len(run_task('A')['data']) < 3", [1]),
    ("x = [*run_task('A')['data']]", [1]),
    ("f(*run_task('A')['data'])", [1]),
    ("f(**{'k': run_task('A')['data']})", [1]),
    ("f(k=run_task('A'))", [1]),
    ("x = {'a': run_task('A'), **run_task('B')}", [1, 2]),
    ("x = (run_task('A'), run_task('B'))", [1, 2]),
    ("x = {run_task('A')['output']}", [1]),
    ("x = [1,2,3][len(run_task('A')['data']):]", [1]),
    ("x = f\"{run_task('A')['output']!r:>{len(run_task('B')['data'])}}\"", [1, 2]),
    ("d = {}\nd[run_task('A')['output']] = run_task('B')", [2, 1]),
    ("d = {'up': 1}\nd[run_task('A')['output']] += len(run_task('B')['data'])", [1, 2]),
    ("x: int = len(run_task('A')['data'])", [1]),
    ("x = y = run_task('A')", [1]),
    ("a, b = run_task('A')['data'], 1", [1]),
    ("if (n := run_task('A'))['ok']: log(n['output'])", [1, 2]),
    ("x = run_task('A')['ok'] and run_task('B')['ok'] or run_task('C')", [1, 2]),
    ("x = not run_task('A')['ok']", [1]),
    ("x = -len(run_task('A')['data'])", [1]),
    ("x = (lambda v: v)(run_task('A'))", [1]),
    ("x = sorted(run_task('A')['data'], key=lambda v: -v)", [1]),
    ("x = run_task('A')['data'][0] if run_task('B')['ok'] else run_task('C')", [2, 1]),
    ("log(str(log('a')))", [1, 2]),
    ("c = C(1)\nc.v = run_task('A')", [1]),
    ("run_task('A', x=run_task('B')['output'])", [1, 2]),
    ("run_flow('F', elements=[e for e in run_flow('G')['failed']])", [1, 2]),
    ("x = run_task('A')['output'].strip().upper()", [1]),
    ("try:\n    run_task('A')['x']\nexcept KeyError as e:\n    log(str(e))", [1, 2]),
    ("x = [run_task('A')['data'], [run_task('B')]][0]", [1, 2]),
    ("x: str\nlog('a')", [1]),
    ("class D:\n    y = 1\nlog('a')", [1]),
    ("x = run_task('A')['data'][run_task('B')['data'][0] - 1]", [1, 2]),
    ("x = '%s' % run_task('A')['output']", [1]),
    ("x = '{}'.format(run_task('A')['output'])", [1]),
    ("x = max(run_task('A')['data'] + run_task('B')['data'])", [1, 2]),
    ("x = (y := run_task('A'))", [1]),
    ("x = len(elements) if current else run_task('A')", [1]),
    ("import math\nx = math.floor(len(run_task('A')['data']) + 0.5)", [1]),
    ("x = [i for i in run_task('A')['data'] if i][0]", [1]),
    ("x = [[j for j in [i]] for i in run_task('A')['data']]", [1]),
    ("for i, j in enumerate(run_task('A')['data']): pass\nelse: log('e')", [1, 2]),
    ("while not run_task('A')['ok']: pass\nelse: log('e')", [1, 2]),
    ("x = 5 if True else run_task('A')\nlog('z')", [2]),
    ("x = [run_task('A')] * 2", [1]),
    ("x = run_task('A') or run_task('B')", [1]),
    ("x = (run_task('A'),)[0]['ok'] is True", [1]),
    ("x = any([run_task('A')['ok'], run_task('B')['ok']])", [1, 2]),
    ("x = {**{'a': 1}, 'b': run_task('A')}", [1]),
    ("x = run_task(\n  'A'\n)", [1]),
    ("x = approve('a')['ok'] and get_context() and sleep(1) and set_context('a', 1)", [1, 2, 3, 4]),
    ("for slots[0] in run_task('A')['data']: pass", [1]),
    ("if True: run_task('A'); log('b')", [1, 2]),
    ("x = lambda: 0; run_task('A')", [1]),
]


@pytest.mark.parametrize(("text", "sites"), PLACES, ids=[text for text, _ in PLACES])
async def test_r15_a_step_is_waited_for_wherever_it_may_stand(text: str, sites: list[int]) -> None:
    script = DEFINED + text
    assert check_execution(script) == []
    played = await run_script(script, *[RESULT] * 6)
    assert played.sites == sites
    assert (played.end is None) == (text != RAISES)
