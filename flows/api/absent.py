"""Addresses below /api/ that this release does not have: told in the shape of every error."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from flowsite.kernel.errors import FlowsiteError, NotFound


class NotAvailable(FlowsiteError):
    """The feature comes with a later release."""

    code = "not_available"
    status = 501


@extend_schema(exclude=True)
class NoSuchAddress(APIView):
    """Anything else."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method."""
        super().initial(request, *args, **kwargs)
        raise NotFound(f"there is no {request.path}; see /api/docs/ for what there is")
