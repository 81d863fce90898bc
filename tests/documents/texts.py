"""YAML for tests: one small, sound set of documents, and the files that people get wrong."""

from itertools import pairwise

FLEET = """\
kind: Credential
name: ops-key
type: password
password: 5ecret-of-tests
---
kind: Profile
name: linux
connection: {type: ssh, user: ops, credential: ops-key, jump_host: null, sudo: false}
context: {env: prod}
---
kind: Profile
name: here
connection: {type: local}
---
kind: Group
name: patroni
priority: 10
rule: []
context: {cluster: main}
---
kind: Element
name: db1
profile: linux
address: 127.0.0.1
groups: [patroni]
settings: {patroni_leader: replica, net.0.hostname: db1}
---
kind: Element
name: db2
profile: here
groups: [patroni]
---
kind: Flow
name: Rolling restart
mode: serial
target: {profile: linux, groups: [patroni], filters: ["env == prod", "version >= 15"]}
batches: []
soak: 0
workers: {}
refresh: []
lock: exclusive
start_within: null
approvers: {role: operator, count: 1, self: false}
notify: {}
error_threshold: '10%'
inputs: [{name: service, type: string, required: true, default: postgresql}]
processing_script: |
  order_flow_elements(elements, lambda e: e['context']['patroni_leader'] == 'master')
execution_script: |
  run_task('Stop service', service=inputs['service'])
  run_flow('Check')
  sleep(5)
---
kind: Flow
name: Check
mode: parallel
execution_script: log('checked')
---
kind: Task
name: Stop service
class: command
command: systemctl stop {{ inputs.service | quote }}
timeout: 60
retries: 2
retry_delay: 0.5
on_interrupt: retry
inputs: [{name: service, type: string, required: true}]
parse: none
save: {}
"""

TASK = "kind: Task\nname: A\ncommand: 'true'\n"
FLOW = "kind: Flow\nname: F\nmode: serial\nexecution_script: |\n  log('x')\n"
SCHEDULE = FLOW + "---\nkind: Schedule\nname: S\nflow: F\ndays: [sun]\ntimes: ['02:00']\n"
PROFILE = "kind: Profile\nname: p\nconnection: {type: local}\n"


def flow(keys: str = "", script: str = "log('x')") -> str:
    """A flow with more keys before its script."""
    lines = "".join(f"  {line}\n" for line in script.splitlines())
    return f"kind: Flow\nname: F\nmode: serial\n{keys}\nexecution_script: |\n{lines}"


#: A file's text and everything that must be said of it, after the file's name.
BAD: dict[str, tuple[str, list[str]]] = {
    # --- YAML
    "no yaml": ("kind: a: b", ["1: not readable as YAML: mapping values are not allowed in this context"]),
    "control character": (
        "kind: Task\nname: \x01",
        ["2: not readable as YAML: control characters are not allowed"],
    ),
    "open bracket": ("kind: [\n", ["2: not readable as YAML: did not find expected node content"]),
    "duplicate key": (TASK + "name: B\n", ["4: key 'name' is given twice; the first is on line 2"]),
    "duplicate nested key": (
        "kind: Group\nname: g\ncontext:\n  a: 1\n  a: 2\n",
        ["5: key 'a' is given twice; the first is on line 4"],
    ),
    "tag": (
        "kind: Task\nname: !!python/object:os.system x\n",
        ["2: a tag (!...) is not allowed; leave it out, or put the text in quotes"],
    ),
    "merge key": ("kind: Task\n<<: {name: A}\n", ["2: merge keys (<<) are not allowed; repeat the keys"]),
    "alias to itself": (
        "kind: Group\nname: g\ncontext: &c {a: *c}\n",
        ["3: an alias (*...) has no complete value (&...) before it; put a text in quotes"],
    ),
    "alias bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in pairwise("abcdef")),
        ["4: aliases repeat more than 10000 values"],
    ),
    "deep nesting": ("a: " + "[" * 5000 + "]" * 5000, ["1: nested more than 40 levels deep"]),
    "list as key": ("? [a]\n: b\n", ["1: a key must be a single word or text"]),
    "no mapping": ("- a\n- b\n", ["1: expected a mapping that begins with 'kind:'"]),
    # --- kinds
    "no kind": (
        "name: A\n",
        ["1: kind is missing, expected one of Credential, Profile, Group, Element, Task, Flow, Schedule"],
    ),
    "unknown kind": (
        TASK + "---\nkind: Flw\nname: x\n",
        [
            (
                "5: kind is 'Flw', expected one of Credential, Profile, Group, Element, Task, Flow, Schedule; "
                "did you mean 'Flow'?"
            ),
        ],
    ),
    "kind is a list": (
        "kind: [Flow]\n",
        ["1: kind is a list, expected one of Credential, Profile, Group, Element, Task, Flow, Schedule"],
    ),
    "calendar": ("kind: Calendar\nname: s\n", ["1: kind Calendar is not available in this release"]),
    "defined twice": (
        TASK + "---\n" + TASK,
        ["6: Task 'A': is defined twice; the first is at bad.yaml:1"],
    ),
    # --- keys
    "unknown key": (
        "kind: Group\nname: g\npriorty: 1\n",
        [
            (
                "3: Group 'g': priorty is no known key, expected one of name, priority, context, rule; "
                "did you mean 'priority'?"
            )
        ],
    ),
    "unknown nested key": (
        PROFILE.replace("{type: local}", "\n  type: ssh\n  user: ops\n  prt: 22"),
        [
            (
                "6: Profile 'p': connection.prt is no known key, expected one of type, user, port, "
                "credential, host_key_policy, known_hosts, connect_timeout; did you mean 'port'?"
            )
        ],
    ),
    "wrong type": (
        flow("concurrency: many"),
        ["4: Flow 'F': concurrency is 'many', expected a whole number from 1 to 10000"],
    ),
    "yes is no boolean": (
        "kind: Element\nname: e\nprofile: p\nenabled: yes\n---\n" + PROFILE,
        ["4: Element 'e': enabled is 'yes', expected true or false"],
    ),
    "more than a year": (
        TASK + "timeout: 1e300\n",
        ["4: Task 'A': timeout is 1e+300, expected a number of seconds of at most 31622400"],
    ),
    "wrong choice": (
        FLOW.replace("serial", "seriell"),
        ["3: Flow 'F': mode is 'seriell', expected one of serial, parallel; did you mean 'serial'?"],
    ),
    "missing keys": (
        "kind: Flow\nname: F\n",
        [
            "1: Flow 'F': execution_script is missing, expected the steps of the flow",
            "1: Flow 'F': mode is missing, expected one of serial, parallel",
        ],
    ),
    "no name": ("kind: Group\n", ["1: Group: name is missing, expected a text"]),
    "comma in a name": (
        "kind: Element\nname: a,b\nprofile: p\n---\n" + PROFILE,
        ["2: Element 'a,b': name is 'a,b', expected a name without ','"],
    ),
    "threshold": (
        flow("error_threshold: 101%"),
        ["4: Flow 'F': error_threshold is '101%', expected null, a whole number, or a percentage such as '10%'"],
    ),
    "context key": (
        "kind: Group\nname: g\ncontext:\n  a: 1\n  b..c: 2\n",
        [
            (
                "3: Group 'g': context: the key 'b..c' has an empty part or blanks around it, expected names joined by "
                "dots: net.0.hostname"
            )
        ],
    ),
    "context key below a value": (
        "kind: Group\nname: g\ncontext:\n  a: 1\n  a.b: 2\n",
        ["5: Group 'g': context.a.b: 'a.b' stands below 'a', which has a plain value; give only one"],
    ),
    "nul character": (
        'kind: Group\nname: g\ncontext:\n  a: ["x\\0"]\n',
        ["3: Group 'g': context has a NUL character, which no database and no shell can hold"],
    ),
    "reserved input": (
        TASK + "inputs:\n- name: timeout\n",
        ["5: Task 'A': inputs.0.name is 'timeout', expected a name that run_task does not use itself"],
    ),
    "save without data": (
        TASK + "save:\n  a: output\n  b: data.x\n",
        ["6: Task 'A': save.b is 'data.x', but without parse there is no data: add parse: json, or save from output"],
    ),
    "choice without choices": (
        TASK + "inputs:\n- name: colour\n  type: choice\n",
        [
            (
                "5: Task 'A': inputs.0.choices is None, expected a list of different texts, at least one, "
                "such as [blue, green]"
            )
        ],
    ),
    "secret with a default": (
        flow("inputs:\n- name: password\n  type: secret\n  default: hunter22"),
        ["7: Flow 'F': inputs.0.default is given, expected none: anybody could read it; give the secret at the start"],
    ),
    "choice that is none": (
        TASK + "inputs:\n- name: colour\n  type: choice\n  choices: [blue, green]\n  default: gren\n",
        ["8: Task 'A': inputs.0.default is 'gren', expected one of blue, green"],
    ),
    "empty target": (
        flow("target: {groups: []}"),
        ["4: Flow 'F': target selects nothing: choose a profile, groups or filters, or the whole fleet (all: true)"],
    ),
    "all and more": (
        flow("target:\n  groups: [g]\n  all: true") + "---\nkind: Group\nname: g\n",
        [
            "6: Flow 'F': target.all selects every enabled element, expected no profile, groups or filters beside it",
        ],
    ),
    # --- references
    "unknown profile": (
        "kind: Element\nname: e\nprofile: linx\n---\n" + PROFILE.replace("name: p", "name: linux"),
        ["3: Element 'e': there is no profile 'linx'; did you mean 'linux'?"],
    ),
    "unknown groups": (
        flow("target:\n  groups: [g]\n") + "---\nkind: Element\nname: e\nprofile: p\ngroups: [h]\n---\n" + PROFILE,
        ["5: Flow 'F': there is no group 'g'", "13: Element 'e': there is no group 'h'"],
    ),
    "unknown credential": (
        PROFILE.replace("{type: local}", "{type: ssh, user: ops, credential: k}"),
        ["3: Profile 'p': there is no credential 'k'"],
    ),
    "credential that opens no connection": (
        PROFILE.replace("{type: local}", "{type: ssh, user: ops, credential: k}")
        + "---\nkind: Credential\nname: k\ntype: token\ntoken: x\n",
        ["3: Profile 'p': credential 'k' is of type token, expected ssh_key or password"],
    ),
    "no address": (
        PROFILE.replace("{type: local}", "{type: ssh, user: ops}") + "---\nkind: Element\nname: e\nprofile: p\n",
        ["5: Element 'e': address is missing, expected one because profile 'p' connects by ssh"],
    ),
    "long address": (
        f"kind: Element\nname: e\nprofile: p\naddress: {'x' * 256}\n---\n" + PROFILE,
        ["4: Element 'e': address has 256 characters, expected at most 255"],
    ),
    # --- credentials
    "credential without values": (
        "kind: Credential\nname: k\ntype: basic\nusername: u\n",
        ["1: Credential 'k': password is missing, expected a text, {env: NAME} or {file: PATH}"],
    ),
    "credential type": (
        "kind: Credential\nname: k\ntype: key\n",
        ["3: Credential 'k': type is 'key', expected one of ssh_key, password, token, basic; did you mean 'ssh_key'?"],
    ),
    "no such variable": (
        "kind: Credential\nname: k\ntype: token\ntoken: {env: FLOWSITE_NOT_THERE}\n",
        ["4: Credential 'k': token: the environment has no variable 'FLOWSITE_NOT_THERE', or it is empty"],
    ),
    "no such file": (
        "kind: Credential\nname: k\ntype: token\ntoken: {file: /nowhere/token}\n",
        ["4: Credential 'k': token: cannot read the file '/nowhere/token': No such file or directory"],
    ),
    # --- filters, templates, scripts
    "filter": (
        flow("target:\n  filters:\n  - env == prod\n  - env = prod"),
        [
            (
                "7: Flow 'F': filter 'env = prod', character 5: found '=', expected one of == != <= >= < > in contains "
                "matches exists; did you mean ==?"
            )
        ],
    ),
    "template": (
        "kind: Task\nname: A\ncommand: |\n  cd /\n  echo {{ inputs.x | qote }}\n",
        ["5: Task 'A': command: no filter 'qote'; did you mean 'quote'?"],
    ),
    "template syntax": (
        "kind: Task\nname: A\ncommand: |\n  cd /\n  {% if x %}\n",
        [
            (
                "5: Task 'A': command: Unexpected end of template. Jinja was looking for the following tags: 'elif' or "
                "'else' or 'endif'. The innermost block that needs to be closed is 'if'."
            )
        ],
    ),
    "script syntax": (
        flow(script="\nlog('a')\n  log('b')"),
        ["8: Flow 'F': execution_script: not valid Python 3.11: unexpected indent"],
    ),
    "script in quotes": (
        "kind: Flow\nname: F\nmode: serial\nexecution_script: \"sleep('x')\\nlog('x', 2)\"\n",
        [
            "4: Flow 'F': execution_script, line 1: sleep takes a number of seconds, 0 or more, not 'x'",
            "4: Flow 'F': execution_script, line 2: log takes the message as its one argument: write log(message)",
        ],
    ),
    "step in the processing script": (
        flow("processing_script: |\n  # sorts\n  sleep(1)"),
        [
            (
                "6: Flow 'F': processing_script: a processing script runs before the first step: call sleep in the "
                "execution script"
            )
        ],
    ),
    "unknown task": (
        flow(script="# first\nrun_task('Stp')") + "---\n" + TASK.replace("name: A", "name: Stop"),
        ["7: Flow 'F': execution_script: there is no task 'Stp'; did you mean 'Stop'?"],
    ),
    "unknown input": (
        flow(script="run_task('A', servce=1)") + "---\n" + TASK + "inputs: [{name: service}]\n",
        ["6: Flow 'F': execution_script: the task 'A' declares no input 'servce'; did you mean 'service'?"],
    ),
    "input of a wrong type": (
        flow(script="run_task('A', size='5')") + "---\n" + TASK + "inputs: [{name: size, type: integer}]\n",
        ["6: Flow 'F': execution_script: the task 'A': input 'size' is '5', expected a whole number"],
    ),
    "own input that is not declared": (
        flow(script="log(inputs['servce'])") + "inputs: [{name: service}]\n",
        ["6: Flow 'F': execution_script: this flow declares no input 'servce'; did you mean 'service'?"],
    ),
    "step with a wrong argument": (
        flow(script="sleep('x')"),
        ["6: Flow 'F': execution_script: sleep takes a number of seconds, 0 or more, not 'x'"],
    ),
    "cycle": (
        flow(script="log('x')\nrun_flow('G')")
        + "---\n"
        + FLOW.replace("name: F", "name: G").replace("log('x')", "run_flow('F')"),
        ["7: Flow 'F': execution_script: the flows call each other in a circle: F -> G -> F"],
    ),
    # --- schedules
    "a schedule of nothing": (
        SCHEDULE.replace("flow: F", "flow: G"),
        ["9: Schedule 'S': there is no flow 'G'"],
    ),
    "a schedule without a flow": (
        "kind: Schedule\nname: S\ncron: 0 2 * * *\n",
        ["1: Schedule 'S': flow is missing, expected a text"],
    ),
    "a schedule that says what cannot be": (
        SCHEDULE.replace("sun", "sunday")
        + "timezone: Mars/Olympus\nmissed: {within: 5}\noverlap: never\nstart: 24.12.2026\nversion: newest\n",
        [
            "10: Schedule 'S': days: found ['sunday'], expected a list of mon, tue, wed, thu, fri, sat, sun",
            (
                "12: Schedule 'S': timezone: found 'Mars/Olympus', expected a name of the time zone database such as "
                "Europe/Madrid or UTC"
            ),
            "13: Schedule 'S': missed: found {'within': 5}, expected \"skip\" or {\"within_minutes\": 30}",
            "14: Schedule 'S': overlap is 'never', expected one of skip, queue, allow",
            "15: Schedule 'S': start is '24.12.2026', expected a date such as 2026-12-24",
            "16: Schedule 'S': version: found 'newest', expected \"latest\" or the number of a version",
        ],
    ),
    "a schedule that ends before it starts": (
        SCHEDULE + "start: 2026-12-24\nend: 2026-12-23\n",
        ["13: Schedule 'S': end: found 2026-12-23, expected a date that is not before start, 2026-12-24"],
    ),
    "a schedule with an input that its flow does not declare": (
        SCHEDULE + "inputs:\n  service: x\n",
        ["13: Schedule 'S': input 'service' is not declared by the flow, which takes none"],
    ),
    # --- all problems of all documents, none of them twice
    "a broken task is still there": (
        TASK.replace("'true'", "''") + "---\n" + flow(script="run_task('A', x=1)\nrun_task('B')"),
        [
            "3: Task 'A': command is '', expected a text that is not empty",
            "11: Flow 'F': execution_script: there is no task 'B': create the task, or correct the name",
        ],
    ),
}

#: A key of a later release with a value that is not "off": its document, the line, and the key's name.
LATER: dict[str, tuple[str, int, str]] = {
    "workers": (flow("workers: {zone: eu}"), 4, "workers is"),
    "lock": (flow("lock: shared"), 4, "lock is"),
    "start_within": (flow("start_within: 5"), 4, "start_within is"),
    "approvers": (flow("approvers: {role: operator, count: 2}"), 4, "approvers is"),
    "notify": (flow("notify: {on: [failed], by: [A]}"), 4, "notify is"),
    "stop_new_after": (SCHEDULE + 'stop_new_after: "06:00"\n', 12, "stop_new_after is"),
    "calendar": (SCHEDULE + "blackout: [{calendar: holidays}]\n", 12, "a calendar is"),
    "rule": ("kind: Group\nname: g\nrule: ['a == b']\n", 3, "rule is"),
    "jump_host": (PROFILE.replace("local", "ssh, user: ops, jump_host: b"), 3, "connection.jump_host: 'b' is"),
    "sudo": (PROFILE.replace("local", "ssh, user: ops, sudo: true"), 3, "connection.sudo: True is"),
    "parse": (TASK + "parse: {type: regex}\n", 4, "parse: {'type': 'regex'} is"),
    "http": ("kind: Task\nname: A\nclass: http\nmethod: GET\nurl: http://x\n", 3, "class: 'http' is"),
    "notification": ("kind: Task\nname: A\nclass: notification\n", 3, "class: 'notification' is"),
}
