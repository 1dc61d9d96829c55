"""Opens an address in the user's browser, apart from the terminal that the conversation runs in.

The standard library's webbrowser does it in a process of its own, without a terminal: there it
finds no browser that would take over the screen, and what a browser prints goes nowhere.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping

from voicecli.errors import VoicecliError
from voicecli.tools.built_in.desktop import desktop_environment
from voicecli.tools.built_in.web_address import check_url
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError, Tool

# A browser that has to start takes some seconds, and some commands wait for it.
PATIENCE_S = 10.0

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_url_tool(environ: Mapping[str, str]) -> Tool:
    """The tool, for the desktop that `environ` names."""

    @tool(risk="ask")
    async def open_url(url: str) -> str:
        """Opens an address of the web in the user's browser.

        Args:
            url: The whole address, beginning with https:// or http://.
        """
        try:
            check_url(url)
        except ValueError as error:
            raise ArgumentsError(str(error)) from None
        await _open(url, desktop_environment(environ))
        return "opened"

    return open_url


async def _open(url: str, environment: Mapping[str, str]) -> None:
    """Raises VoicecliError where there is no browser."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", _OPEN, url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            failed = await process.wait()
    except TimeoutError:
        return  # a browser that was not open before, and runs in that process
    if failed:
        raise VoicecliError("no browser opened", why="none was found that needs no terminal")
