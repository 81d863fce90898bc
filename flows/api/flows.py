"""Flows over REST: check, publish, plan, start."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from elements.api import JsonObject
from flows.api.definitions import SHOWN_ONLY, FlowDefinitions, FlowSerializer
from flows.api.runs import RunSerializer
from flows.documents.files import check_values
from flows.documents.stored import stored_world
from flows.operations.plan import plan_flow, start_as_planned
from flowsite.kernel.errors import InvalidRequest
from flowsite.kernel.rest import StrictKeys, json_object

MAX_KEY = 200
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="a second call with it gives the same run"
)


class FlowKeysSerializer(FlowSerializer):
    """Some keys of a flow; those left out are as in the current version."""

    def get_fields(self) -> dict[str, Any]:
        """None of them is required."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class DefinitionProblemSerializer(serializers.Serializer[Any]):
    """One problem of a definition."""

    key = serializers.CharField(help_text="dotted path of the key")
    line = serializers.IntegerField(help_text="of the script or template under the key; 0 where it has no lines")
    message = serializers.CharField()


class ProblemsSerializer(serializers.Serializer[Any]):
    """All problems of a definition; none means that it can be published."""

    problems = DefinitionProblemSerializer(many=True)


class StartSerializer(StrictKeys, serializers.Serializer[Any]):
    """What to run on."""

    inputs = JsonObject(required=False, default=dict)
    elements = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, default=None, help_text="narrows the target"
    )


class RunStartSerializer(StartSerializer):
    """What to run on, and why."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)
    plan_hash = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=64,
        help_text="the hash of a plan: refused with the difference if what would run is not that any more",
    )


class PlanSerializer(StartSerializer):
    """What to plan."""

    first = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        help_text="only so many waves, with their number as waves_total",
    )


@extend_schema(tags=["definitions"])
class FlowResource(FlowDefinitions):
    """Flows: their current versions, and what can be done with them."""

    permissions: ClassVar[dict[str, str]] = {
        "view": "flow.view",
        "create": "flow.publish",
        "update": "flow.publish",
        "check": "flow.check",
        "publish": "flow.publish",
        "plan": "flow.plan",
        "runs": "flow.run",
        "rename": "flow.publish",
    }

    @extend_schema(request=FlowKeysSerializer, responses=ProblemsSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Check the flow with these keys laid over its current version; nothing is stored."""
        _, problems = check_values("Flow", self._laid_over(request), stored_world())
        found = [{"key": item.key, "line": item.line, "message": item.message} for item in problems]
        return Response({"problems": found})

    @extend_schema(request=FlowKeysSerializer, responses=FlowSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Publish a version: these keys laid over the current one. An equal version changes nothing."""
        name = self.get_object().name
        return Response(self.publish_keys(name, self._laid_over(request), request))

    @extend_schema(request=PlanSerializer, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The exact order of waves and elements, before anything runs (R40)."""
        flow, values = self.get_object().name, _read(PlanSerializer, request)
        first = values.pop("first")
        return Response(plan_flow(flow=flow, **values, by=request.user).to_json(first))

    @extend_schema(
        request=RunStartSerializer,
        responses={201: RunSerializer},
        parameters=[IDEMPOTENCY],
    )
    @action(detail=True, methods=["post"])
    def runs(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Start a run."""
        flow, values = self.get_object().name, _read(RunStartSerializer, request)
        run = start_as_planned(flow=flow, **values, by=request.user, idempotency_key=idempotency_key(request))
        return Response(RunSerializer(run).data, status=201)

    def _laid_over(self, request: Request) -> dict[str, Any]:
        current = dict(FlowSerializer(self.get_object()).data)
        return {key: value for key, value in {**current, **json_object(request)}.items() if key not in SHOWN_ONLY}


def _read(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=json_object(request))
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def idempotency_key(request: Request) -> str | None:
    """That of the request's header, or None."""
    key = request.headers.get("Idempotency-Key") or None
    if key is not None and len(key) > MAX_KEY:
        raise InvalidRequest(f"the Idempotency-Key has {len(key)} characters, expected at most {MAX_KEY}")
    if key is not None and not key.isprintable():
        raise InvalidRequest("the Idempotency-Key has a character that cannot be printed, expected none")
    return key
