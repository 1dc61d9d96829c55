"""A queue of what the user says, in which no silence becomes long. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from voicecli.live.items import Item, Sound


class ItemQueue:
    """Items in order. Of a silence at its end the latest part is kept."""

    def __init__(self) -> None:
        self.sound_bytes = 0
        self.worth = 0
        """How many of the items are more than silence."""
        self._items: deque[Item] = deque()
        self._quiet_count = self._quiet_bytes = 0  # of the silence at the end

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, at: int) -> Item:
        return self._items[at]

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[Item]:
        return reversed(self._items)

    def append(self, item: Item, most_silence_bytes: int) -> None:
        """Put `item` at the end, which may shorten the silence there."""
        self._items.append(item)
        self._count(item, 1)
        if not is_silence(item):
            self._quiet_count = self._quiet_bytes = 0
            return
        self._quiet_count += 1
        self._quiet_bytes += size_of(item)
        while self._quiet_bytes > most_silence_bytes:
            self.remove(len(self._items) - self._quiet_count)

    def prepend(self, items: Iterable[Item]) -> None:
        """Put `items` before the others, in their order."""
        for item in reversed(list(items)):
            if is_silence(item) and self._quiet_count == len(self._items):
                self._quiet_count += 1
                self._quiet_bytes += size_of(item)
            self._items.appendleft(item)
            self._count(item, 1)

    def remove(self, at: int) -> Item:
        """Take out the item at `at`, from 0."""
        item = self._items[at]
        if at >= len(self._items) - self._quiet_count:
            self._quiet_count -= 1
            self._quiet_bytes -= size_of(item)
        self._count(item, -1)
        del self._items[at]
        if at == len(self._items) - self._quiet_count:
            self._join_silences()
        return item

    def first_sound(self) -> int | None:
        """Where the first sound is, if there is any."""
        return next((at for at, item in enumerate(self._items) if isinstance(item, Sound)), None)

    def _join_silences(self) -> None:
        """What stood before the silence at the end is gone: there may be silence before it, too."""
        for at in range(len(self._items) - self._quiet_count - 1, -1, -1):
            item = self._items[at]
            if not is_silence(item):
                break
            self._quiet_count += 1
            self._quiet_bytes += size_of(item)

    def _count(self, item: Item, sign: int) -> None:
        self.sound_bytes += sign * size_of(item)
        self.worth += sign * (not is_silence(item))


def is_silence(item: Item) -> bool:
    """Whether `item` is sound in which nobody speaks."""
    return isinstance(item, Sound) and item.quiet


def size_of(item: Item) -> int:
    """The bytes of sound in `item`."""
    return len(item.pcm) if isinstance(item, Sound) else 0
