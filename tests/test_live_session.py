"""The session over a real socket, with the real SDK: what it sends, and what it survives."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from live_reader import Reader
from pydantic import ValidationError
from scripted_server import (
    Act,
    AnswerSetup,
    Call,
    CloseAtSetup,
    IgnoreSetup,
    Refuse,
    ScriptedServer,
    scripted_server,
)
from virtual_time import run_virtually

from voicecli.errors import (
    CredentialsError,
    NetworkError,
    QuotaError,
    UsageError,
    VoicecliError,
)
from voicecli.live import events as live
from voicecli.live.endpoint import Endpoint
from voicecli.live.history import Resume, Said
from voicecli.live.items import Signal, Sound, ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.settings.key import ApiKey

SETUP = Setup(DEFAULT_MODEL)
TURN_END = {"serverContent": {"turnComplete": True}}

Play = Callable[[LiveSession, ScriptedServer], Awaitable[None]]


def perform(folder: Path, scenes: list[Act], play: Play, setup: Setup = SETUP) -> ScriptedServer:
    """Run `play` with a session on a server of `scenes`, within a deadline."""

    async def main() -> ScriptedServer:
        async with asyncio.timeout(20), scripted_server(folder, scenes) as server:
            async with LiveSession(server.endpoint, setup) as session:
                await play(session, server)
            return server

    return asyncio.run(main())


async def until(session: LiveSession, last: type[live.LiveEvent]) -> list[live.LiveEvent]:
    """The events up to the first of type `last`."""
    found: list[live.LiveEvent] = []
    tending = asyncio.create_task(session.tend())
    try:
        async for event in session.events():
            found.append(event)
            if isinstance(event, last):
                return found
    finally:
        tending.cancel()
    raise AssertionError(f"no {last.__name__} came, but {found}")


def test_what_is_sent_arrives_as_the_api_has_it(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        for _ in range(4):
            heard.append(await call.hear())
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        await session.send(Sound(b"\x00\x01\xff\xfe"))
        await session.send(Typed("hello"))
        await session.send(ToolResult("f1", "now", {"result": {"some_key": 1}}))
        await session.send(Signal.AUDIO_STREAM_END)
        await until(session, live.TurnComplete)

    declaration = FunctionDeclaration("now", "time", {"type": "object"})
    server = perform(tmp_path, [scene], play, Setup(DEFAULT_MODEL, functions=(declaration,)))
    audio, text, results, end = heard
    blob = audio["realtime_input"]["audio"]
    assert base64.urlsafe_b64decode(blob["data"]) == b"\x00\x01\xff\xfe"
    assert blob["mime_type"] == "audio/pcm;rate=16000"
    assert text == {"realtime_input": {"text": "hello"}}
    (result,) = results["tool_response"]["functionResponses"]
    assert (result["id"], result["response"]) == ("f1", {"result": {"some_key": 1}})
    assert end == {"realtime_input": {"audioStreamEnd": True}}
    (setup,) = server.setups
    assert setup["model"] == f"models/{DEFAULT_MODEL}"
    assert setup["tools"][0]["functionDeclarations"][0]["behavior"] == "BLOCKING"


def test_a_model_that_takes_no_realtime_text_gets_client_content(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        heard.append(await call.hear())
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        await session.send(Typed("hello"))
        await until(session, live.TurnComplete)

    perform(tmp_path, [scene], play, Setup("gemini-2.5-flash-native-audio-preview-12-2025"))
    assert heard == [
        {
            "client_content": {
                "turns": [{"parts": [{"text": "hello"}], "role": "user"}],
                "turnComplete": True,
            }
        }
    ]


def test_messages_without_a_meaning_or_of_the_future_do_not_end_the_conversation(
    tmp_path: Path,
) -> None:
    async def scene(call: Call) -> None:
        await call.say({}, {"serverContent": {}}, {"brandNew": {"a": 1}})
        for text in ("{not json", "[1]", '"text"', "5", '{"code": 0, "error": "text"}'):
            await call.socket.send(text)
        await call.socket.send(b"")
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        found = await until(session, live.TurnComplete)
        assert [type(event) for event in found] == [
            live.Connected,
            *[live.Unrecognised] * 8,
            live.TurnComplete,
        ]
        assert session.oddities == {"empty message": 2, "message that is not understood": 6}

    perform(tmp_path, [scene], play)


def test_one_stream_of_events_goes_on_over_turns(tmp_path: Path) -> None:
    update = {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}}

    async def scene(call: Call) -> None:
        await call.say(TURN_END, update, TURN_END)
        await call.say({"voiceActivity": {"type": "ACTIVITY_START", "audioOffset": "1.880s"}})
        await call.say({"goAway": {"timeLeft": "50s"}})
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        assert await until(session, live.GoAway) == [
            live.Connected(),
            live.TurnComplete(),
            live.ResumptionUpdate("h1", resumable=True),
            live.TurnComplete(),
            live.VoiceActivity(speaking=True, offset_s=1.88),
            live.GoAway(50.0),
        ]

    perform(tmp_path, [scene], play)


def test_a_lost_connection_is_resumed_with_the_last_handle(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        for handle in ("h1", "h2"):
            await call.say({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})
        await call.say({"sessionResumptionUpdate": {"resumable": False}})
        await call.hang_up(1011, "The service is currently unavailable.")

    async def goes_on(call: Call) -> None:
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        found = await until(session, live.TurnComplete)
        reconnecting = [event for event in found if isinstance(event, live.Reconnecting)]
        assert [event.attempt for event in reconnecting] == [1]
        assert "currently unavailable" in reconnecting[0].reason
        assert live.Connected(resumed=True) in found

    server = perform(tmp_path, [loses, goes_on], play)
    assert [setup["sessionResumption"] for setup in server.setups] == [{}, {"handle": "h2"}]


def test_a_dead_handle_is_dropped_and_a_new_session_begun(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.say({"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}})
        await call.hang_up(1011)

    async def goes_on(call: Call) -> None:
        await call.say(TURN_END)
        await call.wait()

    dead = CloseAtSetup(1008, "BidiGenerateContent session not found")

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        assert live.Connected(resumed=False) in await until(session, live.TurnComplete)

    server = perform(tmp_path, [loses, dead, Refuse(503), goes_on], play)
    handles = [setup["sessionResumption"].get("handle") for setup in server.setups]
    assert handles == [None, "h1", None]


def test_words_typed_while_there_is_no_connection_are_sent_on_the_next(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def listens(call: Call) -> None:
        assert await call.hear() == {"realtime_input": {"text": "still there?"}}
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        reader = Reader(session)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(reader.run())
            await reader.until(live.Reconnecting)
            await session.send(Typed("still there?"))
            await reader.until(live.TurnComplete)
            reading.cancel()

    perform(tmp_path, [loses, listens], play)


def test_words_on_a_connection_that_died_unnoticed_are_sent_on_the_next(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def loses(call: Call) -> None:
        await call.hang_up(1011)
        gone.set()

    async def listens(call: Call) -> None:
        assert await call.hear() == {"realtime_input": {"text": "still there?"}}
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        await gone.wait()
        await session.send(Typed("still there?"))
        await until(session, live.TurnComplete)

    perform(tmp_path, [loses, listens], play)


def test_a_quota_that_stays_used_up_ends_the_events(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        with pytest.raises(QuotaError):
            await until(session, live.TurnComplete)

    assert perform(tmp_path, [loses, Refuse(429)], play).connections > 2


def test_a_mistake_of_our_own_is_raised_as_it_is(tmp_path: Path) -> None:
    async def play(session: LiveSession, server: ScriptedServer) -> None:
        raise AssertionError("connected")

    wrong = Setup(DEFAULT_MODEL, temperature="hot")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        perform(tmp_path, [Refuse(503)], play, wrong)


def test_a_verdict_to_stop_ends_the_events_with_its_error(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hang_up(1007, "API key not valid. Please pass a valid API key.")

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        with pytest.raises(CredentialsError):
            await until(session, live.TurnComplete)

    assert perform(tmp_path, [scene], play).connections == 1


def test_a_key_that_is_refused_on_the_way_back_ends_the_events(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        with pytest.raises(CredentialsError):
            await until(session, live.TurnComplete)

    assert perform(tmp_path, [loses, Refuse(403)], play).connections == 2


def test_leaving_ends_the_events_quietly(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        async def read() -> list[live.LiveEvent]:
            return [event async for event in session.events()]

        async with asyncio.TaskGroup() as group:
            reader = group.create_task(read())
            await session.send(Typed("hi"))
            await session.__aexit__(None, None, None)
        assert reader.result() == [live.Connected()]

    perform(tmp_path, [scene], play)


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        (Refuse(401), CredentialsError),
        (Refuse(503), NetworkError),
        (CloseAtSetup(1007, "API key not valid."), CredentialsError),
        (CloseAtSetup(1007, "Request contains an invalid argument."), UsageError),
        (CloseAtSetup(1008, "models/x is not found for API version v1"), UsageError),
    ],
)
def test_a_first_connection_that_fails_says_why_and_is_not_repeated(
    tmp_path: Path, scene: Refuse | CloseAtSetup, kind: type[VoicecliError]
) -> None:
    async def play(session: LiveSession, server: ScriptedServer) -> None:
        raise AssertionError("connected")

    with pytest.raises(kind) as caught:
        perform(tmp_path, [scene], play)
    assert "a-key-for-tests" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("message", [TURN_END, {"error": {"code": 400}}, [1], "text"])
def test_a_first_message_that_is_no_setup_complete_is_an_error(
    tmp_path: Path, message: object
) -> None:
    async def play(session: LiveSession, server: ScriptedServer) -> None:
        raise AssertionError("connected")

    with pytest.raises(NetworkError, match="did not accept"):
        perform(tmp_path, [AnswerSetup(message)], play)


def test_a_first_message_of_that_kind_on_the_way_back_is_followed_by_another_try(
    tmp_path: Path,
) -> None:
    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def goes_on(call: Call) -> None:
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        await until(session, live.TurnComplete)

    assert perform(tmp_path, [loses, AnswerSetup(TURN_END), goes_on], play).connections == 3


def test_a_server_that_never_answers_the_setup_is_given_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(20),
            scripted_server(tmp_path, [IgnoreSetup()]) as server,
            LiveSession(server.endpoint, SETUP, connect_within_s=0.5),
        ):
            raise AssertionError("connected")

    with pytest.raises(NetworkError, match="did not answer in time"):
        asyncio.run(main())


def test_a_server_that_never_begins_tls_is_given_up() -> None:
    async def main() -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(listen, "localhost", 0)
        async with asyncio.timeout(20), server:
            port = server.sockets[0].getsockname()[1]
            endpoint = Endpoint(ApiKey("k", "test"), f"https://localhost:{port}")
            async with LiveSession(endpoint, SETUP, connect_within_s=0.2):
                raise AssertionError("connected")

    with pytest.raises(NetworkError, match="did not answer in time"):
        asyncio.run(main())


def test_a_host_name_that_cannot_be_one_is_a_network_error() -> None:
    async def main() -> None:
        async with LiveSession(Endpoint(ApiKey("k", "test"), "https://a..b"), SETUP):
            raise AssertionError("connected")

    with pytest.raises(NetworkError, match="cannot be reached"):
        asyncio.run(main())


def test_what_was_not_understood_is_logged_in_brief_and_without_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(call: Call) -> None:
        await call.socket.send("a-key-for-tests " + "x" * 100_000)
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, server: ScriptedServer) -> None:
        await until(session, live.TurnComplete)

    perform(tmp_path, [scene], play)
    assert "not understood" in caplog.text
    assert "a-key-for-tests" not in caplog.text
    assert len(caplog.text) < 1000


def test_a_server_that_is_not_there_is_a_network_error() -> None:
    async def main() -> None:
        endpoint = Endpoint(ApiKey("k", "test"), "https://localhost:9")
        async with LiveSession(endpoint, SETUP):
            raise AssertionError("connected")

    with pytest.raises(NetworkError, match="cannot be reached"):
        asyncio.run(main())


def test_a_certificate_of_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    async def main() -> None:
        async with scripted_server(tmp_path, [scene]) as server:
            stranger = Endpoint(server.endpoint.key, server.endpoint.base_url)
            async with LiveSession(stranger, SETUP):
                raise AssertionError("connected")

    with pytest.raises(NetworkError, match="not trusted"):
        asyncio.run(main())


EARLIER = (Said("user", "long ago"), Said("model", "Indeed."))
TOLD = {
    "client_content": {
        "turns": [
            {"parts": [{"text": "long ago"}], "role": "user"},
            {"parts": [{"text": "Indeed."}], "role": "model"},
        ],
        "turnComplete": True,
    }
}


def resume_over(folder: Path, scenes: list[Act], handle: str | None) -> ScriptedServer:
    """Go on with an earlier conversation until its first turn has ended."""
    found: list[live.LiveEvent] = []

    async def main() -> ScriptedServer:
        async with asyncio.timeout(20), scripted_server(folder, scenes) as server:
            resume = Resume(handle, EARLIER)
            async with LiveSession(server.endpoint, SETUP, resume) as session:
                found.extend(await until(session, live.TurnComplete))
            return server

    server = asyncio.run(main())
    last = server.setups[-1]
    resumed = "handle" in last["sessionResumption"]
    assert found[0] == live.Connected(resumed=resumed, told=not resumed)
    return server


def test_an_earlier_conversation_goes_on_by_its_handle(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(TURN_END)
        await call.wait()

    (setup,) = resume_over(tmp_path, [scene], "h0").setups
    assert setup["sessionResumption"] == {"handle": "h0"}
    assert "historyConfig" not in setup


@pytest.mark.parametrize(
    "refusal",
    [
        CloseAtSetup(1008, "BidiGenerateContent session not found"),
        CloseAtSetup(1007, "Invalid session handle"),
        CloseAtSetup(1007, "Request contains an invalid argument."),
    ],
)
def test_where_its_handle_is_refused_it_is_told_before_anything_else(
    tmp_path: Path, refusal: CloseAtSetup
) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        heard.append(await call.hear())
        await call.say(TURN_END)
        await call.wait()

    server = resume_over(tmp_path, [refusal, scene], "h0")
    assert server.connections == 2
    assert server.setups[-1]["historyConfig"] == {"initial_history_in_client_content": True}
    assert heard == [TOLD]


def test_a_service_that_takes_no_history_at_the_start_is_told_all_the_same(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        heard.append(await call.hear())
        await call.say(TURN_END)
        await call.wait()

    refusal = CloseAtSetup(1007, "Request contains an invalid argument.")
    server = resume_over(tmp_path, [refusal, scene], None)
    assert "historyConfig" not in server.setups[-1]
    content = TOLD["client_content"]
    assert heard == [{"client_content": {**content, "turnComplete": False}}]


def test_a_refusal_that_has_nothing_to_do_with_it_ends_the_matter(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError):
        resume_over(tmp_path, [Refuse(403)], "h0")


def test_a_silent_service_is_left_and_a_sleeping_machine_connects_anew(tmp_path: Path) -> None:
    """Both in virtual time; the events tell why."""

    async def silent(call: Call) -> None:
        await call.hear()
        await call.wait()

    async def answers(call: Call) -> None:
        assert await call.hear() == {"realtime_input": {"text": "hello"}}
        await call.say(TURN_END)
        await call.wait()

    async def main() -> list[str]:
        slept_s = [0.0]
        now_s = asyncio.get_running_loop().time
        async with (
            asyncio.timeout(1_000),
            scripted_server(tmp_path, [silent, answers, answers]) as server,
            LiveSession(server.endpoint, SETUP, wall_s=lambda: now_s() + slept_s[0]) as session,
            asyncio.TaskGroup() as group,
        ):
            reader = Reader(session)
            reading = group.create_task(reader.run())
            await session.send(Typed("hello"))
            await reader.until(live.TurnComplete)
            slept_s[0] = 3_600.0
            await reader.until(live.Reconnecting, 2)
            reading.cancel()
            return [e.reason for e in reader.seen if isinstance(e, live.Reconnecting)]

    silence, sleep = run_virtually(main())
    assert "said nothing for 30 s" in silence
    assert "the machine has slept" in sleep


@pytest.mark.parametrize(("late_s", "lost"), [(30.0, False), (60.0, True)])
def test_a_pong_may_take_thirty_seconds_and_not_for_ever(
    tmp_path: Path, late_s: float, lost: bool
) -> None:
    """A server that reads nothing for a while sends no pongs; the healthy ones do so too."""

    async def busy(call: Call) -> None:
        await asyncio.sleep(late_s)
        for _ in range(100):
            await call.hear()
        await call.say(TURN_END)
        await call.wait()

    async def fresh(call: Call) -> None:
        await call.hear()
        await call.say(TURN_END)
        await call.wait()

    async def main() -> int:
        async with (
            asyncio.timeout(1_000),
            scripted_server(tmp_path, [busy, fresh]) as server,
            LiveSession(server.endpoint, SETUP) as session,
            asyncio.TaskGroup() as group,
        ):
            reader = Reader(session)
            reading = group.create_task(reader.run())
            for _ in range(100):
                await session.send(Sound(b"\0\0", loud=False))
            await reader.until(live.TurnComplete)
            reading.cancel()
            return reader.count(live.Reconnecting)

    assert run_virtually(main()) == lost
