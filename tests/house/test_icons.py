"""The sprite holds the icons that pages name, and no others."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = ROOT / "frontend/src/lib/icons.json"
#: A name in `{% icon "plus" %}` of a template or `icon('plus')` of a script.
DRAWN = re.compile(r"""\{% icon "([\w-]+)"|\bicon\(["']([\w-]+)["']""")


def texts() -> list[str]:
    """Templates, the views that name icons, and the scripts with the table of states."""
    places = (("templates", "*.html"), ("flows", "*.py"), ("frontend/src", "*.ts"), ("frontend/src", "*.json"))
    files = [file for folder, names in places for file in sorted((ROOT / folder).rglob(names))]
    return [file.read_text() for file in files if file not in (LIST, ROOT / "frontend/src/editor/catalog.json")]


def listed() -> set[str]:
    return set(json.loads(LIST.read_text()))


def test_every_icon_that_is_drawn_is_in_the_sprite() -> None:
    drawn = {name for text in texts() for found in DRAWN.findall(text) for name in found if name}
    assert drawn
    assert drawn - listed() == set()


def test_every_icon_in_the_sprite_is_named_somewhere() -> None:
    named = {name for text in texts() for name in re.findall(r"""["'`]([\w-]+)["'`]""", text)}
    assert listed() - named == set()
