"""What is read in full keeps its blanks, its line breaks and its end, and harms nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from voicecli.talk.json_values import MAX_SHOWN_CHARS, MAX_SHOWN_LINES, shown_whole
from voicecli.ui.values import Same, fold, text_lines, value_lines

any_text = st.text(st.characters(codec=None))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)


def test_fields_are_lines_and_texts_stand_as_they_are() -> None:
    assert value_lines({"city": 'Köln "Süd"', "n": 2, "on": True, "none": None}) == [
        'city: Köln "Süd"',
        "n: 2",
        "on: true",
        "none: null",
    ]
    assert value_lines("hello") == ["hello"]
    assert value_lines("") == ['""']
    assert value_lines({}) == ["{}"]


def test_a_line_break_in_a_text_is_told_from_its_end() -> None:
    assert value_lines({"command": "ls\nrm x", "dry": True}) == [
        "command: ls↵",
        "  rm x",
        "dry: true",
    ]


def test_what_is_nested_is_json() -> None:
    assert value_lines({"where": {"lat": 1}}) == ["where: {", '    "lat": 1', "  }"]


def test_a_long_text_keeps_its_end() -> None:
    lines = value_lines({"command": "x" * 2 * MAX_SHOWN_CHARS + "; rm -rf /"})
    assert lines[1] == f"  … {MAX_SHOWN_CHARS + 10} characters left out …↵"
    assert lines[2].endswith("; rm -rf /")


def test_many_fields_keep_the_last() -> None:
    lines = value_lines({str(n): n for n in range(5_000)})
    assert len(lines) == MAX_SHOWN_LINES + 1
    assert lines[MAX_SHOWN_LINES // 2] == "… 4000 lines left out …"
    assert lines[-1] == "4999: 4999"


@settings(max_examples=30)  # of which some are long
@given(
    st.dictionaries(any_text, values | any_text.map(lambda text: text * 3_000), max_size=3),
    st.integers(0, MAX_SHOWN_CHARS),
    st.integers(0, MAX_SHOWN_LINES),
)
def test_what_is_asked_about_lacks_nothing(args: dict[str, object], size: int, rows: int) -> None:
    asked = {**args, "text": "x" * size + "\n" * rows, "list": [1] * rows}
    for part in (args, asked, {"text": asked["text"]}, {"list": asked["list"]}):
        lines = value_lines(part)
        assert not shown_whole(part) or not any("left out" in line for line in lines)


def test_rows_break_anywhere_and_keep_every_blank() -> None:
    assert fold("rm -rf /   home", 8) == ["rm -rf /", "   home"]
    assert fold("日本語", 4) == ["日本", "語"]
    assert fold("", 4) == [""]
    assert fold("é\u0301é", 1) == ["é\u0301", "é"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.integers(2, 40))
def test_rows_hold_all_of_a_line_within_the_width(line: str, columns: int) -> None:
    rows = fold(line, columns)
    assert "".join(rows) == line
    assert all(cell_len(row) <= columns for row in rows)


@given(values)
def test_no_value_steers_the_terminal(value: object) -> None:
    for line in value_lines(value):
        assert not any(char < " " or "\x7f" <= char <= "\x9f" or char == "\u202e" for char in line)


@given(any_text)
def test_no_text_is_lost(text: str) -> None:
    assert len(text_lines(text)) == text.replace("\r\n", "\n").count("\n") + 1


def test_a_key_of_a_cache_is_the_thing_itself() -> None:
    one, other = {"a": 1}, {"a": 1}
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same(other)
    assert Same(one) != one
