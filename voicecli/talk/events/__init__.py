"""What a conversation tells its views: the screen, `--json`, the transcript file, the tests.

Every event carries `t_s`, seconds since the conversation began. docs/events.md documents their
form as JSON lines; field names there are a contract.
"""

from __future__ import annotations

from voicecli.talk.events.course import (
    AudioReceived,
    Echo,
    Ended,
    Failed,
    Interrupted,
    Noted,
    PatienceChanged,
    Role,
    SessionStarted,
    State,
    StateChanged,
    Thinking,
    Transcript,
    TurnEnded,
    UsageReported,
    Warned,
)
from voicecli.talk.events.devices import (
    DeviceChanged,
    DeviceOption,
    DevicesListed,
    Ducked,
    MuteChanged,
    TalkingChanged,
    VolumeChanged,
)
from voicecli.talk.events.tools import (
    CodeRan,
    CodeWritten,
    DecidedBy,
    SourcesCited,
    ToolAsked,
    ToolCalled,
    ToolDecided,
    ToolFinished,
    ToolProgress,
)

TalkEvent = (
    SessionStarted
    | StateChanged
    | MuteChanged
    | TalkingChanged
    | Ducked
    | VolumeChanged
    | PatienceChanged
    | DevicesListed
    | DeviceChanged
    | Transcript
    | Thinking
    | AudioReceived
    | ToolCalled
    | ToolAsked
    | ToolDecided
    | ToolProgress
    | ToolFinished
    | CodeWritten
    | CodeRan
    | SourcesCited
    | Interrupted
    | TurnEnded
    | UsageReported
    | Noted
    | Warned
    | Failed
    | Ended
)

__all__ = [
    "AudioReceived",
    "CodeRan",
    "CodeWritten",
    "DecidedBy",
    "DeviceChanged",
    "DeviceOption",
    "DevicesListed",
    "Ducked",
    "Echo",
    "Ended",
    "Failed",
    "Interrupted",
    "MuteChanged",
    "Noted",
    "PatienceChanged",
    "Role",
    "SessionStarted",
    "SourcesCited",
    "State",
    "StateChanged",
    "TalkEvent",
    "TalkingChanged",
    "Thinking",
    "ToolAsked",
    "ToolCalled",
    "ToolDecided",
    "ToolFinished",
    "ToolProgress",
    "Transcript",
    "TurnEnded",
    "UsageReported",
    "VolumeChanged",
    "Warned",
]
