"""What a person does in the editor with the keyboard alone, as steps of a browser test. Nothing here knows of a mouse.

The canvas has one place that has the focus: a block, a field, or a gap in which a block can be put. ``says`` is what a
screen reader says of it, and ``walk`` presses an arrow key until it is what was looked for, as a person does.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.editing import settled

MOST_PRESSES = 60


def tab_to(page: Page, place: str) -> None:
    """Press Tab until the focus is in what this selector finds."""
    for _ in range(MOST_PRESSES):
        if page.evaluate("place => document.activeElement.matches(place)", place):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {place}; the focus is at {says(page)!r}")


def tab_to_canvas(page: Page) -> None:
    """Press Tab until the blocks have the focus."""
    tab_to(page, "#canvas *")


def says(page: Page) -> str:
    """What is said of the place that has the focus: its label, else its text."""
    told: str = page.evaluate(
        """() => {
            const {activeElement: at} = document
            if (at === null || at === document.body) return 'nothing has the focus'
            const label = document.getElementById(at.getAttribute('aria-labelledby') ?? '') ?? at.labels?.[0]
            return at.getAttribute('aria-label') ?? label?.textContent ?? at.textContent ?? ''
        }"""
    )
    return re.sub(r"\s+", " ", told).strip()


def walk(page: Page, key: str, words: str) -> None:
    """Press a key at least once, and until what is said of the place begins with these words."""
    heard = []
    for _ in range(MOST_PRESSES):
        page.keyboard.press(key)
        heard.append(says(page))
        if heard[-1].startswith(words):
            return
    raise AssertionError(f"{key} never came to {words!r}, but to {list(dict.fromkeys(heard))}")


def insert(page: Page, words: str, label: str) -> None:
    """Put in the block that the palette calls so: ``a`` opens it, words find, arrow down to it, Enter."""
    page.keyboard.press("a")
    page.keyboard.type(words)
    chosen = page.locator(".palette [role=option][aria-selected=true] .offer-label")
    for _ in range(MOST_PRESSES):
        expect(chosen).to_have_count(1)
        if chosen.inner_text() == label:
            break
        page.keyboard.press("ArrowDown")
    expect(chosen).to_have_text(label)
    page.keyboard.press("Enter")
    settled(page)


def rewrite(page: Page, text: str) -> None:
    """Open the field that has the focus, and write another text into it."""
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    settled(page)


def choose(page: Page, option: str) -> None:
    """Open the dropdown that has the focus, and arrow down to an option."""
    page.keyboard.press("Enter")
    menu = page.locator(".blocklyDropDownDiv [role=listbox]")
    expect(menu).to_be_visible()
    for _ in range(MOST_PRESSES):
        at = menu.get_attribute("aria-activedescendant")
        if at and page.locator(f'[id="{at}"]').inner_text().strip() == option:
            break
        page.keyboard.press("ArrowDown")
    else:
        raise AssertionError(f"the dropdown has no {option!r}")
    page.keyboard.press("Enter")
    settled(page)


def publish(page: Page) -> None:
    """Go to Publish, press it, and answer what it asks with what it offers."""
    page.keyboard.press("Alt+3")
    tab_to(page, "#publish")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("^Publish "))
    expect(dialog.get_by_role("status")).to_have_count(0)
    tab_to(page, "#publish-box button.btn-primary")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Published as version")
