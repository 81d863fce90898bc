"""What the contexts of the fleet hold: their keys, and the values that completion may offer for each."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from django.db.models import CharField, Count, F, Max, Q, Window
from django.db.models.functions import Cast, Length, RowNumber

from elements.context import leaves, nested
from elements.models import Group, Profile, Setting
from elements.queries import secret_values
from flows.models import TaskVersion
from flows.tasks.redact import SHORTEST_OF_OTHERS

MAX_CONTEXT_KEYS = 500
MAX_VALUES = 20
#: Longer values are no choice among a few: nobody picks one from a list.
MAX_VALUE_LENGTH = 80

_SECRET_WORDS = re.compile(
    r"(pass(wd|word|phrase|code)?|secrets?|tokens?|credentials?|private|api_?keys?|(ssh|access|encryption)_?keys?|auth)",
    re.IGNORECASE,
)


def context_values() -> dict[str, list[str | int | float | bool]]:
    """The dotted keys that an element's context may have, at most 500, by name, each with up to 20 of its values.

    The values are plain ones, the most frequent first. A key that sounds like a secret has none, and no value holds
    that of a stored credential. 5 queries; with 10,000 elements of ten settings each it takes about 0.2 s (2026-11-26).
    """
    found: dict[str, dict[tuple[type, Any], None]] = {}
    for key, value in _leaves_of_all():
        values = found.setdefault(key, {})
        if _is_offered(value) and not is_secret_key(key):
            values[type(value), value] = None  # 1 and True are two values
    secrets = {value for value in secret_values() if len(value.strip()) >= SHORTEST_OF_OTHERS}
    return {
        key: [value for _, value in found[key] if not _holds_any(value, secrets)][:MAX_VALUES]
        for key in sorted(found)[:MAX_CONTEXT_KEYS]
    }


def unknown_keys(names: Collection[str]) -> set[str]:
    """Those that begin no key of the fleet's context, and that no task saves. 4 queries, or none."""
    if not names:
        return set()
    own = Q(*(Q(key=name) | Q(key__startswith=f"{name}.") for name in names), _connector=Q.OR)
    known = set(Setting.objects.filter(own).order_by().values_list("key", flat=True).distinct())
    contexts = [Group.objects.values_list("context", flat=True), Profile.objects.values_list("context", flat=True)]
    known.update(key for rows in contexts for context in rows for key in context)
    for saved in TaskVersion.objects.current().values_list("definition__save", flat=True):
        known.update(saved or ())
    return set(names) - {key.split(".")[0] for key in known}


def is_secret_key(key: str) -> bool:
    """True where a part of the dotted key sounds like a secret: ``db.admin_password``, but not ``keyboard``."""
    return any(_SECRET_WORDS.fullmatch(word) for part in key.split(".") for word in _words_of(part))


def _words_of(part: str) -> Iterator[str]:
    """The words of a name, and each two that stand together: ``api_key`` is one meaning."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", part) if word]
    yield from words
    yield from (first + second for first, second in pairwise(words))


def _leaves_of_all() -> Iterator[tuple[str, Any]]:
    """(key, value) of settings by how frequent they are, then of groups and profiles.

    Of settings with the same key one is looked at for what stands below it, and those of its values that are short
    are counted, so that 10,000 elements cost what their different keys and values cost.
    """
    yield from _frequent_values()
    examples = Setting.objects.order_by().values("key").annotate(example=Max("pk")).values("example")
    own = Setting.objects.filter(pk__in=examples).values_list("key", "value")
    contexts: list[Mapping[str, Any]] = [
        *({key: value} for key, value in own),
        *Group.objects.values_list("context", flat=True),
        *Profile.objects.values_list("context", flat=True),
    ]
    for context in contexts:
        yield from leaves(nested(context))


def _frequent_values() -> Iterable[tuple[str, Any]]:
    place = Window(RowNumber(), partition_by=[F("key")], order_by=[F("times").desc(), F("text")])
    counted = (
        Setting.objects.order_by()
        .annotate(text=Cast("value", CharField()))
        .annotate(length=Length("text"))
        .filter(length__lte=MAX_VALUE_LENGTH + len('""'))
        .values("key", "value", "text")
        .annotate(times=Count("pk"))
        .annotate(place=place)
        .filter(place__lte=MAX_VALUES)
        .order_by("key", "place")
    )
    return [(key, value) for key, value in counted.values_list("key", "value") if not isinstance(value, dict)]


def _is_offered(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= MAX_VALUE_LENGTH and value.isprintable()
    return isinstance(value, bool | int | float)


def _holds_any(value: object, secrets: Iterable[str]) -> bool:
    return isinstance(value, str) and any(secret in value for secret in secrets)
