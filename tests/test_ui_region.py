"""Whatever is drawn in whatever order: finished text stays whole, the region is as it should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal_emulator import Emulator

from voicecli.ui.region import Cursor, Line, Region

WIDTH, HEIGHT = 20, 8


def rows(*texts: str) -> list[Line]:
    return [Line(text, len(text)) for text in texts]


class Drawn:
    """A region on an emulated terminal."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, *, rewraps: bool = False) -> None:
        self.width = width
        self.region = Region(rewraps=rewraps)
        self.terminal = Emulator(width, height)

    def update(self, lines: list[Line], above: str = "", cursor: Cursor | None = None) -> str:
        sent = self.region.update(lines, above, self.width, cursor)
        self.terminal.feed(sent.encode())
        return sent


def test_nothing_is_written_when_nothing_changed() -> None:
    drawn = Drawn()
    assert drawn.update(rows("a", "b"))
    assert drawn.update(rows("a", "b")) == ""


def test_only_changed_rows_are_written() -> None:
    drawn = Drawn()
    drawn.update(rows("same", "old", "kept"))
    sent = drawn.update(rows("same", "new", "kept"))
    assert "new" in sent
    assert "same" not in sent
    assert "kept" not in sent
    assert drawn.terminal.lines == ["same", "new", "kept"]


def test_a_frame_is_shown_at_once() -> None:
    sent = Drawn().update(rows("a"))
    assert sent.startswith("\x1b[?2026h")
    assert sent.endswith("\x1b[?2026l")


def test_nothing_is_ever_erased_from_the_first_cell_of_the_screen() -> None:
    """tmux keeps a copy of what is erased by ED at the home position."""
    drawn = Drawn()
    drawn.update(rows("a", "b"))
    sent = drawn.update(rows("a", "b"), above="x\n")
    assert sent.index("\x1b[1B") < sent.index("\x1b[J")
    assert drawn.terminal.lines == ["x", "a", "b"]


def test_a_shorter_region_leaves_nothing_behind() -> None:
    drawn = Drawn()
    drawn.update(rows("long words", "b", "c"))
    drawn.update(rows("l"))
    assert drawn.terminal.lines == ["l"]


def test_finished_text_scrolls_away_whole() -> None:
    drawn = Drawn()
    for number in range(50):
        drawn.update(rows("live", "keys"), above=f"line {number}\n")
    assert drawn.terminal.lines == [*(f"line {number}" for number in range(50)), "live", "keys"]


def test_a_line_above_may_be_longer_than_the_terminal_is_wide() -> None:
    drawn = Drawn()
    drawn.update(rows("live", "keys"))
    drawn.update(rows("live", "keys"), above="x" * 45 + "\n")
    assert drawn.terminal.lines == ["x" * 20, "x" * 20, "x" * 5, "live", "keys"]


def test_the_cursor_shows_where_one_types_and_nowhere_else() -> None:
    drawn = Drawn()
    drawn.update(rows("a", "say", "keys"), cursor=Cursor(1, 3))
    assert drawn.terminal.cursor == (1, 3)
    assert not drawn.terminal.cursor_hidden
    drawn.update(rows("a", "say x", "keys"), cursor=Cursor(1, 5))
    assert drawn.terminal.cursor == (1, 5)
    assert drawn.terminal.lines == ["a", "say x", "keys"]
    drawn.update(rows("a", "b", "say", "keys"), cursor=Cursor(2, 0))
    assert drawn.terminal.cursor == (2, 0)
    drawn.update(rows("a", "keys"))
    assert drawn.terminal.cursor_hidden
    assert drawn.terminal.lines == ["a", "keys"]


def test_a_row_that_is_wider_than_told_is_cut_and_not_wrapped() -> None:
    drawn = Drawn()
    drawn.update([Line("x" * 30, 10), Line("keys", 4)])
    assert drawn.terminal.lines[1:] == ["keys"]


def test_an_empty_region_leaves_the_cursor_after_the_text() -> None:
    drawn = Drawn()
    drawn.update(rows("a", "b"), above="one\n")
    drawn.update([], above="two\n")
    assert drawn.terminal.lines == ["one", "two"]
    assert drawn.terminal.cursor == (2, 0)


def test_after_another_programs_output_it_begins_anew() -> None:
    drawn = Drawn()
    drawn.update(rows("a", "b"))
    drawn.terminal.feed(b"\r\nshell\r\n")
    drawn.region.forget()
    drawn.update(rows("a", "c"))
    assert drawn.terminal.lines == ["a", "b", "shell", "a", "c"]


@pytest.mark.parametrize("width", [10, 15, 30])
def test_a_terminal_that_keeps_its_lines_is_redrawn_in_place(width: int) -> None:
    drawn = Drawn(height=12)
    drawn.update(rows("x" * 19, "keys"), above="kept\n")
    drawn.terminal.resize(width, 12)
    drawn.width = width
    drawn.update(rows("y" * (width - 1), "keys"))
    assert drawn.terminal.lines == ["kept", "y" * (width - 1), "keys"]


def rewrapped(lines: list[str], width: int) -> list[str]:
    """`lines` as a terminal has them that breaks long lines anew."""
    return [line[at : at + width] for line in lines for at in range(0, max(len(line), 1), width)]


@given(
    st.lists(st.integers(0, WIDTH - 1), min_size=1, max_size=4),
    st.integers(1, WIDTH),
    st.integers(0, WIDTH - 1),
)
def test_a_terminal_that_rewraps_is_redrawn_without_debris(
    lengths: list[int], width: int, column: int
) -> None:
    """The emulator does not rewrap, so what a terminal that does would show is laid out anew."""
    region = Region(rewraps=True)
    lines = ["x" * length for length in lengths]
    cursor = Cursor(len(lines) - 1, min(column, lengths[-1]))
    region.update(rows(*lines), "", WIDTH, cursor)
    shown = rewrapped(lines[:-1], width)
    terminal = Emulator(width, 200)
    terminal.feed("\r\n".join(["k", *shown, ""]).encode())
    terminal.feed(b"\r\n" * (cursor.column // width))
    terminal.feed(region.update(rows("a"), "", width).encode())
    assert terminal.lines == ["k", "a"]


frames = st.tuples(
    st.lists(st.text("ab ", max_size=WIDTH - 1), max_size=HEIGHT - 1),
    st.lists(st.text("xy", min_size=1, max_size=WIDTH * 2 - 1), max_size=3),
    st.booleans(),
)


@given(st.lists(frames, max_size=12))
def test_the_screen_is_all_finished_text_and_then_the_region(
    updates: list[tuple[list[str], list[str], bool]],
) -> None:
    drawn = Drawn()
    finished: list[str] = []
    for texts, above, types in updates:
        cursor = Cursor(len(texts) // 2, 0) if types and texts else None
        sent = drawn.update(rows(*texts), "".join(f"{line}\n" for line in above), cursor)
        finished += rewrapped(above, WIDTH)
        expected = "\n".join(line.rstrip() for line in [*finished, *texts]).rstrip()
        assert drawn.terminal.text == expected
        assert not sent or drawn.terminal.cursor_hidden is (cursor is None)
