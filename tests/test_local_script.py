"""The script is what the local server says: the right answer, or an honest fallback.

The built-in one has to carry the demonstration, so its turns are read here as a user meets them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.pcm import SPEAKER_RATE_HZ, duration_s
from voicecli.local.script import MAX_RESULT_CHARS, Call, Reply, Script, Turn, fill, spoken
from voicecli.local.script_file import load
from voicecli.local.voice import Voice

CLOCK = frozenset({"current_time"})
NO_TOOLS: frozenset[str] = frozenset()
BUILT_IN = load(None)


def turn(*phrases: str, say: str, calls: tuple[Call, ...] = ()) -> Turn:
    return Turn(phrases, Reply(say=say, calls=calls))


def built_in_reply(text: str, tools: frozenset[str] = NO_TOOLS) -> Reply:
    return BUILT_IN.reply_to(text, offered_tools=tools)


def test_any_phrase_of_a_turn_brings_its_reply() -> None:
    script = Script((turn("hello", "good morning", say="Hi."), turn("goodbye", say="Bye.")))
    assert script.reply_to("Good morning!", offered_tools=NO_TOOLS).say == "Hi."
    assert script.reply_to("good bye", offered_tools=NO_TOOLS).say == "Bye."


def test_the_most_similar_phrase_wins_wherever_it_stands() -> None:
    script = Script(
        (turn("tell me a story", say="short"), turn("tell me a long story", say="long"))
    )
    assert script.reply_to("tell me a long story", offered_tools=NO_TOOLS).say == "long"
    assert script.reply_to("tell me a story", offered_tools=NO_TOOLS).say == "short"


def test_of_equal_phrases_the_first_wins() -> None:
    script = Script((turn("hello", say="first"), turn("hello", say="second")))
    assert script.reply_to("hello", offered_tools=NO_TOOLS).say == "first"


def test_a_turn_whose_function_is_not_offered_is_passed_over() -> None:
    calls = (Call("current_time", {}), Call("weather", {"city": "Paris"}))
    script = Script((turn("what now", say="called", calls=calls), turn("what now", say="plain")))
    assert script.reply_to("what now", offered_tools=CLOCK).say == "plain"
    assert script.reply_to("what now", offered_tools=CLOCK | {"weather"}).say == "called"


def test_what_fits_nothing_is_repeated() -> None:
    assert Script().reply_to("blue whales", offered_tools=NO_TOOLS) == Script().fallback
    assert fill(Script().fallback.say, user="blue whales", results={}) == "You said: blue whales"


@given(st.text(max_size=80), st.sets(st.sampled_from(["current_time", "weather"])))
def test_there_is_a_reply_to_everything(text: str, tools: set[str]) -> None:
    reply = BUILT_IN.reply_to(text, offered_tools=frozenset(tools))
    assert reply.say
    assert {call.name for call in reply.calls} <= tools


def test_a_script_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[turn]]\nuser = "hello"\nsay = "Ahoy."\n')
    assert load(path).reply_to("hello", offered_tools=NO_TOOLS).say == "Ahoy."


@pytest.mark.parametrize("number", range(len(BUILT_IN.turns)))
def test_each_phrase_of_the_built_in_script_finds_its_own_reply(number: int) -> None:
    entry = BUILT_IN.turns[number]
    tools = frozenset(call.name for call in entry.reply.calls)
    for phrase in entry.phrases:
        assert built_in_reply(phrase, tools) == entry.reply


def test_the_demonstration_has_its_six_turns() -> None:
    assert built_in_reply("hello").say.startswith("Hello")
    assert built_in_reply("what time is it", CLOCK).calls == (Call("current_time", {}),)
    assert len(built_in_reply("tell me about the sea").say) > 400
    grounded = built_in_reply("how tall is the eiffel tower")
    assert grounded.search
    assert len(grounded.sources) >= 2
    assert built_in_reply("how many days are in ten weeks").think
    assert built_in_reply("goodbye").say.startswith("Goodbye")


def test_the_clock_is_read_out() -> None:
    results = {"time": "14:05", "date": "2026-11-24", "zone": "UTC"}
    template = built_in_reply("what time is it", CLOCK).say
    assert fill(template, user="", results=results) == "It is 14:05."


def test_of_several_templates_the_first_is_spoken_that_the_result_fills() -> None:
    reply = Reply(say="Until {result.until}.", or_say=("{result.what} now.", "Over, {user}."))

    def said(**result: object) -> str:
        return spoken(reply, user="you", results={"result": result})

    assert said(until="10:05", what="go") == "Until 10:05."
    assert said(what="go") == "go now."
    assert said() == "Over, you."
    assert spoken(Reply(say="{result.x}"), user="", results={}) == "unknown"
    failed = spoken(
        Reply(say="{result.x}", or_say=("{result.y}",)), user="", results={"error": "no"}
    )
    assert failed == "That did not work: no"


def test_a_timer_is_told_when_it_starts_and_when_it_is_over() -> None:
    reply = built_in_reply("set a timer for ten seconds", frozenset({"timer"}))
    (call,) = reply.calls
    assert call.args == {"seconds": 10, "label": "tea"}
    news = ({"timer": "tea", "runs_until": "10:05:10"}, {"timer": "tea", "is": "over"})
    assert [spoken(reply, user="", results={"result": one}) for one in news] == [
        "The tea timer runs until 10:05:10.",
        "The tea timer is over.",
    ]
    assert not built_in_reply("set a timer for ten seconds").calls


def test_the_calculator_is_read_out() -> None:
    reply = built_in_reply("how much is twelve times twelve", frozenset({"calculator"}))
    assert spoken(reply, user="", results={"result": "144"}) == "Twelve times twelve is 144."


def test_without_a_clock_the_server_says_so() -> None:
    reply = built_in_reply("what time is it")
    assert not reply.calls
    assert "no clock" in reply.say


def test_the_server_does_not_pass_for_a_model() -> None:
    for question in ("who are you", "are you a real person", "are you Gemini"):
        assert "local practice server" in built_in_reply(question).say


def test_the_built_in_replies_are_short_but_for_the_one_to_interrupt() -> None:
    voice = Voice()
    if not voice.available:
        pytest.skip("espeakng-loader is not installed")
    long_reply = built_in_reply("tell me about the sea")
    spoken_s = {
        entry.reply.say: duration_s(voice.say(entry.reply.say).pcm, SPEAKER_RATE_HZ)
        for entry in BUILT_IN.turns
    }
    assert 25 <= spoken_s.pop(long_reply.say) <= 40
    assert max(spoken_s.values()) < 6.5
    assert 2 <= spoken_s[built_in_reply("hello").say] <= 4


def test_results_are_found_at_the_top_and_one_level_down() -> None:
    template = "{result.city}: {result.degrees}, {user}"
    assert fill(template, user="ok", results={"city": "Oslo", "degrees": -3.5}) == "Oslo: -3.5, ok"
    nested = {"output": {"city": "Oslo", "degrees": -3.5}}
    assert fill(template, user="ok", results=nested) == "Oslo: -3.5, ok"


@pytest.mark.parametrize(
    ("results", "spoken"),
    [
        ({"result": "sunny"}, "sunny"),
        ({"output": {"text": "sunny"}}, "sunny"),
        ({"a": 1, "b": [True, None]}, '{"a": 1, "b": [true, null]}'),
        ({"output": ["é"]}, '["é"]'),
        ({}, "{}"),
    ],
)
def test_a_whole_result_is_as_plain_as_it_can_be(results: dict[str, object], spoken: str) -> None:
    assert fill("{result}", user="", results=results) == spoken


def test_a_key_that_is_missing_is_unknown() -> None:
    assert fill("It is {result.time}.", user="", results={"date": "x"}) == "It is unknown."


def test_a_failed_call_is_told_instead_of_the_reply() -> None:
    refused = {"error": "declined by the user"}
    expected = "That did not work: declined by the user"
    assert fill("It is {result.time}.", user="", results=refused) == expected
    assert fill("Done.", user="", results=refused) == "Done."
    assert fill("It is {result.time}.", user="", results={"time": "5", **refused}) == "It is 5."


def test_a_result_as_deep_as_json_gets_is_no_danger() -> None:
    result: object = "deep"
    for _ in range(5_000):
        result = {"in": result}
    assert fill("{result.time}", user="", results={"time": result}) == "deep"


def test_a_long_result_is_cut() -> None:
    spoken = fill("{result.text}", user="", results={"text": "x" * 5_000})
    assert spoken == "x" * MAX_RESULT_CHARS + "…"


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_filled_in_is_never_read_as_a_template(user: str, result: str) -> None:
    filled = fill("{user}|{result.x}", user=user, results={"x": result})
    assert filled == f"{user}|{result}"


def test_other_braces_stay() -> None:
    assert fill("{other} {} {", user="u", results={}) == "{other} {} {"
