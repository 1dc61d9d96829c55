"""The user's spoken words, put together from what the service recognises. Pure."""

from __future__ import annotations

# The service's recognition may trail the first sound of the reply; later words are a new turn's.
LATE_WORDS_S = 1.0

_SENTENCE_ENDS = (".", "!", "?", "…")


class UserWords:
    """The words of one user turn: pieces that stay, and a guess at the end that may change."""

    def __init__(self) -> None:
        self._settled = ""
        self._guess = ""
        self._answered_s: float | None = None

    @property
    def text(self) -> str:
        """The words so far."""
        return join_pieces(self._settled, self._guess).strip()

    def add(self, piece: str, now_s: float, *, interim: bool) -> None:
        """Take in a further piece, or with `interim` a new guess in place of the last one."""
        if not self.text and self._answered_for(now_s):
            self._answered_s = None
        if interim:
            self._guess = piece
        else:
            self._settled = join_pieces(self._settled, piece)
            self._guess = ""

    def answered(self, now_s: float) -> None:
        """The model began to answer: the words are settled soon."""
        if self._answered_s is None:
            self._answered_s = now_s

    @property
    def is_answered(self) -> bool:
        """Whether the model began to answer these words, rather than being spoken over by them."""
        return self._answered_s is not None

    def due(self, now_s: float) -> bool:
        """Whether no further words of this turn are to be expected."""
        return bool(self.text) and self._answered_for(now_s)

    def take(self) -> str:
        """The words, and an empty start for the next turn."""
        text = self.text
        self._settled, self._guess, self._answered_s = "", "", None
        return text

    def _answered_for(self, now_s: float) -> bool:
        return self._answered_s is not None and now_s - self._answered_s >= LATE_WORDS_S


def join_pieces(before: str, piece: str) -> str:
    """Pieces come with a leading space, as parts of words, or as whole sentences without one."""
    if before.endswith(_SENTENCE_ENDS) and piece and not piece[0].isspace():
        return f"{before} {piece}"
    return before + piece
