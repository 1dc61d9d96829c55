"""What was handed to the device lately, and so what is being heard now.

Pure: time comes in as an argument. A block handed over at `t` is heard from `t` plus the
device's latency on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ

# As long as the ear takes to judge loudness, and a few blocks of the device.
LEVEL_WINDOW_S = 0.05


@dataclass(frozen=True, slots=True)
class _Block:
    heard_from_s: float
    duration_s: float
    pcm: bytes
    played_before: int
    played_after: int

    @property
    def heard_until_s(self) -> float:
        return self.heard_from_s + self.duration_s

    def heard_samples(self, now_s: float) -> int:
        """Samples of replies heard with it, spread evenly: it may be stretched or silent."""
        played = self.played_after - self.played_before
        if now_s >= self.heard_until_s:
            return self.played_after
        return self.played_before + int(played * (now_s - self.heard_from_s) / self.duration_s)


class PlaybackLog:
    """The last blocks of 24 kHz 16-bit mono PCM; forgets what was heard long ago."""

    def __init__(self) -> None:
        self._blocks: deque[_Block] = deque()

    def add(self, handed_s: float, pcm: bytes, played_samples: int, latency_s: float) -> None:
        """A block was handed over, with which `played_samples` of replies are out in all."""
        last = self._blocks[-1] if self._blocks else None
        # Never before the last one, also where another device with less latency plays on.
        heard_from_s = max(handed_s + latency_s, last.heard_from_s if last else handed_s)
        duration_s = len(pcm) / SAMPLE_BYTES / SPEAKER_RATE_HZ
        played_before = last.played_after if last else 0
        self._blocks.append(_Block(heard_from_s, duration_s, pcm, played_before, played_samples))
        # The last block stays: it carries the count.
        while len(self._blocks) > 1 and (self._blocks[0].heard_until_s < handed_s - LEVEL_WINDOW_S):
            self._blocks.popleft()

    def heard_samples(self, now_s: float) -> int:
        """The samples of replies that have left the loudspeaker by `now_s`."""
        heard = self._blocks[0].played_before if self._blocks else 0
        for block in self._blocks:
            if block.heard_from_s > now_s:
                break
            heard = block.heard_samples(now_s)
        return heard

    def heard_lately(self, now_s: float) -> bytes:
        """The PCM of the blocks that were being heard in the last moments."""
        return b"".join(
            block.pcm
            for block in self._blocks
            if block.heard_from_s <= now_s and block.heard_until_s > now_s - LEVEL_WINDOW_S
        )
