"""The views of one conversation: what one of them cannot show, the others still get."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from voicecli.errors import VoicecliError
from voicecli.talk.events import TalkEvent
from voicecli.talk.view import View


class Audience:
    """Shows every event to every view."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views

    def show(self, event: TalkEvent) -> None:
        """Show `event` to all, then raise the first failure of a view.

        BrokenPipeError: its reader is gone. VoicecliError: it cannot be written, as on a full disk.
        """
        failures = [failure for view in self._views if (failure := _failure(view, event))]
        if failures:
            raise failures[0]

    def tell(self, event: TalkEvent) -> None:
        """Show `event` to those that can still show it."""
        with suppress(BrokenPipeError, VoicecliError):
            self.show(event)

    def close(self) -> None:
        """Close all."""
        for view in self._views:
            view.close()


def _failure(view: View, event: TalkEvent) -> BrokenPipeError | VoicecliError | None:
    try:
        view.show(event)
    except (BrokenPipeError, VoicecliError) as error:
        return error
    except OSError as error:
        why = error.strerror or str(error)
        return VoicecliError("the output cannot be written", why=why, hint="make room for it")
    return None
