"""Schedules over REST: with the keys of their documents, and when they start next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from elements.api import JsonObject, NameFixed, NameTaken
from flows.api.checked import checked_definition
from flows.models import Schedule
from flows.models.schedule import Overlap
from flows.operations.apply import write_documents
from flows.queries.schedules import next_starts
from flows.schedule.checks import DAYS
from flowsite.kernel.rest import Resource, TrueOrFalse, json_object

#: Keys that a schedule shows and nobody sends.
SHOWN_ONLY = ("id", "next_starts")
SHOWN_STARTS = 5


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": ["skip"]},
            {"type": "object", "properties": {"within_minutes": {"type": "integer", "minimum": 1}}},
        ]
    }
)
class MissedField(serializers.JSONField):
    """ "skip", or {"within_minutes": 30}."""


@extend_schema_field({"oneOf": [{"type": "string", "enum": ["latest"]}, {"type": "integer", "minimum": 1}]})
class VersionField(serializers.JSONField):
    """ "latest", or the number of a version."""

    def to_representation(self, value: Any) -> Any:
        """As in a document."""
        return int(value) if str(value).isdecimal() else value


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class WindowsField(serializers.JSONField):
    """A list of {"from": DATE, "to": DATE} and {"days": [...], "from": "22:00", "to": "24:00"}."""


class ScheduleSerializer(serializers.Serializer[Any]):
    """A schedule. ``next_starts`` are the next five instants; a disabled schedule has none."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=200)
    flow = serializers.CharField(source="flow.name")
    days = serializers.ListField(child=serializers.ChoiceField(DAYS), required=False)
    times = serializers.ListField(child=serializers.CharField(), required=False, help_text='such as "02:00"')
    cron = serializers.CharField(required=False, allow_blank=True, help_text="instead of days and times")
    timezone = serializers.CharField(required=False)
    overlap = serializers.ChoiceField(Overlap.values, required=False)
    missed = MissedField(required=False)
    inputs = JsonObject(required=False)
    elements = serializers.ListField(child=serializers.CharField(), required=False, help_text="narrows the target")
    version = VersionField(required=False)
    run_as = serializers.CharField(required=False, allow_blank=True)
    start = serializers.DateField(required=False, allow_null=True)
    end = serializers.DateField(required=False, allow_null=True)
    blackout = WindowsField(required=False)
    owner = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True)
    enabled = serializers.BooleanField(required=False)
    next_starts = serializers.SerializerMethodField()

    def get_next_starts(self, schedule: Schedule) -> list[datetime]:
        """In UTC."""
        return next_starts(schedule, now=timezone.now(), limit=SHOWN_STARTS)


class ScheduleFilter(filters.FilterSet):  # type: ignore[misc]
    """By exact name, by the name of the flow, by whether it is enabled."""

    flow = filters.CharFilter(field_name="flow__name")
    enabled = TrueOrFalse()

    class Meta:
        model = Schedule
        fields = ("name", "flow", "enabled")


@extend_schema(tags=["schedules"])
class ScheduleResource(Resource):
    """When flows start by themselves. POST creates, PUT replaces: what is left out gets its default."""

    permissions: ClassVar[dict[str, str]] = {
        "view": "schedule.view",
        "create": "schedule.change",
        "update": "schedule.change",
    }
    queryset = Schedule.objects.select_related("flow")
    serializer_class = ScheduleSerializer
    filterset_class = ScheduleFilter
    search_fields = ("name", "flow__name")
    ordering_fields = ("id", "name", "next_at")
    ordering = ("name",)

    def create(self, request: Request) -> Response:
        """Create one; its name must be free."""
        keys = json_object(request)
        if self.get_queryset().filter(name=str(keys.get("name"))).exists():
            raise NameTaken("schedule", str(keys.get("name")))
        return Response(self._store(keys, request), status=201)

    def update(self, request: Request, **_: Any) -> Response:
        """Replace all but its name."""
        name = self.get_object().name
        keys = {**json_object(request)}
        if keys.setdefault("name", name) != name:
            raise NameFixed("schedule", name)
        return Response(self._store(keys, request))

    def _store(self, keys: Mapping[str, Any], request: Request) -> Any:
        given = {key: value for key, value in keys.items() if key not in SHOWN_ONLY}
        values = checked_definition("Schedule", given).values
        write_documents(documents=[("Schedule", values)], by=request.user)
        return self.get_serializer(self.get_queryset().get(name=values["name"])).data
