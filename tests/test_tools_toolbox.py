"""What is on offer: in order, one function a name, each origin with its own and no other's."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of

from voicecli.errors import ExitCode, UsageError
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import News, Toolbox

NAMES = st.sampled_from("abcde")
PUTS = st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), st.lists(NAMES, max_size=5)))


def named(name: str, origin: str = "a test", risk: Risk = Risk.SAFE) -> Tool:
    return tool_of(lambda: 1, name, origin=origin, risk=risk)


def names(toolbox: Toolbox) -> list[str]:
    return [tool.name for tool in toolbox.offered]


def test_functions_are_offered_in_the_order_in_which_they_came() -> None:
    toolbox = Toolbox([named("b"), named("a")])
    toolbox.put("server", [named("d", "server"), named("c", "server")])
    assert names(toolbox) == ["b", "a", "d", "c"]


def test_two_functions_of_one_name_are_refused_with_both_places() -> None:
    with pytest.raises(UsageError) as caught:
        Toolbox([named("add", "~/a.py"), named("sub", "~/a.py"), named("add", "built in")])
    assert caught.value.exit_code == ExitCode.USAGE
    assert "add" in caught.value.what
    assert caught.value.why == "they come from: ~/a.py and built in"


def test_one_function_may_be_named_twice() -> None:
    once = named("add")
    assert names(Toolbox([once, once])) == ["add"]


def test_what_is_denied_is_known_and_not_offered() -> None:
    toolbox = Toolbox([named("a"), named("b", risk=Risk.DENY)], {"a": Risk.DENY})
    assert names(toolbox) == []
    assert toolbox.get("a") is not None
    assert toolbox.get("b") is not None
    assert toolbox.get("c") is None


def test_the_users_word_on_a_function_goes_before_its_own() -> None:
    tool = named("a", risk=Risk.DENY)
    assert Toolbox([tool], {"a": Risk.ASK}).risk(tool) is Risk.ASK
    assert Toolbox([tool], {"b": Risk.ASK}).risk(tool) is Risk.DENY


def test_what_always_asks_is_never_safe() -> None:
    tool = tool_of(lambda: 1, "shell", always_asks=True)
    assert Toolbox([tool]).risk(tool) is Risk.ASK
    assert Toolbox([tool], {"shell": Risk.SAFE}).risk(tool) is Risk.ASK
    assert Toolbox([tool], {"shell": Risk.DENY}).risk(tool) is Risk.DENY


def test_a_name_that_is_taken_stays_with_who_has_it() -> None:
    mine = named("a")
    toolbox = Toolbox([mine])
    theirs = named("a", "server")
    assert toolbox.put("server", [theirs, named("b", "server")]) == (theirs,)
    assert toolbox.get("a") is mine
    assert names(toolbox) == ["a", "b"]


def test_of_two_of_one_name_the_first_counts() -> None:
    first, second = named("a", "server"), named("a", "server")
    toolbox = Toolbox()
    assert toolbox.put("server", [first, second]) == (second,)
    assert toolbox.get("a") is first


def test_what_is_put_in_anew_keeps_its_place() -> None:
    toolbox = Toolbox()
    toolbox.put("x", [named("a", "x"), named("b", "x")])
    toolbox.put("y", [named("c", "y")])
    again = named("a", "x")
    toolbox.put("x", [named("d", "x"), again])
    assert names(toolbox) == ["a", "c", "d"]
    assert toolbox.get("a") is again


def test_a_name_that_was_given_up_is_free() -> None:
    toolbox = Toolbox()
    toolbox.put("x", [named("a", "x")])
    toolbox.put("x", [])
    assert toolbox.put("y", [named("a", "y")]) == ()
    assert names(toolbox) == ["a"]


@given(PUTS)
def test_each_origin_has_its_own_functions_and_no_others(puts: list[tuple[str, list[str]]]) -> None:
    toolbox = Toolbox()
    for origin, wanted in puts:
        before = {tool.name: tool for tool in toolbox.offered}
        tools = [named(name, origin) for name in wanted]

        left_out = toolbox.put(origin, tools)

        after = {tool.name: tool for tool in toolbox.offered}
        others = {name: tool for name, tool in before.items() if tool.origin != origin}
        assert {name: tool for name, tool in after.items() if tool.origin != origin} == others
        assert {name for name, tool in after.items() if tool.origin == origin} == {
            name for name in wanted if name not in others
        }
        put_in = [tool for tool in tools if any(tool is one for one in after.values())]
        assert len(put_in) + len(left_out) == len(tools)
        assert list(after) == [name for name in before if name in after] + [
            name for name in dict.fromkeys(wanted) if name in after and name not in before
        ]


def test_a_word_on_a_function_that_nobody_knows_comes_with_the_one_that_may_be_meant() -> None:
    risks = {"curent_time": Risk.DENY, "add": Risk.ASK, "zzz": Risk.ASK}
    toolbox = Toolbox([named("current_time"), named("add")], risks)
    assert toolbox.unknown_risks == {"curent_time": "current_time", "zzz": None}
    toolbox.put("server", [named("zzz", "server")])
    assert toolbox.unknown_risks == {"curent_time": "current_time"}


def test_news_is_told_in_order() -> None:
    async def told() -> list[News]:
        toolbox = Toolbox()
        toolbox.tell(News("one"))
        toolbox.tell(News("two", "do this", warning=True))
        return [await toolbox.news(), await toolbox.news()]

    assert asyncio.run(told()) == [News("one"), News("two", "do this", warning=True)]
