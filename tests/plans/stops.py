"""Scripts, and where their plans stop: the line that uses an unknown, whose result it is, and what may still run (R40).

``ran`` are the steps of the waves before, by their names where they have one.
"""

from tests.plans.cases import Case, Flow, Stop, flow

CHILD = flow("parallel", "run_task('C')", inputs={"v": None})


def stops(
    says: str,
    script: str,
    stop: Stop | None,
    ran: str,
    *,
    mode: str = "parallel",
    child: Flow = CHILD,
    saving: str = "",
) -> Case:
    """A script ``Top`` over E1, E2 and E3; no stop means that its plan is complete."""
    children = {"Child": child} if "run_flow" in script else {}
    return Case(says, flow(mode, script), children, saving=saving.split(), ran=ran, stop=stop)


BRANCHES = [
    stops(
        "if",
        "x = run_task('A')\nif x['output'] == 'new':\n    run_task('B')\nrun_task('C')",
        Stop(2, 1, [2, 3]),
        "A",
    ),
    stops(
        "if, Serial: the first element's step is the only one",
        "x = run_task('A')\nif x['output'] == 'new':\n    run_task('B')\nrun_task('C')",
        Stop(2, 1, [2, 3]),
        "A",
        mode="serial",
    ),
    stops("if not", "x = run_task('A')\nif not x['output']:\n    run_task('B')", Stop(2, 1, [2]), "A"),
    stops(
        "elif: the line of the test that uses it",
        """
x = run_task('A')
if current > 5:
    run_task('B')
elif x['data']['kind'] == 'leader':
    run_task('C')
else:
    run_task('D')
run_task('E')
""",
        Stop(4, 1, [3, 4, 5]),
        "A",
    ),
    stops(
        "while whose test has the step: the step itself may run again",
        "while run_task('A', check=False)['output'] != 'done':\n    sleep(5)\nrun_task('B')",
        Stop(1, 1, [1, 2, 3]),
        "A",
    ),
    stops("ternary", "work = 'B' if run_task('A')['data'] else 'C'\nrun_task(work)", Stop(1, 1, [2]), "A"),
    stops(
        "or whose operands are values makes one more that is told",
        "x = run_task('A')\nnote = x['output'] or 'nothing'\nlog(note)",
        None,
        "A log",
    ),
    stops(
        "or that decides whether a step runs",
        "x = run_task('A')\nnote = x['output'] or run_task('B')['output']\nlog('x')",
        Stop(2, 1, [2, 3]),
        "A",
    ),
    stops(
        "and that decides a name",
        "x = run_task('A')\nrun_task(x['output'] and 'B')",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "and tests its first operand alone",
        "x = run_task('A')\nnote = x['ok'] and x['output']\nlog(str(note))",
        None,
        "A log",
    ),
    stops(
        "assert",
        "x = run_task('A')\nassert x['output'], 'nothing there'\nrun_task('B')",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "match",
        """
x = run_task('A')
match x['output']:
    case 'a':
        run_task('B')
    case _:
        run_task('C')
""",
        Stop(2, 1, [2, 3]),
        "A",
    ),
    stops(
        "comprehension over an unknown",
        "x = run_task('A')\nhosts = [h for h in x['output'].split()]\nrun_task('B')",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "the if of a comprehension",
        """
x = run_task('A')
chosen = [
    e
    for e in elements
    if e['name'] in x['output']
]
run_task('B')
""",
        Stop(5, 1, [2]),
        "A",
    ),
    stops(
        "for",
        """
x = run_task('A')
for host in x['output'].splitlines():
    run_task('B')
else:
    run_task('C')
run_task('D')
""",
        Stop(2, 1, [2, 3, 4]),
        "A",
    ),
    stops(
        "whose result it is, among several",
        "a = run_task('A')\nb = run_task('B')\nif b['output']:\n    run_task('C')\nlog('said ' + a['output'])",
        Stop(3, 2, [3, 4]),
        "A B",
    ),
    stops(
        "bool() and len() do not hide it",
        "x = run_task('A')\nif len(x['output']) > 3:\n    run_task('B')",
        Stop(2, 1, [2]),
        "A",
    ),
]

RAISING = [
    stops(
        "what may raise, depending on an unknown, decides where a handler waits for it",
        """
x = run_task('A')
try:
    n = int(x['output'])
except ValueError:
    run_task('B')
run_task('C')
""",
        Stop(3, 1, [2, 3]),
        "A",
    ),
    stops(
        "a key that may be missing, too",
        """
x = run_task('A')
try:
    n = x['data']['size']
except Exception:
    run_task('B')
run_task('C')
""",
        Stop(3, 1, [2, 3]),
        "A",
    ),
    stops(
        "what may raise, where the handler waits for steps alone",
        """
x = run_task('A')
try:
    run_task('B', n=int(x['output']))
except StepFailed:
    run_task('C')
run_task('D')
""",
        None,
        "A B D",
    ),
    stops(
        "what may raise, where nothing waits: then the element fails",
        "x = run_task('A')\nrun_task('B', n=int(x['output']))",
        None,
        "A B",
    ),
]

NAMES = [
    stops("a task's name", "x = run_task('A')\nrun_task(x['output'])", Stop(2, 1, [2]), "A"),
    stops("a task's name made of text", "x = run_task('A')\nrun_task(f\"do {x['output']}\")", Stop(2, 1, [2]), "A"),
    stops("a flow's name", "x = run_task('A')\nrun_flow(x['output'])", Stop(2, 1, [2]), "A"),
    stops(
        "element=", "ca = run_task('A')['output'].strip()\nrun_task('B', element=ca)\nlog('x')", Stop(2, 1, [2, 3]), "A"
    ),
    stops("elements=", "bad = run_task('A')['data']\nrun_flow('Child', elements=bad)", Stop(2, 1, [2]), "A"),
    stops(
        "elements= of some that an unknown chose",
        "x = run_task('A')\nrun_flow('Child', elements=[e for e in elements if e['name'] in x['output']])",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "an input of a child flow",
        "x = run_task('A')\nrun_flow('Child', v=x['output'])\nlog('x')",
        Stop(2, 1, [2, 3]),
        "A",
    ),
    stops(
        "an input of a child flow, deep in it",
        "x = run_task('A')\nrun_flow('Child', v={'all': [1, x['data']]})",
        Stop(2, 1, [2]),
        "A",
    ),
]

PASSED_ON = [
    stops(
        "inputs of tasks, messages, timeouts, seconds and values of settings are only told",
        """
x = run_task('A')
run_task('B', pem=x['output'], timeout=x['data'])
log('said ' + x['output'])
sleep(x['data'])
approve(f"go on with {x['output']}?", timeout=x['data'])
set_context('seen', x['output'])
run_task('C')
""",
        None,
        "A B log sleep approve set_context C",
    ),
    stops(
        "a comparison is a value like another",
        "x = run_task('A')\nsame = x['output'] == 'a'\nrun_task('B', same=same)",
        None,
        "A B",
    ),
    stops(
        "data may be taken apart and put together",
        """
x = run_task('A')
line = x['output'].splitlines()[0].strip().lower()
told = {'all': [line, x['data']['size'] * 2 + 1], 'who': element['name']}
run_task('B', told=told, again=told['all'][0])
log('it says {}, {:>4}'.format(line, x['attempts']))
""",
        None,
        "A B log",
    ),
    stops(
        "and is known for unknown where it comes out again",
        """
x = run_task('A')
told = {'all': [x['output'].strip(), 1]}
log(str(told['all'][1]))
if told['all'][1] == 1:
    run_task('B')
if told['all'][0] == 'a':
    run_task('C')
""",
        Stop(6, 1, [4]),
        "A 1 B",
    ),
    stops(
        "helper functions pass on",
        "def short(text):\n    return text.strip()[:10]\nx = run_task('A')\nrun_task('B', text=short(x['output']))",
        None,
        "A B",
    ),
    stops(
        "fail with an unknown message",
        "x = run_task('A')\nif current == last:\n    fail('it said ' + x['output'])\nrun_task('B')",
        None,
        "A",
    ),
    stops(
        "a result itself is known to be there",
        "if run_task('A'):\n    run_task('B')\nelse:\n    run_task('C')",
        None,
        "A B",
    ),
    stops(
        "what is known of a result may be an input of a child flow",
        "x = run_task('A', check=False)\nrun_flow('Child', v=x['ok'])",
        None,
        "A Child C",
    ),
    stops("an unknown that nobody uses", "x = run_task('A')\ny = x['settings']\nrun_task('B')", None, "A B"),
    stops(
        "helper functions decide",
        """
def work(result):
    if result['output']:
        return 'B'
    return 'C'
x = run_task('A')
run_task(work(x))
""",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "what a helper function found out decides where it is used",
        """
def is_bad(result):
    return 'error' in result['output']
x = run_task('A')
if is_bad(x):
    run_task('B')
""",
        Stop(4, 1, [2]),
        "A",
    ),
]

KINDS = [
    stops("attempts", "x = run_task('A')\nif x['attempts'] > 1:\n    log('again')", Stop(2, 1, [2]), "A"),
    stops(
        "the run's id, which is no step's result",
        "if run['id'] % 2:\n    run_task('A')\nrun_task('B')",
        Stop(1, None, [1, 2]),
        "",
    ),
    stops(
        "the run's time",
        "run_task('A')\nif run['started_at'] < '2026':\n    run_task('B')",
        Stop(2, None, [2]),
        "A",
    ),
    stops("the run's flow is known", "log(str(run['id']))\nif run['flow'] == 'Top':\n    run_task('A')", None, "log A"),
    stops("a child's run", "r = run_flow('Child')\nif r['run'] > 5:\n    run_task('B')", Stop(2, 1, [2]), "Child C"),
    stops(
        "of a child's result the rest is known",
        """
r = run_flow('Child')
if r['ok'] and not r['failed'] and r['elements'][element['name']] == 'succeeded':
    run_task('B')
""",
        None,
        "Child C B",
    ),
    stops("comments", "a = approve('go?')\nif a['comment']:\n    run_task('B')", Stop(2, 1, [2]), "go?"),
    stops("who approved", "a = approve('go?')\nif a['by'] == 'ops':\n    run_task('B')", Stop(2, 1, [2]), "go?"),
    stops(
        "get_context", "c = get_context()\nif c['role'] == 'master':\n    run_task('B')", Stop(2, 1, [2]), "get_context"
    ),
    stops(
        "get_context, told only",
        "log(str(get_context()))\nrun_task('B', c=get_context())",
        None,
        "get_context log get_context B",
    ),
]

REACH = [
    stops(
        "a loop that only asks whether all is well is planned to its end",
        """
for n in range(30):
    if run_task('Health', check=False)['ok']:
        break
    sleep(5)
else:
    fail('not healthy')
run_task('B')
""",
        None,
        "Health B",
    ),
    stops(
        "in a loop its own sites may run again",
        """
for n in range(3):
    x = run_task('A')
    if 'ready' in x['output']:
        break
    sleep(5)
else:
    fail('never ready')
run_task('B')
""",
        Stop(3, 1, [1, 2, 3]),
        "A",
    ),
    stops(
        "nothing follows fail and finish",
        """
x = run_task('A')
if x['output'] == '':
    fail('empty')
else:
    run_task('B')
    finish()
run_task('C')
""",
        Stop(2, 1, [2]),
        "A",
    ),
    stops(
        "nor abort, and one way out is enough to go on",
        "x = run_task('A')\nif x['output']:\n    abort('no')\n    run_task('B')\nrun_task('C')",
        Stop(2, 1, [3]),
        "A",
    ),
    stops(
        "nothing follows continue in its round",
        """
for n in range(2):
    x = run_task('A')
    if x['data']:
        continue
        run_task('B')
    run_task('C')
""",
        Stop(3, 1, [1, 3]),
        "A",
    ),
    stops(
        "what stands before is over, outside of a loop",
        "run_task('A')\nx = run_task('B')\nif x['output']:\n    run_task('C')",
        Stop(3, 2, [3]),
        "A B",
    ),
    stops(
        "finally runs on every way out, and what follows on none of these",
        """
try:
    x = run_task('A')
    if x['output']:
        fail('no')
    finish()
finally:
    run_task('B')
run_task('C')
""",
        Stop(3, 1, [2]),
        "A",
    ),
    stops(
        "finally, then what follows",
        """
try:
    x = run_task('A')
    if x['output']:
        fail('no')
    run_task('B')
finally:
    run_task('C')
run_task('D')
""",
        Stop(3, 1, [2, 3, 4]),
        "A",
    ),
    stops(
        "a handler is reachable where a step may fail",
        """
x = run_task('A')
try:
    if x['output']:
        run_task('B')
except StepFailed:
    run_task('C')
run_task('D')
""",
        Stop(3, 1, [2, 3, 4]),
        "A",
    ),
    stops(
        "an endless loop is left by break alone",
        """
while True:
    x = run_task('A')
    if x['output'] == 'done':
        break
    sleep(1)
run_task('B')
""",
        Stop(3, 1, [1, 2, 3]),
        "A",
    ),
    stops(
        "and never where there is none",
        """
while True:
    x = run_task('A')
    if x['output']:
        sleep(1)
run_task('B')
""",
        Stop(3, 1, [1, 2]),
        "A",
    ),
    stops(
        "from the inner loop the outer one goes on",
        """
for a in range(2):
    run_task('A')
    for b in range(2):
        x = run_task('B')
        if x['data']:
            break
        run_task('C')
    run_task('D')
run_task('E')
""",
        Stop(5, 2, [1, 2, 3, 4, 5]),
        "A B",
    ),
]

WHO = [
    stops(
        "one script ends the plan for all, after the wave",
        "x = run_task('A')\nif current == last and x['output']:\n    run_task('B')\nrun_task('C')",
        Stop(2, 1, [2, 3]),
        "A",
    ),
    stops(
        "in Serial when its turn comes",
        "x = run_task('A')\nif current == last and x['output']:\n    run_task('B')\nrun_task('C')",
        Stop(2, 1, [2, 3]),
        "A C A C A",
        mode="serial",
    ),
    stops(
        "the first in element order is told",
        """
x = run_task('A')
if current == last:
    if x['output']:
        run_task('B')
elif x['data']:
    run_task('C')
""",
        Stop(5, 1, [3]),
        "A",
    ),
    stops(
        "of those that use one: who goes on ends with them",
        """
x = run_task('A')
if current == first:
    run_task('B')
    if x['output']:
        run_task('C')
elif x['data']:
    run_task('D')
""",
        Stop(6, 1, [4]),
        "A",
    ),
    stops(
        "in a child its path tells where",
        "run_flow('Child')\nrun_task('B')",
        Stop(2, 1, [2], "Top/Child"),
        "Child A",
        child=flow("parallel", "x = run_task('A')\nif x['output']:\n    run_task('Z')"),
    ),
    stops(
        "and in a Serial child in the middle",
        "run_task('B')\nrun_flow('Child')",
        Stop(2, 1, [2], "Top/Child"),
        "B Child A Z A",
        child=flow("serial", "x = run_task('A')\nif current == first or x['output']:\n    run_task('Z')"),
    ),
]

BY_ROLE = flow("parallel", "if element['context']['role'] == 'x':\n    run_task('C')")
BY_ORDER = flow("parallel", "run_task('C')", processing="order_flow_elements(elements, lambda e: e['context']['n'])")

#: A child that reads what the plan cannot know stops it where it is called: none of its own lines has begun.
SETTINGS = [
    stops(
        "a child reads what an earlier step sets",
        "set_context('role', 'x')\nrun_flow('Child')\nlog('x')",
        Stop(2, 2, [3]),
        "set_context Child",
        child=BY_ROLE,
    ),
    stops(
        "a child's processing script reads it",
        "set_context('n', 7)\nrun_flow('Child')",
        Stop(2, 2, []),
        "set_context Child",
        child=BY_ORDER,
    ),
    stops(
        "a key below the one that is read",
        "set_context('role.of', 'x')\nrun_flow('Child')",
        Stop(2, 2, []),
        "set_context Child",
        child=BY_ROLE,
    ),
    stops(
        "a task that saves",
        "run_task('A')\nrun_flow('Child')",
        Stop(2, 2, []),
        "A Child",
        child=BY_ROLE,
        saving="A",
    ),
    stops("a task that saves nothing", "run_task('A')\nrun_flow('Child')", None, "A Child", child=BY_ROLE, saving="B"),
    stops(
        "a child that reads another key",
        "set_context('role', 'x')\nrun_flow('Child')",
        None,
        "set_context Child C",
        child=BY_ORDER,
    ),
    stops("a child that reads none", "set_context('role', 'x')\nrun_flow('Child')", None, "set_context Child C"),
    stops(
        "what is set after the child does not matter to it",
        "run_flow('Child')\nset_context('role', 'x')",
        None,
        "Child set_context",
        child=BY_ROLE,
    ),
    stops(
        "Serial: what one element's step set on another",
        "run_task('A', element='E2')\nrun_flow('Child')",
        Stop(2, 2, []),
        "A Child A Child",
        child=BY_ROLE,
        saving="A",
        mode="serial",
    ),
]

STOPS: list[Case] = [*BRANCHES, *RAISING, *NAMES, *PASSED_ON, *KINDS, *REACH, *WHO, *SETTINGS]
