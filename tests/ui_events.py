"""One of each event, as docs/events.md shows them."""

from __future__ import annotations

from voicecli.live.events import Source
from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.usage import UsageTotals

SO_FAR = UsageTotals(1894, 210, 40, 2144, {"text": 812, "audio": 1055}, {"audio": 210}, 0.006555)

SAMPLES: tuple[talk.TalkEvent, ...] = (
    talk.SessionStarted(
        0.412,
        "gemini-3.8-live",
        "Kore",
        False,
        "Mic",
        "Headset",
        talk.Echo.CANCELLED,
        push_to_talk=False,
        patience=Patience.NORMAL,
    ),
    talk.StateChanged(0.4131, talk.State.LISTENING),
    talk.MuteChanged(2.5, muted=True),
    talk.TalkingChanged(2.75, talking=True),
    talk.Ducked(9.1, ducked=True),
    talk.VolumeChanged(3.0, 60),
    talk.PatienceChanged(3.5, Patience.HIGH),
    talk.DevicesListed(
        5.25,
        (
            talk.DeviceOption("input", 2, "Mic", default=True, current=True),
            talk.DeviceOption("output", 4, "Headset", default=False, current=False),
        ),
    ),
    talk.DeviceChanged(6.0, "output", "Headset"),
    talk.Transcript(9.25, "model", "The sea is big and blue.", True, "The sea is"),
    talk.Thinking(4.1, "Looking up the weather."),
    talk.AudioReceived(4.9, 9600, 0.2),
    talk.ToolCalled(4.2, "fc_38", "get_weather", {"city": "London"}),
    talk.ToolAsked(4.21, "fc_39", "add_note", {"text": "buy milk"}, always=True),
    talk.ToolDecided(6.4, "fc_39", "add_note", allowed=True, by="user"),
    talk.ToolProgress(8.6, "fc_40", "timer", {"left_s": 60}),
    talk.ToolFinished(4.85, "fc_38", "get_weather", 0.65, result={"temperature_c": 12}),
    talk.CodeWritten(7.1, "PYTHON", "print(6 * 7)"),
    talk.CodeRan(7.9, ok=True, output="42\n"),
    talk.SourcesCited(
        8.0, ("weather london",), (Source("https://weather.example.org/", "Weather"),)
    ),
    talk.Interrupted(9.2, 1.32, 2.4),
    talk.TurnEnded(9.3, 3, interrupted=True, heard_s=1.32),
    talk.UsageReported(
        9.31,
        *(626, 63, 40, 729, {"text": 312, "audio": 287}, {"audio": 63}),
        cost_usd=0.002112,
        so_far=SO_FAR,
    ),
    talk.Noted(601.5, "reconnected"),
    talk.Warned(30.0, "the microphone has been silent for 30 s", "voicecli devices"),
    talk.Failed(
        0.5, "The key was refused", "API key not valid.", "voicecli config show", exit_code=3
    ),
    talk.Ended(62.04, "you left", 6, 0, SO_FAR, "2026-11", {"empty message": 3}),
)
