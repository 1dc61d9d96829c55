"""The course of a conversation, told from what the service says: no clock, no device, no socket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from hypothesis import given
from hypothesis import strategies as st
from spelt_speech import hum, silence, spelt

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.live import events as live
from voicecli.talk import events as talk
from voicecli.talk.turns import Turns
from voicecli.talk.user_words import LATE_WORDS_S

SECOND = SPEAKER_RATE_HZ


def said_in(seconds: float) -> bytes:
    """Words that end with a pause, as a speaker's phrases do."""
    return hum(seconds * 0.8) + silence(seconds * 0.2)


class Course:
    """Drives `Turns` as the conversation does, and keeps what it said."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.now_s = 0.0
        self.position = 0
        self.told: list[talk.TalkEvent] = []

    def keep(self, events: Iterable[talk.TalkEvent]) -> None:
        self.told.extend(events)

    def typed(self, text: str) -> None:
        self.keep(self.turns.typed(text, self.now_s))

    def spoke(self, text: str, *, interim: bool = False) -> None:
        self.keep(self.turns.user_speech(live.UserSpeech(text, interim), self.now_s))

    def replies(self, text: str, seconds: float) -> None:
        self.keep(self.turns.words(text, self.now_s, self.position))
        if not self.turns.discarding:
            self.turns.sound(said_in(seconds), self.now_s)

    def completes(self) -> None:
        self.turns.generation_complete()
        self.keep(self.turns.turn_complete(self.now_s, self.position))

    def plays(self, seconds: float) -> None:
        self.now_s += seconds
        self.position += int(seconds * SECOND)
        self.ticks()

    def ticks(self) -> None:
        self.keep(self.turns.tick(self.now_s, self.position))
        self.keep(self.turns.enter_state(self.now_s, self.position, None))

    def interrupted(self, dropped_s: float) -> None:
        self.keep(self.turns.interrupted(int(dropped_s * SECOND), self.now_s))

    def stopped(self, dropped_s: float) -> None:
        self.keep(self.turns.stopped_by_hand(int(dropped_s * SECOND), self.now_s))

    def said(self, role: str) -> list[tuple[str, str]]:
        """The final words of one side, each with the part that was heard."""
        return [
            (event.text, event.heard)
            for event in self.told
            if isinstance(event, talk.Transcript) and event.role == role and event.final
        ]

    def ended(self) -> list[tuple[int, bool, float]]:
        return [
            (event.number, event.interrupted, event.heard_s)
            for event in self.told
            if isinstance(event, talk.TurnEnded)
        ]

    def states(self) -> list[talk.State]:
        return [event.state for event in self.told if isinstance(event, talk.StateChanged)]


def test_a_turn_ends_when_its_sound_was_heard_and_not_before() -> None:
    course = Course()
    course.typed("Hi")
    course.replies("Hello there", 2.0)
    course.completes()
    course.plays(1.9)
    assert course.ended() == []
    course.plays(0.1)
    assert course.ended() == [(1, False, 2.0)]
    assert course.said("model") == [("Hello there", "Hello there")]


def test_states_follow_the_user_the_thinking_and_the_voice() -> None:
    course = Course()
    course.ticks()
    course.typed("Hi")
    course.ticks()
    course.replies("Hello", 1.0)
    course.ticks()
    course.completes()
    course.plays(1.0)
    assert course.states() == [
        talk.State.LISTENING,
        talk.State.THINKING,
        talk.State.SPEAKING,
        talk.State.LISTENING,
    ]


def test_a_state_of_the_connection_goes_before_every_other() -> None:
    course = Course()
    events = list(course.turns.enter_state(1.0, 0, talk.State.RECONNECTING))
    assert events == [talk.StateChanged(1.0, talk.State.RECONNECTING)]
    assert list(course.turns.enter_state(2.0, 0, talk.State.RECONNECTING)) == []
    assert course.turns.state is talk.State.RECONNECTING


def test_an_interruption_keeps_what_was_heard_and_ends_the_turn_when_the_service_says_so() -> None:
    course = Course()
    course.typed("Tell me")
    course.replies("One two", 1.0)
    course.replies(" three four", 1.0)
    course.plays(1.0)
    course.interrupted(1.0)
    assert course.said("model") == [("One two three four", "One two")]
    assert talk.Interrupted(1.0, 1.0, 1.0) in course.told
    assert course.ended() == []
    course.completes()
    assert course.ended() == [(1, True, 1.0)]


def test_stragglers_of_a_reply_that_was_cut_off_begin_no_new_one() -> None:
    course = Course()
    course.replies("One", 1.0)
    course.interrupted(1.0)
    course.keep(course.turns.words(" two", 0.0, 0))
    assert course.turns.replies_begun == 1


def test_the_next_reply_may_follow_an_interruption_without_a_turn_complete() -> None:
    course = Course()
    course.replies("One", 1.0)
    course.interrupted(1.0)
    course.turns.sound(said_in(1.0), 0.0)
    course.keep(course.turns.words("Two", 0.0, 0))
    course.completes()
    course.plays(1.0)
    assert course.ended() == [(1, True, 0.0), (2, False, 1.0)]


def test_a_reply_that_begins_while_the_last_one_still_plays_waits_its_turn() -> None:
    course = Course()
    course.replies("One", 1.0)
    course.completes()
    course.replies("Two", 1.0)
    assert course.said("model") == []
    course.plays(1.0)
    assert course.ended() == [(1, False, 1.0)]
    course.completes()
    course.plays(1.0)
    assert course.ended() == [(1, False, 1.0), (2, False, 1.0)]
    assert course.said("model") == [("One", "One"), ("Two", "Two")]


def test_a_turn_without_a_word_counts_as_a_turn() -> None:
    course = Course()
    course.typed("…")
    course.completes()
    assert course.ended() == [(1, False, 0.0)]
    assert course.said("model") == []


def test_heard_words_are_told_as_they_are_heard() -> None:
    course = Course()
    course.replies("One two", 1.0)
    course.plays(0.6)
    course.plays(0.0)
    partial = [event for event in course.told if isinstance(event, talk.Transcript)]
    assert [event.heard for event in partial] == ["", "One"]


def test_the_words_of_the_user_are_settled_before_the_answer_ends() -> None:
    course = Course()
    course.spoke("Hel", interim=True)
    course.spoke("Hello")
    course.replies("Hi", 0.5)
    course.completes()
    course.plays(0.5)
    finals = [e.role for e in course.told if isinstance(e, talk.Transcript) and e.final]
    assert finals == ["user", "model"]
    assert course.said("user") == [("Hello", "Hello")]


def test_words_that_come_late_still_stand_before_the_answer() -> None:
    course = Course()
    course.replies("Hi", 0.5)
    course.spoke("Hello")
    course.completes()
    course.plays(0.5)
    finals = [e.role for e in course.told if isinstance(e, talk.Transcript) and e.final]
    assert finals == ["user", "model"]


def test_words_over_a_long_reply_belong_to_the_turn_that_interrupts_it() -> None:
    course = Course()
    course.spoke("Tell me")
    course.replies("A long story", 10.0)
    course.plays(LATE_WORDS_S)
    course.plays(2.0)
    course.spoke("stop")
    course.interrupted(7.0)
    course.completes()
    course.spoke(" please")
    course.replies("Of course", 1.0)
    course.completes()
    course.plays(1.0)
    assert course.said("user") == [("Tell me", "Tell me"), ("stop please", "stop please")]


def test_words_after_a_settled_turn_open_the_next_one_even_without_a_tick() -> None:
    course = Course()
    course.spoke("Tell me")
    course.replies("A long story", 10.0)
    course.now_s += LATE_WORDS_S
    course.spoke("stop")
    assert course.said("user") == [("Tell me", "Tell me")]


def test_typing_settles_what_was_spoken_before() -> None:
    course = Course()
    course.spoke("I say")
    course.typed("I type")
    assert [text for text, _ in course.said("user")] == ["I say", "I type"]


def test_a_reply_stopped_by_hand_is_thrown_away_to_its_end() -> None:
    course = Course()
    course.replies("One two", 1.0)
    course.plays(0.6)
    course.stopped(0.4)
    assert course.turns.discarding
    course.replies(" three", 1.0)
    course.completes()
    assert not course.turns.discarding
    assert course.said("model") == [("One two", "One")]
    assert course.ended() == [(1, True, 0.6)]


def test_a_reply_stopped_before_its_first_word_is_never_heard() -> None:
    course = Course()
    course.typed("Hi")
    course.stopped(0.0)
    course.replies("Hello", 1.0)
    course.completes()
    assert course.said("model") == []
    assert course.ended() == [(1, False, 0.0)]


def test_a_reply_stopped_in_its_tail_leaves_the_next_one_alone() -> None:
    course = Course()
    course.replies("One", 1.0)
    course.completes()
    course.stopped(1.0)
    assert not course.turns.discarding
    course.ticks()
    assert course.ended() == [(1, True, 0.0)]


def test_whoever_speaks_after_stopping_the_voice_is_answered() -> None:
    for resume in ("type", "voice", "words"):
        course = Course()
        course.replies("One", 1.0)
        course.stopped(1.0)
        course.now_s += LATE_WORDS_S
        if resume == "type":
            course.typed("Next")
        elif resume == "voice":
            course.turns.voice_activity(live.VoiceActivity(speaking=True, offset_s=1.0))
        else:
            course.spoke("Next")
        assert not course.turns.discarding, resume


def test_late_words_of_the_stopped_turn_do_not_bring_its_reply_back() -> None:
    course = Course()
    course.typed("Hi")
    course.stopped(0.0)
    course.spoke("Hi")
    assert course.turns.discarding


def test_calls_are_told_with_their_duration_and_keep_the_model_thinking() -> None:
    course = Course()
    call = live.FunctionCall("f1", "now", {})
    course.keep(course.turns.call_started(call, 1.0))
    course.ticks()
    assert course.turns.tools_pending
    course.keep(course.turns.call_finished("f1", 1.5, {"time": "14:05"}, None))
    assert not course.turns.tools_pending
    assert course.told[-1] == talk.ToolFinished(1.5, "f1", "now", 0.5, {"time": "14:05"})
    assert course.states() == [talk.State.THINKING]


def test_a_call_in_the_background_leaves_the_floor_to_both() -> None:
    course = Course()
    call = live.FunctionCall("f1", "look", {})
    course.keep(course.turns.call_started(call, 1.0, background=True))
    course.ticks()
    assert course.told[0] == talk.ToolCalled(1.0, "f1", "look", {}, background=True)
    assert course.turns.tools_pending
    assert not course.turns.waits_for_tools
    course.keep(course.turns.call_progressed("f1", 2.0, "half"))
    course.ticks()
    course.keep(course.turns.call_finished("f1", 3.0, None, None))
    course.ticks()
    assert talk.ToolProgress(2.0, "f1", "look", "half") in course.told
    assert course.states() == [talk.State.LISTENING]


def test_a_call_that_is_waited_for_beside_one_in_the_background_keeps_the_model_thinking() -> None:
    course = Course()
    course.keep(course.turns.call_started(live.FunctionCall("f1", "look", {}), 1.0))
    course.keep(
        course.turns.call_started(live.FunctionCall("f2", "timer", {}), 1.0, background=True)
    )
    course.ticks()
    course.keep(course.turns.call_finished("f1", 2.0, "seen", None))
    course.ticks()
    course.completes()
    course.ticks()
    assert course.turns.tools_pending
    assert course.states() == [talk.State.THINKING, talk.State.LISTENING]


def test_who_waited_for_a_function_that_goes_on_speaks_of_its_first_result() -> None:
    course = Course()
    course.keep(course.turns.call_started(live.FunctionCall("f1", "timer", {}), 1.0))
    course.keep(course.turns.call_progressed("f1", 2.0, "set"))
    assert not course.turns.waits_for_tools
    course.replies("It is set.", 1.0)
    course.completes()
    course.plays(1.0)
    course.keep(course.turns.call_finished("f1", 60.0, None, None))
    course.ticks()
    assert course.turns.state is talk.State.LISTENING
    assert not course.turns.tools_pending


def test_a_cancelled_call_leaves_the_floor_to_the_user() -> None:
    course = Course()
    course.keep(course.turns.call_started(live.FunctionCall("f1", "now", {}), 1.0))
    course.keep(course.turns.call_cancelled("f1", 3.0))
    course.ticks()
    assert talk.ToolFinished(3.0, "f1", "now", 2.0, cancelled=True) in course.told
    assert course.states() == [talk.State.LISTENING]


def test_thoughts_are_told_apart_from_words() -> None:
    course = Course()
    course.keep(course.turns.thought(live.Thought("hm"), 1.0))
    course.ticks()
    assert course.told[0] == talk.Thinking(1.0, "hm")
    assert course.states() == [talk.State.THINKING]


def test_the_server_hearing_the_user_stop_means_that_it_thinks() -> None:
    course = Course()
    course.turns.voice_activity(live.VoiceActivity(speaking=True, offset_s=0.0))
    course.ticks()
    course.turns.voice_activity(live.VoiceActivity(speaking=False, offset_s=1.0))
    course.ticks()
    assert course.states() == [talk.State.LISTENING, talk.State.THINKING]


def test_what_came_of_a_reply_before_the_connection_was_lost_is_played_and_ends() -> None:
    course = Course()
    course.turns.connection_lost()
    course.replies("One", 1.0)
    course.turns.connection_lost()
    course.plays(1.0)
    assert course.ended() == [(1, False, 1.0)]


def test_words_ahead_of_a_connection_that_was_lost_were_never_heard() -> None:
    course = Course()
    course.replies("She sells fresh fish by the sea, and she keeps the rest of it for us", 1.0)
    course.turns.connection_lost()
    course.plays(1.0)
    ((text, heard),) = course.said("model")
    assert text.startswith(heard)
    assert heard != text
    assert course.ended() == [(1, False, 1.0)]


def test_the_pace_of_one_reply_helps_to_find_the_words_of_the_next() -> None:
    speech = spelt("She sells fresh fish, and she keeps the rest. " * 3, frames_per_letter=10)
    end = [sample for characters, sample in speech.ends][13]
    course = Course()
    for _ in range(3):
        begun = course.position
        course.keep(course.turns.words(speech.text, course.now_s, course.position))
        course.turns.sound(speech.pcm, course.now_s)
        while course.position < begun + end:
            course.plays(0.05)
        heard = [e.heard for e in course.told if isinstance(e, talk.Transcript)][-1]
        assert abs(len(heard.split()) - 14) <= 1
        course.completes()
        course.plays((begun + len(speech.pcm) // 2 - course.position) / SECOND + 0.001)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("typed"), st.text(min_size=1, max_size=5)),
        st.tuples(st.just("spoke"), st.text(min_size=1, max_size=5)),
        st.tuples(st.just("replies"), st.sampled_from([0.0, 0.2, 1.0])),
        st.tuples(st.just("completes"), st.none()),
        st.tuples(st.just("plays"), st.sampled_from([0.1, 0.5, 2.0])),
        st.tuples(st.just("interrupted"), st.none()),
        st.tuples(st.just("stopped"), st.none()),
        st.tuples(st.just("lost"), st.none()),
    ),
    max_size=40,
)


@given(steps)
def test_in_any_order_of_events_turns_end_once_each_and_in_order(
    steps: list[tuple[str, object]],
) -> None:
    course, pushed = Course(), 0
    for kind, value in steps:
        left_s = (pushed - course.position) / SECOND
        if kind == "typed":
            course.typed(str(value))
        elif kind == "spoke":
            course.spoke(str(value))
        elif kind == "replies":
            assert isinstance(value, float)
            pushed += 0 if course.turns.discarding else int(value * SECOND)
            course.replies("word ", value)
        elif kind == "completes":
            course.completes()
        elif kind == "plays":
            assert isinstance(value, float)
            course.plays(min(value, left_s))
        elif kind == "lost":
            course.turns.connection_lost()
        else:
            pushed = course.position
            course.interrupted(left_s) if kind == "interrupted" else course.stopped(left_s)
        course.ticks()
    course.turns.connection_lost()
    course.plays((pushed - course.position) / SECOND)
    numbers = [number for number, _, _ in course.ended()]
    assert numbers == list(range(1, course.turns.replies_begun + 1))
    for event in course.told:
        if isinstance(event, talk.Transcript):
            assert event.text.startswith(event.heard)


def test_at_the_end_the_words_of_both_sides_are_settled_as_far_as_they_were_heard() -> None:
    course = Course()
    course.spoke("Tell me about the sea.")
    course.replies("The sea is very big and very blue", 4.0)
    course.plays(1.0)
    course.spoke("Stop")
    course.told.clear()
    course.keep(course.turns.ended(course.now_s, course.position))
    words = [(event.role, event.text, event.heard) for event in course.told if final(event)]
    (role, text, heard), user = words
    assert (role, text) == ("model", "The sea is very big and very blue")
    assert text.startswith(heard)
    assert 0 < len(heard) < len(text)
    assert user == ("user", "Stop", "Stop")


def test_at_the_end_words_that_were_being_answered_come_before_the_answer() -> None:
    course = Course()
    course.spoke("Hello")
    course.replies("Hi", 1.0)
    course.told.clear()
    course.keep(course.turns.ended(course.now_s, course.position))
    assert [(event.role, event.heard) for event in course.told if final(event)] == [
        ("user", "Hello"),
        ("model", ""),
    ]


def test_at_the_end_nothing_is_said_twice() -> None:
    course = Course()
    course.typed("Hello")
    course.replies("Hi", 1.0)
    course.completes()
    course.plays(1.0)
    course.replies("And more", 1.0)
    course.interrupted(1.0)
    course.told.clear()
    course.keep(course.turns.ended(course.now_s, course.position))
    assert course.told == []


def final(event: talk.TalkEvent) -> TypeGuard[talk.Transcript]:
    return isinstance(event, talk.Transcript) and event.final


def test_while_the_service_works_on_after_a_turn_nobody_has_a_pause() -> None:
    course = Course()
    course.typed("think hard")
    course.replies("Let me see.", 1.0)
    course.turns.generation_complete()
    course.turns.works_on()
    course.plays(2.0)
    assert course.turns.state is talk.State.THINKING


def test_a_reply_that_broke_off_is_told_and_one_that_was_whole_or_not_begun_is_not() -> None:
    course = Course()
    assert not course.turns.connection_lost()
    course.typed("hello")
    assert not course.turns.connection_lost(), "its answer is still to come"
    course.ticks()
    assert course.turns.state is talk.State.THINKING
    course.replies("Half an", 1.0)
    assert course.turns.connection_lost()
    assert not course.turns.connection_lost()
    course.typed("and now?")
    course.replies("All of it.", 1.0)
    course.turns.generation_complete()
    assert not course.turns.connection_lost()


def test_speech_that_goes_up_anew_takes_its_words_back_and_answered_words_stay() -> None:
    course = Course()
    course.spoke("hel")
    course.keep(course.turns.said_again(course.now_s))
    assert course.told[-1] == talk.Transcript(0.0, "user", "", final=False, heard="")
    course.spoke("hello")
    course.replies("Hi.", 1.0)
    course.keep(course.turns.said_again(course.now_s))
    assert course.said("user") == [("hello", "hello")]
