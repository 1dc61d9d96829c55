"""A turn of the model in virtual time: what leaves when, and what is said if nothing comes back."""

from __future__ import annotations

import pytest

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.model_turn import CALL_TIMEOUT_S, ModelTurn, Plan, Stage
from voicecli.local.models import find_model
from voicecli.local.script import Call, Code, PageRef, Reply, SourceRef
from voicecli.local.server_frames import (
    Frame,
    code_result,
    executable_code,
    generation_complete,
    grounding,
    interrupted,
    thought,
    url_context,
)
from voicecli.local.setup_check import Setup
from voicecli.local.tool_calls import CallGroup, MadeCall
from voicecli.local.tool_check import Tools
from voicecli.local.usage import TurnUsage
from voicecli.local.voice import Speech, SpokenWord

OPENING: list[Frame] = [{}, {"serverContent": {}}]


def setup(**changes: object) -> Setup:
    model = find_model("gemini-3.1-flash-live-preview")
    assert model is not None
    return Setup(model, **changes)  # type: ignore[arg-type]


def turn(plan: Plan, **changes: object) -> ModelTurn:
    return ModelTurn(1, setup(**changes), plan, TurnUsage())


def speech(seconds: float) -> Speech:
    return Speech(bytes(int(48_000 * seconds)), (SpokenWord("Word", 0.0), SpokenWord(" end", 1.5)))


def calls(*names: str) -> CallGroup:
    reply = Reply(say="It is {result.time}.")
    return CallGroup([MadeCall(f"id_{name}", Call(name, {})) for name in names], reply, "")


def sounds(frames: list[Frame]) -> int:
    return sum("modelTurn" in str(frame) for frame in frames)


def test_a_text_is_voiced_first_and_nothing_is_due_meanwhile() -> None:
    spoken = turn(Plan(Reply(), text="Hello."))
    assert list(spoken.begin(0.0)) == OPENING
    assert (spoken.stage, spoken.wanted, spoken.due_s) == (Stage.VOICING, "Hello.", None)
    assert list(spoken.advance(99.0)) == []


def test_sound_leaves_at_four_times_real_time_and_the_turn_ends_with_the_playback() -> None:
    spoken = turn(Plan(Reply(), text="x"))
    list(spoken.begin(0.0))
    spoken.speak(speech(2.0), 10.0)
    assert spoken.due_s == 10.0
    assert sounds(list(spoken.advance(10.0))) == 1
    assert spoken.due_s == pytest.approx(10.05)
    assert sounds(list(spoken.advance(10.2))) == 4
    assert spoken.said == "Word"
    last = list(spoken.advance(11.0))
    assert sounds(last) == 5
    assert last[-1] == generation_complete()
    assert (spoken.stage, spoken.due_s) == (Stage.GENERATED, 12.0)
    assert spoken.said == "Word end"
    assert list(spoken.advance(11.9)) == []
    assert list(spoken.advance(12.0)) == []
    assert spoken.due_s is None
    assert spoken.usage.spoken_s == pytest.approx(2.0)


def test_a_turn_that_says_nothing_is_over_at_once() -> None:
    silent = turn(Plan(Reply(), text=" "))
    assert list(silent.begin(5.0)) == [*OPENING, generation_complete()]
    assert list(silent.advance(5.0)) == []
    assert silent.stage is Stage.OVER


def test_a_text_that_makes_no_sound_is_over_at_once() -> None:
    silent = turn(Plan(Reply(), text="…"))
    list(silent.begin(0.0))
    silent.speak(Speech(b"", ()), 5.0)
    assert list(silent.advance(5.0)) == [generation_complete()]
    assert silent.stage is Stage.OVER


def test_thoughts_are_sent_where_they_are_wanted_and_counted() -> None:
    reply = Reply(think="Hm.", say="x")
    thinking = turn(Plan(reply, text="x"), include_thoughts=True)
    assert list(thinking.begin(0.0)) == [*OPENING, thought("Hm.")]
    assert thinking.usage.thought_characters == 3
    assert list(turn(Plan(reply, text="x")).begin(0.0)) == OPENING


def test_sources_come_with_the_answer_where_search_was_offered() -> None:
    reply = Reply(search=("q",), sources=(SourceRef("https://x", "X"),))
    for search, expected in ((True, [grounding(["q"], [("https://x", "X")])]), (False, [])):
        grounded = turn(Plan(reply, text="x"), tools=Tools(search=search))
        list(grounded.begin(0.0))
        grounded.speak(Speech(b"", ()), 0.0)
        assert list(grounded.advance(0.0)) == [*expected, generation_complete()]


CODE = Code("print(6 * 7)", "42\n")


def test_code_comes_ahead_of_the_words_where_it_was_offered() -> None:
    reply = Reply(code=CODE)
    coded = turn(Plan(reply, text="x"), tools=Tools(code=True))
    ran = [executable_code("PYTHON", "print(6 * 7)"), code_result("42\n", failed=False)]
    assert list(coded.begin(0.0)) == [*OPENING, *ran]
    assert coded.wanted == "x"
    assert list(turn(Plan(reply, text="x")).begin(0.0)) == OPENING


def test_code_behind_calls_comes_after_their_results() -> None:
    plan = Plan(Reply(code=CODE), awaited=calls("clock"))
    coded = turn(plan, tools=Tools(code=True))
    assert "toolCall" in list(coded.begin(0.0))[-1]
    after = list(coded.answer(ToolAnswer("id_clock", "", {"time": "10:00"})))
    assert after[0] == executable_code("PYTHON", "print(6 * 7)")
    announced = turn(Plan(Reply(code=CODE), announced=calls("clock")), tools=Tools(code=True))
    assert not any("modelTurn" in str(frame) for frame in announced.begin(0.0))


def test_pages_come_with_the_answer_where_url_context_was_offered() -> None:
    reply = Reply(urls=(PageRef("https://x"), PageRef("https://y", "PAYWALL")))
    pages = [url_context([("https://x", "SUCCESS"), ("https://y", "PAYWALL")])]
    for urls, expected in ((True, pages), (False, [])):
        fetched = turn(Plan(reply, text="x"), tools=Tools(urls=urls))
        list(fetched.begin(0.0))
        fetched.speak(Speech(b"", ()), 0.0)
        assert list(fetched.advance(0.0)) == [*expected, generation_complete()]


def test_a_call_is_cancelled_when_its_time_is_over_and_the_others_are_awaited() -> None:
    made = [
        MadeCall("a", Call("clock", {}, cancel_after_s=2.0)),
        MadeCall("b", Call("diary", {})),
    ]
    calling = turn(Plan(Reply(), awaited=CallGroup(made, Reply(say="{result}"), "")))
    list(calling.begin(5.0))
    assert calling.due_s == 7.0
    assert list(calling.advance(6.9)) == []
    assert list(calling.advance(7.0)) == [{"toolCallCancellation": {"ids": ["a"]}}]
    assert (calling.stage, calling.due_s) == (Stage.CALLING, 5.0 + CALL_TIMEOUT_S)
    assert list(calling.answer(ToolAnswer("a", "", {"x": 1}))) == []
    assert calling.stage is Stage.CALLING
    list(calling.answer(ToolAnswer("b", "", {"x": 1})))
    assert calling.wanted == "I got no answer from clock."


def test_awaited_calls_decide_the_text() -> None:
    calling = turn(Plan(Reply(), awaited=calls("clock")))
    *opening, asked = calling.begin(0.0)
    assert opening == OPENING
    assert asked == {
        "toolCall": {"functionCalls": [{"id": "id_clock", "name": "clock", "args": {}}]}
    }
    assert calling.stage is Stage.CALLING
    assert list(calling.answer(ToolAnswer("other", "", {}))) == []
    assert list(calling.answer(ToolAnswer("id_clock", "", {"time": "10:00"}))) == []
    assert (calling.stage, calling.wanted) == (Stage.VOICING, "It is 10:00.")
    assert calling.usage.prompt_characters > 0


def test_calls_without_an_answer_are_given_up_and_spoken_of() -> None:
    calling = turn(Plan(Reply(), awaited=calls("clock", "diary")))
    list(calling.begin(0.0))
    list(calling.answer(ToolAnswer("id_clock", "", {})))
    assert calling.due_s == CALL_TIMEOUT_S
    assert list(calling.advance(CALL_TIMEOUT_S - 0.1)) == []
    assert list(calling.advance(CALL_TIMEOUT_S)) == [
        {"toolCallCancellation": {"ids": ["id_diary"]}}
    ]
    assert calling.wanted == "I got no answer from diary."
    late = ToolAnswer("id_diary", "", {})
    assert list(calling.answer(late)) == []


def test_announced_calls_end_the_turn_and_are_not_grounded() -> None:
    reply = Reply(search=("q",))
    announced = turn(Plan(reply, announced=calls("clock")), tools=Tools(search=True))
    *_, asked, done = announced.begin(0.0)
    assert "toolCall" in asked
    assert done == generation_complete()


def test_an_interruption_cancels_the_calls_that_are_missing() -> None:
    calling = turn(Plan(Reply(), awaited=calls("clock", "diary")))
    list(calling.begin(0.0))
    list(calling.answer(ToolAnswer("id_clock", "", {})))
    assert list(calling.interrupt()) == [
        {"toolCallCancellation": {"ids": ["id_diary"]}},
        interrupted(),
    ]
    assert calling.stage is Stage.OVER


def test_an_interruption_stops_the_sound_and_keeps_what_was_said() -> None:
    spoken = turn(Plan(Reply(), text="x"))
    list(spoken.begin(0.0))
    spoken.speak(speech(2.0), 0.0)
    list(spoken.advance(0.0))
    assert list(spoken.interrupt()) == [interrupted()]
    assert list(spoken.advance(99.0)) == []
    assert (spoken.due_s, spoken.said) == (None, "Word")
    assert spoken.usage.spoken_s == pytest.approx(0.2)


def test_calls_can_be_given_up_at_once_and_only_while_they_are_awaited() -> None:
    calling = turn(Plan(Reply(), awaited=calls("clock")))
    list(calling.begin(0.0))
    assert list(calling.give_up()) == [{"toolCallCancellation": {"ids": ["id_clock"]}}]
    assert calling.wanted == "I got no answer from clock."
    assert list(calling.give_up()) == []


def test_a_turn_is_completed_when_it_was_heard_to_its_end() -> None:
    whole, broken = turn(Plan(Reply(), text="x")), turn(Plan(Reply(), text="x"))
    for one in (whole, broken):
        list(one.begin(0.0))
        one.speak(speech(2.0), 0.0)
        list(one.advance(1.0))
    list(broken.interrupt())
    list(whole.advance(2.0))
    assert whole.stage is broken.stage is Stage.OVER
    assert (whole.completed, broken.completed) == (True, False)


def test_a_turn_again_says_the_same_without_its_thoughts_and_calls() -> None:
    calling = turn(Plan(Reply(think="Hm.", say="x"), awaited=calls("clock")))
    list(calling.begin(0.0))
    list(calling.answer(ToolAnswer("id_clock", "", {"time": "10:00"})))
    assert calling.again() == Plan(Reply(say="x"), text="It is 10:00.")


def test_words_can_come_out_of_order_also_where_they_share_their_messages() -> None:
    spoken = turn(Plan(Reply(), text="x"), transcribes_output=True)
    list(spoken.begin(0.0))
    spoken.speak(speech(2.0), 0.0, in_order=False)
    frames = [str(frame) for frame in spoken.advance(9.0)]
    assert not any("outputTranscription" in frame and "modelTurn" in frame for frame in frames)
    assert sum("outputTranscription" in frame for frame in frames) == 2
    assert spoken.said == "Word end"
