"""State, levels and keys must be readable at a glance, at any width and without colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import State
from voicecli.talk.view import Meters
from voicecli.ui.input_line import InputLine
from voicecli.ui.status_render import bar, fallen, keys, level_steps, spinner, status, typed

OPEN = Meters(-30.0, -90.0, muted=False, microphone_open=True)
OFF = Meters(-90.0, -90.0, muted=False, microphone_open=False)
levels = st.floats(-200, 20)


def shown(state: State = State.LISTENING, muted: bool = False, meters: Meters = OPEN) -> str:
    return status(state, muted, meters, 2, 79, 61.0).plain


def test_the_status_row() -> None:
    assert shown() == (
        " ● listening     mic ━━━━━─────  speaker ──────────             2 turns · 1:01 "
    )


def test_a_muted_microphone_cannot_be_overlooked() -> None:
    assert " MUTED " in shown(muted=True)
    assert " MUTED " in shown(meters=Meters(-30, -90, muted=True, microphone_open=True))
    assert "MUTED" in status(State.LISTENING, True, OPEN, 0, 39, 0).plain


def test_a_microphone_that_is_off_is_called_so() -> None:
    assert "mic off" in shown(meters=OFF)


def test_turns_are_counted_only_once_there_are_any() -> None:
    assert "turn" not in status(State.LISTENING, False, OPEN, 0, 79, 0).plain
    assert "1 turn ·" in status(State.LISTENING, False, OPEN, 1, 79, 0).plain


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("columns", [1, 10, 39, 59, 60, 79])
def test_the_status_row_fits_any_width(state: State, columns: int) -> None:
    row = status(state, False, OPEN, 12345, columns, 1e6)
    assert row.cell_len <= columns
    if columns >= 39:
        assert str(state) in row.plain
        assert "spk" in row.plain or "speaker" in row.plain


def test_the_bars_do_not_move_when_the_state_changes() -> None:
    assert len({shown(state).index("mic") for state in State}) == 1


def test_the_spinner_turns() -> None:
    assert spinner(0) != spinner(0.13)
    assert spinner(0) == spinner(0.1)


@given(levels, st.integers(1, 50))
def test_a_bar_has_its_length_at_every_level(level_dbfs: float, cells: int) -> None:
    assert bar(level_dbfs, cells).cell_len == cells


@given(levels, levels)
def test_louder_is_never_shorter(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert level_steps(low, 10) <= level_steps(high, 10)


@pytest.mark.parametrize(
    ("level_dbfs", "steps", "style"),
    [
        (-90, 0, "green"),
        (-60, 0, "green"),
        (-30, 10, "green"),
        (-6, 18, "yellow"),
        (0, 20, "bold red"),
    ],
)
def test_length_and_colour_of_a_bar(level_dbfs: float, steps: int, style: str) -> None:
    assert level_steps(level_dbfs, 10) == steps
    assert all(span.style in (style, "dim") for span in bar(level_dbfs, 10).spans)


def test_levels_rise_at_once_and_fall_slowly() -> None:
    loud = Meters(-10.0, -20.0, muted=False, microphone_open=True)
    assert fallen(OPEN, loud, 0.1) == loud
    assert fallen(loud, OFF, 0.1) == Meters(-16.0, -26.0, muted=False, microphone_open=False)
    assert fallen(loud, OFF, 10.0) == OFF


def test_the_keys_say_what_they_do_now() -> None:
    assert keys(False, False, True, 79).plain == " m mute   space interrupt   t type   q quit"
    assert keys(False, True, True, 79).plain.startswith(" m unmute")
    assert keys(False, False, False, 79).plain == " space interrupt   t type   q quit"
    assert keys(True, False, True, 79).plain == " enter send   esc leave"
    assert keys(False, False, True, 39).plain == " m mute  space stop  t type  q quit"


@given(st.integers(1, 80))
def test_the_keys_fit_any_width(columns: int) -> None:
    assert keys(False, True, True, columns).cell_len <= columns


def test_the_line_being_typed_and_its_cursor() -> None:
    row, column = typed(InputLine("ab日\n", 3), 40)
    assert row.plain == " say › ab日↵"
    assert column == 11


def test_a_long_line_scrolls_so_that_its_cursor_shows() -> None:
    text = "".join(str(n % 10) for n in range(100))
    row, column = typed(InputLine(text, 100), 20)
    assert row.plain == " say › 890123456789"
    assert column == 19
    row, column = typed(InputLine(text, 0), 20)
    assert row.plain == " say › 0123456789012"
    assert column == 7


@given(st.text(max_size=60), st.integers(0, 60), st.integers(1, 60))
def test_the_line_being_typed_fits_any_width(text: str, cursor: int, columns: int) -> None:
    row, column = typed(InputLine(text, min(cursor, len(text))), columns)
    assert row.cell_len <= columns
    assert 0 <= column <= columns
