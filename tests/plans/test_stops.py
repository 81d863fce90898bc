"""Where a plan ends, and what may still run from there: nothing is guessed (R40)."""
# ruff: noqa: E501 - a table of scripts

import pytest

from flows.engine.status import Mode
from tests.plans.fleets import plan_of, told

COMPLETE = [
    "run_task('A')",
    "if run_task('A', check=False)['ok']:\n    run_task('B')",
    "x = run_task('A')\nif x['exit_code'] == 0 and x['status'] == 'succeeded':\n    run_task('B')",
    "x = run_task('A')\nlog('said ' + x['output'])",
    "x = run_task('A')\nlog(f\"{element['name']} said {x['output'].strip()!r:>{20}}\")",
    "x = run_task('A')\nrun_task('B', pem=x['output'], n=x['data']['n'] + 1, all=[x, {'a': x['settings']}])",
    "x = run_task('A')\nrun_task('B', timeout=x['data'], retries=x['data'])",
    "x = run_task('A')\nsleep(x['data']['seconds'])",
    "x = run_task('A')\nset_context('version', x['output'])\nset_context(x['output'], 1)",
    "a = approve('really, ' + run_task('A')['output'])\nif a['ok']:\n    log(a['comment'])",
    "log('run ' + str(run['id']) + run['flow'] + run['started_at'])",
    "if run['flow'] == 'F':\n    log('yes')",
    "c = get_context()\nlog(str(c['role']))",
    "x = run_task('A')\ny = x\nz = [y]\nif z and len(z) == 1 and 'output' in y:\n    log('fine')",
    "r = []\nfor i in range(2):\n    r.append(run_task('A', check=False))\nif all(x['ok'] for x in r):\n    run_task('B')",
    "x = run_task('A')\ndef fine(r):\n    return r['ok']\nif fine(x):\n    run_task('B')",
    "x = run_task('A')\na, b = x['output'].split(':')\nlog(a)\nlog(b)",
    "d = {}\nd['x'] = run_task('A')['output']\nd['n'] = 0\nd['n'] += 1\nif d['n'] == 1:\n    log(d['x'])",
    "x = run_task('A')\nlog(x['output'] or 'nothing')",
    "x = run_task('A')\ny = x['output'] == 'a'\n",
    "x = run_task('A')\nfail('it said ' + x['output'])",
    "x = run_task('A')\nif sorted([x], key=lambda r: r['exit_code'])[0]['ok']:\n    run_task('B')",
    "for k, v in run_task('A').items():\n    log(k)",
    "x = run_task('A')\ntry:\n    log('said ' + x['output'].strip() + str(x['data']))\nexcept Exception:\n    run_task('B')",
    "x = run_task('A')\ntry:\n    run_task('B', n=int(x['output']))\nexcept StepFailed:\n    run_task('C')",
]  # fmt: skip

STOPS = [
    ("x = run_task('A')\nif x['output'] == 'y':\n    run_task('B')\nelse:\n    run_task('C')\nrun_task('D')", 2, 1, (2, 3, 4)),
    ("x = run_task('A')\nrun_task('B')\nif x['data']:\n    fail('no')\nrun_task('C')", 3, 1, (3,)),
    ("x = run_task('A')\nwhile x['data']:\n    x = run_task('B')\nrun_task('C')", 2, 1, (2, 3)),
    ("x = run_task('A')\nfor name in x['data']:\n    run_task('B', name=name)", 2, 1, (2,)),
    ("x = run_task('A')\nrun_task(x['output'])\nlog('')", 2, 1, (2, 3)),
    ("x = run_task('A')\nrun_task('B', element=x['output'])", 2, 1, (2,)),
    ("x = run_task('A')\nrun_flow('G', elements=[x['output']])", 2, 1, (2,)),
    ("x = run_task('A')\nrun_flow('G', value=x['data'])\nrun_task('B')", 2, 1, (2, 3)),
    ("run_task('A')\nif run['id'] > 5:\n    run_task('B')", 2, None, (2,)),
    ("if get_context()['role'] == 'master':\n    run_task('A')", 1, 1, (2,)),
    ("if approve('really?')['by'] == 'ops':\n    run_task('A')", 1, 1, (2,)),
    ("n = 0\nfor i in range(3):\n    x = run_task('A')\n    if x['data']:\n        break\n    run_task('B')\nelse:\n    run_task('C')\nrun_task('D')", 4, 1, (1, 2, 3, 4)),
    ("while True:\n    if run_task('A')['data']:\n        break\n    run_task('B')\nrun_task('C')", 2, 1, (1, 2, 3)),
    ("while True:\n    if run_task('A')['data']:\n        continue\n    run_task('B')\nrun_task('C')", 2, 1, (1, 2)),
    ("x = run_task('A')\ntry:\n    if x['data']:\n        run_task('B')\nexcept StepFailed:\n    run_task('C')\nfinally:\n    run_task('D')\nrun_task('E')", 3, 1, (2, 3, 4, 5)),
    ("x = run_task('A')\ntry:\n    if x['data']:\n        log('')\nexcept KeyError:\n    run_task('C')", 3, 1, (2, 3)),
    ("try:\n    run_task('A')\n    run_task('B')\nexcept StepFailed:\n    run_task('C')\nx = run_task('D')\nif x['data']:\n    run_task('E')", 7, 4, (5,)),
    ("x = run_task('A')\nif x['data']:\n    finish()\nelse:\n    abort('no')\nrun_task('B')", 2, 1, ()),
    ("x = run_task('A')\ntry:\n    if x['data']:\n        fail('no')\nfinally:\n    run_task('B')", 3, 1, (2,)),
    ("x = run_task('A')\nok = x['ok'] and x['data'] and run_task('B')['ok']\nrun_task('C')", 2, 1, (2, 3)),
    ("x = run_task('A')\ny = run_task('B') if x['data'] else run_task('C')\nrun_task('D')", 2, 1, (2, 3, 4)),
    ("x = run_task('A')\nlog('big' if x['data'] else 'small')", 2, 1, (2,)),
    ("x = run_task('A')\nassert x['data']\nrun_task('B')", 2, 1, (2,)),
    ("x = run_task('A')\nmatch x['data']:\n    case 1:\n        run_task('B')\n    case _:\n        run_task('C')\nrun_task('D')", 2, 1, (2, 3, 4)),
    ("x = run_task('A')\nlines = [l for l in elements if l['name'] != x['output']]\nrun_task('B')", 2, 1, (2,)),
    ("x = run_task('A')\ny = run_task('B')\nif x['ok'] and y['output']:\n    log('')", 3, 2, (3,)),
    ("x = run_task('A')\ndef big(r):\n    return r['data']['n'] > 3\nif big(x):\n    run_task('B')\nrun_task('C')", 4, 1, (2, 3)),
    ("x = run_task('A')\ndef deep(r):\n    if r['data']:\n        return 1\n    return 2\nrun_task('B')\ndeep(x)\nrun_task('C')", 3, 1, (3,)),
    ("x = run_task('A')\nl = filter_flow_elements(elements, lambda e: x['output'])\nrun_task('B')", 2, 1, (2,)),
    ("x = run_task('A')\nif len(x['output'].splitlines()) > 2:\n    run_task('B')", 2, 1, (2,)),
    ("x = run_task('A')\nif f\"{x['output']}\" == 'a':\n    run_task('B')", 2, 1, (2,)),
    ("import json\nx = run_task('A')\nif json.loads(x['output'])['a']:\n    run_task('B')", 3, 1, (2,)),
    ("x = run_task('A')\ns = {x['output']}\nrun_task('B')", 2, 1, (2,)),
    ("x = run_task('A')\nrun_task('B', check=x['data'])", 2, 1, (2,)),
    ("x = run_task('A')\ntry:\n    n = int(x['output'])\nexcept ValueError:\n    run_task('B')\nrun_task('C')", 3, 1, (2, 3)),
    ("x = run_task('A')\ntry:\n    log(x['data'])\nexcept Exception:\n    run_task('B')", 3, 1, (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize("script", COMPLETE)
async def test_r40_what_is_only_passed_on_does_not_end_a_plan(script: str) -> None:
    plan = await plan_of(script)
    assert plan.stops_at is None
    assert plan.complete
    assert all(wave.elements == ("E1", "E2") for wave in plan.waves)
    assert [note for note in plan.notes if "said" not in note and "message" not in note] == []


@pytest.mark.parametrize(
    ("ends", "note"),
    [
        ("raise ValueError(x['output'])", "line 2: ValueError: …"),
        ("raise ValueError('it said ' + x['output'])", "line 2: ValueError: …"),
        ("raise KeyError(x['output'])", "line 2: no key '…'"),
        ("assert not x, x['output']", "line 2: AssertionError: …"),
        ("assert not x, ['said', x['data']]", "line 2: AssertionError: …"),
        ("fail('said ' + x['output'])", "a message that is not known before it runs"),
        (
            "if True:\n    try:\n        raise ValueError(x['output'])\n    finally:\n        log('')",
            "line 4: ValueError: …",
        ),
    ],
)
async def test_r40_what_nobody_knows_is_left_out_of_notes(ends: str, note: str) -> None:
    plan = await plan_of(f"x = run_task('A')\n{ends}", count=1)
    assert plan.complete
    (told_note,) = plan.notes
    assert told_note.partition("; ")[0] == f"E1 fails: {note}"


@pytest.mark.parametrize("error", ["KeyError", "ValueError"])
async def test_r40_an_error_that_holds_something_unknown_stays_unknown_in_the_caller(error: str) -> None:
    child = f"raise {error}(run_task('C')['output'])"
    parent = (
        "try:\n    run_flow('G')\nexcept StepFailed as error:\n    if 'timeout' in str(error):\n        run_task('B')"
    )
    plan = await plan_of({"F": parent, "G": child}, error_threshold="100%", count=1)
    assert plan.stops_at is not None
    assert plan.stops_at.reason == "line 4 uses a message that holds a result, which nobody knows before it runs"


@pytest.mark.parametrize(("script", "line", "site", "may_run"), STOPS)
async def test_r40_a_plan_ends_where_an_unknown_decides(
    script: str, line: int, site: int | None, may_run: tuple[int, ...]
) -> None:
    plan = await plan_of({"F": script, "G": "run_task('G')"})
    assert plan.stops_at is not None, told(plan)
    assert not plan.complete
    stop = plan.stops_at
    assert (stop.path, stop.line, stop.site, stop.may_run) == (("F",), line, site, may_run)
    assert f"line {line} uses " in stop.reason


@pytest.mark.parametrize("mode", list(Mode))
async def test_r40_it_ends_for_all_after_the_wave_that_led_the_first_script_there(mode: Mode) -> None:
    script = "run_task('A')\nif current == 1:\n    if run_task('B')['data']:\n        log('')\nrun_task('C')"
    plan = await plan_of(script, mode=mode, count=3)
    assert plan.stops_at is not None
    expected = {
        Mode.PARALLEL: ["A E1 E2 E3", "B E2"],
        Mode.SERIAL: ["A E1", "C E1", "A E2", "B E2"],
    }
    assert told(plan) == expected[mode]


async def test_r40_of_several_scripts_that_stop_the_first_element_is_told() -> None:
    script = "x = run_task('A')\nif current == 0:\n    run_task('B', name=x['ok'])\nelif x['data']:\n    log('')\nif x['output']:\n    log('')"
    plan = await plan_of(script, count=3)
    assert plan.stops_at is not None
    assert (plan.stops_at.line, told(plan)) == (4, ["A E1 E2 E3"])


async def test_r40_a_child_may_end_the_plan_and_names_its_path() -> None:
    child = "x = run_task('C')\nif x['output']:\n    run_task('D')"
    plan = await plan_of({"F": "run_task('A')\nrun_flow('G')\nrun_task('B')", "G": child})
    assert plan.stops_at is not None
    assert (plan.stops_at.path, plan.stops_at.line, plan.stops_at.may_run) == (("F", "G"), 2, (2,))
    assert told(plan) == ["A E1 E2", "G E1 E2", ">C E1 E2"]


async def test_r40_a_childs_run_is_unknown_and_the_rest_of_its_result_is_planned() -> None:
    child = "run_task('C')\nif element['name'] == 'E2':\n    fail('not this one')\nfinish('done')"
    parent = (
        "x = run_flow('G', check=False)\nlog(str(x['ok']) + x['status'] + str(x['failed']) + str(x['messages']))\n"
        "log(str(x['elements']))\nlog(str(x['run']))"
    )
    plan = await plan_of({"F": parent, "G": child}, error_threshold="100%", modes={"F": Mode.SERIAL})
    assert plan.complete
    assert [wave.name for wave in plan.waves if wave.step == "log"] == [
        "Truesucceeded[]{'E1': 'done'}", "{'E1': 'succeeded'}", None,
        "Falsefailed['E2']{'E2': 'not this one'}", "{'E2': 'failed'}", None,
    ]  # fmt: skip


async def test_r40_a_message_of_a_child_that_nobody_knows_stays_unknown_in_its_caller() -> None:
    child = "fail('it said ' + run_task('C')['output'])"
    parent = "try:\n    run_flow('G')\nexcept StepFailed as error:\n    log('why: ' + str(error))\n    if 'x' in str(error):\n        run_task('B')"
    plan = await plan_of({"F": parent, "G": child}, error_threshold="100%")
    assert plan.stops_at is not None
    assert (plan.stops_at.line, plan.stops_at.may_run) == (5, (3,))
    assert [wave.name for wave in plan.waves] == ["G", "C", None]


READER = "if element['context']['role'] == 'master':\n    run_task('C')"


@pytest.mark.parametrize(
    ("writes", "child", "processing", "ends"),
    [
        ("set_context('role', 'master')", READER, "", True),
        ("set_context('role.now', 1)", READER, "", True),
        ("set_context('other', 1)", READER, "", False),
        ("run_task('Saves role')", READER, "", True),
        ("run_task('Saves other')", READER, "", False),
        ("run_task('Saves role')", "log('fine')", "", False),
        ("run_task('Saves role')", "log('fine')", "order_flow_elements(elements, lambda e: e['context']['role'])", True),
        ("run_task('Saves role')", "log(str(element['context']))", "", True),
        ("set_context(run_task('A')['output'], 1)", READER, "", True),
        ("if current == 0:\n    run_task('Saves role', element='E9')", READER, "", False),
        ("log('x')", READER, "", False),
    ],
)  # fmt: skip
async def test_r40_a_child_that_reads_what_a_step_may_have_written_ends_the_plan(
    writes: str, child: str, processing: str, ends: bool
) -> None:
    plan = await plan_of(
        {"F": f"{writes}\nrun_flow('G')\nrun_task('B')", "G": child},
        saves={"Saves role": frozenset({"role"}), "Saves other": frozenset({"other.key"})},
        processing={"G": processing},
        context={"role": "replica", "other": {}},
    )
    assert (plan.stops_at is not None) == ends
    if plan.stops_at is not None:
        stop = plan.stops_at
        assert stop.path == ("F",)
        assert "an earlier step of this plan may write" in stop.reason
        assert stop.may_run == (4 if "run_task('A')" in writes else 3,)
