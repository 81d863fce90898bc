"""Targets over REST: which elements a profile, groups and filters select now."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.effects import TargetEffect, target_effect
from elements.queries import ElementDict, TargetProblem, selected_names
from flowsite.kernel.rest import MayCall, StrictKeys, json_object, refuse_unknown_query

MAX_ROWS = 1_000


class SelectionSerializer(serializers.Serializer[Any]):
    """The enabled elements of a target, in the order in which a run has them before its processing script."""

    count = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField())


@extend_schema(tags=["inventory"])
class Targets(APIView):
    """The elements that a target selects."""

    permissions = {"view": "inventory.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(
        responses=SelectionSerializer,
        parameters=[
            OpenApiParameter("profile", str),
            OpenApiParameter(
                "groups", str, many=True, description="in at least one of them; repeat, or join by commas"
            ),
            OpenApiParameter(
                "filter", str, many=True, description="all must hold, such as: env == prod; repeat for more"
            ),
            OpenApiParameter("all", bool, description="every enabled element"),
        ],
    )
    def get(self, request: Request) -> Response:
        """Count and names (R3)."""
        refuse_unknown_query(request, ("profile", "groups", "filter", "all", "format"))
        query = request.query_params
        groups = [name for text in query.getlist("groups") for name in text.split(",") if name]
        target = {"profile": query.get("profile"), "groups": groups, "filters": query.getlist("filter")}
        chosen: dict[str, Any] = {key: value for key, value in target.items() if value}
        everything = query.get("all", "false") in ("true", "1")
        if everything is bool(chosen):
            found = ", ".join(["all", *chosen]) if everything else "none of them"
            raise TargetProblem(f"found {found}, expected profile, groups or filter, or all=true without them")
        names = selected_names({"all": True} if everything else chosen)
        return Response({"count": len(names), "names": names})


class WrittenTargetSerializer(StrictKeys, serializers.Serializer[Any]):
    """A target as it is being written."""

    all = serializers.BooleanField(required=False, default=False)
    profile = serializers.CharField(required=False, allow_null=True, allow_blank=True, default=None)
    groups = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, default=list)
    filters = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False),
        required=False,
        allow_null=True,
        default=list,
    )


class TargetEffectRequestSerializer(StrictKeys, serializers.Serializer[Any]):
    """Which target, and which of its elements are wanted by name."""

    target = WrittenTargetSerializer()
    search = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="part of a name, of a profile or of a group"
    )
    rows = serializers.IntegerField(required=False, default=200, min_value=0, max_value=MAX_ROWS)


class FilterEffectSerializer(serializers.Serializer[Any]):
    """What one filter leaves, or what is wrong with it; it is left out then."""

    left = serializers.IntegerField(allow_null=True, help_text="elements after this filter and those before it")
    problem = serializers.CharField(help_text="empty if there is none")
    position = serializers.IntegerField(allow_null=True, help_text="where in the filter, from 0")


class TargetRowSerializer(serializers.Serializer[Any]):
    """One element of a target."""

    name = serializers.CharField()
    profile = serializers.CharField()
    groups = serializers.ListField(child=serializers.CharField())


class TargetEffectSerializer(serializers.Serializer[Any]):
    """What a target selects, and what each of its filters leaves; null while something in it is wrong."""

    count = serializers.IntegerField(allow_null=True)
    base = serializers.IntegerField(allow_null=True, help_text="elements before the first filter")
    problem = serializers.CharField(help_text="of profile and groups; empty if there is none")
    filters = FilterEffectSerializer(many=True)
    found = serializers.IntegerField(help_text="elements that the search finds among those selected")
    rows = TargetRowSerializer(many=True, help_text="the first of them, in the order of the run")


@extend_schema(tags=["inventory"])
class TargetEffects(APIView):
    """What a target selects while it is written: nothing in it is refused, everything wrong is told."""

    permissions = {"view": "inventory.view"}
    permission_classes = (IsAuthenticated, MayCall)

    @extend_schema(request=TargetEffectRequestSerializer, responses=TargetEffectSerializer)
    def post(self, request: Request) -> Response:
        """Count after each filter, and list the elements; nothing is stored."""
        serializer = TargetEffectRequestSerializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        return Response(_shown(target_effect(asked["target"]), asked["search"].strip().casefold(), asked["rows"]))


def _shown(effect: TargetEffect, search: str, most: int) -> dict[str, Any]:
    found = [item for item in effect.elements if not search or _mentions(item, search)]
    return {
        "count": effect.count,
        "base": effect.base,
        "problem": effect.problem,
        "filters": [{"left": one.left, "problem": one.problem, "position": one.position} for one in effect.filters],
        "found": len(found),
        "rows": [{key: item[key] for key in ("name", "profile", "groups")} for item in found[:most]],
    }


def _mentions(item: ElementDict, search: str) -> bool:
    return any(search in text.casefold() for text in (item["name"], item["profile"], *item["groups"]))
