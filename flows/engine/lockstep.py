"""Positions of script instances and the choice of the next wave (R18, R19)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flows.engine.definitions import SiteSpec

Position = tuple[int, ...]
"""Loop's first site and its round, from the outermost loop inward, then the site's number."""


class Track(NamedTuple):
    """Where an instance last was: the site, the round of each loop around it, outermost first, and its position."""

    site: SiteSpec | None = None
    rounds: tuple[int, ...] = ()
    position: Position = ()

    def moved_to(self, site: SiteSpec) -> "Track":
        """The track after the script reached ``site``: going back raises the round of the innermost common loop."""
        rounds = _rounds(self, site)
        loops = zip(site.loops, rounds, strict=True)
        return Track(site, rounds, (*(part for loop in loops for part in loop), site.number))


START = Track()


def _rounds(track: Track, site: SiteSpec) -> tuple[int, ...]:
    if track.site is None:
        return (1,) * len(site.loops)
    shared = _shared_loops(track.site.loops, site.loops)
    rounds = list(track.rounds[:shared])
    if shared and site.number <= track.site.number:
        rounds[-1] += 1
    return (*rounds, *(1,) * (len(site.loops) - shared))


def _shared_loops(left: Sequence[int], right: Sequence[int]) -> int:
    """How many loops, from the outermost inward, hold both sites. Loops at one depth differ in their first site."""
    shared = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        shared += 1
    return shared


def least(positions: Iterable[Position]) -> Position:
    """The position that the next wave takes. Empty input is an error of the caller."""
    return min(positions)
