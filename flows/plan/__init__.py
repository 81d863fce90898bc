"""The plan of a flow: the waves that will run if nothing fails, found by running the engine itself (R40)."""

from flows.plan.departing import Departure, Start, departure
from flows.plan.difference import difference
from flows.plan.making import Effort, PlanRefused, make_plan
from flows.plan.stored import packed, unpacked
from flows.plan.wave import Plan, PlanWave, StopsAt

__all__ = [
    "Departure",
    "Effort",
    "Plan",
    "PlanRefused",
    "PlanWave",
    "Start",
    "StopsAt",
    "departure",
    "difference",
    "make_plan",
    "packed",
    "unpacked",
]
