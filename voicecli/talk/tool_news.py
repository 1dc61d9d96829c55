"""Functions that come and go in the middle of a conversation: the user and the model are told."""

from __future__ import annotations

from collections.abc import Callable

from voicecli.live.setup import FunctionDeclaration
from voicecli.talk import events as talk
from voicecli.talk.offer import declarations
from voicecli.talk.stage import Stage


class ToolNews:
    """Follows the toolbox of a conversation."""

    def __init__(
        self, stage: Stage, offer: Callable[[tuple[FunctionDeclaration, ...]], None]
    ) -> None:
        """`offer` is given all that is on offer when that has changed."""
        self._stage = stage
        self._offer = offer
        self._offered: tuple[FunctionDeclaration, ...] | None = None

    def begin(self) -> tuple[FunctionDeclaration, ...]:
        """What a session that begins now offers; later changes go to `offer`."""
        self._offered = declarations(self._stage.parts.tools)
        return self._offered

    async def run(self) -> None:
        """Tell all news, for ever."""
        stage = self._stage
        while True:
            news = await stage.parts.tools.news()
            if news.warning:
                stage.emit(talk.Warned(stage.now_s(), news.message, news.hint))
            else:
                stage.emit(talk.Noted(stage.now_s(), news.message))
            offered = declarations(stage.parts.tools)
            if self._offered is not None and offered != self._offered:
                self._offered = offered
                self._offer(offered)
