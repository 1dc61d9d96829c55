"""Lines of ALSA and JACK in the middle of the screen are the first thing that people report."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from voicecli.audio.quiet import hidden_stderr, silence_alsa


def test_what_is_written_to_the_descriptor_is_hidden_and_comes_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with hidden_stderr():
        os.write(2, b"ALSA lib confmisc.c:855\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_an_error_inside_comes_through_and_stderr_comes_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(OSError, match="no device"), hidden_stderr():
        raise OSError("no device")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_no_descriptor_is_left_open(capfd: pytest.CaptureFixture[str]) -> None:
    lowest_free = os.dup(2)
    os.close(lowest_free)
    with hidden_stderr():
        pass
    now_free = os.dup(2)
    os.close(now_free)
    assert now_free == lowest_free


def test_a_closed_stderr_is_no_problem() -> None:
    code = "\n".join(
        (
            "import os",
            "from voicecli.audio.quiet import hidden_stderr",
            "os.close(2)",
            "with hidden_stderr():",
            "    print('in')",
            "print('out')",
        )
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.split() == ["in", "out"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")
def test_alsa_is_silent_for_good() -> None:
    """Outside of `hidden_stderr` too: ALSA reports underruns while sound is running."""
    code = "\n".join(
        (
            "import ctypes, ctypes.util, sys",
            "from voicecli.audio.quiet import silence_alsa",
            "if sys.argv[1] == 'silence': silence_alsa()",
            "alsa = ctypes.CDLL('libasound.so.2')",
            "handle = ctypes.c_void_p()",
            "assert alsa.snd_pcm_open(ctypes.byref(handle), b'no-such-device', 0, 0) < 0",
        )
    )

    def chatter(word: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, word], capture_output=True, text=True, check=True
        ).stderr

    try:
        assert "ALSA lib" in chatter("leave")
    except subprocess.CalledProcessError:
        pytest.skip("only on systems with ALSA")
    assert chatter("silence") == ""


def test_silencing_twice_keeps_one_handler() -> None:
    assert silence_alsa() is silence_alsa()
