"""What scripts see of settings that steps write on the way (R2)."""

import pytest

from elements.operations import save_element, save_profile
from flows import wiring
from flows.models import StepRun
from flows.operations.catalog import publish_flow
from flows.operations.runs import start_run
from flowsite.kernel.access import SYSTEM

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CHILD = """\
log(element['name'] + ' is ' + str(element['context']['rank']))
"""
PARENT = """\
set_context('rank', 10 - element['context']['rank'])
log(element['name'] + ' was ' + str(element['context']['rank']))
run_flow('Child')
log(element['name'] + ' has ' + str(get_context()['rank']))
"""


def test_r2_a_run_keeps_the_context_of_its_start_and_a_child_has_that_of_its_own() -> None:
    """R2, R4, R9: what the parent wrote orders and filters the child, and changes nothing in the parent itself."""
    save_profile(name="here", connection={"type": "local"}, context={}, by=SYSTEM)
    for rank, name in enumerate(("E1", "E2", "E3"), start=1):
        save_element(name=name, profile="here", address="", enabled=True, groups=[], settings={"rank": rank}, by=SYSTEM)
    publish_flow(
        name="Child",
        definition={"mode": "serial"},
        processing_script=(
            "order_flow_elements(elements, lambda e: e['context']['rank'])\n"
            "filter_flow_elements(elements, lambda e: e['context']['rank'] < 9)"
        ),
        execution_script=CHILD,
        by=SYSTEM,
    )
    publish_flow(
        name="Parent",
        definition={"mode": "parallel", "target": {"all": True}},
        processing_script="",
        execution_script=PARENT,
        by=SYSTEM,
    )
    run = start_run(flow="Parent", by=SYSTEM, enqueue=False)
    assert wiring.advance(run.pk) == "ended"
    run.refresh_from_db()
    assert run.state == "succeeded", run.reason
    assert list(StepRun.objects.filter(step="log").order_by("pk").values_list("name", flat=True)) == [
        *("E1 was 1", "E2 was 2", "E3 was 3"),
        *("E3 is 7", "E2 is 8"),
        *("E1 has 9", "E2 has 8", "E3 has 7"),
    ]
