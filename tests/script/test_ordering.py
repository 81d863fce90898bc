"""Processing scripts in a few words, and the facts of elements that they read."""

import pytest

from flows.script.ordering import told, words_of

C = "x['context']"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", ""),
        ("# nothing\n", ""),
        ("pass", ""),
        (f"order_flow_elements(elements, lambda x: {C}['patroni_leader'] == 'master')", "patroni_leader master last"),
        (
            f"f = lambda x: 1 if {C}['patroni_leader'] == 'master' else 0\norder_flow_elements(elements, f, False)",
            "patroni_leader master last",
        ),
        (
            f"def leader(x):\n    return {C}['patroni_leader'] == 'master'\norder_flow_elements(elements, leader)",
            "patroni_leader master last",
        ),
        (f"order_flow_elements(elements, lambda x: {C}['role'] == 'master', reverse=True)", "role master first"),
        (f"order_flow_elements(elements, lambda x: {C}['role'] != 'master')", "role not master last"),
        (f"order_flow_elements(elements, lambda x: 0 if {C}['role'] == 'master' else 1)", "role master first"),
        (f"order_flow_elements(elements, lambda x: 0 if {C}['role'] == 'a' else 1, True)", "role a last"),
        (f"order_flow_elements(elements, lambda x: not {C}['role'] == 'master')", "role master first"),
        (f"order_flow_elements(elements, lambda x: 1 if {C}.get('primary') else 0)", "primary last"),
        (f"order_flow_elements(elements, lambda x: {C}['version'])", "by version"),
        (f"order_flow_elements(elements, key=lambda x: {C}['version'], reverse=True)", "by version, largest first"),
        (f"order_flow_elements(elements, lambda x: -{C}['version'])", "by version, largest first"),
        (f"order_flow_elements(elements, lambda x: int({C}.get('net.0', 0)))", "by net.0"),
        (f"order_flow_elements(elements, lambda x: ({C}['zone'], {C}['version']))", "by zone, then version"),
        (
            f"order_flow_elements(elements, lambda x: ({C}['zone'], -{C}['v'], {C}['role'] == 'master'))",
            "by zone, then v, largest first, then role master last",
        ),
        (
            f"order_flow_elements(elements, lambda x: ({C}['role'] == 'master', {C}['zone']))",
            "role master last, then by zone",
        ),
        ("order_flow_elements(elements, lambda x: x['name'])", "by name"),
        ("order_flow_elements(elements, lambda x: len(x['groups']))", "by number of groups"),
        ("order_flow_elements(elements, lambda e: e['context']['net']['0']['zone'])", "by net.0.zone"),
        (f"elements.sort(key=lambda x: {C}['zone'])", "by zone"),
        (f"elements = sorted(elements, key=lambda x: {C}['zone'], reverse=True)", "by zone, largest first"),
        (f"filter_flow_elements(elements, lambda x: {C}['env'] == 'prod')", "only env prod"),
        (f"filter_flow_elements(elements, lambda x: {C}['env'] in ('prod', 'qa'))", "only env prod or qa"),
        (f"filter_flow_elements(elements, lambda x: {C}['version'] >= 15)", "only version >= 15"),
        (f"filter_flow_elements(elements, lambda x: not {C}['version'] >= 15)", "only version < 15"),
        (f"filter_flow_elements(elements, lambda x: {C}['env'] == inputs['env'])", "only env input env"),
        ("filter_flow_elements(elements, lambda x: 'patroni' in x['groups'])", "only group patroni"),
        ("filter_flow_elements(elements, lambda x: 'patroni' not in x['groups'])", "only not group patroni"),
        (f"filter_flow_elements(elements, lambda x: 'role' in {C})", "only with role"),
        (f"filter_flow_elements(elements, lambda x: 'a' in {C}['tags'])", "only tags with a"),
        ("filter_flow_elements(elements, lambda x: x['name'] != 'db1')", "only not db1"),
        (
            f"filter_flow_elements(elements, lambda x: {C}['env'] == 'prod' and {C}['zone'] == 'eu')",
            "only env prod and zone eu",
        ),
        (
            f"filter_flow_elements(elements, lambda x: not ({C}['env'] == 'prod' and {C}['zone'] == 'eu'))",
            "only env not prod or zone not eu",
        ),
        (f"elements = [x for x in elements if {C}['env'] == 'prod']", "only env prod"),
        (f"elements[:] = [x for x in elements if {C}['up']]", "only up"),
        ("elements = elements[:3]", "first 3"),
        ("elements = elements[:inputs['count']]", "first input count"),
        ("elements = elements[-3:]", "last 3"),
        ("elements = elements[1:]", "without the first"),
        ("elements = elements[:-2]", "without the last 2"),
        ("elements = elements[::-1]", "reversed"),
        ("elements.reverse()", "reversed"),
        ("elements = list(reversed(elements))", "reversed"),
        (
            f"filter_flow_elements(elements, lambda x: {C}['a'] == 'b')\nelements.reverse()\nelements = elements[:3]",
            "only a b, reversed, first 3",
        ),
        ("for x in list(elements):\n    # why\n    elements.remove(x)\n", "by a script of 2 lines"),
        (f"order_flow_elements(elements, lambda x: hash({C}['a']))", "by a script of 1 line"),
        (f"order_flow_elements(elements, lambda x: {C}['a'], reverse=inputs['r'])", "by a script of 1 line"),
        ("elements = elements[:3]\nelements.pop()", "by a script of 2 lines"),
        ("elements = (", "by a script of 1 line"),
    ],
)
def test_a_processing_script_is_told_in_a_few_words(script: str, words: str) -> None:
    assert words_of(script) == words


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        (f"order_flow_elements(elements, lambda x: ({C}['zone'], {C}['net']['0']))", ["zone", "net.0"]),
        (f"filter_flow_elements(elements, lambda x: {C}.get('a', {C}['b']) and 'c' in {C})", ["a", "b", "c"]),
        (
            "for e in elements:\n    c = e['context']\n    if c['role'] == c.get('other'):\n        pass",
            ["role", "other"],
        ),
        (f"filter_flow_elements(elements, lambda x: {C}[inputs['key']])", []),
        ("filter_flow_elements(elements, lambda x: x['groups'] and x['name'])", ["own groups", "own name"]),
    ],
)
def test_the_facts_that_it_reads_are_told_in_their_order(script: str, keys: list[str]) -> None:
    assert [("own " if key.is_own else "") + key.name for key in told(script).keys] == keys


def test_a_statement_knows_what_it_keeps_and_what_its_functions_read() -> None:
    is_prod = f"is_prod = lambda x: {C}['env'] == 'prod'"
    script = f"{is_prod}\nfilter_flow_elements(\n    elements, is_prod)\nelements = elements[:2]"
    found = told(script)
    kept, cut = found.at(3), found.at(4)
    assert kept is not None
    assert (kept.drops, [key.name for key in kept.keys]) == ("keeps only env prod", ["env"])
    assert cut is not None
    assert (cut.drops, cut.keys) == ("keeps the first 2", ())
    assert found.at(9) is None
