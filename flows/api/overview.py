"""The overview over REST: what Home shows beside the runs that ``/ws/runs/`` tells of."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flows.api.runs import RUN_STATES
from flows.queries.overview import overview
from flowsite.kernel.rest import MayCall, refuse_unknown_query


class FailingSerializer(serializers.Serializer[Any]):
    """The last step that failed."""

    run = serializers.IntegerField(help_text="the run itself, or a child of it")
    element = serializers.CharField()
    site = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)


class TroubleSerializer(serializers.Serializer[Any]):
    """A run that needs attention, or that failed in the last seven days."""

    id = serializers.IntegerField()
    flow = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    mode = serializers.CharField()
    state = serializers.ChoiceField(RUN_STATES)
    reason = serializers.CharField()
    run_reason = serializers.CharField()
    started_by = serializers.CharField()
    last_seq = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="elements by state")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    failing = FailingSerializer(allow_null=True)
    times = serializers.IntegerField(
        help_text="how often its flow failed in the last seven days; this run is the newest"
    )


class NextStartsSerializer(serializers.Serializer[Any]):
    """An enabled schedule and when it starts next."""

    id = serializers.IntegerField()
    schedule = serializers.CharField()
    flow = serializers.CharField()
    flow_id = serializers.IntegerField()
    at = serializers.ListField(child=serializers.DateTimeField())


class ElementCountsSerializer(serializers.Serializer[Any]):
    """Enabled elements by their state in their newest run."""

    by_state = serializers.DictField(child=serializers.IntegerField())
    never_run = serializers.IntegerField()
    disabled = serializers.IntegerField()


class OverviewSerializer(serializers.Serializer[Any]):
    """What went wrong lately, what starts next, and the elements by their last state."""

    troubles = TroubleSerializer(many=True)
    starts = NextStartsSerializer(many=True)
    elements = ElementCountsSerializer()


@extend_schema(tags=["runs"])
class Overview(APIView):
    """The state of the whole installation in a few figures."""

    permissions = {"view": "run.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(responses=OverviewSerializer)
    def get(self, request: Request) -> Response:
        """What went wrong lately, what starts next, and the elements by their last state."""
        refuse_unknown_query(request, ("format",))
        return Response(overview(now=timezone.now()))
