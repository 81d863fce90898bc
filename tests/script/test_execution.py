"""Execution scripts in the real sandbox: variables, steps, failing, stopping (R1, R8-R13, R29, R31)."""

from typing import Any

import pytest

from flows.script.calls import (
    Begin,
    Call,
    Ended,
    FlowScripts,
    InstanceId,
    Paused,
    Resumption,
    Return,
    Stop,
    Variables,
    Verdict,
)
from flows.script.host import SandboxHost
from flows.script.program import execution_program
from tests.script.scripts import THREE, Fails, element, run_script

# --- variables and functions (R1, R8, R10) --------------------------------------------------------------------------


async def test_r8_a_script_sees_its_place_in_the_whole_run() -> None:
    text = (
        "run_task('A', a=[current, first, last], b=element['name'], c=len(elements), d=inputs['x'], e=run['flow'])\n"
        "if elements[current] == element: log('same')"
    )
    played = await run_script(text, at="db2", x={"y": 1})
    assert played.calls[0].inputs == {"a": [1, 0, 2], "b": "db2", "c": 3, "d": {"y": 1}, "e": "F"}
    assert played.names == ["A", "same"]
    assert played.end is None


@pytest.mark.parametrize(
    "text",
    [
        "log(','.join(sorted([e['name'] for e in elements], key=lambda n: elements[int(n[2:]) - 1]['id'])))",
        "def names():\n    return [e['name'] for e in elements]\nlog(','.join(names()))",
        "if current == first:\n    log(','.join([e['name'] for e in elements]))",
        "log(','.join(sorted(e['name'] for e in elements if e in elements)))",
        "len = 3\nlog(','.join([e['name'] for e in elements]))",
        "elements = elements[:]\nlog(','.join([e['name'] for e in elements]))",
    ],
)
async def test_r8_elements_are_there_wherever_they_are_read(text: str) -> None:
    assert (await run_script(text)).names == ["db1,db2,db3"]


async def test_r22_all_elements_are_passed_and_counted_without_being_held() -> None:
    text = "run_flow('F2', elements=elements, n=len(elements))\nlog(f'{len(elements)}')"
    program = execution_program(text)
    played = await run_script(text)
    assert program.elements == "never"
    assert played.calls[0] == Call("run_flow", 1, "F2", elements=("db1", "db2", "db3"), inputs={"n": 3})
    assert played.names[1] == "3"


async def test_r22_elements_that_were_changed_by_another_name_are_counted_and_passed_as_they_are_now() -> None:
    text = "mine = elements\nmine.reverse()\nmine.pop()\nrun_flow('F2', elements=elements, n=len(elements))"
    played = await run_script(text)
    assert played.calls == [Call("run_flow", 1, "F2", elements=("db3", "db2"), inputs={"n": 2})]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("run_task('A')", "never"),
        ("if current == first:\n    x = [e['name'] for e in elements]", "when_reached"),
        ("f = lambda: elements[0]", "from_the_start"),
        ("elements = []\nrun_flow('F2', elements=elements)", "from_the_start"),
    ],
)
def test_r44_what_an_instance_is_given_grows_only_when_it_must(text: str, reads: str) -> None:
    assert execution_program(text).elements == reads


async def test_r10_filter_and_order_return_new_lists() -> None:
    text = (
        "some = filter_flow_elements(elements, lambda e: e['id'] > 1)\n"
        "back = order_flow_elements(elements, lambda e: e['id'], reverse=True)\n"
        "for list_ in (elements, some, back): log(','.join([e['name'] for e in list_]))"
    )
    assert (await run_script(text)).names == ["db1,db2,db3", "db2,db3", "db3,db2,db1"]


async def test_r10_their_errors_name_the_elements() -> None:
    text = "x = 1\ny = filter_flow_elements(elements, lambda e: e['context']['a'])"
    played = await run_script(text, elements=[element(1, a=1), element(2), element(3)])
    assert played.end == Verdict("error", "no context key 'a' in db2, db3", 2)


async def test_r1_what_one_instance_changes_no_other_sees() -> None:
    host = SandboxHost({"F": FlowScripts("", "x = elements\nx.append(1)\nx[0]['context']['a'] = 2\nlog(str(len(x)))")})
    await host.begin(Variables(0, "F", THREE, {}, {}))
    answers = await host.resume([Resumption(InstanceId(0, name), Begin()) for name in ("db1", "db2", "db3")])
    await host.close()
    assert [answer.call.name for answer in answers if isinstance(answer, Paused)] == ["4", "4", "4"]
    assert THREE[0]["context"] == {}


async def test_r1_a_script_may_change_its_own_lists_and_dicts_in_place() -> None:
    text = (
        "elements.append({'name': 'x'})\nelements[0]['context']['a'] = 1\nelement['name'] = 'mine'\ninputs['n'] += 1\n"
        "log(f\"{len(elements)} {elements[0]['context']} {element['name']} {inputs['n']}\")\n"
        "elements.reverse()\nrun_flow('F', elements=elements[1:])"
    )
    for name in ("db1", "db2"):
        played = await run_script(text, at=name, n=1)
        assert played.names[0] == "4 {'a': 1} mine 2"
        assert played.calls[1].elements == ("db3", "db2", "db1")
    assert THREE[0]["context"] == {}


@pytest.mark.parametrize("change", ["elements.pop()", "elements[:] = elements[1:]", "elements.clear()"])
async def test_r1_r8_a_list_that_was_changed_in_place_is_counted_and_passed_on_as_it_is(change: str) -> None:
    played = await run_script(f"{change}\nlog(str(len(elements)))\nrun_flow('F', elements=elements)")
    assert played.calls[1].elements is not None
    assert played.names[0] == str(len(played.calls[1].elements)) != "3"


# --- steps (R9, R12, R13, R15) ---------------------------------------------------------------------------------------


async def test_r9_calls_arrive_in_their_normal_form() -> None:
    text = (
        "run_task('A', check=False, timeout=5, retries=2, x=(1, 'é'), check_=None)\n"
        "run_flow('F2', elements=[elements[2], 'db1', element, 'db1'], size=1.5)\nrun_flow('F2', elements=[])\n"
        "sleep(0)\nsleep(seconds=2.5)\nlog('hi')"
    )
    inputs: dict[str, Any] = {"x": [1, "é"], "check_": None}
    assert (await run_script(text)).calls == [
        Call("run_task", 1, "A", check=False, timeout=5.0, retries=2, inputs=inputs),
        Call("run_flow", 2, "F2", elements=("db3", "db1"), inputs={"size": 1.5}),
        Call("run_flow", 3, "F2", elements=()),
        Call("sleep", 4, seconds=0.0),
        Call("sleep", 5, seconds=2.5),
        Call("log", 6, "hi"),
    ]


async def test_r9_a_message_is_any_value_as_its_text() -> None:
    script = "log(3)\nlog(current)\nlog({'a': [1, None]})\napprove(2.5)"
    assert (await run_script(script)).names == ["3", "0", "{'a': [1, None]}", "2.5"]


WRONG = [
    ("sleep(-1)", "sleep takes seconds, a number from 0 to 316,224,000 (ten years), not -1"),
    ("sleep('5')", "not '5' (str)"),
    ("sleep(True)", "not True (bool)"),
    ("sleep(float('inf'))", "not inf (float)"),
    ("sleep()", "sleep takes one argument, sleep(seconds), found 0 values"),
    ("sleep(1, x=2)", "found x"),
    ("run_task('')", "run_task takes a name as text, not '' (str)"),
    ("run_task()", "run_task takes one name"),
    ("run_task('A', check=1)", "check must be True or False, not 1 (int)"),
    ("run_task('A', timeout=0)", "timeout must be a number of seconds above 0"),
    ("run_task('A', retries=-1)", "retries must be a whole number from 0"),
    ("sleep(1, seconds=2)", "sleep takes one argument, sleep(seconds), found 2 values"),
    ("sleep(10 ** 400)", "sleep takes seconds, a number from 0 to"),
    ("run_task('A' * 201)", "a name has at most 200 characters, found 201"),
    ("run_task('A', retries=1001)", "a whole number from 0 to 1000"),
    ("run_task('A', x=2 ** 1025)", "x: inputs are text, numbers"),
    ("run_task('A', x=10 ** 5000)", "found a number of more than 4300 digits (int)"),
    ("run_task('A', element=3)", "element must be an element or its name, not 3 (int)"),
    ("run_task('A', element='')", "element must be an element or its name, not '' (str)"),
    ("run_task('A', element={})", "element must be an element or its name, not {} (dict)"),
    ("approve()", "approve takes one argument, approve(message), found 0 values"),
    ("approve('a', timeout=0)", "approve: timeout must be a number of seconds above 0"),
    ("approve('a', timeout=None)", "not None (NoneType)"),
    ("approve('a', check='no')", "approve: check must be True or False, not 'no' (str)"),
    ("set_context('a')", "set_context takes two arguments, set_context(key, value), found 1 value"),
    ("set_context(3, 1)", "set_context takes a key as text, like 'version' or 'net.0.hostname', not 3 (int)"),
    ("set_context('a..b', 1)", "the key 'a..b' has an empty part"),
    ("set_context('', 1)", "the key '' has 0 characters, expected 1 to 200"),
    ("set_context('a', {1})", "value: inputs are text, numbers"),
    ("get_context('a')", "get_context takes no argument, get_context(), found 1 value"),
    ("run_task('A', x={1})", "x: inputs are text, numbers"),
    ("run_task('A', x={1: 2})", "with text as keys"),
    ("run_task('A', x=float('nan'))", "found nan (float)"),
    ("run_task('A', x=[{'y': b'z'}])", "found b'z' (bytes)"),
    ("run_task('A', x='a\\x00b')", "NUL"),
    ("run_flow('F2', elements=element)", "elements must be a list of elements or names"),
    ("run_flow('F2', elements=[3])", "found 3 (int)"),
]


@pytest.mark.parametrize(("call", "text"), WRONG)
async def test_r9_a_wrong_argument_is_a_type_error_in_the_script(call: str, text: str) -> None:
    played = await run_script(f"try:\n    {call}\nexcept TypeError as error:\n    log(str(error))")
    assert text in (played.names[0] or "")


AWKWARD = [
    ("n = []\nfor i in range(5000): n = [n]", "[[[[[[[...]]]]]]] (list)"),
    ("n = {'a'}\nfor i in range(5000): n = {'k': n}", "{'k': {'k': {'k': {'k': {'k': {'k': {...}}}}}}} (dict)"),
    ("n = set('dacb')", "{'a', 'b', 'c', 'd'} (set)"),
    ("n = [frozenset('ba'), set()]", "[frozenset({'a', 'b'}), set()] (list)"),
    ("class C: pass\nn = C()\nn.x = {'b', 'a'}", "<C> (C)"),
    ("n = list(range(100))", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...] (list)"),
    ("n = [10 ** 5000]", "[a number of more than 4300 digits] (list)"),
]


@pytest.mark.parametrize(("text", "told"), AWKWARD)
async def test_r37_r44_any_value_is_told_in_few_words_that_are_the_same_in_every_process(text: str, told: str) -> None:
    played = await run_script(f"{text}\ntry:\n    sleep(n)\nexcept TypeError as error:\n    log(str(error))")
    assert (played.names[0] or "").endswith(f"not {told}")
    ended = await run_script(f"{text}\nfail(n)")
    assert ended.end is not None
    assert ended.end.kind == "failed"


async def test_messages_are_cut_and_inputs_too_large_to_store_are_refused() -> None:
    played = await run_script(
        "log('x' * 100_000)\ntry:\n    run_task('A', x='y' * 9_000_000)\nexcept TypeError as error:\n"
        "    log(str(error))\nfinish('z' * 100_000)"
    )
    assert played.names == [
        "x" * 65_533 + "...",
        "run_task: inputs have at most 8388608 bytes as JSON, found 9000009",
    ]
    assert played.end == Verdict("finished", "z" * 65_533 + "...", 6)


async def test_r9_r14_the_other_steps_arrive_in_their_normal_form_too() -> None:
    text = (
        "approve('go on?')\napprove(message='x\\0y', timeout=60, check=False)\n"
        "set_context('net.0.hostname', (1, None))\n"
        "set_context(value=2, key='b')\nrun_task('A', element=elements[1])\nrun_task('A', element='ca1', host='db1')\n"
        "run_task('A', element=None)\nlog(get_context()['b'])"
    )
    played = await run_script(text, *[{} for _ in range(7)], {"b": "as it is now"})
    assert played.calls == [
        Call("approve", 1, "go on?", timeout=86_400.0),
        Call("approve", 2, "x\N{REPLACEMENT CHARACTER}y", timeout=60.0, check=False),
        Call("set_context", 3, inputs={"key": "net.0.hostname", "value": [1, None]}),
        Call("set_context", 4, inputs={"key": "b", "value": 2}),
        Call("run_task", 5, "A", element="db2"),
        Call("run_task", 6, "A", element="ca1", inputs={"host": "db1"}),
        Call("run_task", 7, "A"),
        Call("get_context", 8),
        Call("log", 9, "as it is now"),
    ]


async def test_r12_results_are_plain_dicts() -> None:
    result = {"ok": False, "exit_code": 3, "data": {"a": [1, None, 2.5]}, "output": "é"}
    played = await run_script(
        "r = run_task('A')\nrun_task('B', **r)\nlog(r['data']['a'][2].__class__.__name__)", result
    )
    assert played.calls[1].inputs == result


async def test_texts_are_formatted_in_each_of_pythons_ways_and_without_a_look_behind() -> None:
    text = (
        "log('{:>3}|{n:.1f}'.format(1, n=2.25))\nlog('%s-%d' % ('a', 2))\nlog(f'{3:03}')\n"
        "log('{0.__class__}'.format(1))"
    )
    played = await run_script(text)
    assert played.names == ["  1|2.2", "a-2", "003"]
    assert played.end == Verdict("error", "AttributeError: 'int' object has no attribute '__class__'", 4)


async def test_r13_a_failed_step_can_be_caught_and_tells_its_reason() -> None:
    text = "try:\n    run_task('A')\nexcept StepFailed as error:\n    log(str(error))\nrun_task('B')"
    played = await run_script(text, Fails("exit 3"))
    assert played.names == ["A", "exit 3", "B"]
    assert played.told == [None, None, None]
    assert played.end is None


async def test_r15_sites_are_known_whatever_python_evaluates_first() -> None:
    played = await run_script("x = run_task('yes') if run_task('no')['ok'] else 0\nlog(f\"{run_task('f')['ok']}\")")
    assert played.sites == [2, 1, 3, 4]


# --- failing (R11, R29) ---------------------------------------------------------------------------------------------


async def test_r29_a_step_failure_that_nothing_catches_ends_the_script() -> None:
    played = await run_script("log('a')\nrun_task('A')\nlog('b')", {}, Fails("exit 3"))
    assert played.end == Verdict("failed", "exit 3", 2)


async def test_r29_a_failed_step_is_known_to_have_failed_before_the_finally() -> None:
    played = await run_script(
        "try:\n    run_task('A')\nfinally:\n    run_task('F')\n    run_task('G')", Fails("exit 3")
    )
    verdict = Verdict("failed", "exit 3", 2)
    assert played.names == ["A", "F", "G"]
    assert played.told == [None, verdict, verdict]
    assert played.end == verdict


async def test_r11_fail_is_seen_by_finally_only_and_the_first_counts() -> None:
    text = (
        "def give_up(why):\n    fail(why)\ntry:\n    try:\n        give_up('broken')\n    except Exception:\n"
        "        log('never')\nfinally:\n    run_task('F')\n    fail('later')\nlog('never')"
    )
    played = await run_script(text)
    assert played.names == ["F"]
    assert played.told == [Verdict("failed", "broken", 2)]
    assert played.end == Verdict("failed", "broken", 2)


ENDINGS = [
    ("fail('no')", Verdict("failed", "no", 2)),
    ("fail()", Verdict("failed", "failed by the script", 2)),
    ("finish()", Verdict("finished", "", 2)),
    ("finish('done')", Verdict("finished", "done", 2)),
    ("finish(message=3)", Verdict("finished", "3", 2)),
    ("abort('all')", Verdict("aborted", "all", 2)),
    ("abort()", Verdict("aborted", "aborted by the script", 2)),
    ("fail(10 ** 5000)", Verdict("failed", "a number of more than 4300 digits", 2)),
]


@pytest.mark.parametrize(("ending", "verdict"), ENDINGS)
async def test_r11_each_ending_works_in_helpers_is_seen_by_finally_only_and_the_first_counts(
    ending: str, verdict: Verdict
) -> None:
    text = (
        f"def leave():\n    {ending}\ntry:\n    try:\n        leave()\n    except Exception:\n        log('never')\n"
        "    else:\n        log('never')\nfinally:\n    run_task('F')\n    try:\n        finish('later')\n"
        "    finally:\n        run_task('G')\n        abort('later')\nlog('never')"
    )
    played = await run_script(text)
    assert played.names == ["F", "G"]
    assert played.told == [verdict, verdict]
    assert played.end == verdict


async def test_r11_an_error_or_failed_step_in_a_finally_does_not_change_what_an_ending_decided() -> None:
    for inside, answer in (("1 / 0", {}), ("run_task('A')", Fails("exit 3"))):
        played = await run_script(f"try:\n    finish('done')\nfinally:\n    log('f')\n    {inside}", {}, answer)
        assert played.end == Verdict("finished", "done", 2)


async def test_r11_r29_an_ending_in_a_finally_does_not_change_how_the_element_failed_before() -> None:
    for ending in ("finish('fine')", "abort('x')", "fail('x')"):
        played = await run_script(f"try:\n    run_task('A')\nfinally:\n    {ending}", Fails("exit 3"))
        assert played.end == Verdict("failed", "exit 3", 2)
        played = await run_script(f"try:\n    1 / 0\nfinally:\n    {ending}")
        assert played.end is not None
        assert (played.end.kind, played.end.line) == ("error", 2)


async def test_r11_r31_after_a_stop_no_ending_decides_anything() -> None:
    for ending in ("finish('fine')", "abort('x')", "fail('x')"):
        text = f"try:\n    run_task('A')\nfinally:\n    run_task('F')\n    {ending}\n    run_task('never')"
        played = await run_script(text, Stop())
        assert played.names == ["A", "F"]
        assert played.end is None


async def test_r11_a_finally_that_ends_a_script_on_its_ordinary_way_decides() -> None:
    played = await run_script("try:\n    run_task('A')\nfinally:\n    finish('here')\nrun_task('never')")
    assert played.names == ["A"]
    assert played.end == Verdict("finished", "here", 4)


async def test_r11_an_ending_in_a_handler_decides_for_a_failure_that_is_caught() -> None:
    text = "try:\n    run_task('A')\nexcept StepFailed as error:\n    finish(str(error))\nlog('never')"
    assert (await run_script(text, Fails("exit 3"))).end == Verdict("finished", "exit 3", 4)


UNCAUGHT = [
    # in the body of a try with only a finally
    ("x = {}\ntry:\n    y = 1\n    x['a']\nfinally:\n    log('f')", "no key 'a'", 4),
    # a handler that does not fit
    ("try:\n    int('x')\nexcept KeyError:\n    pass\nfinally:\n    log('f')", "ValueError: invalid literal", 2),
    # raised in a handler, in an else, in one line, in a loop, in a nested try
    ("try:\n    1 / 0\nexcept ArithmeticError:\n    {}['b']\nfinally:\n    log('f')", "no key 'b'", 4),
    ("try:\n    x = 1\nexcept KeyError:\n    pass\nelse:\n    1 / 0\nfinally:\n    log('f')", "ZeroDivision", 6),
    ("try: 1 / 0\nexcept KeyError: pass\nfinally: log('f')", "ZeroDivision", 1),
    (
        "for i in [1]:\n\ttry:\n\t\tif i:\n\t\t\t1 / 0\n\texcept KeyError:\n\t\tpass\n\tfinally:\n\t\tlog('f')",
        "Zero",
        4,
    ),
    ("try:\n    try:\n        1 / 0\n    finally:\n        x = '''\n  '''\nfinally:\n    log('f')", "Zero", 3),
    # handlers around it that do not fit
    (
        "try:\n    try:\n        1 / 0\n    finally:\n        log('f')\nexcept (KeyError, StepFailed):\n    pass",
        "Zero",
        3,
    ),
    ("E = KeyError\ntry:\n    try:\n        1 / 0\n    finally:\n        log('f')\nexcept E:\n    pass", "Zero", 4),
    # in a function, and raised by the script itself
    ("def f():\n    1 / 0\n\ntry:\n    f()\nfinally:\n    log('f')", "ZeroDivision", 5),
    ("try:\n    raise ValueError('no')\nfinally:\n    log('f')", "ValueError: no", 2),
    ("try:\n    assert 1 == 2\nfinally:\n    log('f')", "AssertionError", 2),
]


@pytest.mark.parametrize(("text", "message", "line"), UNCAUGHT)
async def test_r29_an_uncaught_error_is_known_before_the_finally(text: str, message: str, line: int) -> None:
    played = await run_script(text)
    assert played.names == ["f"]
    verdict = played.told[0]
    assert verdict is not None
    assert (verdict.kind, verdict.line) == ("error", line)
    assert message in verdict.message
    assert played.end == verdict


@pytest.mark.parametrize(
    ("handler", "is_raised"), [("raise", True), ("raise StepFailed('no')", True), ("fail('no')", False)]
)
async def test_r12_what_fail_was_given_is_told_from_a_failure_that_was_raised_again(
    handler: str, is_raised: bool
) -> None:
    played = await run_script(f"try:\n    run_task('A')\nexcept StepFailed:\n    {handler}", Fails("exit 3"))
    assert played.end is not None
    assert played.end.kind == "failed"
    assert played.end.is_raised is is_raised


CAUGHT = [
    "try:\n    try:\n        1 / 0\n    finally:\n        log('f')\nexcept Exception:\n    log('c')",
    "try:\n    try:\n        1 / 0\n    finally:\n        log('f')\nexcept (KeyError, ArithmeticError):\n    log('c')",
    "E = ArithmeticError\ntry:\n    try:\n        1 / 0\n    finally:\n        log('f')\nexcept E:\n    log('c')",
    "try:\n    try:\n        1 / 0\n    except KeyError: 1\n    finally:\n        log('f')\nexcept Exception: log('c')",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log('f')\nfinally:\n    log('c')",
]


@pytest.mark.parametrize("text", CAUGHT)
async def test_r29_an_error_that_is_caught_is_no_verdict(text: str) -> None:
    played = await run_script(text)
    assert played.names == ["f", "c"]
    assert played.told == [None, None]
    assert played.end is None


@pytest.mark.parametrize(
    ("handler", "verdict"),
    [
        ("raise", Verdict("failed", "exit 3", 5)),
        ("raise error", Verdict("failed", "exit 3", 5)),
        ("raise StepFailed('other')", Verdict("failed", "other", 5)),
        ("raise StepFailed", Verdict("failed", "StepFailed", 5)),
        ("raise KeyError('k')", Verdict("error", "no key 'k'", 5)),
        ("fail('no')", Verdict("failed", "no", 5)),
        ("run_task('H')", Verdict("failed", "exit 4", 5)),
    ],
)
async def test_r29_raising_in_a_handler_fails_at_that_moment(handler: str, verdict: Verdict) -> None:
    text = f"try:\n    run_task('A')\nexcept StepFailed as error:\n    log('c')\n    {handler}\nfinally:\n    log('f')"
    played = await run_script(text, Fails("exit 3"), {}, Fails("exit 4"))
    assert [name for name in played.names if name != "H"] == ["A", "c", "f"]
    assert played.told[1] is None
    assert played.told[-1] == verdict
    assert played.end == verdict


ERRORS = [
    ("x = 1\n\nx.y", "AttributeError: 'int' object has no attribute 'y'", 3),
    ("log('a')\nif inputs['b']: pass", "no key 'b'", 2),
    ("def f(x):\n    return x['context']['c']\nlog(str(f(element)))", "no context key 'c'", 2),
    ("unknown_thing", "NameError: name 'unknown_thing' is not defined", 1),
    ("unknown_call(1)", "NameError: name 'unknown_call' is not defined", 1),
    ("run_task__9('A')", "NameError: name 'run_task__9' is not defined", 1),
    ("approve__1('x')", "NameError: name 'approve__1' is not defined", 1),
    ("raise ValueError", "ValueError", 1),
    ("assert current == 5, 'no'", "AssertionError: no; assert 0 == 5", 1),
    ("def f(n):\n    return f(n + 1)\nf(0)", "RecursionError: maximum recursion depth exceeded", 2),
    ("import time\ntime.time()", "RuntimeError: scripts cannot use time.time: they see no files", 2),
    ("import time\ntime.sleep(1)", "RuntimeError: scripts cannot use", 2),
    ("async def f(): return 1\nf().x", "AttributeError", 2),
    ("class E(Exception): pass", "NotImplementedError", 1),
    ("x = (", "not valid Python 3.11: '(' was never closed", 1),
    ("y = sorted([1], key=lambda x: run_task('A'))", "NotImplementedError", 1),
]


@pytest.mark.parametrize(("text", "message", "line"), ERRORS)
async def test_r29_an_error_of_the_script_is_told_with_its_line(text: str, message: str, line: int) -> None:
    end = (await run_script(text)).end
    assert end is not None
    assert (end.kind, end.line) == ("error", line)
    assert end.message.startswith(message)


# --- stopping (R31) -------------------------------------------------------------------------------------------------

STOPPED = (
    "try:\n    run_task('A')\nexcept Exception:\n    log('never')\nfinally:\n    run_task('F')\n    run_task('G')\n"
    "log('never')"
)


async def test_r31_a_stop_is_seen_by_finally_only() -> None:
    played = await run_script(STOPPED, Stop())
    assert played.names == ["A", "F", "G"]
    assert played.told == [None, None, None]
    assert played.end is None


async def test_r31_a_finally_step_that_fails_after_a_stop_decides_nothing() -> None:
    played = await run_script(STOPPED, Stop(), Fails("exit 1"))
    assert played.names == ["A", "F"]
    assert played.end is None


async def test_r11_r31_an_authors_context_manager_cannot_swallow_what_only_finally_sees() -> None:
    text = (
        "class Calm:\n    def __enter__(self): return self\n    def __exit__(self, *error): return True\n"
        "try:\n    with Calm():\n        run_task('A')\n    run_task('never')\nfinally:\n    log('f')"
    )
    assert (await run_script(text, Stop())).names == ["A", "f"]
    played = await run_script(text.replace("run_task('A')", "fail('no')"))
    assert played.names == ["f"]
    assert played.end == Verdict("failed", "no", 6)


async def test_r29_an_element_whose_step_failed_takes_part_in_nothing_else_even_if_the_exception_is_swallowed() -> None:
    text = (
        "class Calm:\n    def __enter__(self): return self\n    def __exit__(self, *error): return True\n"
        "try:\n    with Calm():\n        run_task('A')\n    run_task('never')\nfinally:\n    log('f')"
    )
    played = await run_script(text, Fails("exit 3"))
    assert played.names == ["A", "f"]
    assert played.end == Verdict("failed", "exit 3", 6)


# --- many instances -------------------------------------------------------------------------------------------------


async def test_many_instances_wait_side_by_side_and_answers_keep_their_order() -> None:
    fleet = [element(n) for n in range(12)]
    host = SandboxHost({"F": FlowScripts("", "x = run_task('A')\nlog(f\"{element['name']} {x['n']}\")")})
    await host.begin(Variables(0, "F", fleet, {}, {}))
    names = [InstanceId(0, str(one["name"])) for one in fleet]
    first = await host.resume([Resumption(name, Begin()) for name in names])
    assert [answer.instance for answer in first] == names
    turned = list(reversed(names))
    second = await host.resume([Resumption(name, Return({"n": place})) for place, name in enumerate(turned)])
    assert [answer.call.name for answer in second if isinstance(answer, Paused)] == [
        f"{name.element} {place}" for place, name in enumerate(turned)
    ]
    third = await host.resume([Resumption(name, Return(None)) for name in names])
    await host.close()
    assert third == [Ended(name) for name in names]


async def test_two_runs_of_one_tree_are_kept_apart() -> None:
    host = SandboxHost({"F": FlowScripts("", "run_flow('G')\nlog('f')"), "G": FlowScripts("", "log('g')")})
    await host.begin(Variables(0, "F", THREE, {}, {}))
    await host.resume([Resumption(InstanceId(0, "db1"), Begin())])
    await host.begin(Variables(1, "G", THREE[:1], {}, {}))
    (child,) = await host.resume([Resumption(InstanceId(1, "db1"), Begin())])
    assert isinstance(child, Paused)
    assert child.call.name == "g"
    await host.end(1)
    (parent,) = await host.resume([Resumption(InstanceId(0, "db1"), Return({"ok": True}))])
    assert isinstance(parent, Paused)
    assert parent.call.name == "f"
    with pytest.raises(LookupError, match="run 1 has no scripts"):
        await host.resume([Resumption(InstanceId(1, "db1"), Return(None))])
    await host.close()


async def test_an_instance_that_has_ended_cannot_go_on() -> None:
    host = SandboxHost({"F": FlowScripts("", "")})
    await host.begin(Variables(0, "F", THREE, {}, {}))
    one = InstanceId(0, "db1")
    assert await host.resume([Resumption(one, Begin())]) == [Ended(one)]
    with pytest.raises(LookupError, match="does not wait at a step"):
        await host.resume([Resumption(one, Return(None))])
    await host.close()
