"""Keeps known secrets out of texts and out of streams that come in pieces."""

import json
import re
import shlex
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

MASK = "***"
_MASK_BYTES = MASK.encode()

#: Lines of a private key shorter than this (its last one) would mask ordinary words.
_SHORTEST_LINE = 16
#: Of credentials that a step does not use, shorter values are not masked: they are parts of ordinary words.
SHORTEST_OF_OTHERS = 4
#: Errors cut values that they show: at 60 or 80 characters, so that there is room. Shorter ends are ordinary words.
_SHORTEST_BEGINNING, _LONGEST_BEGINNING = 16, 200
#: Values are looked up by so many of their first bytes.
_HEAD = 16
_SOLID = re.compile(rb"[A-Za-z0-9+/=]{%d,}" % _HEAD)

# Note [Many secrets]: hundreds of private keys are ten thousand lines. One pattern of them all takes seconds to build
# and tries hundreds of alternatives at every byte. Such lines look alike, though: a fixed pattern finds the few places
# where one may stand, and a dictionary tells. Only what begins otherwise, as passwords do, is looked for by a pattern
# of its own. Measured (2026-11-23) with 300 keys and 300 passwords: built in 25 ms, 1 MB of a log masked in 130 ms.


class Redactor:
    """Replaces secret values by ``***``. A value of several lines, like a private key, is also masked line by line.

    Of values that begin at the same place the longest is taken, in whole texts and in streams alike.
    """

    def __init__(self, secrets: Iterable[str] = (), inputs: Iterable[str] = ()) -> None:
        """``inputs`` are secrets too, which errors may show cut off: their beginnings are masked as well."""
        found = {variant for secret in secrets for variant in _variants(secret)}
        found |= {cut for secret in inputs for variant in _variants(secret) for cut in _beginnings(variant)}
        values = {value.encode(errors="surrogatepass") for value in found}
        self._by_head: dict[bytes, list[bytes]] = defaultdict(list)
        for value in sorted(values, key=len, reverse=True):
            self._by_head[value[:_HEAD]].append(value)
        self._lengths = sorted({len(head) for head in self._by_head}, reverse=True)
        self._solid = frozenset(head for head in self._by_head if _SOLID.fullmatch(head))
        self._loose = _any_of([head for head in self._by_head if head not in self._solid])
        self._of_one_line = _Beginnings([value for value in values if b"\n" not in value])
        self._of_lines = _Beginnings([value for value in values if b"\n" in value])

    def text(self, text: str) -> str:
        """The text without secrets."""
        if not self._by_head:
            return text
        return self.whole(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")

    def whole(self, data: bytes) -> bytes:
        """Bytes that do not go on, without secrets."""
        shown: list[bytes] = []
        at = 0
        for start, end in self._found(data):
            shown += (data[at:start], _MASK_BYTES)
            at = end
        return b"".join((*shown, data[at:])) if shown else data

    def stream(self) -> "RedactedStream":
        """For bytes that come in pieces; one per stream."""
        return RedactedStream(self)

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """What can be shown of a stream's bytes so far, and the end that may still become a secret."""
        shown: list[bytes] = []
        at = 0
        held_from = len(data) - self._held_back(data)
        for start, end in self._found(data):
            if start >= held_from:
                break
            shown += (data[at:start], _MASK_BYTES)
            at = end
            if at > held_from:
                held_from = len(data) - self._held_back(data[at:])
        shown.append(data[at:held_from])
        return b"".join(shown), data[held_from:]

    def _found(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where secrets begin and end, from left to right, none within another."""
        at = 0
        for start in merge(self._loose_places(data), self._solid_places(data)):
            if start >= at and (length := self._longest_at(data, start)):
                at = start + length
                yield start, at

    def _longest_at(self, data: bytes, start: int) -> int:
        for length in self._lengths:
            for value in self._by_head.get(data[start : start + length], ()):
                if data.startswith(value, start):
                    return len(value)
        return 0

    def _loose_places(self, data: bytes) -> Iterator[int]:
        at = 0
        while self._loose is not None and (match := self._loose.search(data, at)):
            yield match.start()
            at = match.start() + 1

    def _solid_places(self, data: bytes) -> Iterator[int]:
        if not self._solid:
            return
        for run in _SOLID.finditer(data):
            for start in range(run.start(), run.end() - _HEAD + 1):
                if data[start : start + _HEAD] in self._solid:
                    yield start

    def _held_back(self, data: bytes) -> int:
        return max(self._of_one_line.overlap(data, data.rfind(b"\n") + 1), self._of_lines.overlap(data, 0))


class _Beginnings:
    """Tells how much of the end of some bytes may be the beginning of a value."""

    def __init__(self, values: Iterable[bytes]) -> None:
        self._values = sorted(values)
        self._heads = sorted({value[:_HEAD] for value in self._values})
        self._longest = max(map(len, self._values), default=0)

    def overlap(self, data: bytes, since: int) -> int:
        """The length of the longest end of ``data[since:]`` that is a beginning of a value but not all of it."""
        since = max(since, len(data) - self._longest + 1)
        return next((len(data) - start for start in self._places(data, since) if self._is_begun(data[start:])), 0)

    def _places(self, data: bytes, since: int) -> Sequence[int]:
        """Where a value may begin, ascending: wherever a head stands whole, and in the end that is too short for one.

        Up to some length it is faster to try every place than to look for every head.
        """
        if len(data) - since <= 8 * _HEAD:
            return range(since, len(data))
        places = set(range(len(data) - _HEAD, len(data)))
        for head in self._heads:
            at = data.find(head, since)
            while at >= 0:
                places.add(at)
                at = data.find(head, at + 1)
        return sorted(places)

    def _is_begun(self, end: bytes) -> bool:
        place = bisect_right(self._values, end)
        return place < len(self._values) and self._values[place].startswith(end)


class RedactedStream:
    """One stream: only what may be the beginning of a secret is kept back until more comes."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._kept = b""

    def feed(self, data: bytes) -> bytes:
        """What can be shown now."""
        shown, self._kept = self._redactor.split(self._kept + data)
        return shown

    def finish(self) -> bytes:
        """What was kept back, once the stream is over."""
        kept, self._kept = self._kept, b""
        return self._redactor.whole(kept)


def _any_of(heads: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Matches each of them. They are grouped by their first byte, so that few are tried at each place."""
    groups: dict[bytes, list[bytes]] = defaultdict(list)
    for head in heads:
        groups[head[:1]].append(re.escape(head[1:]))
    if not groups:
        return None
    return re.compile(b"|".join(re.escape(first) + b"(?:" + b"|".join(rest) + b")" for first, rest in groups.items()))


def _variants(secret: str) -> Iterable[str]:
    """The forms in which a value is seen: as it is, by line, and as others spell it."""
    if not secret.strip():
        return
    yield secret
    if secret != secret.strip():
        yield secret.strip()
    yield from _spelled(secret.strip())
    if "\n" in secret:
        for line in secret.splitlines():
            if len(line.strip()) >= _SHORTEST_LINE and not line.startswith("-----"):
                yield line.strip()


def _spelled(secret: str) -> Iterable[str]:
    """As shells, JSON and Python's errors write it between quotes, of which the last escape one kind or none."""
    forms = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    for write in (repr, ascii):
        plain = "".join(each if each in "'\"" else write(each)[1:-1] for each in secret)
        forms += [plain, plain.replace("'", "\\'")]
    if "'" in secret:
        forms.append(shlex.quote(secret)[1:-1])
    yield from (form for form in forms if form != secret)


def _beginnings(value: str) -> Iterable[str]:
    """The value, and what is left of it where an error shows no more of it than this."""
    yield value
    for length in range(_SHORTEST_BEGINNING, min(len(value), _LONGEST_BEGINNING)):
        yield value[:length]
