"""Scripts over REST: between text and blocks, and the names that scripts may use."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.api import JsonObject
from flows.api.definitions import InputSerializer
from flows.queries.editing import script_check, script_names
from flows.script.blocks.editing import edit_blocks, edit_text
from flows.script.formatting import CannotFormat, formatted
from flowsite.kernel.errors import InvalidRequest
from flowsite.kernel.rest import MayCall, StrictKeys, json_object, refuse_unknown_query

KINDS = ("execution", "processing")


class BlocksRequestSerializer(StrictKeys, serializers.Serializer[Any]):
    """A script as text, or as blocks with the text that they were opened from."""

    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    workspace = JsonObject(required=False, help_text="the answer's, as it is after editing")
    base_text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, default="")
    revision = serializers.IntegerField(
        required=False, min_value=0, default=0, help_text="of the caller's own; echoed, to drop late answers"
    )
    script = serializers.ChoiceField(KINDS, required=False, default="execution")
    flow = serializers.CharField(
        required=False, allow_null=True, default=None, help_text="whose script it is: finds calls in a circle"
    )
    inputs = serializers.ListField(
        child=serializers.JSONField(),
        required=False,
        allow_null=True,
        default=None,
        help_text="the flow's declared inputs, as a draft has them: finds uses of others",
    )


class RangeSerializer(serializers.Serializer[Any]):
    """A piece of the text, in UTF-16 units."""

    start = serializers.IntegerField()
    end = serializers.IntegerField(help_text="just after it")


class ArgumentSerializer(RangeSerializer):
    """One argument: its value, and ``from``, the start of its keyword."""

    name = serializers.CharField(allow_null=True, help_text="its keyword")
    code = serializers.CharField(help_text="the value as it is written")

    def get_fields(self) -> dict[str, Any]:
        """``from`` is no name that Python lets a field have."""
        return {**super().get_fields(), "from": serializers.IntegerField(required=False)}


class CallSerializer(RangeSerializer):
    """One call in the text."""

    args = ArgumentSerializer(many=True)
    close = serializers.IntegerField(help_text="where its last parenthesis stands")


class SiteSerializer(serializers.Serializer[Any]):
    """One step site."""

    site = serializers.IntegerField(help_text="from 1, in the order of the text")
    step = serializers.CharField(help_text="run_task, run_flow, sleep, approve, set_context, get_context, log")
    name = serializers.CharField(allow_null=True, help_text="the task, flow or message, where that is a plain text")
    line = serializers.IntegerField()
    end_line = serializers.IntegerField()
    block = serializers.CharField(allow_null=True, help_text="the block that holds it")
    call = CallSerializer()
    statement = RangeSerializer(help_text="the innermost statement around it")


class ScriptProblemSerializer(serializers.Serializer[Any]):
    """One problem."""

    line = serializers.IntegerField(help_text="from 1; 0 where the problem is the blocks' alone")
    col = serializers.IntegerField(help_text="from 1, in characters; 0 where the problem is the blocks' alone")
    code = serializers.CharField(help_text="stable, for machines")
    message = serializers.CharField()
    block = serializers.CharField(allow_null=True, help_text="the statement to mark")
    meant = serializers.CharField(allow_null=True, help_text="the known name that is near to an unknown one")


class BlocksAnswerSerializer(serializers.Serializer[Any]):
    """Both sides, the one that cannot be made as null; ``problems`` say why."""

    text = serializers.CharField(allow_null=True)
    workspace = JsonObject(allow_null=True)
    sites = SiteSerializer(many=True)
    problems = ScriptProblemSerializer(many=True)
    revision = serializers.IntegerField()


class AsciiJson(JSONRenderer):
    """JSON for any text that a script can hold: half of a surrogate pair has no UTF-8."""

    ensure_ascii = True


@extend_schema(tags=["scripts"])
class ScriptBlocks(APIView):
    """A script as text and as blocks."""

    renderer_classes = (AsciiJson,)
    permissions = {"view": "flow.check"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(request=BlocksRequestSerializer, responses=BlocksAnswerSerializer)
    def post(self, request: Request) -> Response:
        """Text to blocks, or blocks to text, with the step sites and every problem; nothing is stored.

        A script that is wrong is answered with its problems, not refused.
        """
        serializer = BlocksRequestSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        given = [key for key in ("text", "workspace") if key in asked]
        if len(given) != 1:
            found = " and ".join(given) or "neither"
            raise InvalidRequest(f"found {found}, expected either text, or workspace with its base_text")
        check = script_check(asked["script"], asked["flow"], _names(asked["inputs"]))
        if "text" in asked:
            turn = edit_text(asked["text"], check)
        else:
            turn = edit_blocks(asked["workspace"], asked["base_text"], check)
        answer = turn.to_json() | {"revision": asked["revision"]}
        return Response(answer | ({"sites": []} if asked["script"] == "processing" else {}))


def _names(inputs: list[Any] | None) -> list[str] | None:
    """The names that a draft's inputs have: a draft may hold anything, publishing checks it."""
    if inputs is None:
        return None
    names = [item.get("name") if isinstance(item, dict) else item for item in inputs]
    return [name for name in names if isinstance(name, str)]


class FormatRequestSerializer(StrictKeys, serializers.Serializer[Any]):
    """A script as text."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class FormatProblemSerializer(serializers.Serializer[Any]):
    """Why a script stays as it is."""

    line = serializers.IntegerField(help_text="from 1; 0 where no line is at fault")
    message = serializers.CharField()


class FormatAnswerSerializer(serializers.Serializer[Any]):
    """The script laid out anew, or as it was sent and the problem."""

    text = serializers.CharField()
    changed = serializers.BooleanField()
    problem = FormatProblemSerializer(allow_null=True)


@extend_schema(tags=["scripts"])
class ScriptFormat(APIView):
    """A script laid out anew."""

    renderer_classes = (AsciiJson,)
    permissions = {"view": "flow.check"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(request=FormatRequestSerializer, responses=FormatAnswerSerializer)
    def post(self, request: Request) -> Response:
        """Lay a script out, comments kept, never with another meaning; nothing is stored.

        One that is wrong is answered as it was sent, with the problem.
        """
        serializer = FormatRequestSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        text = serializer.validated_data["text"]
        try:
            laid_out = formatted(text)
        except CannotFormat as refusal:
            problem = {"line": refusal.line, "message": refusal.message}
            return Response({"text": text, "changed": False, "problem": problem})
        return Response({"text": laid_out, "changed": laid_out != text, "problem": None})


class TaskNameSerializer(serializers.Serializer[Any]):
    """A task that scripts may call."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    command_line = serializers.CharField(help_text="the first line of its template that says something, cut off")
    timeout = serializers.FloatField(help_text="seconds; what a call without timeout has")
    retries = serializers.IntegerField(help_text="what a call without retries has")
    saves = serializers.ListField(child=serializers.CharField(), help_text="the keys of the settings that it writes")
    inputs = InputSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """``class`` is no name that Python lets a field have."""
        return {**super().get_fields(), "class": serializers.CharField()}


class StepNameSerializer(serializers.Serializer[Any]):
    """One step site of a flow."""

    site = serializers.IntegerField()
    step = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="the task, flow or message, where that is a plain text")


class FlowNameSerializer(serializers.Serializer[Any]):
    """A flow that scripts may call."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    mode = serializers.CharField()
    steps = StepNameSerializer(many=True)
    inputs = InputSerializer(many=True)


class WordSerializer(serializers.Serializer[Any]):
    """A word of the script language."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(["step", "ending", "function", "variable"])
    signature = serializers.CharField()
    doc = serializers.CharField()
    scripts = serializers.ListField(child=serializers.CharField(), help_text="where it stands: execution, processing")


class ScriptNamesSerializer(serializers.Serializer[Any]):
    """What pickers and completion offer, and what hover says."""

    tasks = TaskNameSerializer(many=True)
    flows = FlowNameSerializer(many=True)
    steps = WordSerializer(many=True, help_text="steps, functions and variables")
    context_keys = serializers.ListField(child=serializers.CharField(), help_text="dotted, at most 500")
    values = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="by context key up to 20 of its values, plain ones, the most frequent first; none of what is secret",
    )


@extend_schema(tags=["scripts"])
class ScriptNames(APIView):
    """The names that scripts may use."""

    permissions = {"view": "flow.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(responses=ScriptNamesSerializer)
    def get(self, request: Request) -> Response:
        """The published tasks and flows, the words of the language, the fleet's context keys with known values."""
        refuse_unknown_query(request, ("format",))
        return Response(script_names())
