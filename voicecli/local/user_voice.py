"""When the user speaks: as heard in the sound, or as told by a client that detects it itself."""

from __future__ import annotations

from collections.abc import Iterable

from voicecli.local.refusal import Refusal
from voicecli.local.turn_taking import Activity, ClientDetector, Detection, VoiceDetector


class UserVoice:
    """One of the two detectors; without a `detection` the client tells."""

    def __init__(self, detection: Detection | None) -> None:
        self._voice = None if detection is None else VoiceDetector(detection)
        self._client = ClientDetector()

    @property
    def detected(self) -> bool:
        """Whether the server finds out by itself."""
        return self._voice is not None

    @property
    def speaking(self) -> bool:
        return self._client.speaking if self._voice is None else self._voice.speaking

    def hear(self, pcm: bytes, probabilities: list[float]) -> Iterable[Activity]:
        """Take 16 kHz sound, and the probability of speech in each window that it completes."""
        if self._voice is None:
            return self._client.hear(pcm)
        return self._voice.hear(pcm, probabilities)

    def told(self, *, started: bool) -> Iterable[Activity]:
        """The client says that the user starts or ends. Raises Refusal where that is detected."""
        if self._voice is not None:
            raise Refusal(
                "Explicit activity control is not supported when automatic activity detection "
                "is enabled."
            )
        return self._client.start() if started else self._client.end()

    def end_of_stream(self) -> Iterable[Activity]:
        return () if self._voice is None else self._voice.end_of_stream()
