"""What is sent over a session, each as one step that a lost connection may have to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, assert_never

from voicecli.audio.pcm import MIC_RATE_HZ
from voicecli.live.history import Said
from voicecli.live.items import Signal, Sound, ToolResult, Typed
from voicecli.live.setup import Setup, text_as_content, tools_of

if TYPE_CHECKING:
    from google.genai.live import AsyncSession

    Send = Callable[[AsyncSession], Awaitable[None]]

MIC_MIME_TYPE = f"audio/pcm;rate={MIC_RATE_HZ}"


def sound(pieces: Sequence[Sound]) -> Send:
    """Pieces of the user's voice, as one message."""
    from google.genai import types

    pcm = b"".join(piece.pcm for piece in pieces)
    blob = types.Blob(data=pcm, mime_type=MIC_MIME_TYPE)
    return lambda sdk: sdk.send_realtime_input(audio=blob)


def signal(about_sound: Signal) -> Send:
    """A signal about the user's voice."""
    from google.genai import types

    match about_sound:
        case Signal.ACTIVITY_START:
            start = types.ActivityStart()
            return lambda sdk: sdk.send_realtime_input(activity_start=start)
        case Signal.ACTIVITY_END:
            end = types.ActivityEnd()
            return lambda sdk: sdk.send_realtime_input(activity_end=end)
        case Signal.AUDIO_STREAM_END:
            return lambda sdk: sdk.send_realtime_input(audio_stream_end=True)
        case _:
            assert_never(about_sound)


def _sendable(text: str) -> str:
    """Without halves of surrogate pairs, which no JSON that is sent may hold (RFC 8259, 8.2)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def typed(line: Typed, setup: Setup, *, talking: bool) -> Send:
    """Words of the user that are to be answered; `talking` inside of an activity."""
    text = _sendable(line.text)
    if text_as_content(setup):
        return content([Said("user", text)], answered=True)
    if setup.push_to_talk and not talking:
        return lambda sdk: _as_activity(sdk, text)
    return lambda sdk: sdk.send_realtime_input(text=text)


async def _as_activity(sdk: AsyncSession, text: str) -> None:
    """Without automatic detection nothing counts that is not between these two."""
    await signal(Signal.ACTIVITY_START)(sdk)
    await sdk.send_realtime_input(text=text)
    await signal(Signal.ACTIVITY_END)(sdk)


def content(turns: Sequence[Said], *, answered: bool) -> Send:
    """Turns of the conversation; unless `answered`, for the model to know and not to answer."""
    from google.genai import types

    told: list[types.ContentOrDict] = [
        types.Content(role=said.role, parts=[types.Part(text=_sendable(said.text))])
        for said in turns
    ]
    return lambda sdk: sdk.send_client_content(turns=told, turn_complete=answered)


def tool_result(result: ToolResult, *, background: bool, schedules: bool) -> Send:
    """The answer to a function call; in the `background` it may be one of several.

    Unless the model `schedules`, it is not told when to speak of it.
    """
    from google.genai import types

    answer = types.FunctionResponse(
        id=result.call_id, name=result.name, response=dict(result.response)
    )
    if background and (result.continues or result.over):
        answer.will_continue = result.continues
    if background and schedules and result.scheduling is not None:
        answer.scheduling = types.FunctionResponseScheduling(result.scheduling)
    return lambda sdk: sdk.send_tool_response(function_responses=[answer])


def tools(setup: Setup) -> Send:
    """All that the model may use from now on."""
    offered = tools_of(setup)
    return lambda sdk: sdk.send_context_update(tools=offered)


async def nothing(sdk: AsyncSession) -> None:
    """In place of what the service need not be told."""
