"""Builds a conversation from what the user asked for, and holds it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from voicecli.audio.microphone import Microphone
from voicecli.audio.quiet import stderr_without_libraries
from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.audio.wav_writer import WavWriter
from voicecli.cli.connect import open_endpoint
from voicecli.cli.hearing import load_listening
from voicecli.cli.keeping import Keeping, keeping, prune_quietly
from voicecli.cli.on_offer import OnOffer
from voicecli.cli.prints import prints_on_stderr
from voicecli.cli.signals import ending_on_signals
from voicecli.cli.sound import no_sound, open_sound, open_speaker_or_none
from voicecli.cli.transcript_file import transcript_file
from voicecli.errors import ExitCode, UsageError
from voicecli.live.endpoint import Endpoint
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Compression, Setup
from voicecli.live.unfit import read_thinking, unfit
from voicecli.settings import Resolved, Settings, system_text
from voicecli.talk.conversation import Conversation
from voicecli.talk.limits import Limits
from voicecli.talk.parts import Parts, SoundInput
from voicecli.talk.script import Cue
from voicecli.talk.view import View
from voicecli.talk.voice_file import VoiceFile
from voicecli.ui.choose import asks, choose_view

LOCAL_NOTE = "the voice and the answers come from the server on this machine, not from Gemini"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, beyond the settings."""

    resolved: Resolved
    script: AsyncIterator[Cue] | None
    as_json: bool = False
    no_microphone: bool = False
    no_speaker: bool = False
    offer: OnOffer = field(default_factory=OnOffer)
    save_audio: Path | None = None
    save_transcript: Path | None = None
    limits: Limits = field(default_factory=Limits)
    keeps: bool = True
    resumed: str | None = None
    """The conversation to go on with: the start of its ID, or `last`."""


def hold(wish: Wish) -> ExitCode:
    """Hold the conversation to its end. Raises VoicecliError for what fails before it begins."""
    setup = conversation_setup(wish)
    with ExitStack() as stack:
        # Before the files, so that a missing key does not empty what they held.
        endpoint = stack.enter_context(open_endpoint(wish.resolved))
        keeps = wish.keeps and wish.resolved.settings.history
        kept = stack.enter_context(
            keeping(wish.resolved.settings, endpoint, wish.resumed, keeps=keeps)
        )
        if keeps:
            prune_quietly(wish.resolved.settings.history_days)
        stack.enter_context(stderr_without_libraries())
        view = choose_view(sys.stdin, sys.stdout, sys.stderr, json=wish.as_json, environ=os.environ)
        stack.callback(view.close)
        stack.enter_context(prints_on_stderr())
        views = [view]
        if wish.save_transcript is not None:
            views.append(stack.enter_context(transcript_file(wish.save_transcript)))
        voice_file = None
        if wish.save_audio is not None:
            voice_file = VoiceFile(WavWriter(wish.save_audio))
        try:
            return asyncio.run(_converse(wish, setup, endpoint, views, voice_file, kept))
        except asyncio.CancelledError:
            return ExitCode.INTERRUPTED  # Ctrl-C twice


async def _converse(
    wish: Wish,
    setup: Setup,
    endpoint: Endpoint,
    views: Sequence[View],
    voice_file: VoiceFile | None,
    kept: Keeping,
) -> ExitCode:
    settings = wish.resolved.settings
    source, missing = None, None
    if wish.script is None:
        output, source = open_sound(
            settings.output_device,
            settings.input_device,
            no_speaker=wish.no_speaker,
            no_microphone=wish.no_microphone,
        )
    else:
        output, missing = open_speaker_or_none(settings.output_device, no_speaker=wish.no_speaker)
    parts = Parts(
        session=LiveSession(endpoint, setup, kept.resume),
        setup=setup,
        local=endpoint.local,
        sounds=PortAudioSystem(),
        speaker=Speaker(output),
        tools=wish.offer.toolbox,
        views=views,
        sound_input=None
        if source is None
        else SoundInput(Microphone(source), partial(load_listening, settings)),
        wanted_output=settings.output_device,
        wanted_input=settings.input_device,
        script=wish.script,
        voice_file=voice_file,
        recorder=kept.recorder,
        notes=(*((LOCAL_NOTE,) if endpoint.local else ()), *kept.notes),
        warnings=(*no_sound(missing), *kept.warnings, *wish.offer.warnings),
        limits=wish.limits,
        can_ask=any(map(asks, views)),
        servers=wish.offer.servers,
    )
    conversation = Conversation(parts, clock=time.monotonic)
    with ending_on_signals(lambda: conversation.quit(ExitCode.INTERRUPTED, "interrupted")):
        return await conversation.run()


def conversation_setup(wish: Wish) -> Setup:
    """The setup of the session.

    Raises UsageError for a system text that cannot be read, and for what the model does not have.
    """
    settings = wish.resolved.settings
    setup = Setup(
        model=settings.model,
        voice=settings.voice,
        language=settings.language,
        system=system_text(settings),
        temperature=settings.temperature,
        search=settings.search,
        code=settings.code,
        url_context=settings.url_context,
        thoughts=settings.thoughts,
        thinking=None if settings.thinking is None else read_thinking(settings.thinking),
        patience=Patience(settings.patience),
        push_to_talk=settings.push_to_talk and wish.script is None and not wish.no_microphone,
        interruptible=settings.barge_in,
        compression=_compression(settings),
    )
    if (error := unfit(setup)) is not None:
        raise error
    return setup


def _compression(settings: Settings) -> Compression | None:
    trigger_tokens = settings.context_compression_trigger_tokens
    target_tokens = settings.context_compression_target_tokens
    if not trigger_tokens:
        return None
    if target_tokens >= trigger_tokens:
        raise UsageError(
            "context_compression.target_tokens must be less than trigger_tokens",
            why=f"{target_tokens} is not less than {trigger_tokens}",
            hint="voicecli config show",
        )
    return Compression(trigger_tokens, target_tokens)
