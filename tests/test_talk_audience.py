"""One view that fails takes nothing away from the others."""

from __future__ import annotations

import pytest

from voicecli.errors import VoicecliError
from voicecli.talk import events as talk
from voicecli.talk.audience import Audience
from voicecli.talk.view import Controls

NOTE = talk.Noted(1.0, "note")


class Listener:
    """A view that keeps what it is shown, or fails with `failure`."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.seen: list[talk.TalkEvent] = []
        self.closed = False

    def show(self, event: talk.TalkEvent) -> None:
        if self.failure is not None:
            raise self.failure
        self.seen.append(event)

    async def run(self, controls: Controls) -> None:
        """Nothing to serve."""

    def close(self) -> None:
        self.closed = True


def test_every_view_sees_every_event_and_is_closed() -> None:
    views = [Listener(), Listener()]
    audience = Audience(views)
    audience.show(NOTE)
    audience.tell(NOTE)
    audience.close()
    assert [view.seen for view in views] == [[NOTE, NOTE]] * 2
    assert all(view.closed for view in views)


@pytest.mark.parametrize("failure", [BrokenPipeError(), VoicecliError("the disk is full")])
def test_a_failure_is_passed_on_after_all_have_seen_the_event(failure: Exception) -> None:
    last = Listener()
    audience = Audience([Listener(failure), Listener(OSError("later")), last])
    with pytest.raises(type(failure)) as caught:
        audience.show(NOTE)
    assert caught.value is failure
    audience.tell(NOTE)
    assert last.seen == [NOTE, NOTE]


@pytest.mark.parametrize("failure", [OSError(28, "No space left"), OSError("No space left")])
def test_what_the_system_refuses_is_an_error_for_the_user(failure: OSError) -> None:
    with pytest.raises(VoicecliError, match="cannot be written: No space left"):
        Audience([Listener(failure)]).show(NOTE)


def test_a_mistake_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Audience([Listener(ZeroDivisionError())]).tell(NOTE)
