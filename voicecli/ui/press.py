"""What each key means: as a command, in the details, while one types or picks a device."""

from __future__ import annotations

from voicecli.ui.action import Action
from voicecli.ui.details import Details, scrolled
from voicecli.ui.input_line import InputLine, edit
from voicecli.ui.keys import Key
from voicecli.ui.picker import Picker, pick

# Systems repeat a held key every 30 to 90 ms unless told otherwise; nobody has anything to say
# between two taps that are this close.
REPEAT_S = 0.15

Mode = InputLine | Picker | Details | None
"""What has the keys; None while they are commands, as most still are while the details show."""

Pressed = tuple[Mode, Action | None]


def press(mode: Mode, key: Key, *, push_to_talk: bool, recorded: bool = False) -> Pressed:
    """The mode after `key`, and what it asks of the conversation; nothing is said to a recorded."""
    match mode:
        case InputLine():
            return edit(mode, key)
        case Picker():
            return pick(mode, key)
        case Details():
            return _in_details(mode, key, push_to_talk=push_to_talk, recorded=recorded)
        case None:
            return _opened(key, recorded), _command(key, push_to_talk)


def _in_details(details: Details, key: Key, *, push_to_talk: bool, recorded: bool) -> Pressed:
    if key in (Key("esc"), Key("char", "t"), Key("char", "T")):
        return None, None
    now = scrolled(details, key)
    if now is not None:
        return now, None
    return _opened(key, recorded) or details, _command(key, push_to_talk)


def _opened(key: Key, recorded: bool) -> Mode:
    match key:
        case Key("char", "t" | "T"):
            return Details()
        case Key("paste") if not recorded:
            return InputLine().insert(key.text)
        case Key("char", "/") | Key("enter") if not recorded:
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
