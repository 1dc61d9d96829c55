"""What happens to the functions is told to the user, and what changes on offer to the model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from event_view import Memory
from sound_pieces import HandOutput
from tool_of import tool_of
from virtual_time import run_virtually

from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.parts import Parts
from voicecli.talk.stage import Stage
from voicecli.talk.tool_news import ToolNews
from voicecli.tools.toolbox import News, Toolbox


class Bench:
    """News of a toolbox with one function, and what became of them."""

    def __init__(self) -> None:
        self.view = Memory()
        self.toolbox = Toolbox([tool_of(print, "own")])
        self.offers: list[list[str]] = []
        setup = Setup(DEFAULT_MODEL)
        nowhere = Endpoint(ApiKey("no-key", "a test"), base_url="https://localhost:1", local=True)
        parts = Parts(
            session=LiveSession(nowhere, setup),
            setup=setup,
            local=True,
            speaker=Speaker(HandOutput()),
            sounds=PortAudioSystem(),
            tools=self.toolbox,
            views=[self.view],
        )
        stage = Stage(parts, asyncio.get_running_loop().time)
        self.news = ToolNews(stage, self._offer)

    def _offer(self, functions: tuple[FunctionDeclaration, ...]) -> None:
        self.offers.append([function.name for function in functions])

    async def tell(self, news: News) -> None:
        self.toolbox.tell(news)
        await asyncio.sleep(0.1)


def with_news(test: Callable[[Bench], Awaitable[None]]) -> None:
    async def main() -> None:
        bench = Bench()
        running = asyncio.create_task(bench.news.run())
        await test(bench)
        running.cancel()

    run_virtually(main())


def test_news_are_notes_and_warnings_with_what_helps() -> None:
    async def test(bench: Bench) -> None:
        await bench.tell(News("the server files is back"))
        await bench.tell(News("the server files is gone", "voicecli mcp test files", warning=True))
        assert bench.view.events == [
            talk.Noted(0.0, "the server files is back"),
            talk.Warned(0.1, "the server files is gone", "voicecli mcp test files"),
        ]
        assert bench.offers == []

    with_news(test)


def test_what_is_there_when_the_session_begins_is_offered_by_its_setup() -> None:
    async def test(bench: Bench) -> None:
        bench.toolbox.put("files", [tool_of(print, "read", origin="files")])
        await bench.tell(News("files has 1 function"))
        assert {function.name for function in bench.news.begin()} == {"own", "read"}
        await bench.tell(News("nothing changed"))
        assert bench.offers == []

    with_news(test)


def test_each_later_change_is_offered_once() -> None:
    async def test(bench: Bench) -> None:
        bench.news.begin()
        bench.toolbox.put("files", [tool_of(print, "read", origin="files")])
        await bench.tell(News("files is here"))
        await bench.tell(News("files says hello"))
        bench.toolbox.put("files", [])
        await bench.tell(News("files is gone", warning=True))
        assert [set(offer) for offer in bench.offers] == [{"own", "read"}, {"own"}]

    with_news(test)
