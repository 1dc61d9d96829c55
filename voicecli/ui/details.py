"""The pane of all details: which of its rows show, and what the keys do to that. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicecli.ui.keys import Key


@dataclass(frozen=True, slots=True)
class Details:
    """Rows from `first` on show, `page` of them; those that come are shown if it `follows`.

    `last` is the greatest `first` that there is. `page` and `last` are known once it was drawn.
    """

    first: int = 0
    follows: bool = True
    page: int = 1
    last: int = 0

    def drawn(self, rows: int, page: int) -> Details:
        """As it shows in `page` rows of a screen when there are `rows` in all."""
        last = max(rows - page, 0)
        first = last if self.follows else min(self.first, last)
        return Details(first, self.follows, page, last)

    def moved(self, by: int) -> Details:
        """`by` rows further down; at the end it follows again."""
        first = min(max(self.first + by, 0), self.last)
        return replace(self, first=first, follows=first == self.last)


def scrolled(details: Details, key: Key) -> Details | None:
    """The pane after `key`; None if it is not for scrolling."""
    match key:
        case Key("up") | Key("char", "k" | "K"):
            return details.moved(-1)
        case Key("down") | Key("char", "j" | "J"):
            return details.moved(1)
        case Key("page-up"):
            return details.moved(-details.page)
        case Key("page-down"):
            return details.moved(details.page)
        case Key("home"):
            return details.moved(-details.last)
        case Key("end"):
            return details.moved(details.last)
        case _:
            return None
