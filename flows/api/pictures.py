"""The picture of a flow's version over REST: SVG, for lists, wikis and messages."""

from hashlib import sha256
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from flows.queries.pictures import SIZES, Size, picture_of_version
from flowsite.kernel.errors import InvalidRequest
from flowsite.kernel.rest import MayCall, refuse_unknown_query, whole_number

KEPT_S = 7 * 24 * 3600
"""A version never changes, but a newer release of this program may draw it better."""

#: Opened by itself the picture is a document: it may show its own two themes and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class WhateverIsAccepted(BaseContentNegotiation):
    """An image is asked for as an image; refusals are JSON all the same."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:  # noqa: ARG002
        """The first."""
        return renderers[0], renderers[0].media_type


@extend_schema(tags=["definitions"])
class FlowPicture(APIView):
    """The blocks of a version as a picture."""

    permissions = {"view": "flow.view"}
    permission_classes = (IsAuthenticated, MayCall)
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="flows_picture_retrieve",
        parameters=[
            OpenApiParameter("version", int, description="its number; the current one if left out"),
            OpenApiParameter("size", str, enum=SIZES, description="full, or small: bars without words"),
        ],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002
        """The picture; with a version it may be kept, without one it is to be asked for again."""
        refuse_unknown_query(request, ("version", "size"))
        size = _size(request)
        is_pinned = "version" in request.query_params
        number = whole_number(request, "version", 0) if is_pinned else None
        content = picture_of_version(int(id), number, size).encode()
        answer = HttpResponse(content, content_type="image/svg+xml; charset=utf-8")
        answer["ETag"] = f'"{sha256(content).hexdigest()[:32]}"'
        answer["Cache-Control"] = f"private, max-age={KEPT_S}, immutable" if is_pinned else "private, no-cache"
        answer["Content-Security-Policy"] = _POLICY
        return get_conditional_response(request, answer["ETag"], response=answer) or answer


def _size(request: Request) -> Size:
    size = request.query_params.get("size", "full")
    for known in SIZES:
        if size == known:
            return known
    message = f"is {size!r}, expected full or small"
    raise InvalidRequest(f"size {message}", fields={"size": [message]})
