"""What an instance was resumed with, kept small, so that it can be brought back to where it was (R37, R44).

Most results of a wave are equal, and are kept once; large ones are compressed.
"""

import marshal
import zlib
from typing import Final

from flows.script.calls import Begin, RaiseStepFailed, Resume, Return, Stop

SMALL_BYTES: Final = 512
"""Up to here equal values are kept once, and none is compressed."""

MAX_KNOWN: Final = 20_000
"""So many values are looked up before they are kept anew."""

Packed = bytes


class Packer:
    """Packs resumptions; one for all the instances of a host."""

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def pack(self, resume: Resume) -> Packed:
        """The resumption as bytes of this process; values are JSON values."""
        match resume:
            case Begin():
                return b"b"
            case Stop():
                return b"s"
            case RaiseStepFailed(message):
                return self._kept(b"f" + message.encode(errors="surrogatepass"))
            case Return(value):
                packed = marshal.dumps(value)
                return self._kept(b"r" + packed) if len(packed) <= SMALL_BYTES else b"z" + zlib.compress(packed, 1)

    def _kept(self, packed: bytes) -> bytes:
        if len(packed) > SMALL_BYTES:
            return packed
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        return self._known.setdefault(packed, packed)


def unpack(packed: Packed) -> Resume:
    """The resumption, with a value of its own."""
    match packed[:1]:
        case b"b":
            return Begin()
        case b"s":
            return Stop()
        case b"f":
            return RaiseStepFailed(packed[1:].decode(errors="surrogatepass"))
        case b"z":
            return Return(marshal.loads(zlib.decompress(packed[1:])))  # noqa: S302 our own bytes, of this process
        case _:
            return Return(marshal.loads(packed[1:]))  # noqa: S302
