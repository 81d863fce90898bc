"""R15: thirty scripts with their exact sites, numbered by where their calls end; their loops (R19), catching (R29)."""

import pytest

from flows.script.analysis import Site, analyse

SCRIPTS: list[tuple[str, str, list[str]]] = [
    (
        "one after the other",
        "run_task('a')\nrun_task('b')\nsleep(1)\nlog('c')",
        ["run_task a 1:1", "run_task b 2:1", "sleep - 3:1", "log c 4:1"],
    ),
    (
        "every step of the language",
        "run_task('a')\nrun_flow('b')\nsleep(1)\napprove('c')\nset_context('k', 1)\nx = get_context()\nlog('d')",
        [
            "run_task a 1:1", "run_flow b 2:1", "sleep - 3:1", "approve c 4:1", "set_context k 5:1",
            "get_context - 6:5 used", "log d 7:1",
        ],
    ),
    (
        "fail, finish and abort are no steps",
        "if current:\n    fail('x')\nelif last:\n    finish('y')\nelse:\n    abort('z')\nlog('a')",
        ["log a 7:1"],
    ),
    (
        "two on a line",
        "log('a'); log('b')",
        ["log a 1:1", "log b 1:11"],
    ),
    (
        "an inner call ends before the one around it",
        "run_task('outer', x=run_task('inner')['output'])",
        ["run_task inner 1:21 used", "run_task outer 1:1"],
    ),
    (
        "three deep, over lines",
        "run_task(\n    'a',\n    x=run_task(\n        'b',\n        y=run_task('c'),\n    ),\n)",
        ["run_task c 5:11 used", "run_task b 3:7 used", "run_task a 1:1"],
    ),
    (
        "a conditional expression is numbered as it is written, not as it is evaluated",
        "x = run_task('yes') if run_task('test')['ok'] else run_task('no')",
        ["run_task yes 1:5 used", "run_task test 1:24 used", "run_task no 1:52 used"],
    ),
    (
        "an assignment's target is evaluated last and numbered first",
        "x = {}\nx[run_task('key')['output']] = run_task('value')",
        ["run_task key 2:3 used", "run_task value 2:32 used"],
    ),
    (
        "and, or, not, comparisons",
        "if run_task('a')['ok'] and not run_task('b')['ok'] or run_task('c')['exit_code'] == 3:\n    log('d')",
        ["run_task a 1:4 used", "run_task b 1:32 used", "run_task c 1:55 used", "log d 2:5"],
    ),
    (
        "branches",
        "if run_task('a')['ok']:\n    log('b')\nelif run_task('c')['ok']:\n    log('d')\nelse:\n    log('e')",
        ["run_task a 1:4 used", "log b 2:5", "run_task c 3:6 used", "log d 4:5", "log e 6:5"],
    ),
    (
        "a for loop: its iterable and its else are outside",
        "for x in run_task('i')['data']:\n    log('a')\n    log('b')\nelse:\n    log('e')\nlog('f')",
        ["run_task i 1:10 used", "log a 2:5 loops 2", "log b 3:5 loops 2", "log e 5:5", "log f 6:1"],
    ),
    (
        "a while loop: its test is inside, its else outside",
        "while not run_task('t', check=False)['ok']:\n    sleep(5)\nelse:\n    log('e')",
        ["run_task t 1:11 used loops 1", "sleep - 2:5 loops 1", "log e 4:5"],
    ),
    (
        "loops in loops are named by their first sites",
        (
            "for x in [1]:\n    for y in [1]:\n        log('a')\n    log('b')\n"
            "    while run_task('t')['ok']:\n        log('c')"
        ),
        ["log a 3:9 loops 1 1", "log b 4:5 loops 1", "run_task t 5:11 used loops 1 3", "log c 6:9 loops 1 3"],
    ),
    (
        "the iterable of an inner loop belongs to the outer one",
        "for x in [1]:\n    for y in run_task('i')['data']:\n        log('a')",
        ["run_task i 2:14 used loops 1", "log a 3:9 loops 1 2"],
    ),
    (
        "a loop without a step is no loop of anybody",
        "for x in [1]:\n    y = x\nlog('a')\nfor x in [1]:\n    log('b')",
        ["log a 3:1", "log b 5:5 loops 2"],
    ),
    (
        "three loops deep",
        "for a in [1]:\n for b in [1]:\n  log('x')\n  for c in [1]:\n   log('y')\n  log('z')",
        ["log x 3:3 loops 1 1", "log y 5:4 loops 1 1 2", "log z 6:3 loops 1 1"],
    ),
    (
        "the branches of a loop's round",
        "for x in [1]:\n    if x:\n        log('a')\n        continue\n    log('b')\n    break",
        ["log a 3:9 loops 1", "log b 5:5 loops 1"],
    ),
    (
        "only the body of a try is caught",
        "try:\n    log('a')\nexcept StepFailed:\n    log('b')\nelse:\n    log('c')\nfinally:\n    log('d')",
        ["log a 2:5 caught", "log b 4:5", "log c 6:5", "log d 8:5 finally"],
    ),
    (
        "a handler of something else does not catch",
        "try:\n    run_task('a')\nexcept KeyError:\n    pass",
        ["run_task a 2:5"],
    ),
    (
        "a try around a try",
        "try:\n    try:\n        log('a')\n    finally:\n        log('b')\nexcept Exception:\n    log('c')",
        ["log a 3:9 caught", "log b 5:9 caught finally", "log c 7:5"],
    ),
    (
        "a try in a finally",
        "try:\n    log('a')\nfinally:\n    try:\n        log('b')\n    except StepFailed:\n        log('c')",
        ["log a 2:5", "log b 5:9 caught finally", "log c 7:9 finally"],
    ),
    (
        "a try in a loop, and a loop in a finally",
        "for x in [1]:\n    try:\n        log('a')\n    finally:\n        for y in [1]:\n            log('b')",
        ["log a 3:9 loops 1", "log b 6:13 finally loops 1 2"],
    ),
    (
        "with",
        "with run_task('a')['data'] as x, run_task('b')['data']:\n    log('c')",
        ["run_task a 1:6 used", "run_task b 1:34 used", "log c 2:5"],
    ),
    (
        "match, its guards and its cases",
        (
            "match run_task('a')['status']:\n    case 'x' if run_task('b')['ok']:\n"
            "        log('c')\n    case _:\n        log('d')"
        ),
        ["run_task a 1:7 used", "run_task b 2:17 used", "log c 3:9", "log d 5:9"],
    ),
    (
        "the first iterable of a comprehension",
        "x = [y for y in run_task('a')['data']]\nz = {k: 1 for k in [v for v in run_task('b')['data']]}",
        ["run_task a 1:17 used", "run_task b 2:32 used"],
    ),
    (
        "f-strings, nested and with formats",
        "log(f\"{run_task('a')['output']!r:>{run_task('b')['exit_code']}} {run_task('c')['ok']}\")",
        ["run_task a 1:8 used", "run_task b 1:36 used", "run_task c 1:66 used", "log - 1:1"],
    ),
    (
        "columns count characters, whatever their bytes",
        "x = 'é€😀'; log('ä'); log('ö' + x)",
        ["log ä 1:12", "log - 1:22"],
    ),
    (
        "what is computed has no literal",
        "name = 'a'\nrun_task(name)\nrun_task('a' if current else 'b')\nrun_task(*[name])",
        ["run_task - 2:1", "run_task - 3:1", "run_task - 4:1"],
    ),
    (
        "steps where they may not stand are no sites",
        (
            "def f(x=log('a')):\n    log('b')\ng = lambda: log('c')\n"
            "x = [log('d') for i in log('e') if log('f')]\nlog('g')"
        ),
        ["log e 4:24 used", "log g 5:1"],
    ),
    (
        "parentheses, line joins and comments",
        "(run_task)('a')  # run_task('no')\nx = (\n    run_task('b')\n    ['ok']\n)\nlog \\\n    ('c')",
        ["run_task a 1:1", "run_task b 3:5 used", "log c 6:1"],
    ),
    (
        "the certificate example of R27",
        (
            "csr = run_task('Make CSR')\ncert = run_task('Sign', element='ca1', csr=csr['output'])\ntry:\n"
            "    run_task('Install cert', pem=cert['output'])\n    run_task('Verify TLS', retries=3)\n"
            "except StepFailed as error:\n    run_task('Restore config')\n    fail('rolled back: ' + str(error))\n"
            "run_task('Commit')"
        ),
        [
            "run_task Make CSR 1:7 used", "run_task Sign 2:8 used", "run_task Install cert 4:5 caught",
            "run_task Verify TLS 5:5 caught", "run_task Restore config 7:5", "run_task Commit 9:1",
        ],
    ),
    (
        "the patient example of R29: for, else and fail",
        (
            "if current == last:\n    run_task('Switchover')\nrun_task('Restart')\nfor attempt in range(30):\n"
            "    if run_task('Health', check=False)['ok']:\n        break\n    sleep(5)\nelse:\n    fail('not healthy')"
        ),
        ["run_task Switchover 2:5", "run_task Restart 3:1", "run_task Health 5:8 used loops 3", "sleep - 7:5 loops 3"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SCRIPTS], ids=[row[0] for row in SCRIPTS])
def test_r15_the_sites_of_a_script_are_exactly_these(text: str, expected: list[str]) -> None:
    sites = analyse(text).sites
    assert [told(site) for site in sites] == expected
    assert [site.number for site in sites] == list(range(1, len(sites) + 1))


def test_r15_there_are_thirty_of_them() -> None:
    assert len(SCRIPTS) >= 30


def told(site: Site) -> str:
    words = [site.step, site.literal or "-", f"{site.line}:{site.col}"]
    marks = {"used": site.uses_result, "caught": site.caught, "finally": site.in_finally, "loops": bool(site.loops)}
    return " ".join([*words, *(word for word, holds in marks.items() if holds), *map(str, site.loops)])
