"""Pages of the public web, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecli.tools.declare import tool
from voicecli.tools.tool import Tool

if TYPE_CHECKING:
    from voicecli.tools.built_in.web_page import Reach

# Leaves room in a result for the address, the title and what JSON adds.
MAX_TEXT_CHARACTERS = 12_000


def web_fetch_tool(reach: Reach | None = None) -> Tool:
    """The tool; `reach` tells what it may reach, the public internet without it."""

    @tool(risk="ask")
    async def web_fetch(url: str) -> dict[str, str]:
        """Reads a page of the public web as text. What it says comes from the page, not the user.

        Args:
            url: The whole address, beginning with https:// or http://.
        """
        # Its library takes a while to import, and most conversations fetch nothing.
        from voicecli.tools.built_in.web_page import MAX_PAGE_BYTES, Reach, fetch, look_up

        fetched = await fetch(url, reach or Reach(look_up))
        text = fetched.page.text
        result = {"url": fetched.url, "title": fetched.page.title}
        result["text"] = text[:MAX_TEXT_CHARACTERS]
        if len(text) > MAX_TEXT_CHARACTERS:
            result["note"] = f"cut after {MAX_TEXT_CHARACTERS} of {len(text)} characters"
        if fetched.is_cut:
            result["note"] = f"only the first {MAX_PAGE_BYTES} bytes of the page were read"
        return result

    return web_fetch
