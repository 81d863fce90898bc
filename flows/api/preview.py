"""A task's command for one element over REST, before the task is stored."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.api import JsonObject
from flows.queries.preview import preview_task
from flowsite.kernel.rest import MayCall, StrictKeys, json_object


class PreviewRequestSerializer(StrictKeys, serializers.Serializer[Any]):
    """A task as it is being written, and for whom."""

    definition = JsonObject(help_text="the keys of a task, without its name: command, inputs, ...")
    name = serializers.CharField(required=False, allow_blank=True, default="")
    element = serializers.CharField(required=False, allow_null=True, default=None, help_text="of an enabled element")
    inputs = JsonObject(
        required=False, default=dict, help_text="of the call and of its flow; texts are read as the declared types"
    )
    secrets = serializers.ListField(
        child=serializers.CharField(), required=False, default=list, help_text="names of inputs that are masked too"
    )


class PreviewProblemSerializer(serializers.Serializer[Any]):
    """One problem of a preview."""

    key = serializers.CharField(help_text="a key of the task, element, or inputs")
    line = serializers.IntegerField(help_text="from 1; 0 where the key has no lines")
    severity = serializers.ChoiceField(["error", "warning"])
    message = serializers.CharField()


class TemplateNameSerializer(serializers.Serializer[Any]):
    """A name that the template can use for the element."""

    name = serializers.CharField(help_text="as a template spells it: net.0.hostname")
    value = serializers.CharField(help_text="short, secrets masked")

    def get_fields(self) -> dict[str, Any]:
        """``from`` is no name that Python lets a field have."""
        told = "profile linux, group prod, own setting, the element, or the run"
        return {**super().get_fields(), "from": serializers.CharField(source="origin", help_text=told)}


class UndeclaredSerializer(serializers.Serializer[Any]):
    """A name that the template reads and the task does not declare."""

    name = serializers.CharField()
    is_input = serializers.BooleanField(
        help_text="true for inputs.service, which the flow may have; false for a name that no element's context has"
    )


class PreviewSerializer(serializers.Serializer[Any]):
    """The command as the element would get it, null where it cannot be told; secrets are masked."""

    rendered = serializers.CharField(allow_null=True)
    problems = PreviewProblemSerializer(many=True)
    names = TemplateNameSerializer(many=True, help_text="what the template can use; none without an element")
    undeclared = UndeclaredSerializer(
        many=True, help_text="may be inputs that were forgotten; nothing is refused for them"
    )


@extend_schema(tags=["definitions"])
class TaskPreview(APIView):
    """A task's command for one element."""

    permissions = {"view": "task.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(request=PreviewRequestSerializer, responses=PreviewSerializer)
    def post(self, request: Request) -> Response:
        """Render the command; nothing is stored or run. A task that is wrong is answered with its problems."""
        serializer = PreviewRequestSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        return Response(PreviewSerializer(preview_task(**serializer.validated_data)).data)
