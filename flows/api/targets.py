"""Targets over REST: which elements a profile, groups and filters select now."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from elements.queries import TargetProblem, selected_names
from flowsite.kernel.rest import MayCall, refuse_unknown_query


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
