"""Each thing that is said has one form on the wire, chosen by the setup: see live-api.md, 2."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Call, scripted_server

from voicecli.live import outgoing
from voicecli.live.client import make_client
from voicecli.live.connection import connect
from voicecli.live.history import Said
from voicecli.live.items import Signal, Sound, ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.setup import Dial, FunctionDeclaration, Setup

FLASH_31 = "gemini-3.1-flash-live-preview"
START: dict[str, Any] = {"realtime_input": {"activityStart": {}}}
END: dict[str, Any] = {"realtime_input": {"activityEnd": {}}}
TYPED = {"realtime_input": {"text": "hello"}}
CONTENT = {
    "client_content": {
        "turns": [{"parts": [{"text": "hello"}], "role": "user"}],
        "turnComplete": True,
    }
}


def on_the_wire(folder: Path, send: Any, count: int = 1) -> list[dict[str, Any]]:
    """The messages that the service gets from `send`."""
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        for _ in range(count):
            heard.append(await call.hear())

    async def main() -> None:
        async with asyncio.timeout(20), scripted_server(folder, [scene]) as server:
            endpoint = server.endpoint
            client = await asyncio.to_thread(make_client, endpoint)
            setup = Setup(DEFAULT_MODEL)
            connection = await connect(client, endpoint.key, setup, Dial(), within_s=10)
            assert await connection.send(send)
            await connection.close()
            assert not await connection.send(send), "gone, and that is no error"

    asyncio.run(main())
    return heard


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (Signal.ACTIVITY_START, START),
        (Signal.ACTIVITY_END, END),
        (Signal.AUDIO_STREAM_END, {"realtime_input": {"audioStreamEnd": True}}),
    ],
)
def test_each_signal_is_a_message_of_its_own(
    tmp_path: Path, item: Signal, message: dict[str, Any]
) -> None:
    assert on_the_wire(tmp_path, outgoing.signal(item)) == [message]


def test_sound_says_its_rate(tmp_path: Path) -> None:
    (message,) = on_the_wire(tmp_path, outgoing.sound([Sound(b"\x00\x01"), Sound(b"\xff\xfe")]))
    audio = message["realtime_input"]["audio"]
    assert base64.urlsafe_b64decode(audio["data"]) == b"\x00\x01\xff\xfe"
    assert audio["mime_type"] == "audio/pcm;rate=16000"


@pytest.mark.parametrize(
    ("setup", "talking", "messages"),
    [
        (Setup(DEFAULT_MODEL), False, [TYPED]),
        (Setup(DEFAULT_MODEL, interruptible=False), False, [CONTENT]),
        (Setup(DEFAULT_MODEL, push_to_talk=True), False, [CONTENT]),
        (Setup(FLASH_31), False, [TYPED]),
        (Setup(FLASH_31, interruptible=False), False, [TYPED]),
        (Setup(FLASH_31, push_to_talk=True), False, [START, TYPED, END]),
        (Setup(FLASH_31, push_to_talk=True), True, [TYPED]),
    ],
)
def test_typed_words_are_sent_so_that_they_are_answered(
    tmp_path: Path, setup: Setup, talking: bool, messages: list[dict[str, Any]]
) -> None:
    send = outgoing.typed(Typed("hello"), setup, talking=talking)
    assert on_the_wire(tmp_path, send, len(messages)) == messages


def test_the_keys_of_a_result_are_left_as_they_are(tmp_path: Path) -> None:
    result = ToolResult("f1", "now", {"result": {"some_key": 1}})
    (message,) = on_the_wire(
        tmp_path, outgoing.tool_result(result, background=False, schedules=True)
    )
    (answer,) = message["tool_response"]["functionResponses"]
    assert (answer["id"], answer["name"]) == ("f1", "now")
    assert answer["response"] == {"result": {"some_key": 1}}


@pytest.mark.parametrize("answered", [True, False])
def test_a_history_keeps_its_roles_and_says_whether_it_is_to_be_answered(
    tmp_path: Path, answered: bool
) -> None:
    turns = [Said("user", "hello"), Said("model", "Hi.")]
    (message,) = on_the_wire(tmp_path, outgoing.content(turns, answered=answered))
    assert message["client_content"] == {
        "turns": [
            {"parts": [{"text": "hello"}], "role": "user"},
            {"parts": [{"text": "Hi."}], "role": "model"},
        ],
        "turnComplete": answered,
    }


def test_half_of_a_surrogate_pair_becomes_the_sign_for_what_is_no_text(tmp_path: Path) -> None:
    (message,) = on_the_wire(
        tmp_path, outgoing.typed(Typed("a\ud800b"), Setup(FLASH_31), talking=False)
    )
    assert message == {"realtime_input": {"text": "a\ufffdb"}}
    told = outgoing.content([Said("user", "\udc00 \U0001f600")], answered=True)
    (message,) = on_the_wire(tmp_path, told)
    (turn,) = message["client_content"]["turns"]
    assert turn["parts"] == [{"text": "\ufffd \U0001f600"}]


@pytest.mark.parametrize(
    ("result", "extra"),
    [
        (ToolResult("f1", "now", {"result": 1}), {}),
        (
            ToolResult("f1", "now", {"result": 1}, scheduling="WHEN_IDLE"),
            {"scheduling": "WHEN_IDLE"},
        ),
        (
            ToolResult("f1", "now", {"result": 1}, scheduling="INTERRUPT", continues=True),
            {"scheduling": "INTERRUPT", "will_continue": True},
        ),
        (
            ToolResult("f1", "now", {}, scheduling="SILENT"),
            {"scheduling": "SILENT", "will_continue": False},
        ),
    ],
)
def test_a_result_in_the_background_says_when_to_speak_of_it_and_whether_more_follow(
    tmp_path: Path, result: ToolResult, extra: dict[str, object]
) -> None:
    plain = {"id": "f1", "name": "now", "response": dict(result.response)}
    unscheduled = {key: value for key, value in extra.items() if key != "scheduling"}
    for background, schedules, expected in (
        (True, True, {**plain, **extra}),
        (True, False, {**plain, **unscheduled}),
        (False, True, plain),
    ):
        send = outgoing.tool_result(result, background=background, schedules=schedules)
        (message,) = on_the_wire(tmp_path, send)
        assert message["tool_response"]["functionResponses"] == [expected]


def test_an_update_holds_all_tools_and_may_hold_none(tmp_path: Path) -> None:
    timer = FunctionDeclaration("timer", "waits", {"type": "object"}, background=True)
    setup = Setup(DEFAULT_MODEL, search=True, functions=(timer,))
    (message,) = on_the_wire(tmp_path, outgoing.tools(setup))
    assert message == {
        "contextUpdate": {
            "tools": {
                "tools": [
                    {"googleSearch": {}},
                    {
                        "functionDeclarations": [
                            {
                                "name": "timer",
                                "description": "waits",
                                "parameters_json_schema": {"type": "object"},
                                "behavior": "NON_BLOCKING",
                            }
                        ]
                    },
                ]
            }
        }
    }
    (message,) = on_the_wire(tmp_path, outgoing.tools(Setup(DEFAULT_MODEL)))
    assert message == {"contextUpdate": {"tools": {"tools": []}}}


def test_nothing_is_no_message(tmp_path: Path) -> None:
    async def nothing_and_a_signal(sdk: Any) -> None:
        await outgoing.nothing(sdk)
        await outgoing.signal(Signal.ACTIVITY_END)(sdk)

    assert on_the_wire(tmp_path, nothing_and_a_signal) == [END]
