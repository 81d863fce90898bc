"""The difference of a draft in words over REST: to the current version, to another one, to what it was before."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flows.api.draft_plan import DraftKeysSerializer
from flows.api.drafts import read
from flows.queries.changes import changes_of_draft
from flows.queries.editing import editable_draft
from flowsite.kernel.rest import MayCall, StrictKeys

MOST_NUMBER = 2**31 - 1
PARTS = ("target", "order", "steps", "rules", "inputs")

_LINE = {
    "type": "array",
    "minItems": 4,
    "maxItems": 4,
    "items": {},
    "description": 'a sign (" ", "+" or "-"), the line\'s number before and after (null where it is not), its text',
}


class ChangeSerializer(serializers.Serializer[Any]):
    """One difference."""

    part = serializers.ChoiceField(PARTS)
    text = serializers.CharField()


@extend_schema_field({"type": "array", "items": _LINE})
class LinesField(serializers.Field[Any, Any, Any, Any]):
    """The lines of both texts in order; none where the texts are equal."""

    def to_representation(self, value: Any) -> Any:
        """As they are."""
        return value


class ScriptLinesSerializer(serializers.Serializer[Any]):
    """The lines of both scripts."""

    processing = LinesField()
    execution = LinesField()


class DifferenceSerializer(serializers.Serializer[Any]):
    """What differs, in words and in the lines of the scripts."""

    words = ChangeSerializer(many=True)
    is_same = serializers.BooleanField(help_text="nothing differs")
    scripts = ScriptLinesSerializer()


class WrongInputSerializer(serializers.Serializer[Any]):
    """An input whose value has another type than the draft declares."""

    name = serializers.CharField()
    expected = serializers.CharField(help_text="the type in words")


class MisfitSerializer(serializers.Serializer[Any]):
    """What is given and would not fit the inputs that the draft declares; no value is told."""

    missing = serializers.ListField(child=serializers.CharField(), help_text="required, and not given")
    unknown = serializers.ListField(child=serializers.CharField(), help_text="given, and not declared")
    wrong = WrongInputSerializer(many=True)


class UnfitCallSerializer(serializers.Serializer[Any]):
    """A call of the flow in a published script that would fail."""

    flow = serializers.CharField(help_text="that calls")
    line = serializers.IntegerField(help_text="of its execution script")
    misfit = MisfitSerializer()


class ReachedScheduleSerializer(serializers.Serializer[Any]):
    """An enabled schedule that starts the latest version."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    next_at = serializers.DateTimeField(allow_null=True)
    timezone = serializers.CharField()
    misfit = MisfitSerializer(allow_null=True, help_text="null: its inputs fit, and it can start")


class DraftDifferenceSerializer(DifferenceSerializer):
    """What differs, and whom a new version reaches."""

    version = serializers.IntegerField(allow_null=True, help_text="that it was compared with; null where there is none")
    schedules = ReachedScheduleSerializer(many=True)
    callers = serializers.ListField(child=serializers.CharField(), help_text="flows whose current version calls it")
    unfit_calls = UnfitCallSerializer(many=True)


class ChangesRequestSerializer(StrictKeys, serializers.Serializer[Any]):
    """A draft as its author sees it, and what to compare it with."""

    keys = DraftKeysSerializer(required=False, default=dict)
    against = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MOST_NUMBER,
        help_text="a version instead of the current one",
    )
    before = DraftKeysSerializer(
        required=False, allow_null=True, default=None, help_text="keys over the stored draft, instead of a version"
    )


@extend_schema(tags=["drafts"])
class DraftChanges(APIView):
    """What publishing a draft would change."""

    permissions = {"view": "flow.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(request=ChangesRequestSerializer, responses=DraftDifferenceSerializer)
    def post(self, request: Request, flow_id: str) -> Response:
        """Tell the difference in words, the schedules that start the new version, and the flows that call it.

        ``keys`` are laid over the stored draft; nothing is stored.
        """
        asked = read(ChangesRequestSerializer, request)
        return Response(changes_of_draft(editable_draft(int(flow_id)), **asked))
