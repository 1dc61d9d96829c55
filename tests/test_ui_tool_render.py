"""A call is one row while it is at work, and one line once it is over, in each of its states."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import CodeRan, DecidedBy, ToolAsked, ToolDecided, ToolFinished
from voicecli.ui.blocks import CodeRun, ToolRun
from voicecli.ui.tool_render import (
    MAX_CALL_ROWS,
    MAX_CODE_ROWS,
    MAX_OUTPUT_ROWS,
    call_line,
    call_rows,
    code_lines,
    running_row,
    spinner,
)

RUN = ToolRun("f1", "get_weather", {"city": "London"}, started_s=1.0)
CALL = 'get_weather(city="London")'
ASKED = ToolAsked(1.5, "f1", "get_weather", {"city": "London"}, always=True)
CODE = CodeRun("PYTHON", "import math\nprint(math.pi)\n", CodeRan(3, True, "3.14\n"))
any_text = st.text(st.characters(codec=None), max_size=300)


def decided(allowed: bool, by: DecidedBy) -> ToolDecided:
    return ToolDecided(2.0, "f1", "get_weather", allowed, by)


def row(run: ToolRun | CodeRun = RUN, columns: int = 79, now_s: float = 3.0) -> str:
    return running_row(run, columns, now_s).plain


def panel(run: CodeRun, columns: int = 79) -> list[str]:
    return [line.plain for line in code_lines(run, columns)]


def test_the_spinner_turns() -> None:
    assert spinner(0) != spinner(0.13)
    assert spinner(0) == spinner(0.1)


def test_a_call_at_work() -> None:
    assert row(now_s=1.5) == f"  ⠹ {CALL}"
    assert row(now_s=3.0) == f"  ⠼ {CALL} 2 s"
    assert row(replace(RUN, decided=decided(True, "user"))) == f"  ⠼ {CALL} 2 s"


def test_a_call_that_asks_and_one_that_was_denied_say_so() -> None:
    asked = replace(RUN, asked=ASKED)
    assert row(asked) == f"  ? {CALL} waits for your word"
    assert row(replace(asked, decided=decided(False, "user"))) == f"  ⊘ {CALL} denied by you"


def test_a_call_that_goes_on_shows_what_it_gave_last() -> None:
    timer = ToolRun("t", "timer", {"minutes": 3}, 1.0, background=True, results=("a", "half"))
    assert row(timer) == '  ⠼ timer(minutes=3) 2 s · "half"'
    long = row(replace(timer, results=("x" * 200,)))
    assert len(long) <= 79
    assert long.startswith('  ⠼ timer(minutes=3) 2 s · "xxx')


def test_however_long_the_arguments_are_the_time_shows() -> None:
    long = replace(RUN, args={"city": "x" * 200})
    assert row(long).startswith('  ⠼ get_weather(city="xxx')
    assert row(long).endswith("x… 2 s")
    assert row(long, columns=39).endswith("x… 2 s")


def test_code_at_work() -> None:
    assert row(replace(CODE, ran=None)) == "  ⠼ runs python: import math print(math.pi)"


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (replace(RUN, end=ToolFinished(2, "f1", "n", 1.0, result=12)), f"  ✓ {CALL} → 12 (1.0 s)"),
        (
            replace(RUN, end=ToolFinished(2, "f1", "n", 1.0, error="no")),
            f"  ✗ {CALL} → failed: no",
        ),
        (
            replace(RUN, end=ToolFinished(2, "f1", "n", 1.0, cancelled=True)),
            f"  ⊘ {CALL} → cancelled (1.0 s)",
        ),
        (
            replace(
                RUN,
                decided=decided(False, "no terminal"),
                end=ToolFinished(2, "f1", "n", 1.0, error="nobody can be asked"),
            ),
            f"  ⊘ {CALL} → denied since nobody can be asked here",
        ),
        (
            replace(RUN, decided=decided(True, "user"), end=ToolFinished(2, "f1", "n", 1.0, 12)),
            f"  ✓ {CALL} → 12 (1.0 s)",
        ),
        (
            replace(RUN, results=("a", "b"), given=2, end=ToolFinished(2, "f1", "n", 1.0)),
            f'  ✓ {CALL} → "b" (2 results, 1.0 s)',
        ),
        (
            replace(
                RUN, results=("a",), given=1, end=ToolFinished(2, "f1", "n", 1.0, cancelled=True)
            ),
            f"  ⊘ {CALL} → cancelled (1.0 s)",
        ),
        (replace(RUN, left=True), f"  ⊘ {CALL} → not finished"),
    ],
)
def test_a_call_that_is_over(run: ToolRun, line: str) -> None:
    assert call_line(run).plain == line


def test_what_is_left_of_a_long_call_is_short() -> None:
    end = ToolFinished(2, "f1", "n", 1.0, result="y" * 9_999)
    line = call_line(replace(RUN, args={"a": "x" * 9_999}, end=end)).plain
    assert len(line) < 320
    assert line.endswith("y… (1.0 s)")


def several(count: int) -> tuple[ToolRun, ...]:
    return tuple(replace(RUN, call_id=str(at), args={"n": at}) for at in range(count))


def test_more_calls_than_rows_are_counted_and_the_newest_show() -> None:
    assert [line.plain for line in call_rows(several(6), 5, 79, 1.0)] == [
        "  ⠇ … 4 more calls",
        "  ⠇ get_weather(n=4)",
        "  ⠇ get_weather(n=5)",
    ]
    assert [line.plain for line in call_rows(several(6), 1, 79, 1.0)] == ["  ⠇ … 6 calls"]
    assert len(call_rows(several(3), 3, 79, 1.0)) == 3
    assert call_rows(several(3), 0, 79, 1.0) == []
    assert call_rows((), 3, 79, 1.0) == []


def test_code_is_a_panel_with_what_it_printed_below() -> None:
    assert panel(CODE) == [
        "  ╭─ python ────────────",
        "  │ import math",
        "  │ print(math.pi)",
        "  ╰─ ✓ result",
        "    3.14",
    ]


def test_code_that_failed_and_code_whose_result_never_came() -> None:
    assert panel(replace(CODE, ran=CodeRan(3, False, "Boom")))[-2:] == ["  ╰─ ✗ failed", "    Boom"]
    assert panel(replace(CODE, ran=None, left=True))[-1] == "  ╰─ ⊘ no result"
    assert panel(replace(CODE, ran=CodeRan(3, True, "")))[-1] == "  ╰─ ✓ result"


def test_a_long_program_and_a_long_result_are_cut_and_say_so() -> None:
    lines = "\n".join(f"line {n}" for n in range(99))
    rows = panel(CodeRun("PYTHON", lines, CodeRan(3, True, lines)))
    assert len(rows) == 2 + MAX_CODE_ROWS + MAX_OUTPUT_ROWS
    assert rows[MAX_CODE_ROWS] == "  │ … 80 more rows: t shows all"
    assert rows[-1] == "    … 90 more rows: t shows all"


def test_a_line_of_code_that_is_too_wide_goes_on_in_the_next_row() -> None:
    rows = panel(CodeRun("PYTHON", "x" * 50, CodeRan(3, True, "")), columns=39)
    assert rows[1:3] == ["  │ " + "x" * 35, "  │ " + "x" * 15]


runs = st.builds(
    ToolRun,
    st.just("f1"),
    any_text,
    st.dictionaries(any_text, any_text, max_size=3),
    st.floats(0, 5),
    st.booleans(),
    st.none() | st.just(ASKED),
    st.none() | st.just(decided(False, "user")),
    st.lists(any_text, max_size=2).map(tuple),
    end=st.none() | st.builds(ToolFinished, st.just(2), st.just("f1"), any_text, st.just(1.0)),
)
codes = st.builds(
    CodeRun,
    any_text,
    any_text,
    st.none() | st.builds(CodeRan, st.just(3), st.booleans(), any_text),
)


@given(st.lists(runs | codes, max_size=6), st.integers(-1, 10), st.integers(1, 120))
def test_rows_of_calls_fit_whatever_is_called(
    several_runs: list[ToolRun | CodeRun], room: int, columns: int
) -> None:
    rows = call_rows(tuple(several_runs), room, columns, 3.0)
    assert len(rows) <= max(min(room, MAX_CALL_ROWS), 0)
    for line in rows:
        assert line.cell_len <= max(columns, 2)
        assert line.plain.isprintable() or not any(char < " " for char in line.plain)


@given(codes, st.integers(1, 120))
def test_a_panel_fits_whatever_the_code(run: CodeRun, columns: int) -> None:
    rows = code_lines(run, columns)
    assert len(rows) <= 2 + MAX_CODE_ROWS + MAX_OUTPUT_ROWS
    for line in rows:
        assert line.cell_len <= max(columns, 2)
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in line.plain)


@given(runs)
def test_what_is_left_of_a_call_is_one_harmless_line(run: ToolRun) -> None:
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in call_line(run).plain)
