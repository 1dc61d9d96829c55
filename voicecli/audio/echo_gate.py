"""Tells whether a sound that the echo canceller left may be the user's, rather than echo.

Pure; the cheap half of hearing an interruption, ahead of the speech detector. A canceller leaves
40 dB less than it was given, but not in its first second, nor in the seconds after the echo's
way has changed (a device that jumps, a laptop that is moved). So there is a level to pass, set by
the playback's own, and a sound that passes it is compared with what was played.
"""

from __future__ import annotations

import math
from collections import deque
from enum import IntEnum

import numpy as np

from voicecli.audio.echo_path import LONGEST_LAG_MS, Echo, EchoPath
from voicecli.audio.levels import SILENCE_DBFS
from voicecli.audio.pcm import FULL_SCALE

# A syllable stands out of this mean, a click does not.
SMOOTHING_FRAMES = 6
# Softer than any voice that is meant for the microphone, after noise suppression.
QUIETEST_DBFS = -55.0
# Steady noise passes suppression in part; what is no louder than this above it is noise.
ABOVE_NOISE_DB = 8.0
NOISE_RISE_DB = 0.02  # each frame: 2 dB a second, which speech with its pauses cannot lift
# The loudest that a canceller let through in its first second was 26 dB below what was played,
# over loudspeakers as loud as −6 dB: 24 below it is no echo.
UNTRAINED_DB = -24.0
# Later on it seldom leaves more than this of the echo, and then nothing that sounds like speech.
TRAINED_DB = -14.0
# What comes this close to the echo itself is no rest of it: a canceller chops the user's voice
# up, and then it does not look like speech for certain.
BEYOND_DB = -8.0
# While the way has changed, nothing is cancelled: only what is this much louder is no echo.
CHANGED_DB = 6.0
# As long as a canceller may take to learn a new way.
CHANGED_FRAMES = 500
# A canceller that takes this much away is at work.
WORKING_DB = 15.0
# Below this nothing is played that could be learned from.
PLAYED_DBFS = -45.0
# What reaches the microphone from headphones is softer than this against what they play, and no
# loudspeaker is. It is told by the mean of about a second.
NO_ECHO_DB = -30.0
MEAN_FRAMES = 100
# How clear an echo has to be to be believed; other voices reach 8.
CLEAR = 9.0
# What is left of an echo comes as late as the echo, and by the canceller's own delay later. At any
# other lag as clear a peak is chance.
CANCELLER_MS = 25.0
CLEAR_AT_LAG = 6.0
# Of the peak of the correlation, what is still found at the known lag when that has not changed.
SAME_LAG = 0.5
SAME_LAG_MS = 2.0
LEARN_FRAMES, RELEARN_FRAMES = 25, 200
# After so long something is heard of what is played, and has been for as long as is compared.
BACK_FRAMES = 50
# The echo gets louder when the volume is turned up; it seems louder when somebody speaks.
RISE_DB = 1.5
# A canceller that has only begun leaves the whole echo now and then. That is as loud as the echo
# is known to be; with a voice over it, it is louder.
YOUNG_FRAMES = 300
EXPLAINED_DB = 2.0
# No echo is suddenly so much louder: it is a voice over it.
LOUDER_DB = 10.0

_LAG_FRAMES = LONGEST_LAG_MS // 10


class Loudness(IntEnum):
    """Of what the canceller left, by what it may be."""

    QUIET = 0
    """Noise, or what a canceller leaves of an echo."""
    LOUD = 1
    """Perhaps a voice."""
    BEYOND = 2
    """Somebody or something in the room, but hardly an echo."""


class EchoGate:
    """Takes a frame of each side at a time; only while something is played, or was just now."""

    def __init__(self) -> None:
        self._path = EchoPath()
        self._rest = EchoPath()  # the same for what the canceller left
        self._near = deque([0.0] * SMOOTHING_FRAMES, SMOOTHING_FRAMES)
        self._clean = deque([0.0] * SMOOTHING_FRAMES, SMOOTHING_FRAMES)
        self._far = deque([0.0] * _LAG_FRAMES, _LAG_FRAMES)
        self._noise_dbfs = SILENCE_DBFS
        self._lag_ms: float | None = None  # None until the canceller has been seen to work
        self._new: Echo | None = None  # found once; found again, it is believed
        self._played_frames = 0  # for how long something has been played
        self._young_frames = YOUNG_FRAMES
        self._echo_db = 0.0
        self._changed_frames = 0  # for how much longer nothing is believed of the way
        self._learn_in_frames = LEARN_FRAMES
        self._compared_frames = 0
        self._near_mean = self._far_mean = 0.0
        self._free_db: float | None = None  # what is heard all the same, where there is no echo

    @property
    def echo_free(self) -> bool:
        """Whether nothing of what is played gets into the microphone, as with headphones."""
        return self._free_db is not None

    def hear(self, near: bytes, far: bytes, clean: bytes) -> Loudness:
        """How loud `clean` is, 10 ms, for what was played. Without an echo, `clean` is `near`."""
        self._path.add(near, far)
        self._rest.add(clean, far)
        self._near.append(_power(near))
        self._far.append(_power(far))
        self._clean.append(_power(clean))
        clean_dbfs = _mean_dbfs(self._clean)
        self._noise_dbfs = min(clean_dbfs, max(SILENCE_DBFS, self._noise_dbfs + NOISE_RISE_DB))
        self._changed_frames = max(0, self._changed_frames - 1)
        played_dbfs = _dbfs(max(self._far))
        self._played_frames = self._played_frames + 1 if played_dbfs > PLAYED_DBFS else 0
        if self._played_frames:
            self._compare()
            self._learn(clean_dbfs)
        if clean_dbfs < max(QUIETEST_DBFS, self._noise_dbfs + ABOVE_NOISE_DB):
            return Loudness.QUIET
        return self._judged(clean_dbfs - played_dbfs)

    def is_echo(self) -> bool:
        """Whether the sound now is what was played, though the canceller let it through.

        Costs 1 ms: for sounds that seem to be speech.
        """
        if self.echo_free:
            echo = self._path.find()
            return echo is not None and self._is_first_echo(echo)
        return self._is_jump() or self._is_rest()

    def _is_jump(self) -> bool:
        """Whether the echo has begun to come another way, or a young canceller passes it."""
        if self._lag_ms is None or self._changed_frames:
            return False
        echo = self._path.find(self._lag_ms)
        if echo is None:
            return False
        louder_db = echo.level_db - self._echo_db
        if echo.at_known_lag >= SAME_LAG:
            return self._young_frames > 0 and louder_db < EXPLAINED_DB
        if echo.clearness < CLEAR or louder_db > LOUDER_DB:
            return False
        self._changed_frames = CHANGED_FRAMES
        self._echo_db = max(self._echo_db, echo.level_db)
        return True

    def _is_rest(self) -> bool:
        """Whether what the canceller left resembles what was played."""
        echo, rest = self._path.find(), self._rest.find()
        if echo is None or rest is None:
            return False
        late_ms = rest.lag_ms - echo.lag_ms
        as_late = 0 <= late_ms <= CANCELLER_MS and echo.clearness >= CLEAR
        return rest.clearness >= (CLEAR_AT_LAG if as_late else CLEAR)

    def _is_first_echo(self, echo: Echo) -> bool:
        """Whether there is an echo now where there was none: the headphones are off."""
        if echo.clearness < CLEAR:
            return False
        self._free_db, self._compared_frames = None, 0
        return True

    def _judged(self, clean_db: float) -> Loudness:
        """What a sound may be that is this loud against what was played."""
        if self._free_db is not None:
            least_db = min(UNTRAINED_DB, self._free_db + ABOVE_NOISE_DB)
            return Loudness.LOUD if clean_db > least_db else Loudness.QUIET
        if self._lag_ms is None:
            return Loudness.LOUD if clean_db > UNTRAINED_DB else Loudness.QUIET
        clean_db -= self._echo_db
        if self._changed_frames:
            return Loudness.LOUD if clean_db > CHANGED_DB else Loudness.QUIET
        if clean_db > BEYOND_DB:
            return Loudness.BEYOND
        return Loudness.LOUD if clean_db > TRAINED_DB else Loudness.QUIET

    def _compare(self) -> None:
        """Find out whether there is an echo at all."""
        self._compared_frames += 1
        share = 1 / min(self._compared_frames, MEAN_FRAMES)
        self._near_mean += (self._near[-1] - self._near_mean) * share
        self._far_mean += (self._far[-1] - self._far_mean) * share
        if self.echo_free or self._compared_frames < MEAN_FRAMES:
            return
        heard_db = _dbfs(self._near_mean) - _dbfs(self._far_mean)
        if heard_db < NO_ECHO_DB:
            self._free_db, self._lag_ms = heard_db, None

    def _learn(self, clean_dbfs: float) -> None:
        """Note how the echo comes in, now and then, at moments when little else is heard."""
        if self._lag_ms is not None:
            self._young_frames = max(0, self._young_frames - 1)
        self._learn_in_frames -= 1
        near_dbfs = _mean_dbfs(self._near)
        if self._learn_in_frames > 0 or self._played_frames < BACK_FRAMES:
            return
        self._learn_in_frames = LEARN_FRAMES
        if near_dbfs < max(QUIETEST_DBFS, clean_dbfs + WORKING_DB):
            return
        echo = self._path.find(self._lag_ms)
        if echo is not None and echo.clearness >= CLEAR:
            self._believe(echo)

    def _believe(self, echo: Echo) -> None:
        """Take `echo` for how it comes in; at another lag than before, only the second time."""
        known_db = self._echo_db + RISE_DB
        if self._lag_ms is None or echo.at_known_lag < SAME_LAG:
            before, self._new = self._new, echo
            if before is None or abs(echo.lag_ms - before.lag_ms) > SAME_LAG_MS:
                return
            known_db = before.level_db
            self._changed_frames = 0 if self._lag_ms is None else CHANGED_FRAMES
        self._lag_ms, self._new = echo.lag_ms, None
        self._echo_db = min(echo.level_db, known_db)  # a voice may have been over it
        self._learn_in_frames = RELEARN_FRAMES


def _power(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    return float(samples.dot(samples)) / len(samples)


def _mean_dbfs(powers: deque[float]) -> float:
    return _dbfs(sum(powers) / len(powers))


def _dbfs(power: float) -> float:
    return 10 * math.log10(power / FULL_SCALE**2) if power >= 1 else SILENCE_DBFS
