"""Sound that is ready to be handed out, and how much of a reply it stands for."""

from __future__ import annotations

from voicecli.audio.pcm import SAMPLE_BYTES


class Piece:
    """PCM that plays `content_samples` of a reply, evenly from its beginning to its end.

    As many as it has samples if it is the reply itself, fewer where a period was repeated, more
    where one was left out, none where a loss is concealed.
    """

    def __init__(self, pcm: bytes, content_samples: int) -> None:
        self.pcm = pcm
        self._done_bytes = 0
        self._content_samples = content_samples
        self._content_done = 0

    @property
    def samples(self) -> int:
        """Its length, from its beginning."""
        return len(self.pcm) // SAMPLE_BYTES

    @property
    def content_left(self) -> int:
        """Samples of the reply that are still to be played with it."""
        return self._content_samples - self._content_done

    @property
    def over(self) -> bool:
        """Whether all of it was taken."""
        return self._done_bytes >= len(self.pcm)

    def take(self, n_samples: int) -> tuple[bytes, int]:
        """Up to `n_samples` from its front, and the samples of the reply that they stand for."""
        taken = self.pcm[self._done_bytes : self._done_bytes + n_samples * SAMPLE_BYTES]
        self._done_bytes += len(taken)
        content_before = self._content_done
        if self.pcm:
            self._content_done = self._content_samples * self._done_bytes // len(self.pcm)
        return taken, self._content_done - content_before
