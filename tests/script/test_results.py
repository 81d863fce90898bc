"""What of results a plan can know (R40)."""

import pytest

from flows.script.results import reads_of


@pytest.mark.parametrize(
    "text",
    [
        "run_task('A')",
        "x = run_task('A', check=False)",
        "if run_task('A', check=False)['ok']:\n    log('fine')",
        "x = run_task('A')\nif x['exit_code'] == 0 and x['status'] == 'succeeded':\n    run_task('B')",
        "c = run_flow('F', elements=elements)\nrun_task('Tell', bad=c['failed'], why=c['messages'])",
        "log(run['flow'])",
        "x = sleep(1)\nlog(str(x))",
    ],
)
def test_r40_what_a_plan_assumes_may_be_read(text: str) -> None:
    reads = reads_of(text)
    assert reads.beyond == ()
    assert reads.unknown_messages == frozenset()


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        ("x = run_task('A')\nlog(x['output'])", {2}),
        ("x = run_task('A')\nlog('said ' + x['output'].strip())", {2}),
        ("x = run_task('A')\nrun_task('B', pem=x['output'])", set()),
        ("x = run_task('A')\nlog('fine')\nlog(f'{element} said {x[\"output\"]}')", {3}),
        ("log('run ' + str(run['id']))\nlog('b')", {1}),
        ("c = run_flow('F')\nlog(f\"made {c['run']}\")", {2}),
        ("x = run_task('A')\nfail('no: ' + x['output'])", set()),
        ("log(run_task('A')['output'])", {2}),
    ],
)
def test_r40_what_is_only_told_does_not_end_a_plan_and_its_message_is_unknown(text: str, sites: set[int]) -> None:
    reads = reads_of(text)
    assert reads.beyond == ()
    assert reads.unknown_messages == sites


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("x = run_task('A')\nif x['output'] == 'yes':\n    run_task('B')", 2, "['output'] of what run_task returned"),
        ("x = run_task('A')['data']", 1, "['data'] of what run_task returned"),
        ("x = run_task('A')\ny = x", 2, "passes what run_task returned on as a whole"),
        ("x = run_task('A')\nrun_task(x['output'])", 2, "['output']"),
        ("x = run_task('A')\nrun_flow('F', a=x['output'])", 2, "['output']"),
        ("x = run_task('A')\nsleep(len(x['output']))", 2, "['output']"),
        ("x = run_task('A')\nlog(x['output'].split()[0])", 2, "['output']"),
        ("x = run_task('A')\nlog(x[key])", 2, "as a whole"),
        ("if run['started_at']:\n    run_task('A')", 1, "['started_at'] of its run"),
        ("if run['id'] > 5:\n    run_task('A')", 1, "['id'] of its run"),
        ("x = {}\nx = run_task('A')\nlog(str(x['ok']))\nfor x in elements:\n    log(x['output'])", 3, "['ok']"),
        ("x = run_task('A')\nx = run_flow('F')\nif x['failed']:\n    log('')", 3, "['failed']"),
        ("if run_task('A'):\n    log('')", 1, "as a whole"),
        ("x = run_task('A')\nlog(f\"{x['output']:>{current}}\")", 2, "['output']"),
    ],
)
def test_r40_what_may_decide_is_named_with_its_line(text: str, line: int, what: str) -> None:
    first = reads_of(text).beyond[0]
    assert first.line == line
    assert what in first.what
