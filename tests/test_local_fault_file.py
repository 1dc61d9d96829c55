"""Faults are written by hand, in a table or in words: a mistake is found by name."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import UsageError
from voicecli.local.fault_file import parse_fault, read_fault
from voicecli.local.faults import Fault, Kind, Moment, moments_of
from voicecli.local.script_file import parse


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_alone_is_a_fault_with_what_is_usual(kind: Kind) -> None:
    assert parse_fault(kind) == read_fault({"kind": str(kind)}, "x") == Fault(kind)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "go_away time_left_s=2.5 at=speaking",
            Fault(Kind.GO_AWAY, at=Moment.SPEAKING, time_left_s=2.5),
        ),
        (
            "close code=1008 reason='session not found' at=tool after_s=1 times=0 turn=3",
            Fault(
                Kind.CLOSE,
                at=Moment.TOOL,
                code=1008,
                reason="session not found",
                after_s=1,
                times=0,
                turn=3,
            ),
        ),
        ("stall for_s=3", Fault(Kind.STALL, for_s=3)),
        ("refuse status=429 times=2", Fault(Kind.REFUSE, status=429, times=2)),
        ("refuse at=handshake", Fault(Kind.REFUSE, at=Moment.HANDSHAKE)),
        ("expire_handles reason=invalid", Fault(Kind.EXPIRE_HANDLES, reason="invalid")),
        ("drop at=idle", Fault(Kind.DROP, at=Moment.IDLE)),
        ("close code=4999", Fault(Kind.CLOSE, code=4999)),
        ("close reason=", Fault(Kind.CLOSE, reason="")),
    ],
)
def test_words_say_what_a_table_says(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


def test_a_script_brings_its_faults() -> None:
    script = parse(
        b"[[fault]]\nkind='close'\ncode=1001\n[[fault]]\nkind='empty'\nat='idle'\n", "mine.toml"
    )
    assert script.faults == (Fault(Kind.CLOSE, code=1001), Fault(Kind.EMPTY, at=Moment.IDLE))


@pytest.mark.parametrize(
    ("text", "what", "help_"),
    [
        ("", "`kind` is not usable", "missing"),
        ("clos", "`kind` is not usable", "did you mean `close`?"),
        ("close cod=1", "unknown key `cod`", "did you mean `code`?"),
        ("close status=401", "unknown key `status`", "did you mean"),
        ("close at=talking", "`at` is not usable", "did you mean"),
        ("close at=speking", "`at` is not usable", "did you mean `speaking`?"),
        ("close at=handshake", "`at` is not usable", "none of setup, idle"),
        ("slow_setup at=idle", "`at` is not usable", "none of setup"),
        ("double_reply at=setup", "`at` is not usable", "none of idle"),
        ("close code=1006", "`code` is not usable", "cannot be sent"),
        ("close code=99999", "`code` is not usable", "cannot be sent"),
        ("close code=x", "`code` is not usable", "a number is needed, not a text"),
        ("close code=1.5", "`code` is not usable", "a whole number is needed"),
        (f"close reason={'x' * 124}", "`reason` is not usable", "123 bytes"),
        ("expire_handles reason=old", "`reason` is not usable", "did you mean `invalid`?"),
        ("refuse status=200", "`status` is not usable", "no status of an HTTP error"),
        ("refuse status=499", "`status` is not usable", "no status of an HTTP error"),
        ("stall for_s=-1", "`for_s` is not usable", "from 0 to"),
        ("stall for_s=nan", "`for_s` is not usable", "from 0 to"),
        ("stall for_s=inf", "`for_s` is not usable", "from 0 to"),
        (f"stall for_s=1{'0' * 400}", "`for_s` is not usable", "from 0 to"),
        ("stall 3", "is not usable", "`3` is no key=value"),
        ("stall for_s=1 for_s=2", "is not usable", "`for_s` is there twice"),
        ("close reason='x", "is not usable", "quotation"),
        ("close times=-1", "`times` is not usable", "from 0 to"),
        ("close turn=0", "`turn` is not usable", "from 1"),
    ],
)
def test_a_mistake_names_the_entry_and_the_key(text: str, what: str, help_: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    assert text in caught.value.what
    assert what in caught.value.what
    assert help_ in caught.value.why + caught.value.hint


def test_a_mistake_in_a_script_names_the_file_and_the_number() -> None:
    with pytest.raises(UsageError, match=r"mine\.toml, fault 2: unknown key `for`") as caught:
        parse(b"[[fault]]\nkind='close'\n[[fault]]\nkind='stall'\nfor=3", "mine.toml")
    assert "`for_s`" in caught.value.hint
    with pytest.raises(UsageError, match=r"mine\.toml, fault 1: `kind`"):
        parse(b"[[fault]]\nat='idle'", "mine.toml")
    with pytest.raises(UsageError, match="`after_s` is not usable") as caught:
        parse(b"[[fault]]\nkind='close'\nafter_s=true", "mine.toml")
    assert "not true or false" in caught.value.why


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Fault]:
    kind = draw(st.sampled_from(list(Kind)))
    at = draw(st.sampled_from([None, *moments_of(kind)]))
    after_s = draw(st.floats(0, 1e6))
    times, turn = draw(st.integers(0, 1000)), draw(st.integers(1, 1000))
    words = f"{kind} after_s={after_s!r} times={times} turn={turn}"
    if at is not None:
        words += f" at={at}"
    return words, Fault(kind, at=at, after_s=after_s, times=times, turn=turn)


@given(written())
def test_what_is_written_is_read(case: tuple[str, Fault]) -> None:
    text, fault = case
    assert parse_fault(text) == fault


KEYS = ["kind", "at", "after_s", "times", "turn", "for_s", "time_left_s", "code", "reason"]
VALUES = st.one_of(
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.sampled_from([*Kind, *Moment]).map(str),
)


@given(st.text(max_size=40))
def test_any_words_are_a_fault_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert isinstance(parse_fault(text), Fault)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), VALUES) | VALUES)
def test_any_table_is_a_fault_or_a_usage_error(table: object) -> None:
    with suppress(UsageError):
        assert isinstance(read_fault(table, "x"), Fault)


@given(st.sampled_from(list(Kind)), st.dictionaries(st.sampled_from(KEYS[1:]), VALUES, max_size=2))
def test_any_values_of_a_kind_are_a_fault_or_a_usage_error(
    kind: Kind, values: dict[str, object]
) -> None:
    with suppress(UsageError):
        assert read_fault({"kind": str(kind), **values}, "x").kind is kind
