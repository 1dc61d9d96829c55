"""What was missing from the replies, for summaries, logs and the benchmark."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicecli.audio.pcm import SPEAKER_RATE_HZ

_SAMPLES_PER_MS = SPEAKER_RATE_HZ / 1000


@dataclass(frozen=True, slots=True)
class PlaybackFacts:
    """Silences inside replies and their length, and how much sound was made up in their place."""

    gaps: int = 0
    gap_ms: float = 0.0
    concealed_ms: float = 0.0

    def after_hole(self, concealed_samples: int, silent_samples: int) -> PlaybackFacts:
        """The facts with one hole more, the silent part of which is a gap."""
        return replace(
            self,
            gaps=self.gaps + (silent_samples > 0),
            gap_ms=self.gap_ms + silent_samples / _SAMPLES_PER_MS,
            concealed_ms=self.concealed_ms + concealed_samples / _SAMPLES_PER_MS,
        )
