"""What scrolls away must be whole and in the order in which it was said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from ui_events import SAMPLES, SO_FAR

from voicecli.live.events import Source
from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.ui.blocks import Block, Cited, CodeRun, Remark, ToolRun, Words
from voicecli.ui.journal import Journal
from voicecli.ui.tui_model import ScreenModel, reduce

CALL = talk.ToolCalled(1, "f1", "get_weather", {"city": "London"})
RESULT = talk.ToolFinished(2, "f1", "get_weather", 1, result=12)
PAGE = Source("https://a.example", "A")


def said(role: talk.Role, text: str, *, final: bool = False, heard: str = "") -> talk.Transcript:
    return talk.Transcript(0, role, text, final, heard)


def turn_ended(*, interrupted: bool = False) -> talk.TurnEnded:
    return talk.TurnEnded(0, 1, interrupted, 1.0)


def played(*events: talk.TalkEvent) -> tuple[ScreenModel, list[Block]]:
    model, blocks = ScreenModel(), list[Block]()
    for event in events:
        model, finished = reduce(model, event)
        blocks.extend(finished)
    return replace(model, journal=Journal()), blocks


def texts(blocks: list[Block]) -> list[str]:
    return [block.text if isinstance(block, Words) else type(block).__name__ for block in blocks]


def test_words_grow_in_place_and_leave_when_final() -> None:
    model, blocks = played(said("user", "Hel"), said("user", "Hello "))
    assert model.items == (Words("user", "Hello", "", False),)
    assert blocks == []
    model, blocks = played(said("user", "Hel"), said("user", "Hello", final=True))
    assert model.items == ()
    assert texts(blocks) == ["Hello"]


def test_words_that_turn_out_to_be_none_vanish() -> None:
    model, blocks = played(said("user", "uh"), said("user", " ", final=True))
    assert model.items == ()
    assert blocks == []


def test_a_reply_waits_for_the_words_that_it_answers() -> None:
    events = [said("user", "Hi"), said("model", "Hello", final=True)]
    assert texts(played(*events)[1]) == []
    assert texts(played(*events, said("user", "Hi!", final=True))[1]) == ["Hi!", "Hello"]


def test_an_interrupting_user_comes_after_what_was_interrupted() -> None:
    events = [said("model", "A long"), said("user", "Stop"), said("user", "Stop!", final=True)]
    model, blocks = played(*events)
    assert blocks == []
    assert len(model.items) == 2
    events.append(said("model", "A long story", heard="A long", final=True))
    assert texts(played(*events)[1]) == ["A long story", "Stop!"]


def test_an_interruption_marks_the_current_reply_and_the_mark_stays() -> None:
    events = (said("model", "A long"), said("user", "Stop"), talk.Interrupted(0, 1, 2))
    model, _ = played(*events, said("model", "A long story"))
    assert model.items[0] == Words("model", "A long story", "", final=False, cut=True)
    assert model.items[1] == Words("user", "Stop", "", final=False)


def test_a_running_call_holds_nothing_up() -> None:
    model, blocks = played(CALL, said("model", "Wait", final=True))
    assert texts(blocks) == ["Wait"]
    assert model.items == (ToolRun("f1", "get_weather", {"city": "London"}, 1),)


def test_a_finished_call_waits_for_the_words_before_it() -> None:
    events: list[talk.TalkEvent] = [said("user", "Weather"), CALL, RESULT]
    assert played(*events)[1] == []
    blocks = played(*events, said("user", "Weather?", final=True))[1]
    assert texts(blocks) == ["Weather?", "ToolRun"]
    assert isinstance(blocks[1], ToolRun)
    assert blocks[1].end == RESULT


def test_two_calls_with_one_id_are_finished_in_turn() -> None:
    _, blocks = played(CALL, RESULT, CALL, RESULT)
    assert texts(blocks) == ["ToolRun", "ToolRun"]


def test_a_result_without_a_call_shows_all_the_same() -> None:
    assert played(RESULT)[1] == [ToolRun("f1", "get_weather", {}, 1, end=RESULT)]


def test_sources_follow_the_reply_they_belong_to() -> None:
    cited = talk.SourcesCited(0, ("q",), (PAGE,))
    _, blocks = played(said("model", "So"), cited, said("model", "So.", final=True))
    assert blocks[1:] == [Cited((PAGE,), ("q",))]
    assert played(talk.SourcesCited(0, ("q",), ())) == (ScreenModel(), [])


def test_sources_that_came_before_the_answer_wait_for_it() -> None:
    cited = talk.SourcesCited(0, (), (PAGE,))
    model, blocks = played(cited)
    assert (model.items, blocks) == ((), [])
    assert texts(played(cited, said("model", "So", final=True))[1]) == ["So", "Cited"]
    assert texts(played(cited, said("model", "So"), turn_ended())[1]) == ["So", "Cited"]
    assert texts(played(cited, turn_ended())[1]) == ["Cited"]


def test_sources_that_come_after_their_answer_show_at_once_and_those_of_the_next_wait() -> None:
    cited = talk.SourcesCited(0, (), (PAGE,))
    first = (said("model", "So", final=True), cited)
    assert texts(played(*first)[1]) == ["So", "Cited"]
    assert texts(played(*first, turn_ended(), cited)[1]) == ["So", "Cited"]


def test_sources_of_an_answer_that_is_held_up_wait_with_it() -> None:
    cited = talk.SourcesCited(0, (), (PAGE,))
    question, answer = said("user", "Why"), said("model", "So", final=True)
    events: list[talk.TalkEvent] = [question, answer, cited]
    assert texts(played(*events)[1]) == []
    blocks = played(*events, said("user", "Why?", final=True))[1]
    assert texts(blocks) == ["Why?", "So", "Cited"]


ASKED = talk.ToolAsked(1.5, "f1", "get_weather", {"city": "London"}, always=True)


def asked(call_id: str, at_s: float) -> talk.ToolAsked:
    return talk.ToolAsked(at_s, call_id, "f", {}, always=False)


def test_a_question_stands_until_it_is_decided_or_the_call_is_over() -> None:
    assert [run.call_id for run in played(CALL, ASKED)[0].questions] == ["f1"]
    decided = talk.ToolDecided(2, "f1", "get_weather", True, "user")
    assert played(CALL, ASKED, decided)[0].questions == ()
    cancelled = talk.ToolFinished(2, "f1", "get_weather", 1, cancelled=True)
    assert played(CALL, ASKED, cancelled)[0].questions == ()
    assert played(CALL, ASKED, talk.Ended(9, "", 0, 0))[0].questions == ()


def test_questions_come_in_the_order_in_which_they_were_asked() -> None:
    model, _ = played(asked("late", 5.0), asked("early", 4.0))
    assert [run.call_id for run in model.questions] == ["early", "late"]


def test_nobody_is_asked_in_a_recording() -> None:
    model, _ = reduce(ScreenModel(recorded=True), ASKED)
    assert model.questions == ()


def test_a_background_call_lives_on_while_turns_end_and_is_printed_once() -> None:
    call = talk.ToolCalled(1, "f1", "timer", {}, background=True)
    turn: list[talk.TalkEvent]
    turn = [said("user", "Hi", final=True), said("model", "Hello"), turn_ended()]
    turns = turn * 3
    model, blocks = played(call, *turns)
    assert [run.call_id for run in model.calls if isinstance(run, ToolRun)] == ["f1"]
    assert "ToolRun" not in texts(blocks)
    model, blocks = played(call, *turns, RESULT, *turns)
    assert model.calls == ()
    assert texts(blocks).count("ToolRun") == 1


def test_partial_results_are_kept_with_the_call() -> None:
    part = talk.ToolProgress(1.5, "f1", "get_weather", "soon")
    model, _ = played(CALL, part, part)
    (run,) = model.calls
    assert isinstance(run, ToolRun)
    assert (run.results, run.given) == (("soon", "soon"), 2)


def test_code_is_printed_with_its_result() -> None:
    written, ran = talk.CodeWritten(1, "PYTHON", "1"), talk.CodeRan(2, True, "1")
    assert played(written)[0].calls == (CodeRun("PYTHON", "1"),)
    assert played(written, ran)[1] == [CodeRun("PYTHON", "1", ran)]
    assert played(written, turn_ended())[1] == [CodeRun("PYTHON", "1", left=True)]


def test_the_journal_keeps_what_has_left_the_screen() -> None:
    model, _ = reduce(ScreenModel(), CALL)
    model, _ = reduce(model, RESULT)
    assert model.items == ()
    assert len(model.journal.entries) == 1


def test_the_end_of_a_turn_settles_the_model_and_not_the_user() -> None:
    model, blocks = played(
        talk.Thinking(0, "hm"), said("user", "And"), said("model", "So", heard="So"), turn_ended()
    )
    assert texts(blocks) == ["So"]
    assert model == ScreenModel(items=(Words("user", "And", "", False),), turns=1)


def test_the_end_of_an_interrupted_turn_marks_what_is_left() -> None:
    _, blocks = played(said("model", "So it"), turn_ended(interrupted=True))
    assert blocks == [Words("model", "So it", "", final=True, cut=True)]


def test_state_mute_and_thought_are_kept() -> None:
    model, _ = played(
        talk.StateChanged(0, talk.State.THINKING),
        talk.MuteChanged(0, True),
        talk.Thinking(0, "**Title**\n\nBody"),
    )
    assert model == ScreenModel(talk.State.THINKING, muted=True, thought="Title")


def started(*, push_to_talk: bool) -> talk.SessionStarted:
    how = None, push_to_talk, Patience.NORMAL
    return talk.SessionStarted(0, "m", None, False, None, "S", *how)


def test_with_push_to_talk_the_session_tells_how_to_talk() -> None:
    model, blocks = played(started(push_to_talk=True), talk.TalkingChanged(0, talking=True))
    assert model == ScreenModel(push_to_talk=True, talking=True)
    text = "m · microphone: none · speaker: S · push-to-talk"
    assert blocks == [
        Remark("session", text, "space begins to talk, and again sends what you said")
    ]
    model, blocks = played(started(push_to_talk=False))
    assert model == ScreenModel()
    assert blocks == [Remark("session", "m · microphone: none · speaker: S")]


def test_the_voice_that_goes_down_comes_up_again() -> None:
    assert played(talk.Ducked(0, ducked=True))[0] == ScreenModel(ducked=True)
    both = talk.Ducked(0, ducked=True), talk.Ducked(1, ducked=False)
    assert played(*both) == (ScreenModel(), [])


def test_what_keys_have_changed_is_noted() -> None:
    _, blocks = played(
        talk.PatienceChanged(0, Patience.LOW),
        talk.DeviceChanged(0, "output", "Headset"),
        talk.DeviceChanged(0, "input", None),
        talk.DevicesListed(0, ()),
    )
    assert blocks == [
        Remark("note", "patience low: a short pause ends your turn"),
        Remark("note", "speaker: Headset"),
        Remark("note", "there is no sound device to pick"),
    ]


def test_remarks_come_at_once_and_change_nothing() -> None:
    model, blocks = played(
        said("user", "Hi"),
        talk.Noted(0, "reconnected"),
        talk.Warned(0, "quiet", "check"),
        talk.Failed(0, "Broken", "worn", "repair", 1),
    )
    assert blocks == [
        Remark("note", "reconnected"),
        Remark("warning", "quiet", "check"),
        Remark("error", "Broken: worn", "repair"),
    ]
    assert model.items == (Words("user", "Hi", "", False),)


def test_at_the_end_nothing_that_was_shown_vanishes() -> None:
    model, blocks = played(said("user", "Hi"), CALL, talk.Ended(1, "you left", 0, 0))
    assert model == ScreenModel(ended=True)
    assert texts(blocks) == ["Hi", "ToolRun", "Remark"]


def test_the_model_knows_what_was_used_so_far_and_its_end_tells_it() -> None:
    model, blocks = played(*(event for event in SAMPLES if isinstance(event, talk.UsageReported)))
    assert (model.used, blocks) == (SO_FAR, [])
    _, blocks = played(SAMPLES[-1])
    assert blocks == [
        Remark("end", "6 turns · 1:02 · you left"),
        Remark(
            "end",
            "2.1k tokens · in: 812 text, 1.1k audio, 27 unspecified · out: 210 audio, 40 thoughts",
        ),
        Remark("end", "cost: $0.0066 at the prices of 2026-11"),
    ]


SILENT = talk.AudioReceived | talk.VolumeChanged | talk.DevicesListed


def test_sound_and_what_the_region_shows_by_itself_leave_no_line() -> None:
    silent = [event for event in SAMPLES if isinstance(event, SILENT)]
    assert len(silent) == 3
    for event in silent:
        assert played(event) == (ScreenModel(), [])


@given(
    st.lists(
        st.sampled_from(
            [
                *SAMPLES[:-1],
                CALL,
                RESULT,
                started(push_to_talk=True),
                talk.TalkingChanged(3, talking=False),
                talk.Ducked(3, ducked=False),
                talk.DevicesListed(3, ()),
                turn_ended(),
                said("user", "u"),
                said("model", "m"),
                said("user", "u", final=True),
                said("model", "m", final=True),
            ]
        )
    )
)
def test_each_turn_and_call_is_printed_once_whatever_the_order(
    events: list[talk.TalkEvent],
) -> None:
    model, blocks = played(*events, talk.Ended(1, "", 0, 0))
    assert model.items == ()
    calls = sum(isinstance(event, talk.ToolCalled) for event in events)
    runs = [block for block in blocks if isinstance(block, ToolRun)]
    assert calls <= len(runs)
    ids = [run.call_id for run in runs if run.call_id == "f1"]
    assert len(ids) <= sum(getattr(event, "call_id", "") == "f1" for event in events)
    cited = sum(isinstance(block, Cited) for block in blocks)
    assert cited == sum(isinstance(event, talk.SourcesCited) for event in events)
    finals = sum(isinstance(event, talk.Transcript) and event.final for event in events)
    assert sum(isinstance(block, Words) for block in blocks) >= finals


flags = st.one_of(
    st.builds(talk.StateChanged, st.just(0), st.sampled_from(talk.State)),
    st.builds(talk.MuteChanged, st.just(0), st.booleans()),
    st.builds(talk.TalkingChanged, st.just(0), st.booleans()),
    st.builds(talk.Ducked, st.just(0), st.booleans()),
    st.booleans().map(lambda push_to_talk: started(push_to_talk=push_to_talk)),
)


@given(st.lists(flags | st.sampled_from(SAMPLES[:-1])))
def test_the_last_word_on_each_thing_counts(events: list[talk.TalkEvent]) -> None:
    model, _ = played(*events)
    assert model.state == last(events, talk.StateChanged, "state", talk.State.CONNECTING)
    assert model.muted is last(events, talk.MuteChanged, "muted", False)
    assert model.talking is last(events, talk.TalkingChanged, "talking", False)
    assert model.ducked is last(events, talk.Ducked, "ducked", False)
    assert model.push_to_talk is last(events, talk.SessionStarted, "push_to_talk", False)


def last(
    events: list[talk.TalkEvent], kind: type[talk.TalkEvent], name: str, default: object
) -> object:
    values = [getattr(event, name) for event in events if isinstance(event, kind)]
    return values[-1] if values else default
