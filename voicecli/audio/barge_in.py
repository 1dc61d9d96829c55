"""Who has the floor while the model speaks: when the microphone's gate opens, when playback ducks.

Pure; time comes in as an argument.

    listening ──model speaks──▶ guarding ──a voice──▶ talking over ──`interrupted`──▶ yielded
        ▲                         │    ▲                 │                               │
        ├──silent, tail over──────┘    └──speech over────┤                               │
        ├──model has ended───────────────────────────────┘                               │
        └──model has fallen silent───────────────────────────────────────────────────────┘
"""

from __future__ import annotations

from enum import Enum, auto

# What a room (RT60 of 0.25 s) and the way to it keep sounding after the model has ended.
TAIL_S = 0.25
# A sound that began in the tail has this much longer to turn out to be speech.
DOUBT_S = 0.15
# As long as the playback stays down for a voice that does not interrupt, such as a "mhm".
DUCK_S = 0.8
# After `interrupted` the model falls silent in milliseconds: later it is a new reply that speaks.
YIELD_S = 1.0


class Floor(Enum):
    """Who has it."""

    LISTENING = auto()
    """The model is silent: the gate is open."""
    GUARDING = auto()
    """The model is heard: the gate is closed."""
    TALKING_OVER = auto()
    """The user speaks over the model: the gate is open."""
    YIELDED = auto()
    """The model was interrupted: the gate is open."""


class BargeIn:
    """A state machine that takes a step for each frame of the microphone."""

    def __init__(self) -> None:
        self.floor = Floor.LISTENING
        self._since_s = 0.0
        self._spoke_s = 0.0  # when the model was last heard

    @property
    def open(self) -> bool:
        """Whether the microphone's sound goes out."""
        return self.floor is not Floor.GUARDING

    def ducked(self, now_s: float) -> bool:
        """Whether the playback is to be down."""
        return self.floor is Floor.TALKING_OVER and now_s - self._since_s < DUCK_S

    def step(
        self,
        now_s: float,
        *,
        speaking: bool,
        voice: bool = False,
        doubtful: bool = False,
        talking: bool = False,
    ) -> None:
        """Go on to `now_s`.

        `speaking`: the model is heard, or is about to be. `voice`: the user's voice begins.
        `doubtful`: there is a sound that may become one. `talking`: the user's voice goes on.
        """
        if speaking:
            self._spoke_s = now_s
        match self.floor:
            case Floor.LISTENING if speaking:
                self._enter(Floor.GUARDING, now_s)
            case Floor.GUARDING if voice:
                self._enter(Floor.TALKING_OVER, now_s)
            case Floor.GUARDING if now_s - self._spoke_s >= TAIL_S + DOUBT_S * doubtful:
                self._enter(Floor.LISTENING, now_s)
            case Floor.TALKING_OVER if not talking:
                self._enter(Floor.GUARDING if speaking else Floor.LISTENING, now_s)
            case Floor.TALKING_OVER | Floor.YIELDED if not speaking:
                self._enter(Floor.LISTENING, now_s)
            case Floor.YIELDED if now_s - self._since_s >= YIELD_S:
                self._enter(Floor.GUARDING, now_s)

    def interrupted(self, now_s: float) -> None:
        """The service takes what it hears for an interruption."""
        if self.floor is Floor.TALKING_OVER:
            self._enter(Floor.YIELDED, now_s)

    def _enter(self, floor: Floor, now_s: float) -> None:
        self.floor, self._since_s = floor, now_s
