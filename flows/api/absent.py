"""Addresses below /api/ that this release does not have: told in the shape of every error."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from flowsite.kernel.errors import FlowsiteError, NotFound


class NotAvailable(FlowsiteError):
    """The feature comes with a later release."""

    code = "not_available"
    status = 501


@extend_schema(exclude=True)
class LaterResource(APIView):
    """A resource of a later release: refused by name."""

    permission_classes = (IsAuthenticated,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method."""
        super().initial(request, *args, **kwargs)
        raise NotAvailable(f"{kwargs['name']} is not available in this release")


@extend_schema(exclude=True)
class NoSuchAddress(APIView):
    """Anything else."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whatever the method."""
        super().initial(request, *args, **kwargs)
        raise NotFound(f"there is no {request.path}; see /api/docs/ for what there is")
