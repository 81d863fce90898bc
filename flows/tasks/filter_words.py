"""What each filter of a template does, in a few words, for people who choose one (``sandbox.FILTERS``)."""

from collections.abc import Mapping
from types import MappingProxyType

FILTER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "abs": "the number without its sign",
        "capitalize": "first letter large, the rest small",
        "count": "how many items or characters",
        "d": "short for default",
        "default": "a value for a name that is not there: default('none')",
        "dictsort": "pairs of a mapping, sorted by key",
        "first": "the first item",
        "float": "as a number",
        "int": "as a whole number",
        "items": "pairs of a mapping",
        "join": "items as one text: join(' ')",
        "last": "the last item",
        "length": "how many items or characters",
        "list": "as a list",
        "lower": "in small letters",
        "map": "an attribute or a filter of each item: map('quote')",
        "max": "the largest item",
        "min": "the smallest item",
        "quote": "one word for the shell, whatever is in it",
        "reject": "items that do not pass a test",
        "rejectattr": "items whose attribute does not pass a test",
        "replace": "one text for another: replace('a', 'b')",
        "reverse": "from the last to the first",
        "round": "rounded: round(1)",
        "select": "items that pass a test",
        "selectattr": "items whose attribute passes a test",
        "sort": "sorted",
        "string": "as a text",
        "sum": "the items added up",
        "title": "First Letters Large",
        "tojson": "as JSON",
        "trim": "without blanks at its ends",
        "truncate": "cut to a length: truncate(20)",
        "unique": "each item once",
        "upper": "in large letters",
        "urlencode": "for an address: %20 for a blank",
        "wordcount": "how many words",
    }
)
