"""Real speech through the real SDK over a real socket: the parts get on with each other.

The words are those of a small recogniser, so a few may be wrong; the last one must be there.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from voicecli.audio.pcm import MIC_RATE_HZ
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import TRANSCRIPTION_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.local.embedded import EmbeddedServer
from voicecli.settings.key import ApiKey
from voicecli.transcribe.live_engine import LOCAL_SPEED, LiveEngine
from voicecli.transcribe.source import open_recording
from voicecli.transcribe.transcript import Utterance

pytestmark = [
    pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed"),
    pytest.mark.skipif(find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed"),
]

FIRST = "she had never seen so many people in one place before"
LAST = "the children played in the garden until the evening"
OLD_MODEL = "gemini-2.5-flash-native-audio-preview-12-2025"


@dataclass(frozen=True)
class Result:
    utterances: tuple[Utterance, ...]
    guesses: list[str]

    @property
    def words(self) -> list[str]:
        return " ".join(utterance.text for utterance in self.utterances).lower().split()


def spoken(path: Path, *sentences: str, pause_s: float = 1.0) -> Path:
    """A WAV of a flite voice that says `sentences`, with nothing after the last sound."""
    parts = []
    for number, sentence in enumerate(sentences):
        part = path.with_name(f"{path.stem}-{number}.wav")
        subprocess.run(["flite", "-voice", "slt", "-t", sentence, "-o", part], check=True)
        parts.append(pcm_of(part))
    gap = bytes(2 * int(pause_s * MIC_RATE_HZ))
    write_pcm(path, gap.join(parts))
    return path


def pcm_of(path: Path) -> bytes:
    with open_recording(path, lambda _: None) as recording:
        return b"".join(recording.blocks())


def write_pcm(path: Path, pcm: bytes) -> None:
    import numpy as np
    import soundfile

    soundfile.write(path, np.frombuffer(pcm, "<i2"), MIC_RATE_HZ)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with EmbeddedServer() as server:
        key = ApiKey("test", "the test")
        yield Endpoint(key, base_url=server.base_url, ca_file=server.ca_file, local=True)


def transcribed(
    endpoint: Endpoint, path: Path, model: str = TRANSCRIPTION_MODEL, *, speed: float = LOCAL_SPEED
) -> Result:
    guesses: list[str] = []

    async def run() -> tuple[Utterance, ...]:
        with open_recording(path, lambda _: None) as recording:
            async with LiveSession(endpoint, Setup(model)) as session:
                engine = LiveEngine(
                    session,
                    speed=speed,
                    on_progress=lambda progress: guesses.append(progress.last_words),
                    warn=lambda text: pytest.fail(text),
                )
                await engine.run(recording.blocks())
        return engine.transcript.utterances

    async def in_time() -> tuple[Utterance, ...]:
        async with asyncio.timeout(60):
            return await run()

    return Result(asyncio.run(in_time()), guesses)


def wrong_words(heard: list[str], said: list[str]) -> int:
    """The edit distance between two lists of words."""
    row = list(range(len(said) + 1))
    for index, word in enumerate(heard, start=1):
        before, row[0] = row[0], index
        for at, wanted in enumerate(said, start=1):
            cost = min(row[at] + 1, row[at - 1] + 1, before + (word != wanted))
            before, row[at] = row[at], cost
    return row[-1]


def test_a_sentence_comes_back_to_its_last_word_after_guesses(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    result = transcribed(endpoint, spoken(tmp_path / "x.wav", LAST))
    assert result.words[-1] == "evening"
    assert wrong_words(result.words, LAST.split()) <= 2
    shown = [guess for guess in result.guesses if guess]
    assert len(set(shown)) > 2
    assert shown[-1] == result.utterances[-1].text


def test_sentences_are_lines_with_the_times_of_their_ends(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    # Ends are told only of words that come before the next speech: a busy machine needs the pause.
    path = spoken(tmp_path / "x.wav", FIRST, LAST, pause_s=3.0)
    result = transcribed(endpoint, path, speed=2.0)
    assert [len(one.text.split()) > 5 for one in result.utterances] == [True, True]
    assert wrong_words(result.words, [*FIRST.split(), *LAST.split()]) <= 4
    first_s, last_s = (one.end_s for one in result.utterances)
    assert first_s == pytest.approx(3.4, abs=0.5)
    assert last_s == pytest.approx(9.3, abs=0.5)


def test_a_model_that_answers_in_fragments_loses_nothing(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    path = spoken(tmp_path / "x.wav", FIRST, LAST, pause_s=8.0)
    result = transcribed(endpoint, path, OLD_MODEL)
    assert len(result.utterances) == 2
    assert result.words[-1] == "evening"
    assert wrong_words(result.words, [*FIRST.split(), *LAST.split()]) <= 4


def test_silence_has_no_words(endpoint: Endpoint, tmp_path: Path) -> None:
    write_pcm(tmp_path / "x.wav", bytes(2 * MIC_RATE_HZ))
    assert transcribed(endpoint, tmp_path / "x.wav").utterances == ()
