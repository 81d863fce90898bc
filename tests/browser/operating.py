"""What a person does to run and watch, as steps of a browser test: Home's list, the start sheet, the run page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor
from tests.journeys.site import until

#: How long another process may take for what the page then shows.
WORK_MS = 60_000


def first_step(page: Page, words: str) -> Locator:
    """The line of Home's first steps whose link begins with these words."""
    steps = page.get_by_role("region", name="First steps").get_by_role("listitem")
    return steps.filter(has=page.get_by_role("link", name=re.compile(f"^{re.escape(words)}")))


def follow_first_step(visitor: Visitor, words: str) -> Page:
    """Go Home and follow this line, which is not ticked yet."""
    page = visitor.open("/")
    step = first_step(page, words)
    expect(step).not_to_contain_text("(done)")
    step.get_by_role("link").click()
    page.wait_for_url(lambda url: url != f"{visitor.site.address}/")
    page.wait_for_load_state("load")
    return page


def expect_ticked(visitor: Visitor, words: str) -> None:
    """Go Home and see that this line is ticked."""
    expect(first_step(visitor.open("/"), words)).to_contain_text("(done)")


def start_run(page: Page, reason: str) -> int:
    """Fill in the open start sheet, when its plan is there, and press its button; gives the run, whose page opens."""
    sheet = page.get_by_role("dialog", name=re.compile("^Run "))
    expect(sheet.get_by_role("region", name="Plan")).to_contain_text("wave", timeout=WORK_MS)
    sheet.get_by_label("Reason").fill(reason)
    sheet.get_by_role("button", name=re.compile(r"^Run on \d+ elements?$")).click()
    page.wait_for_url(re.compile(r"/runs/\d+/"))
    return run_of(page)


def run_of(page: Page) -> int:
    """The run whose page this is."""
    found = re.search(r"/runs/(\d+)/", page.url)
    assert found is not None, page.url
    return int(found[1])


def run_state(page: Page) -> Locator:
    """The state at the head of a run's page."""
    return page.locator("#run-head .state").first


def elements_in_order(page: Page) -> list[str]:
    """The names of the matrix's rows, from the top."""
    names: list[str] = page.locator(".mx-name").evaluate_all(
        """all => all.toSorted((one, other) => one.dataset.position - other.dataset.position)
            .map(one => one.querySelector('.mx-element').textContent)"""
    )
    return names


@dataclass(slots=True)
class Watched:
    """What the matrix showed, from when it was looked at first: each change of a cell, as element, step and state."""

    changes: list[tuple[str, str, str]] = field(default_factory=list)
    _cells: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def states(self) -> set[str]:
        """Every state that some cell has shown."""
        return {state for _, _, state in self.changes}

    def of(self, element: str, step: str) -> list[str]:
        """The states that one cell went through."""
        return [state for who, what, state in self.changes if (who, what) == (element, step)]

    def beginners(self) -> Sequence[str]:
        """The elements in the order in which their first cell showed anything."""
        return list(dict.fromkeys(element for element, _, _ in self.changes))

    def look(self, page: Page) -> None:
        """Note what differs from the last look."""
        labels: list[str] = page.locator(".mx-cell[data-state]").evaluate_all(
            "cells => cells.map(cell => cell.getAttribute('aria-label'))"
        )
        for label in labels:
            told = re.fullmatch(r"(\S+), \d+ (.+): ([^:]+?)(?:, ×\d+)?", label)
            assert told is not None, label
            cell = (told[1], told[2])
            if self._cells.get(cell) != told[3]:
                self._cells[cell] = told[3]
                self.changes.append((*cell, told[3]))


def watch_until(page: Page, state: str, within_s: float) -> Watched:
    """Look at the matrix again and again until the run is in this state."""
    watched = Watched()

    def is_there() -> bool:
        watched.look(page)
        page.wait_for_timeout(50)
        return run_state(page).inner_text().strip() == state

    until(is_there, within_s, f"the run is {state}; it went through {watched.changes}")
    watched.look(page)
    return watched
