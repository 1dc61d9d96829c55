"""Conversations of the real google-genai SDK, unpatched, over real TLS, with the local server.

The server is a second reading of the protocol: that Google's own client is content with it is the
best evidence there is that both read it right. Playback runs fast, so that nobody waits for turns
to end, except where a turn is to be interrupted.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

import pytest
from google.genai import errors, types
from google.genai.live import AsyncSession
from local_sdk import LIVE, Log, Talk, client_for, talk
from local_speech import bare_speech, needs_ears, needs_flite, silence, user_says

from voicecli.local.embedded import EmbeddedServer

CLOCK = types.FunctionDeclaration(name="current_time", behavior=types.Behavior.BLOCKING)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """Its playback is fast."""
    with EmbeddedServer(speed=50.0) as running:
        yield running


@pytest.fixture(scope="module")
def real_time_server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as running:
        yield running


def asking(text: str) -> Talk:
    """A conversation of one typed turn."""

    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text=text)
        await log.read_turn(session)

    return conversation


def asking_for_a_handle(text: str) -> Talk:
    """A conversation of one typed turn and the handle that follows it."""

    async def conversation(session: AsyncSession, log: Log) -> None:
        await asking(text)(session, log)
        while not (await log.read_until(session, "session_resumption_update")).resumable:
            pass

    return conversation


async def speak(session: AsyncSession, pcm: bytes, *, piece_bytes: int = 640) -> None:
    for start in range(0, len(pcm), piece_bytes):
        piece = pcm[start : start + piece_bytes]
        await session.send_realtime_input(
            audio=types.Blob(data=piece, mime_type="audio/pcm;rate=16000")
        )


def test_a_typed_turn_is_answered_in_the_order_of_the_wire(server: EmbeddedServer) -> None:
    log = talk(server, asking("hello"))
    names = [name for name in log.names() if name not in ("audio", "output_transcription")]
    assert names == ["generation_complete", "turn_complete", "usage_metadata"]
    assert log.words().startswith("Hello!")
    first_words = log.names().index("output_transcription")
    assert first_words <= log.names().index("audio") + 1
    spoken_s = sum(map(len, log.values("audio"))) / 48_000
    (usage,) = log.values("usage_metadata")
    assert usage.response_token_count == pytest.approx(25 * spoken_s, abs=1)
    assert {len(chunk) for chunk in log.values("audio")[:-1]} == {9_600}


def test_client_content_is_answered_too(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        turn = types.Content(role="user", parts=[types.Part(text="hello")])
        await session.send_client_content(turns=turn, turn_complete=True)
        await log.read_turn(session)

    assert talk(server, conversation).words().startswith("Hello!")


def test_several_turns_follow_each_other(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        for text in ("hello", "thank you", "goodbye"):
            await session.send_realtime_input(text=text)
            await log.read_turn(session)

    log = talk(server, conversation)
    assert len(log.values("turn_complete")) == 3
    assert "You are welcome." in log.words()


@needs_ears
@needs_flite
def test_a_spoken_sentence_is_recognised_and_answered(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await speak(session, user_says("tell me about the sea"))
        await log.read_turn(session)

    log = talk(server, conversation, input_audio_transcription=types.AudioTranscriptionConfig())
    assert log.words().startswith("The sea covers"), log.user_words()
    assert "sea" in log.user_words()
    assert len(log.values("voice_activity")) == 2


@needs_flite
def test_the_end_of_the_stream_answers_speech_without_silence_behind_it(
    server: EmbeddedServer,
) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await speak(session, user_says("tell me about the sea")[:-32_000], piece_bytes=100_000)
        await session.send_realtime_input(audio_stream_end=True)
        await log.read_turn(session)

    assert talk(server, conversation).words()


@needs_ears
@needs_flite
def test_a_client_that_left_in_the_middle_of_a_word_leaves_nothing_in_the_next_ones_ears(
    server: EmbeddedServer,
) -> None:
    async def leave(session: AsyncSession, log: Log) -> None:
        await speak(session, user_says("how tall is the tower")[:-48_000])
        await log.read_until(session, "voice_activity")

    async def stay(session: AsyncSession, log: Log) -> None:
        await speak(session, user_says("tell me about the sea"))
        await log.read_turn(session)

    for _ in range(3):
        talk(server, leave)
        assert talk(server, stay).words().startswith("The sea covers")


@needs_ears
@needs_flite
def test_the_clients_own_activity_replaces_detection(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(activity_start=types.ActivityStart())
        await speak(session, user_says("tell me about the sea"))
        await session.send_realtime_input(activity_end=types.ActivityEnd())
        await log.read_turn(session)

    disabled = types.AutomaticActivityDetection(disabled=True)
    config = types.RealtimeInputConfig(automatic_activity_detection=disabled)
    log = talk(server, conversation, realtime_input_config=config)
    assert log.words().startswith("The sea covers")
    assert not log.values("voice_activity")


def detection(**config: object) -> types.RealtimeInputConfig:
    return types.RealtimeInputConfig(
        automatic_activity_detection=types.AutomaticActivityDetection(**config)  # type: ignore[arg-type]
    )


@needs_flite
@pytest.mark.parametrize(
    ("config", "heard"),
    [
        (detection(silence_duration_ms=300), 2),
        (detection(silence_duration_ms=900), 1),
        (detection(end_of_speech_sensitivity=types.EndSensitivity.END_SENSITIVITY_HIGH), 2),
        (detection(end_of_speech_sensitivity=types.EndSensitivity.END_SENSITIVITY_LOW), 1),
        (detection(start_of_speech_sensitivity=types.StartSensitivity.START_SENSITIVITY_LOW), 2),
        (detection(prefix_padding_ms=5000), 0),
    ],
)
def test_the_setup_says_what_is_speech_and_when_it_ends(
    server: EmbeddedServer, config: types.RealtimeInputConfig, heard: int
) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        for _ in range(2):
            await speak(session, bare_speech("tell me about the sea") + silence(0.7))
        await speak(session, silence(0.5))
        while len(log.values("input_transcription")) < heard:
            await log.read_until(session, "input_transcription")
        # What is typed now is answered by itself, after all sound was heard.
        await session.send_realtime_input(text="that is all")
        while "that is all" not in log.words():
            await log.read_until(session, "output_transcription")

    transcription = types.AudioTranscriptionConfig()
    log = talk(
        server,
        conversation,
        realtime_input_config=config,
        input_audio_transcription=transcription,
    )
    assert len(log.values("voice_activity")) == 2 * heard


@needs_ears
@needs_flite
def test_the_transcriber_writes_down_what_is_said_and_answers_nothing(
    server: EmbeddedServer,
) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await speak(session, user_says("tell me about the sea"))
        await speak(session, user_says("how tall is the tower"))
        await session.send_realtime_input(audio_stream_end=True)
        await log.read_turn(session)

    log = talk(
        server,
        conversation,
        model="gemini-3.5-transcribe-live",
        response_modalities=[types.Modality.TEXT],
        input_audio_transcription=types.AudioTranscriptionConfig(),
    )
    assert len(log.values("input_transcription")) == 2
    assert "sea" in log.user_words()
    assert "tower" in log.user_words()
    assert log.values("interim_input_transcription")
    assert not log.values("audio")


def test_typing_over_a_reply_interrupts_its_generation(real_time_server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text="tell me about the sea")
        await log.read_until(session, "audio")
        await session.send_realtime_input(text="stop")
        await log.read_turn(session)
        await log.read_until(session, "audio")

    log = talk(real_time_server, conversation)
    assert log.names().count("interrupted") == 1
    at = log.names().index("interrupted")
    assert "generation_complete" not in log.names()[:at]
    assert log.names()[at + 1 : at + 3] == ["turn_complete", "usage_metadata"]
    assert "All right." in log.words()


def test_typing_during_the_playback_interrupts_after_the_generation(
    real_time_server: EmbeddedServer,
) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text="hello")
        await log.read_until(session, "generation_complete")
        await session.send_realtime_input(text="stop")
        await log.read_turn(session)

    log = talk(real_time_server, conversation)
    after = log.names()[log.names().index("generation_complete") :]
    assert after == ["generation_complete", "interrupted", "turn_complete", "usage_metadata"]


@needs_flite
def test_speaking_over_a_reply_interrupts_it(real_time_server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text="tell me about the sea")
        await log.read_until(session, "audio")
        await speak(session, user_says("thank you very much"))
        await log.read_turn(session)
        await log.read_until(session, "audio")

    log = talk(real_time_server, conversation)
    assert log.names().count("interrupted") == 1


def test_a_tool_is_called_and_its_result_spoken(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text="what time is it")
        asked = await log.read_until(session, "tool_call")
        (call,) = asked.function_calls
        assert call.name == "current_time"
        answer = types.FunctionResponse(
            id=call.id, name=call.name, response={"time": "14:05", "date": "2026-11-24"}
        )
        await session.send_tool_response(function_responses=[answer])
        await log.read_turn(session)

    log = talk(server, conversation, tools=[types.Tool(function_declarations=[CLOCK])])
    assert log.words() == "It is 14:05."


def test_typing_during_a_call_cancels_it(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text="what time is it")
        asked = await log.read_until(session, "tool_call")
        await session.send_realtime_input(text="hello")
        cancelled = await log.read_until(session, "tool_call_cancellation")
        assert cancelled.ids == [call.id for call in asked.function_calls]
        await log.read_until(session, "generation_complete")

    log = talk(server, conversation, tools=[types.Tool(function_declarations=[CLOCK])])
    assert log.words().startswith("Hello!")


def test_a_grounded_answer_has_its_sources(server: EmbeddedServer) -> None:
    search = [types.Tool(google_search=types.GoogleSearch())]
    log = talk(server, asking("how tall is the eiffel tower"), tools=search)
    (grounding,) = log.values("grounding_metadata")
    assert grounding.web_search_queries
    assert all(chunk.web.uri.startswith("https://") for chunk in grounding.grounding_chunks)
    assert not talk(server, asking("how tall is the eiffel tower")).values("grounding_metadata")


def test_thoughts_come_as_thoughts(server: EmbeddedServer) -> None:
    log = talk(
        server,
        asking("give me a puzzle"),
        model="gemini-3.1-flash-live-preview",
        thinking_config=types.ThinkingConfig(include_thoughts=True),
    )
    (thought,) = [part for turn in log.values("model_turn") for part in turn.parts]
    assert thought.thought
    assert thought.text


def test_extended_thinking_ends_its_turn_with_a_status(server: EmbeddedServer) -> None:
    log = talk(
        server,
        asking("hello"),
        model="gemini-3.8-live-extended-thinking",
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
    )
    assert log.values("interaction_status") == [types.InteractionStatus.IDLE]


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_every_version_is_served(server: EmbeddedServer, version: str) -> None:
    assert talk(server, asking("thank you"), version=version).words()


@pytest.mark.parametrize("suffix", ["/", "/some/prefix", "/prefix/"])
def test_slashes_and_prefixes_of_the_base_url_do_not_matter(
    server: EmbeddedServer, suffix: str
) -> None:
    assert talk(server, asking("thank you"), suffix=suffix).words()


@pytest.mark.filterwarnings("ignore::google.genai.errors.ExperimentalWarning")
def test_an_ephemeral_token_uses_the_constrained_method(server: EmbeddedServer) -> None:
    log = talk(server, asking("thank you"), version="v1alpha", key="auth_tokens/abc")
    assert log.words()


def refused(server: EmbeddedServer, **config: object) -> tuple[int, str]:
    async def nothing(session: AsyncSession, log: Log) -> None:
        raise AssertionError("the setup was accepted")

    with pytest.raises(errors.APIError) as refusal:
        talk(server, nothing, **config)  # type: ignore[arg-type]
    return refusal.value.code, str(refusal.value.message or refusal.value)


def test_setups_are_refused_with_the_services_codes_and_reasons(server: EmbeddedServer) -> None:
    level = types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)
    code, reason = refused(server, thinking_config=level)
    assert code == 1007
    assert "Thinking level is not supported for this model" in reason
    code, reason = refused(server, response_modalities=[types.Modality.TEXT])
    assert code == 1007
    assert "Request contains an invalid argument." in reason
    code, reason = refused(server, model="gemini-9-live")
    assert code == 1008
    assert "models/gemini-9-live is not found for API version v1, or is not" in reason


def test_a_session_is_resumed_by_its_handle(server: EmbeddedServer) -> None:
    log = talk(server, asking_for_a_handle("hello"))
    handle = log.values("session_resumption_update")[-1].new_handle
    resumed = talk(
        server,
        asking("hello"),
        session_resumption=types.SessionResumptionConfig(handle=handle),
    )
    (before,), (after,) = log.values("usage_metadata"), resumed.values("usage_metadata")
    assert after.prompt_token_count > before.prompt_token_count, "it remembers the conversation"


def test_a_session_is_resumed_with_another_setup_but_not_with_another_model(
    server: EmbeddedServer,
) -> None:
    log = talk(server, asking_for_a_handle("hello"))
    handle = log.values("session_resumption_update")[-1].new_handle
    resumption = types.SessionResumptionConfig(handle=handle)
    flash = "gemini-3.1-flash-live-preview"
    assert refused(server, model=flash, session_resumption=resumption)[0] == 1007

    async def tap(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(activity_start=types.ActivityStart())
        await session.send_realtime_input(activity_end=types.ActivityEnd())
        await session.send_realtime_input(text="hello")
        await log.read_turn(session)

    resumed = talk(
        server,
        tap,
        session_resumption=resumption,
        realtime_input_config=detection(disabled=True),
    )
    (usage,) = resumed.values("usage_metadata")
    (alone,) = talk(server, asking("hello")).values("usage_metadata")
    assert usage.prompt_token_count > alone.prompt_token_count, "it remembers the conversation"


@pytest.mark.parametrize(
    ("handle", "code", "reason"),
    [
        ("H1", 1007, "Invalid session handle"),
        ("95e91930-b35b-482b-8880-17efc49ec2f2", 1008, "BidiGenerateContent session not found"),
    ],
)
def test_an_unknown_handle_is_refused(
    server: EmbeddedServer, handle: str, code: int, reason: str
) -> None:
    resumption = types.SessionResumptionConfig(handle=handle)
    found = refused(server, session_resumption=resumption)
    assert found[0] == code
    assert reason in found[1]


def test_a_client_that_does_not_trust_the_authority_is_not_connected(
    server: EmbeddedServer,
) -> None:
    async def run() -> None:
        async with client_for(server.base_url, None).aio.live.connect(model=LIVE):
            raise AssertionError("connected")

    with pytest.raises(ssl.SSLError):
        asyncio.run(run())
