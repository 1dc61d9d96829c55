"""Who speaks in the measurements: flite's voices as users, flite and eSpeak as the model."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from bench.signals import FULL_SCALE, MIC_RATE_HZ, RATE_HZ, Samples, faded, read_wav, write_wav
from voicecli.local.voice import Voice

USER_VOICES = ("slt", "rms", "awb", "kal16")
MODEL_VOICES = ("rms", "espeak", "awb")
# Active speech; a person at a desk comes out of a microphone a little below the model's voice.
USER_DBFS = -24.0
MODEL_DBFS = -20.0
# Speech is what is louder than this against its own peak; leading silence is cut off there.
ONSET_SHARE = 0.02

USER_LINES = (
    "Wait a moment, I have another question.",
    "Stop, please, that is enough for now.",
    "Hold on, could you tell me about the weather?",
    "Excuse me, I would like to hear something else.",
)
MODEL_LINES = (
    "The sea covers most of our planet, and it is deeper than the highest mountains are tall. ",
    "A good loaf of bread needs flour, water, salt and a great deal of patience on the day. ",
    "Trains run from the old station every twenty minutes, and the last one leaves at eleven. ",
    "Long before there were clocks, people told the time by the shadow of a stick in the sand. ",
    "Bees find their way home by the sun, even on days when it hides behind heavy clouds. ",
    "The museum on the hill keeps four hundred paintings, most of them of boats and harbours. ",
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a user says: 16 kHz, from its first audible sample on, also as a file to play."""

    samples: Samples
    wav: Path

    @property
    def duration_s(self) -> float:
        return len(self.samples) / MIC_RATE_HZ


class Speech:
    """Makes sentences, each once; their files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._voice = Voice()
        self._users: dict[int, Sentence] = {}
        self._replies: dict[tuple[int, int], Samples] = {}

    def user(self, number: int) -> Sentence:
        """The sentence of this number; voices and lines take turns."""
        if number not in self._users:
            line, voice = USER_LINES[number % 4], USER_VOICES[(number + number // 4) % 4]
            samples = _leveled(self._flite(voice, line, MIC_RATE_HZ), USER_DBFS)
            path = write_wav(self._folder / f"user-{number}.wav", samples, MIC_RATE_HZ)
            self._users[number] = Sentence(samples, path)
        return self._users[number]

    def long_user(self, seconds: float) -> Sentence:
        """A user who talks for so long without a pause to speak of."""
        pieces = [self.user(number).samples for number in range(4)]
        count = round(seconds * MIC_RATE_HZ)
        samples = np.resize(np.concatenate(pieces), count)
        return Sentence(samples, write_wav(self._folder / "long.wav", samples, MIC_RATE_HZ))

    def reply(self, number: int, seconds: float) -> Samples:
        """24 kHz of the model's speech, `seconds` long."""
        key = (number, round(seconds))
        if key not in self._replies:
            voice = MODEL_VOICES[number % len(MODEL_VOICES)]
            samples: Samples = np.zeros(0, np.int16)
            line = number
            while len(samples) < seconds * RATE_HZ:
                said = self._model(voice, MODEL_LINES[line % len(MODEL_LINES)])
                samples = np.concatenate((samples, _leveled(said, MODEL_DBFS)))
                line += 1
            self._replies[key] = faded(samples[: round(seconds * RATE_HZ)])
        return self._replies[key]

    def _model(self, voice: str, line: str) -> Samples:
        if voice == "espeak" and self._voice.available:
            return np.frombuffer(self._voice.say(line).pcm, "<i2")
        return self._flite("rms" if voice == "espeak" else voice, line, RATE_HZ)

    def _flite(self, voice: str, line: str, rate_hz: int) -> Samples:
        path = self._folder / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", line, "-o", str(path)], check=True)
        samples, own_rate_hz = read_wav(path)
        return np.asarray(soxr.resample(samples, own_rate_hz, rate_hz), np.int16)


def missing_speaker() -> str | None:
    """What this machine lacks for the users' voices, or None."""
    return None if shutil.which("flite") else "flite"


def _leveled(samples: Samples, level_dbfs: float) -> Samples:
    """Cut to what is audible, at a level of its loud parts."""
    values = samples.astype(float)
    loud = np.flatnonzero(np.abs(values) > ONSET_SHARE * np.abs(values).max())
    values = values[loud[0] : loud[-1] + 1]
    active = values[np.abs(values) > ONSET_SHARE * np.abs(values).max()]
    gain = FULL_SCALE * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(active * active))
    return np.asarray(np.clip(np.round(values * gain), -32_768, 32_767), np.int16)
