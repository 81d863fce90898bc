"""Tasks and flows over REST: current versions out, new versions in, with the keys of their documents."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from elements.api import NameFixed, NameTaken
from flows.adapters.uses import Uses, uses_of_flow, uses_of_task
from flows.api.checked import checked_definition
from flows.api.renaming import Renaming
from flows.models import Flow, FlowVersion, Task, TaskVersion
from flows.operations.apply import write_documents
from flows.operations.renaming import Renamed, rename_flow, rename_task
from flows.tasks.inputs import INPUT_TYPES, ITEM_TYPES
from flows.tasks.parsing import PARSES
from flowsite.kernel.access import Actor
from flowsite.kernel.rest import Resource, json_object

#: Keys that a definition shows and nobody sends.
SHOWN_ONLY = ("id", "version", "published_at", "published_by")


class InputSerializer(serializers.Serializer[Any]):
    """One declared input."""

    name = serializers.CharField()
    type = serializers.ChoiceField(INPUT_TYPES, required=False, help_text="any plain value where it is left out")
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]
    default = serializers.JSONField(allow_null=True, default=None)
    choices = serializers.ListField(child=serializers.CharField(), required=False, help_text="of a choice")
    of = serializers.ChoiceField(ITEM_TYPES, required=False, help_text="what the items of a list are")
    description = serializers.CharField(required=False)


class VersionedSerializer(serializers.Serializer[Any]):
    """What tasks and flows have in common; the keys of the definition stand beside these."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=200)
    version = serializers.IntegerField(read_only=True)
    published_at = serializers.DateTimeField(read_only=True)
    published_by = serializers.CharField(read_only=True)
    inputs = InputSerializer(many=True, required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The current version's keys, as they were published."""
        [current] = instance.current
        return {
            "id": instance.pk,
            "name": instance.name,
            "version": current.number,
            "published_at": serializers.DateTimeField().to_representation(current.published_at),
            "published_by": current.published_by,
            **current.definition,
            **self.scripts(current),
        }

    def scripts(self, version: Any) -> dict[str, str]:  # noqa: ARG002
        """Texts that are kept beside the definition."""
        return {}


@extend_schema_field({"oneOf": [{"type": "string", "enum": PARSES}, {"type": "object", "required": ["type"]}]})
class ParseField(serializers.JSONField):
    """A word, or {"type": word}."""


class TaskSerializer(VersionedSerializer):
    """A task: its current version."""

    command = serializers.CharField(help_text="a Jinja2 template")
    timeout = serializers.FloatField(required=False, help_text="seconds")
    retries = serializers.IntegerField(required=False)
    retry_delay = serializers.FloatField(required=False, help_text="seconds")
    retry_backoff = serializers.FloatField(required=False, help_text="a factor from each wait to the next")
    retry_jitter = serializers.FloatField(required=False, help_text="a share of each wait, 0 to 1")
    on_interrupt = serializers.ChoiceField(["ask", "retry", "fail"], required=False)
    parse = ParseField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """``class`` is no name that Python lets a field have, and ``save`` is one that a serializer has."""
        told = "path in the result by key of the setting"
        return {
            **super().get_fields(),
            "save": serializers.DictField(child=serializers.CharField(), required=False, help_text=told),
            "class": serializers.ChoiceField(["command"], required=False),
        }


class TargetSerializer(serializers.Serializer[Any]):
    """Which elements: all, or by profile, groups and filters."""

    all = serializers.BooleanField(required=False)
    profile = serializers.CharField(required=False, allow_null=True)
    groups = serializers.ListField(child=serializers.CharField(), required=False)
    filters = serializers.ListField(child=serializers.CharField(), required=False, help_text='such as "env == prod"')


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}], "nullable": True})
class ThresholdField(serializers.JSONField):
    """A number of elements, a percentage such as '10%', or null."""


_BATCH = {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}


@extend_schema_field({"type": "array", "items": _BATCH})
class BatchesField(serializers.JSONField):
    """Sizes of batches: numbers of elements, or percentages such as '20%' of the whole run."""


class FlowSerializer(VersionedSerializer):
    """A flow: its current version."""

    mode = serializers.ChoiceField(["serial", "parallel"])
    target = TargetSerializer(required=False, allow_null=True)
    concurrency = serializers.IntegerField(required=False)
    batches = BatchesField(required=False, help_text="parallel only: [1, 5, '20%']; the last size repeats")
    soak = serializers.FloatField(required=False, help_text="seconds between two batches")
    error_threshold = ThresholdField(required=False, allow_null=True)
    on_empty = serializers.ChoiceField(["fail", "succeed"], required=False)
    refresh = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="tasks that run on the selected elements first"
    )
    processing_script = serializers.CharField(required=False, allow_blank=True)
    execution_script = serializers.CharField()

    def scripts(self, version: FlowVersion) -> dict[str, str]:
        """Both of them."""
        return {"processing_script": version.processing_script, "execution_script": version.execution_script}


class VersionedFilter(filters.FilterSet):  # type: ignore[misc]
    """By exact name; ``search`` looks in names."""

    name = filters.CharFilter()


class VersionedResource(Resource):
    """A kind with versions. POST creates version 1, PUT publishes a version; an equal one changes nothing."""

    kind: ClassVar[str]
    filterset_class = VersionedFilter
    search_fields = ("name",)
    ordering_fields = ("id", "name")
    ordering = ("name",)

    def create(self, request: Request) -> Response:
        """Create it with its version 1; the name must be free."""
        keys = json_object(request)
        name = str(keys.get("name"))
        if self.get_queryset().filter(name=name).exists():
            raise NameTaken(self.kind.lower(), name)
        document = checked_definition(self.kind, keys)
        return Response(self.publish_values(document.values, request), status=201)

    def update(self, request: Request, **_: Any) -> Response:
        """Publish a version with these keys; what is left out gets its default. The name stays."""
        name = self.get_object().name
        return Response(self.publish_keys(name, json_object(request), request))

    def publish_keys(self, name: str, keys: Mapping[str, Any], request: Request) -> Any:
        """Check, store, and show the object as it is then."""
        given = {key: value for key, value in keys.items() if key not in SHOWN_ONLY}
        if given.setdefault("name", name) != name:
            raise NameFixed(self.kind.lower(), name)
        return self.publish_values(checked_definition(self.kind, given).values, request)

    def publish_values(self, values: Mapping[str, Any], request: Request) -> Any:
        """Store a definition in normal form and show the object."""
        write_documents(documents=[(self.kind, values)], by=request.user)
        return self.get_serializer(self.get_queryset().get(name=values["name"])).data


@extend_schema(tags=["definitions"])
class TaskResource(Renaming, VersionedResource):
    """Reusable units of work."""

    kind = "Task"
    permissions: ClassVar[dict[str, str]] = {
        "view": "task.view",
        "create": "task.publish",
        "update": "task.publish",
        "rename": "task.publish",
    }
    queryset = (
        Task.objects.filter(archived=False, versions__number=1)
        .prefetch_related(Prefetch("versions", TaskVersion.objects.newest(), to_attr="current"))
        .order_by("name")
    )
    serializer_class = TaskSerializer

    def uses_of(self, row: Task) -> Uses:
        return uses_of_task(row.name)

    def rename_row(self, row: Task, name: str, by: Actor) -> Renamed:
        return rename_task(task=row.pk, name=name, by=by)


class FlowDefinitions(Renaming, VersionedResource):
    """Flows as definitions; ``flows`` adds what can be done with them."""

    kind = "Flow"
    queryset = (
        Flow.objects.filter(archived=False, versions__number=1)
        .prefetch_related(Prefetch("versions", FlowVersion.objects.newest(), to_attr="current"))
        .order_by("name")
    )
    serializer_class = FlowSerializer

    def uses_of(self, row: Flow) -> Uses:
        return uses_of_flow(row.pk, row.name)

    def rename_row(self, row: Flow, name: str, by: Actor) -> Renamed:
        return rename_flow(flow=row.pk, name=name, by=by)
