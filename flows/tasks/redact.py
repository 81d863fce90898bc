"""Keeps known secrets out of texts and out of streams that come in pieces."""

import re
from collections.abc import Iterable

MASK = "***"
_MASK_BYTES = MASK.encode()

#: Lines of a private key shorter than this (its last one) would mask ordinary words.
_SHORTEST_LINE = 16


class Redactor:
    """Replaces secret values by ``***``. A value of several lines, like a private key, is also masked line by line.

    Of values that begin at the same place the longest is taken, in whole texts and in streams alike.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        values = {variant.encode() for secret in secrets for variant in _variants(secret)}
        self._values = tuple(sorted(values, key=len, reverse=True))
        self._pattern = re.compile(b"|".join(map(re.escape, self._values))) if values else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is None:
            return text
        return self.whole(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")

    def whole(self, data: bytes) -> bytes:
        """Bytes that do not go on, without secrets."""
        return data if self._pattern is None else self._pattern.sub(_MASK_BYTES, data)

    def stream(self) -> "RedactedStream":
        """For bytes that come in pieces; one per stream."""
        return RedactedStream(self)

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """What can be shown of a stream's bytes so far, and the end that may still become a secret."""
        if self._pattern is None:
            return data, b""
        shown: list[bytes] = []
        at = 0
        held_from = len(data) - self._held_back(data)
        while (match := self._pattern.search(data, at)) and match.start() < held_from:
            shown += (data[at : match.start()], _MASK_BYTES)
            at = match.end()
            if at > held_from:
                held_from = len(data) - self._held_back(data[at:])
        shown.append(data[at:held_from])
        return b"".join(shown), data[held_from:]

    def _held_back(self, data: bytes) -> int:
        return max(_overlap(data, value) for value in self._values)


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


def _overlap(data: bytes, value: bytes) -> int:
    """The length of the longest end of ``data`` that is a beginning of ``value`` but not all of it."""
    window = data[max(0, len(data) - len(value) + 1) :]
    start = window.find(value[:1])
    while start >= 0:
        if value.startswith(window[start:]):
            return len(window) - start
        start = window.find(value[:1], start + 1)
    return 0


def _variants(secret: str) -> Iterable[str]:
    if not secret.strip():
        return
    yield secret
    if secret != secret.strip():
        yield secret.strip()
    if "\n" in secret:
        for line in secret.splitlines():
            if len(line.strip()) >= _SHORTEST_LINE and not line.startswith("-----"):
                yield line.strip()
