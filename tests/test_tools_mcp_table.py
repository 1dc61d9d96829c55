"""The parts of a server's table: each is of its type, or the error says of which it should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import UsageError
from voicecli.tools.mcp.table import ServerTable


def table(values: dict[str, object], **environ: str) -> ServerTable:
    return ServerTable.of("files", values, environ)


def test_what_is_absent_has_its_default() -> None:
    empty = table({})
    assert empty.text("command", "x") == "x"
    assert empty.texts("args") == ()
    assert empty.secret_texts("env") == {}
    assert empty.seconds("timeout_s", 30.0) == 30.0
    assert not empty.disabled


def test_an_unknown_key_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match=r"'arg'.*there are command, args"):
        table({"arg": []}).check_keys(["command", "args"])


def test_secrets_are_what_was_read_from_env_headers_and_the_environment() -> None:
    one = table({"env": {"A": "alpha"}, "headers": {"B": "Bearer beta"}}, C="gamma")
    one.secret_texts("env")
    one.headers()
    one.filled("args", "${C}")
    assert one.secrets == {"alpha", "Bearer beta", "Bearer", "beta", "gamma"}


def test_a_variable_that_is_empty_counts_as_not_set() -> None:
    assert table({}, A="").filled("url", "${A:-b}") == "b"
    with pytest.raises(UsageError, match="needs A"):
        table({}, A="").filled("url", "${A}")


def test_a_value_of_the_environment_is_not_filled_in_once_more() -> None:
    assert table({}, A="${B}", B="b").filled("url", "${A}") == "${B}"


@given(st.text())
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    assert table({}).filled("args", text.replace("${", "")) == text.replace("${", "")


@given(st.floats() | st.integers())
def test_a_time_is_between_nothing_and_an_hour(number: float) -> None:
    try:
        assert 0 < table({"t": number}).seconds("t", 1.0) <= 3600
    except UsageError:
        assert not 0 < number <= 3600


def test_the_environment_shows_in_no_error_and_no_repr() -> None:
    assert "hunter2" not in repr(table({"env": {"A": "hunter2"}}, B="hunter2"))
