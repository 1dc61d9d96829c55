"""The details show everything in full, in any window, and nothing of it steers the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import Source
from voicecli.talk.events import CodeRan, ToolAsked, ToolDecided, ToolFinished
from voicecli.ui.blocks import Cited, CodeRun, ToolRun
from voicecli.ui.details import Details
from voicecli.ui.details_render import MAX_ROWS, NOTHING, OLDER, details_rows
from voicecli.ui.journal import Entry, Journal, Thought

RUN = ToolRun("f1", "get_weather", {"city": "London", "days": 2}, started_s=1.0)
DONE = replace(RUN, end=ToolFinished(2, "f1", "n", 1.5, result={"temp_c": 12, "rain": [True]}))
ASKED = ToolAsked(1.5, "f1", "shell", {"command": "ls"}, always=True)
any_text = st.text(st.characters(codec=None), max_size=200)


def shown(*entries: Entry, room: int = 40, columns: int = 79, details: Details = Details()) -> str:  # noqa: B008
    rows, _ = details_rows(Journal(entries), details, room, columns, 3.0)
    return "\n".join(row.plain.rstrip() for row in rows)


def test_a_call_with_arguments_result_decision_and_duration() -> None:
    decided = ToolDecided(2.0, "f1", "get_weather", True, "user, always")
    run = replace(DONE, decided=decided, background=True)
    assert shown(run, columns=99).splitlines() == [
        " ✓ get_weather · allowed by you, for the whole conversation · in the background · 1.5 s",
        "     city: London",
        "     days: 2",
        "     → temp_c: 12",
        "       rain: [",
        "           true",
        "         ]",
    ]


@pytest.mark.parametrize(
    ("run", "heading"),
    [
        (RUN, " ⠼ get_weather · 2 s so far"),
        (replace(RUN, asked=ASKED), " ? get_weather · waits for your word · 2 s so far"),
        (DONE, " ✓ get_weather · 1.5 s"),
        (
            replace(RUN, end=ToolFinished(2, "f1", "n", 1.5, cancelled=True)),
            " ⊘ get_weather · 1.5 s",
        ),
        (
            replace(RUN, end=ToolFinished(2, "f1", "n", 1.5, error="no")),
            " ✗ get_weather · 1.5 s",
        ),
    ],
)
def test_how_a_call_stands(run: ToolRun, heading: str) -> None:
    assert shown(run).splitlines()[0] == heading


def test_an_error_a_cancellation_and_partial_results() -> None:
    failed = replace(RUN, args={}, end=ToolFinished(2, "f1", "n", 1.5, error="no\nway"))
    assert shown(failed).splitlines()[1:] == ["     → no", "       way"]
    gone = replace(RUN, args={}, end=ToolFinished(2, "f1", "n", 1.5, cancelled=True))
    assert shown(gone).splitlines()[1:] == ["     → cancelled"]
    timer = replace(RUN, args={}, results=("a", "b"), given=9, end=ToolFinished(2, "f1", "n", 1.5))
    assert shown(timer).splitlines()[1:] == ["     … 7 earlier results", "     → a", "     → b"]


def test_thoughts_code_and_pages() -> None:
    code = CodeRun("PYTHON", "a = 1\nprint(a)", CodeRan(2, True, "1\n"))
    pages = Cited((Source("https://a.example", "A"),), ("weather",))
    assert shown(Thought(1, "**Looking**\n\nIt is London."), code, pages).splitlines() == [
        " ✻ thought",
        "     Looking",
        "",
        "     It is London.",
        " ✓ python code",
        "     │ a = 1",
        "     │ print(a)",
        "     1",
        " ↗ sources",
        "     searched for: weather",
        "     A https://a.example",
    ]


def test_before_anything_happened_it_says_so() -> None:
    assert shown() == f" {NOTHING}"


def test_what_waits_for_the_users_word_stands_last() -> None:
    asking = replace(RUN, name="shell", asked=ASKED)
    assert shown(asking, DONE).index("get_weather") < shown(asking, DONE).index("? shell")


@pytest.mark.parametrize("second_s", [1.5, 2.0])
def test_of_several_questions_the_one_that_keys_answer_stands_last(second_s: float) -> None:
    first = replace(RUN, name="shell", asked=ASKED)
    second = replace(RUN, call_id="f2", name="note_add", asked=replace(ASKED, t_s=second_s))
    text = shown(first, second, DONE)
    assert text.index("get_weather") < text.index("? note_add") < text.index("? shell")


def test_arrows_say_that_there_is_more() -> None:
    journal = Journal((DONE, DONE))
    rows, end = details_rows(journal, Details(), 4, 79, 3.0)
    assert [row.plain[0] for row in rows] == ["↑", " ", " ", " "]
    rows, _ = details_rows(journal, end.moved(-1), 4, 79, 3.0)
    assert [row.plain[0] for row in rows] == ["↑", " ", " ", "↓"]
    rows, _ = details_rows(journal, end.moved(-99), 4, 79, 3.0)
    assert [row.plain[0] for row in rows] == [" ", " ", " ", "↓"]
    rows, _ = details_rows(journal, end.moved(-1), 1, 79, 3.0)
    assert [row.plain[0] for row in rows] == ["↕"]


def test_of_very_much_only_the_newest_is_laid_out() -> None:
    big = [replace(DONE, call_id=str(at), args={"text": "x" * 20_000}) for at in range(50)]
    rows, drawn = details_rows(Journal(tuple(big)), Details(0, follows=False), 9, 79, 3.0)
    assert rows[0].plain == f" {OLDER}"
    assert MAX_ROWS <= drawn.last + 9 <= MAX_ROWS + 300


def test_it_stays_live_at_the_end_and_still_where_one_reads() -> None:
    before, after = Journal((DONE,)), Journal((DONE, replace(DONE, name="other")))
    rows, end = details_rows(before, Details(), 4, 79, 3.0)
    rows, _ = details_rows(after, end, 4, 79, 3.0)
    assert rows[0].plain == "↑    → temp_c: 12"
    assert rows[-1].plain.strip() == "]"
    up = end.moved(-1)
    first = details_rows(before, up, 4, 79, 3.0)[0][0].plain
    assert details_rows(after, up, 4, 79, 3.0)[0][0].plain == first


runs = st.builds(
    ToolRun,
    st.just("f1"),
    any_text,
    st.dictionaries(any_text, any_text, max_size=3),
    st.floats(0, 5),
    st.booleans(),
    st.none() | st.just(ASKED),
    results=st.lists(any_text, max_size=2).map(tuple),
    end=st.none() | st.builds(ToolFinished, st.just(2), st.just("f1"), any_text, st.just(1.0)),
)
ran = st.none() | st.builds(CodeRan, st.just(3), st.booleans(), any_text)
entries = st.one_of(
    runs,
    st.builds(CodeRun, any_text, any_text, ran),
    st.builds(Thought, st.just(1), any_text),
    st.builds(Source, any_text, any_text).map(lambda page: Cited((page,), (page.title,))),
)
panes = st.builds(Details, st.integers(0, 99), st.booleans())


@given(st.lists(entries, max_size=4), panes, st.integers(-1, 30), st.integers(1, 120))
def test_rows_fit_and_are_harmless(
    several: list[Entry], details: Details, room: int, columns: int
) -> None:
    rows, drawn = details_rows(Journal(tuple(several)), details, room, columns, 3.0)
    assert len(rows) <= max(room, 0)
    assert drawn.first <= drawn.last
    for row in rows:
        assert row.cell_len <= max(columns, 2)
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in row.plain)
