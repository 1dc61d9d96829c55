"""Picking a device must never take another one than the cursor stands on, whatever is listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import DeviceOption
from voicecli.ui.action import Use
from voicecli.ui.keys import Key
from voicecli.ui.picker import Picker, opened, pick

SPEAKER = DeviceOption("output", 1, "Monitor", default=True, current=True)
MIC = DeviceOption("input", 0, "Mic", default=True, current=False)
USB = DeviceOption("input", 2, "USB", default=False, current=True)
DOWN, UP, ENTER = Key("down"), Key("up"), Key("enter")


def picker() -> Picker:
    """Microphones first; the cursor on the one in use."""
    made = opened((SPEAKER, MIC, USB))
    assert made is not None
    return made


def after(*keys: Key) -> Picker:
    now: Picker | None = picker()
    for key in keys:
        assert now is not None
        now, action = pick(now, key)
        assert action is None
    assert now is not None
    return now


def test_microphones_come_first_and_the_cursor_is_on_what_is_in_use() -> None:
    assert picker() == Picker((MIC, USB, SPEAKER), 1)


def test_without_anything_in_use_the_cursor_is_on_the_first() -> None:
    assert opened((MIC,)) == Picker((MIC,), 0)


def test_without_devices_there_is_no_picker() -> None:
    assert opened(()) is None
    assert opened((), picker()) is None


def test_a_new_list_keeps_the_cursor_on_its_device() -> None:
    other = DeviceOption("input", 1, "Another", default=False, current=False)
    before = after(UP)
    assert before.chosen == MIC
    now_in_use = DeviceOption("input", 0, "Mic", default=True, current=True)
    assert opened((other, SPEAKER, now_in_use), before) == Picker((other, now_in_use, SPEAKER), 1)


def test_if_the_device_is_gone_the_cursor_goes_to_the_first() -> None:
    assert opened((SPEAKER, MIC), after()) == Picker((MIC, SPEAKER), 0)


@pytest.mark.parametrize(("down", "up"), [(DOWN, UP), (Key("char", "j"), Key("char", "k"))])
def test_the_cursor_moves_and_stops_at_both_ends(down: Key, up: Key) -> None:
    assert after(down).chosen == SPEAKER
    assert after(down, down, down).chosen == SPEAKER
    assert after(up, up, up).chosen == MIC
    assert after(up, up, down).chosen == USB


def test_enter_takes_what_the_cursor_is_on() -> None:
    assert pick(after(DOWN), ENTER) == (None, Use(SPEAKER))
    assert pick(after(), ENTER) == (None, Use(USB))


@pytest.mark.parametrize("key", [Key("esc"), Key("char", "d"), Key("char", "D")])
def test_leaving_takes_nothing(key: Key) -> None:
    assert pick(after(DOWN), key) == (None, None)


@pytest.mark.parametrize("key", [Key("char", "q"), Key("char", "Q"), Key("ctrl-d"), Key("hangup")])
def test_one_can_quit_from_it(key: Key) -> None:
    assert pick(picker(), key) == (picker(), "quit")


devices = st.lists(
    st.builds(
        DeviceOption,
        st.sampled_from(["input", "output"]),
        st.integers(0, 3),
        st.sampled_from(["A", "B"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)
keys = st.sampled_from([UP, DOWN, Key("char", "x"), Key("paste", "d"), Key("tab")])


@given(devices, devices, st.lists(keys))
def test_the_cursor_is_always_on_a_device(
    first: list[DeviceOption], second: list[DeviceOption], pressed: list[Key]
) -> None:
    now = opened(tuple(first))
    for key in pressed:
        if now is not None:
            now, action = pick(now, key)
            assert action is None
            assert now is not None
            assert now.chosen in first
    listed_anew = opened(tuple(second), now)
    assert (listed_anew is None) is (not second)
    if listed_anew is not None:
        assert sorted(map(repr, listed_anew.devices)) == sorted(map(repr, second))
        assert listed_anew.chosen in second
