"""Profiles over REST: the inventory's resource, with connections checked by those who open them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from elements.api import ProfileResource
from flows.api.checked import checked_definition


@extend_schema(tags=["inventory"])
class CheckedProfileResource(ProfileResource):
    """Kinds of elements: how to connect, with which credential, and the default context."""

    def store(self, request: Request, values: dict[str, Any]) -> None:
        """Check the connection as a document's, then store it with its defaults filled in."""
        credential = values["credential"]
        named = {"credential": credential.name} if credential else {}
        connection = {**values["connection"], **named}
        keys = {"name": values["name"], "connection": connection, "context": values["context"]}
        document = checked_definition("Profile", keys)
        super().store(request, {**values, "connection": document.values["connection"]})
