"""The live region shows what is going on now, and never more than the screen can hold."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from voicecli.live.events import Source
from voicecli.talk.events import CodeRan, DeviceOption, State, ToolAsked, ToolFinished
from voicecli.talk.usage import UsageTotals
from voicecli.talk.view import Meters
from voicecli.ui.blocks import Block, Cited, CodeRun, Item, Remark, ToolRun, Words
from voicecli.ui.details import Details
from voicecli.ui.input_line import InputLine
from voicecli.ui.journal import Journal, Thought
from voicecli.ui.picker import Picker
from voicecli.ui.press import Mode
from voicecli.ui.question import Shown
from voicecli.ui.region import Cursor, Size
from voicecli.ui.tui_model import ScreenModel
from voicecli.ui.tui_render import (
    Screen,
    block_rows,
    clockwork,
    render,
    spins,
    words_lines,
    wrapped,
)

CONSOLE = Console(file=io.StringIO(), force_terminal=True, highlight=False)
OPEN = Meters(-90.0, -90.0, muted=False, microphone_open=True)
RUN = ToolRun("f1", "get_weather", {"city": "London"}, started_s=1.0)
USER = Words("user", "Hello", "Hello", final=False)
REPLY = Words("model", "The sea is big and blue", "The sea is ", final=False)


def screen(
    *items: Item,
    size: Size = Size(80, 24),  # noqa: B008
    mode: Mode = None,
    thought: str = "",
    used: UsageTotals = UsageTotals(),  # noqa: B008
) -> Screen:
    model = ScreenModel(State.LISTENING, items=items, thought=thought, used=used)
    return render(model, mode, OPEN, size, 3.0, CONSOLE)


def plain(*items: Item, width: int = 80, height: int = 24, thought: str = "") -> list[str]:
    shown = screen(*items, size=Size(width, height), thought=thought)
    return [row.plain for row in shown.rows]


def styled(text: Text) -> dict[str, str]:
    return {text.plain[span.start : span.end]: str(span.style) for span in text.spans}


def lines(block: Block) -> list[str]:
    return [row.plain for row in block_rows(block, 79, CONSOLE)]


@pytest.mark.parametrize(
    ("width", "figures", "rule"),
    [(40, "spk ─────", 39), (80, "$0.012 · 0:03", 79), (200, "1.2k tokens · $0.012 · 0:03", 99)],
)
def test_what_was_used_shows_as_far_as_there_is_room(width: int, figures: str, rule: int) -> None:
    used = UsageTotals(1100, 100, 0, 1200, cost_usd=0.0123)
    first, row, *_ = (row.plain for row in screen(size=Size(width, 24), used=used).rows)
    assert row.rstrip().endswith(f" {figures}")
    assert len(row) <= len(first) == rule
    assert ("tokens" in row) == ("tokens" in figures)


def test_an_idle_screen_is_three_rows() -> None:
    rows = plain()
    assert rows[0] == "─" * 79
    assert "listening" in rows[1]
    assert "q quit" in rows[2]
    assert len(rows) == 3


def test_current_words_stand_above_in_order() -> None:
    assert plain(USER, RUN, REPLY)[:-3] == [
        "",
        "you › Hello",
        "voicecli › The sea is big and blue",
        '  ⠼ get_weather(city="London") 2 s',
    ]


def test_words_ahead_of_the_sound_are_dim() -> None:
    assert styled(words_lines(REPLY)[0]) == {"voicecli › ": "bold magenta", "big and blue": "dim"}


@pytest.mark.parametrize("words", [replace(REPLY, cut=True), replace(REPLY, final=True)])
def test_words_that_were_not_heard_are_marked_without_colour_too(words: Words) -> None:
    text = words_lines(words)[0]
    assert text.plain == "voicecli › The sea is [not heard: big and blue]"
    assert styled(text)["big and blue"] == "dim strike"


def test_words_heard_to_the_end_have_no_mark() -> None:
    assert lines(Words("model", "The sea", "The sea", final=True)) == ["voicecli › The sea"]


def test_a_call_that_is_over_and_code_that_ran_are_blocks() -> None:
    end = ToolFinished(2, "f1", "n", 1.0, result=12)
    assert lines(replace(RUN, end=end)) == ['  ✓ get_weather(city="London") → 12 (1.0 s)']
    assert lines(CodeRun("PYTHON", "1", CodeRan(2, True, "1")))[1] == "  │ 1"


def test_an_address_is_one_row_however_long() -> None:
    page = Source("https://a.example/" + "x" * 200, "A")
    assert len(block_rows(Cited((page,)), 40, CONSOLE)) == 1


def several(count: int) -> tuple[ToolRun, ...]:
    return tuple(replace(RUN, call_id=str(at), background=True) for at in range(count))


def test_background_calls_stand_below_the_words_and_never_push_them_out() -> None:
    text = " ".join(str(n) for n in range(20_000))
    rows = plain(*several(9), Words("model", text, text, final=False))
    assert rows[0] == "…"
    assert rows[-7].endswith("19998 19999")
    assert "… 7 more calls" in rows[-6]
    rows = plain(*several(9), Words("model", text, text, final=False), width=40, height=10)
    assert rows[3].endswith("19999")
    assert "… 8 more calls" in rows[4]
    assert len(rows) == 9


def test_a_done_call_that_waits_for_words_stands_among_them() -> None:
    done = replace(RUN, end=ToolFinished(2, "f1", "n", 1.0, result=12))
    assert plain(USER, done)[:3] == [
        "",
        "you › Hello",
        '  ✓ get_weather(city="London") → 12 (1.0 s)',
    ]


ASKED = ToolAsked(1.5, "f1", "shell", {"command": "ls"}, always=True)
ASKING = ToolRun("f1", "shell", {"command": "ls"}, 1.0, asked=ASKED)


def test_a_question_stands_above_the_state_and_has_its_keys() -> None:
    shown = screen(ASKING)
    assert shown.question == Shown("f1", always=True, whole=True)
    rows = [row.plain for row in shown.rows]
    assert rows[0] == '  ? shell(command="ls") waits for your word'
    assert rows[1] == "─" * 79
    assert rows[2:4] == [" ? y/n/a call shell", "   │ command: ls"]
    assert "listening" in rows[4]
    assert rows[5] == " t details  y yes  n no  a always  q quit"


def test_while_one_types_or_picks_a_row_says_that_a_question_waits() -> None:
    for mode in (InputLine("hé", 2), picker(2)):
        shown = screen(ASKING, mode=mode)
        assert shown.question is None
        assert ' ? a question waits: shell(command="ls")' in [row.plain for row in shown.rows]
    assert screen(ASKING, mode=InputLine("hé", 2)).cursor == Cursor(4, 9)


def test_a_long_question_takes_the_room_there_is() -> None:
    long = replace(ASKING, args={"command": "x" * 400})
    rows = [row.plain for row in screen(long, size=Size(40, 10)).rows]
    assert len(rows) == 9
    assert rows[1] == " ? t/n call shell"
    assert "more rows: t shows all" in "".join(rows)
    whole = screen(long, size=Size(40, 24))
    assert whole.question == Shown("f1", always=True, whole=True)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_in_the_smallest_window_the_question_shows(height: int) -> None:
    shown = screen(ASKING, size=Size(40, height))
    assert "call shell" in shown.rows[0].plain
    assert shown.question == Shown("f1", always=True, whole=False)


def details(height: int, width: int = 80) -> tuple[list[str], Details | None]:
    done = replace(RUN, end=ToolFinished(2, "f1", "n", 1.0, result="z" * 3_000))
    model = ScreenModel(State.LISTENING, items=(REPLY,), journal=Journal((done,)))
    shown = render(model, Details(), OPEN, Size(width, height), 3.0, CONSOLE)
    return [row.plain for row in shown.rows], shown.details


@pytest.mark.parametrize(("width", "height"), [(40, 10), (80, 24), (200, 50)])
def test_the_details_stand_between_state_and_keys_with_the_words_above(
    width: int, height: int
) -> None:
    rows, drawn = details(height, width)
    assert len(rows) <= height - 1
    assert rows[0].startswith("voicecli › The sea is big")
    assert "listening" in rows[2]
    assert rows[3].startswith("↑") or "get_weather" in rows[3]
    assert rows[-1] == " ↑↓ move  t close  q quit"
    assert drawn is not None
    assert drawn.page == len(rows) - 4 or drawn.last == 0


@pytest.mark.parametrize("height", range(3, 8))
def test_in_a_low_window_the_details_use_what_there_is(height: int) -> None:
    rows, _ = details(height)
    assert len(rows) <= height - 1
    assert any("zzz" in row for row in rows)


def test_in_the_details_too_a_question_is_asked() -> None:
    shown = screen(ASKING, mode=Details())
    assert shown.question == Shown("f1", always=True, whole=True)
    assert shown.rows[-1].plain.startswith(" y yes  n no  a always")


def test_sources_and_remarks() -> None:
    assert lines(Cited((Source("https://a.example", "A"), Source("https://b.example", "")))) == [
        "  ↗ A https://a.example",
        "  ↗ https://b.example",
    ]
    assert lines(Remark("warning", "quiet", "voicecli devices")) == [
        "! quiet",
        "  hint: voicecli devices",
    ]
    assert lines(Remark("error", "broken")) == ["✗ broken"]


def test_paragraphs_stay_and_control_characters_show() -> None:
    words = Words("model", "a\n\n\x1b[2Jb", "a\n\n\x1b[2Jb", final=True)
    assert lines(words) == ["voicecli › a", "", "␛[2Jb"]


def test_wrapping_is_between_words_without_trailing_blanks() -> None:
    rows = wrapped([Text("one two three"), Text(), Text("x" * 8)], 7, CONSOLE)
    assert [row.plain for row in rows] == ["one two", "three", "", "xxxxxxx", "x"]


def test_a_very_long_reply_shows_its_last_rows() -> None:
    text = " ".join(str(n) for n in range(20_000))
    rows = plain(Words("model", text, text, final=False))
    assert len(rows) == 14 + 3
    assert rows[0] == "…"
    assert rows[-4].endswith("19998 19999")


def test_a_thought_shows_while_there_are_no_words() -> None:
    assert plain(thought="Looking it up")[0] == "✻ Looking it up"
    assert plain(thought="long " * 40)[0].endswith("…")
    assert "✻" not in "".join(plain(USER, thought="Looking it up"))


def test_the_cursor_stands_in_the_line_being_typed() -> None:
    shown = screen(USER, mode=InputLine("hé", 2))
    assert shown.cursor == Cursor(4, 9)
    assert shown.rows[4].plain == " say › hé"
    assert "esc leave" in shown.rows[5].plain


def picker(count: int) -> Picker:
    """So many microphones, the cursor on the last."""
    options = [
        DeviceOption("input", at, f"Mic {at}", False, current=at == 0) for at in range(count)
    ]
    return Picker(tuple(options), count - 1)


def picking(height: int, count: int = 9, width: int = 40) -> list[str]:
    shown = screen(REPLY, size=Size(width, height), mode=picker(count))
    assert shown.cursor is None
    return [row.plain for row in shown.rows]


def test_the_picker_stands_between_state_and_keys_with_the_conversation_above() -> None:
    rows = picking(24, count=2, width=80)
    assert rows[0] == "voicecli › The sea is big and blue"
    assert rows[1] == "─" * 79
    assert "listening" in rows[2]
    assert rows[3].startswith(" microphones")
    assert rows[5] == " › ○  1  Mic 1"
    assert rows[-1] == " ↑↓ move  enter take  esc leave  q quit"


def test_in_a_small_window_the_picker_scrolls_and_the_words_keep_their_rows() -> None:
    rows = picking(10)
    assert rows[0] == "voicecli › The sea is big and blue"
    assert rows[3].startswith("↑microphones")
    assert " › ○  8  Mic 8" in rows[4:7]
    assert rows[7:] == [" ↑↓ move  enter take  esc leave  q quit"]


@pytest.mark.parametrize("height", range(1, 12))
def test_in_the_smallest_window_too_one_sees_what_one_picks(height: int) -> None:
    rows = picking(height)
    assert len(rows) <= max(height - 1, 1)
    assert len([row for row in rows if row[1] == "›" and row.endswith("Mic 8")]) == 1


def test_after_the_end_nothing_is_left() -> None:
    ended = ScreenModel(ended=True)
    for mode in (None, InputLine("half a mess"), picker(2)):
        assert render(ended, mode, OPEN, Size(80, 24), 0, CONSOLE) == Screen()


def test_time_alone_changes_the_screen_once_a_second_or_as_fast_as_it_spins() -> None:
    idle = ScreenModel(State.LISTENING)
    assert clockwork(idle, 1.0) == clockwork(idle, 1.9) != clockwork(idle, 2.0)
    for busy in (ScreenModel(State.THINKING), replace(idle, items=(RUN,))):
        assert spins(busy)
        assert clockwork(busy, 1.0) != clockwork(busy, 1.2)


words = st.builds(
    Words,
    st.sampled_from(["user", "model"]),
    st.text(st.characters(codec=None), max_size=300),
    st.text(max_size=20),
    st.booleans(),
    st.booleans(),
)


LONG_ASKING = replace(ASKING, args={"command": "x " * 300})
CODE = CodeRun("PYTHON", "print(1)\n" * 30)


@given(
    st.lists(words | st.sampled_from([RUN, CODE, LONG_ASKING, ASKING]), max_size=6),
    st.none()
    | st.builds(InputLine, st.text(max_size=50))
    | st.integers(1, 12).map(picker)
    | st.builds(Details, st.integers(0, 50), st.booleans()),
    st.integers(1, 100),
    st.integers(1, 40),
)
def test_the_region_fits_every_screen(
    items: list[Item], mode: Mode, width: int, height: int
) -> None:
    runs = tuple(item for item in items if isinstance(item, ToolRun | CodeRun))
    journal = Journal((*runs, Thought(1, "hm")))
    model = ScreenModel(State.LISTENING, items=tuple(items), journal=journal)
    shown = render(model, mode, OPEN, Size(width, height), 3.0, CONSOLE)
    assert 1 <= len(shown.rows) <= max(height - 1, 1)
    for row in shown.rows:
        assert "\n" not in row.plain
        # A letter of two columns does not fit into one; the terminal cuts it.
        assert row.cell_len <= max(width - 1, 2)
    if shown.question is not None:
        assert not isinstance(mode, InputLine | Picker)
        assert any(row.plain.startswith(" ? ") for row in shown.rows) or width < 6
    if shown.cursor is not None:
        assert 0 <= shown.cursor.row < len(shown.rows)
        assert 0 <= shown.cursor.column < max(width, 2)
