"""A task's command for one element over REST, before the task is stored."""

from dataclasses import asdict
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


class PreviewProblemSerializer(serializers.Serializer[Any]):
    """One problem of a preview."""

    key = serializers.CharField(help_text="a key of the task, element, or inputs")
    line = serializers.IntegerField(help_text="from 1; 0 where the key has no lines")
    severity = serializers.ChoiceField(["error", "warning"])
    message = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Any]):
    """The command as the element would get it, null where it cannot be told; secrets are masked."""

    rendered = serializers.CharField(allow_null=True)
    problems = PreviewProblemSerializer(many=True)


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
        return Response(asdict(preview_task(**serializer.validated_data)))
