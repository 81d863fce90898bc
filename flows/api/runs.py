"""Runs over REST: what happened, what happens, and control."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from flows.adapters.names import flow_names
from flows.api.absent import NotAvailable
from flows.engine.status import ElementState, RunState
from flows.models import Run, RunElement, StepRun
from flows.operations.runs import (
    MAX_COMMENT,
    answer_question,
    cancel_run,
    open_questions,
    pause_run,
    resume_run,
)
from flows.queries.events import MAX_EVENTS, events_after
from flows.queries.plans import describe_plan, plan_of_run
from flows.queries.runs import count_elements
from flows.runner.inbox import ANSWERS
from flowsite.kernel.rest import Resource, StrictKeys, TrueOrFalse, json_object, whole_number

RUN_STATES = [(state.value, state.value) for state in RunState]
ELEMENT_STATES = [(state.value, state.value) for state in ElementState]
LATER_VERBS = "drain|continue|rerun|exclude|skip"


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run. ``reason`` says why it is in its state, ``run_reason`` why somebody started it; a try has no version."""

    flow = serializers.CharField(source="flow_name")
    version = serializers.IntegerField(source="flow_version.number", allow_null=True, default=None)
    state = serializers.ChoiceField(RUN_STATES)

    class Meta:
        model = Run
        fields = (
            "id",
            "flow",
            "version",
            "is_try",
            "mode",
            "state",
            "reason",
            "inputs",
            "narrowed",
            "run_reason",
            "started_by",
            "created_at",
            "started_at",
            "ended_at",
            "root",
            "parent",
            "number",
            "last_seq",
        )
        read_only_fields = fields


class QuestionSerializer(serializers.Serializer[Any]):
    """A question that waits for an answer: about a step that was interrupted (R36), or an approval (R14)."""

    question = serializers.IntegerField()
    kind = serializers.ChoiceField(["interrupted", "approval"], default="interrupted")
    element = serializers.CharField(help_text="the first of the callers")
    callers = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="the elements that wait for the answer of an approval"
    )
    site = serializers.IntegerField()
    message = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    until = serializers.SerializerMethodField(help_text="when an approval times out")

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_until(self, question: Mapping[str, Any]) -> str | None:
        """An instant, where the journal has Unix seconds."""
        until = question.get("until")
        return None if until is None else datetime.fromtimestamp(until, UTC).isoformat()


class RunDetailSerializer(RunSerializer):
    """A run with the number of its elements in each state, and its open questions."""

    elements_by_state = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()
    plan = serializers.SerializerMethodField(help_text="what it was to do, and where it left that; of its root")

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "elements_by_state", "questions", "plan")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_elements_by_state(self, run: Run) -> dict[str, int]:
        """Counts by state, states without an element left out."""
        return count_elements(run.pk)

    @extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
    def get_plan(self, run: Run) -> dict[str, Any] | None:
        """Hash, completeness, number of waves, and where it departed."""
        return describe_plan(run)

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, run: Run) -> Any:
        """Those of the whole tree, on its root."""
        return [] if run.root_id else QuestionSerializer(list(open_questions(run.pk).values()), many=True).data


class RunElementSerializer(serializers.ModelSerializer[RunElement]):
    """One element in a run; positions count from 0 in execution order."""

    state = serializers.ChoiceField(ELEMENT_STATES)

    class Meta:
        model = RunElement
        fields = ("position", "name", "state", "message", "snapshot")


class StepRunSerializer(serializers.ModelSerializer[StepRun]):
    """The outcome of one attempt of one step."""

    element = serializers.CharField(source="element_name")

    class Meta:
        model = StepRun
        fields = (
            "id",
            "run",
            "element",
            "site",
            "turn",
            "attempt",
            "step",
            "name",
            "target",
            "line",
            "status",
            "reason",
            "advice",
            "exit_code",
            "result",
            "started_at",
            "finished_at",
        )


class EventSerializer(serializers.Serializer[Any]):
    """One event as stored; the keys of its type stand beside these."""

    seq = serializers.IntegerField()
    run = serializers.IntegerField()
    root = serializers.IntegerField()  # type: ignore[assignment]
    type = serializers.CharField()
    at = serializers.DateTimeField()


class EventsSerializer(serializers.Serializer[Any]):
    """Events in order. ``last_seq`` is the newest one of the run: ask again while the last of ``events`` is older."""

    events = EventSerializer(many=True)
    last_seq = serializers.IntegerField()


class AnswerSerializer(StrictKeys, serializers.Serializer[Any]):
    """The answer to a question."""

    answer = serializers.ChoiceField(ANSWERS, help_text="approve or reject an approval, else what became of the step")
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_COMMENT)


class RunFilter(filters.FilterSet):  # type: ignore[misc]
    """Runs that no other run called; with ``root`` the children of that one instead."""

    flow = filters.CharFilter(method="of_flow", help_text="under any name that it has had")
    state = filters.MultipleChoiceFilter(choices=RUN_STATES)
    started_by = filters.CharFilter()
    is_try = TrueOrFalse()
    root = filters.NumberFilter(field_name="root_id", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Run
        fields = ("flow", "state", "started_by", "is_try", "root")

    def of_flow(self, queryset: QuerySet[Run], _name: str, value: str) -> QuerySet[Run]:
        """Runs keep the name under which they ran."""
        return queryset.filter(flow_name__in=flow_names(value))

    def filter_queryset(self, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Roots alone, unless somebody asks for the children of one."""
        found: QuerySet[Run] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("root") else found.filter(root=None)


@extend_schema(tags=["runs"])
class RunResource(Resource):
    """Executions of flows."""

    permissions: ClassVar[dict[str, str]] = {
        "view": "run.view",
        "pause": "run.control",
        "resume": "run.control",
        "cancel": "run.control",
        "later": "run.control",
        "questions": "run.answer",
    }
    queryset = Run.objects.select_related("flow_version")
    serializer_class = RunSerializer
    filterset_class = RunFilter
    search_fields = ("flow_name", "run_reason")
    ordering_fields = ("id", "created_at", "started_at", "ended_at", "state", "flow_name")
    ordering = ("-id",)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lists are filtered; a single run is looked up as it is, child or root."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(responses=RunDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """One run with the number of its elements in each state."""
        return Response(RunDetailSerializer(self.get_object()).data)

    @extend_schema(
        responses=EventsSerializer,
        parameters=[
            OpenApiParameter("after", int, description="events after this seq; 0 for all"),
            OpenApiParameter("limit", int, description=f"at most this many, up to {MAX_EVENTS}"),
        ],
    )
    @action(detail=True)
    def events(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The events of the whole tree, numbered in its root run without gaps; a child gives those of its root."""
        run = self.get_object()
        root = run.root or run
        limit = min(whole_number(request, "limit", MAX_EVENTS), MAX_EVENTS)
        events = events_after(root.pk, whole_number(request, "after", 0), limit=limit)
        return Response({"events": events, "last_seq": root.last_seq})

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True)
    def plan(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """The plan that the root run was started with, in the form of its flow's plan (R40)."""
        return Response(plan_of_run(self.get_object().pk).to_json())

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Ask for no new step (R33)."""
        return self._asked(pause_run(run=self.get_object().pk, by=request.user))

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Ask to go on."""
        return self._asked(resume_run(run=self.get_object().pk, by=request.user))

    @extend_schema(request=None, responses={202: RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Ask to end it now; a second time, without its ``finally`` blocks (R34)."""
        return self._asked(cancel_run(run=self.get_object().pk, by=request.user))

    @extend_schema(request=AnswerSerializer, responses={202: RunSerializer})
    @action(detail=True, methods=["post"], url_path=r"questions/(?P<number>[0-9]+)")
    def questions(self, request: Request, pk: str, number: str) -> Response:  # noqa: ARG002
        """Approve or reject (R14), or decide about a step that nobody knows the outcome of (R36)."""
        serializer = AnswerSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        run = self.get_object().pk
        return self._asked(answer_question(run=run, question=int(number), **serializer.validated_data, by=request.user))

    @extend_schema(exclude=True)
    @action(detail=True, methods=["post"], url_path=rf"(?P<verb>{LATER_VERBS})")
    def later(self, request: Request, pk: str, verb: str) -> Response:  # noqa: ARG002
        """Refuse by name what a later release does."""
        raise NotAvailable(f"{verb} is not available in this release; pause, resume and cancel are")

    def _asked(self, _: Any) -> Response:
        return Response(RunSerializer(self.get_object()).data, status=202)


class OfRun(Resource):
    """What belongs to one run: ``/runs/{id}/...``."""

    permissions: ClassVar[dict[str, str]] = {"view": "run.view"}

    def get_queryset(self) -> QuerySet[Any]:
        """Those of this run alone; no such run is an error, not an empty list."""
        rows: QuerySet[Any] = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.filter(run=get_object_or_404(Run, pk=self.kwargs["id"]))


class StepFilter(filters.FilterSet):  # type: ignore[misc]
    """Steps of a run."""

    element = filters.CharFilter(field_name="element_name")

    class Meta:
        model = StepRun
        fields = ("element", "site", "status", "step", "name")


@extend_schema(tags=["runs"])
class RunSteps(OfRun):
    """The outcome of every attempt of the run's own steps, in the order in which they ended."""

    queryset = StepRun.objects.all()
    serializer_class = StepRunSerializer
    filterset_class = StepFilter
    ordering_fields = ("id", "element_name", "site", "finished_at")
    ordering = ("id",)


@extend_schema(tags=["runs"])
class RunElements(OfRun):
    """The run's elements in execution order, with what each saw and its state."""

    queryset = RunElement.objects.all()
    serializer_class = RunElementSerializer
    filterset_fields = ("name", "state")
    search_fields = ("name",)
    ordering_fields = ("position", "name", "state")
    ordering = ("position",)
