"""The pictures of a flow: its processing script, then its steps. Each is kept for those who ask again."""

from collections.abc import Mapping
from functools import lru_cache

from flows.script.blocks_picture.full import Links, Part, draw
from flows.script.blocks_picture.lines import lines_of, unfold
from flows.script.blocks_picture.thumbnail import draw_small


@lru_cache(maxsize=256)
def small_picture(processing: str, execution: str) -> str:
    """The thumbnail; its title names the steps."""
    return draw_small([*lines_of(processing, "processing"), *lines_of(execution)])


@lru_cache(maxsize=64)
def full_picture(processing: str, execution: str, title: str) -> str:
    """The whole picture, without the blocks of children."""
    return linked_picture(processing, execution, title, Links())


def linked_picture(processing: str, execution: str, title: str, links: Links) -> str:
    """The same with steps that lead somewhere."""
    return draw([Part("Order", lines_of(processing, "processing")), Part("Steps", lines_of(execution))], title, links)


def unfolded_picture(processing: str, execution: str, title: str, children: Mapping[str, str]) -> str:
    """The same with the blocks of each child below its call; ``children`` are execution scripts by flow."""
    steps = unfold(lines_of(execution), children)
    return draw([Part("Order", lines_of(processing, "processing")), Part("Steps", steps)], title)
