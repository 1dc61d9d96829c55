"""State, levels and keys must be readable at a glance, at any width and without colour."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import DeviceOption, State
from voicecli.talk.usage import UsageTotals
from voicecli.talk.view import Meters
from voicecli.ui.details import Details
from voicecli.ui.input_line import InputLine
from voicecli.ui.picker import Picker
from voicecli.ui.press import Mode
from voicecli.ui.question import Shown
from voicecli.ui.status_render import bar, fallen, keys, level_steps, status, typed
from voicecli.ui.tui_model import ScreenModel

OPEN = Meters(-30.0, -90.0, muted=False, microphone_open=True)
OFF = Meters(-90.0, -90.0, muted=False, microphone_open=False)
levels = st.floats(-200, 20)


IDLE = ScreenModel(State.LISTENING)
TAPPING = replace(IDLE, push_to_talk=True)
PICKER = Picker((DeviceOption("input", 0, "Mic", default=True, current=True),))


def shown(model: ScreenModel = IDLE, meters: Meters = OPEN, columns: int = 79) -> str:
    return status(replace(model, turns=2), meters, columns, 61.0).plain


def in_state(state: State) -> ScreenModel:
    return replace(IDLE, state=state)


def test_the_status_row() -> None:
    assert shown() == (
        " ● listening     mic ━━━━━─────  speaker ──────────             2 turns · 1:01 "
    )
    assert shown(columns=39) == " ● listening    mic ━━╸── spk ───── "


USED = UsageTotals(1100, 100, 0, 1200, cost_usd=0.0123)


@pytest.mark.parametrize(
    ("columns", "figures"),
    [
        (99, " 2 turns · 1.2k tokens · $0.012 · 1:01 "),
        (79, " 2 turns · $0.012 · 1:01 "),
        (69, " $0.012 · 1:01 "),
        (60, " 1:01 "),
        (52, " $0.012 · 1:01 "),
        (42, " 1:01 "),
        (39, " spk ───── "),
    ],
)
def test_figures_that_do_not_fit_are_left_out_the_time_last(columns: int, figures: str) -> None:
    row = shown(replace(IDLE, used=USED), columns=columns)
    assert row.endswith(figures)
    assert row.removesuffix(figures)[-1] in " ─c"


def test_a_cost_that_is_not_known_is_not_shown() -> None:
    row = shown(replace(IDLE, used=replace(USED, cost_usd=None)), columns=99)
    assert row.endswith("  2 turns · 1.2k tokens · 1:01 ")
    assert "$" not in row


@given(st.integers(1, 200), st.integers(0, 10**12), st.none() | st.floats(0, 1e6))
def test_the_figures_fit_any_width_and_none_is_cut(
    columns: int, tokens: int, cost_usd: float | None
) -> None:
    used = UsageTotals(total_tokens=tokens, cost_usd=cost_usd)
    row = status(replace(IDLE, turns=2, used=used), OPEN, columns, 61.0)
    assert row.cell_len <= columns
    figures = row.plain[row.plain.rfind("─") + 1 :].strip()
    assert figures == "" or figures.endswith("1:01") or columns < 36


def test_a_muted_microphone_cannot_be_overlooked() -> None:
    assert " MUTED " in shown(replace(IDLE, muted=True))
    assert " MUTED " in shown(meters=replace(OPEN, muted=True))
    assert "MUTED" in shown(replace(IDLE, muted=True), columns=39)


def test_a_microphone_that_is_off_is_called_so() -> None:
    assert "mic off" in shown(meters=OFF)


def test_a_volume_that_is_not_full_shows() -> None:
    assert "speaker ────────── 60%  " in shown(meters=replace(OPEN, volume_percent=60))
    assert "speaker ────────── 0%  " in shown(meters=replace(OPEN, volume_percent=0))
    assert "%" not in shown()


def test_a_voice_that_went_down_has_a_sign_that_moves_nothing() -> None:
    ducked, low = replace(IDLE, ducked=True), replace(OPEN, volume_percent=60)
    assert "speaker ──────────▾  " in shown(ducked)
    assert shown(ducked).replace("▾", " ") == shown()
    assert shown(ducked, low).replace("▾", " ") == shown(IDLE, low)


def test_in_a_narrow_window_the_sign_and_the_volume_show_in_every_state() -> None:
    low = replace(OPEN, volume_percent=60)
    for state in State:
        assert shown(replace(in_state(state), ducked=True), low, columns=39).endswith("▾60%")


def test_with_push_to_talk_the_row_says_whose_turn_it_is() -> None:
    assert shown(TAPPING).startswith(" ○ waiting ")
    assert shown(replace(TAPPING, talking=True)).startswith(" ● TALKING ")
    for state in (State.THINKING, State.SPEAKING):
        model = replace(TAPPING, state=state)
        assert str(state) in shown(model)
        assert "TALKING" in shown(replace(model, talking=True))


@pytest.mark.parametrize("state", [State.CONNECTING, State.RECONNECTING])
def test_nobody_talks_into_a_connection_that_is_not_there(state: State) -> None:
    assert str(state) in shown(replace(TAPPING, state=state, talking=True))


def test_turns_are_counted_only_once_there_are_any() -> None:
    assert "turn" not in status(IDLE, OPEN, 79, 0).plain
    assert "1 turn ·" in status(replace(IDLE, turns=1), OPEN, 79, 0).plain


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("columns", [1, 10, 39, 59, 60, 79])
def test_the_status_row_fits_any_width(state: State, columns: int) -> None:
    row = status(replace(in_state(state), turns=12345), OPEN, columns, 1e6)
    assert row.cell_len <= columns
    if columns >= 39:
        assert str(state) in row.plain
        assert "spk" in row.plain or "speaker" in row.plain


def test_the_bars_do_not_move_when_the_state_changes() -> None:
    places = {shown(in_state(state)).index("mic") for state in State}
    places |= {shown(replace(TAPPING, talking=talking)).index("mic") for talking in (False, True)}
    assert len(places) == 1


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


def test_a_recorded_conversation_has_the_keys_that_do_something() -> None:
    for model in (IDLE, TAPPING):
        recorded = replace(model, recorded=True)
        assert row_of_keys(recorded) == " space stop, go on  q quit  +- vol  t details"
        assert row_of_keys(recorded, columns=39) == " space stop  q quit  +- vol  t details"


def row_of_keys(
    model: ScreenModel = IDLE, mode: Mode = None, meters: Meters = OPEN, columns: int = 79
) -> str:
    return keys(model, mode, meters, columns).plain


def test_the_keys_say_what_they_do_now() -> None:
    others = "↵ type  q quit  t details  +- vol  d devices"
    assert row_of_keys() == f" m mute  space stop  {others}  p patience"
    assert row_of_keys(replace(IDLE, muted=True)).startswith(" m unmute  ")
    assert row_of_keys(mode=InputLine()) == " enter send  esc leave"
    assert row_of_keys(mode=PICKER) == " ↑↓ move  enter take  esc leave  q quit"


def test_without_a_microphone_there_is_nothing_to_mute_and_no_pause_to_wait_for() -> None:
    assert row_of_keys(meters=OFF) == " space stop  ↵ type  q quit  t details  +- vol  d devices"


def test_with_push_to_talk_space_comes_first_and_says_what_a_tap_does() -> None:
    others = "↵ type  q quit  esc stop  t details  +- vol  d devices"
    assert row_of_keys(TAPPING) == f" space talk  {others}"
    assert row_of_keys(replace(TAPPING, talking=True)) == f" space send  {others}"


def test_a_question_brings_its_keys_and_a_yes_only_if_all_of_it_is_to_be_read() -> None:
    def row(question: Shown, mode: Mode = None, columns: int = 79) -> str:
        return keys(IDLE, mode, OPEN, columns, question).plain

    asked = Shown("f1", always=True, whole=True)
    assert row(asked) == " t details  y yes  n no  a always  q quit"
    assert row(asked, columns=39) == " t details  y yes  n no  a always"
    assert row(replace(asked, always=False)) == " t details  y yes  n no  q quit"
    assert row(replace(asked, whole=False)) == " t shows all  n no  q quit"
    assert row(asked, Details()) == " y yes  n no  a always  ↑↓ move  t close  q quit"


def test_the_details_are_scrolled_and_closed() -> None:
    assert row_of_keys(mode=Details()) == " ↑↓ move  t close  q quit"


def test_in_a_narrow_window_the_important_keys_show() -> None:
    assert row_of_keys(columns=39) == " m mute  space stop  ↵ type  q quit"
    muted = replace(IDLE, muted=True)
    assert row_of_keys(muted, columns=39) == " m unmute  space stop  ↵ type  q quit"
    assert row_of_keys(TAPPING, columns=39) == " space talk  ↵ type  q quit  esc stop"
    assert row_of_keys(mode=PICKER, columns=39) == " ↑↓ move  enter take  esc leave  q quit"
    assert row_of_keys(columns=50) == " m mute  space stop  ↵ type  q quit  t details"


@pytest.mark.parametrize("muted", [False, True])
@pytest.mark.parametrize("talking", [False, True])
def test_in_80_columns_all_keys_show(muted: bool, talking: bool) -> None:
    assert row_of_keys(replace(IDLE, muted=muted)).endswith("  p patience")
    model = replace(TAPPING, muted=muted, talking=talking)
    assert row_of_keys(model).endswith("  d devices")


@given(st.integers(1, 80), st.booleans(), st.sampled_from([None, InputLine(), PICKER, Details()]))
def test_the_keys_fit_any_width_and_none_is_cut(
    columns: int, push_to_talk: bool, mode: Mode
) -> None:
    model = replace(IDLE, muted=True, push_to_talk=push_to_talk)
    row = keys(model, mode, OPEN, columns)
    assert row.cell_len <= columns
    assert row_of_keys(model, mode, columns=80).startswith(row.plain) or columns < 60


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
