"""Where tasks and flows are used, and their renaming, over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from flows.adapters.uses import Uses
from flows.operations.archiving import StillInUse
from flows.operations.renaming import Renamed
from flowsite.kernel.access import Actor
from flowsite.kernel.api import problem_body
from flowsite.kernel.rest import ProblemSerializer, Resource, StrictKeys, json_object

HOW = {
    "call": "a script calls it",
    "refresh": "refresh names it",
    "results": "a template reads its results",
    "start": "a schedule starts it",
    "unreadable": "a script that does not parse mentions it",
}


class PlaceSerializer(serializers.Serializer[Any]):
    """One use."""

    where = serializers.ChoiceField(["flow", "draft", "task", "schedule"])
    id = serializers.IntegerField(help_text="of the flow, task or schedule; of a draft that of its flow")
    name = serializers.CharField()
    how = serializers.ChoiceField(list(HOW.items()), help_text="; ".join(f"{key}: {told}" for key, told in HOW.items()))
    line = serializers.IntegerField(help_text="from 1; 0 where there is none")
    site = serializers.IntegerField(allow_null=True, help_text="the step's number")
    version = serializers.IntegerField(allow_null=True, help_text="the current version, null for a draft")
    by = serializers.CharField(help_text="who wrote the draft")


class UsesSerializer(serializers.Serializer[Any]):
    """All uses by name."""

    published = PlaceSerializer(many=True, help_text="these refuse a renaming")
    drafts = PlaceSerializer(many=True, help_text="rewritten by a renaming")
    schedules = PlaceSerializer(many=True, help_text="of a flow; they follow it")
    computing = PlaceSerializer(many=True, help_text="flows that compute a name and may call anything")


class NewNameSerializer(StrictKeys, serializers.Serializer[Any]):
    """The new name."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)


class RenamedSerializer(serializers.Serializer[Any]):
    """What the renaming did."""

    old = serializers.CharField()
    new = serializers.CharField()
    rewritten = serializers.ListField(
        child=serializers.CharField(), help_text="flows whose drafts name it anew; their revisions went up"
    )
    left = PlaceSerializer(many=True, help_text="uses in drafts that could not be rewritten: they cannot be read")


class InUseSerializer(ProblemSerializer):
    """A refusal with everything that uses it."""

    places = PlaceSerializer(many=True)


class Renaming(Resource):
    """``uses`` and ``rename`` of one task or flow."""

    def uses_of(self, row: Any) -> Uses:
        """Of this task or flow."""
        raise NotImplementedError

    def rename_row(self, row: Any, name: str, by: Actor) -> Renamed:
        """Rename this task or flow."""
        raise NotImplementedError

    @extend_schema(responses=UsesSerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def uses(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Where it is used by its name: current versions, drafts, templates, schedules."""
        return Response(UsesSerializer(self.uses_of(self.get_object())).data)

    @extend_schema(
        request=NewNameSerializer,
        responses={200: RenamedSerializer, 409: OpenApiResponse(InUseSerializer, "published uses, or a taken name")},
    )
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Rename it: a version under the new name is published, and drafts that use it are rewritten."""
        serializer = NewNameSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        try:
            renamed = self.rename_row(self.get_object(), serializer.validated_data["name"], request.user)
        except StillInUse as refused:
            body = problem_body(refused.code, refused.message, refused.fields)
            return Response({**body, "places": PlaceSerializer(refused.places, many=True).data}, status=refused.status)
        return Response(RenamedSerializer(renamed).data)
