"""Scripts as people write them, and as they had better not: each must come back from blocks byte for byte."""

SCRIPTS = {
    "empty": "",
    "only_blank_lines": "\n\n  \n",
    "only_a_comment": "# nothing to do yet",
    "no_newline_at_the_end": "sleep(5)",
    "blank_lines_at_the_end": "sleep(5)\n\n\n",
    "spaces_at_the_end": "sleep(5)  \n   \n  ",
    "windows_line_ends": "if current == first:\r\n    log('a')\r\n\r\n# b\r\nsleep(5)\r\n",
    "mixed_line_ends": "log('a')\rlog('b')\r\nlog('c')\n",
    "seed_processing": (
        "sort_function = lambda x: 1 if x['context']['patroni_leader'] == 'master' else 0\n"
        "order_flow_elements(elements, sort_function, reverse=False)\n"
    ),
    "one_line_processing": "order_flow_elements(elements, lambda e: e['context']['a']['b'], reverse=True)\n",
    "filter_and_sort": (
        "filter_flow_elements(elements, lambda e: e['context']['env'] == 'prod' and 'pg' in e['groups'])\n"
        "elements = order_flow_elements(elements, lambda e: -e['context']['weight'])\n"
    ),
    "patroni": """if current == last:
    run_task('Switchover')
run_task('Restart')
for attempt in range(30):
    if run_task('Health', check=False)['ok']:
        break
    sleep(5)
else:
    fail('not healthy after restart')
""",
    "kernel": """run_task('Install kernel')
run_task('Reboot', check=False)
sleep(30)
for attempt in range(60):
    if run_task('Booted new kernel', check=False)['ok']:
        break
    sleep(10)
else:
    fail('did not come back')
run_task('Smoke test')
""",
    "certificates": """run_task('Save config')
csr = run_task('Make CSR')
cert = run_task('Sign', element='ca1', csr=csr['output'], host=element['name'])
try:
    run_task('Install cert', pem=cert['output'])
    run_task('Verify TLS', retries=3)
except StepFailed as error:
    run_task('Restore config')
    fail('rolled back: ' + str(error))
run_task('Commit')
""",
    "blue_green": """lb = element['context']['lb']
run_task('LB drain', element=lb, backend=element['name'])
try:
    sleep(20)
    run_task('Deploy', version=inputs['version'])
    run_task('Ready', retries=10)
finally:
    run_task('LB enable', element=lb, backend=element['name'])
""",
    "report": """if current == first:
    checks = run_flow('Backup check', elements=elements, check=False)
    run_task('Send report', total=len(elements), bad=checks['failed'], why=checks['messages'])
""",
    "remediate": """if not run_task('Audit', check=False)['ok']:
    run_flow('Remediate', reason='audit')
    run_task('Audit')
log('compliant')
""",
    "names_that_do_not_exist": "run_task('Deleted long ago')\nrun_flow(\"No such flow\", elements=[element, 'db2'])\n",
    "comments_everywhere": """# a head
# of two lines

#without a space
##  with two signs
if current == first:  # the first
    # at the start of a body
    log('a')  # after a statement
    # at the end of a body
  # between two indentations
# before else
else:  # otherwise
    log('b')
        # deeper than its body
# at the end
""",
    "comments_in_brackets": """log([  # a list
    'a',  # first
    # between
    'b',
])  # done
run_task(
    'A',  # which
    check=False,
)
""",
    "comment_without_text": "#\n# \n#  \nlog('a')\n",
    "several_on_a_line": "a = 1; b = 2; log('c')  # three\nif a: log('a'); log('b')\nelse: log('c')  # c\nsleep(1);\n",
    "a_comment_below_a_body_on_its_header": "if current: log('a')\n# here\nelse: log('b')\n    # there\nsleep(1)\n",
    "two_spaces": "if current:\n  for x in elements:\n     log(x)\n  log('b')\n",
    "tabs": "if current:\n\tlog('a')\n\tif last:\n\t\tlog('b')\n",
    "continuation": "x = 1 + \\\n    2\nif current == first \\\n   and last:\n    log('a')\n",
    "a_backslash_before_a_statement": "\\\nx = 1\nif x:\n    log('a')\n",
    "triple_quotes": '''if current:
    log("""first
  second
        third""")
    x = \'\'\'# no comment
\'\'\'
"""a docstring
  with lines"""
''',
    "texts": r"""log('a' "b")
log(r'\d')
log('it\'s')
log("it's")
log('\n\t\x00é☃😀\ud800')
log(u'old')
log(b'bytes')
log(f'{current} of {len(elements)!r:>{last}}')
""",
    "numbers": "x = [0, -1, 1_000, 0x1F, 1e3, .5, 1j, 1e999, -0.0]\n",
    "wide_characters": "log('😀'); log('é')  # ☃\nif 'é' in inputs['ü']: log('😀')  # é\n",
    "precedence": """x = (a or b) and not (c and d)
y = (1 + 2) * 3 - (4 - (5 - 6))
z = (x if y else 1)['a']
w = not (a == b) == c
v = -(1 + 2) * (-1)
u = (lambda q: q)(1)
t = (a, b), (c,), ()
s = (a and b) or (c or d)
r = [(yield_ := 1), (a, b)]
""",
    "elif_and_else_if": """if a:
    log('a')
elif b:
    log('b')
else:
    if c:
        log('c')
    elif d:
        log('d')
    else:
        log('e')
""",
    "loops": """for a, (b, c) in []:
    pass
for a, b in inputs['pairs']:
    continue
else:
    pass
for i in range(1, 3):
    pass
while not run_task('Ready', check=False)['ok']:
    sleep(1)
else:
    log('ready')
for x, in [(1,)]:
    pass
for x in 1, 2:
    pass
""",
    "unknown_code": """import math


def worst(values):
    # the largest
    return max(values)


class A:

    x = 1

with open as f: pass
match inputs['x']:
    case {'a': 1}:  # one
        log('a')
    case _:
        run_task('B')
x: int = 1
x = y = 2
x[0], element.y = 1, 2
del x
@worst
def other(): ...
""",
    "unknown_expressions": """x = {'a': 1, **inputs}
x = [*elements, 1]
x = sum(e['id'] for e in elements)
x = 1 < current < 3
run_task('A', **inputs)
run_task(*x)
x = elements[1:]
x = x[1:2, 3]
x += [1]
x **= 2
y = x.a.b(c)[d]
""",
    "context": """x = element['context']['a']['b']
x = element['context']
x = element['context']['a.b']['']
x = elements[0]['context']['net']['0']['hostname']
x = x['context']['context']['a']
x = x['y']['context']['a']
""",
    "steps_in_expressions": """x = run_task('A')['ok'] and run_task(name, a=1)['ok'] or not run_flow('F')['ok']
log(f"{run_task('B')['output']}")
x = [run_task('C'), {'d': run_task('D')}]
try:
    run_task('E')
except (StepFailed, KeyError):
    pass
except Exception as e: log(str(e))
else:
    log('fine')
finally:
    sleep(1)
""",
    "form_feed": "x = 1\n\x0c\ny = 2\n",
    "star_except": "try:\n    log('a')\nexcept* ValueError:\n    pass\n",
    "order_of_a_cluster": """# replicas first, the leader of each cluster last
filter_flow_elements(elements, lambda e: e['context']['env'] == 'prod')
order_flow_elements(elements, lambda e: (e['context']['cluster'], e['context']['role'] == 'leader', e['name']))
elements = elements[:inputs['at_most']]
elements.reverse()
""",
    "order_by_a_function": """def weight(element):
    # leaders are heavy
    if element['context'].get('role') == 'leader':
        return 10
    return element['context'].get('weight', 1)


order_flow_elements(elements, lambda e: -weight(e))
""",
    "only_a_share": """half = len(elements) // 2
elements = elements[:max(half, 1)]
""",
    "canary": """if current == first:
    run_task('Deploy', version=inputs['version'])
    sleep(300)
    errors = int(run_task('Count errors')['output'].strip())
    if errors > inputs['most_errors']:
        abort(f"{errors} errors in 5 minutes on {element['name']}: at most {inputs['most_errors']} are fine")
    approve(f"version {inputs['version']} works on {element['name']}: go on with {last} others?")
else:
    run_task('Deploy', version=inputs['version'])
""",
    "disk_space": """facts = run_task('Disk')['data']
full = [disk['mount'] for disk in facts['disks'] if disk['used_percent'] > 90]
if full:
    log(f"{', '.join(full)} are nearly full")
    run_task('Clean logs', mounts=full)
    left = [disk for disk in run_task('Disk')['data']['disks'] if disk['used_percent'] > 90]
    assert not left, f"still full: {len(left)} of {len(full)}"
finish(f'{len(full)} cleaned')
""",
    "wait_until_ready": """tries = 0
while not run_task('Ready', check=False)['ok']:
    tries += 1
    if tries >= 30:
        fail(f"not ready after {tries} tries")
    sleep(min(2 ** tries, 60))
log(f'ready after {tries}')
""",
    "count_versions": """counts = {}
for e in elements:
    version = e['context'].get('version', 'unknown')
    counts[version] = counts.get(version, 0) + 1
for version, count in counts.items():
    log(f'{version}: {count}')
oldest = sorted(counts)[0]
set_context('oldest', oldest)
""",
    "maintenance_window": """name = element['name'].upper()
run_task('Silence alerts', name=name, minutes=30)
try:
    run_task('Stop')
    run_task('Patch', timeout=1800)
    run_task('Start')
except StepFailed as error:
    log(f'{name} failed: {error}')
    raise
finally:
    run_task('Unsilence alerts', name=name)
""",
    "retry_by_hand": """for attempt in range(1, 4):
    try:
        run_task('Failover')
        break
    except StepFailed as error:
        if attempt == 3:
            raise StepFailed(f'gave up after {attempt}: {error}')
        sleep(attempt * 10)
""",
    "children_in_groups": """clusters = {e['context']['cluster']: [] for e in elements}
for e in elements:
    clusters[e['context']['cluster']].append(e['name'])
if current == first:
    failed = []
    for cluster in sorted(clusters):
        result = run_flow('Upgrade cluster', elements=clusters[cluster], check=False, cluster=cluster)
        if not result['ok']:
            failed.extend(result['failed'])
    assert len(failed) == 0, 'failed: ' + ', '.join(failed)
""",
    "read_a_report": """lines = run_task('Report')['output'].splitlines()
errors = [line.strip() for line in lines if line.startswith('ERROR')]
numbers = [float(line.split(':')[1]) for line in lines if ':' in line]
log(f'{len(errors)} errors, mean {round(sum(numbers) / len(numbers), 1)}, worst {max(numbers)}')
if any('disk' in line.lower() for line in errors):
    run_task('Check disk')
""",
    "replace_in_names": """backup = element['name'].replace('db', 'backup')
if not backup.endswith('1'):
    backup = backup[:-1] + '1'
run_task('Copy', element=backup, source=element['address'])
""",
    "switch_over": """cluster = element['context']['cluster']
peers = [e for e in elements if e['context']['cluster'] == cluster and e['id'] != element['id']]
leader = get_context()['role'] == 'leader'
if leader and peers:
    target = peers[-1:][0]['name']
    answer = approve(f'make {target} the leader?', check=False)
    if not answer['ok']:
        finish('left as it is: ' + (answer['comment'] or 'no answer'))
    run_task('Switchover', to=target)
""",
    "every_second": """for number, other in enumerate(elements[::-1]):
    if number % 2:
        continue
    log(f'{number} {other["name"]}')
""",
    "guard": """assert len(elements) > 1, 'alone: there is nobody to take over'
assert all(e['context']['replication'] == 'ok' for e in elements)
def is_safe(e):
    return e['profile'] == 'postgres' and 'prod' not in e['groups']


if not is_safe(element):
    fail(f'{element["name"]} may not be touched')
""",
    "a_table": """PORTS = {'postgres': 5432, 'redis': 6379}
port = PORTS.get(element['profile'])
if port is None:
    finish(f"no port for {element['profile']}")
run_task('Open port', port=port, rule={'from': '10.0.0.0/8', 'comment': f'run {run["id"]} of {run["flow"]}'})
""",
    "changes_in_place": """window = {'start': 22, 'end': 6}
window['end'] += 24
hours = list(range(window['start'], window['end']))
hours.remove(23)
hours.append(hours[0] - 1)
log('hours: ' + ' '.join([str(hour) for hour in hours]))
""",
    "texts_of_every_kind": """log(f'{current + 1}/{len(elements)}')
log(f"{{braces}} and 'quotes' {element['name']!s}")
log(f'{inputs["a"]:>10}')
log(f"tab\\t{element['name']}\\n")
log(f'''{element["context"]["it's"]}
''')
log(f"{'a' if current == last else 'b'}" f'{last}')
log(f'')
""",
    "short_forms": """x = -element['id'] if not current else abs(-5) ** -2
y = (x + 1) // 2 % 3
z = elements[1:3] + elements[-1:] + list([])
w = min(x, y, 3) == max(x, y) or sum([1, 2]) >= sum(e['id'] for e in z)
log(f"{y}") if w else log("no")
""",
    "comments_in_new_blocks": """counts = {
    'a': 1,  # one
    'b': 2,
}  # both
counts['a'] = sum(  # all
    [1, 2],
)
def f(  # a function
    x,
    y,
):  # of two
    return x + y  # together
assert f(1, 2) == 3, (  # sure
    'no'
)
""",
}
