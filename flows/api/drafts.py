"""Drafts of flows over REST: what the editor opens, saves, checks and publishes."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.checked import DefinitionRefused
from flows.api.definitions import FlowDefinitions, FlowSerializer, ThresholdField
from flows.api.flows import DefinitionProblemSerializer, ProblemsSerializer
from flows.documents.drafts import check_draft
from flows.documents.nodes import Problem
from flows.documents.stored import stored_world
from flows.keys.flow import DEFAULT_CONCURRENCY
from flows.models.draft import FlowDraft
from flows.operations.catalog import NotPublishable
from flows.operations.drafts import (
    MAX_NOTE,
    DraftChanged,
    create_draft,
    discard_draft,
    draft_at,
    publish_draft,
    save_draft,
)
from flows.queries.editing import editable_draft, list_drafts, published_number
from flowsite.kernel.api import problem_body
from flowsite.kernel.rest import (
    ProblemSerializer,
    Resource,
    StrictKeys,
    json_object,
    refuse_unknown_query,
    whole_number,
)

ANYTHING = "as in a flow; stored as it is, checked by publish"


class NewDraftSerializer(StrictKeys, serializers.Serializer[Any]):
    """A new flow, with a draft and no version."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    mode = serializers.ChoiceField(list(DEFAULT_CONCURRENCY), required=False, default="serial")


class DraftChangesSerializer(StrictKeys, serializers.Serializer[Any]):
    """The keys of the flow that change, and the revision in which they were changed."""

    revision = serializers.IntegerField(min_value=0, help_text="the one that was changed; 0 where there is no draft")
    base_version = serializers.IntegerField(
        required=False, allow_null=True, help_text="with revision 0: the version that was changed"
    )
    name = serializers.CharField(
        required=False, max_length=200, trim_whitespace=False, help_text="may change until the flow is published"
    )
    mode = serializers.JSONField(required=False, help_text=ANYTHING)
    target = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    concurrency = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    batches = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    soak = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    error_threshold = ThresholdField(required=False, allow_null=True, help_text=ANYTHING)
    on_empty = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    refresh = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    inputs = serializers.JSONField(required=False, allow_null=True, help_text=ANYTHING)
    processing_script = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    execution_script = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class DraftSerializer(serializers.Serializer[Any]):
    """A draft; where none is stored, the current version as the draft that would begin from it."""

    flow = serializers.IntegerField(help_text="its id")
    name = serializers.CharField()
    mode = serializers.JSONField()
    target = serializers.JSONField(allow_null=True)
    concurrency = serializers.JSONField(allow_null=True)
    batches = serializers.JSONField(allow_null=True)
    soak = serializers.JSONField(allow_null=True)
    error_threshold = ThresholdField(allow_null=True)
    on_empty = serializers.JSONField(allow_null=True)
    refresh = serializers.JSONField(allow_null=True)
    inputs = serializers.JSONField(allow_null=True)
    processing_script = serializers.CharField()
    execution_script = serializers.CharField()
    revision = serializers.IntegerField(help_text="counts the saves; 0 where no draft is stored")
    base_version = serializers.IntegerField(allow_null=True, help_text="the version that it was begun from")
    published_version = serializers.IntegerField(allow_null=True, help_text="the current version")
    written_by = serializers.CharField()
    written_at = serializers.DateTimeField()
    is_draft = serializers.BooleanField(help_text="false where no draft is stored")

    def to_representation(self, instance: FlowDraft) -> dict[str, Any]:
        """The flow's keys stand beside those of the draft."""
        return {
            "flow": instance.flow_id,
            **instance.keys(),
            "revision": instance.revision,
            "base_version": instance.base_version,
            "published_version": published_number(instance),
            "written_by": instance.written_by,
            "written_at": serializers.DateTimeField().to_representation(instance.written_at),
            "is_draft": instance.is_stored,
        }


class ChangedSerializer(ProblemSerializer):
    """Somebody else wrote since; ``draft`` is what is stored now."""

    draft = DraftSerializer(required=False)


class RefusedSerializer(ProblemSerializer):
    """The draft cannot be published."""

    problems = DefinitionProblemSerializer(many=True, required=False)


class PublishSerializer(StrictKeys, serializers.Serializer[Any]):
    """Which draft is meant."""

    revision = serializers.IntegerField(min_value=1, help_text="of the draft that was seen")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_NOTE)
    over_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="replaces this version, though it was published after the draft was begun",
    )


class AnswersChangedDraft:
    """Mixed into a view: whoever saw another draft than is stored is answered with what is stored now."""

    def handle_exception(self, exc: Exception) -> Response:
        """``DraftChanged`` with its draft, all others as everywhere."""
        if isinstance(exc, DraftChanged):
            body = problem_body(exc.code, exc.message, exc.fields)
            return Response({**body, "draft": DraftSerializer(exc.draft).data}, status=exc.status)
        return super().handle_exception(exc)  # type: ignore[misc, no-any-return]


@extend_schema(tags=["drafts"])
class DraftResource(AnswersChangedDraft, Resource):
    """What authors are working on: one draft for each flow, found by the flow's id."""

    permissions: ClassVar[dict[str, str]] = {
        "view": "flow.view",
        "create": "flow.publish",
        "update": "flow.publish",
        "destroy": "flow.publish",
        "check": "flow.check",
        "publish": "flow.publish",
    }
    queryset = FlowDraft.objects.none()
    serializer_class = DraftSerializer
    lookup_field = "flow_id"
    lookup_value_regex = "[0-9]{1,18}"
    search_fields = ("flow__name",)
    ordering_fields = ("flow__name", "written_at")
    ordering = ("-written_at",)

    def get_queryset(self) -> Any:
        """The stored ones."""
        return list_drafts()

    def retrieve(self, request: Request, *_: Any, **__: Any) -> Response:  # noqa: ARG002
        """Give the draft, or the current version as one that is not stored."""
        return Response(DraftSerializer(editable_draft(self._flow())).data)

    @extend_schema(request=NewDraftSerializer, responses={201: DraftSerializer})
    def create(self, request: Request) -> Response:
        """Make a new flow that has a draft and no version yet; its name must be free."""
        return Response(DraftSerializer(create_draft(**read(NewDraftSerializer, request), by=request.user)).data, 201)

    @extend_schema(request=DraftChangesSerializer, responses={200: DraftSerializer, 409: ChangedSerializer})
    def update(self, request: Request, **_: Any) -> Response:
        """Lay keys over the draft of the revision that was changed; they may be wrong, publish checks them.

        Without a stored draft one begins from the current version.
        """
        changes = read(DraftChangesSerializer, request)
        revision, base = changes.pop("revision"), changes.pop("base_version", None)
        draft = save_draft(flow=self._flow(), revision=revision, changes=changes, base_version=base, by=request.user)
        return Response(DraftSerializer(draft).data)

    @extend_schema(
        responses={204: None, 409: ChangedSerializer},
        parameters=[OpenApiParameter("revision", int, description="of the draft that was seen; refused if it changed")],
    )
    def destroy(self, request: Request, **_: Any) -> Response:
        """Discard the draft; a flow that was never published goes with it."""
        refuse_unknown_query(request, ("revision", "format"))
        seen = whole_number(request, "revision", 0) if "revision" in request.query_params else None
        discard_draft(flow=self._flow(), revision=seen, by=request.user)
        return Response(status=204)

    @extend_schema(request=None, responses=ProblemsSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Every problem of the draft as it is stored, over all its keys."""
        _document, problems = check_draft(editable_draft(self._flow()).keys(), stored_world())
        return Response({"problems": [_shown(problem) for problem in problems]})

    @extend_schema(
        request=PublishSerializer,
        responses={
            200: FlowSerializer,
            400: OpenApiResponse(RefusedSerializer, "the draft has problems, or the request"),
            409: OpenApiResponse(ChangedSerializer, "it was changed, or a version was published since"),
        },
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **_: Any) -> Response:
        """Publish the draft of this revision and forget it; gives the flow as it is then."""
        asked = read(PublishSerializer, request)
        draft = draft_at(flow=self._flow(), revision=asked["revision"])
        document, problems = check_draft(draft.keys(), stored_world())
        if document is None or problems:
            return refused(problems)
        try:
            publish_draft(flow=draft.flow_id, values=document.values, **asked, by=request.user)
        except NotPublishable as refusal:
            return refused_by(refusal)
        return Response(FlowSerializer(FlowDefinitions.queryset.get(pk=draft.flow_id)).data)

    def _flow(self) -> int:
        return int(self.kwargs["flow_id"])


def refused(problems: list[Problem]) -> Response:
    """What a draft with problems is answered with."""
    refusal = DefinitionRefused("flow", problems)
    body = problem_body(refusal.code, refusal.message, refusal.fields)
    return Response({**body, "problems": [_shown(problem) for problem in problems]}, status=refusal.status)


def refused_by(refusal: NotPublishable) -> Response:
    """The same, for what an operation found."""
    return refused([Problem("", item.line, item.message, key=item.part) for item in refusal.problems])


def _shown(problem: Problem) -> dict[str, Any]:
    return {"key": problem.key, "line": problem.line, "message": problem.message}


def read(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body of a request, checked."""
    serializer = serializer_class(data=json_object(request))
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
