"""The transcript of what the user said, as frames, and what it takes to send it late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from voicecli.local import server_frames
from voicecli.local.server_frames import Frame
from voicecli.local.setup_check import Setup


class UserWords:
    """Makes the frames of the user's words where the setup asks for them."""

    def __init__(self, setup: Setup) -> None:
        self._wanted = setup.transcribes_input
        self._guesses = setup.transcribes_input and setup.model.transcribes
        self._by_word = setup.model.word_by_word
        self._delay_s = 0.0
        self._waiting: deque[tuple[float, str]] = deque()

    @property
    def due_s(self) -> float | None:
        """When words that were put off are to be sent."""
        return self._waiting[0][0] if self._waiting else None

    def put_off(self, delay_s: float) -> None:
        """Send the words of the coming utterance so much later."""
        self._delay_s = delay_s

    def guess(self, text: str) -> Iterator[Frame]:
        """The words of the utterance so far, which may change."""
        if self._guesses:
            yield server_frames.user_words(text, interim=True)

    def add(self, text: str, now_s: float) -> Iterator[Frame]:
        """The words of an utterance; words that are put off keep those after them waiting."""
        if not self._wanted:
            return
        delay_s, self._delay_s = self._delay_s, 0.0
        latest_s = self._waiting[-1][0] if self._waiting else now_s
        self._waiting.append((max(latest_s, now_s + delay_s), text))
        yield from self.advance(now_s)

    def advance(self, now_s: float) -> Iterator[Frame]:
        """The words that are due."""
        while self._waiting and self._waiting[0][0] <= now_s:
            _, text = self._waiting.popleft()
            for piece in [f" {word}" for word in text.split()] if self._by_word else [text]:
                yield server_frames.user_words(piece)
