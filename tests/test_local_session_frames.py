"""Turns begin and end with the handles and the status that the model is known for."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from voicecli.local.json_fields import Fields
from voicecli.local.memory import empty_memory
from voicecli.local.script import Call, Reply
from voicecli.local.server_frames import Frame
from voicecli.local.session_frames import SessionFrames
from voicecli.local.setup_check import check_setup
from voicecli.local.tool_calls import CallGroup, MadeCall
from voicecli.local.usage import TurnUsage

EXTENDED = "gemini-3.8-live-extended-thinking"
LOW = {"thinkingConfig": {"thinkingLevel": "LOW"}}


def frames_of(model: str, **setup: object) -> SessionFrames:
    checked = check_setup(Fields({"model": model, **setup}), "v1")
    return SessionFrames(checked, empty_memory(schedules=True), lambda: "H")


def names(frames: Iterable[Frame]) -> list[str]:
    return [name for frame in frames for name in frame]


HANDLE = {"sessionResumptionUpdate": {"newHandle": "H", "resumable": True}}


def test_handles_come_with_the_opening_and_after_each_turn_and_none_meanwhile() -> None:
    frames = frames_of("gemini-3.8-live")
    assert list(frames.opening()) == [{"setupComplete": {}}, HANDLE]
    assert list(frames.turn_begins()) == [{"sessionResumptionUpdate": {"resumable": False}}]
    ended, handle = frames.turn_ends(TurnUsage())
    assert ended["serverContent"] == {"turnComplete": True}
    assert "usageMetadata" in ended
    assert handle == HANDLE


@pytest.mark.parametrize(("asked", "told"), [({}, False), ({"sessionResumption": {}}, True)])
def test_other_models_tell_handles_where_they_are_asked_for(
    asked: dict[str, object], told: bool
) -> None:
    frames = frames_of("gemini-3.1-flash-live-preview", **asked)
    for made in (frames.opening(), frames.turn_begins(), frames.turn_ends(TurnUsage())):
        assert ("sessionResumptionUpdate" in names(made)) == told


def test_the_status_is_told_as_long_as_a_call_is_open() -> None:
    memory = empty_memory(schedules=False)
    setup = check_setup(Fields({"model": EXTENDED, "generationConfig": LOW}), "v1")
    frames = SessionFrames(setup, memory, lambda: "H")
    made = MadeCall("a", Call("clock", {}), background=True)
    memory.background.add(CallGroup([made], Reply(say="x"), ""))
    statuses = []
    for _ in range(2):
        content = next(frames.turn_ends(TurnUsage()))["serverContent"]
        assert isinstance(content, dict)
        statuses.append(content["interactionStatus"])
        memory.background.cancel()
    assert statuses == ["IN_PROGRESS", "IDLE"]
