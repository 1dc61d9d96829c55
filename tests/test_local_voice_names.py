"""Choosing another voice must be heard, also from the local server."""

from __future__ import annotations

from voicecli.local.voice_names import SOUNDS, sound_of

VOICES_OF_THE_LIVE_API = 30


def test_every_voice_of_the_live_api_sounds_different() -> None:
    assert len(SOUNDS) == VOICES_OF_THE_LIVE_API
    assert len(set(SOUNDS.values())) == VOICES_OF_THE_LIVE_API


def test_a_name_that_is_not_known_sounds_like_kore() -> None:
    assert sound_of("Nobody") == sound_of("Kore") == SOUNDS["Kore"]
    assert sound_of("kore/../x") == SOUNDS["Kore"]


def test_pitches_are_within_espeaks_range() -> None:
    assert all(0 <= sound.pitch <= 100 for sound in SOUNDS.values())
