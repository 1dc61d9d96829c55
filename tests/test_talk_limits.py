"""At a limit a conversation ends politely: what is heard may end, and nothing new begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import Call
from test_talk_conversation import (
    TURN_END,
    WHOLE,
    Memory,
    QuietMicrophone,
    hold,
    lines,
    sound,
)

from voicecli.errors import ExitCode
from voicecli.live.prices import price_table
from voicecli.talk import events as talk
from voicecli.talk.conversation import Conversation
from voicecli.talk.limits import COST_UNKNOWN, GRACE_S, Limits, LimitWatch, exact_usd, minutes
from voicecli.talk.script import Cue

COST = Limits(max_cost_usd=0.5)
TIME = Limits(max_s=600)
# By then a reply has begun, on a busy machine too.
BEGUN_BY_S = 3.0


def messages(watch: LimitWatch, *ticks: tuple[float, float | None, int | None]) -> list[str]:
    events = [event for tick in ticks for event in watch.tick(*tick)]
    assert all(isinstance(event, talk.Noted | talk.Warned) for event in events)
    return [event.message for event in events if isinstance(event, talk.Noted | talk.Warned)]


def test_without_limits_nothing_is_said_and_nothing_ends() -> None:
    watch = LimitWatch(Limits())
    assert messages(watch, (1e9, 1e9, None), (1e9, None, 1)) == []
    assert watch.reason is None
    assert watch.over(1e9, None) is None


def test_near_a_limit_there_is_one_note() -> None:
    watch = LimitWatch(COST)
    assert messages(watch, (1, 0.449, 1), (2, 0.45, 1), (3, 0.46, 1), (4, 0.499, 2)) == [
        "90% of the limit of $0.50 is used"
    ]
    watch = LimitWatch(TIME)
    assert messages(watch, (539, 9.9, 1), (540, 9.9, 1), (599, None, 1)) == [
        "90% of the limit of 10 minutes is used"
    ]
    assert watch.reason is None


def test_each_of_two_limits_has_its_note() -> None:
    watch = LimitWatch(Limits(max_cost_usd=0.125, max_s=60))
    assert messages(watch, (55, 0.12, None)) == [
        "90% of the limit of $0.125 is used",
        "90% of the limit of 1 minute is used",
    ]


def test_while_nobody_is_heard_the_limit_ends_it_at_once_without_a_word() -> None:
    watch = LimitWatch(COST)
    assert messages(watch, (1, 0.5, None)) == []
    assert watch.over(1, None) == watch.reason == "the limit of $0.50 is reached"


def test_a_reply_that_is_heard_may_end() -> None:
    watch = LimitWatch(TIME)
    assert messages(watch, (600, 0, 3), (601, 0, 3)) == [
        "the limit of 10 minutes is reached: the conversation ends after this reply"
    ]
    assert watch.reason == "the limit of 10 minutes is reached"
    assert watch.over(601, 3) is None
    assert watch.over(602, None) == watch.reason


def test_the_reply_after_the_one_that_was_heard_may_not() -> None:
    watch = LimitWatch(TIME)
    messages(watch, (600, 0, 3))
    assert watch.over(601, 4) == watch.reason


def test_a_reply_without_an_end_is_stopped() -> None:
    watch = LimitWatch(TIME)
    messages(watch, (600, 0, 3))
    assert watch.over(600 + GRACE_S - 0.1, 3) is None
    assert watch.over(600 + GRACE_S, 3) == watch.reason


def test_a_cost_that_gets_lost_is_warned_of_once_and_ends_it() -> None:
    watch = LimitWatch(COST)
    assert messages(watch, (1, 0.1, 1), (2, None, 1), (3, None, 1)) == [
        f"{COST_UNKNOWN}, so --max-cost cannot be kept",
        f"{COST_UNKNOWN}: the conversation ends after this reply",
    ]
    assert watch.over(3, 1) is None
    assert watch.over(4, None) == watch.reason == COST_UNKNOWN


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (0.5, "$0.50"),
        (2, "$2.00"),
        (0.125, "$0.125"),
        (1e-7, "$0.0000001"),
        (1e20, "$100000000000000000000.00"),
    ],
)
def test_an_amount_is_shown_as_it_was_set(dollars: float, shown: str) -> None:
    assert exact_usd(dollars) == shown


def test_minutes_are_shown_as_they_were_set() -> None:
    assert [minutes(seconds) for seconds in (60, 600, 90)] == [
        "1 minute",
        "10 minutes",
        "1.5 minutes",
    ]


limit_values = st.none() | st.floats(1e-6, 1e6)
progress = st.lists(
    st.tuples(st.floats(0, 1e6), st.none() | st.floats(0, 1e6), st.none() | st.integers(1, 3)),
    max_size=20,
)


@given(limit_values, limit_values, progress)
def test_it_ends_only_for_a_reason_and_then_for_good(
    max_cost_usd: float | None,
    max_s: float | None,
    ticks: list[tuple[float, float | None, int | None]],
) -> None:
    watch = LimitWatch(Limits(max_cost_usd, max_s))
    notes = 0
    for now_s, cost_usd, reply in sorted(ticks, key=lambda tick: tick[0]):
        before = watch.reason
        said = messages(watch, (now_s, cost_usd, reply))
        notes += len(said)
        assert before is None or (watch.reason == before and not said)
        if before is None and watch.reason is not None:
            over_time = max_s is not None and now_s >= max_s
            over_cost = max_cost_usd is not None and (cost_usd is None or cost_usd >= max_cost_usd)
            assert over_time or over_cost
        assert (watch.over(now_s, None) is None) == (watch.reason is None)
    assert notes <= 4


# Whole conversations: 1000 tokens of sound that come out cost $0.012.


def usage_of(audio_out: int) -> dict[str, Any]:
    details = [{"modality": "AUDIO", "tokenCount": audio_out}]
    counted = {"responseTokenCount": audio_out, "totalTokenCount": audio_out}
    return {"usageMetadata": {**counted, "responseTokensDetails": details}}


def paid_answers(seconds: float, heard: list[str]) -> Callable[[Call], Any]:
    """Answers every line with sound, and 1000 tokens."""

    async def scene(call: Call) -> None:
        while True:
            heard.append((await call.hear())["realtime_input"]["text"])
            await call.say(sound(seconds, f"You said {heard[-1]}"), WHOLE)
            await call.say(TURN_END | usage_of(1000))

    return scene


def end_of(view: Memory) -> talk.Ended:
    event = view.events[-1]
    assert isinstance(event, talk.Ended)
    return event


def ends_after_this_reply(event: talk.TalkEvent) -> bool:
    return isinstance(event, talk.Noted) and "ends after this reply" in event.message


def remarks(view: Memory) -> list[str]:
    said = [event.message for event in view.of(talk.Noted, talk.Warned)]
    return [message for message in said if message not in ("a note", "a warning")]


def test_a_script_ends_early_at_the_limit_of_cost_after_the_reply_that_is_heard(
    tmp_path: Path,
) -> None:
    heard: list[str] = []
    scene = paid_answers(0.3, heard)
    cues = lines(*(Cue(f"line {n}") for n in range(5)))
    code, view = hold(tmp_path, [scene], script=cues, limits=Limits(max_cost_usd=0.024))
    assert code is ExitCode.DONE
    assert heard == ["line 0", "line 1"]
    assert [turn.heard_s for turn in view.of(talk.TurnEnded)] == pytest.approx([0.3, 0.3])
    assert remarks(view) == [
        "the limit of $0.024 is reached: the conversation ends after this reply"
    ]
    ended = end_of(view)
    assert (ended.reason, ended.turns, ended.exit_code) == ("the limit of $0.024 is reached", 2, 0)
    assert ended.usage.cost_usd == pytest.approx(0.024)
    assert ended.usage.response_by_modality == {"audio": 2000}
    assert ended.prices_as_of == price_table().as_of
    assert [event.cost_usd for event in view.of(talk.UsageReported)] == [0.012, 0.012]


def test_near_the_limit_of_cost_a_note_comes_before_the_end(tmp_path: Path) -> None:
    heard: list[str] = []
    cues = lines(Cue("one"), Cue("two"), Cue("three"))
    limits = Limits(max_cost_usd=0.013)
    _, view = hold(tmp_path, [paid_answers(0.1, heard)], script=cues, limits=limits)
    assert heard == ["one", "two"]
    assert remarks(view)[0] == "90% of the limit of $0.013 is used"


def test_a_limit_that_is_not_reached_changes_nothing(tmp_path: Path) -> None:
    heard: list[str] = []
    limits = Limits(max_cost_usd=1.0, max_s=3600)
    _, view = hold(tmp_path, [paid_answers(0.1, heard)], script=lines(Cue("one")), limits=limits)
    assert end_of(view).reason == "script done"
    assert remarks(view) == []


def test_at_the_limit_of_time_an_answer_that_has_not_begun_is_not_waited_for(
    tmp_path: Path,
) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.wait()

    code, view = hold(tmp_path, [scene], script=lines(Cue("one")), limits=Limits(max_s=0.5))
    assert code is ExitCode.DONE
    assert end_of(view).reason.endswith("minutes is reached")
    assert view.of(talk.TurnEnded) == []


def test_at_the_limit_of_time_the_reply_is_heard_out_and_a_line_is_not_answered(
    tmp_path: Path,
) -> None:
    later: list[Any] = []

    async def scene(call: Call) -> None:
        await call.say(sound(4.0, "A story"), WHOLE, TURN_END)
        later.append(await call.hear())

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(ends_after_this_reply, lambda: conversation.controls.send_text("and then?"))

    limits = Limits(max_s=BEGUN_BY_S)
    code, view = hold(tmp_path, [scene], prepare=prepare, limits=limits)
    assert code is ExitCode.DONE
    assert view.finals() == [("model", "A story", "A story")]
    assert view.of(talk.TurnEnded)[0].heard_s == pytest.approx(4.0, abs=0.01)
    assert remarks(view)[-1] == "not sent, since the conversation ends"
    assert later == []


def test_what_is_spoken_after_the_limit_does_not_go_up(tmp_path: Path) -> None:
    microphone, frames = QuietMicrophone(), []

    async def scene(call: Call) -> None:
        await call.say(sound(4.0, "A story"), WHOLE, TURN_END)
        while True:
            frames.append(await call.hear())

    def prepare(conversation: Conversation, view: Memory) -> None:
        def speak() -> None:
            microphone.deliver(b"\x01\x00" * 320 * 10)

        view.once(ends_after_this_reply, speak)

    limits = Limits(max_s=BEGUN_BY_S)
    code, view = hold(tmp_path, [scene], microphone=microphone, prepare=prepare, limits=limits)
    assert code is ExitCode.DONE
    assert end_of(view).turns == 1
    assert frames == []


def test_a_reply_that_is_stopped_by_hand_after_the_limit_ends_it(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(sound(60.0, "A very long minute"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(ends_after_this_reply, conversation.controls.interrupt)

    code, view = hold(tmp_path, [scene], prepare=prepare, limits=Limits(max_s=BEGUN_BY_S))
    assert code is ExitCode.DONE
    assert view.of(talk.TurnEnded)[0].interrupted
    assert end_of(view).t_s < GRACE_S


def test_a_cost_that_gets_lost_in_the_middle_ends_it_with_one_warning(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        picture = {"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}]}
        await call.say(sound(0.2, "I see"), WHOLE, TURN_END | {"usageMetadata": picture})
        await call.wait()

    cues = lines(Cue("look"), Cue("and now?"))
    code, view = hold(tmp_path, [scene], script=cues, limits=Limits(max_cost_usd=1.0))
    assert code is ExitCode.DONE
    assert view.finals()[-1] == ("model", "I see", "I see")
    assert [event.message for event in view.of(talk.Warned) if "cost" in event.message] == [
        "the cost is not known any more, so --max-cost cannot be kept"
    ]
    assert end_of(view).reason == COST_UNKNOWN
    assert end_of(view).usage.cost_usd is None
    assert end_of(view).prices_as_of is None


def test_without_a_limit_a_lost_cost_is_a_note_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    async def scene(call: Call) -> None:
        picture = {"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}]}
        for _ in range(2):
            await call.hear()
            await call.say(sound(0.1, "I see"), WHOLE, TURN_END | {"usageMetadata": picture})
        await call.wait()

    _, view = hold(tmp_path, [scene], script=lines(Cue("look"), Cue("and now?")))
    assert end_of(view).reason == "script done"
    assert remarks(view) == ["the cost is not known from here on: image has no price"]
