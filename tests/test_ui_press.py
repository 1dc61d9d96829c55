"""A key does one thing, and what it is depends only on what has the keys at that moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import DeviceOption
from voicecli.ui.action import Send, Use
from voicecli.ui.details import Details
from voicecli.ui.input_line import InputLine
from voicecli.ui.keys import Key
from voicecli.ui.picker import Picker
from voicecli.ui.press import REPEAT_S, Mode, Pressed, Taps, press

MIC = DeviceOption("input", 0, "Mic", default=True, current=True)
PICKER = Picker((MIC,))
DETAILS = Details(first=3, follows=False, page=4, last=9)


def pressed(mode: Mode, key: Key, *, push_to_talk: bool = False) -> Pressed:
    return press(mode, key, push_to_talk=push_to_talk)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        (Key("char", "m"), "mute"),
        (Key("char", "M"), "mute"),
        (Key("char", " "), "interrupt"),
        (Key("esc"), "interrupt"),
        (Key("char", "+"), "louder"),
        (Key("char", "="), "louder"),
        (Key("char", "-"), "softer"),
        (Key("char", "p"), "patience"),
        (Key("char", "P"), "patience"),
        (Key("char", "d"), "devices"),
        (Key("char", "D"), "devices"),
        (Key("char", "q"), "quit"),
        (Key("char", "Q"), "quit"),
        (Key("ctrl-d"), "quit"),
        (Key("hangup"), "quit"),
    ],
)
def test_commands(key: Key, action: str) -> None:
    assert pressed(None, key) == (None, action)


def test_with_push_to_talk_space_is_for_talking_and_esc_still_interrupts() -> None:
    assert pressed(None, Key("char", " "), push_to_talk=True) == (None, "talk")
    assert pressed(None, Key("esc"), push_to_talk=True) == (None, "interrupt")
    assert pressed(None, Key("char", "m"), push_to_talk=True) == (None, "mute")


@pytest.mark.parametrize("key", [Key("char", "/"), Key("enter")])
def test_keys_that_open_an_empty_line(key: Key) -> None:
    assert pressed(None, key) == (InputLine(), None)


@pytest.mark.parametrize("key", [Key("char", "/"), Key("enter"), Key("paste", "quit")])
def test_nothing_is_typed_to_a_recorded_conversation(key: Key) -> None:
    assert press(None, key, push_to_talk=False, recorded=True) == (None, None)
    space = Key("char", " ")
    assert press(None, space, push_to_talk=False, recorded=True) == (None, "interrupt")


@pytest.mark.parametrize("letter", "tT")
@pytest.mark.parametrize("recorded", [False, True])
def test_t_opens_the_details_and_closes_them(letter: str, recorded: bool) -> None:
    key = Key("char", letter)
    assert press(None, key, push_to_talk=False, recorded=recorded) == (Details(), None)
    assert press(DETAILS, key, push_to_talk=False, recorded=recorded) == (None, None)


def test_in_the_details_esc_closes_and_commands_are_commands() -> None:
    assert pressed(DETAILS, Key("esc")) == (None, None)
    assert pressed(DETAILS, Key("char", "m")) == (DETAILS, "mute")
    assert pressed(DETAILS, Key("char", " ")) == (DETAILS, "interrupt")
    assert pressed(DETAILS, Key("char", " "), push_to_talk=True) == (DETAILS, "talk")
    assert pressed(DETAILS, Key("char", "q")) == (DETAILS, "quit")
    assert pressed(DETAILS, Key("tab")) == (DETAILS, None)


def test_in_the_details_one_scrolls_and_types() -> None:
    assert pressed(DETAILS, Key("up")) == (DETAILS.moved(-1), None)
    assert pressed(DETAILS, Key("page-down")) == (DETAILS.moved(4), None)
    assert pressed(DETAILS, Key("enter")) == (InputLine(), None)
    assert pressed(DETAILS, Key("paste", "y")) == (InputLine("y", 1), None)


@pytest.mark.parametrize("key", [Key("char", "y"), Key("char", "n"), Key("char", "a")])
@pytest.mark.parametrize("mode", [None, DETAILS, PICKER])
def test_without_a_question_its_keys_do_nothing(key: Key, mode: Mode) -> None:
    assert pressed(mode, key) == (mode, None)


def test_a_paste_is_text_and_never_commands() -> None:
    assert pressed(None, Key("paste", "quit\r\nnow")) == (InputLine("quit\nnow", 8), None)


@pytest.mark.parametrize("key", [Key("char", "x"), Key("up"), Key("tab"), Key("ctrl-x")])
def test_other_keys_do_nothing(key: Key) -> None:
    assert pressed(None, key) == (None, None)


@pytest.mark.parametrize("letter", "mpdq+-= ")
def test_while_a_message_is_typed_letters_are_letters(letter: str) -> None:
    after = pressed(InputLine("a", 1), Key("char", letter), push_to_talk=True)
    assert after == (InputLine(f"a{letter}", 2), None)
    assert pressed(InputLine("a", 1), Key("enter")) == (None, Send("a"))


@pytest.mark.parametrize("letter", "mpt/+-= ")
def test_while_a_device_is_picked_other_commands_do_nothing(letter: str) -> None:
    assert pressed(PICKER, Key("char", letter), push_to_talk=True) == (PICKER, None)
    assert pressed(PICKER, Key("paste", "q\r")) == (PICKER, None)
    assert pressed(PICKER, Key("enter")) == (None, Use(MIC))


keys = st.builds(
    Key, st.sampled_from(["char", "paste"]), st.sampled_from("mMqtdpjk/+-= xé\n")
) | st.builds(Key, st.sampled_from(["enter", "esc", "up", "page-up", "left", "ctrl-d", "hangup"]))


@given(st.lists(keys), st.booleans())
def test_any_keys_in_any_order(pressed_keys: list[Key], push_to_talk: bool) -> None:
    mode: Mode = None
    for key in pressed_keys:
        before = mode
        mode, action = press(mode, key, push_to_talk=push_to_talk)
        if action == "quit":
            assert key.name in ("hangup", "ctrl-d") or key.text in "qQ"
        if action == "talk":
            assert push_to_talk
            assert before is None or isinstance(before, Details)
        if isinstance(action, Send):
            assert isinstance(before, InputLine)
            assert mode is None
        if action == "devices":  # the list comes at once, as far as the keys are concerned
            mode = PICKER


def test_a_held_key_taps_once_and_again_when_it_begins_to_repeat() -> None:
    taps = Taps()
    held = [0.0, 0.5, 0.533, 0.566, 0.6, 0.633]
    assert [taps.is_tap(at_s) for at_s in held] == [True, True, False, False, False, False]
    assert taps.is_tap(0.633 + REPEAT_S + 0.01)


@given(st.lists(st.floats(0, 1)))
def test_two_taps_are_never_closer_than_the_repeats_of_a_key(gaps_s: list[float]) -> None:
    taps, now_s, last_tap_s = Taps(), 0.0, None
    for gap_s in gaps_s:
        now_s += gap_s
        if taps.is_tap(now_s):
            assert last_tap_s is None or now_s - last_tap_s > REPEAT_S
            last_tap_s = now_s
