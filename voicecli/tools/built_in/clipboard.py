"""The clipboard, by the commands that each system has for it.

Not by pyperclip, which waits for such a command without end, reads whatever size there is, and
gives it the whole environment; what is left of it is the table below.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from voicecli.errors import VoicecliError
from voicecli.tools.built_in.commands import run_command
from voicecli.tools.built_in.desktop import desktop_environment
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError, Tool

MAX_CHARACTERS = 10_000
# They take some hundredths of a second, unless the owner of the clipboard hangs.
TIMEOUT_S = 5.0

_POWERSHELL = ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command")
_UTF8 = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; "


@dataclass(frozen=True, slots=True)
class Clipboard:
    """The commands that read and write it."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    encoding: str = "utf-8"
    """Of what is written."""


_WAYLAND = Clipboard(
    ("wl-paste", "--no-newline", "--type", "text"), ("wl-copy", "--type", "text/plain")
)
_XCLIP = Clipboard(
    ("xclip", "-selection", "clipboard", "-out"), ("xclip", "-selection", "clipboard", "-in")
)
_XSEL = Clipboard(("xsel", "--clipboard", "--output"), ("xsel", "--clipboard", "--input"))
_MACOS = Clipboard(("pbpaste",), ("pbcopy",))
# clip.exe takes UTF-16 as it is, and everything else for the code page of the console.
_WINDOWS = Clipboard((*_POWERSHELL, f"{_UTF8}Get-Clipboard -Raw"), ("clip.exe",), "utf-16-le")


def clipboard_of(platform: str, environ: Mapping[str, str]) -> Clipboard:
    """The first that is installed, of those that fit the system and its screen.

    Raises VoicecliError, with what to install, if there is none.
    """
    fitting = []
    if platform == "darwin":
        fitting = [_MACOS]
    elif platform == "win32":
        fitting = [_WINDOWS]
    else:
        if environ.get("WAYLAND_DISPLAY"):
            fitting.append(_WAYLAND)
        if environ.get("DISPLAY"):
            fitting += [_XCLIP, _XSEL]
        fitting.append(_WINDOWS)  # Linux inside Windows
    for clipboard in fitting:
        commands = (clipboard.read[0], clipboard.write[0])
        if all(shutil.which(command, path=environ.get("PATH", "")) for command in commands):
            return clipboard
    names = {"wl-paste": "wl-clipboard"}
    missing = [names.get(clipboard.read[0], clipboard.read[0]) for clipboard in fitting]
    if fitting == [_WINDOWS] and platform != "win32":
        raise VoicecliError("there is no clipboard", why="there is no desktop here")
    raise VoicecliError("the clipboard is out of reach", why=f"install {missing[0]} and try again")


def clipboard_tools(environ: Mapping[str, str]) -> tuple[Tool, ...]:
    """Reading and writing it."""

    @tool(risk="ask")
    async def clipboard_read() -> str:
        """Reads the text on the user's clipboard."""
        clipboard = clipboard_of(sys.platform, environ)
        return await _output(clipboard.read, desktop_environment(environ))

    @tool(risk="ask")
    async def clipboard_write(text: str) -> str:
        """Puts text on the user's clipboard, in the place of what is there.

        Args:
            text: What to put there.
        """
        if len(text) > MAX_CHARACTERS:
            raise ArgumentsError(f"the clipboard takes at most {MAX_CHARACTERS} characters")
        clipboard = clipboard_of(sys.platform, environ)
        content = text.encode(clipboard.encoding, "replace")
        await _input(clipboard.write, content, desktop_environment(environ))
        return "done"

    return clipboard_read, clipboard_write


async def _output(command: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """What `command` prints, as far as a result can hold it."""
    ran = await run_command(command, environment, TIMEOUT_S, errors=False)
    if ran.exit_code is None and not ran.output:
        raise _hangs(command)
    if ran.exit_code and not ran.output:
        raise VoicecliError("nothing was read", why="there is no text on the clipboard")
    return ran.output


async def _input(command: tuple[str, ...], content: bytes, environment: Mapping[str, str]) -> None:
    """Give `content` to `command`, which may stay behind to hold it."""
    with tempfile.TemporaryFile() as file:
        # From a file, since the command may go on to hold what a pipe would wait for.
        file.write(content)
        file.seek(0)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            if code := await process.wait():
                why = f"{command[0]} ended with {code}"
                raise VoicecliError("the clipboard was not changed", why=why)
    except TimeoutError:
        raise _hangs(command) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _hangs(command: tuple[str, ...]) -> VoicecliError:
    return VoicecliError(f"{command[0]} did not answer", why=f"it took longer than {TIMEOUT_S:g} s")
