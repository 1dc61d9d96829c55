"""What each key means: as a command, while a message is typed, while a device is picked."""

from __future__ import annotations

from voicecli.ui.action import Action
from voicecli.ui.input_line import InputLine, edit
from voicecli.ui.keys import Key
from voicecli.ui.picker import Picker, pick

# Systems repeat a held key every 30 to 90 ms unless told otherwise; nobody has anything to say
# between two taps that are this close.
REPEAT_S = 0.15

Mode = InputLine | Picker | None
"""What has the keys; None while they are commands."""

Pressed = tuple[Mode, Action | None]


def press(mode: Mode, key: Key, *, push_to_talk: bool, recorded: bool = False) -> Pressed:
    """The mode after `key`, and what it asks of the conversation; nothing is said to a recorded."""
    match mode:
        case InputLine():
            return edit(mode, key)
        case Picker():
            return pick(mode, key)
        case None:
            return None if recorded else _opened(key), _command(key, push_to_talk)


def _opened(key: Key) -> InputLine | None:
    match key:
        case Key("paste"):
            return InputLine().insert(key.text)
        case Key("char", "t" | "T" | "/") | Key("enter"):
            return InputLine()
        case _:
            return None


def _command(key: Key, push_to_talk: bool) -> Action | None:
    match key:
        case Key("char", " "):
            return "talk" if push_to_talk else "interrupt"
        case Key("esc"):
            return "interrupt"
        case Key("char", "m" | "M"):
            return "mute"
        case Key("char", "+" | "="):
            return "louder"
        case Key("char", "-"):
            return "softer"
        case Key("char", "p" | "P"):
            return "patience"
        case Key("char", "d" | "D"):
            return "devices"
        case Key("char", "q" | "Q") | Key("ctrl-d") | Key("hangup"):
            return "quit"
        case _:
            return None


class Taps:
    """Tells taps from the repeats of a key that is held: terminals do not report its release."""

    def __init__(self) -> None:
        self._last_s: float | None = None

    def is_tap(self, at_s: float) -> bool:
        """Whether the key that came at `at_s` was tapped; to be asked about every one."""
        last_s, self._last_s = self._last_s, at_s
        return last_s is None or at_s - last_s > REPEAT_S
