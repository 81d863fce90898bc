"""The example flows as anybody would use them: applied, and planned by the command's own way."""

import pytest

from flows.operations.plan import plan_flow
from tests.examples.examples import example, store
from tests.examples.planning import plan_of

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

FLOWS = {
    "patroni": "Patroni rolling restart",
    "kernel": "Kernel patch",
    "certificates": "Certificate rotation",
    "bluegreen": "Blue green",
    "backups": "Check everything",
    "remediate": "Remediate what fails",
}
INPUTS = {"bluegreen": {"version": "7"}}


@pytest.mark.slow
def test_all_of_them_are_stored_side_by_side_and_planned_alike() -> None:
    """R3, R40: the plan over the database is the one that the other tests hold runs against."""
    for document in FLOWS:
        store(document)
    for document, flow in FLOWS.items():
        inputs = INPUTS.get(document, {})
        told = plan_flow(flow=flow, inputs=inputs)
        expected = plan_of(example(document, flow), inputs)
        assert (told.waves, told.elements, told.hash) == (expected.waves, expected.elements, expected.hash)
        assert told.complete
