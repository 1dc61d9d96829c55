"""The setup that a session has, the one that it wants, and the one that it goes back to. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from voicecli.live import events as ev
from voicecli.live.models import model_or_unknown
from voicecli.live.setup import FunctionDeclaration, Setup, runs_in_background


class _Update(Enum):
    """How far the service is with a change of its tools in the middle of a connection."""

    NONE = auto()
    WAITS = auto()
    SENT = auto()
    ANSWERED = auto()
    """A reply has begun since it was sent; the end of that turn shows that it was taken."""


class Setups:
    """The setups of one session, of which all but the model may change."""

    def __init__(self, setup: Setup) -> None:
        self.current = setup
        """The setup in force, or the one that is tried at this moment."""
        self._wanted: Setup | None = None
        # What held before a change, until a turn has shown that the service bears the new one.
        self._before: Setup | None = None
        self._takes_update = model_or_unknown(setup.model).takes_update
        self._update = _Update.NONE
        self._dialled = False
        self._declared: dict[str, FunctionDeclaration] = {}
        self._declare(setup)

    def runs_in_background(self, name: str) -> bool:
        """Whether the talk goes on while the function `name` runs, as it was offered last."""
        unknown = FunctionDeclaration(name, "", {})
        return runs_in_background(self.current.model, self._declared.get(name, unknown))

    def has(self, setup: Setup, *, moving: bool) -> bool:
        """Whether `setup` is in force or, while the session is `moving`, about to be."""
        if self._wanted is None:
            return setup == self.current
        return moving and setup == self._wanted

    def want(self, setup: Setup) -> None:
        """The next connection gets `setup`."""
        assert setup.model == self.current.model
        self._wanted = setup
        self._declare(setup)

    def offer(self, functions: tuple[FunctionDeclaration, ...]) -> bool:
        """From now on these are on offer; whether nothing is left to do.

        The connection that stands is told of them (`tells_tools`), or the next one gets them; False
        if a move has to be made for it.
        """
        if self._dialled and not self._takes_update:
            wanted = replace(self._wanted or self.current, functions=functions)
            self._wanted = None if wanted == self.current else wanted
            self._declare(wanted)
            return self._wanted is None
        if functions != self.current.functions and self._dialled:
            self._before = self._before or self.current
            self._update = _Update.WAITS
        self.current = replace(self.current, functions=functions)
        if self._wanted is not None:
            self._wanted = replace(self._wanted, functions=functions)
        self._declare(self.current)
        return True

    @property
    def tells_tools(self) -> bool:
        """Whether the connection that stands has to be told of the tools of `current`."""
        return self._update is _Update.WAITS

    def tools_told(self) -> None:
        """The connection was told of them."""
        if self._update is _Update.WAITS:
            self._update = _Update.SENT

    def dialling(self) -> None:
        """A connection is being made: with what was wanted last."""
        self._dialled, self._update = True, _Update.NONE
        if self._wanted is not None:
            self._before = self._before or self.current
            self.current, self._wanted = self._wanted, None

    def hear(self, event: ev.LiveEvent, *, begins: bool) -> None:
        """Take note of `event`, with which a reply `begins` or not: a turn shows what is borne."""
        if begins and self._update is _Update.SENT:
            self._update = _Update.ANSWERED
        if isinstance(event, ev.TurnComplete) and self._update in (_Update.NONE, _Update.ANSWERED):
            self._before, self._update = None, _Update.NONE

    def update_refused(self) -> bool:
        """A connection was refused for its settings; whether an update is to blame.

        None is sent again: the next connection has the tools in its setup.
        """
        blamed = self._update is not _Update.NONE
        if blamed:
            self._takes_update = False
        return blamed

    def refused(self) -> bool:
        """The service does not take `current`; whether there is one to go back to, which holds."""
        if self._before is None:
            return False
        self.current, self._before = self._before, None
        return True

    def _declare(self, setup: Setup) -> None:
        """What was withdrawn may still be called by a message on its way."""
        self._declared.update({function.name: function for function in setup.functions})
