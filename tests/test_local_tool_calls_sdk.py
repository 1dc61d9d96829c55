"""Tools in every way that a script calls them, with the real google-genai SDK over real TLS.

The scripts check the answers: a conversation that goes as it should leaves no violation behind.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.genai import errors, types
from google.genai.live import AsyncSession
from local_sdk import LIVE, Log, Talk, talk

from voicecli.local.embedded import EmbeddedServer
from voicecli.local.script_file import parse
from voicecli.local.tool_check import Tools

CASCADE = "gemini-live-2.5-flash-preview"
SCRIPT = """
[[turn]]
user = "start the timer"
call = { name = "timer", args = { someName = 1, some_name = 2 }, expect = { result = "over" } }
say = "The timer: {result}."

[[turn]]
user = "ask for both"
calls = [
    { name = "sunrise", expect = { rises = { some_key = 1, someKey = "x" } } },
    { name = "sunset", expect_error = true },
]
say = "From {result.rises} on."

[[turn]]
user = "wait for nothing"
call = { name = "slow", cancel_after_s = 1 }
say = "It came."

[[turn]]
user = "work it out"
code = { source = "print(6 * 7)", output = "42\\n" }
urls = [{ uri = "https://example.org/a" }, { uri = "https://example.org/b", status = "ERROR" }]
sources = [{ title = "Example", uri = "https://example.org/c" }]
say = "It is forty-two."

[[turn]]
user = "crash it"
code = { source = "1 / 0", output = "ZeroDivisionError", failed = true }
say = "That failed."
"""


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(parse(SCRIPT.encode(), "test"), speed=20.0) as running:
        yield running


def violations(server: EmbeddedServer) -> list[str]:
    return [str(one).removeprefix("the client ") for one in server.server.violations]


def offering(*names: str, background: bool = True) -> types.Tool:
    behavior = types.Behavior.NON_BLOCKING if background else types.Behavior.BLOCKING
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    return types.Tool(
        function_declarations=[
            types.FunctionDeclaration(name=name, behavior=behavior, parameters_json_schema=schema)
            for name in names
        ]
    )


async def called(session: AsyncSession, log: Log, text: str) -> list[types.FunctionCall]:
    await session.send_realtime_input(text=text)
    asked = await log.read_until(session, "tool_call")
    return list(asked.function_calls)


async def answer(session: AsyncSession, call: types.FunctionCall, **fields: object) -> None:
    response = types.FunctionResponse(id=call.id, name=call.name, **fields)  # type: ignore[arg-type]
    await session.send_tool_response(function_responses=[response])


async def hear(session: AsyncSession, log: Log, words: str) -> None:
    """Wait until the model has said `words`, and its turn is over."""
    while words not in log.words():
        await log.read_until(session, "output_transcription")
    await log.read_turn(session)


async def hello(session: AsyncSession, log: Log) -> None:
    await session.send_realtime_input(text="hello")
    await hear(session, log, "You said: hello")


WHEN_IDLE = types.FunctionResponseScheduling.WHEN_IDLE
SILENT = types.FunctionResponseScheduling.SILENT
INTERRUPT = types.FunctionResponseScheduling.INTERRUPT


def test_partial_results_come_in_the_background_while_both_talk(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        (call,) = await called(session, log, "start the timer")
        assert call.args == {"someName": 1, "some_name": 2}
        await log.read_turn(session)
        await answer(
            session, call, response={"result": "runs"}, will_continue=True, scheduling=WHEN_IDLE
        )
        await hear(session, log, "The timer: runs.")
        await answer(
            session, call, response={"result": "quiet"}, will_continue=True, scheduling=SILENT
        )
        await hello(session, log)
        await answer(
            session, call, response={"result": "over"}, will_continue=True, scheduling=INTERRUPT
        )
        await hear(session, log, "The timer: over.")
        await answer(session, call, response={}, will_continue=False, scheduling=SILENT)
        await hello(session, log)

    log = talk(server, conversation, tools=[offering("timer")])
    assert "quiet" not in log.words()
    assert log.words().count("The timer:") == 2, "the empty last answer is not spoken of"
    assert violations(server) == []


def test_several_calls_of_one_message_are_answered_in_any_order(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        rises, sets = await called(session, log, "ask for both")
        await answer(session, sets, response={"error": "the sun does not set"})
        await answer(session, rises, response={"rises": {"some_key": 1, "someKey": "x", "more": 1}})
        await log.read_turn(session)

    talk(server, conversation, tools=[offering("sunrise", "sunset", background=False)])
    assert violations(server) == []


def test_what_a_script_does_not_expect_is_found(server: EmbeddedServer) -> None:
    ids: list[str] = []

    async def conversation(session: AsyncSession, log: Log) -> None:
        rises, sets = await called(session, log, "ask for both")
        ids.extend([str(rises.id), str(sets.id)])
        await answer(session, rises, response={"rises": {"someKey": 1}})
        await answer(session, sets, response={"result": "20:00"})
        await log.read_turn(session)

    talk(server, conversation, tools=[offering("sunrise", "sunset", background=False)])
    assert violations(server) == [
        f"answered the call '{ids[0]}' with 'someKey' for 'rises.some_key': "
        "the case of keys is the user's",
        f"answered the call '{ids[1]}' without an error, where the script expects one",
    ]


def test_what_a_blocking_call_does_not_take_is_ignored_and_found(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        (call,) = await called(session, log, "start the timer")
        await answer(
            session, call, response={"result": "over"}, will_continue=True, scheduling=SILENT
        )
        await hear(session, log, "The timer: over.")
        await answer(session, call, response={"result": "over"})
        await hello(session, log)

    talk(server, conversation, tools=[offering("timer", background=False)])
    found = " ".join(violations(server))
    assert "with will_continue, which only NON_BLOCKING calls take" in found
    assert "with a scheduling, which only NON_BLOCKING calls take" in found
    assert "that was answered already" in found


@pytest.mark.parametrize("background", [True, False])
def test_a_call_is_cancelled_by_the_server_after_its_time(
    server: EmbeddedServer, background: bool
) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        (call,) = await called(session, log, "wait for nothing")
        cancelled = await log.read_until(session, "tool_call_cancellation")
        assert cancelled.ids == [call.id]
        await hello(session, log)

    log = talk(server, conversation, tools=[offering("slow", background=background)])
    assert "It came." not in log.words()
    assert violations(server) == []


GOOGLE = types.Tool(
    google_search=types.GoogleSearch(),
    code_execution=types.ToolCodeExecution(),
    url_context=types.UrlContext(),
)


def one_turn(text: str) -> Talk:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_realtime_input(text=text)
        await log.read_turn(session)

    return conversation


def test_code_pages_sources_and_functions_go_together(server: EmbeddedServer) -> None:
    log = talk(
        server,
        one_turn("work it out"),
        model=CASCADE,
        tools=[GOOGLE, offering("timer")],
        output_audio_transcription=types.AudioTranscriptionConfig(),
    )
    code, result = (turn.parts[0] for turn in log.values("model_turn")[:2])
    assert code.executable_code.language is types.Language.PYTHON
    assert code.executable_code.code == "print(6 * 7)"
    assert result.code_execution_result.outcome is types.Outcome.OUTCOME_OK
    assert result.code_execution_result.output == "42\n"
    (pages,) = log.values("url_context_metadata")
    assert [(page.retrieved_url, page.url_retrieval_status) for page in pages.url_metadata] == [
        ("https://example.org/a", types.UrlRetrievalStatus.URL_RETRIEVAL_STATUS_SUCCESS),
        ("https://example.org/b", types.UrlRetrievalStatus.URL_RETRIEVAL_STATUS_ERROR),
    ]
    assert log.values("grounding_metadata")
    assert log.names()[0] == "model_turn", "the code comes ahead of the words"
    assert log.words() == "It is forty-two."


def test_code_that_failed_says_so(server: EmbeddedServer) -> None:
    log = talk(server, one_turn("crash it"), model=CASCADE, tools=[GOOGLE])
    result = log.values("model_turn")[1].parts[0].code_execution_result
    assert result.outcome is types.Outcome.OUTCOME_FAILED


def test_what_was_not_offered_is_not_used(server: EmbeddedServer) -> None:
    log = talk(server, one_turn("work it out"), model=CASCADE)
    used = {"model_turn", "url_context_metadata", "grounding_metadata"}
    assert not used & set(log.names())


def test_models_without_code_execution_refuse_the_setup(server: EmbeddedServer) -> None:
    with pytest.raises(errors.APIError) as refused:
        talk(server, one_turn("work it out"), tools=[GOOGLE])
    assert refused.value.code == 1007


@pytest.mark.parametrize("model", [LIVE, CASCADE, "gemini-3.1-flash-live-preview"])
def test_tools_are_withdrawn_and_offered_in_the_middle(server: EmbeddedServer, model: str) -> None:
    offered = offering("timer", background=False)

    async def blocking(session: AsyncSession, log: Log) -> None:
        (call,) = await called(session, log, "start the timer")
        assert server.server.tools == (Tools({"timer": "BLOCKING"}),)
        await session.send_context_update(tools=[])
        await answer(session, call, response={"result": "over"})
        await hear(session, log, "The timer: over.")
        await session.send_realtime_input(text="start the timer")
        await hear(session, log, "You said: start the timer")
        assert server.server.tools == (Tools(),)
        await session.send_context_update(
            tools=[offering("timer", "other", background=False)], system_instruction="Be brief."
        )
        await called(session, log, "start the timer")

    talk(
        server,
        blocking,
        model=model,
        tools=[offered],
        output_audio_transcription=types.AudioTranscriptionConfig(),
    )
    assert server.server.tools == (Tools({"timer": "BLOCKING", "other": "BLOCKING"}),)
    assert violations(server) == []


def test_a_bad_update_ends_the_session_like_a_bad_setup(server: EmbeddedServer) -> None:
    async def conversation(session: AsyncSession, log: Log) -> None:
        await session.send_context_update(tools=[GOOGLE])
        await log.read_turn(session)

    with pytest.raises(errors.APIError) as refused:
        talk(server, conversation)
    assert refused.value.code == 1007
