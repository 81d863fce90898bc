"""R43: what a template sees, what it may do, and what is said when it is wrong."""

import time
from typing import Any

import pytest

from flows.tasks.template import TemplateFault, check_template, render

NAMES: dict[str, Any] = {
    "net": {"0": {"hostname": "h1"}, "items": "won", "1": {"2": "deep"}},
    "disks": [{"name": "sda"}, {"name": "sdb"}],
    "empty": None,
    "inputs": {"service": "a b; reboot", "count": 3, "force": True},
    "element": {"name": "db1", "groups": ["prod", "eu west"]},
    "run": {"id": 7},
    "steps": {"Read": {"output": "x\n", "ok": True}},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ net.0.hostname }} {{ net['1']['2'] }} {{ net.1.2 }}", "h1 deep deep"),
        ("{{ net.items }}", "won"),
        ("{{ inputs.items() | list | length }}", "3"),
        ("{{ disks.0.name }} {{ disks | map(attribute='name') | join(',') }}", "sda sda,sdb"),
        ("systemctl stop {{ inputs.service | quote }}", "systemctl stop 'a b; reboot'"),
        ("{{ element.groups | map('quote') | join(' ') }}", "prod 'eu west'"),
        ("{{ steps.Read.output | trim }} {{ run.id }} {{ inputs.force }}", "x 7 True"),
        ("{{ nothing | default('none') }} {{ empty | default('-', true) }}", "none -"),
        ("{% if inputs.other is defined %}a{% else %}b{% endif %}", "b"),
        (
            "{% for disk in disks %}{{ loop.index }}{{ disk.name }}{% if not loop.last %},{% endif %}{% endfor %}",
            "1sda,2sdb",
        ),
        ("{{ 'é✓' | quote }} {{ disks | tojson }}", "'é✓' " + '[{"name": "sda"}, {"name": "sdb"}]'),
        ("{% macro unit(name) %}{{ name }}.service{% endmacro %}{{ unit('ssh') }}", "ssh.service"),
        ("awk '{ print $1 }' ${HOME} {% raw %}{{ x }}{% endraw %}", "awk '{ print $1 }' ${HOME} {{ x }}"),
    ],
)
def test_r43_a_template_renders(text: str, expected: str) -> None:
    assert render(text, NAMES, task="T", element="db1") == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ elemen.name }}", "line 1: no name 'elemen'; did you mean 'element'?"),
        ("a\n\n{{ inputs.servce }}", "line 3: no key 'servce' (its keys: count, force, service)"),
        ("{{ inputs.service.foo }}", "a str has no 'foo'"),
        ("{{ element.groups }}", "the value is a list"),
        ("{{ empty }}", "the value is null"),
        ("{{ empty | quote }}", "the value is null"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 'a\\0b' }}", "NUL"),
        ("{{ ''.__class__ }}", "not allowed in a template"),
        ("{{ element.groups.append('x') }}", "not allowed in a template"),
        ("{{ '%99999999d' % 1 }}", "does not format texts"),
        ("{{ '{:>99999999}'.format(1) }}", "not allowed in a template"),
        ("{{ 'a'.ljust(10 ** 10) }}", "not allowed in a template"),
        ("{{ (5).to_bytes(10 ** 10) }}", "not allowed in a template"),
        ("{{ run.id.real.__init__ }}", "not allowed in a template"),
        ("{{ 'x' * 10 ** 10 }}", "too much for a template"),
        ("{{ 9 ** 9 ** 9 ** 9 ** 9 }}", "too much for a template"),
        ("{{ range(10 ** 9) | list }}", "Range too big"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "loop rounds"),
        ("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}", "too much for a template"),
        ("{% for a in range(9999) %}{{ 'x' * 100 }}{% endfor %}", "a command of more than 131,071 bytes"),
        (
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
            "too much for a template",
        ),
        (
            "{% set n = namespace(x=1) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{n.x|tojson}}",
            "too much for a template",
        ),
        (
            "{% set n = namespace(x='xx') %}{% for i in range(99) %}{% set n.x = [n.x, n.x] | join %}{% endfor %}",
            "too much for a template",
        ),
    ],
)
def test_r43_what_cannot_be_rendered_names_task_element_and_cause(text: str, says: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateFault) as caught:
        render(text, NAMES, task="Stop service", element="db1")
    assert str(caught.value).startswith("template of task 'Stop service' for db1")
    assert says in str(caught.value)
    assert time.process_time() - began < 2


def test_a_rendering_changes_nothing_that_it_saw() -> None:
    context = {"xs": [1], "d": {"a": 1}}
    for text in ("{{ xs.append(2) }}", "{{ d.update(b=2) }}", "{{ d.pop('a') }}"):
        with pytest.raises(TemplateFault):
            render(text, context, task="T", element="db1")
    assert context == {"xs": [1], "d": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("systemctl stop {{ inputs.service | quote }}", []),
        ("sleep {{ inputs.seconds | int }} {{ 'x' if a else 'y' }}", []),
        ("{{ xs | map('quote') | join(' ') }}", []),
        ("a\nb {{ x }}", [(2, "warning", "a value without | quote")]),
        ("{{ x | quot }}", [(1, "error", "no filter 'quot'; did you mean 'quote'?"), (1, "warning", "quote")]),
        ("\n{{ x", [(2, "error", "unexpected end of template")]),
        ("{% if x %}", [(1, "error", "endif")]),
        ("{% if x is defned %}{% endif %}", [(1, "error", "no test 'defned'; did you mean 'defined'?")]),
        ("{% include 'other' %}", [(1, "error", "'include' is not possible")]),
    ],
)
def test_r43_a_check_names_line_and_cause(text: str, problems: list[tuple[int, str, str]]) -> None:
    found = check_template(text)
    assert [(problem.line, problem.severity) for problem in found] == [problem[:2] for problem in problems]
    for problem, (_, _, says) in zip(found, problems, strict=True):
        assert says in problem.message
