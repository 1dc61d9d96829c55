"""Takes the loudspeaker's sound out of the microphone's: WebRTC's AEC3, as livekit ships it."""

from __future__ import annotations

from typing import Any

from voicecli.audio.pcm import MIC_RATE_HZ, SPEAKER_RATE_HZ, byte_count
from voicecli.errors import SoundDeviceError

# WebRTC's audio processing takes exactly this long a piece of either side.
FRAME_MS = 10
NEAR_BYTES = byte_count(FRAME_MS, MIC_RATE_HZ)
FAR_BYTES = byte_count(FRAME_MS, SPEAKER_RATE_HZ)


class EchoCanceller:
    """Cancels echo and noise, frame by frame; `open_canceller` makes one. Not thread-safe."""

    def __init__(self, processing: Any, far_frame: Any, near_frame: Any) -> None:
        self._processing = processing
        # The same two frames every time: the library works in place.
        self._far_frame, self._near_frame = far_frame, near_frame
        self._far: memoryview = far_frame.data.cast("B")
        self._near: memoryview = near_frame.data.cast("B")

    def cancel(self, near: bytes, far: bytes) -> bytes:
        """10 ms of the microphone (16 kHz) without the echo of what was played (24 kHz).

        `far` is what was played at that time or, since sound takes a while to come back, up to
        half a second before. Raises ValueError for any other length.
        """
        self._far[:] = far
        self._processing.process_reverse_stream(self._far_frame)
        self._near[:] = near
        self._processing.process_stream(self._near_frame)
        return bytes(self._near)


def open_canceller() -> EchoCanceller:
    """Load the library, which takes some 100 ms. Raises SoundDeviceError where that fails."""
    try:
        from livekit.rtc.apm import AudioProcessingModule
        from livekit.rtc.audio_frame import AudioFrame

        # Gain control would follow the echo up and down, and spoil the cancellation.
        processing = AudioProcessingModule(
            echo_cancellation=True,
            noise_suppression=True,
            high_pass_filter=True,
            auto_gain_control=False,
        )
    except Exception as error:  # not there, or made for another system: each fails its own way
        raise SoundDeviceError(
            "echo cannot be cancelled",
            why=f"the package livekit cannot be loaded ({_first_line(error)})",
            hint="use headphones, with --headphones, to interrupt by speaking",
        ) from error
    far = AudioFrame(bytearray(FAR_BYTES), SPEAKER_RATE_HZ, 1, FAR_BYTES // 2)
    near = AudioFrame(bytearray(NEAR_BYTES), MIC_RATE_HZ, 1, NEAR_BYTES // 2)
    return EchoCanceller(processing, far, near)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
