"""What a draft would do, over REST: its plan as a board of elements and step sites (R40), and what its processing
script makes of its elements (R3-R7). Nothing is stored or run.
"""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.api import JsonObject
from flows.adapters.definitions import draft_source
from flows.api.drafts import DraftChangesSerializer
from flows.api.flows import DefinitionProblemSerializer
from flows.api.scripts import AsciiJson
from flows.documents.drafts import check_draft
from flows.documents.nodes import Problem
from flows.documents.stored import stored_world
from flows.models.draft import FlowDraft
from flows.operations.plan import DraftPlan, plan_draft
from flows.plan import Plan
from flows.queries.editing import editable_draft
from flows.queries.order import order_of, refused_order
from flowsite.kernel.rest import MayCall, StrictKeys, json_object

MOST_ROWS: Final = 1000
#: Keys of a saved draft that say nothing about what the flow does.
_NOT_ASKED: Final = ("revision", "base_version", "name")


class DraftKeysSerializer(DraftChangesSerializer):
    """Keys that are laid over the draft as it is stored, or over the current version; nothing of them is stored."""

    def get_fields(self) -> dict[str, Any]:
        """Those of a save."""
        return {name: field for name, field in super().get_fields().items() if name not in _NOT_ASKED}


class DraftQuestionSerializer(StrictKeys, serializers.Serializer[Any]):
    """A draft as its author sees it."""

    keys = DraftKeysSerializer(required=False, default=dict)
    inputs = JsonObject(
        required=False, default=dict, help_text="values for the flow's inputs; a text is read as the declared type"
    )
    rows = serializers.IntegerField(required=False, default=200, min_value=0, max_value=MOST_ROWS)


class DraftPlanRequestSerializer(DraftQuestionSerializer):
    """A draft, and the elements to plan it for."""

    elements = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, default=None, help_text="narrows the target"
    )


class StopsAtSerializer(serializers.Serializer[Any]):
    """Where nobody can know further."""

    path = serializers.ListField(child=serializers.CharField())
    line = serializers.IntegerField()
    site = serializers.IntegerField(allow_null=True, help_text="whose result is used; null: the run itself")
    reason = serializers.CharField()
    may_run = serializers.ListField(child=serializers.IntegerField())


class PlanSummarySerializer(serializers.Serializer[Any]):
    """A plan without its waves."""

    mode = serializers.ChoiceField(["serial", "parallel"])
    concurrency = serializers.IntegerField()
    complete = serializers.BooleanField()
    stops_at = StopsAtSerializer(allow_null=True)
    hash = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    elements_total = serializers.IntegerField(help_text="of the flow itself, not of its children")
    waves_total = serializers.IntegerField()


class PlanColumnSerializer(serializers.Serializer[Any]):
    """A step site; those of a child stand behind the column that calls it."""

    path = serializers.ListField(child=serializers.CharField(), help_text="the flows from the root to this one")
    site = serializers.IntegerField()
    depth = serializers.IntegerField(help_text="0 for the flow's own")
    step = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="task, flow, message or key; null where it differs")
    line = serializers.IntegerField()
    may_run = serializers.BooleanField(help_text="true where it may run behind the plan's end")
    within = serializers.IntegerField(allow_null=True, help_text="the place of the column that calls its flow")


class DraftPlanSerializer(serializers.Serializer[Any]):
    """Problems; else the plan; else the reason why there is none, with the columns alone."""

    problems = DefinitionProblemSerializer(many=True)
    reason = serializers.CharField(allow_null=True)
    sampled = JsonObject(help_text="required inputs without a value, and what stood in for them")
    plan = PlanSummarySerializer(allow_null=True)
    rows = serializers.ListField(child=serializers.CharField(), help_text="the first elements in the run's order")
    rows_total = serializers.IntegerField()
    columns = PlanColumnSerializer(many=True)
    columns_total = serializers.IntegerField()
    cells = serializers.ListField(
        child=serializers.ListField(),
        help_text="[row, column, [waves]]; with a fourth number, how many waves, where more than 20",
    )


NOTHING: Final[Mapping[str, Any]] = {
    "reason": None, "sampled": {}, "plan": None, "rows": [], "rows_total": 0, "columns": [], "columns_total": 0,
    "cells": [],
}  # fmt: skip


class AboutDraft(APIView):
    """Asks something about a draft."""

    renderer_classes = (AsciiJson,)
    permissions = {"view": "flow.plan"}
    permission_classes = (IsAuthenticated, MayCall)


@extend_schema(tags=["drafts"])
class DraftPlans(AboutDraft):
    """The plan of a draft."""

    @extend_schema(request=DraftPlanRequestSerializer, responses=DraftPlanSerializer)
    def post(self, request: Request, flow_id: str) -> Response:
        """What the draft would run, with these keys laid over it; a required input without a value gets a sample."""
        draft, values, problems, asked = checked_draft(request, flow_id, DraftPlanRequestSerializer)
        if values is None:
            return Response({"problems": problems, **NOTHING})
        return Response({"problems": [], **_told(plan_draft(flow=draft.flow, values=values, **asked, by=request.user))})


class OrderedSerializer(serializers.Serializer[Any]):
    """An element that runs, with the facts that the script reads."""

    name = serializers.CharField()
    facts = JsonObject(help_text="value by key; one that it misses is left out, a long one cut")


class OrderRowSerializer(OrderedSerializer):
    """An element in the order of the run."""

    written_at = JsonObject(help_text="when each fact of the context was written, by key, where that is known")


class DroppedSerializer(OrderedSerializer):
    """An element that the script leaves out."""

    line = serializers.IntegerField(allow_null=True, help_text="of the script; null where nobody can tell")
    why = serializers.CharField()


class OriginsSerializer(serializers.Serializer[Any]):
    """How many of the selected elements have a value from where."""

    setting = serializers.IntegerField()
    group = serializers.IntegerField()
    profile = serializers.IntegerField()


class ReadKeySerializer(serializers.Serializer[Any]):
    """A context key that the script reads."""

    key = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField(), help_text="elements without it, the first 50")
    missing_total = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(
        allow_null=True, help_text="when the oldest value was written, where it is known"
    )
    newest_at = serializers.DateTimeField(allow_null=True)
    oldest_setting_at = serializers.DateTimeField(allow_null=True, help_text="of the elements' own values only")
    untimed = serializers.IntegerField(
        help_text="elements whose value has no time: it was written before times were kept"
    )
    origins = OriginsSerializer()
    sources = serializers.ListField(child=serializers.CharField(), help_text="group eu, profile linux; the first 50")


class OrderProblemSerializer(serializers.Serializer[Any]):
    """Why there is no order: the target, an input, or the script."""

    line = serializers.IntegerField(help_text="of the processing script; 0 where it is not the script's")
    message = serializers.CharField()


class DraftOrderSerializer(serializers.Serializer[Any]):
    """What the processing script makes of the elements that the target selects."""

    words = serializers.CharField(help_text="the script in short; empty where it does nothing")
    selected = serializers.IntegerField()
    kept = serializers.IntegerField()
    rows = OrderRowSerializer(many=True, help_text="in the order of the run, the first so many")
    dropped = DroppedSerializer(many=True)
    keys = ReadKeySerializer(many=True)
    problem = OrderProblemSerializer(allow_null=True)


#: What of a flow decides about its order.
_ORDERS: Final = ("target", "inputs", "processing_script")


@extend_schema(tags=["drafts"])
class DraftOrder(AboutDraft):
    """The order of a draft's elements."""

    @extend_schema(request=DraftQuestionSerializer, responses=DraftOrderSerializer)
    def post(self, request: Request, flow_id: str) -> Response:
        """Which elements would run, in which order and why; problems of other keys do not matter."""
        asked = _read(DraftQuestionSerializer, request)
        draft = editable_draft(int(flow_id))
        values = {**draft.keys(), **asked["keys"]}
        _, problems = check_draft(values, stored_world())
        wrong = [problem for problem in problems if problem.key.partition(".")[0] in _ORDERS]
        if wrong:
            return Response(refused_order(values["processing_script"], wrong[0].line, _said(wrong[0])))
        return Response(order_of(draft_source(draft.flow.name, values), asked["inputs"], asked["rows"]))


def _said(problem: Problem) -> str:
    return problem.message if problem.key == "processing_script" else f"{problem.key}: {problem.message}"


def checked_draft(
    request: Request, flow: str, serializer_class: type[DraftQuestionSerializer]
) -> tuple[FlowDraft, dict[str, Any] | None, list[dict[str, Any]], dict[str, Any]]:
    """The draft, its values in normal form or None with its problems, and what else was asked."""
    asked = _read(serializer_class, request)
    draft = editable_draft(int(flow))
    document, problems = check_draft({**draft.keys(), **asked.pop("keys")}, stored_world())
    is_sound = document is not None and not problems
    return draft, dict(document.values) if document and is_sound else None, [_shown(item) for item in problems], asked


def _read(serializer_class: type[DraftQuestionSerializer], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=json_object(request))
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _shown(problem: Problem) -> dict[str, Any]:
    return {"key": problem.key, "line": problem.line, "message": problem.message}


def _told(found: DraftPlan) -> dict[str, Any]:
    return {
        "reason": found.reason,
        "sampled": dict(found.sampled),
        "plan": None if found.plan is None else _summary(found.plan),
        **found.board.to_json(),
    }


def _summary(plan: Plan) -> dict[str, Any]:
    return {
        "mode": str(plan.mode),
        "concurrency": plan.concurrency,
        "complete": plan.complete,
        "stops_at": None if plan.stops_at is None else plan.stops_at.to_json(),
        "hash": plan.hash,
        "notes": list(plan.notes),
        "elements_total": len(plan.elements),
        "waves_total": len(plan.waves),
    }
