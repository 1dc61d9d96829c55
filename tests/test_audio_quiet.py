"""Lines of ALSA and JACK in the middle of the screen are the first thing that people report."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from voicecli.audio.quiet import hidden_stderr, silence_alsa, stderr_without_libraries


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


def run(*lines: str) -> subprocess.CompletedProcess[str]:
    code = "\n".join(("import os, sys", *lines))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_libraries_are_silent_for_a_whole_conversation_and_python_is_not() -> None:
    result = run(
        "from voicecli.audio.quiet import hidden_stderr, stderr_without_libraries",
        "with stderr_without_libraries():",
        "    print('one', file=sys.stderr)",
        "    os.write(2, b'pa_linux_alsa.c: line 3665')",
        "    with hidden_stderr():  # a device is opened in the middle",
        "        print('two', file=sys.stderr)",
        "print('three', file=sys.stderr)",
        "os.write(2, b'four')",
    )
    assert result.stderr == "one\ntwo\nthree\nfour"
    assert result.returncode == 0


def test_an_error_out_of_a_conversation_is_reported_as_ever() -> None:
    result = run(
        "from voicecli.audio.quiet import stderr_without_libraries",
        "with stderr_without_libraries():",
        "    raise ValueError('so it is')",
    )
    assert result.stderr.endswith("ValueError: so it is\n")


def test_a_stderr_that_is_no_descriptor_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stderr
    with stderr_without_libraries():
        assert sys.stderr is before
        print("still here", file=sys.stderr)
    assert capsys.readouterr().err == "still here\n"


def test_a_closed_stderr_is_no_problem_for_a_conversation() -> None:
    result = run(
        "from voicecli.audio.quiet import stderr_without_libraries",
        "os.close(2)",
        "with stderr_without_libraries():",
        "    print('in')",
        "print('out')",
    )
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
