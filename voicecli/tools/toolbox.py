"""The functions on offer in one conversation, which may come and go while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from voicecli.errors import UsageError
from voicecli.tools.tool import Risk, Tool


@dataclass(frozen=True, slots=True)
class News:
    """What the user should know of the functions; `warning` with a `hint` if it went wrong."""

    message: str
    hint: str = ""
    warning: bool = False


def refuse_doubles(tools: Iterable[Tool]) -> None:
    """Raises UsageError, with both places, if two of `tools` have one name."""
    known: dict[str, Tool] = {}
    for tool in tools:
        other = known.setdefault(tool.name, tool)
        if other is not tool:
            places = " and ".join(dict.fromkeys((other.origin, tool.origin)))
            raise UsageError(
                f"two functions are called {tool.name}",
                why=f"they come from: {places}",
                hint='give one of them another name: @tool(name="…")',
            )


class Toolbox:
    """Functions by name. Those of one `origin` are put in, and taken out, together.

    A function that `risks` or its own risk denies is known, and not offered.
    """

    def __init__(self, tools: Iterable[Tool] = (), risks: Mapping[str, Risk] | None = None) -> None:
        """`risks` are the user's own words on functions, by name.

        Raises UsageError if two of `tools` have one name.
        """
        first = tuple(tools)
        refuse_doubles(first)
        self._tools = {tool.name: tool for tool in first}
        self._risks = dict(risks or {})
        self._news: asyncio.Queue[News] = asyncio.Queue()

    @property
    def offered(self) -> tuple[Tool, ...]:
        """What the model may call, in the order in which it came."""
        return tuple(tool for tool in self._tools.values() if self.risk(tool) is not Risk.DENY)

    @property
    def unknown_risks(self) -> dict[str, str | None]:
        """The names in `risks` that no function has now, each with the one that may be meant."""
        return {
            name: next(iter(get_close_matches(name, self._tools, n=1)), None)
            for name in self._risks
            if name not in self._tools
        }

    def get(self, name: str) -> Tool | None:
        """The function that is called `name`, offered or not."""
        return self._tools.get(name)

    def risk(self, tool: Tool) -> Risk:
        """Whether the model may call `tool`, by the user's word or else by its own."""
        risk = self._risks.get(tool.name, tool.risk)
        return Risk.ASK if tool.always_asks and risk is Risk.SAFE else risk

    def put(self, origin: str, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        """From now on `tools` are all functions of `origin`; those that were not put in.

        A name that another origin has stays that one's, and of two of one name the first counts.
        What was there keeps its place.
        """
        new: dict[str, Tool] = {}
        left_out = []
        for tool in tools:
            assert tool.origin == origin
            held = self._tools.get(tool.name)
            if tool.name in new or (held is not None and held.origin != origin):
                left_out.append(tool)
            else:
                new[tool.name] = tool
        kept = {
            name: new.get(name, tool)
            for name, tool in self._tools.items()
            if tool.origin != origin or name in new
        }
        self._tools = {**kept, **new}
        return tuple(left_out)

    def tell(self, news: News) -> None:
        """Something happened that the user should know; what is offered may have changed."""
        self._news.put_nowait(news)

    async def news(self) -> News:
        """The next thing that happened."""
        return await self._news.get()

    def take_news(self) -> list[News]:
        """All that happened and was not told yet, without waiting."""
        return [self._news.get_nowait() for _ in range(self._news.qsize())]
