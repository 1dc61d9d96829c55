"""eSpeak NG behind a pipe: the program of the process that `espeak.py` starts.

A process of its own, because eSpeak's C code overruns its buffers on some mixtures of scripts and
what is spoken may come from anyone; a crash here costs one sentence. It is run as a file with
Python's `-I -S`, so it imports nothing but the standard library.

Usage: `espeak_worker.py LIBRARY` in the folder that holds `espeak-ng-data`. It prints `ready` and a
newline; then it reads requests, a JSON object a line with `text`, `languages` (to try), `variant`
and `pitch`, and answers each with a line {"pcm_bytes", "words": [[first_char, start_ms], …]} and
after it the sound, 16-bit mono of 22050 Hz in the machine's byte order. It ends with its input.

Interface of the library: speak_lib.h of eSpeak NG 1.52.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from typing import Any

RATE_HZ = 22_050
# Digits and symbols are spoken at length: a limit for the text does not limit the sound.
MAX_SPEECH_S = 300
MAX_PCM_BYTES = MAX_SPEECH_S * RATE_HZ * 2

_RETRIEVAL_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_POSITION_IN_CHARACTERS = 1
# Neither espeakSSML nor espeakPHONEMES: the text is read out, never interpreted.
_UTF8 = 1
_PITCH = 3
_END_OF_EVENTS = 0
_WORD = 1


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class Library:
    """The shared library with its data, which lie in the working directory. Raises OSError."""

    def __init__(self, path: str) -> None:
        self._lib = ctypes.CDLL(path)
        # A relative name, because eSpeak has room for a path of 160 bytes.
        if self._lib.espeak_Initialize(_RETRIEVAL_SYNCHRONOUS, 0, b".", _DONT_EXIT) != RATE_HZ:
            raise OSError("eSpeak NG does not start")
        self._pcm = bytearray()
        self._words: list[tuple[int, int]] = []
        self._callback = _Callback(self._collect)  # has to live as long as the library calls it
        self._lib.espeak_SetSynthCallback(self._callback)

    def speak(
        self, text: str, languages: list[str], variant: str, pitch: int
    ) -> tuple[bytes, list[tuple[int, int]]]:
        """The sound of `text` in the first of `languages` that exists, and its words."""
        self._pcm.clear()
        self._words.clear()
        # With a variant, eSpeak takes any language for found.
        known = (name for name in languages if self._choose(name))
        self._choose(f"{next(known, languages[-1])}+{variant}")
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode() + b"\0"
        self._lib.espeak_Synth(
            data, ctypes.c_size_t(len(data)), 0, _POSITION_IN_CHARACTERS, 0, _UTF8, None, None
        )
        return bytes(self._pcm), self._words

    def _choose(self, name: str) -> bool:
        return bool(self._lib.espeak_SetVoiceByName(name.encode()) == 0)

    def _collect(self, samples: int | None, count: int, events: Any) -> int:
        """Take what eSpeak has spoken; 1 stops it."""
        if samples:
            self._pcm += ctypes.string_at(samples, count * ctypes.sizeof(ctypes.c_short))
        i = 0
        while events[i].type != _END_OF_EVENTS:
            if events[i].type == _WORD:
                self._words.append((events[i].text_position - 1, events[i].audio_position))
            i += 1
        return int(len(self._pcm) >= MAX_PCM_BYTES)


def main() -> None:
    """Answer requests until the input ends."""
    # Ctrl-C is for the program that started this one; its leaving ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    library = Library(sys.argv[1])
    out = sys.stdout.buffer
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin.buffer:
        pcm, words = library.speak(**json.loads(line))
        out.write(json.dumps({"pcm_bytes": len(pcm), "words": words}).encode() + b"\n" + pcm)
        out.flush()


if __name__ == "__main__":
    main()
