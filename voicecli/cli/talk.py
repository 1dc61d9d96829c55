"""`voicecli talk`: speak with the model, or send it a script."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicecli.talk.script import Cue

Text = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LINE",
        help="Say LINE instead of speaking, and the next one when the reply was played. "
        "Repeatable; @FILE: one turn a line; -: from standard input.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line and event.")]
NoMic = Annotated[bool, typer.Option("--no-mic", help="Leave the microphone off: type only.")]
NoSpeaker = Annotated[bool, typer.Option("--no-speaker", help="Play nothing.")]
SaveAudio = Annotated[
    Path | None, typer.Option(metavar="FILE.wav", help="Keep the model's voice, as it was heard.")
]
SaveTranscript = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep the words of both sides.")
]
Model = Annotated[str | None, typer.Option(metavar="NAME", help="The Live model.")]
Voice = Annotated[str | None, typer.Option(metavar="NAME", help="The model's voice, such as Kore.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Such as en-US or de-DE.")]
System = Annotated[
    str | None, typer.Option(metavar="TEXT|@FILE", help="What the model is told beforehand.")
]
Temperature = Annotated[float | None, typer.Option(help="From 0 (steady) to 2 (wild).")]
InputDevice = Annotated[
    str | None, typer.Option(metavar="DEVICE", help="The microphone: index or part of its name.")
]
OutputDevice = Annotated[
    str | None, typer.Option(metavar="DEVICE", help="The speaker: index or part of its name.")
]
NoEchoCancel = Annotated[
    bool,
    typer.Option(
        "--no-echo-cancel",
        help="Leave the echo in; the microphone is closed while the model speaks.",
    ),
]
Headphones = Annotated[
    bool, typer.Option("--headphones", help="There is no echo: the microphone stays open.")
]
BargeIn = Annotated[
    str | None, typer.Option(metavar="on|off", help="Whether speaking over the model stops it.")
]
Patience = Annotated[
    str | None,
    typer.Option(metavar="low|normal|high", help="How long a pause may be before the answer."),
]
PushToTalk = Annotated[
    bool, typer.Option("--push-to-talk", help="Tap space to talk, and again to send.")
]
Offered = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Let the model call this function of voicecli's own. Repeatable; "
        "`voicecli tools list` names them.",
    ),
]
Withheld = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Do not offer this function to the model. Repeatable."),
]
Search = Annotated[bool, typer.Option("--search", help="Let the model search the web.")]
Code = Annotated[
    bool, typer.Option("--code", help="Let the model write code that the service runs.")
]
UrlContext = Annotated[
    bool, typer.Option("--url-context", help="Let the model read pages by their addresses.")
]
Thoughts = Annotated[bool, typer.Option("--thoughts", help="Show in short what the model thinks.")]
Thinking = Annotated[
    str | None,
    typer.Option(metavar="LEVEL|TOKENS", help="How much it thinks: minimal to high, or tokens."),
]
NoHistory = Annotated[bool, typer.Option("--no-history", help="Keep nothing of what is said.")]
Record = Annotated[
    bool, typer.Option("--record", help="Keep the sound of both sides too, with the words.")
]
Continue = Annotated[bool, typer.Option("--continue", help="Go on with the last conversation.")]
Resumed = Annotated[
    str | None,
    typer.Option("--resume", metavar="ID", help="Go on with this one of `voicecli sessions list`."),
]
Local = Annotated[
    bool, typer.Option("--local", help="Talk with the local server, on this machine: no key.")
]
MaxCost = Annotated[
    float | None,
    typer.Option(metavar="USD", help="End politely when the tokens have cost so many US dollars."),
]
MaxMinutes = Annotated[
    float | None, typer.Option(metavar="N", help="End politely after so many minutes.")
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="A profile of the settings.")]


def _scripts(lines: Sequence[str]) -> dict[str, Path]:
    """The files among the lines of `--text`, each under what the user wrote."""
    return {f"--text {line}": Path(line[1:]) for line in lines if line[:1] == "@"}


def _of_hearing(
    no_echo_cancel: bool,
    headphones: bool,
    barge_in: str | None,
    patience: str | None,
    push_to_talk: bool,
) -> dict[str, object]:
    """The settings of how the user is heard; None where no flag was given."""
    return {
        "echo_cancel": False if no_echo_cancel else None,
        "headphones": headphones or None,
        "barge_in": barge_in,
        "patience": patience,
        "push_to_talk": push_to_talk or None,
    }


def _of_google(
    search: bool, code: bool, url_context: bool, thoughts: bool, thinking: str | None
) -> dict[str, object]:
    """The settings of what the service itself does for the model; None where no flag was given."""
    return {
        "search": search or None,
        "code": code or None,
        "url_context": url_context or None,
        "thoughts": thoughts or None,
        "thinking": thinking,
    }


def _of_keeping(no_history: bool, record: bool) -> dict[str, object]:
    """The settings of what is kept; None where no flag was given."""
    return {"history": False if no_history else None, "record": record or None}


def _check(
    texts: Sequence[str],
    save_audio: Path | None,
    save_transcript: Path | None,
    *,
    as_json: bool,
    no_mic: bool,
) -> None:
    """Raises UsageError for words that cannot come, or for a file that would be destroyed."""
    from voicecli.cli.checks import check_apart, check_words_come
    from voicecli.ui.choose import fits_screen

    screen = not as_json and fits_screen(sys.stdout, os.environ)
    check_words_come(texts, no_mic=no_mic, screen=screen)
    files = {"--save-audio": save_audio, "--save-transcript": save_transcript}
    check_apart({**_scripts(texts), **files})


def _script(texts: Sequence[str]) -> AsyncIterator[Cue] | None:
    """What is said for the user; None if the user speaks."""
    from voicecli.talk.script import cues, expanded

    return cues(expanded(texts), sys.stdin) if texts else None


def command(
    text: Text = None,
    as_json: AsJson = False,
    no_mic: NoMic = False,
    no_speaker: NoSpeaker = False,
    save_audio: SaveAudio = None,
    save_transcript: SaveTranscript = None,
    model: Model = None,
    voice: Voice = None,
    language: Language = None,
    system: System = None,
    temperature: Temperature = None,
    input_device: InputDevice = None,
    output_device: OutputDevice = None,
    no_echo_cancel: NoEchoCancel = False,
    headphones: Headphones = False,
    barge_in: BargeIn = None,
    patience: Patience = None,
    push_to_talk: PushToTalk = False,
    tool: Offered = None,
    no_tool: Withheld = None,
    search: Search = False,
    code: Code = False,
    url_context: UrlContext = False,
    thoughts: Thoughts = False,
    thinking: Thinking = None,
    no_history: NoHistory = False,
    record: Record = False,
    continued: Continue = False,
    resumed: Resumed = None,
    local: Local = False,
    max_cost: MaxCost = None,
    max_minutes: MaxMinutes = None,
    profile: Profile = None,
) -> None:
    """Talk with Gemini over microphone and speaker; the terminal shows both sides."""
    from voicecli.cli.checks import errors_as_events
    from voicecli.cli.common import resolve_settings
    from voicecli.cli.hold import Wish, hold
    from voicecli.cli.keeping import to_go_on_with
    from voicecli.cli.limits import limits_of
    from voicecli.cli.logs import log_to_file
    from voicecli.cli.on_offer import Choice, on_offer

    log_to_file()
    flags = {
        "model": model,
        "voice": voice,
        "language": language,
        "system": system,
        "temperature": temperature,
        "input_device": input_device,
        "output_device": output_device,
        **_of_hearing(no_echo_cancel, headphones, barge_in, patience, push_to_talk),
        **_of_google(search, code, url_context, thoughts, thinking),
        **_of_keeping(no_history, record),
        "local": local or None,
    }
    with errors_as_events(as_json=as_json):
        _check(text or (), save_audio, save_transcript, as_json=as_json, no_mic=no_mic)
        resolved = resolve_settings(flags, profile)
        resumed = to_go_on_with(resolved.settings, last=continued, resumed=resumed, sound=record)
        wish = Wish(
            resolved,
            _script(text or ()),
            as_json=as_json,
            no_microphone=no_mic,
            no_speaker=no_speaker,
            save_audio=save_audio,
            save_transcript=save_transcript,
            limits=limits_of(max_cost, max_minutes, resolved.settings),
            offer=on_offer(resolved, Choice(tool or (), no_tool or ())),
            resumed=resumed,
        )
        raise typer.Exit(hold(wish))
