"""Positions of script instances and the choice of the next wave (R18, R19)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flows.engine.definitions import SiteSpec

Position = tuple[int, ...]
"""Loop's first site and its round, from the outermost loop inward, then the site's number."""


@dataclass(frozen=True, slots=True)
class Track:
    """Where an instance last was: the site, and the round of each loop around it, outermost first."""

    site: SiteSpec | None = None
    rounds: tuple[int, ...] = ()

    @property
    def position(self) -> Position:
        """What waves are ordered by (R19)."""
        if self.site is None:
            return ()
        loops = zip(self.site.loops, self.rounds, strict=True)
        return (*(part for loop in loops for part in loop), self.site.number)

    def moved_to(self, site: SiteSpec) -> "Track":
        """The track after the script reached ``site``: going back raises the round of the innermost common loop."""
        return Track(site, _rounds(self, site))


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
