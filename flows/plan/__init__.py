"""The plan of a flow: the waves that will run if nothing fails, found by running the engine itself (R40)."""

from flows.plan.making import PlanRefused, make_plan
from flows.plan.wave import Plan, PlanWave, StopsAt

__all__ = ["Plan", "PlanRefused", "PlanWave", "StopsAt", "make_plan"]
