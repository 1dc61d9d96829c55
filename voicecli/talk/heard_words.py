"""How many of a reply's words lie before a place in its sound. Pure: places are passed in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter

from voicecli.audio.pcm import samples_in
from voicecli.audio.speech_trace import FRAME_SAMPLES, SpeechTrace, Stretch
from voicecli.talk.alignment import Alignment, align
from voicecli.talk.spelling import words

# Words this far ahead of the playback decide where those at it lie; more would only cost time.
AHEAD_FRAMES = 250
# Words this far behind are found for good.
BEHIND_FRAMES = 200
# While the sound comes just in time, the words are looked for again at this pace.
AGAIN_FRAMES = 20
# With much sound ahead, what has been found is good for half of it.
WELL_AHEAD_FRAMES = AHEAD_FRAMES // 2


class Pace:
    """How fast a voice speaks, learned from what it has said; kept from reply to reply."""

    # What a synthetic voice takes for a letter, and how many letters outweigh that guess.
    USUAL_FRAMES_PER_LETTER = 6.7
    GUESS_LETTERS = 40.0
    # Until so many letters were heard, slower and faster voices are tried as well.
    KNOWN_LETTERS = 120.0
    GUESSES = (0.75, 1.0, 1.3, 1.6)
    # How much voices differ, as the deviation of a natural logarithm.
    GUESS_DEVIATION = 0.15
    # Older words fade out, so that another voice or language is learned in half a minute.
    MEMORY_LETTERS = 400.0

    def __init__(self) -> None:
        self._letters = self.GUESS_LETTERS
        self._frames = self.GUESS_LETTERS * self.USUAL_FRAMES_PER_LETTER

    @property
    def guesses(self) -> tuple[tuple[float, float], ...]:
        """The frames of 10 ms that a letter may take on average, each with how odd that would be.

        One, once the voice is known.
        """
        usual = self._frames / self._letters
        if self._letters >= self.KNOWN_LETTERS:
            return ((usual, 0.0),)
        return tuple((usual * times, self._oddness(times)) for times in self.GUESSES)

    def _oddness(self, times: float) -> float:
        return (math.log(times) / self.GUESS_DEVIATION) ** 2 / 2

    def learn(self, letters: float, frames: int) -> None:
        """`letters` were spoken in `frames`, pauses not counted."""
        self._letters += letters
        self._frames += frames
        fade = min(1.0, self.MEMORY_LETTERS / self._letters)
        self._letters *= fade
        self._frames *= fade


@dataclass(frozen=True, slots=True)
class Found:
    """A word in the sound: it and those before it are `text[:characters]`."""

    characters: int
    end_frame: int
    letters: float
    """How long all these words are."""
    spoken_frames: int
    """How long they took, pauses not counted."""


class HeardWords:
    """The words of one reply beside its sound; both come in pieces, in any order."""

    def __init__(self, pace: Pace) -> None:
        self.text = ""
        self.received_samples = 0
        self._pace = pace
        self._trace = SpeechTrace()
        self._settled = Found(0, 0, 0.0, 0)  # the last word that was found for good
        self._found: list[Found] = []  # those after it
        self._heard_characters = 0
        self._look_again_frame = 0
        self._stale = False

    def add_text(self, text: str) -> None:
        """Take in a further piece of the words, be it a part of one or many."""
        self.text += text
        self._stale = True

    def add_sound(self, pcm: bytes) -> None:
        """Take in a further piece of the sound, 24 kHz 16-bit mono."""
        self.received_samples += samples_in(pcm)
        self._trace.feed(pcm)
        self._stale = True

    def follow(self, samples: int, *, whole: bool) -> int:
        """How many characters of the text lie before `samples`; the number never falls.

        `whole` says that no more text or sound will come. Looks only as often as the eye needs.
        """
        frame = samples // FRAME_SAMPLES
        if self._stale and frame >= self._look_again_frame:
            self._look(frame, whole=whole)
        return self._heard_before(frame)

    def judge(self, samples: int, *, whole: bool) -> int:
        """The same for the record: from all that is known now."""
        frame = samples // FRAME_SAMPLES
        self._look(frame, whole=whole)
        return self._heard_before(frame)

    def _heard_before(self, frame: int) -> int:
        ended = (found.characters for found in self._found if found.end_frame <= frame)
        self._heard_characters = max(self._heard_characters, *ended, self._settled.characters)
        return self._heard_characters

    def _look(self, frame: int, *, whole: bool) -> None:
        """Find the words from the last one that is settled to a little ahead of `frame`."""
        end = min(len(self._trace), frame + AHEAD_FRAMES)
        in_sight = end == len(self._trace)
        self._look_again_frame = max(frame + AGAIN_FRAMES, end - WELL_AHEAD_FRAMES)
        self._stale = not in_sight
        stretch = self._trace.stretch(self._settled.end_frame, end)
        whole = whole and in_sight
        letters, spoken_frames = self._settled.letters, self._settled.spoken_frames
        self._found = []
        for word, joint in self._aligned(stretch, whole=whole).ends:
            letters += word.length
            end_frame = stretch.end_of(joint)
            self._found.append(Found(word.end, end_frame, letters, spoken_frames + joint))
        self._settle(frame - BEHIND_FRAMES)

    def _aligned(self, stretch: Stretch, *, whole: bool) -> Alignment:
        """The alignment that fits best, at any pace that the voice may have."""

        def aligned(guess: tuple[float, float]) -> tuple[float, Alignment]:
            pace, oddness = guess
            coming = words(self.text, self._settled.characters)
            alignment = align(coming, stretch, pace, whole=whole)
            return alignment.cost + oddness, alignment

        return min(map(aligned, self._pace.guesses), key=itemgetter(0))[1]

    def _settle(self, frame: int) -> None:
        """Words that end before `frame` stay where they were found; the last may yet grow."""
        count = sum(found.end_frame < frame for found in self._found[:-1])
        if count:
            last = self._found[count - 1]
            spoken_frames = last.spoken_frames - self._settled.spoken_frames
            self._pace.learn(last.letters - self._settled.letters, spoken_frames)
            self._settled, self._found = last, self._found[count:]
