"""What is sent over a session, each as one step that a lost connection may have to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicecli.audio.pcm import MIC_RATE_HZ
from voicecli.live.setup import Setup, text_as_content
from voicecli.live.user_input import Signal, UserInput

if TYPE_CHECKING:
    from google.genai import types
    from google.genai.live import AsyncSession

    Send = Callable[[AsyncSession], Awaitable[None]]

MIC_MIME_TYPE = f"audio/pcm;rate={MIC_RATE_HZ}"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to a function call; `response` becomes JSON, with `result` or `error` inside."""

    call_id: str
    name: str
    response: Mapping[str, object]


def user_input(item: UserInput) -> Send:
    """Sound, 16 kHz 16-bit mono PCM, or a signal about it."""
    from google.genai import types

    match item:
        case bytes():
            blob = types.Blob(data=item, mime_type=MIC_MIME_TYPE)
            return lambda sdk: sdk.send_realtime_input(audio=blob)
        case Signal.ACTIVITY_START:
            start = types.ActivityStart()
            return lambda sdk: sdk.send_realtime_input(activity_start=start)
        case Signal.ACTIVITY_END:
            end = types.ActivityEnd()
            return lambda sdk: sdk.send_realtime_input(activity_end=end)
        case Signal.AUDIO_STREAM_END:
            return lambda sdk: sdk.send_realtime_input(audio_stream_end=True)


def typed(text: str, setup: Setup, *, talking: bool) -> Send:
    """Words of the user that are to be answered; `talking` inside of an activity."""
    from google.genai import types

    if text_as_content(setup):
        turn = types.Content(role="user", parts=[types.Part(text=text)])
        return lambda sdk: sdk.send_client_content(turns=turn)
    if setup.push_to_talk and not talking:
        return lambda sdk: _as_activity(sdk, text)
    return lambda sdk: sdk.send_realtime_input(text=text)


async def _as_activity(sdk: AsyncSession, text: str) -> None:
    """Without automatic detection nothing counts that is not between these two."""
    await user_input(Signal.ACTIVITY_START)(sdk)
    await sdk.send_realtime_input(text=text)
    await user_input(Signal.ACTIVITY_END)(sdk)


def tool_results(results: Sequence[ToolResult]) -> Send:
    """Answers to function calls."""
    from google.genai import types

    answers: list[types.FunctionResponseOrDict] = [
        types.FunctionResponse(id=one.call_id, name=one.name, response=dict(one.response))
        for one in results
    ]
    return lambda sdk: sdk.send_tool_response(function_responses=answers)
