"""Bodies of requests: JSON that can be stored, shown and read again."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

#: As deep as a YAML document may be; what is deeper overflows the stack of those who read it later.
MAX_DEPTH = 40


class BoundedJson(JSONParser):
    """JSON that is not nested without end, and whose texts UTF-8 can hold."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The body, or ``ParseError``."""
        try:
            data = super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_TOO_DEEP) from None
        _refuse_unfit(data)
        return data


_TOO_DEEP = f"JSON parse error - nested more than {MAX_DEPTH} levels deep"


def _refuse_unfit(data: Any) -> None:
    """Level by level, so that no depth overflows the stack here."""
    level, depth = [data], 0
    while level:
        if depth > MAX_DEPTH:
            raise ParseError(_TOO_DEEP)
        for value in level:
            for text in value if isinstance(value, dict) else [value]:
                if isinstance(text, str) and not _is_unicode(text):
                    raise ParseError("JSON parse error - a text has half of a surrogate pair, which is no character")
        level = [child for value in level for child in _children(value)]
        depth += 1


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
