"""The main job over a sound card: speech in, speech out, and speech over speech stops it.

A person's sentence goes into the virtual microphone; what the virtual speaker plays is recorded.
"""

from __future__ import annotations

import json
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.virtual_audio import RATE_HZ, Recording, Samples, VirtualAudio, missing_tool
from voicecli.local.ears import open_ears

DEADLINE_S = 60.0
AUDIBLE = 200

lacking = missing_tool() or (None if shutil.which("flite") else "flite")
if lacking is not None:
    pytest.skip(f"{lacking} is not installed", allow_module_level=True)
if open_ears() is None:
    pytest.skip("pocketsphinx is not installed", allow_module_level=True)

Event = dict[str, Any]


class Talk:
    """A running `voicecli talk --json`, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.events: list[Event] = []
        self._news: queue.Queue[Event | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, kind: str, fits: Callable[[Event], bool] = lambda event: True) -> Event:
        """The next event of `kind` that fits, within the deadline."""
        while True:
            event = self._news.get(timeout=DEADLINE_S)
            assert event is not None, f"ended without {kind}: {self.events[-5:]}"
            if event["type"] == kind and fits(event):
                return event

    def wait_for_words(self, role: str) -> Event:
        """The next final words of `role`."""
        return self.wait_for("transcript", lambda event: event["role"] == role and event["final"])

    def end(self) -> None:
        """Press Ctrl-C, and read what is said until the end."""
        self.process.send_signal(signal.SIGINT)
        self._reader.join(DEADLINE_S)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            self._news.put(event)
        self._news.put(None)


@contextmanager
def talk(card: VirtualAudio, **environment: str) -> Iterator[Talk]:
    command = [sys.executable, "-m", "voicecli", "talk", "--local", "--json"]
    environment = {**card.environment, **environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        session = Talk(process)
        try:
            yield session
        finally:
            session.end()


def say(card: VirtualAudio, folder: Path, words: str) -> subprocess.Popen[bytes]:
    """A person begins to say `words` into the microphone; the process ends with them."""
    wav = folder / "sentence.wav"
    subprocess.run(["flite", "-voice", "slt", "-t", words, "-o", str(wav)], check=True)
    return card.play_into_microphone(wav)


def played_between(recording: Recording, start_s: float, end_s: float) -> Samples:
    """What the speaker played between two moments of `time.monotonic`."""
    recording.wait_until(end_s)
    samples = recording.samples
    first, last = (
        bisect_left(range(len(samples)), moment_s, key=recording.time_of)
        for moment_s in (start_s, end_s)
    )
    return samples[first:last]


def silence_follows(speaker: Recording) -> bool:
    """Whether nothing is played any more, from a quarter of a second after now."""
    now_s = time.monotonic()
    rest = played_between(speaker, now_s + 0.25, now_s + 0.5)
    return bool(np.abs(rest.astype(np.int32)).max() < AUDIBLE)


def test_a_sentence_is_answered_aloud_and_a_second_one_over_the_answer_stops_it(
    tmp_path: Path,
) -> None:
    with VirtualAudio() as card, card.record_speaker() as speaker, talk(card) as session:
        session.wait_for("session")
        say(card, tmp_path, "tell me about the sea").wait(DEADLINE_S)
        first = speaker.wait_for_sound(AUDIBLE)
        session.wait_for(
            "transcript", lambda event: event["role"] == "model" and len(event["heard"]) > 60
        )

        second = say(card, tmp_path, "stop talking")
        cut = session.wait_for("interrupted")
        assert silence_follows(speaker)
        assert cut["dropped_seconds"] > 5
        second.wait(DEADLINE_S)
        answer = session.wait_for_words("model")
        assert answer["text"] == "All right."
        session.wait_for("turn", lambda event: not event["interrupted"])

    users = [e["text"] for e in session.events if e.get("role") == "user" and e["final"]]
    models = [e for e in session.events if e.get("role") == "model" and e["final"]]
    assert "sea" in users[0]
    assert models[0]["text"].startswith("The sea covers")
    assert models[0]["heard"]
    assert len(models[0]["heard"]) < len(models[0]["text"])
    assert np.sqrt(np.mean(speaker.samples[first : first + RATE_HZ].astype(float) ** 2)) > 300
    assert session.process.returncode == 130


def test_on_a_loudspeaker_the_answer_does_not_stop_itself_and_a_person_stops_it(
    tmp_path: Path,
) -> None:
    with VirtualAudio() as card, card.record_speaker() as speaker, talk(card) as session:
        card.loop(-12.0)
        session.wait_for("session")
        say(card, tmp_path, "tell me about the sea").wait(DEADLINE_S)
        session.wait_for(
            "transcript", lambda event: event["role"] == "model" and len(event["heard"]) > 120
        )
        assert "interrupted" not in [event["type"] for event in session.events]

        say(card, tmp_path, "stop talking now please")
        cut = session.wait_for("interrupted")
        assert silence_follows(speaker)
        assert cut["dropped_seconds"] > 1


def test_the_function_in_the_readme_is_called_by_voice(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (settings,) = re.findall(r"```toml\n(tools.*?)```", readme, re.DOTALL)
    assert len(code.split("\n\n")) == 3
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    folder = tmp_path / "voicecli"
    folder.mkdir()
    (folder / "tools.py").write_text(code)
    (folder / "config.toml").write_text(settings)
    with VirtualAudio() as card, talk(card, XDG_CONFIG_HOME=str(tmp_path)) as session:
        session.wait_for("session")
        say(card, tmp_path, "turn on the light").wait(DEADLINE_S)
        called = session.wait_for("tool_call")
        finished = session.wait_for("tool_result")
        answer = session.wait_for_words("model")
    assert (called["name"], called["args"]) == ("set_light", {"on": True})
    assert finished["result"] == "The light in the kitchen is on."
    assert answer["text"] == finished["result"]
