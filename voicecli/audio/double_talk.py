"""Tells by loudness alone that somebody speaks over the echo of what is played.

Pure. A canceller swallows a voice that is about as loud as the echo, above all in its first
seconds, while it does not know the echo yet. How late and how loud the echo comes is known after a
quarter of a second of it: what the microphone hears beyond that is somebody in the room.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from voicecli.audio.echo_canceller import FRAME_MS
from voicecli.audio.echo_forecast import FAR_BLOCK_BYTES, HOLD_BLOCKS, EchoForecast
from voicecli.audio.echo_path import HEARD_MS, Echo, EchoPath
from voicecli.audio.echo_reference import SILENCE

# How clear an echo has to be to be learned, and to be the known one again.
CLEAR, CLEAR_AGAIN = 12.0, 9.0
# Between one look for it and the next: until it is known, and then.
LOOK_FRAMES, KNOWN_FRAMES = 5, 50
# Two looks have seen the same echo as long as lag and level are this alike.
SAME_LAG_MS, SAME_LEVEL_DB = 8.0, 3.0
# The first of an echo tells neither: the half of what is looked at has to be this loud at least.
ONSET_DB = -10.0
# It seems louder when somebody speaks: it is believed to rise by this much from look to look.
RISE_DB = 1.5
# After such a silence the loudspeaker may have begun anew, with another delay.
SILENT_FRAMES = 300 // FRAME_MS

_SEEN_FRAMES = HEARD_MS // FRAME_MS


class DoubleTalk:
    """Takes a frame of each side at a time."""

    def __init__(self) -> None:
        self._path = EchoPath()
        self._forecast = EchoForecast()
        self._near_powers = deque([0.0] * _SEEN_FRAMES, _SEEN_FRAMES)
        self._near = self._far = b""  # a block that is not complete
        self._echo: Echo | None = None  # as it is known to come
        self._seen: Echo | None = None  # once; seen again, it is known
        self._sure = False  # it has come so since the loudspeaker was silent
        self._silent_frames = SILENT_FRAMES
        self._look_in_frames = LOOK_FRAMES
        self._hold_blocks = 0

    def hear(self, near: bytes, far: bytes) -> bool:
        """Whether somebody speaks over the echo, or did so 0.3 s ago.

        10 ms of the microphone at 16 kHz, and of what was played at 24 kHz.
        """
        self._path.add(near, far)
        self._silent_frames = 0 if far != SILENCE else self._silent_frames + 1
        if self._silent_frames >= SILENT_FRAMES:
            self._rest()
            return False
        samples = np.frombuffer(near, "<i2").astype(np.float32)
        self._near_powers.append(float(samples.dot(samples)))
        self._look_in_frames -= 1
        if self._look_in_frames <= 0:
            self._look()
        self._near += near
        self._far += far
        if len(self._far) >= FAR_BLOCK_BYTES:
            self._step()
        return self._hold_blocks > 0

    def _rest(self) -> None:
        self._sure, self._seen, self._hold_blocks = False, None, 0
        self._near = self._far = b""
        self._forecast.rest()

    def _step(self) -> None:
        near, far, self._near, self._far = self._near, self._far, b"", b""
        louder = self._forecast.louder(near, far, self._echo if self._sure else None)
        if louder and (self._hold_blocks or self._comes_as_known()):
            self._hold_blocks = HOLD_BLOCKS
        else:
            self._hold_blocks = max(0, self._hold_blocks - 1)

    def _comes_as_known(self) -> bool:
        """Whether the echo has not just begun to come another way, which would be as loud."""
        echo = self._path.find()
        if echo is None or echo.clearness < CLEAR_AGAIN or self._is_known(echo):
            return True
        self._sure, self._seen = False, echo
        return False

    def _look(self) -> None:
        self._look_in_frames = KNOWN_FRAMES if self._sure else LOOK_FRAMES
        powers = list(self._near_powers)
        if sum(powers[: _SEEN_FRAMES // 2]) < sum(powers) * 10 ** (ONSET_DB / 10):
            return
        echo = self._path.find()
        if echo is None:
            return
        if self._echo is not None and self._is_known(echo):
            if echo.clearness >= CLEAR_AGAIN:
                known_db = min(echo.level_db, self._echo.level_db + RISE_DB)
                self._echo = Echo(echo.lag_ms, known_db, echo.clearness, echo.at_known_lag)
                self._sure = True
        elif echo.clearness >= CLEAR:
            self._sure = False
            self._learn(echo)

    def _is_known(self, echo: Echo) -> bool:
        return self._echo is not None and abs(echo.lag_ms - self._echo.lag_ms) <= SAME_LAG_MS

    def _learn(self, echo: Echo) -> None:
        """Believe it the second time; somebody may have spoken over the louder of the two."""
        before, self._seen = self._seen, echo
        if (
            before is not None
            and abs(before.lag_ms - echo.lag_ms) <= SAME_LAG_MS
            and abs(before.level_db - echo.level_db) <= SAME_LEVEL_DB
        ):
            self._echo = min(before, echo, key=lambda one: one.level_db)
            self._sure, self._seen = True, None
            self._forecast.forget()
