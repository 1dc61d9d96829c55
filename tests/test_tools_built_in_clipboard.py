"""The clipboard is read and written by the command that fits, which cannot hold anything up."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from voicecli.errors import VoicecliError
from voicecli.tools.built_in.clipboard import MAX_CHARACTERS, clipboard_of, clipboard_tools
from voicecli.tools.built_in.commands import KEPT_BYTES
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Risk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")

# Stands for each command: keeps what it is given, prints what was kept, and notes who called.
STAND_IN = """#!/bin/sh
echo "$0 $*" >> "$HOME/calls"
env > "$HOME/environment"
case "$(basename "$0") $*" in
wl-copy*|*-in|*--input|pbcopy*|clip.exe*) cat > "$HOME/kept" ;;
*) cat "$HOME/kept" ;;
esac
"""


class Desktop:
    """A machine with some of the commands, and what the model gets from it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"HOME": str(home), "PATH": f"{home / 'bin'}:/usr/bin:/bin", "DISPLAY": ":0"}
        (home / "bin").mkdir()

    def install(self, *names: str, script: str = STAND_IN) -> None:
        for name in names:
            path = self.home / "bin" / name
            path.write_text(script)
            path.chmod(0o755)

    def call(self, name: str, **args: object) -> Outcome:
        tool = {tool.name: tool for tool in clipboard_tools(self.environ)}[name]
        return asyncio.run(run(tool, args, lambda result: None))


@pytest.fixture
def desktop(home: Path) -> Desktop:
    return Desktop(home)


@pytest.mark.parametrize(
    "commands", [["xclip"], ["xsel"], ["wl-copy", "wl-paste"]], ids=["xclip", "xsel", "wayland"]
)
@pytest.mark.parametrize("text", ["words\n", "Grüße\n€", "--help; $(id)", ""])
def test_what_was_written_is_read_again(desktop: Desktop, commands: list[str], text: str) -> None:
    desktop.environ["WAYLAND_DISPLAY"] = "wayland-0"
    desktop.install(*commands)
    assert desktop.call("clipboard_write", text=text).response == {"result": "done"}
    assert (desktop.home / "kept").read_bytes() == text.encode()
    assert desktop.call("clipboard_read").response == {"result": text}


def chosen(platform: str, environ: Mapping[str, str]) -> str:
    return clipboard_of(platform, environ).read[0]


def test_the_command_fits_the_screen(desktop: Desktop) -> None:
    desktop.install("xclip", "xsel", "wl-copy", "wl-paste", "pbcopy", "pbpaste")
    desktop.install("clip.exe", "powershell.exe")
    path = desktop.environ["PATH"]
    assert chosen("linux", {"PATH": path, "DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}) == "wl-paste"
    assert chosen("linux", {"PATH": path, "DISPLAY": ":0"}) == "xclip"
    assert chosen("darwin", {"PATH": path}) == "pbpaste"
    assert chosen("win32", {"PATH": path}) == "powershell.exe"
    assert chosen("linux", {"PATH": path}) == "powershell.exe"  # Linux inside Windows


def test_windows_is_given_utf_16() -> None:
    environ = {"PATH": str(Path.cwd())}
    for name in ("clip.exe", "powershell.exe"):
        Path(name).touch(mode=0o755)
    assert clipboard_of("win32", environ).encoding == "utf-16-le"


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"DISPLAY": ":0"}, "install xclip"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "install wl-clipboard"),
        ({}, "no desktop here"),
    ],
)
def test_without_a_command_the_error_says_what_to_install(
    environ: dict[str, str], why: str
) -> None:
    with pytest.raises(VoicecliError) as caught:
        clipboard_of("linux", {**environ, "PATH": ""})
    assert why in caught.value.why


def test_a_command_that_stays_behind_to_hold_the_text_does_not_hold_up_the_call(
    desktop: Desktop,
) -> None:
    desktop.install("xclip", script='#!/bin/sh\nsleep 3 &\necho $! > "$HOME/holder"\n')
    assert desktop.call("clipboard_write", text="x").result == "done"
    os.kill(int((desktop.home / "holder").read_text()), 9)  # it was left running, as it should be


def test_a_command_that_fails_is_an_error(desktop: Desktop) -> None:
    desktop.install("xclip", script="#!/bin/sh\nexit 3\n")
    assert "xclip ended with 3" in (desktop.call("clipboard_write", text="x").error or "")
    assert "no text on the clipboard" in (desktop.call("clipboard_read").error or "")


def test_a_command_that_hangs_is_given_up(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicecli.tools.built_in.clipboard.TIMEOUT_S", 0.2)
    desktop.install("xclip", script="#!/bin/sh\nexec sleep 100\n")
    for name, args in (("clipboard_read", {}), ("clipboard_write", {"text": "x"})):
        assert "xclip did not answer" in (desktop.call(name, **args).error or "")


def test_of_a_large_text_the_begin_is_read_and_nothing_is_written(desktop: Desktop) -> None:
    desktop.install("xclip", script="#!/bin/sh\nyes\n")
    result = str(desktop.call("clipboard_read").result)
    assert "bytes left out" in result
    assert len(result) < 2 * KEPT_BYTES
    outcome = desktop.call("clipboard_write", text="x" * (MAX_CHARACTERS + 1))
    assert "at most 10000 characters" in (outcome.error or "")


def test_no_secret_and_no_terminal_reaches_a_command(desktop: Desktop) -> None:
    desktop.environ |= {"GEMINI_API_KEY": "secret", "TERM": "xterm"}
    desktop.install("xclip")
    desktop.call("clipboard_write", text="x")
    known = (desktop.home / "environment").read_text()
    assert "DISPLAY=:0" in known
    assert "GEMINI_API_KEY" not in known
    assert "TERM=" not in known


def test_both_ask() -> None:
    assert [tool.risk for tool in clipboard_tools({})] == [Risk.ASK, Risk.ASK]
