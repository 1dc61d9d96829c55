"""Two servers may call their functions the same; the model, and the user's rules, may not."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.mcp.names import Names

TAKEN_BY_THE_SERVICE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


def names(*taken: str) -> Names:
    return Names(lambda name: name in taken)


def test_a_function_keeps_its_name() -> None:
    assert names().name("files", "read-file") == "read-file"


def test_of_two_the_second_gets_its_servers_name_before_it() -> None:
    both = names()
    assert both.name("files", "search") == "search"
    assert both.name("mail", "search") == "mail_search"


def test_a_name_of_another_tool_is_taken() -> None:
    assert names("read_file").name("files", "read_file") == "files_read_file"


def test_a_third_and_fourth_are_numbered() -> None:
    clashing = names("search", "mail_search")
    assert clashing.name("mail", "search") == "mail_search_2"
    assert clashing.name("mail", "sea rch") == "sea_rch"
    assert clashing.name("mail", "sea.rch") == "mail_sea_rch"


def test_a_restart_gets_the_same_names() -> None:
    same = names()
    first = [same.name(server, "search") for server in ("a", "b", "c")]
    assert [same.name(server, "search") for server in ("c", "b", "a")] == first[::-1]


def test_a_name_that_becomes_free_is_not_given_again() -> None:
    once = names()
    once.name("files", "search")
    assert once.name("mail", "search") == "mail_search"
    assert once.name("files", "find") == "find"
    assert once.name("mail", "search") == "mail_search"


def test_what_the_service_does_not_take_is_replaced() -> None:
    odd = names()
    assert odd.name("files", "notes/read.all") == "notes_read_all"
    assert odd.name("files", "2do") == "_2do"
    assert odd.name("files", "-x") == "_-x"
    assert odd.name("files", "") == "_"
    assert odd.name("files", "n" * 100) == "n" * 64
    assert odd.name("mail", "n" * 100) == f"mail_{'n' * 59}"


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "9"]), st.text(max_size=80)), max_size=30))
def test_all_names_are_taken_by_the_service_and_differ(wanted: list[tuple[str, str]]) -> None:
    given_names = names("a", "a_a", "_")
    got = {pair: given_names.name(*pair) for pair in wanted}
    assert all(TAKEN_BY_THE_SERVICE.fullmatch(name) for name in got.values())
    assert len(set(got.values())) == len(got)
    assert not {"a", "a_a", "_"} & set(got.values())
    assert {pair: given_names.name(*pair) for pair in reversed(wanted)} == got
