"""A message of the service holds several facts; none may be lost for another's sake."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events
from voicecli.live.decode import (
    EMPTY_MESSAGE,
    LONGEST_CODE,
    MOST_TOKENS,
    RAN_TOO_LONG,
    decode,
    seconds,
)

SOUND = b"\x01\x00\x02\x00"


def decoded(message: dict[str, object]) -> list[events.LiveEvent]:
    return list(decode(types.LiveServerMessage.model_validate(message)))


def audio_part(mime_type: str | None = "audio/pcm;rate=24000") -> dict[str, object]:
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(SOUND).decode()}}


@pytest.mark.parametrize("message", [{"serverContent": {}}, {"setupComplete": {}}])
def test_messages_that_mean_nothing_give_no_events(message: dict[str, object]) -> None:
    assert decoded(message) == []


def test_an_empty_message_is_counted_and_means_nothing_else() -> None:
    assert decoded({}) == [events.Unrecognised(EMPTY_MESSAGE)]


@pytest.mark.filterwarnings("ignore:.* is not a valid")
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"voiceActivity": {"voiceActivityType": "SINGING"}}, "unknown voice activity"),
        ({"serverContent": {"interactionStatus": "DREAMING"}}, "unknown interaction status"),
    ],
)
def test_values_of_the_future_are_counted_and_end_nothing(
    message: dict[str, object], kind: str
) -> None:
    assert decoded(message) == [events.Unrecognised(kind)]


def test_a_turn_that_ends_with_a_status_of_the_future_has_ended() -> None:
    ended = {"turnComplete": True, "interactionStatus": "DREAMING"}
    assert decoded({"serverContent": ended})[-1] == events.TurnComplete()


def test_sound_of_minutes_in_one_piece_is_played_and_counted() -> None:
    pcm = bytes(5_000_000)
    part = {"inlineData": {"mimeType": "audio/pcm", "data": base64.b64encode(pcm).decode()}}
    assert decoded({"serverContent": {"modelTurn": {"parts": [part]}}}) == [
        events.Unrecognised("very long piece of sound"),
        events.AudioChunk(pcm, 24_000),
    ]


def test_words_and_sound_of_one_message_are_both_taken_words_first() -> None:
    content = {"modelTurn": {"parts": [audio_part()]}, "outputTranscription": {"text": " foggy"}}
    assert decoded({"serverContent": content}) == [
        events.ModelSpeech(" foggy"),
        events.AudioChunk(SOUND, 24_000),
    ]


def test_interrupted_comes_after_the_sound_that_it_shares_a_message_with() -> None:
    content = {"interrupted": True, "modelTurn": {"parts": [audio_part()]}}
    assert decoded({"serverContent": content}) == [
        events.AudioChunk(SOUND, 24_000),
        events.Interrupted(),
    ]


def test_the_end_of_a_turn_comes_after_its_usage() -> None:
    message = {
        "serverContent": {"generationComplete": True, "turnComplete": True},
        "usageMetadata": {
            "promptTokenCount": 626,
            "responseTokenCount": 63,
            "totalTokenCount": 689,
            "thoughtsTokenCount": 40,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 312},
                {"modality": "AUDIO", "tokenCount": 287},
                {"modality": "AUDIO", "tokenCount": 1},
                {"modality": "VIDEO"},
            ],
            "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 63}],
        },
    }
    assert decoded(message) == [
        events.Usage(626, 63, 40, 689, {"text": 312, "audio": 288}, {"audio": 63}),
        events.GenerationComplete(),
        events.TurnComplete(),
    ]


def test_usage_without_counts_is_nothing_rather_than_an_error() -> None:
    assert decoded({"usageMetadata": {}}) == [events.Usage()]


def test_what_the_services_own_tools_put_before_the_model_went_in_as_well() -> None:
    metadata = {
        "promptTokenCount": 100,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 100}],
        "toolUsePromptTokenCount": 40,
        "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 30}],
    }
    assert decoded({"usageMetadata": metadata}) == [events.Usage(140, 0, 0, 0, {"text": 130})]


def test_a_count_that_cannot_be_is_kept_within_bounds() -> None:
    metadata = {
        "promptTokenCount": -5,
        "totalTokenCount": 10**400,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": -7}],
    }
    assert decoded({"usageMetadata": metadata}) == [events.Usage(total_tokens=MOST_TOKENS)]


@pytest.mark.filterwarnings("ignore:.*is not a valid MediaModality")
def test_an_unspecified_modality_is_none_and_a_new_one_is_another() -> None:
    details = [
        {"modality": "MODALITY_UNSPECIFIED", "tokenCount": 1},
        {"modality": "THERMAL\x1b", "tokenCount": 2},
        {"modality": "SMELL", "tokenCount": 3},
    ]
    assert decoded({"usageMetadata": {"responseTokensDetails": details}}) == [
        events.Usage(response_by_modality={"other": 5})
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"turnComplete": True}, [events.TurnComplete()]),
        (
            {"turnComplete": True, "interactionStatus": "IN_PROGRESS"},
            [events.TurnComplete(waiting=True)],
        ),
        ({"turnComplete": True, "interactionStatus": "IDLE"}, [events.TurnComplete()]),
        ({"interactionStatus": "IDLE"}, [events.TurnComplete()]),
        ({"interactionStatus": "IN_PROGRESS"}, []),
        (
            {"turnComplete": True, "interactionStatus": "INTERACTION_STATUS_UNSPECIFIED"},
            [events.TurnComplete()],
        ),
    ],
)
def test_a_model_that_works_on_in_the_background_has_not_ended_its_turn(
    content: dict[str, object], expected: list[events.LiveEvent]
) -> None:
    assert decoded({"serverContent": content}) == expected


def test_the_words_of_the_user_come_as_pieces_and_as_guesses() -> None:
    content = {
        "inputTranscription": {"text": " Hello"},
        "interimInputTranscription": {"text": "he"},
    }
    assert decoded({"serverContent": content}) == [
        events.UserSpeech("he", interim=True),
        events.UserSpeech(" Hello"),
    ]


def test_thoughts_are_not_speech() -> None:
    parts = [{"text": "**Plan**", "thought": True}, {"text": "said"}]
    assert decoded({"serverContent": {"modelTurn": {"parts": parts}}}) == [
        events.Thought("**Plan**"),
        events.ModelText("said"),
    ]


@pytest.mark.parametrize(
    ("mime_type", "rate_hz"),
    [("audio/pcm", 24_000), (None, 24_000), ("audio/pcm;rate=16000", 16_000)],
)
def test_sound_without_a_rate_is_taken_at_the_rate_of_the_api(
    mime_type: str | None, rate_hz: int
) -> None:
    content = {"modelTurn": {"parts": [audio_part(mime_type)]}}
    assert decoded({"serverContent": content}) == [events.AudioChunk(SOUND, rate_hz)]


def test_pictures_are_not_played() -> None:
    assert decoded({"serverContent": {"modelTurn": {"parts": [audio_part("image/png")]}}}) == [
        events.Unrecognised("unknown kind of data")
    ]


def code_parts(*parts: Mapping[str, object]) -> list[events.LiveEvent]:
    return decoded({"serverContent": {"modelTurn": {"parts": list(parts)}}})


def test_code_and_what_it_printed_are_two_facts_in_their_order() -> None:
    written = {"executableCode": {"language": "PYTHON", "code": "print(6 * 7)", "id": "c1"}}
    ran = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n", "id": "c1"}}
    assert code_parts(written, ran, {"text": "It is 42."}) == [
        events.CodeWritten("python", "print(6 * 7)"),
        events.CodeRan(True, "42\n"),
        events.ModelText("It is 42."),
    ]


@pytest.mark.filterwarnings("ignore:.* is not a valid Outcome")
@pytest.mark.parametrize(
    ("result", "event"),
    [
        ({"outcome": "OUTCOME_OK"}, events.CodeRan(True, "")),
        ({}, events.CodeRan(True, "")),
        ({"outcome": "OUTCOME_UNSPECIFIED", "output": "a"}, events.CodeRan(True, "a")),
        (
            {"outcome": "OUTCOME_FAILED", "output": "ZeroDivision"},
            events.CodeRan(False, "ZeroDivision"),
        ),
        ({"outcome": "OUTCOME_DEADLINE_EXCEEDED"}, events.CodeRan(False, RAN_TOO_LONG)),
        (
            {"outcome": "OUTCOME_DEADLINE_EXCEEDED", "output": "1"},
            events.CodeRan(False, f"1\n{RAN_TOO_LONG}"),
        ),
        ({"outcome": "OUTCOME_OF_TOMORROW"}, events.CodeRan(False, "")),
    ],
)
def test_code_has_run_well_unless_the_service_says_that_it_failed(
    result: dict[str, object], event: events.CodeRan
) -> None:
    assert code_parts({"codeExecutionResult": result}) == [event]


@pytest.mark.filterwarnings("ignore:.* is not a valid Language")
@pytest.mark.parametrize(
    ("language", "name"),
    [
        (None, ""),
        ("LANGUAGE_UNSPECIFIED", ""),
        ("JAVASCRIPT", "javascript"),
        ("\x1b[2J", ""),
        ("A" * 21, ""),
    ],
)
def test_a_language_is_a_plain_name_or_none(language: str | None, name: str) -> None:
    written = {"executableCode": {"language": language, "code": "1"}}
    assert code_parts(written) == [events.CodeWritten(name, "1")]


def test_code_without_code_is_none_and_what_is_too_long_is_cut_with_a_note() -> None:
    assert code_parts({"executableCode": {"language": "PYTHON"}}) == []
    (written,) = code_parts({"executableCode": {"code": "x" * 20_000}})
    assert isinstance(written, events.CodeWritten)
    assert written.code.startswith("x" * LONGEST_CODE + " … (cut: 20000")
    (ran,) = code_parts({"codeExecutionResult": {"output": "y" * 20_000}})
    assert isinstance(ran, events.CodeRan)
    assert len(ran.output) < LONGEST_CODE + 100


def test_parts_of_another_kind_are_counted_and_those_that_say_nothing_are_not() -> None:
    assert code_parts({"fileData": {"fileUri": "https://a.example"}}) == [
        events.Unrecognised("unknown kind of part")
    ]
    assert code_parts({"functionCall": {"name": "now"}}) == [
        events.Unrecognised("unknown kind of part")
    ]
    assert code_parts({"text": ""}, {}, {"thought": True, "thoughtSignature": "AAAA"}) == []


def test_pages_that_were_read_are_sources_too() -> None:
    pages = [
        {
            "retrievedUrl": "https://a.example",
            "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS",
        }
    ]
    found = {"urlContextMetadata": {"urlMetadata": pages}}
    assert decoded({"serverContent": found}) == [
        events.Grounding((), (events.Source("https://a.example", "https://a.example"),))
    ]


def test_a_turn_without_parts_is_silent() -> None:
    assert decoded({"serverContent": {"modelTurn": {"role": "model"}}}) == []


def test_sources_are_named_by_title_or_else_by_address() -> None:
    found = {
        "webSearchQueries": ["q"],
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "A"}},
            {"web": {"uri": "https://b.example"}},
            {"web": {"title": "no address"}},
            {},
        ],
    }
    assert decoded({"serverContent": {"groundingMetadata": found}}) == [
        events.Grounding(
            ("q",),
            (
                events.Source("https://a.example", "A"),
                events.Source("https://b.example", "https://b.example"),
            ),
        )
    ]
    assert decoded({"serverContent": {"groundingMetadata": {}}}) == []


def test_every_call_of_a_message_is_taken_and_its_arguments_are_left_alone() -> None:
    calls = [
        {"id": "f1", "name": "get_weather", "args": {"cityName": {"some_key": [1, None]}}},
        {"id": "f2", "name": "now"},
        {"name": "no id"},
    ]
    assert decoded({"toolCall": {"functionCalls": calls}}) == [
        events.FunctionCall("f1", "get_weather", {"cityName": {"some_key": [1, None]}}),
        events.FunctionCall("f2", "now", {}),
        events.Unrecognised("function call without a name or an id"),
    ]


def test_cancelled_calls_are_named() -> None:
    assert decoded({"toolCallCancellation": {"ids": ["f1", "f2"]}}) == [
        events.FunctionCallsCancelled(("f1", "f2"))
    ]
    assert decoded({"toolCallCancellation": {}}) == []


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"newHandle": "h", "resumable": True}, [events.ResumptionUpdate("h", resumable=True)]),
        ({"resumable": False}, [events.ResumptionUpdate("", resumable=False)]),
        ({"newHandle": "h"}, []),
        ({}, []),
    ],
)
def test_only_a_resumable_update_gives_a_handle(
    update: dict[str, object], expected: list[events.LiveEvent]
) -> None:
    assert decoded({"sessionResumptionUpdate": update}) == expected


def test_go_away_tells_how_long_is_left() -> None:
    assert decoded({"goAway": {"timeLeft": "50s"}}) == [events.GoAway(50.0)]
    assert decoded({"goAway": {}}) == [events.GoAway(0.0)]


def test_voice_activity_tells_start_and_stop_with_its_place_in_the_sound() -> None:
    def activity(kind: str) -> list[events.LiveEvent]:
        return decoded({"voiceActivity": {"voiceActivityType": kind, "audioOffset": "1.880s"}})

    assert activity("ACTIVITY_START") == [events.VoiceActivity(speaking=True, offset_s=1.88)]
    assert activity("ACTIVITY_END") == [events.VoiceActivity(speaking=False, offset_s=1.88)]
    assert activity("TYPE_UNSPECIFIED") == []


@given(st.floats(0, 1e8))
def test_durations_are_read_back(value: float) -> None:
    assert seconds(f"{value!r}s") == value


@given(st.one_of(st.none(), st.text()))
def test_no_duration_raises(text: str | None) -> None:
    assert 0 <= seconds(text) < 1e9
