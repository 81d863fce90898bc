"""The error that every operation raises for a fault of the caller: a code, a message, and the fields at fault."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


class FlowsiteError(Exception):
    """A request was refused. The message says what was found, what was expected and what to do.

    ``code`` is stable and for machines; ``status`` is the HTTP status that says the same; ``fields`` maps the name
    of each field at fault to its messages. No secret may stand in any of them.
    """

    code = "refused"
    status = 400

    def __init__(self, message: str, *, fields: Fields | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields: Fields = dict(fields or {})


class InvalidRequest(FlowsiteError):
    """Something in the request has a value that cannot be used."""

    code = "invalid"


class NotFound(FlowsiteError):
    """The named object does not exist."""

    code = "not_found"
    status = 404


class Conflict(FlowsiteError):
    """The object is in a state that does not allow this."""

    code = "conflict"
    status = 409
