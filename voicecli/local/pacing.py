"""When each piece of a spoken reply leaves: ahead of real time, the words ahead of the sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from voicecli.audio.pcm import SPEAKER_RATE_HZ, byte_count, duration_s
from voicecli.local import server_frames
from voicecli.local.server_frames import Frame
from voicecli.local.voice import Speech, SpokenWord

CHUNK_MS = 200
# live-api.md, section 4: sound comes about four times faster than it plays.
GENERATION_SPEED = 4.0
# How far the words run ahead of the chunk that they are spoken in.
WORDS_LEAD_S = 0.4
# Out of order, the words of so many chunks come together: more than their lead, so some are late.
WORDS_EVERY_CHUNKS = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """A frame due `at_s` after the reply began; `spoken_s` and `words` say how much it brings."""

    at_s: float
    frame: Frame
    spoken_s: float = 0.0
    words: str = ""


def generation_s(speech: Speech) -> float:
    """How long the sound of `speech` takes to come, from its first chunk on."""
    return _chunk_count(speech) * CHUNK_MS / 1000 / GENERATION_SPEED


def paced(speech: Speech, *, transcribed: bool, word_by_word: bool) -> Iterator[Timed]:
    """The frames of a voice, each chunk after an empty frame, as the real service sends them.

    `word_by_word` gives each word a message of its own, else the words share that of their chunk.
    """
    chunk_bytes = byte_count(CHUNK_MS, SPEAKER_RATE_HZ)
    words = list(speech.words)
    for index in range(_chunk_count(speech)):
        at_s = index * CHUNK_MS / 1000 / GENERATION_SPEED
        pcm = speech.pcm[index * chunk_bytes : (index + 1) * chunk_bytes]
        is_last = (index + 1) * chunk_bytes >= len(speech.pcm)
        until_s = float("inf") if is_last else (index + 1) * CHUNK_MS / 1000 + WORDS_LEAD_S
        said = _take_until(words, until_s)
        for word in said if transcribed and word_by_word else ():
            yield Timed(at_s, server_frames.model_words(word))
        shared = "".join(said) if transcribed and not word_by_word else ""
        yield Timed(at_s, server_frames.empty())
        frame = server_frames.sound(pcm, shared)
        yield Timed(at_s, frame, duration_s(pcm, SPEAKER_RATE_HZ), "".join(said))


def out_of_order(frames: Iterator[Timed]) -> Iterator[Timed]:
    """`frames` of `paced` by word, the words partly ahead of their sound and partly after it.

    Among themselves the words keep their order, as the sound does.
    """
    late: list[Timed] = []
    chunks = 0
    for timed in frames:
        if not timed.spoken_s:
            if "serverContent" in timed.frame:
                late.append(timed)
            else:
                yield timed
            continue
        if chunks % WORDS_EVERY_CHUNKS == 0:
            yield from _at(timed.at_s, late)
        yield timed
        chunks += 1
    yield from _at(0.0, late)


def _at(at_s: float, timed: list[Timed]) -> Iterator[Timed]:
    """All of `timed`, which are over then, no earlier than `at_s`."""
    while timed:
        one = timed.pop(0)
        yield replace(one, at_s=max(at_s, one.at_s))


def _chunk_count(speech: Speech) -> int:
    return -(-len(speech.pcm) // byte_count(CHUNK_MS, SPEAKER_RATE_HZ))


def _take_until(words: list[SpokenWord], until_s: float) -> list[str]:
    taken = []
    while words and words[0].start_s < until_s:
        taken.append(words.pop(0).text)
    return taken
