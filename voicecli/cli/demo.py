"""`voicecli demo`: a spoken conversation with no key, no network and, if need be, no sound card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import typer

from voicecli.cli.talk import AsJson, NoSpeaker, OutputDevice

if TYPE_CHECKING:
    from voicecli.talk.script import Cue


async def demo_cues() -> AsyncIterator[Cue]:
    """The user's side: the fourth line is said over the reply to the third, and stops it."""
    from voicecli.talk.script import Cue

    yield Cue("Hello!")
    yield Cue("What time is it?")
    yield Cue("Tell me about the sea.")
    yield Cue("Thank you, that is enough.", into_reply_s=5.0)
    yield Cue("How tall is the Eiffel Tower?")
    yield Cue("Goodbye.")


def command(
    as_json: AsJson = False,
    no_speaker: NoSpeaker = False,
    output_device: OutputDevice = None,
) -> None:
    """Hear and see a conversation of six turns with the server on this machine."""
    from voicecli.cli.checks import errors_as_events
    from voicecli.cli.common import resolve_settings
    from voicecli.cli.hold import Wish, hold
    from voicecli.cli.logs import log_to_file
    from voicecli.cli.on_offer import OnOffer
    from voicecli.live.models import DEFAULT_MODEL
    from voicecli.tools.built_in.clock import current_time
    from voicecli.tools.toolbox import Toolbox

    log_to_file()
    flags = {
        "model": DEFAULT_MODEL,
        "local": True,
        "search": True,
        "output_device": output_device,
    }
    with errors_as_events(as_json=as_json):
        wish = Wish(
            resolve_settings(flags, None),
            demo_cues(),
            as_json=as_json,
            no_speaker=no_speaker,
            offer=OnOffer(Toolbox([current_time])),
            keeps=False,
        )
        raise typer.Exit(hold(wish))
