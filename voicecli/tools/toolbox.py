"""The functions on offer in one conversation, which may come and go while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicecli.tools.tool import Risk, Tool


@dataclass(frozen=True, slots=True)
class News:
    """What the user should know of the functions; `warning` with a `hint` if it went wrong."""

    message: str
    hint: str = ""
    warning: bool = False


class Toolbox:
    """Functions by name. Those of one `origin` are put in, and taken out, together.

    A function that `risks` or its own risk denies is known, and not offered.
    """

    def __init__(self, tools: Iterable[Tool] = (), risks: Mapping[str, Risk] | None = None) -> None:
        """`risks` are the user's own words on functions, by name."""
        self._tools = {tool.name: tool for tool in tools}
        self._risks = risks or {}
        self._news: asyncio.Queue[News] = asyncio.Queue()

    @property
    def offered(self) -> tuple[Tool, ...]:
        """What the model may call, in the order in which it came."""
        return tuple(tool for tool in self._tools.values() if self.risk(tool) is not Risk.DENY)

    def get(self, name: str) -> Tool | None:
        """The function that is called `name`, offered or not."""
        return self._tools.get(name)

    def risk(self, tool: Tool) -> Risk:
        """Whether the model may call `tool`, by the user's word or else by its own."""
        risk = self._risks.get(tool.name, tool.risk)
        return Risk.ASK if tool.always_asks and risk is Risk.SAFE else risk

    def put(self, origin: str, tools: Iterable[Tool]) -> None:
        """From now on these are all functions of `origin`; a name that is taken stays as it is."""
        others = {name: tool for name, tool in self._tools.items() if tool.origin != origin}
        self._tools = {**{tool.name: tool for tool in tools}, **others}

    def tell(self, news: News) -> None:
        """Something happened that the user should know; what is offered may have changed."""
        self._news.put_nowait(news)

    async def news(self) -> News:
        """The next thing that happened."""
        return await self._news.get()
