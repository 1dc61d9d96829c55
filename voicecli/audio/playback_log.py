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
    handed_s: float
    pcm: bytes
    played_before: int
    played_after: int


class PlaybackLog:
    """The last blocks of 24 kHz 16-bit mono PCM; forgets what was heard long ago."""

    def __init__(self) -> None:
        self._blocks: deque[_Block] = deque()

    def add(self, handed_s: float, pcm: bytes, played_samples: int, latency_s: float) -> None:
        """A block was handed over, with which `played_samples` of replies are out in all."""
        played_before = self._blocks[-1].played_after if self._blocks else 0
        self._blocks.append(_Block(handed_s, pcm, played_before, played_samples))
        # The last block stays: it carries the count.
        while len(self._blocks) > 1 and self._end_s(self._blocks[0], latency_s) < (
            handed_s - LEVEL_WINDOW_S
        ):
            self._blocks.popleft()

    def heard_samples(self, now_s: float, latency_s: float) -> int:
        """The samples of replies that have left the loudspeaker by `now_s`."""
        heard = self._blocks[0].played_before if self._blocks else 0
        for block in self._blocks:
            heard_of_block = int((now_s - latency_s - block.handed_s) * SPEAKER_RATE_HZ)
            if heard_of_block < 0:
                break
            heard = min(block.played_before + heard_of_block, block.played_after)
        return heard

    def heard_lately(self, now_s: float, latency_s: float) -> bytes:
        """The PCM of the blocks that were being heard in the last moments."""
        return b"".join(
            block.pcm
            for block in self._blocks
            if block.handed_s + latency_s <= now_s
            and self._end_s(block, latency_s) > now_s - LEVEL_WINDOW_S
        )

    @staticmethod
    def _end_s(block: _Block, latency_s: float) -> float:
        duration_s = len(block.pcm) / SAMPLE_BYTES / SPEAKER_RATE_HZ
        return block.handed_s + latency_s + duration_s
