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
}
