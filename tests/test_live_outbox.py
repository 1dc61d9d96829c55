"""Each word that the user says reaches the conversation once, over however many connections.

What was sent and not answered is kept to be said again, for a resumption handle knows nothing of
it; what was answered must never be said again. Sound is kept up to a limit, and its loss is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.live.items import Item, Offer, Signal, Sound, ToolResult, Typed
from voicecli.live.outbox import (
    KEPT_SOUND_BYTES,
    LEAD_IN_BYTES,
    MESSAGE_BYTES,
    MOST_PARTIAL_RESULTS,
    Outbox,
)

START, END, STREAM_END = Signal.ACTIVITY_START, Signal.ACTIVITY_END, Signal.AUDIO_STREAM_END
FRAME_BYTES = byte_count(10, MIC_RATE_HZ)


def frame(number: int, loud: bool | None = True) -> Sound:
    return Sound(number.to_bytes(4, "little") * (FRAME_BYTES // 4), loud)


def frames(*numbers: int, loud: bool | None = True) -> list[Item]:
    return [frame(number, loud) for number in numbers]


def quiet(milliseconds: int) -> list[Item]:
    return [frame(0, loud=False)] * (milliseconds // 10)


def added(items: Iterable[Item]) -> Outbox:
    outbox = Outbox()
    for item in items:
        outbox.add(item)
    return outbox


def send_all(outbox: Outbox) -> list[Item]:
    """Send what waits; all that was sent, in order."""
    found: list[Item] = []
    while items := outbox.take():
        found += items
        outbox.passed()
    return found


def test_what_waits_leaves_in_order_sound_by_the_message_and_the_rest_one_by_one() -> None:
    items: list[Item] = [START, *frames(*range(25)), Typed("hi"), END, *frames(30)]
    outbox = added(items)
    taken = []
    while batch := outbox.take():
        taken.append(batch)
        outbox.passed()
    assert [item for batch in taken for item in batch] == items
    assert [len(batch) for batch in taken] == [1, MESSAGE_BYTES // FRAME_BYTES, 5, 1, 1, 1]
    assert not outbox


def test_what_could_not_be_sent_is_the_next_again() -> None:
    outbox = added(frames(1, 2, 3))
    assert outbox.take() == frames(1, 2, 3)
    outbox.put_back()
    outbox.add(frame(4))
    assert send_all(outbox) == frames(1, 2, 3, 4)


def test_what_was_not_answered_is_said_again_before_what_waits() -> None:
    outbox = added([*frames(1, 2), Typed("hi")])
    send_all(outbox)
    outbox.add(frame(3))
    assert outbox.rewind()
    assert send_all(outbox) == [*frames(1, 2), Typed("hi"), *frames(3)]


def test_what_was_answered_is_not_said_again() -> None:
    outbox = added([*frames(1, 2), *quiet(500), Typed("hi")])
    send_all(outbox)
    outbox.answered()
    assert not outbox.rewind()
    assert send_all(outbox) == []


def test_what_waits_is_not_answered_by_a_reply_that_begins() -> None:
    outbox = added([Typed("one")])
    send_all(outbox)
    outbox.add(Typed("two"))
    outbox.answered()
    outbox.rewind()
    assert send_all(outbox) == [Typed("two")]


def test_a_message_that_was_under_way_when_the_connection_was_lost_is_said_once() -> None:
    outbox = added([Typed("one"), Typed("two"), Typed("three")])
    outbox.take()
    outbox.passed()
    assert outbox.take() == [Typed("two")]
    outbox.rewind()
    outbox.put_back()
    outbox.passed()
    assert send_all(outbox) == [Typed("one"), Typed("two"), Typed("three")]


def test_who_speaks_again_when_the_reply_begins_is_not_answered_by_it() -> None:
    outbox = added([*frames(1, 2), *quiet(600), *frames(3, 4)])
    send_all(outbox)
    outbox.answered()
    outbox.rewind()
    kept = send_all(outbox)
    assert [item for item in kept if isinstance(item, Sound) and not item.quiet] == frames(3, 4)


def test_where_it_is_never_quiet_two_seconds_at_most_are_taken_for_new_words() -> None:
    outbox = added(frames(*range(1_000)))
    send_all(outbox)
    outbox.answered()
    outbox.rewind()
    kept = send_all(outbox)
    assert kept == frames(*range(1_000 - len(kept), 1_000))
    assert 200 <= len(kept) <= 202


def test_sound_that_nobody_has_judged_is_answered_as_a_whole() -> None:
    outbox = added(frames(1, 2, 3, loud=None))
    send_all(outbox)
    outbox.answered()
    outbox.rewind()
    assert send_all(outbox) == []


def test_silence_leaves_a_second_to_begin_with_and_is_no_speech() -> None:
    outbox = added(quiet(10_000))
    send_all(outbox)
    assert not outbox.rewind()
    assert sum(len(item.pcm) for item in send_all(outbox) if isinstance(item, Sound)) == (
        LEAD_IN_BYTES
    )


def test_a_long_silence_pushes_out_nothing_that_was_said_before_it() -> None:
    for sends in (True, False):
        outbox = added(frames(1))
        if sends:
            send_all(outbox)
        for item in quiet(60_000):
            outbox.add(item)
            if sends:
                send_all(outbox)
        outbox.add(frame(2))
        outbox.rewind()
        assert send_all(outbox) == [*frames(1), *quiet(3_000), *frames(2)]
        assert outbox.take_lost_s() == 0.0


def test_silence_after_speech_is_said_again_with_it_for_it_ends_the_turn() -> None:
    items: list[Item] = [*quiet(2_000), *frames(1), *quiet(2_000)]
    outbox = added(items)
    send_all(outbox)
    outbox.rewind()
    assert send_all(outbox) == [*quiet(1_000), *frames(1), *quiet(2_000)]


def test_thirty_seconds_wait_and_what_falls_over_is_told_once() -> None:
    outbox = added(frames(*range(3_100)))
    assert send_all(outbox) == frames(*range(100, 3_100))
    assert outbox.take_lost_s() == 1.0
    assert outbox.take_lost_s() == 0.0


def test_silence_that_falls_over_is_no_loss() -> None:
    outbox = added([*quiet(1_000), *frames(*range(3_000))])
    assert send_all(outbox) == frames(*range(3_000))
    assert outbox.take_lost_s() == 0.0
    outbox = added([*quiet(1_000), *frames(*range(3_000))])
    assert send_all(outbox) == frames(*range(3_000))
    assert outbox.take_lost_s() == 0.0


def test_what_is_kept_and_what_waits_share_the_thirty_seconds() -> None:
    outbox = added(frames(*range(2_000)))
    send_all(outbox)
    for item in frames(*range(2_000, 4_000)):
        outbox.add(item)
    assert outbox.take_lost_s() == 0.0, "it was sent, and may yet be answered"
    outbox.rewind()
    assert send_all(outbox) == frames(*range(1_000, 4_000))
    assert outbox.take_lost_s() == 10.0


def test_what_faded_and_was_answered_after_all_is_no_loss() -> None:
    outbox = added(frames(*range(4_000)))
    outbox.take_lost_s()
    outbox = added(frames(*range(2_000)))
    send_all(outbox)
    for item in frames(*range(2_000, 4_000)):
        outbox.add(item)
    outbox.answered()
    outbox.rewind()
    assert outbox.take_lost_s() == 0.0


def test_words_and_signals_are_kept_while_the_sound_around_them_goes() -> None:
    long = Sound(bytes(KEPT_SOUND_BYTES), loud=True)
    outbox = added([START, frame(1), Typed("hi"), frame(2), END, long])
    assert send_all(outbox) == [START, Typed("hi"), END, long]


def test_who_is_cut_off_in_an_activity_begins_it_again() -> None:
    outbox = added([START, *frames(1)])
    send_all(outbox)
    assert outbox.talking
    outbox.rewind()
    assert not outbox.talking, "the new connection knows of nothing"
    outbox.add(END)
    assert send_all(outbox) == [START, *frames(1), END]
    assert not outbox.talking


def test_a_reply_in_the_middle_of_an_activity_does_not_answer_it() -> None:
    outbox = added([START, *frames(1), END, START, *frames(2)])
    send_all(outbox)
    outbox.answered()
    outbox.rewind()
    assert send_all(outbox) == [START, *frames(2)]


def test_an_activity_whose_start_was_kept_by_nobody_is_begun_again() -> None:
    outbox = added([START])
    send_all(outbox)
    outbox.rewind()
    outbox.take()
    outbox.passed()
    for item in frames(1):
        outbox.add(item)
    outbox.rewind()
    assert send_all(outbox) == [START, *frames(1)]


def test_an_activity_in_which_nothing_was_said_is_none() -> None:
    outbox = added([START, END, START])
    assert send_all(outbox) == [START]


def test_the_end_of_a_silent_stream_is_not_said_again() -> None:
    outbox = added([*quiet(100), STREAM_END])
    send_all(outbox)
    outbox.rewind()
    assert STREAM_END not in send_all(outbox)
    outbox = added([*frames(1), STREAM_END])
    send_all(outbox)
    outbox.rewind()
    assert send_all(outbox) == [*frames(1), STREAM_END]


def test_a_result_is_kept_until_a_reply_or_a_handle_shows_that_it_arrived() -> None:
    one, two = ToolResult("f1", "now", {}), ToolResult("f2", "now", {})
    outbox = added([one])
    send_all(outbox)
    outbox.add(two)
    assert outbox.unanswered_results == {"f1", "f2"}
    outbox.results_known()
    assert outbox.unanswered_results == {"f2"}, "it had not left when the handle was made"
    outbox.rewind()
    assert send_all(outbox) == [two]


def test_a_result_that_nobody_wants_any_more_is_never_sent() -> None:
    results = [ToolResult(f"f{number}", "now", {}) for number in range(3)]
    outbox = added([results[0]])
    send_all(outbox)
    for result in results[1:]:
        outbox.add(result)
    outbox.forget_results(["f0", "f1", "f9"])
    outbox.rewind()
    assert send_all(outbox) == [results[2]]


class Service:
    """Takes what is sent, and forgets what was not answered when its connection is lost."""

    def __init__(self) -> None:
        self.answered: list[Item] = []
        self.heard: list[Item] = []

    def answer(self) -> None:
        self.answered += self.heard
        self.heard = []

    def lose(self) -> None:
        self.heard = []


STEPS = st.lists(st.sampled_from(["type", "speak", "send", "under way", "answer", "lose"]))


@given(STEPS)
def test_every_line_reaches_the_conversation_once_and_in_order(steps: list[str]) -> None:
    """The service of this model answers all that it has heard, or loses it with its connection."""
    outbox, service, said, number = Outbox(), Service(), list[Item](), 0
    for step in (*steps, "lose", "send", "answer"):
        if step in ("type", "speak"):
            number += 1
            item: Item = Typed(str(number)) if step == "type" else frame(number, loud=None)
            said.append(item)
            outbox.add(item)
        elif step == "send":
            service.heard += send_all(outbox)
        elif step == "under way" and (items := outbox.take()):
            outbox.put_back() if number % 2 else outbox.passed()
            service.heard += [] if number % 2 else items
        elif step == "answer":
            service.answer()
            outbox.answered()
        elif step == "lose":
            service.lose()
            outbox.rewind()
    assert service.answered == said


@given(st.lists(st.tuples(st.integers(0, 200_000), st.sampled_from([True, False, None]))))
def test_no_more_than_thirty_seconds_are_held_and_the_latest_of_them(
    pieces: list[tuple[int, bool | None]],
) -> None:
    sounds = [Sound(bytes(size), loud) for size, loud in pieces]
    speech = [sound for sound in sounds if not sound.quiet]
    outbox = Outbox()
    for at, sound in enumerate(sounds):
        outbox.add(sound)
        if at % 3 == 0:
            outbox.take()
            outbox.passed()
    outbox.rewind()
    kept = [item for item in send_all(outbox) if isinstance(item, Sound)]
    assert sum(len(sound.pcm) for sound in kept) <= KEPT_SOUND_BYTES
    kept = [sound for sound in kept if not sound.quiet]
    pairs = zip(reversed(kept), reversed(speech), strict=False)
    assert len(list(takewhile(lambda pair: pair[0] is pair[1], pairs))) == len(kept)


def test_the_result_of_a_call_that_a_handle_waits_for_is_kept_though_its_answer_began() -> None:
    known, new = ToolResult("f1", "now", {}), ToolResult("f2", "now", {})
    outbox = added([Typed("hi"), known, new])
    send_all(outbox)
    outbox.answered(frozenset({"f1"}))
    outbox.rewind()
    assert send_all(outbox) == [known]
    outbox.results_known()
    outbox.rewind()
    assert send_all(outbox) == []


def test_sound_that_nobody_is_going_to_answer_is_let_go_and_what_was_typed_is_not() -> None:
    outbox = added([*frames(*range(2_000)), Typed("hi")])
    send_all(outbox)
    for item in frames(*range(2_000)):
        outbox.add(item)
    outbox.let_fade()
    outbox.forget_sound()
    outbox.rewind()
    assert send_all(outbox) == [Typed("hi"), *frames(*range(2_000))]
    assert outbox.take_lost_s() == 0.0


def partial(number: int, call_id: str = "f1") -> ToolResult:
    return ToolResult(call_id, "timer", {"result": number}, continues=True)


LAST = ToolResult("f1", "timer", {}, scheduling="SILENT")


def test_the_results_of_a_call_that_goes_on_are_said_again_in_their_order() -> None:
    outbox = added([partial(1), Typed("hi"), partial(2)])
    send_all(outbox)
    outbox.add(LAST)
    outbox.rewind()
    assert send_all(outbox) == [partial(1), Typed("hi"), partial(2), LAST]


def test_results_that_a_handle_stands_for_are_not_said_twice_and_later_ones_are() -> None:
    outbox = added([partial(1)])
    send_all(outbox)
    outbox.results_known()
    outbox.add(partial(2))
    send_all(outbox)
    outbox.answered(in_handle=frozenset({"f1"}))
    outbox.rewind()
    assert send_all(outbox) == [partial(2)]


def test_of_the_results_of_calls_that_go_on_the_newest_are_kept() -> None:
    outbox = added([partial(number) for number in range(60)])
    send_all(outbox)
    outbox.add(ToolResult("f2", "now", {"result": 1}))
    for number in range(60, 120):
        outbox.add(partial(number))
    outbox.rewind()
    kept = send_all(outbox)
    assert kept == [
        *(partial(number) for number in range(20, 60)),
        ToolResult("f2", "now", {"result": 1}),
        *(partial(number) for number in range(60, 120)),
    ]
    assert len(kept) == MOST_PARTIAL_RESULTS + 1


def test_an_offer_is_said_in_order_once_and_never_again() -> None:
    outbox = added([Offer(), Typed("one"), Offer(), Typed("two")])
    assert send_all(outbox) == [Typed("one"), Offer(), Typed("two")]
    outbox.rewind()
    assert send_all(outbox) == [Typed("one"), Typed("two")]


def test_an_offer_that_the_next_connection_makes_is_withdrawn_also_if_it_was_on_its_way() -> None:
    outbox = added([Offer(), Typed("one")])
    outbox.take()
    outbox.rewind()
    outbox.withdraw_offers()
    assert send_all(outbox) == [Typed("one")]
