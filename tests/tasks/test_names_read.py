"""R43: which names a template reads that nobody may have."""

import pytest

from flows.tasks.names_read import names_read


@pytest.mark.parametrize(
    ("text", "inputs", "names"),
    [
        ("plain", "", ""),
        ("restart {{ service }}", "", "service"),
        ("restart {{ inputs.service | quote }} {{ inputs['port'] }}", "service port", ""),
        ("{{ element.name }} {{ element.context.zone }} {{ run.id }} {{ steps.Read.output }}", "", ""),
        ("{{ net.0.hostname }} {{ zone ~ 'text' }}", "", "net zone"),
        ("{% set x = inputs.a %}{{ x }}{% for y in disks %}{{ loop.index }} {{ y.name }}{% endfor %}", "a", "disks"),
        ("{% macro unit(name) %}{{ name }}.service{% endmacro %}{{ unit('ssh') }}", "", ""),
        ("{% for i in range(3) %}{{ i }}{% endfor %}{{ dict(a=1) }}", "", ""),
        ("{{ inputs.a | default('x') }}{% if inputs.b is defined %}{{ inputs.b }}{% endif %}{{ c | d(1) }}", "", ""),
        ("{% for key, value in inputs.items() %}{{ key }}{% endfor %}", "", ""),
        ("{% raw %}{{ x }}{% endraw %}{# {{ y }} #}", "", ""),
        ("half {{ inputs.a", "", ""),
    ],
)
def test_inputs_and_other_names_are_told_but_for_those_that_may_be_missing(text: str, inputs: str, names: str) -> None:
    assert names_read(text) == (frozenset(inputs.split()), frozenset(names.split()))
