"""The versions of a flow over REST: list, keys, differences; and a version taken back into the draft."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flows.api.changes import MOST_NUMBER, ChangeSerializer, DifferenceSerializer
from flows.api.draft_plan import DraftKeysSerializer
from flows.api.drafts import AnswersChangedDraft, ChangedSerializer, DraftSerializer, read
from flows.models.draft import keys_of_version
from flows.operations.drafts import restore_version
from flows.queries.changes import MOST, difference, listed_flow, version_of, versions_of
from flowsite.kernel.rest import MayCall, StrictKeys, refuse_unknown_query, whole_number


class VersionSerializer(serializers.Serializer[Any]):
    """One version in a list."""

    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField()
    note = serializers.CharField(help_text="of who published it; empty where there is none")
    words = ChangeSerializer(many=True, help_text="against the version before it")


class VersionKeysSerializer(DraftKeysSerializer):
    """The keys of a version."""

    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField()
    note = serializers.CharField()
    name = serializers.CharField()


class VersionDifferenceSerializer(DifferenceSerializer):
    """What a version changed."""

    version = serializers.IntegerField()
    against = serializers.IntegerField(allow_null=True, help_text="null: against an empty flow")


class RestoreSerializer(StrictKeys, serializers.Serializer[Any]):
    """Which version, and the draft that it replaces."""

    revision = serializers.IntegerField(min_value=0, help_text="of the draft that was seen; 0 where none is stored")
    version = serializers.IntegerField(min_value=1, max_value=MOST_NUMBER)


class VersionView(APIView):
    """Reads versions."""

    permissions = {"view": "flow.view"}
    permission_classes = (IsAuthenticated, MayCall)


@extend_schema(tags=["definitions"])
class FlowVersions(VersionView):
    """The versions of a flow."""

    @extend_schema(
        operation_id="flows_versions_list",
        responses=VersionSerializer(many=True),
        parameters=[OpenApiParameter("before", int, description=f"those below this number; at most {MOST} are given")],
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002
        """The newest first, each with its difference to the one before in words."""
        refuse_unknown_query(request, ("before", "format"))
        before = min(whole_number(request, "before", 0), MOST_NUMBER) if "before" in request.query_params else None
        return Response(VersionSerializer(versions_of(listed_flow(int(id)), before), many=True).data)


@extend_schema(tags=["definitions"])
class OneVersion(VersionView):
    """A version of a flow."""

    @extend_schema(responses=VersionKeysSerializer)
    def get(self, request: Request, id: str, number: str) -> Response:  # noqa: A002, ARG002
        """Its keys and scripts."""
        version = version_of(listed_flow(int(id)), int(number))
        return Response(
            {
                "number": version.number,
                "published_at": version.published_at,
                "published_by": version.published_by,
                "note": version.note,
                "name": version.name,
                **keys_of_version(version),
            }
        )


@extend_schema(tags=["definitions"])
class VersionChanges(VersionView):
    """What a version changed."""

    @extend_schema(
        responses=VersionDifferenceSerializer,
        parameters=[OpenApiParameter("against", int, description="another version; the one before if left out")],
    )
    def get(self, request: Request, id: str, number: str) -> Response:  # noqa: A002
        """The difference in words and in lines, from the other version to this one."""
        refuse_unknown_query(request, ("against", "format"))
        flow = listed_flow(int(id))
        version = version_of(flow, int(number))
        other = min(whole_number(request, "against", version.number - 1), MOST_NUMBER)
        before = keys_of_version(version_of(flow, other)) if other else None
        told = difference(before, keys_of_version(version))
        return Response({"version": version.number, "against": other or None, **told})


@extend_schema(tags=["drafts"])
class DraftRestore(AnswersChangedDraft, VersionView):
    """A version taken back."""

    permissions = {"view": "flow.publish"}

    @extend_schema(request=RestoreSerializer, responses={200: DraftSerializer, 409: ChangedSerializer})
    def post(self, request: Request, flow_id: str) -> Response:
        """Make the draft what this version was; nothing is published. Refused if somebody saved since."""
        asked = read(RestoreSerializer, request)
        return Response(DraftSerializer(restore_version(flow=int(flow_id), **asked, by=request.user)).data)
