"""The model gets the words of a page, as many as a result may hold, after the user has agreed."""

from __future__ import annotations

import asyncio

import pytest
from web_site import LOOPBACK, Site, page

from voicecli.tools.built_in.web_fetch import MAX_TEXT_CHARACTERS, web_fetch_tool
from voicecli.tools.built_in.web_page import MAX_PAGE_BYTES, Reach
from voicecli.tools.runner import run
from voicecli.tools.tool import Risk

# Nothing here waits for anything that does not come.
DEADLINE_S = 30.0


def answer(content: bytes) -> dict[str, object]:
    """What the model gets of a page with this content, without the page's address."""
    site = Site({"/": content})

    async def main() -> object:
        tool = web_fetch_tool(Reach(site.find, lambda address: True))
        server = await asyncio.start_server(site.answer, LOOPBACK, 0)
        site.port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(DEADLINE_S), server:
            return (await run(tool, {"url": site.url()}, lambda result: None)).result

    result = asyncio.run(main())
    assert isinstance(result, dict)
    assert result.pop("url") == site.url()
    return result


def test_the_words_come_with_the_title() -> None:
    assert answer(page("<title>T</title><p>One<p>Two")) == {"title": "T", "text": "One\nTwo"}


def test_a_long_page_is_cut_with_a_note() -> None:
    assert answer(page("x" * 50_000)) == {
        "title": "",
        "text": "x" * MAX_TEXT_CHARACTERS,
        "note": "cut after 12000 of 50000 characters",
    }


def test_a_page_that_is_not_read_to_its_end_says_so() -> None:
    result = answer(page("x" * (2 * MAX_PAGE_BYTES), "text/plain"))
    assert result["note"] == "only the first 1000000 bytes of the page were read"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost:8080/", "http://[::1]/"])
def test_this_machine_is_out_of_reach(url: str) -> None:
    outcome = asyncio.run(run(web_fetch_tool(), {"url": url}, lambda result: None))
    assert "is not on the public internet" in (outcome.error or "")


def test_it_asks() -> None:
    assert web_fetch_tool().risk is Risk.ASK
