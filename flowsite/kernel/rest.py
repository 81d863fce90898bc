"""What REST resources share: the permission of each action, and the description of errors for the schema."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from flowsite.kernel.access import require
from flowsite.kernel.errors import InvalidRequest


class ProblemSerializer(serializers.Serializer[Any]):
    """The body of every error."""

    code = serializers.CharField(help_text="stable, for machines")
    message = serializers.CharField(help_text="what was found, what was expected, what to do")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), help_text="messages by field"
    )


#: The refusals that any call may answer with.
PROBLEMS: Mapping[str, str] = MappingProxyType(
    {
        "400": "the request has a value that cannot be used",
        "401": "nobody is logged in",
        "403": "the user's roles do not allow it",
        "404": "there is no such object",
        "409": "the object is in a state that does not allow it",
    }
)


class ResourceSchema(AutoSchema):
    """Describes the refusals beside the answers of every call."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in PROBLEMS.items():
            answer = OpenApiResponse(ProblemSerializer, description)
            bodies.setdefault(status, self._get_response_for_code(answer, status))  # type: ignore[no-untyped-call]
        return bodies


class StrictKeys:
    """Mixed into a serializer: a key that it does not know is an error, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown keys; those that are only shown are accepted and not read."""
        fields: Mapping[str, Any] = self.fields  # type: ignore[attr-defined]
        unknown = [key for key in data if key not in fields] if isinstance(data, Mapping) else []
        if unknown:
            known = ", ".join(name for name, field in fields.items() if not field.read_only)
            raise serializers.ValidationError({key: [f"is no known key, expected one of {known}"] for key in unknown})
        return super().to_internal_value(data)  # type: ignore[misc]


@extend_schema_field({"type": "boolean"})
class TrueOrFalse(filters.TypedChoiceFilter):  # type: ignore[misc]
    """A filter by a flag. The library's own takes every other word for no filter at all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce="true".__eq__, **options)


class MayCall(BasePermission):
    """Asks the one policy before anything of the request is looked at.

    A view has ``permissions``: action (or HTTP method, in small letters) to permission, ``view`` for all others.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raise ``AccessDenied`` with the role that is needed, or allow."""
        table: dict[str, str] = view.permissions  # type: ignore[attr-defined]
        action = getattr(view, "action", None) or (request.method or "").lower()
        require(request.user, table.get(action, table["view"]))
        return True


class Resource(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """A resource that everybody with the ``view`` permission may list and read."""

    permissions: ClassVar[dict[str, str]]
    permission_classes = (IsAuthenticated, MayCall)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter and order a list by its query, all of which must be known."""
        if self.action == "list":
            refuse_unknown_query(self.request, self._known_query())
            self._refuse_unknown_order()
        return super().filter_queryset(queryset)

    def _known_query(self) -> frozenset[str]:
        filters = getattr(self, "filterset_class", None)
        named = filters.base_filters if filters is not None else getattr(self, "filterset_fields", ())
        return frozenset(named) | {"page", "page_size", "ordering", "search", "format"}

    def _refuse_unknown_order(self) -> None:
        known: tuple[str, ...] = getattr(self, "ordering_fields", ())
        asked = [word.strip() for word in self.request.query_params.get("ordering", "").split(",") if word.strip()]
        unknown = [word for word in asked if word.removeprefix("-") not in known]
        if unknown:
            message = f"is {unknown[0]!r}, expected one of {', '.join(known)}, with - before it for descending"
            raise InvalidRequest(f"ordering {message}", fields={"ordering": [message]})


def refuse_unknown_query(request: Request, known: Collection[str]) -> None:
    """Raise ``InvalidRequest`` for a key of the query that nobody reads: it would be ignored."""
    unknown = [key for key in request.query_params if key not in known]
    if unknown:
        message = f"is no known key of the query, expected one of {', '.join(sorted(known))}"
        raise InvalidRequest(f"{unknown[0]} {message}", fields={key: [message] for key in unknown})


def whole_number(request: Request, name: str, default: int) -> int:
    """A number of the query, from 0 up; raises ``InvalidRequest``."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise InvalidRequest(f"{name} is {text!r}, expected a whole number", fields={name: ["not a whole number"]})
    return int(text)


def json_object(request: Request) -> dict[str, Any]:
    """The body of a request, which must be one JSON object."""
    if isinstance(request.data, dict):
        return request.data
    raise InvalidRequest('the body is no JSON object, expected one such as {"name": "db1"}')
