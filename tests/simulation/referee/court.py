"""The referee's table: the books of all runs, what the journal has yet to say, and the elementary changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from flows.engine.events import StepKey
from tests.simulation.referee.book import Actor, Book, Decided
from tests.simulation.stage import Performance
from tests.simulation.walking import Walk
from tests.simulation.world import Foul

How = Callable[[Walk], None]
"""What a script goes on with."""


@dataclass(eq=False)
class Court:
    """``expected`` are the facts that must come, by what they are about: their content, or what compares it.

    ``at`` is the time of the event under judgement and ``number`` its place in the journal.
    """

    performance: Performance
    books: list[Book] = field(default_factory=list)
    open: list[Book] = field(default_factory=list)
    resumptions: list[tuple[Book, Actor, How]] = field(default_factory=list)
    expected: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    questions: dict[int, tuple[Book, list[Actor]]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0
    is_paused: bool = False
    cancels: int = 0
    at: float = 0.0
    number: int = 0

    def __post_init__(self) -> None:
        """Nothing is stored on any element."""
        self.scenario = self.performance.scenario
        self.settings = {name: {} for name in self.scenario.contexts}

    def foul(self, text: str) -> NoReturn:
        """A rule is broken."""
        raise Foul(f"event {self.number}: {text}")

    def expect(self, key: tuple[Any, ...], value: Any) -> None:
        """The journal must say this once, now or later."""
        assert key not in self.expected, f"the referee expects {key} twice"
        self.expected[key] = value

    def claim(self, key: tuple[Any, ...], told: Any, result: Any = None) -> None:
        """The journal says it."""
        if key not in self.expected:
            self.foul(f"{key} says {told}, and does not follow from anything")
        wanted = self.expected.pop(key)
        if callable(wanted):
            wanted(told, result)
        elif wanted != told:
            self.foul(f"{key} says {told}, must be {wanted}")

    def key(self, book: Book, actor: Actor) -> StepKey:
        """The attempt that waits or is under way; a refresh has site 0, and its tasks are the turns (R3)."""
        if book.refreshing:
            return StepKey(book.number, actor.name, 0, actor.here.number, actor.attempt)
        return StepKey(book.number, actor.name, actor.here.number, actor.turn, actor.attempt)

    def resume(self, book: Book, actor: Actor, how: How) -> None:
        """The script goes on in the next round; after a second cancel it does not (R34), and one that a refresh comes
        before has not started (R3)."""
        if self.cancels > 1:
            self.finish(book, actor, actor.state or ("not_started" if book.refreshing else "stopped"))
            return
        actor.phase = "in_script"
        self.resumptions.append((book, actor, how))

    def finish(self, book: Book, actor: Actor, state: Decided) -> None:
        """The element has its final state in this run."""
        actor.state, actor.phase = state, "ended"
        self.out_of_wave(book, actor)
        if not book.refreshing or state != "succeeded":
            self.expect(("element", book.number, actor.name), (state, actor.last))

    def out_of_wave(self, book: Book, actor: Actor) -> None:
        """Its step is over."""
        if actor in book.wave:
            book.wave.remove(actor)
