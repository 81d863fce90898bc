"""Flows and the exact waves of their plans."""

from typing import Any

from tests.plans.cases import ALL, Case, Wave, flow

TWO_MODES = {
    "A": ("Top", 1),
    "X": ("Top", 2),
    "F": ("Top", 3),
    "B": ("Top/F2", 1),
    "C": ("Top/F2", 2),
    "D": ("Top/F2", 3),
}


def combination(parent: str, child: str, call: str, order: str) -> Case:
    """A row of R26's table; ``X`` is the call of the child."""
    waves: list[Wave] = []
    for together in order.split():
        letter = together[0]
        path, site = TWO_MODES[letter]
        step, name = ("run_flow", "F2") if letter == "X" else ("run_task", letter)
        elements = " ".join(f"E{step[1:]}" for step in together.split("·"))
        waves.append((path, site, 1, step, name, site, elements))
    return Case(
        f"R26: {parent} calls {child}{' with elements=' if call else ''}",
        flow(parent, f"run_task('A')\nrun_flow('F2'{call})\nrun_task('F')"),
        {"F2": flow(child, "run_task('B')\nrun_task('C')\nrun_task('D')")},
        elements="E1 E2",
        waves=waves,
    )


def task(
    name: str | None, site: int, line: int, elements: str = ALL, turn: int = 1, path: str = "Top", **more: Any
) -> Wave:
    """A wave of ``run_task``."""
    wave = (path, site, turn, "run_task", name, line, elements)
    return (*wave, more) if more else wave


def child(name: str, site: int, line: int, elements: str = ALL, path: str = "Top", **more: Any) -> Wave:
    """A wave of ``run_flow``."""
    wave = (path, site, 1, "run_flow", name, line, elements)
    return (*wave, more) if more else wave


ONE_TASK = flow("parallel", "run_task('A')")
FAILS_FIRST = "run_task('C')\nif current == first:\n    fail('bad')"

COMBINATIONS = [
    combination("serial", "serial", "", "A1 X1 B1 C1 D1 F1 A2 X2 B2 C2 D2 F2"),
    combination("serial", "serial", ", elements=elements", "A1 X1 B1 C1 D1 B2 C2 D2 F1 A2 X2 B1 C1 D1 B2 C2 D2 F2"),
    combination("serial", "parallel", "", "A1 X1 B1 C1 D1 F1 A2 X2 B2 C2 D2 F2"),
    combination("serial", "parallel", ", elements=elements", "A1 X1 B1·B2 C1·C2 D1·D2 F1 A2 X2 B1·B2 C1·C2 D1·D2 F2"),
    combination("parallel", "serial", "", "A1·A2 X1·X2 B1 C1 D1 B2 C2 D2 F1·F2"),
    combination("parallel", "parallel", "", "A1·A2 X1·X2 B1·B2 C1·C2 D1·D2 F1·F2"),
]

ORDER = [
    Case(
        "R18: a step of all is one wave",
        flow("parallel", "run_task('A')\nrun_task('B')"),
        waves=[task("A", 1, 1), task("B", 2, 2)],
    ),
    Case(
        "R17: each element goes its whole script before the next starts",
        flow("serial", "run_task('A')\nrun_task('B')"),
        waves=[wave for name in ("E1", "E2", "E3") for wave in (task("A", 1, 1, name), task("B", 2, 2, name))],
    ),
    Case(
        "R8: the first and the last do something of their own",
        flow(
            "parallel",
            """
if current == first:
    run_task('A')
run_task('B')
if current == last:
    run_task('C')
""",
        ),
        waves=[task("A", 1, 2, "E1"), task("B", 2, 3), task("C", 3, 5, "E3")],
    ),
    Case(
        "R18: who skips a branch waits at the next common step",
        flow(
            "parallel",
            """
if element['context']['n'] == 1:
    run_task('A')
    run_task('B')
else:
    run_task('C')
run_task('D')
""",
        ),
        waves=[task("A", 1, 2, "E1"), task("B", 2, 3, "E1"), task("C", 3, 5, "E2 E3"), task("D", 4, 6)],
    ),
    Case(
        "R17: Serial takes each its own branch",
        flow("serial", "run_task('A' if element['context']['role'] == 'master' else 'B')"),
        waves=[task("B", 1, 1, "E1"), task("A", 1, 1, "E2"), task("B", 1, 1, "E3")],
    ),
    Case(
        "R20: one site is one wave even if the names differ",
        flow("parallel", "run_task(inputs['tasks'][current])", inputs={"tasks": ["A", "B", "C"]}),
        waves=[task(None, 1, 1, names={"E1": "A", "E2": "B", "E3": "C"})],
    ),
    Case(
        "R37, R40: a script sees its inputs in the order in which its run will see them",
        flow("parallel", "for key in inputs:\n    run_task(inputs[key])", inputs={"z": "A", "a": "B"}),
        waves=[task("B", 1, 2), task("A", 1, 2, turn=2)],
    ),
    Case(
        "inputs of the start decide, too",
        flow("parallel", "for name in inputs['tasks']:\n    run_task(name)", inputs={"tasks": ["A"]}),
        inputs={"tasks": ["B", "C"]},
        waves=[task("B", 1, 2), task("C", 1, 2, turn=2)],
    ),
    Case(
        "R4: the processing script orders and filters",
        flow(
            "serial",
            "run_task('A')",
            processing=(
                "filter_flow_elements(elements, lambda e: e['name'] != 'E2')\n"
                "order_flow_elements(elements, lambda e: e['context']['n'], reverse=True)"
            ),
        ),
        waves=[task("A", 1, 1, "E3"), task("A", 1, 1, "E1")],
    ),
    Case(
        "helper functions decide as the script itself does",
        flow(
            "parallel",
            """
def work(e):
    if e['context']['role'] == 'master':
        return 'A'
    return 'B'
run_task(work(element))
""",
        ),
        waves=[task(None, 1, 5, names={"E1": "B", "E2": "A", "E3": "B"})],
    ),
    Case(
        "R17: Serial with a concurrency is planned as if it were one",
        flow("serial", "run_task('A')", concurrency=3),
        waves=[task("A", 1, 1, "E1"), task("A", 1, 1, "E2"), task("A", 1, 1, "E3")],
    ),
    Case(
        "R18: a wave is whole in the plan, whatever the concurrency",
        flow("parallel", "run_task('A')", concurrency=2),
        waves=[task("A", 1, 1)],
    ),
    Case(
        "R9: every step is a wave",
        flow(
            "parallel",
            """
log('at ' + element['name'])
sleep(element['context']['n'])
approve('go on?')
approve('and ' + element['name'] + '?')
set_context('a.b', 1)
get_context()
log('all')
""",
        ),
        waves=[
            ("Top", 1, 1, "log", None, 1, ALL, {"names": {"E1": "at E1", "E2": "at E2", "E3": "at E3"}}),
            ("Top", 2, 1, "sleep", None, 2, ALL),
            ("Top", 3, 1, "approve", "go on?", 3, ALL),
            ("Top", 4, 1, "approve", None, 4, ALL, {"names": {"E1": "and E1?", "E2": "and E2?", "E3": "and E3?"}}),
            ("Top", 5, 1, "set_context", None, 5, ALL),
            ("Top", 6, 1, "get_context", None, 6, ALL),
            ("Top", 7, 1, "log", "all", 7, ALL),
        ],
    ),
]

LOOPS = [
    Case(
        "R19: all do a round, then those that have another",
        flow(
            "parallel",
            """
for n in range(element['context']['n']):
    run_task('A')
    run_task('B')
run_task('C')
""",
        ),
        waves=[
            task("A", 1, 2),
            task("B", 2, 3),
            task("A", 1, 2, "E2 E3", 2),
            task("B", 2, 3, "E2 E3", 2),
            task("A", 1, 2, "E3", 3),
            task("B", 2, 3, "E3", 3),
            task("C", 3, 4),
        ],
    ),
    Case(
        "R19: rounds come from the sites visited, not from Python's iterations",
        flow(
            "parallel",
            """
for n in range(4):
    if (n + element['context']['n']) % 2:
        run_task('A')
    else:
        run_task('B')
""",
        ),
        # E1 and E3 visit A B A B, E2 visits B A B A: its first A is of its second round
        waves=[
            task("A", 1, 3, "E1 E3"),
            task("B", 2, 5),
            task("A", 1, 3, ALL, 2),
            task("B", 2, 5, ALL, 2),
            task("A", 1, 3, "E2", 2),
        ],
    ),
    Case(
        "R19: who passes over a round catches up",
        flow(
            "parallel",
            """
for n in range(3):
    if n < element['context']['n'] - 1:
        continue
    run_task('A')
""",
        ),
        waves=[task("A", 1, 4), task("A", 1, 4, "E1 E2", 2), task("A", 1, 4, "E1", 3)],
    ),
    Case(
        "R19: an inner loop begins anew in each outer round",
        flow(
            "parallel",
            """
for a in range(2):
    run_task('A')
    for b in range(element['context']['n']):
        run_task('B')
run_task('C')
""",
        ),
        waves=[
            task("A", 1, 2),
            task("B", 2, 4),
            task("B", 2, 4, "E2 E3", 2),
            task("B", 2, 4, "E3", 3),
            task("A", 1, 2, ALL, 2),
            task("B", 2, 4, ALL, 4),
            task("B", 2, 4, "E2 E3", 5),
            task("B", 2, 4, "E3", 6),
            task("C", 3, 5),
        ],
    ),
    Case(
        "R19: from a site to itself is a round of the innermost loop",
        flow(
            "parallel",
            """
for a in range(2):
    for b in range(element['context']['n']):
        run_task('A')
run_task('B')
""",
        ),
        # visits of A: 2, 4 and 6, all of them rounds of the inner loop
        waves=[
            task("A", 1, 3),
            task("A", 1, 3, ALL, 2),
            task("A", 1, 3, "E2 E3", 3),
            task("A", 1, 3, "E2 E3", 4),
            task("A", 1, 3, "E3", 5),
            task("A", 1, 3, "E3", 6),
            task("B", 2, 4),
        ],
    ),
    Case(
        "R19: the else of a while does not belong to the loop",
        flow(
            "parallel",
            """
n = 0
while n < element['context']['n']:
    run_task('A')
    n += 1
    if n == 2:
        break
else:
    run_task('B')
run_task('C')
""",
        ),
        waves=[task("A", 1, 3), task("A", 1, 3, "E2 E3", 2), task("B", 2, 8, "E1"), task("C", 3, 9)],
    ),
    Case(
        "R19: the test of a while belongs to the loop",
        flow(
            "parallel",
            """
n = 0
while run_task('A')['ok'] and n < element['context']['n']:
    run_task('B')
    n += 1
run_task('C')
""",
        ),
        waves=[
            task("A", 1, 2),
            task("B", 2, 3),
            task("A", 1, 2, ALL, 2),
            task("B", 2, 3, "E2 E3", 2),
            task("A", 1, 2, "E2 E3", 3),
            task("B", 2, 3, "E3", 3),
            task("A", 1, 2, "E3", 4),
            task("C", 3, 5),
        ],
    ),
    Case(
        "R19: the iterable of a for and its else do not belong to the loop",
        flow(
            "parallel",
            """
for n in range(run_task('A')['exit_code'] + element['context']['n']):
    run_task('B')
else:
    run_task('C')
""",
        ),
        waves=[
            task("A", 1, 1),
            task("B", 2, 2),
            task("B", 2, 2, "E2 E3", 2),
            task("B", 2, 2, "E3", 3),
            task("C", 3, 4),
        ],
    ),
    Case(
        "R17: Serial loops as it pleases each",
        flow("serial", "for n in range(element['context']['n']):\n    run_task('A')", error_threshold=0),
        elements="E1 E2",
        waves=[task("A", 1, 2, "E1"), task("A", 1, 2, "E2"), task("A", 1, 2, "E2", 2)],
    ),
]

SITES = [
    Case(
        "R15: a conditional expression is numbered by where its calls end",
        flow("parallel", "run_task('A') if run_task('B')['ok'] else run_task('C')"),
        waves=[task("B", 2, 1), task("A", 1, 1)],
    ),
    Case(
        "R15: an assignment's target is numbered first and runs last",
        flow("parallel", "seen = {}\nseen[run_task('A')['exit_code']] = run_task('B')['ok']"),
        waves=[task("B", 2, 2), task("A", 1, 2)],
    ),
    Case(
        "R15: the inner call ends first",
        flow("parallel", "run_task('A', code=run_task('B')['exit_code'])"),
        waves=[task("B", 1, 1), task("A", 2, 1)],
    ),
    Case(
        "R15: two calls in one line are two sites",
        flow("parallel", "run_task('A'); run_task('A')"),
        waves=[task("A", 1, 1), task("A", 2, 1)],
    ),
    Case(
        "R15: the first iterable of a comprehension may hold a step",
        flow(
            "parallel", "found = [n for n in range(run_task('A')['exit_code'] + 2)]\nfor n in found:\n    run_task('B')"
        ),
        waves=[task("A", 1, 1), task("B", 2, 3), task("B", 2, 3, ALL, 2)],
    ),
    Case(
        "4.2: the line is the first line of the call",
        flow("parallel", "log('x')\nrun_task(\n    'A',\n    timeout=5,\n)"),
        waves=[("Top", 1, 1, "log", "x", 1, ALL), task("A", 2, 2)],
    ),
    Case(
        "R15: steps stand in the cases of a match",
        flow(
            "parallel",
            """
match element['context']['role']:
    case 'master':
        run_task('A')
    case _:
        run_task('B')
run_task('C')
""",
        ),
        waves=[task("A", 1, 3, "E2"), task("B", 2, 5, "E1 E3"), task("C", 3, 6)],
    ),
]

ASSUMED = [
    Case(
        "R40: ok and exit_code are known",
        flow(
            "parallel",
            """
x = run_task('A', check=False)
if x['ok'] and x['exit_code'] == 0:
    run_task('B')
else:
    run_task('C')
""",
        ),
        waves=[task("A", 1, 1), task("B", 2, 3)],
    ),
    Case(
        "R40: an approval is granted",
        flow("parallel", "if approve('go?', check=False)['ok']:\n    run_task('A')\nelse:\n    run_task('B')"),
        waves=[("Top", 1, 1, "approve", "go?", 1, ALL), task("A", 2, 2)],
    ),
    Case(
        "R40: nothing fails, so no handler runs and every else does",
        flow(
            "parallel",
            """
try:
    run_task('A')
except StepFailed:
    run_task('B')
else:
    run_task('C')
finally:
    run_task('D')
""",
        ),
        waves=[task("A", 1, 2), task("C", 3, 6), task("D", 4, 8)],
    ),
    Case(
        "R29: what the script raises itself, its handlers catch",
        flow(
            "parallel",
            """
try:
    if element['context']['n'] == 2:
        raise ValueError('two')
    run_task('A')
except ValueError:
    run_task('B')
""",
        ),
        waves=[task("A", 1, 4, "E1 E3"), task("B", 2, 6, "E2")],
    ),
    Case(
        "R12: whom of its own list a child failed, each caller knows",
        flow(
            "parallel",
            """
seen = run_flow('Child', check=False)
run_task('A' if element['name'] in seen['failed'] else 'B')
""",
        ),
        {"Child": flow("parallel", FAILS_FIRST, error_threshold="100%")},
        waves=[
            child("Child", 1, 1),
            task("C", 1, 1, path="Top/Child"),
            task(None, 2, 2, names={"E1": "A", "E2": "B", "E3": "B"}),
        ],
    ),
    Case(
        "R12: what finish said in the child is known",
        flow("serial", "said = run_flow('Child')['messages']\nif said[element['name']] == 'mE2':\n    run_task('A')"),
        {"Child": flow("serial", "run_task('C')\nfinish('m' + element['name'])\nrun_task('D')")},
        elements="E1 E2",
        waves=[
            child("Child", 1, 1, "E1"),
            task("C", 1, 1, "E1", path="Top/Child"),
            child("Child", 1, 1, "E2"),
            task("C", 1, 1, "E2", path="Top/Child"),
            task("A", 2, 3, "E2"),
        ],
    ),
]

CHILDREN = [
    Case(
        "R23: callers with different names make children one after another",
        flow("parallel", "run_flow('One' if element['context']['n'] == 2 else 'Other')\nrun_task('Z')"),
        {"One": flow("parallel", "run_task('A')"), "Other": flow("parallel", "run_task('B')")},
        waves=[
            child("Other", 1, 1, "E1 E3"),
            task("B", 1, 1, "E1 E3", path="Top/Other"),
            child("One", 1, 1, "E2"),
            task("A", 1, 1, "E2", path="Top/One"),
            task("Z", 2, 2),
        ],
    ),
    Case(
        "R23: callers with different inputs, too",
        flow("parallel", "run_flow('Child', odd=element['context']['n'] % 2)"),
        {"Child": flow("parallel", "run_task('A' if inputs['odd'] else 'B')", inputs={"odd": None})},
        waves=[
            child("Child", 1, 1, "E1 E3"),
            task("A", 1, 1, "E1 E3", path="Top/Child"),
            child("Child", 1, 1, "E2"),
            task("B", 1, 1, "E2", path="Top/Child"),
        ],
    ),
    Case(
        "R23: inputs are compared after defaults",
        flow("parallel", "given = {} if current == first else {'v': 1}\nrun_flow('Child', **given)"),
        {"Child": flow("parallel", "run_task('A')", inputs={"v": 1})},
        waves=[child("Child", 1, 2), task("A", 1, 1, path="Top/Child")],
    ),
    Case(
        "R23: merged callers' elements come in the order of first mention",
        flow("parallel", "run_flow('Child', elements=[elements[-1], element['name']])"),
        {"Child": flow("serial", "run_task('A')")},
        waves=[
            child("Child", 1, 1),
            *(task("A", 1, 1, name, path="Top/Child") for name in ("E3", "E1", "E2")),
        ],
    ),
    Case(
        "R22: a child that was given nothing does nothing",
        flow("parallel", "run_flow('Child', elements=[])\nrun_task('Z')"),
        {"Child": ONE_TASK},
        waves=[child("Child", 1, 1), task("Z", 2, 2)],
    ),
    Case(
        "R23: who gives nothing is a caller all the same",
        flow("parallel", "run_flow('Child', elements=[element] if current else [])"),
        {"Child": ONE_TASK},
        waves=[child("Child", 1, 1), task("A", 1, 1, "E2 E3", path="Top/Child")],
    ),
    Case(
        "R22: a child may get elements outside of the target, and its processing script applies",
        flow("serial", "if current == first:\n    run_flow('Child', elements=['S1', 'S2', 'E2'])"),
        {
            "Child": flow(
                "parallel",
                "run_task('A')",
                processing="order_flow_elements(elements, lambda e: e['context']['n'])\nelements = elements[:2]",
            )
        },
        waves=[child("Child", 1, 2, "E1"), task("A", 1, 1, "E2 S1", path="Top/Child")],
    ),
    Case(
        "R25: children have children, each with its own mode",
        flow("parallel", "run_flow('Child')\nrun_task('Z')"),
        {
            "Child": flow("serial", "run_task('A')\nrun_flow('Grandchild')"),
            "Grandchild": flow("parallel", "run_task('B')\nlog('done')"),
        },
        elements="E1 E2",
        waves=[
            child("Child", 1, 1, "E1 E2"),
            *(
                wave
                for name in ("E1", "E2")
                for wave in (
                    task("A", 1, 1, name, path="Top/Child"),
                    child("Grandchild", 2, 2, name, path="Top/Child"),
                    task("B", 1, 1, name, path="Top/Child/Grandchild"),
                    ("Top/Child/Grandchild", 2, 1, "log", "done", 2, name),
                )
            ),
            task("Z", 2, 2, "E1 E2"),
        ],
    ),
    Case(
        "R19, R25: each round calls a child of its own, whose steps are counted anew",
        flow("parallel", "for n in range(element['context']['n']):\n    run_flow('Child')"),
        {"Child": ONE_TASK},
        elements="E1 E2",
        waves=[
            child("Child", 1, 2, "E1 E2"),
            task("A", 1, 1, "E1 E2", path="Top/Child"),
            ("Top", 1, 2, "run_flow", "Child", 2, "E2"),
            task("A", 1, 1, "E2", path="Top/Child"),
        ],
    ),
    Case(
        "R24: a failure in the child fails its caller alone, and the others go on",
        flow("parallel", "try:\n    run_flow('Child')\nexcept StepFailed:\n    run_task('A')"),
        {"Child": flow("parallel", FAILS_FIRST)},
        # the child's threshold, its caller's, is passed: but nothing was left to do for E2 and E3
        waves=[child("Child", 1, 2), task("C", 1, 1, path="Top/Child"), task("A", 2, 4, "E1")],
    ),
    Case(
        "R24: unless the child stopped before theirs had finished",
        flow("parallel", "try:\n    run_flow('Child')\nexcept StepFailed:\n    run_task('A')"),
        {"Child": flow("parallel", FAILS_FIRST + "\nrun_task('D')")},
        waves=[child("Child", 1, 2), task("C", 1, 1, path="Top/Child"), task("A", 2, 4)],
    ),
    Case(
        "R2: what a parent reads of its own context was frozen at its start",
        flow("parallel", "set_context('n', 7)\nif element['context']['n'] == 2:\n    run_task('A')"),
        waves=[("Top", 1, 1, "set_context", None, 1, ALL), task("A", 2, 3, "E2")],
    ),
    Case(
        "R27: the target is told where it is the same",
        flow("parallel", "run_task('A', element='S1')\nrun_task('B')"),
        waves=[task("A", 1, 1, target="S1"), task("B", 2, 2)],
    ),
    Case(
        "R27: and by element where it differs",
        flow("parallel", "run_task('A', element=elements[current - 1])"),
        waves=[task("A", 1, 1, targets={"E1": "E3", "E2": "E1", "E3": "E2"})],
    ),
    Case(
        "R27: Serial tells each its own",
        flow("serial", "run_task('A', element='S2' if current == last else 'S1')"),
        elements="E1 E2",
        waves=[task("A", 1, 1, "E1", target="S1"), task("A", 1, 1, "E2", target="S2")],
    ),
]

BATCHES = [
    Case(
        "R21: batches go the whole script one after another, and speak of the whole run",
        flow("parallel", "run_task('A')\nif current == last:\n    run_task('B')", batches=(1, "50%"), soak=600),
        elements="E1 E2 E3 E4",
        waves=[
            task("A", 1, 1, "E1"),
            task("A", 1, 1, "E2 E3", batch=2),
            task("A", 1, 1, "E4", batch=3),
            task("B", 2, 3, "E4", batch=3),
        ],
    ),
    Case(
        "R21: a percentage is rounded down, and is at least one",
        flow("parallel", "run_task('A')\nrun_flow('Child')", batches=("40%",)),
        {"Child": flow("parallel", "run_task('B')")},
        elements="E1 E2 E3",
        waves=[
            wave
            for batch, name in enumerate(("E1", "E2", "E3"), start=1)
            for wave in (
                task("A", 1, 1, name, batch=batch),
                child("Child", 2, 2, name, batch=batch),
                task("B", 1, 1, name, path="Top/Child"),
            )
        ],
    ),
    Case(
        "R21, R27: batches stay apart though their steps wait for the same target",
        flow("parallel", "run_task('A', element='S1')", batches=(1, "100%")),
        waves=[task("A", 1, 1, "E1", target="S1"), task("A", 1, 1, "E2 E3", target="S1", batch=2)],
    ),
    Case(
        "R21: rounds are of a batch",
        flow("parallel", "for n in range(element['context']['n']):\n    run_task('A')", batches=(2,)),
        waves=[
            task("A", 1, 2, "E1 E2"),
            task("A", 1, 2, "E2", 2),
            *(task("A", 1, 2, "E3", turn, batch=2) for turn in (1, 2, 3)),
        ],
    ),
]

FIRST_FAILS = """
run_task('A')
if current == first:
    fail('not this one')
run_task('B')
"""
FINALLY = """
try:
    run_task('A')
    if current == first:
        fail('no')
    run_task('B')
finally:
    run_task('C')
run_task('D')
"""

ENDINGS = [
    Case(
        "R11: fail takes effect, and stops a Serial run with threshold 0",
        flow("serial", FIRST_FAILS),
        waves=[task("A", 1, 1, "E1")],
    ),
    Case(
        "R30: one more may fail",
        flow("serial", FIRST_FAILS, error_threshold=1),
        elements="E1 E2",
        waves=[task("A", 1, 1, "E1"), task("A", 1, 1, "E2"), task("B", 2, 4, "E2")],
    ),
    Case(
        "R30: fail stops a Parallel run with threshold 0 at the wave",
        flow("parallel", FIRST_FAILS),
        waves=[task("A", 1, 1)],
    ),
    Case(
        "R29: who failed runs its finally at its position and takes part in nothing else",
        flow("parallel", FINALLY, error_threshold="100%"),
        waves=[task("A", 1, 2), task("B", 2, 5, "E2 E3"), task("C", 3, 7), task("D", 4, 8, "E2 E3")],
    ),
    Case(
        "R31: a stop runs every finally in a wave, and nothing else",
        flow("parallel", FINALLY),
        waves=[task("A", 1, 2), task("C", 3, 7)],
    ),
    Case(
        "R11: finish ends the script of one element alone",
        flow("parallel", "run_task('A')\nif current == first:\n    finish('enough')\nrun_task('B')"),
        waves=[task("A", 1, 1), task("B", 2, 4, "E2 E3")],
    ),
    Case(
        "R35: abort stops a Serial run at once",
        flow("serial", "run_task('A')\nif current == 1:\n    abort('enough')\nrun_task('B')", error_threshold="100%"),
        waves=[task("A", 1, 1, "E1"), task("B", 2, 4, "E1"), task("A", 1, 1, "E2")],
    ),
    Case(
        "R35: abort stops the root from within a child, which cleans up before its caller does",
        flow("parallel", "try:\n    run_flow('Child')\n    run_task('B')\nfinally:\n    run_task('C')"),
        {
            "Child": flow(
                "parallel",
                """
try:
    run_task('A')
    if current == last:
        abort('stop')
    sleep(5)
finally:
    log('out')
""",
            )
        },
        waves=[
            child("Child", 1, 2),
            task("A", 1, 2, path="Top/Child"),
            ("Top/Child", 3, 1, "log", "out", 7, ALL),
            task("C", 3, 5),
        ],
    ),
    Case(
        "R29: an error of the script fails the element",
        flow("parallel", "run_task('A')\nn = 1 // (element['context']['n'] - 2)\nrun_task('B')", error_threshold=1),
        waves=[task("A", 1, 1), task("B", 2, 3, "E1 E3")],
    ),
    Case(
        "a script without a step on the way has no wave",
        flow("parallel", "if current > 5:\n    run_task('A')"),
        waves=[],
    ),
    Case(
        "R3: refresh is no wave and leaves the plan complete",
        flow("parallel", "run_task('A')", refresh=("Read",)),
        waves=[task("A", 1, 1)],
    ),
]

WAVES: list[Case] = [*COMBINATIONS, *ORDER, *LOOPS, *SITES, *ASSUMED, *CHILDREN, *BATCHES, *ENDINGS]
