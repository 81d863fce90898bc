"""What a person does in the editor, as steps of a browser test: drags blocks with the mouse, fills in fields.

A *block* is a Playwright locator on the canvas: ``block(page, "run_task")`` is the last one of a type of the catalog.
``drag_block`` finds a block by words, as a person does in the toolbox, and drops it at a *spot*:
``on_canvas(page)`` for the first, ``below(block)``, ``inside(block)``, or ``into(block, n)`` in place of its n-th value
(from 0, in reading order). The seed's processing script from nothing::

    page = open_editor(visitor, flow, "processing")
    sort = drag_block(page, "sort each by", "sort_elements", on_canvas(page))
    chosen = drag_block(page, "else", "choose", into(sort, 0))
    compared = drag_block(page, "compares", "compare", into(chosen, 1))
    drag_block(page, "value of an element", "context", into(compared, 0))
    ...
    choose(page, sort, "smallest first (said so)")
    assert python_text(page) == "order_flow_elements(elements, lambda x: ...)\\n"
    publish(page)

Values that a block brings along from the toolbox are shadows: they give way to what is dropped on them, and a shadow
that a drag has passed over is another one. So drop into blocks that were dropped themselves, not into shadows.
Each step waits until the text says what the blocks say and the draft is saved.
"""

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.visitor import Visitor

Spot = Callable[[], tuple[float, float, int]]
"""Where the left edge of a dragged block is to come: for a statement its upper corner, for a value its middle. Then the
side that it comes from, -1 for the left: of two places that are near, the canvas keeps the one that came first."""

CANVAS = ".blocklySvg .blocklyBlockCanvas"
GRIP_PX = 3.0
"""How far from a block's left edge it is taken: no field is there."""
CARRIED_PX = 12.0
"""How far from its upper left corner a block is held that comes out of the toolbox."""
INDENT_PX = 18.0


def open_editor(visitor: Visitor, flow: int, script: Literal["execution", "processing"] = "execution") -> Page:
    """The editor of a flow, when both sides are there."""
    page = visitor.open(f"/flows/{flow}/edit/?script={script}")
    settled(page)
    return page


def choose_script(page: Page, script: Literal["Execution", "Processing"]) -> None:
    """Go to the other script of the flow."""
    card = "order" if script == "Processing" else "steps"
    page.locator(f"[data-open-card={card}]").click()
    settled(page)


def open_card(page: Page, card: Literal["target", "order", "steps", "rules", "versions"]) -> Locator:
    """Press a part of the sentence; gives its button, whose text is what the sentence says."""
    button = page.locator(f"[data-open-card={card}]")
    button.click()
    expect(page.locator("#main")).to_have_attribute("data-card", card)
    return button


def settled(page: Page) -> None:
    """Wait until both sides say the same, or one says that it cannot, and the draft is saved."""
    page.wait_for_timeout(120)
    expect(page.locator("#main")).to_have_attribute("data-settled", "true")


def block(page: Page, kind: str) -> Locator:
    """The last block of this type on the canvas."""
    return page.locator(f"{CANVAS} .block_{kind}").last


def drag_block(page: Page, words: str, kind: str, spot: Spot) -> Locator:
    """Find a block by words, drag it to the spot, and give it back."""
    before = _ids(page)
    search = page.locator("#block-search")
    search.fill(words)
    source = page.locator(f'#toolbox [role=option][data-type="block_{kind}"]').first
    source.wait_for()
    x, y, side = spot()
    box = source.bounding_box()
    assert box is not None
    is_value = source.get_attribute("data-value") == "true"
    _pull(
        page, (box["x"] + 20, box["y"] + box["height"] / 2), (x + CARRIED_PX, y if is_value else y + CARRIED_PX), side
    )
    search.fill("")
    settled(page)
    return _new(page, kind, before)


def insert_block(page: Page, words: str, kind: str) -> Locator:
    """Find a block by words with the key ``a``, put it in with Enter, and give it back. The canvas has the focus."""
    before = _ids(page)
    page.keyboard.press("a")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    settled(page)
    return _new(page, kind, before)


def badges_of(holder: Locator) -> list[str]:
    """What the badges of a block say, from left to right."""
    return [text.replace("\xa0", " ") for text in holder.locator(":scope > .field-badge").all_text_contents()]


def move_block(page: Page, moved: Locator, spot: Spot) -> None:
    """Drag a block of the canvas to another spot; a statement goes alone, what is below it closes up."""
    _drag(page, moved, spot)
    settled(page)


def on_canvas(page: Page) -> Spot:
    """An empty place of the canvas."""

    def spot() -> tuple[float, float, int]:
        box = page.locator("#canvas").bounding_box()
        assert box is not None
        return box["x"] + 60, box["y"] + 60, 1

    return spot


def below(above: Locator) -> Spot:
    """Right under a statement."""

    def spot() -> tuple[float, float, int]:
        outline = _outline(above)
        return outline["x"], outline["y"] + outline["height"], 1

    return spot


def inside(around: Locator) -> Spot:
    """First in the body of a statement that has one."""

    def spot() -> tuple[float, float, int]:
        outline, label = _outline(around), around.locator(":scope > .blocklyLabelField").first.bounding_box()
        assert label is not None
        header = 2 * (label["y"] + label["height"] / 2 - outline["y"])
        return outline["x"] + INDENT_PX, outline["y"] + header, 1

    return spot


def into(holder: Locator, nth: int = 0) -> Spot:
    """In place of the n-th value of a block."""

    def spot() -> tuple[float, float, int]:
        value = values_of(holder)[nth]
        outline = _outline(value)
        side = -1 if values_of(value) else 1
        return outline["x"], outline["y"] + outline["height"] / 2, side

    return spot


def values_of(holder: Locator) -> list[Locator]:
    """The values that a block holds directly, in the order in which they are read."""
    values = sorted(holder.locator(":scope > .shape-value").all(), key=_reading_order)
    return [_named(holder.page, str(value.get_attribute("data-id"))) for value in values]


def fields_of(holder: Locator) -> Locator:
    """The fields of a block that can be edited, from left to right."""
    return holder.locator(":scope > .blocklyEditableField:not(.field-control, .field-badge)")


def open_names(page: Page, holder: Locator, nth: int = 0) -> Locator:
    """Open the list of the n-th field of a block; gives the field to search in.

    The first press of a task's or flow's name may select its block alone.
    """
    search = page.locator(".pick").get_by_role("combobox")
    fields_of(holder).nth(nth).click()
    if not search.is_visible():
        fields_of(holder).nth(nth).click()
    return search


def pick(page: Page, holder: Locator, name: str, nth: int = 0) -> None:
    """Choose a task, a flow, an input or a context key in the n-th field of a block."""
    search = open_names(page, holder, nth)
    search.fill(name)
    search.press("Enter")
    settled(page)


def write(page: Page, holder: Locator, text: str, nth: int = 0) -> None:
    """Fill in the n-th field of a block, as of a number, a text or a name."""
    fields_of(holder).nth(nth).click()
    editor = page.locator(".blocklyWidgetDiv .blocklyHtmlInput")
    editor.fill(text)
    editor.press("Control+Enter" if "field-code" in (editor.get_attribute("class") or "") else "Enter")
    settled(page)


def choose(page: Page, holder: Locator, option: str, nth: int = -1) -> None:
    """Choose an option of a block's dropdown; its last field if not told otherwise."""
    fields = fields_of(holder)
    (fields.last if nth < 0 else fields.nth(nth)).click()
    page.locator(".blocklyDropDownDiv").get_by_role("option", name=option, exact=True).click()
    settled(page)


def press_control(page: Page, holder: Locator, says: str) -> None:
    """Press the + or − of a block that does this, such as "Add input"."""
    holder.locator(f':scope > .field-control[data-control^="{says}"]').first.click()
    settled(page)


def python_text(page: Page) -> str:
    """The text of the Python side."""
    lines: list[str] = page.locator("#code .cm-line").all_inner_texts()
    return "\n".join(line.rstrip("\n") for line in lines)


def write_python(page: Page, text: str) -> None:
    """Replace the text of the Python side, as by pasting."""
    page.locator("#code .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    settled(page)


def problems(page: Page) -> list[str]:
    """What the list under the panes says."""
    return page.locator("#problems .ed-problem").all_inner_texts()


def publish_dialog(page: Page) -> Locator:
    """Press *Publish…* and wait until the dialog says what would change, or why it cannot be published."""
    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Publish "))
    expect(dialog.get_by_role("status")).to_have_count(0)
    return dialog


def publish(page: Page, note: str = "") -> str:
    """Publish the draft with this note; gives what the page says then."""
    dialog = publish_dialog(page)
    if note:
        dialog.get_by_role("textbox").fill(note)
    dialog.get_by_role("button", name=re.compile("^Publish (over )?version")).click()
    expect(dialog).to_be_hidden()
    said = page.locator("#said")
    expect(said).to_be_visible()
    return said.inner_text()


def _drag(page: Page, dragged: Locator, spot: Spot) -> None:
    outline, is_value = _outline(dragged), _is_value(dragged)
    down = outline["height"] / 2 if is_value else 8.0
    x, y, side = spot()
    start = outline["x"] + GRIP_PX, outline["y"] + down
    _pull(page, start, (x + GRIP_PX, y if is_value else y + down), side)


def _pull(page: Page, start: tuple[float, float], end: tuple[float, float], side: int) -> None:
    """Press, move to the end from one side, let go."""
    (start_x, start_y), (end_x, end_y) = start, end
    page.mouse.move(start_x, start_y)
    page.mouse.down()
    page.mouse.move(start_x + 10, start_y + 8, steps=3)
    page.mouse.move(end_x + 60 * side, end_y + 50, steps=6)
    page.mouse.move(end_x + 14 * side, end_y + 4, steps=6)
    page.mouse.move(end_x + 2 * side, end_y, steps=3)
    page.wait_for_timeout(50)
    page.mouse.up()


def _new(page: Page, kind: str, before: list[str]) -> Locator:
    """The block of this type that was not there before."""
    now = page.locator(f"{CANVAS} .block_{kind}").evaluate_all("all => all.map(one => one.dataset.id)")
    [made, *_] = [one for one in now if one not in before]
    return _named(page, made)


def _outline(shown: Locator) -> FloatRect:
    """Where a block itself stands, without what follows it."""
    box = shown.locator(":scope > .blocklyPath").first.bounding_box()
    assert box is not None
    return box


def _reading_order(shown: Locator) -> tuple[int, float]:
    outline = _outline(shown)
    return round((outline["y"] + outline["height"] / 2) / 15), outline["x"]


def _is_value(shown: Locator) -> bool:
    return "shape-value" in (shown.get_attribute("class") or "").split()


def _named(page: Page, name: str) -> Locator:
    return page.locator(f'{CANVAS} [data-id="{name}"]')


def _ids(page: Page) -> list[str]:
    found: list[str] = page.locator(f"{CANVAS} .blocklyBlock").evaluate_all("all => all.map(one => one.dataset.id)")
    return found
