"""Where a conversation stands, told once as each moment comes; faults strike at these."""

from __future__ import annotations

from voicecli.local.effects import Reached
from voicecli.local.faults import Moment
from voicecli.local.server_frames import Frame


class Moments:
    """Every method gives what there is to tell, if anything."""

    def __init__(self) -> None:
        self._moment = Moment.SETUP
        self._user_turn_open = False  # the user has begun a turn, and it is not over
        self._sounded = False  # something of the model's turn has been heard

    def user(self, moment: Moment) -> list[Reached]:
        """The user does something; what they do until the model's turn or silence is one turn."""
        begins_turn, self._user_turn_open = not self._user_turn_open, True
        return self._reach(moment, begins_turn=begins_turn)

    def model_begins(self) -> list[Reached]:
        self._user_turn_open = self._sounded = False
        return self._reach(Moment.THINKING)

    def sent(self, frame: Frame, spoken_s: float) -> list[Reached]:
        """A frame of the model's turn was sent, which has now `spoken_s` of sound."""
        if "toolCall" in frame:
            return self._reach(Moment.TOOL)
        if spoken_s and not self._sounded:
            self._sounded = True
            return self._reach(Moment.SPEAKING)
        return []

    def idle(self) -> list[Reached]:
        self._user_turn_open = False
        return self._reach(Moment.IDLE)

    def _reach(self, moment: Moment, *, begins_turn: bool = False) -> list[Reached]:
        if moment is self._moment and not begins_turn:
            return []
        self._moment = moment
        return [Reached(moment, begins_turn=begins_turn)]
