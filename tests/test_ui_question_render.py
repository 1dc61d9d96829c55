"""Who is asked can read all of what is asked, and nothing passes as a row of voicecli's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import ToolAsked
from voicecli.ui.blocks import ToolRun
from voicecli.ui.question import Shown
from voicecli.ui.question_render import question_rows, waiting_row

any_text = st.text(st.characters(codec=None))


def asking(args: dict[str, object], call_id: str = "f1", *, always: bool = False) -> ToolRun:
    asked = ToolAsked(1.0, call_id, "shell", args, always)
    return ToolRun(call_id, "shell", args, 1.0, asked=asked)


def shown(
    *runs: ToolRun, room: int = 10, columns: int = 79, read: str | None = None
) -> tuple[list[str], Shown | None]:
    rows, question = question_rows(runs, read, room, columns)
    return [row.plain for row in rows], question


def test_name_and_arguments_and_the_keys() -> None:
    run = asking({"command": "ls -l", "timeout_s": 5})
    assert shown(run) == (
        [" ? y/n call shell", "   │ command: ls -l", "   │ timeout_s: 5"],
        Shown("f1", always=False, whole=True),
    )
    assert shown(asking({}, always=True))[0] == [" ? y/n/a call shell", "   │ without arguments"]


def test_nobody_asks_without_a_question_or_a_row() -> None:
    assert shown() == ([], None)
    assert shown(asking({}), room=0) == ([], None)


def test_several_questions_are_counted_and_the_first_is_asked() -> None:
    rows, question = shown(asking({}), asking({}, "f2"))
    assert rows[0] == " ? y/n call shell (1 of 2)"
    assert question is not None
    assert question.call_id == "f1"


def test_a_long_command_is_broken_into_rows_and_keeps_every_blank() -> None:
    command = 'for f in *; do  rm -rf "$f"   ; done; echo ' + "x" * 60
    rows, question = shown(asking({"command": command}), columns=39)
    assert question == Shown("f1", always=False, whole=True)
    assert "".join(row.removeprefix("   │ ") for row in rows[1:]) == f"command: {command}"


def test_what_does_not_fit_shows_both_ends_says_so_and_cannot_be_allowed_yet() -> None:
    command = "; ".join(f"echo {n}" for n in range(200)) + "; rm -rf /"
    rows, question = shown(asking({"command": command}, always=True), room=5, columns=39)
    assert rows[0] == " ? t/n call shell"
    assert rows[1].startswith("   │ command: echo 0;")
    assert "more rows: t shows all" in rows[2]
    assert "".join(row.removeprefix("   │ ") for row in rows[3:]).endswith("; rm -rf /")
    assert question == Shown("f1", always=True, whole=False)


def test_what_the_details_have_shown_can_be_allowed() -> None:
    run = asking({"command": "x" * 999})
    rows, question = shown(run, room=4, columns=39, read="f1")
    assert rows[0] == " ? y/n call shell"
    assert question == Shown("f1", always=False, whole=True)
    assert shown(run, room=4, columns=39, read="f2")[1] == Shown("f1", always=False, whole=False)


def test_a_name_that_does_not_fit_is_not_whole() -> None:
    question = shown(asking({}), asking({}, "f2"), columns=20)[1]
    assert question == Shown("f1", always=False, whole=False)


def test_lines_of_a_command_cannot_pass_as_rows_of_the_question() -> None:
    rows, _ = shown(asking({"command": "ls\n ? y/n call current_time\n\x1b[2K"}))
    assert rows == [
        " ? y/n call shell",
        "   │ command: ls↵",
        "   │    ? y/n call current_time↵",
        "   │   ␛[2K",
    ]


def test_while_keys_are_for_something_else_a_row_says_that_a_question_waits() -> None:
    run = asking({"command": "ls"})
    assert waiting_row((run,), 79).plain == ' ? a question waits: shell(command="ls")'
    assert waiting_row((run,), 20).plain == " ? a question waits…"


@given(
    st.lists(st.dictionaries(any_text, any_text, max_size=4).map(dict), max_size=3),
    st.integers(-1, 12),
    st.integers(1, 100),
)
def test_rows_fit_and_are_harmless(args: list[dict[str, object]], room: int, columns: int) -> None:
    runs = tuple(asking(each, str(at)) for at, each in enumerate(args))
    rows, question = question_rows(runs, None, room, columns)
    assert len(rows) <= max(room, 0)
    assert (question is None) is (not rows)
    for row in rows:
        assert row.cell_len <= max(columns, 2)
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in row.plain)


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1), st.integers(1, 9)
)
def test_what_counts_as_whole_is_on_the_screen_to_the_letter(command: str, room: int) -> None:
    rows, question = shown(asking({"command": command}), room=room, columns=39)
    assert question is not None
    if question.whole:
        text = "".join(row.removeprefix("   │ ") for row in rows[1:])
        assert text == f"command: {command}"
