"""The frames that SDKs really send (live-api.md, section 2), and the user's data inside of them.

The keys of arguments, responses and schemas belong to the user: reading a frame in two cases must
never change theirs.
"""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    Audio,
    AudioStreamEnd,
    ClientContent,
    ContextUpdate,
    NoObject,
    Picture,
    Said,
    SetupRequest,
    ToolAnswer,
    ToolAnswers,
    TypedText,
    parse,
)
from voicecli.local.refusal import INVALID_ARGUMENT, Refusal


def test_the_setup_is_passed_on_whole() -> None:
    (message,) = parse('{"setup":{"model":"models/M"}}')
    assert isinstance(message, SetupRequest)
    assert message.fields.text("model") == "models/M"


@pytest.mark.parametrize(
    "frame",
    [
        '{"client_content":{"turns":[{"parts":[{"text":"he"},{"text":"llo"}],"role":"user"}],'
        '"turnComplete":true}}',
        '{"clientContent":{"turns":[{"parts":[{"text":"hello"}]}],"turn_complete":true}}',
    ],
)
def test_client_content_is_read_in_both_cases(frame: str) -> None:
    assert parse(frame) == (ClientContent((Said("user", "hello"),), turn_complete=True),)


def test_client_content_without_turns_completes_what_came_before() -> None:
    assert parse('{"clientContent":{"turnComplete":true}}') == (ClientContent((), True),)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(Refusal, match="valid role"):
        parse('{"clientContent":{"turns":[{"role":"system","parts":[]}]}}')


@pytest.mark.parametrize(
    "frame",
    [
        '{"realtime_input":{"audio":{"data":"AAH__g==","mime_type":"audio/pcm;rate=16000"}}}',
        '{"realtimeInput":{"audio":{"data":"AAH//g==","mimeType":"audio/pcm;rate=16000"}}}',
        '{"realtimeInput":{"mediaChunks":[{"data":"AAH//g","mimeType":"audio/pcm"}]}}',
    ],
)
def test_audio_is_read_in_every_form(frame: str) -> None:
    assert parse(frame) == (Audio(b"\x00\x01\xff\xfe", 16_000),)


def test_audio_of_another_rate_says_so() -> None:
    (audio,) = parse('{"realtimeInput":{"audio":{"data":"","mimeType":"audio/pcm;rate=48000"}}}')
    assert audio == Audio(b"", 48_000)


@pytest.mark.parametrize(
    "blob",
    [
        {"data": "AAAA", "mimeType": "audio/pcm"},  # 3 bytes: half a sample
        {"data": "AAAAAA==", "mimeType": "audio/ogg"},
        {"data": "AAAAAA=="},
    ],
)
def test_sound_that_is_no_16_bit_pcm_is_refused(blob: dict[str, str]) -> None:
    with pytest.raises(Refusal, match=INVALID_ARGUMENT):
        parse(json.dumps({"realtimeInput": {"audio": blob}}))


def test_pictures_are_taken_note_of() -> None:
    frame = '{"realtime_input":{"video":{"data":"_9g=","mime_type":"image/jpeg"}}}'
    assert parse(frame) == (Picture("image/jpeg"),)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"text":"typed"}', TypedText("typed")),
        ('{"activityStart":{}}', ActivityStart()),
        ('{"activity_end":{}}', ActivityEnd()),
        ('{"audioStreamEnd":true}', AudioStreamEnd()),
        ('{"audio_stream_end":true}', AudioStreamEnd()),
    ],
)
def test_realtime_signals_are_read(body: str, message: object) -> None:
    assert parse(f'{{"realtime_input":{body}}}') == (message,)


def test_several_facts_in_one_realtime_input_come_in_the_order_of_time() -> None:
    body = {
        "activityEnd": {},
        "audioStreamEnd": True,
        "text": "t",
        "audio": {"data": "AAA=", "mimeType": "audio/pcm"},
        "activityStart": {},
    }
    kinds = [type(message).__name__ for message in parse(json.dumps({"realtimeInput": body}))]
    assert kinds == ["ActivityStart", "Audio", "TypedText", "ActivityEnd", "AudioStreamEnd"]


def test_a_stream_end_that_is_false_is_none() -> None:
    assert parse('{"realtimeInput":{"audioStreamEnd":false}}') == ()


def test_tool_responses_are_read_with_their_scheduling() -> None:
    frame = (
        '{"tool_response":{"functionResponses":[{"id":"f1","name":"get_time",'
        '"scheduling":"WHEN_IDLE","will_continue":true,"response":{"result":"10:00"}},{"id":"f2"}]}}'
    )
    first = ToolAnswer("f1", "get_time", {"result": "10:00"}, "WHEN_IDLE", will_continue=True)
    assert parse(frame) == (ToolAnswers((first, ToolAnswer("f2", "", {}))),)


@pytest.mark.parametrize("scheduling", ["WHEN_IDLE", "SILENT", "INTERRUPT"])
def test_a_scheduling_is_one_of_three_or_unspecified(scheduling: str) -> None:
    def read(name: str) -> str:
        frame = {"toolResponse": {"functionResponses": [{"id": "f", "scheduling": name}]}}
        (message,) = parse(json.dumps(frame))
        assert isinstance(message, ToolAnswers)
        return message.answers[0].scheduling

    assert read(scheduling) == scheduling
    assert read("SCHEDULING_UNSPECIFIED") == ""
    with pytest.raises(Refusal, match="Invalid value at"):
        read(scheduling.lower())


@pytest.mark.parametrize("response", ["text", ["list"], 1, False, 0, []])
def test_a_response_that_is_no_object_is_refused_and_known_for_it(response: object) -> None:
    frame = {"toolResponse": {"functionResponses": [{"id": "f", "response": response}]}}
    with pytest.raises(NoObject, match="Invalid value at"):
        parse(json.dumps(frame))


def test_a_context_update_carries_an_instruction() -> None:
    (message,) = parse('{"context_update":{"system_instruction":{"parts":[{"text":"x"}]}}}')
    assert isinstance(message, ContextUpdate)
    assert message.tools is None
    assert message.system is not None
    assert message.system.messages("parts")[0].text("text") == "x"


def test_a_context_update_carries_the_tools() -> None:
    (message,) = parse('{"contextUpdate":{"tools":{"tools":[]}}}')
    assert isinstance(message, ContextUpdate)
    assert message.tools is not None
    assert message.tools.messages("tools") == []


@given(
    st.dictionaries(
        st.text(max_size=9),
        st.integers() | st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
        max_size=5,
    )
)
def test_the_keys_of_a_response_are_never_changed(response: dict[str, object]) -> None:
    frame = {"toolResponse": {"functionResponses": [{"id": "f", "response": response}]}}
    (message,) = parse(json.dumps(frame))
    assert isinstance(message, ToolAnswers)
    assert message.answers[0].response == response


@given(st.binary(), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
def test_audio_survives_either_alphabet(half: bytes, encode: object) -> None:
    assert callable(encode)
    pcm = half + half
    body = {"audio": {"data": encode(pcm).decode(), "mimeType": "audio/pcm;rate=16000"}}
    assert parse(json.dumps({"realtimeInput": body})) == (Audio(pcm, 16_000),)


@pytest.mark.parametrize(
    "frame",
    ["{}", '{"setup":null}', '{"setup":{},"toolResponse":{}}'],
)
def test_a_frame_is_exactly_one_kind_of_message(frame: str) -> None:
    with pytest.raises(Refusal, match=INVALID_ARGUMENT):
        parse(frame)


@pytest.mark.parametrize("frame", ['{"set_up":{}}', '{"SETUP":{}}', '{"setup":{},"x":1}'])
def test_unknown_kinds_are_refused_by_name(frame: str) -> None:
    with pytest.raises(Refusal, match="Unknown name"):
        parse(frame)


KEYS = st.sampled_from(
    re.findall(
        r"\w+",
        "setup clientContent realtime_input toolResponse contextUpdate turns parts text role audio "
        "data mimeType functionResponses id response tools activityStart audioStreamEnd",
    )
)
FRAMES = st.dictionaries(
    KEYS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=2,
)


@given(FRAMES)
def test_any_frame_is_parsed_or_refused(frame: dict[str, object]) -> None:
    with suppress(Refusal):
        assert isinstance(parse(json.dumps(frame)), tuple)
