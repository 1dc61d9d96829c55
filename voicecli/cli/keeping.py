"""The record of a conversation that is about to begin: a new one, or one to go on with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from voicecli import __version__
from voicecli.errors import UsageError, VoicecliError
from voicecli.live.endpoint import Endpoint
from voicecli.live.history import Resume
from voicecli.paths import records_folder
from voicecli.settings import Settings
from voicecli.talk.history import History
from voicecli.talk.record_files import write_facts
from voicecli.talk.record_reading import settled_events_of, usable_handle
from voicecli.talk.recorder import Recorder, not_kept
from voicecli.talk.records import LAST, Record, Records
from voicecli.ui.markdown import MarkdownTranscript

# Where handles of the API come from and go to when the user names no other server.
GOOGLE = "google"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a conversation is kept, and what it goes on with; `warnings` with their hints."""

    recorder: Recorder | None = None
    resume: Resume | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@contextmanager
def keeping(
    settings: Settings, endpoint: Endpoint, wanted: str | None, *, keeps: bool
) -> Iterator[Keeping]:
    """The record for the block: `wanted` is the one to go on with, None for a new one.

    Nothing is kept without `keeps`. Raises UsageError if `wanted` is not there or goes on.
    """
    with ExitStack() as stack:
        if not keeps:
            yield Keeping()
        elif wanted is None:
            yield _new(settings, endpoint, stack)
        else:
            yield _going_on(settings, endpoint, wanted, stack)


def to_go_on_with(
    settings: Settings, *, last: bool, resumed: str | None, sound: bool
) -> str | None:
    """Which record to go on with, None for a new one.

    Raises UsageError for wishes that do not go together; `sound` is --record.
    """
    if last and resumed is not None:
        raise UsageError(
            "--continue and --resume cannot both be given",
            why="--continue is the last conversation, --resume another one",
            hint="voicecli sessions list",
        )
    asked = {"--continue": last, "--resume": resumed is not None, "--record": sound}
    option = next((name for name, given in asked.items() if given), None)
    if option is not None and not settings.history:
        raise UsageError(
            f"{option} needs a record",
            why="the setting `history` is off (--no-history)",
            hint="voicecli config show",
        )
    return LAST if last else resumed


def prune_quietly(days: int) -> None:
    """Remove old records aside, while the conversation begins; what fails goes to the log."""

    def prune() -> None:
        try:
            Records(records_folder()).prune(days, datetime.now(UTC))
        except (VoicecliError, OSError) as error:
            logger.warning("old records were not removed: %s", error)

    threading.Thread(target=prune, name="voicecli-prune", daemon=True).start()


def _new(settings: Settings, endpoint: Endpoint, stack: ExitStack) -> Keeping:
    now = datetime.now(UTC)
    title = f"Conversation of {now:%Y-%m-%d %H:%M} UTC with {settings.model}"
    began = {"began": now.isoformat(timespec="seconds"), "version": __version__}
    try:
        record = Records(records_folder()).create(now)
        recorder = _recorder(settings, endpoint, record, MarkdownTranscript(title), 0.0)
        stack.callback(_remove_if_empty, record, recorder)
        stack.enter_context(record.held())
        stack.callback(recorder.close)
        write_facts(
            record.files.session, {**began, "model": settings.model, "local": endpoint.local}
        )
    except OSError as error:
        return Keeping(warnings=(not_kept(records_folder(), error),))
    return Keeping(recorder)


def _going_on(settings: Settings, endpoint: Endpoint, wanted: str, stack: ExitStack) -> Keeping:
    record = Records(records_folder()).find(wanted)
    warnings: tuple[tuple[str, str], ...] = ()
    try:
        stack.enter_context(record.held())
    except OSError as error:
        warnings = (not_kept(record.folder, error),)
    history, last_s = History(), 0.0
    for event in settled_events_of(record):
        last_s = event.t_s
        history.take(event)
    server, now = _server(endpoint), datetime.now(UTC)
    handle = None if server is None else usable_handle(record, settings.model, server, now)
    recorder = _recorder(settings, endpoint, record, MarkdownTranscript(None), last_s)
    stack.callback(recorder.close)
    return Keeping(
        None if warnings else recorder,
        Resume(handle, history.all()),
        notes=(f"this goes on with the conversation {record.id}",),
        warnings=warnings,
    )


def _recorder(
    settings: Settings,
    endpoint: Endpoint,
    record: Record,
    markdown: MarkdownTranscript,
    from_s: float,
) -> Recorder:
    return Recorder(
        record.files,
        markdown.take,
        server=_server(endpoint),
        from_s=from_s,
        sound=settings.record,
    )


def _remove_if_empty(record: Record, recorder: Recorder) -> None:
    """Remove a record in which nothing was said: it would only be in the way."""
    if not recorder.anything_said:
        with suppress(VoicecliError):
            record.remove()


def _server(endpoint: Endpoint) -> str | None:
    """Who knows the handles that come from `endpoint`; None if nobody does after this process."""
    if endpoint.local:
        return None
    if endpoint.base_url is None:
        return GOOGLE
    return urlsplit(endpoint.base_url).netloc.rpartition("@")[2]
