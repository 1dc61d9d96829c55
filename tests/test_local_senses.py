"""A server's senses are the real ones unless it is given others, and it makes them when needed."""

from __future__ import annotations

import threading

from voicecli.local.ears import open_ears
from voicecli.local.senses import Senses, Speaker
from voicecli.local.vad import SpeechProbability


def test_the_usual_senses_are_the_real_ones() -> None:
    senses = Senses()
    assert senses.open_detector is SpeechProbability
    assert senses.open_listener is open_ears
    speech = senses.say("one two", "Kore", "en-US")
    assert [word.text for word in speech.words] == ["one", " two"]
    assert speech.pcm


def test_threads_that_speak_first_at_the_same_time_are_all_heard() -> None:
    speaker = Speaker()
    spoken: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: spoken.append(speaker.say("hello", "Puck", "en-US").pcm))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(spoken) == 4
    assert all(spoken)
