"""In few rows one must still see what the cursor is on, and that there is more."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import DeviceOption
from voicecli.ui.picker import Picker, opened
from voicecli.ui.picker_render import HEADINGS_FROM_ROWS, picker_rows


def option(
    direction: Literal["input", "output"],
    index: int,
    name: str,
    *,
    default: bool = False,
    current: bool = False,
) -> DeviceOption:
    return DeviceOption(direction, index, name, default, current)


FOUR = (
    option("input", 0, "Built-in", default=True),
    option("input", 3, "USB Headset", current=True),
    option("output", 1, "Built-in", default=True, current=True),
    option("output", 12, "USB Headset"),
)


def shown(picker: Picker, room: int = 20, columns: int = 79) -> list[str]:
    return [row.plain for row in picker_rows(picker, room, columns)]


def test_devices_are_grouped_and_marked() -> None:
    assert shown(Picker(FOUR, 1)) == [
        " microphones   ● in use   * default",
        "   ○  0* Built-in",
        " › ●  3  USB Headset",
        " speakers",
        "   ●  1* Built-in",
        "   ○ 12  USB Headset",
    ]


def test_a_kind_of_which_there_is_none_says_so() -> None:
    assert shown(Picker(FOUR[2:])) == [
        " microphones   ● in use   * default",
        "   none",
        " speakers",
        " › ●  1* Built-in",
        "   ○ 12  USB Headset",
    ]


def test_arrows_say_that_there_is_more() -> None:
    assert shown(Picker(FOUR, 0), room=4) == [
        " microphones   ● in use   * default",
        " › ○  0* Built-in",
        "   ●  3  USB Headset",
        "↓speakers",
    ]
    assert shown(Picker(FOUR, 3), room=4) == [
        "↑microphones   ● in use   * default",
        " speakers",
        "   ●  1* Built-in",
        " › ○ 12  USB Headset",
    ]


def test_a_heading_stays_in_sight_while_its_devices_scroll() -> None:
    many = tuple(option("output", index, f"Monitor {index}") for index in range(9))
    assert shown(Picker(many, 5), room=3) == [
        "↑speakers   ● in use   * default",
        " › ○  5  Monitor 5",
        "↓  ○  6  Monitor 6",
    ]


@pytest.mark.parametrize(
    ("at", "rows"),
    [
        (0, [" › ○ mic  0* Built-in", "↓  ● mic  3  USB Headset"]),
        (1, ["   ○ mic  0* Built-in", "↓› ● mic  3  USB Headset"]),
        (3, ["↑  ● spk  1* Built-in", " › ○ spk 12  USB Headset"]),
    ],
)
def test_without_room_for_headings_each_device_says_what_it_is(at: int, rows: list[str]) -> None:
    assert shown(Picker(FOUR, at), room=2) == rows


def test_in_a_single_row_the_cursor_shows() -> None:
    assert shown(Picker(FOUR, 2), room=1) == ["↕› ● spk  1* Built-in"]


def test_the_marks_are_explained_where_there_is_room_for_it() -> None:
    width = len(" microphones   ● in use   * default")
    assert shown(Picker(FOUR), columns=width)[0] == " microphones   ● in use   * default"
    assert shown(Picker(FOUR), columns=width - 1)[0] == " microphones"


def test_a_long_name_is_cut_and_a_hostile_one_is_harmless() -> None:
    long = option("input", 0, "Analogue stereo of Müller's studio in the cellar")
    assert shown(Picker((long,)), columns=30)[1] == " › ○  0  Analogue stereo of M…"
    hostile = option("input", 0, "\x1b[2J\u202e\nMic")
    assert shown(Picker((hostile,)))[1] == " › ○  0  ␛[2J\\u202e Mic"


devices = st.lists(
    st.builds(
        DeviceOption,
        st.sampled_from(["input", "output"]),
        st.integers(-1, 1000),
        st.text(st.characters(codec=None), max_size=60),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(devices, st.integers(-12, 12), st.integers(1, 20), st.integers(1, 90))
def test_the_cursor_shows_and_all_fits(
    listed: list[DeviceOption], steps: int, room: int, columns: int
) -> None:
    picker = opened(tuple(listed))
    assert picker is not None
    moved = picker.moved(steps)
    rows = picker_rows(moved, room, columns)
    assert 1 <= len(rows) <= room
    for row in rows:
        assert row.cell_len <= columns
        assert "\n" not in row.plain
        assert "\x1b" not in row.plain
    if columns >= 3:
        assert sum(row.plain[1] == "›" for row in rows) == 1
    if columns >= 12 and room >= HEADINGS_FROM_ROWS:
        kind = "microphones" if moved.chosen.direction == "input" else "speakers"
        above = [row.plain for row in rows if kind in row.plain[1:12]]
        assert above


@given(devices, st.integers(1, 20))
def test_every_device_can_be_reached_and_seen(listed: list[DeviceOption], room: int) -> None:
    picker = opened(tuple(listed))
    assert picker is not None
    picker = picker.moved(-len(listed))
    for device in picker.devices:
        assert picker.chosen is device
        cursor = next(row for row in picker_rows(picker, room, 200) if row.plain[1] == "›")
        assert f"{device.index:>2}" in cursor.plain
        picker = picker.moved(1)
