"""Every server frame, compared letter by letter with live-api.md, section 3."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local import server_frames as frames


def test_the_plain_frames_are_as_on_the_wire() -> None:
    built = [
        frames.setup_complete(),
        frames.empty(),
        frames.content(),
        frames.interrupted(),
        frames.generation_complete(),
        frames.thought("**Title**\n\n…"),
        frames.user_words(" Hello"),
        frames.user_words("he", interim=True),
        frames.model_words(" foggy"),
        frames.voice_activity(1.88, speaking=True),
        frames.voice_activity(5, speaking=False),
        frames.resumption_update("95e91930"),
        frames.tool_call([("fc_3", "get_weather", {"city": "London"})]),
        frames.tool_call_cancellation(["fc_3"]),
        frames.grounding(["q"], [("https://x", "X")]),
        frames.executable_code("PYTHON", "print(1)"),
        frames.code_result("1\n", failed=False),
        frames.code_result("oh", failed=True),
        frames.url_context([("https://x", "SUCCESS"), ("https://y", "ERROR")]),
    ]
    assert [frames.encode(frame) for frame in built] == [
        '{"setupComplete":{}}',
        "{}",
        '{"serverContent":{}}',
        '{"serverContent":{"interrupted":true}}',
        '{"serverContent":{"generationComplete":true}}',
        '{"serverContent":{"modelTurn":{"parts":[{"text":"**Title**\\n\\n…","thought":true}]}}}',
        '{"serverContent":{"inputTranscription":{"text":" Hello"}}}',
        '{"serverContent":{"interimInputTranscription":{"text":"he"}}}',
        '{"serverContent":{"outputTranscription":{"text":" foggy"}}}',
        '{"voiceActivity":{"type":"ACTIVITY_START","audioOffset":"1.880s"}}',
        '{"voiceActivity":{"type":"ACTIVITY_END","audioOffset":"5.000s"}}',
        '{"sessionResumptionUpdate":{"newHandle":"95e91930","resumable":true}}',
        '{"toolCall":{"functionCalls":'
        '[{"id":"fc_3","name":"get_weather","args":{"city":"London"}}]}}',
        '{"toolCallCancellation":{"ids":["fc_3"]}}',
        '{"serverContent":{"groundingMetadata":{"webSearchQueries":["q"],'
        '"groundingChunks":[{"web":{"uri":"https://x","title":"X"}}]}}}',
        '{"serverContent":{"modelTurn":{"parts":'
        '[{"executableCode":{"language":"PYTHON","code":"print(1)"}}]}}}',
        '{"serverContent":{"modelTurn":{"parts":'
        '[{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\\n"}}]}}}',
        '{"serverContent":{"modelTurn":{"parts":'
        '[{"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"oh"}}]}}}',
        '{"serverContent":{"urlContextMetadata":{"urlMetadata":['
        '{"retrievedUrl":"https://x","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_SUCCESS"},'
        '{"retrievedUrl":"https://y","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_ERROR"}]}}}',
    ]


def test_a_turn_ends_with_its_usage_in_one_frame() -> None:
    assert frames.turn_complete({"totalTokenCount": 1}) == {
        "serverContent": {"turnComplete": True},
        "usageMetadata": {"totalTokenCount": 1},
    }


def test_the_interaction_status_stands_beside_the_turns_end() -> None:
    frame = frames.turn_complete({}, "IN_PROGRESS")
    assert frame["serverContent"] == {"turnComplete": True, "interactionStatus": "IN_PROGRESS"}


@given(st.binary(), st.text())
def test_sound_is_in_the_standard_alphabet_and_shares_its_frame_with_words(
    pcm: bytes, words: str
) -> None:
    content = frames.sound(pcm, words)["serverContent"]
    assert isinstance(content, dict)
    (part,) = content["modelTurn"]["parts"]
    assert part["inlineData"]["mimeType"] == "audio/pcm;rate=24000"
    assert base64.b64decode(part["inlineData"]["data"], validate=True) == pcm
    assert content["modelTurn"]["role"] == "model"
    assert content.get("outputTranscription") == ({"text": words} if words else None)


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_the_keys_of_arguments_are_never_changed(args: dict[str, object]) -> None:
    frame = json.loads(frames.encode(frames.tool_call([("f", "name", args)])))
    assert frame["toolCall"]["functionCalls"][0]["args"] == args
