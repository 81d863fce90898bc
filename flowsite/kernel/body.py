"""Bodies of requests: JSON that can be stored, shown and read again."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from flowsite.kernel.errors import InvalidRequest

#: As deep as a YAML document may be; what is deeper overflows the stack of those who read it later.
MAX_DEPTH = 40


class BoundedJson(JSONParser):
    """JSON that is not nested without end, and whose texts a database can hold."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The body; raises ``ParseError``, and ``InvalidRequest`` for a NUL character."""
        try:
            data = super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_TOO_DEEP) from None
        _refuse_unfit(data)
        return data


_TOO_DEEP = f"JSON parse error - nested more than {MAX_DEPTH} levels deep"


def _refuse_unfit(data: Any) -> None:
    """Level by level, so that no depth overflows the stack here. Each value has the body's key that it stands under."""
    level, depth = [("", data)], 0
    while level:
        if depth > MAX_DEPTH:
            raise ParseError(_TOO_DEEP)
        for key, value in level:
            for text in value if isinstance(value, dict) else [value]:
                if isinstance(text, str):
                    _refuse_text(text, key)
        level = [(key or str(name), child) for key, value in level for name, child in _children(value)]
        depth += 1


def _refuse_text(text: str, key: str) -> None:
    if "\0" in text:
        message = "has a NUL character, which no database and no shell can hold"
        raise InvalidRequest(f"{key or 'a key'} {message}", fields={key: [message]})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError("JSON parse error - a text has half of a surrogate pair, which is no character") from None


def _children(value: Any) -> Iterable[tuple[object, Any]]:
    return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
