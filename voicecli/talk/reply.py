"""One reply of the model: which of its words have been heard. Pure: positions are passed in."""

from __future__ import annotations

from voicecli.audio.pcm import SPEAKER_RATE_HZ


class Reply:
    """The words and the sound of one reply, laid side by side.

    Positions are samples of the whole output stream; the reply's sound starts at `start`. Words
    arrive ahead of their sound or with it, so a piece of text belongs to the sound between its own
    arrival and that of the next piece.
    """

    def __init__(self, number: int, start: int) -> None:
        self.number = number
        self.start = start
        self.received_samples = 0
        self.content_complete = False
        self.turn_complete = False
        self.cut_samples: int | None = None
        self._pieces: list[tuple[str, int]] = []

    @property
    def text(self) -> str:
        """All words that have arrived."""
        return "".join(piece for piece, _ in self._pieces).strip()

    @property
    def interrupted(self) -> bool:
        """Whether the reply was cut off."""
        return self.cut_samples is not None

    @property
    def end(self) -> int:
        """The position behind the last sample that was played or is to be played."""
        kept = self.received_samples if self.cut_samples is None else self.cut_samples
        return self.start + kept

    def add_text(self, text: str) -> None:
        """Take in a further piece of the words."""
        self._pieces.append((text, self.received_samples))

    def add_sound(self, sample_count: int) -> None:
        """Take in a further piece of the sound."""
        self.received_samples += sample_count

    def cut(self, position: int) -> None:
        """End the reply at `position` of the output stream: what comes later is never heard."""
        if self.cut_samples is None:
            self.cut_samples = self._within(position)

    def heard_s(self, position: int) -> float:
        """How much of the reply has been heard when the stream stands at `position`."""
        return self._heard_samples(position) / SPEAKER_RATE_HZ

    def heard_text(self, position: int) -> str:
        """The words, from the first, that have been heard when the stream stands at `position`."""
        heard = self._heard_samples(position)
        if self.cut_samples is None and self.content_complete and heard >= self.received_samples:
            return self.text
        text = "".join(piece for piece, _ in self._pieces)
        cut = whole_words(text, self._heard_characters(heard))
        return text[:cut].strip()

    def _within(self, position: int) -> int:
        return min(max(position - self.start, 0), self.received_samples)

    def _heard_samples(self, position: int) -> int:
        heard = self._within(position)
        return heard if self.cut_samples is None else min(heard, self.cut_samples)

    def _heard_characters(self, heard: int) -> int:
        characters = 0
        for text, start, end in self._spans():
            if heard >= end > start:
                characters += len(text)
            elif heard > start:
                return characters + round(len(text) * (heard - start) / (end - start))
            else:
                break
        return characters

    def _spans(self) -> list[tuple[str, int, int]]:
        """Pieces with the stretch of sound of each; those that share a stretch are joined."""
        starts: list[tuple[str, int]] = []
        for text, start in self._pieces:
            if starts and starts[-1][1] == start:
                starts[-1] = (starts[-1][0] + text, start)
            else:
                starts.append((text, start))
        ends = [*(start for _, start in starts[1:]), self.received_samples]
        return [(text, start, end) for (text, start), end in zip(starts, ends, strict=False)]


def whole_words(text: str, characters: int) -> int:
    """`characters` moved back to the end of a word, so that no word counts as heard by half."""
    if characters >= len(text) or text[characters].isspace():
        return min(characters, len(text))
    while characters > 0 and not text[characters - 1].isspace():
        characters -= 1
    return characters
