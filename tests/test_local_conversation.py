"""Who speaks when, in virtual time: the order of events is what clients are built on.

The orders are those of live-api.md, sections 3 and 4. Each test talks with a pure conversation
through `Partner`, which voices and recognises at once unless the test says otherwise.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_partner import GENERATION_S, REPLY_S, Partner, function, speech

from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    AudioStreamEnd,
    ClientContent,
    ContextUpdate,
    Picture,
    Said,
    SetupRequest,
    ToolAnswer,
    ToolAnswers,
)
from voicecli.local.json_fields import Fields
from voicecli.local.memory import Memory
from voicecli.local.refusal import Refusal
from voicecli.local.script import Call
from voicecli.local.tool_calls import MadeCall
from voicecli.local.tool_check import Tools

NATIVE_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
FLASH_31 = "gemini-3.1-flash-live-preview"
EXTENDED = "gemini-3.8-live-extended-thinking"
TRANSCRIBE = "gemini-3.5-transcribe-live"
CASCADE = "gemini-live-2.5-flash-preview"

SOUND = ["modelTurn", "outputTranscription", "modelTurn", "generationComplete"]
REPLY = ["notResumable", *SOUND]
END = ["turnComplete", "usageMetadata", "sessionResumptionUpdate"]
MANUAL = {"automaticActivityDetection": {"disabled": True}}


def content(*turns: tuple[str, str], complete: bool = True) -> ClientContent:
    return ClientContent(tuple(Said(role, text) for role, text in turns), complete)


def answers(call_id: str, scheduling: str = "", time: str = "10:00") -> ToolAnswers:
    return ToolAnswers((ToolAnswer(call_id, "clock", {"time": time}, scheduling),))


def opened(model: str = "gemini-3.8-live", **setup: object) -> Partner:
    """A partner whose opening frames have been read."""
    partner = Partner(model, **setup)
    partner.take()
    return partner


def test_the_setup_is_answered_and_3_8_sends_a_handle_unasked() -> None:
    assert Partner().take() == ["setupComplete", "sessionResumptionUpdate"]
    assert Partner(FLASH_31).take() == ["setupComplete"]
    assert Partner(FLASH_31, sessionResumption={}).take() == [
        "setupComplete",
        "sessionResumptionUpdate",
    ]


def test_typed_text_is_answered_and_the_turn_ends_when_the_playback_does() -> None:
    partner = opened()
    partner.type("hello")
    assert partner.sent("serverContent")[0] == {}
    assert partner.voiced == ["Hi."]
    partner.wait(GENERATION_S)
    assert partner.take() == REPLY
    partner.wait(REPLY_S - GENERATION_S - 0.01)
    assert partner.take() == []
    partner.wait(0.02)
    assert partner.take() == END


def test_words_come_ahead_of_the_sound_and_each_chunk_after_an_empty_frame() -> None:
    partner = opened()
    partner.type("hello")
    first = partner.frames[1:]
    assert first[:3] == [{}, {"serverContent": {}}, {}]
    assert "outputTranscription" in first[3]["serverContent"]


def test_an_unknown_request_is_repeated() -> None:
    partner = opened()
    partner.type("some {braces} here")
    assert partner.voiced == ["You said: some {braces} here"]


def test_a_very_long_text_is_not_repeated_whole() -> None:
    partner = opened()
    partner.type("x" * 100_000)
    assert len(partner.voiced[0]) < 5_000


def test_speech_is_noticed_recognised_and_answered_in_the_order_of_the_wire() -> None:
    partner = opened(inputAudioTranscription={})
    partner.say("hello")
    assert partner.sent("serverContent", "inputTranscription", "text") == ["hello"]
    offsets = partner.sent("voiceActivity", "audioOffset")
    assert offsets == ["0.320s", "1.312s"]
    partner.finish()
    assert partner.take() == ["ACTIVITY_START", "ACTIVITY_END", "inputTranscription", *REPLY, *END]
    assert partner.voiced == ["Hi."]


def test_the_users_words_are_sent_only_where_they_were_asked_for() -> None:
    partner = opened()
    partner.say("hello")
    assert partner.sent("serverContent", "inputTranscription") == []
    assert partner.voiced == ["Hi."]


def test_2_5_sends_words_one_by_one_on_both_sides() -> None:
    partner = opened(NATIVE_25, inputAudioTranscription={}, outputAudioTranscription={})
    partner.say("hello there")
    words = partner.sent("serverContent", "inputTranscription", "text")
    assert words == [" hello", " there"]
    for frame in partner.frames:
        assert not {"modelTurn", "outputTranscription"} <= set(frame.get("serverContent", ()))


def test_output_is_transcribed_only_where_it_was_asked_for_before_3_8() -> None:
    partner = opened(FLASH_31)
    partner.type("hello")
    partner.finish()
    assert partner.take() == ["modelTurn", "generationComplete", "turnComplete", "usageMetadata"]


def test_without_a_recogniser_the_words_say_how_long_the_speech_was() -> None:
    partner = opened(inputAudioTranscription={})
    partner.say(None)
    assert partner.sent("serverContent", "inputTranscription", "text") == ["(speech, 1.0 s)"]
    assert partner.voiced == ["You said: (speech, 1.0 s)"]


def test_a_cough_without_words_is_not_answered() -> None:
    partner = opened(inputAudioTranscription={})
    partner.say(" ")
    assert partner.take() == ["ACTIVITY_START", "ACTIVITY_END"]
    assert partner.voiced == []


def test_speech_during_generation_interrupts_without_generation_complete() -> None:
    partner = opened()
    partner.type("hello")
    partner.take()
    partner.speak("##")
    assert partner.take() == ["ACTIVITY_START", "interrupted", *END]
    partner.finish()
    assert partner.take() == [], "nothing of the old reply comes any more"


def test_speech_during_playback_interrupts_after_generation_complete() -> None:
    partner = opened(inputAudioTranscription={})
    partner.type("hello")
    partner.wait(GENERATION_S)
    assert partner.take()[-1] == "generationComplete"
    partner.say("hello")
    partner.finish()
    assert partner.take() == [
        "ACTIVITY_START",
        "interrupted",
        *END,
        "ACTIVITY_END",
        "inputTranscription",
        *REPLY,
        *END,
    ]


def test_typed_text_interrupts_and_is_answered() -> None:
    partner = opened()
    partner.type("hello")
    partner.take()
    partner.type("something else")
    assert partner.take()[:4] == ["interrupted", *END]
    assert partner.voiced == ["Hi.", "You said: something else"]


def test_an_interrupted_turn_counts_only_what_was_sent() -> None:
    partner = opened()
    partner.type("hello")
    partner.speak("##")
    (usage,) = partner.sent("usageMetadata")
    assert usage["responseTokenCount"] == 5, "one chunk of 200 ms"


def test_sound_that_comes_after_its_turn_was_interrupted_is_dropped() -> None:
    partner = opened()
    partner.type("hello")
    partner.speak("##")
    partner.take()
    partner.conversation.voiced(1, speech("late"), partner.now_s)
    assert partner.conversation.effects() == []


def test_with_no_interruption_the_reply_goes_on_and_the_next_one_follows() -> None:
    partner = opened(realtimeInputConfig={"activityHandling": "NO_INTERRUPTION"})
    partner.type("hello")
    partner.say("something else")
    partner.type("and more")
    assert not partner.sent("serverContent", "interrupted")
    partner.finish()
    assert partner.voiced == ["Hi.", "You said: something else and more"]
    assert partner.take() == [
        "notResumable",
        "modelTurn",
        "outputTranscription",
        "ACTIVITY_START",
        "ACTIVITY_END",
        "modelTurn",
        "generationComplete",
        *END,
        *REPLY,
        *END,
    ]


def test_words_that_are_recognised_while_the_user_goes_on_wait_for_the_rest() -> None:
    partner = opened()
    partner.instant_words = False
    partner.say("what time")
    partner.speak("###")
    partner.recognise()
    assert partner.voiced == []
    partner.hears.append("is it")
    partner.speak("." * 16)
    partner.recognise()
    assert partner.voiced == ["I have no clock."]


def test_typed_text_is_answered_together_with_speech_whose_words_are_still_to_come() -> None:
    partner = opened()
    partner.instant_words = False
    partner.say("the sky")
    partner.type("is blue")
    assert partner.voiced == []
    partner.recognise()
    assert partner.voiced == ["You said: the sky is blue"]


def test_the_end_of_the_stream_flushes_what_was_heard() -> None:
    partner = opened()
    partner.hears.append("hello")
    partner.speak("####")
    partner.receive(AudioStreamEnd())
    assert partner.voiced == ["Hi."]
    partner.receive(AudioStreamEnd())
    partner.finish()
    assert partner.voiced == ["Hi."]


def test_the_clients_own_activity_decides_where_detection_is_disabled() -> None:
    partner = opened(realtimeInputConfig=MANUAL, inputAudioTranscription={})
    partner.hears.append("hello")
    partner.speak("####")
    partner.receive(ActivityStart())
    partner.speak("....")
    partner.receive(AudioStreamEnd())
    assert partner.voiced == []
    partner.receive(ActivityEnd())
    assert partner.voiced == ["Hi."]
    partner.finish()
    assert partner.take() == ["inputTranscription", *REPLY, *END]


def test_an_activity_start_interrupts() -> None:
    partner = opened(realtimeInputConfig=MANUAL)
    partner.type("hello")
    partner.receive(ActivityStart())
    assert partner.take()[-4:] == ["interrupted", *END]


@pytest.mark.parametrize("signal", [ActivityStart(), ActivityEnd()])
def test_explicit_activity_is_refused_where_it_is_detected(
    signal: ActivityStart | ActivityEnd,
) -> None:
    with pytest.raises(Refusal, match=r"^Explicit activity control is not supported"):
        opened().receive(signal)


def test_a_second_setup_is_refused() -> None:
    with pytest.raises(Refusal, match="first message"):
        opened().receive(SetupRequest(Fields({})))


def test_pictures_are_taken_in_silence() -> None:
    partner = opened()
    partner.receive(Picture("image/jpeg"))
    assert partner.take() == []


def test_client_content_is_answered_when_the_turn_is_complete() -> None:
    partner = opened()
    partner.receive(content(("user", "the sky"), complete=False))
    assert partner.voiced == []
    partner.receive(content(("user", "is blue")))
    assert partner.voiced == ["You said: the sky is blue"]


def test_only_what_follows_the_models_last_turn_is_asked() -> None:
    partner = opened()
    partner.receive(content(("user", "earlier"), ("model", "yes"), ("user", "hello")))
    assert partner.voiced == ["Hi."]


def test_client_content_interrupts_even_where_activity_does_not() -> None:
    partner = opened(realtimeInputConfig={"activityHandling": "NO_INTERRUPTION"})
    partner.type("hello")
    partner.receive(content(("user", "hello")))
    assert partner.sent("serverContent", "interrupted") == [True]


def test_an_empty_text_of_the_user_is_answered_too() -> None:
    partner = opened()
    partner.receive(content(("user", "")))
    assert partner.voiced == ["You said: "]


def test_a_complete_turn_without_content_asks_for_what_the_user_said_last() -> None:
    partner = opened(historyConfig={"initialHistoryInClientContent": True})
    partner.receive(content(("user", "my name is Marcelo"), ("model", "hello"), ("user", "the")))
    partner.receive(content(("user", "sky"), complete=False))
    partner.receive(content())
    assert partner.voiced == ["You said: sky"], "what was history is no question"
    partner.finish()
    partner.take()
    partner.receive(content())
    assert partner.take() == [], "the model spoke last"


def test_a_question_of_the_history_is_answered_when_that_is_asked_for() -> None:
    partner = opened(historyConfig={"initialHistoryInClientContent": True})
    partner.receive(content(("user", "earlier"), ("model", "yes"), ("user", "hello")))
    assert partner.voiced == []
    partner.receive(content())
    assert partner.voiced == ["Hi."]


def test_asking_for_an_answer_that_is_on_its_way_changes_nothing() -> None:
    partner = opened()
    partner.type("hello")
    partner.receive(content())
    partner.finish()
    assert partner.take() == [*REPLY, *END]


def test_an_empty_history_is_none_and_the_next_content_is_answered() -> None:
    partner = opened(historyConfig={"initialHistoryInClientContent": True})
    partner.receive(content())
    assert partner.take() == []
    partner.receive(content(("user", "hello")))
    assert partner.voiced == ["Hi."]


def test_a_resumed_session_has_no_initial_history() -> None:
    partner = opened(
        historyConfig={"initialHistoryInClientContent": True},
        sessionResumption={"handle": "of before"},
    )
    partner.receive(content(("user", "hello")))
    assert partner.voiced == ["Hi."]


def test_initial_history_is_remembered_and_not_answered() -> None:
    partner = opened(historyConfig={"initialHistoryInClientContent": True})
    partner.receive(content(("user", "my name is Marcelo"), complete=False))
    partner.receive(content(("model", "hello Marcelo")))
    assert partner.take() == []
    assert [said.role for said in partner.memory.said] == ["user", "model"]
    partner.receive(content(("user", "hello")))
    assert partner.voiced == ["Hi."]


def test_both_sides_are_remembered_and_count_as_context() -> None:
    partner = opened(systemInstruction={"parts": [{"text": "x" * 400}]})
    partner.type("hello")
    partner.finish()
    partner.type("hello")
    partner.finish()
    said = [(said.role, said.text) for said in partner.memory.said]
    assert said == [("user", "hello"), ("model", "Hi.")] * 2
    first, second = partner.sent("usageMetadata", "promptTokenCount")
    assert 100 < first < second


def test_what_was_heard_counts_as_audio_in_its_own_turn_only() -> None:
    partner = opened()
    partner.say("hello")
    partner.finish()
    partner.type("hello")
    partner.finish()
    details = partner.sent("usageMetadata", "promptTokensDetails")
    assert [[one["modality"] for one in turn] for turn in details] == [["TEXT", "AUDIO"], ["TEXT"]]


def test_a_blocking_call_is_awaited_and_its_result_spoken() -> None:
    partner = opened(tools=[function("clock", "BLOCKING")])
    partner.type("what time is it")
    assert partner.sent("toolCall", "functionCalls") == [
        [{"id": "fc_1", "name": "clock", "args": {"tz": "UTC"}}]
    ]
    partner.wait(10.0)
    partner.receive(answers("fc_1"))
    partner.finish()
    assert partner.voiced == ["It is 10:00."]
    assert partner.take() == ["notResumable", "toolCall", *SOUND, *END]


def test_speech_during_a_blocking_call_cancels_it() -> None:
    partner = opened(tools=[function("clock", "BLOCKING")])
    partner.type("what time is it")
    partner.take()
    partner.say("hello")
    assert partner.take()[:6] == [
        "ACTIVITY_START",
        "toolCallCancellation",
        "interrupted",
        *END,
    ]
    partner.receive(answers("fc_1"))
    assert partner.voiced == ["Hi."], "an answer to a cancelled call is not spoken of"


def test_a_call_that_is_never_answered_is_given_up() -> None:
    partner = opened(tools=[function("clock", "BLOCKING")])
    partner.type("what time is it")
    partner.finish()
    assert partner.voiced == ["I got no answer from clock."]
    assert partner.take() == ["notResumable", "toolCall", "toolCallCancellation", *SOUND, *END]


def test_calls_that_were_not_offered_are_not_made() -> None:
    partner = opened()
    partner.type("what time is it")
    assert partner.voiced == ["I have no clock."]


def test_tools_can_be_offered_later() -> None:
    partner = opened()
    partner.receive(ContextUpdate(None))
    partner.receive(ContextUpdate(Fields({"tools": [function("clock", "BLOCKING")]})))
    partner.type("what time is it")
    assert partner.sent("toolCall")


def test_a_non_blocking_call_ends_its_turn_and_is_spoken_of_later() -> None:
    partner = opened(tools=[function("clock", "NON_BLOCKING")])
    partner.type("what time is it")
    assert partner.take() == ["notResumable", "toolCall", "generationComplete", *END]
    partner.type("hello")
    partner.receive(answers("fc_1"))
    assert partner.voiced == ["Hi."]
    partner.finish()
    assert partner.voiced == ["Hi.", "It is 10:00."]
    assert partner.take() == [*REPLY, *END, *REPLY, *END]


def test_a_non_blocking_call_survives_an_interruption() -> None:
    partner = opened(tools=[function("clock", "NON_BLOCKING")])
    partner.type("what time is it")
    partner.say("hello")
    assert not partner.sent("toolCallCancellation")
    partner.receive(answers("fc_1", "INTERRUPT"))
    assert partner.sent("serverContent", "interrupted") == [True]
    assert partner.voiced == ["Hi.", "It is 10:00."]


def test_a_silent_result_is_not_spoken_of() -> None:
    partner = opened(tools=[function("clock", "NON_BLOCKING")])
    partner.type("what time is it")
    partner.take()
    partner.receive(answers("fc_1", "SILENT"))
    partner.finish()
    assert partner.take() == []


def partial(call_id: str, scheduling: str = "", **response: object) -> ToolAnswers:
    """An answer that others follow."""
    return ToolAnswers((ToolAnswer(call_id, "clock", response, scheduling, will_continue=True),))


BACKGROUND = [function("clock", "NON_BLOCKING")]
LAST = ToolAnswers((ToolAnswer("fc_1", "clock", {}, "SILENT"),))


def test_partial_results_are_spoken_of_in_a_pause_at_once_or_never() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("what time is it")
    partner.type("hello")
    partner.receive(partial("fc_1", time="1"))
    assert partner.voiced == ["Hi."]
    partner.finish()
    assert partner.voiced == ["Hi.", "It is 1."]
    partner.receive(partial("fc_1", "SILENT", time="2"))
    assert len(partner.voiced) == 2
    partner.type("hello")
    partner.take()
    partner.receive(partial("fc_1", "INTERRUPT", time="3"))
    assert partner.take()[0] == "interrupted"
    assert partner.voiced[-1] == "It is 3."
    partner.receive(LAST)
    partner.finish()
    assert partner.voiced == ["Hi.", "It is 1.", "Hi.", "It is 3."]


def test_a_silent_partial_result_is_known_when_the_call_is_spoken_of() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("what time is it")
    partner.receive(partial("fc_1", "SILENT", time="10:00"))
    partner.receive(partial("fc_1", "WHEN_IDLE", zone="UTC"))
    assert partner.voiced == ["It is 10:00."]


def test_no_result_speaks_into_the_users_words() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("what time is it")
    partner.speak("##")
    partner.receive(partial("fc_1", "INTERRUPT", time="1"))
    assert partner.voiced == []
    partner.hears.append("")
    partner.speak("." * 16)
    assert partner.voiced == ["It is 1."]


def test_a_blocking_call_takes_the_first_answer_for_the_last() -> None:
    partner = opened(tools=[function("clock", "BLOCKING")])
    partner.type("what time is it")
    partner.receive(partial("fc_1", "SILENT", time="10:00"))
    assert partner.voiced == ["It is 10:00."]


def test_a_background_call_is_cancelled_after_its_time_while_both_talk() -> None:
    partner = opened(tools=[function("egg", "NON_BLOCKING")])
    partner.type("boil an egg")
    partner.wait(1.0)
    partner.type("hello")
    partner.take()
    partner.wait(1.9)
    assert "toolCallCancellation" not in partner.take()
    partner.wait(0.2)
    assert partner.sent("toolCallCancellation", "ids") == [["fc_1"]]
    partner.finish()
    assert partner.voiced == ["Hi."]
    assert partner.conversation.due_s is None


def test_a_blocking_call_is_cancelled_after_its_time_and_that_is_said() -> None:
    partner = opened(tools=[function("egg", "BLOCKING")])
    partner.type("boil an egg")
    partner.wait(3.0)
    assert partner.sent("toolCallCancellation", "ids") == [["fc_1"]]
    assert partner.voiced == ["I got no answer from egg."]


def test_a_resumed_session_cancels_what_was_open_in_its_time() -> None:
    partner = opened(tools=[function("egg", "NON_BLOCKING")])
    partner.type("boil an egg")
    resumed = Partner("gemini-3.8-live", Memory(partner.snapshots[-1]))
    resumed.finish()
    assert resumed.sent("toolCallCancellation", "ids") == [["fc_1"]]


def test_the_calls_that_are_made_are_told_with_what_is_expected_of_them() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("what time is it")
    assert partner.made == [MadeCall("fc_1", Call("clock", {"tz": "UTC"}), background=True)]
    partner = opened(tools=[function("clock", "BLOCKING")])
    partner.type("what time is it")
    assert [made.background for made in partner.made] == [False]


def test_a_function_that_was_withdrawn_is_not_called_any_more() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("what time is it")
    assert partner.sent("toolCall")
    partner.take()
    partner.receive(ContextUpdate(Fields({"tools": []})))
    assert partner.memory.tools == Tools()
    partner.receive(answers("fc_1"))
    partner.type("what time is it")
    assert not partner.sent("toolCall")
    partner.finish()
    assert partner.voiced == ["It is 10:00.", "I have no clock."]


def test_an_update_behind_speech_waits_for_its_words() -> None:
    partner = opened(tools=BACKGROUND)
    partner.instant_words = False
    partner.say("hello")
    partner.receive(ContextUpdate(Fields({"tools": []})))
    assert partner.memory.tools.functions
    partner.recognise()
    assert not partner.memory.tools.functions


def test_a_new_instruction_counts_as_context() -> None:
    partner = opened()
    partner.type("hello")
    partner.finish()
    partner.receive(ContextUpdate(system=Fields({"parts": [{"text": "x" * 4_000}]})))
    partner.type("hello")
    partner.finish()
    first, second = partner.sent("usageMetadata", "promptTokenCount")
    assert second > first + 900


def test_a_resumed_session_offers_what_its_own_setup_says() -> None:
    partner = opened(tools=BACKGROUND)
    partner.type("hello")
    partner.finish()
    resumed = Partner("gemini-3.8-live", Memory(partner.snapshots[-1]))
    resumed.type("what time is it")
    assert resumed.voiced == ["I have no clock."]


def test_code_and_pages_come_with_an_answer_from_the_model_that_has_them() -> None:
    google = [{"codeExecution": {}}, {"urlContext": {}}, {"googleSearch": {}}, *BACKGROUND]
    partner = opened(CASCADE, tools=google, outputAudioTranscription={})
    partner.type("work it out from the page")
    partner.finish()
    parts = [part for turn in partner.sent("serverContent", "modelTurn", "parts") for part in turn]
    assert [next(iter(part)) for part in parts[:3]] == [
        "executableCode",
        "codeExecutionResult",
        "inlineData",
    ]
    (fetched,) = partner.sent("serverContent", "urlContextMetadata", "urlMetadata")
    assert fetched[0]["retrievedUrl"] == "https://x"
    plain = opened(CASCADE)
    plain.type("work it out from the page")
    plain.finish()
    assert not plain.sent("serverContent", "urlContextMetadata")
    assert plain.voiced == partner.voiced == ["Forty-two."]


def test_extended_thinking_tells_whether_it_is_still_at_work() -> None:
    partner = opened(
        EXTENDED,
        generationConfig={"thinkingConfig": {"thinkingLevel": "LOW"}},
        tools=[function("clock", "NON_BLOCKING")],
    )
    partner.type("what time is it")
    partner.receive(answers("fc_1", "SILENT"))
    partner.finish()
    statuses = partner.sent("serverContent", "interactionStatus")
    assert statuses == ["IN_PROGRESS", "IDLE"]
    assert partner.voiced == ["It is 10:00."], "this model knows no scheduling"


def test_thoughts_come_before_the_words() -> None:
    config = {"thinkingConfig": {"includeThoughts": True}}
    partner = opened(NATIVE_25, generationConfig=config)
    partner.type("give me a puzzle")
    thought = partner.sent("serverContent", "modelTurn", "parts")[0]
    assert thought == [{"text": "Ten times seven.", "thought": True}]
    partner.finish()
    (usage,) = partner.sent("usageMetadata")
    assert usage["thoughtsTokenCount"] == 4


def test_sources_come_before_the_generation_is_complete() -> None:
    partner = opened(tools=[{"googleSearch": {}}])
    partner.type("how tall is the tower")
    partner.finish()
    assert partner.take() == [*REPLY[:-1], "groundingMetadata", "generationComplete", *END]


def test_the_transcriber_writes_down_and_answers_nothing() -> None:
    partner = opened(TRANSCRIBE, inputAudioTranscription={})
    partner.speak("##")
    partner.conversation.guessed("hel")
    partner.hears.append("hello")
    partner.speak("#" * 30 + "." * 16)
    partner.say("goodbye")
    partner.type("typed")
    assert partner.take() == [
        "ACTIVITY_START",
        "interimInputTranscription",
        "ACTIVITY_END",
        "inputTranscription",
        "ACTIVITY_START",
        "ACTIVITY_END",
        "inputTranscription",
    ]
    assert partner.voiced == []


def test_the_transcribers_turn_ends_when_all_of_an_ended_stream_is_written_down() -> None:
    partner = opened(TRANSCRIBE, inputAudioTranscription={})
    partner.instant_words = False
    partner.hears.append("hello")
    partner.speak("#" * 30)
    partner.receive(AudioStreamEnd())
    assert partner.take() == ["ACTIVITY_START", "ACTIVITY_END"]
    partner.recognise()
    (usage,) = partner.sent("usageMetadata")
    assert usage["promptTokensDetails"][-1] == {"modality": "AUDIO", "tokenCount": 24}
    assert partner.take() == [
        "inputTranscription",
        "generationComplete",
        "turnComplete",
        "usageMetadata",
    ]


def test_a_silent_recording_ends_too() -> None:
    partner = opened(TRANSCRIBE)
    partner.speak("....")
    partner.receive(AudioStreamEnd())
    assert "turnComplete" in partner.take()


def test_other_models_send_no_guesses() -> None:
    partner = opened(inputAudioTranscription={})
    partner.conversation.guessed("hel")
    assert partner.conversation.effects() == []


ACTIONS = st.lists(
    st.sampled_from(
        ["type", "say", "cough", "content", "answer", "go on", "egg", "end", "wait", "begin"]
    ),
    max_size=25,
)


@given(
    ACTIONS,
    st.sampled_from(["BLOCKING", "NON_BLOCKING"]),
    st.sampled_from(["START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION"]),
)
def test_in_any_conversation_turns_are_whole_and_nothing_is_left_over(
    actions: list[str], behavior: str, handling: str
) -> None:
    partner = opened(
        tools=[function("clock", behavior), function("egg", behavior)],
        realtimeInputConfig={"activityHandling": handling},
    )
    for action in actions:
        match action:
            case "type":
                partner.type("what time is it")
            case "say":
                partner.say("tell me")
            case "cough":
                partner.say("")
            case "content":
                partner.receive(content(("user", "hello")))
            case "answer":
                partner.receive(answers("fc_1", "INTERRUPT"))
            case "go on":
                partner.receive(partial("fc_2", "INTERRUPT", time="soon"))
            case "egg":
                partner.type("boil an egg")
            case "end":
                partner.hears.append("cut off")
                partner.receive(AudioStreamEnd())
            case "wait":
                partner.wait(1.7)
            case "begin":
                partner.hears.append("begun")
                partner.speak("##")
    partner.receive(AudioStreamEnd())
    partner.finish()
    names = [name for name in partner.take() if name != "modelTurn"]
    ends = [name for name in names if name in ("generationComplete", "interrupted", "turnComplete")]
    for before, end in zip(["turnComplete", *ends], ends, strict=False):
        if end == "turnComplete":
            assert before in ("generationComplete", "interrupted")
        if end == "generationComplete":
            assert before == "turnComplete"
    assert ends == [] or ends[-1] == "turnComplete"
    assert partner.conversation.due_s is None


def test_what_is_typed_before_an_utterance_was_recognised_comes_after_its_words() -> None:
    partner = Partner()
    partner.instant_words = False
    partner.say("the sea")
    partner.type("and the sky")
    partner.say("the stars")
    assert not partner.memory.said
    partner.recognise()
    partner.recognise()
    assert [said.text for said in partner.memory.said] == ["the sea", "and the sky", "the stars"]
    assert partner.voiced == ["You said: the sea and the sky the stars"]
