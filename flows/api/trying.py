"""Tries over REST: a draft on chosen elements, one task on one element, and what came of that."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.api import JsonObject
from flows.api.checked import checked_definition
from flows.api.drafts import AnswersChangedDraft, ChangedSerializer, RefusedSerializer, read, refused, refused_by
from flows.api.flows import IDEMPOTENCY, idempotency_key
from flows.api.runs import RunSerializer
from flows.documents.drafts import check_draft
from flows.documents.stored import stored_world
from flows.models import Run
from flows.operations.catalog import NotPublishable
from flows.operations.drafts import seen_draft
from flows.operations.trying import Asked, try_draft, try_task
from flows.queries.tried import outcome_of_try
from flowsite.kernel.rest import MayCall, StrictKeys

MAX_REASON = 1000


class DraftTrySerializer(StrictKeys, serializers.Serializer[Any]):
    """Which draft, and on which elements."""

    revision = serializers.IntegerField(min_value=0, help_text="of the draft that was seen; 0 where none is stored")
    elements = serializers.ListField(
        child=serializers.CharField(), help_text="names of the draft's target; at least one must be chosen"
    )
    inputs = JsonObject(required=False, default=dict)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class TaskTrySerializer(StrictKeys, serializers.Serializer[Any]):
    """Which task, and on which element."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    definition = JsonObject(
        required=False,
        allow_null=True,
        default=None,
        help_text="the keys of the task without its name, to try what is not published",
    )
    element = serializers.CharField(help_text="name of an enabled element")
    inputs = JsonObject(required=False, default=dict, help_text="of the call; texts are read as the declared types")
    secrets = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        default=list,
        help_text="names of inputs whose values are secret, though the task does not say so",
    )
    flow = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="id of the flow whose inputs may be given too",
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class TestedSerializer(serializers.Serializer[Any]):
    """The outcome of one step; everything but ``state`` and ``reason`` is null while it goes on."""

    state = serializers.CharField(help_text="of the run")
    reason = serializers.CharField(help_text="why the run is in its state")
    status = serializers.CharField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    output = serializers.CharField(allow_null=True, help_text="both streams as they came, masked; at most 64 KiB")
    pieces = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        allow_null=True,
        help_text="the same as [stream, text] pairs: stdout or stderr",
    )
    data = serializers.JSONField(allow_null=True, help_text="what the task's parse made of it")  # type: ignore[assignment]
    message = serializers.CharField(allow_null=True, help_text="why it did not succeed")
    attempts = serializers.IntegerField(allow_null=True)
    duration_s = serializers.FloatField(allow_null=True)
    command = serializers.CharField(allow_null=True, help_text="as it was sent, masked")


class Trying(AnswersChangedDraft, APIView):
    """Starts what is no version."""

    permission_classes = (IsAuthenticated, MayCall)


@extend_schema(tags=["drafts"])
class DraftTry(Trying):
    """A draft, run for real on chosen elements."""

    permissions = {"view": "flow.publish"}

    @extend_schema(
        request=DraftTrySerializer,
        responses={
            201: RunSerializer,
            400: OpenApiResponse(RefusedSerializer, "the draft has problems, or the request"),
            409: OpenApiResponse(ChangedSerializer, "it was changed since it was seen"),
        },
        parameters=[IDEMPOTENCY],
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Run the draft of this revision as it is. The run is marked as a try; nothing is published."""
        asked = read(DraftTrySerializer, request)
        draft = seen_draft(flow=int(flow_id), revision=asked["revision"])
        document, problems = check_draft(draft.keys(), stored_world())
        if document is None or problems:
            return refused(problems)
        try:
            run = try_draft(
                flow=draft.flow_id,
                revision=draft.revision,
                values=document.values,
                asked=_asked(asked, asked["elements"], request),
                by=request.user,
            )
        except NotPublishable as refusal:
            return refused_by(refusal)
        return Response(RunSerializer(run).data, status=201)


@extend_schema(tags=["definitions"])
class TaskTry(Trying):
    """One task, run for real on one element."""

    permissions = {"view": "flow.run"}

    @extend_schema(request=TaskTrySerializer, responses={201: RunSerializer}, parameters=[IDEMPOTENCY])
    def post(self, request: Request) -> Response:
        """Run the task once; with a definition also one that is not published. The run is marked as a try."""
        asked = read(TaskTrySerializer, request)
        definition = asked["definition"]
        if definition is not None:
            document = checked_definition("Task", {**definition, "name": asked["name"]})
            definition = {key: value for key, value in document.values.items() if key != "name"}
        run = try_task(
            name=asked["name"],
            definition=definition,
            flow=asked["flow"],
            asked=_asked(asked, [asked["element"]], request),
            by=request.user,
        )
        return Response(RunSerializer(run).data, status=201)


@extend_schema(tags=["runs"])
class RunTried(APIView):
    """What came of the test of one task."""

    permissions = {"view": "run.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(responses=TestedSerializer)
    def get(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002
        """The outcome of the one step; ask again while the run goes on."""
        return Response(outcome_of_try(get_object_or_404(Run.objects.select_related("tried"), pk=id)))


def _asked(values: dict[str, Any], elements: list[str], request: Request) -> Asked:
    return Asked(
        elements,
        values["inputs"],
        secrets=values.get("secrets", ()),
        reason=values["reason"],
        idempotency_key=idempotency_key(request),
    )
