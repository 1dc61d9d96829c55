"""A sound card for tests and benchmarks that needs no hardware: `virtual_audio.sh` from Python.

    with VirtualAudio() as card, card.record_speaker() as recording:
        subprocess.run([...], env=card.environment)

Clients read their environment when they load: whatever shall use the card runs in a process of
its own. Times are `time.monotonic()`, which is the same clock in every process of the machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np

from bench.analysis import Clock, Stretch
from bench.signals import MIC_RATE_HZ, RATE_HZ, Samples

__all__ = ["RATE_HZ", "Recording", "Samples", "VirtualAudio", "missing_tool"]

SCRIPT = Path(__file__).with_name("virtual_audio.sh")
DEADLINE_S = 20.0
# Around a stretch: what tells the time of its ends.
CLOCK_MARGIN_S = 0.3

PULSE_PLUGIN = "libasound_module_pcm_pulse.so"
PLUGIN_FOLDERS = ("lib/*/alsa-lib/", "lib/alsa-lib/", "lib64/alsa-lib/")


def missing_tool() -> str | None:
    """What this machine lacks for a virtual sound card, or None."""
    tools = ("bash", "pulseaudio", "pactl", "paplay", "parec", "setsid")
    for tool in tools:
        if shutil.which(tool) is None:
            return tool
    if not any(any(Path("/usr").glob(folder + PULSE_PLUGIN)) for folder in PLUGIN_FOLDERS):
        return "ALSA's PulseAudio plugin (libasound2-plugins)"
    return None


class Recording:
    """What came out of a device: 16-bit mono at `rate_hz`, with the time at which it came."""

    def __init__(self, process: subprocess.Popen[bytes], rate_hz: int = RATE_HZ) -> None:
        assert process.stdout is not None
        self.rate_hz = rate_hz
        self._pipe = process.stdout
        self._news = threading.Condition()
        self._pieces: list[bytes] = []
        self._ends: list[int] = []  # of each piece, in samples
        self._times_s: list[float] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def samples(self) -> Samples:
        """Everything so far."""
        with self._news:
            return np.frombuffer(b"".join(self._pieces), "<i2")

    def time_of(self, index: int) -> float:
        """When sample number `index` arrived, going back from the end of its piece."""
        with self._news:
            piece = int(np.searchsorted(self._ends, index, side="right"))
            return self._times_s[piece] - (self._ends[piece] - index) / self.rate_hz

    def between(self, start_s: float, end_s: float) -> Stretch:
        """What came between two moments of `time.monotonic`; waits for the second."""
        self.wait_until(end_s + CLOCK_MARGIN_S)
        with self._news:
            left = max(0, bisect_left(self._times_s, start_s - CLOCK_MARGIN_S) - 1)
            base = self._ends[left - 1] if left else 0
            clock = Clock(self._ends[left:], self._times_s[left:], self.rate_hz)
            samples = np.frombuffer(b"".join(self._pieces[left:]), "<i2")
        first, last = (max(base, clock.index_at(moment_s)) for moment_s in (start_s, end_s))
        return Stretch(samples[first - base : last - base], self.rate_hz, clock, first)

    def wait_until(self, end_s: float) -> None:
        """Return once everything that left the device before `end_s` is in."""
        with self._news:
            self._wait_for(lambda: bool(self._times_s) and self._times_s[-1] >= end_s)

    def wait_for_end(self) -> None:
        """Return once the recorder has ended and all of it is in."""
        self._reader.join(DEADLINE_S)

    def wait_for_sound(self, threshold: int = 200) -> int:
        """Wait for sound; the index of the first sample above `threshold`."""
        with self._news:
            seen = 0
            found: list[int] = []

            def heard() -> bool:
                nonlocal seen
                for number in range(seen, len(self._pieces)):
                    piece = np.frombuffer(self._pieces[number], "<i2").astype(np.int32)
                    loud = np.flatnonzero(np.abs(piece) > threshold)
                    if len(loud):
                        found.append(self._ends[number] - len(piece) + int(loud[0]))
                        return True
                seen = len(self._pieces)
                return False

            self._wait_for(heard)
            return found[0]

    def _wait_for(self, condition: object) -> None:
        assert callable(condition)
        if not self._news.wait_for(condition, DEADLINE_S):
            raise TimeoutError("the virtual sound card gave nothing in time")

    def _read(self) -> None:
        count = 0
        half = b""
        while piece := self._pipe.read1(65_536):  # type: ignore[attr-defined]
            now_s = time.monotonic()
            piece = half + piece
            whole = len(piece) // 2 * 2
            half = piece[whole:]
            count += whole // 2
            with self._news:
                self._pieces.append(piece[:whole])
                self._ends.append(count)
                self._times_s.append(now_s)
                self._news.notify_all()


class VirtualAudio:
    """A private sound server with a speaker and a microphone, in a folder of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="voicecli-sound-")
        self.environment: dict[str, str] = {}

    def __enter__(self) -> VirtualAudio:
        exports = self._script("start", self._folder.name)
        self.environment = {**os.environ, **_exported(exports)}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_server()
        self._folder.cleanup()

    def restart_server(self) -> None:
        """Start the sound server again after `stop_server`, at the same address."""
        self._script("start", self._folder.name)

    def stop_server(self) -> None:
        """End the sound server, as if it had crashed or the card had been pulled out."""
        self._script("stop", self._folder.name)

    def loop(self, level_db: float) -> None:
        """Let the microphone hear the speaker at `level_db`, like a loudspeaker on the desk."""
        self._script("loop", str(level_db), self._folder.name)

    def unloop(self) -> None:
        """Put headphones on."""
        self._script("unloop", self._folder.name)

    def play_into_microphone(self, wav: Path) -> subprocess.Popen[bytes]:
        """Say what is in `wav`; the process ends with it."""
        command = ["paplay", "--device=micsink", str(wav)]
        return subprocess.Popen(command, env=self.environment)

    def play_into_speaker(self, wav: Path) -> subprocess.Popen[bytes]:
        """Play what is in `wav` beside whatever else plays; the process ends with it."""
        command = ["paplay", "--device=speaker", str(wav)]
        return subprocess.Popen(command, env=self.environment)

    def record_speaker(self) -> AbstractContextManager[Recording]:
        """Record what the speaker plays; it has begun when the block is entered."""
        return self._record("speaker.monitor", RATE_HZ)

    def record_microphone(self) -> AbstractContextManager[Recording]:
        """Record what the microphone is fed with."""
        return self._record("micsink.monitor", MIC_RATE_HZ)

    @contextmanager
    def _record(self, device: str, rate_hz: int) -> Iterator[Recording]:
        command = ["parec", f"--device={device}", "--raw", "--format=s16le", "--channels=1"]
        command += [f"--rate={rate_hz}", "--latency-msec=5"]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE) as process:
            recording = Recording(process, rate_hz)
            try:
                recording.wait_until(0.0)
                yield recording
            finally:
                process.terminate()
                recording.wait_for_end()

    def _script(self, *arguments: str) -> str:
        result = subprocess.run(
            ["bash", str(SCRIPT), *arguments],
            env=self.environment or None,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        if result.returncode:
            raise RuntimeError(f"virtual_audio.sh {arguments[0]}: {result.stderr.strip()}")
        return result.stdout


def _exported(exports: str) -> Mapping[str, str]:
    assignments = (word for word in shlex.split(exports) if "=" in word)
    return dict(word.split("=", 1) for word in assignments)
