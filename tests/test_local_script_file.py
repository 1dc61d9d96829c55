"""A script is written by hand: a mistake in it has to be found at once, and by name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import ExitCode, UsageError
from voicecli.local.script import Call, Code, PageRef, Reply, Script, SourceRef, Turn
from voicecli.local.script_file import MAX_FILE_BYTES, built_in, parse, read

FULL = """
[[turn]]
user = ["what time is it", "tell me the time"]
think = "I look at the clock."
call = { name = "current_time", args = { zone = "UTC", parts = [1, 2.5, true] } }
say = "It is {result.time}, you asked {user}, all: {result}."

[[turn]]
user = "how tall is it"
say = "330 metres."
search = ["tower height"]
sources = [{ title = "Tower", uri = "https://example.org/tower" }]

[[turn]]
user = "do both"
calls = [
    { name = "one", cancel_after_s = 2, expect_error = true },
    { name = "two", args = {}, expect = { some_key = [1], inner = { someKey = "x" } } },
]
code = { source = "print(1)", output = "1" }
urls = [{ uri = "https://example.org/a" }, { uri = "http://b.example", status = "UNSAFE" }]

[[turn]]
user = "fail at it"
say = "It failed."
code = { language = "COBOL", source = "x", failed = true }

[fallback]
say = "I heard {user}."
"""


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text.encode(), "mine.toml")
    assert caught.value.exit_code == ExitCode.USAGE
    return caught.value


def test_every_form_is_read() -> None:
    args = {"zone": "UTC", "parts": [1, 2.5, True]}
    assert parse(FULL.encode(), "mine.toml") == Script(
        turns=(
            Turn(
                ("what time is it", "tell me the time"),
                Reply(
                    say="It is {result.time}, you asked {user}, all: {result}.",
                    think="I look at the clock.",
                    calls=(Call("current_time", args),),
                ),
            ),
            Turn(
                ("how tall is it",),
                Reply(
                    say="330 metres.",
                    search=("tower height",),
                    sources=(SourceRef(uri="https://example.org/tower", title="Tower"),),
                ),
            ),
            Turn(
                ("do both",),
                Reply(
                    calls=(
                        Call("one", {}, cancel_after_s=2, expect_error=True),
                        Call("two", {}, expect={"some_key": [1], "inner": {"someKey": "x"}}),
                    ),
                    code=Code("print(1)", "1"),
                    urls=(
                        PageRef("https://example.org/a"),
                        PageRef("http://b.example", "UNSAFE"),
                    ),
                ),
            ),
            Turn(
                ("fail at it",),
                Reply(say="It failed.", code=Code("x", failed=True, language="COBOL")),
            ),
        ),
        fallback=Reply(say="I heard {user}."),
    )


def test_an_empty_script_repeats_the_user() -> None:
    assert parse(b"", "mine.toml") == Script()


def test_the_built_in_script_is_read() -> None:
    assert len(built_in().turns) > 10


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FULL, encoding="utf-8")
    assert read(path) == parse(FULL.encode(), "elsewhere")


def test_a_missing_file_is_named_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(UsageError, match="No such file") as caught:
        read(path)
    assert str(path) in caught.value.what
    assert caught.value.hint


def test_a_folder_is_no_script(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the script"):
        read(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 10))
    with pytest.raises(UsageError, match="larger than"):
        read(path)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[[turn]\n", "at line 1"),
        (b"say = '\xff'", "decode"),
        (b"x = " + b"[" * 50_000, ""),  # too deep; how that is put depends on Python
    ],
)
def test_what_is_not_toml_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=r"mine\.toml is not TOML") as caught:
        parse(data, "mine.toml")
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("[[trun]]\nsay='x'", "mine.toml: unknown key `trun`", "`turn`"),
        ("[[turn]]\nuser='a'\nsya='x'", "mine.toml, turn 1: unknown key `sya`", "`say`"),
        (
            "[[turn]]\nuser='a'\nsay='b'\n[[turn]]\nuser='a'\nsay='b'\nserch=[]",
            "mine.toml, turn 2: unknown key `serch`",
            "`search`",
        ),
        ("[fallback]\nuser='a'\nsay='x'", "mine.toml, fallback: unknown key `user`", "`"),
        (
            "[[turn]]\nuser='a'\ncall={nmae='x'}",
            "mine.toml, turn 1, call: unknown key `nmae`",
            "`name`",
        ),
        (
            "[[turn]]\nuser='a'\nsay='b'\nsources=[{url='https://a.b'}]",
            "mine.toml, turn 1, source: unknown key `url`",
            "`uri`",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(text: str, what: str, hint: str) -> None:
    error = refused(text)
    assert error.what == what
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("turn = 3", "mine.toml: `turn`", "a list of tables is needed, not a number"),
        ("turn = [3]", "mine.toml, turn 1", "it is a number"),
        ("fallback = 'x'", "mine.toml, fallback", "it is a text"),
        ("fallback = 2026-11-24", "mine.toml, fallback", "it is a date or time"),
        ("[[turn]]\nsay='b'", "turn 1: `user`", "it is missing"),
        ("[[turn]]\nuser=[]\nsay='b'", "turn 1: `user`", "it is missing"),
        ("[[turn]]\nuser=['a', 3]\nsay='b'", "turn 1: `user`", "texts that are not empty"),
        ("[[turn]]\nuser=' '\nsay='b'", "turn 1: `user`", "texts that are not empty"),
        ("[[turn]]\nuser='…'\nsay='b'", "turn 1: `user`", "`…` has no words"),
        ("[[turn]]\nuser='a'", "turn 1: `say`", "there is no call either"),
        ("[fallback]\nthink='a'", "fallback: `say`", "there is no call either"),
        ("[[turn]]\nuser='a'\nsay=true", "turn 1: `say`", "not true or false"),
        ("[[turn]]\nuser='a'\nsay='b'\nthink=[]", "turn 1: `think`", "not a list"),
        ("[[turn]]\nuser='a'\nsay='b'\nsearch=[1]", "turn 1: `search`", "texts"),
        ("[[turn]]\nuser='a'\nsay='hi {usr}'", "turn 1: `say`", "{usr} is none of"),
        ("[[turn]]\nuser='a'\nsay='{}'", "turn 1: `say`", "{} is none of"),
        ("[[turn]]\nuser='a'\ncall={name='c'}\nsay='{result.}'", "turn 1: `say`", "none of"),
        ("[[turn]]\nuser='a'\nsay='{result.x}'", "turn 1: `say`", "{result.x} needs a call"),
        ("[[turn]]\nuser='a'\ncall=1", "turn 1, call", "it is a number"),
        ("[[turn]]\nuser='a'\ncall={args={}}", "turn 1, call: `name`", "missing or empty"),
        ("[[turn]]\nuser='a'\ncall={name='c', args=1}", "call: `args`", "a table is needed"),
        ("[[turn]]\nuser='a'\ncall={name='c', args={a=nan}}", "call: `args`", "JSON has no"),
        ("[[turn]]\nuser='a'\ncall={name='c', args={a=[10:00:00]}}", "call: `args`", "JSON has no"),
        ("[[turn]]\nuser='a'\ncall={name='c', expect=1}", "call: `expect`", "a table is needed"),
        ("[[turn]]\nuser='a'\ncall={name='c', expect={a=inf}}", "call: `expect`", "JSON has no"),
        ("[[turn]]\nuser='a'\ncall={name='c', expect_error=1}", "`expect_error`", "true or false"),
        ("[[turn]]\nuser='a'\ncall={name='c', cancel_after_s=-1}", "`cancel_after_s`", "from 0"),
        ("[[turn]]\nuser='a'\nsay='b'\ncode='x'", "turn 1, code", "it is a text"),
        ("[[turn]]\nuser='a'\nsay='b'\ncode={output='x'}", "code: `source`", "missing"),
        ("[[turn]]\nuser='a'\nsay='b'\ncode={source='x', failed='no'}", "`failed`", "true or"),
        ("[[turn]]\nuser='a'\nsay='b'\ncode={source='x', language=''}", "`language`", "empty"),
        ("[[turn]]\nuser='a'\nsay='b'\nurls=[{uri='b'}]", "url: `uri`", "no http"),
        ("[[turn]]\nuser='a'\nsay='b'\nurls=[{uri='http://b', status='OK'}]", "`status`", "none"),
        ("[[turn]]\nuser='a'\ncalls={name='c'}", "turn 1: `calls`", "a list of tables"),
        ("[[turn]]\nuser='a'\ncall={name='c'}\ncalls=[]", "turn 1: `call`", "`calls` as well"),
        ("[[turn]]\nuser='a'\nsay='b'\nsources=[{uri='ftp://a.b', title='t'}]", "`uri`", "no http"),
        ("[[turn]]\nuser='a'\nsay='b'\nsources=[{uri='http://[', title='t'}]", "`uri`", "no http"),
        ("[[turn]]\nuser='a'\nsay='b'\nsources=[{uri='https://a.b'}]", "`title`", "missing"),
    ],
)
def test_a_wrong_value_names_file_entry_and_key(text: str, where: str, why: str) -> None:
    error = refused(text)
    assert "mine.toml" in error.what
    assert where in error.what
    assert why in error.why


@given(st.binary(max_size=200))
def test_any_file_is_a_script_or_a_usage_error(data: bytes) -> None:
    with suppress(UsageError):
        assert isinstance(parse(data, "mine.toml"), Script)
