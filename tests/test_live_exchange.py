"""What the user said is answered when a new reply begins, no sooner; silence is noticed in time.

Both decide what a lost connection costs, so each order in which messages were seen has its case.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events as ev
from voicecli.live.exchange import CODE_RUNS_S, MOST_ALARMS, SILENT_SERVICE_S, Exchange

SOUND = ev.AudioChunk(b"\0\0", 24_000)
WORDS = ev.ModelSpeech("hi")
CALL = ev.FunctionCall("f1", "now", {})
WHOLE, END, CUT = ev.GenerationComplete(), ev.TurnComplete(), ev.Interrupted()
AGAIN = ev.TurnComplete(waiting=True)
HEARD, STARTS, STOPS = (
    ev.UserSpeech("hi"),
    ev.VoiceActivity(True, 0.0),
    ev.VoiceActivity(False, 1.0),
)


def begins(*events: ev.LiveEvent, transcribes: bool = False) -> list[bool]:
    exchange = Exchange(transcribes=transcribes)
    return [exchange.begins_reply(event, 0.0) for event in events]


def test_a_reply_begins_with_its_first_sound_or_word_and_only_then() -> None:
    assert begins(ev.Thought("hm"), WORDS, SOUND, WORDS, WHOLE, END) == [False, True, *[False] * 4]


def test_each_turn_begins_anew() -> None:
    assert begins(SOUND, WHOLE, END, SOUND, END) == [True, False, False, True, False]


def test_after_an_interruption_the_next_content_is_a_new_reply() -> None:
    assert begins(SOUND, CUT, END, SOUND) == [True, False, False, True]


def test_the_end_of_an_interrupted_turn_answers_nothing() -> None:
    assert begins(SOUND, CUT, END) == [True, False, False]


def test_a_turn_that_ends_without_a_word_is_an_answer_too() -> None:
    assert begins(END) == [True]
    assert begins(AGAIN) == [False]


def test_a_turn_after_which_the_service_is_still_at_work_is_over_all_the_same() -> None:
    assert begins(SOUND, AGAIN, SOUND, END) == [True, False, True, False]


def test_what_follows_a_function_call_answers_its_result() -> None:
    assert begins(CALL, SOUND, WHOLE, END) == [True, True, False, False]


def test_a_turn_that_only_calls_does_not_answer_what_was_sent_after_it() -> None:
    assert begins(CALL, END) == [True, False]


def test_a_lost_connection_ends_the_reply() -> None:
    exchange = Exchange()
    assert exchange.begins_reply(SOUND, 0.0)
    exchange.connection_lost()
    assert exchange.begins_reply(SOUND, 0.0)


def test_to_a_transcriber_the_words_are_the_answer_and_guesses_are_none() -> None:
    assert begins(ev.UserSpeech("h", interim=True), HEARD, transcribes=True) == [False, True]
    assert begins(HEARD) == [False]


class Watched:
    """An exchange, and the clock that it is given."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.now_s = 100.0

    def hears(self, *events: ev.LiveEvent) -> None:
        for event in events:
            self.exchange.begins_reply(event, self.now_s)

    def says(self) -> None:
        self.exchange.user_acts()
        self.exchange.said(self.now_s)

    def speaks(self) -> None:
        """Half a second of speech, and as much silence."""
        self.exchange.sound_sent(500, True, self.now_s)
        self.exchange.sound_sent(500, False, self.now_s)

    def calls_in_background(self) -> bool:
        return self.exchange.begins_reply(CALL, self.now_s, background=True)

    def silent_after(
        self, seconds: float, *, calls_open: bool = False, talking: bool = False
    ) -> bool:
        later_s = self.now_s + seconds
        return self.exchange.silent(later_s, calls_open=calls_open, talking=talking)


def test_thirty_seconds_without_a_message_after_the_users_turn_are_silence() -> None:
    watched = Watched()
    assert not watched.silent_after(1_000)
    watched.says()
    assert not watched.silent_after(SILENT_SERVICE_S - 0.1)
    assert watched.silent_after(SILENT_SERVICE_S)


def test_any_message_breaks_the_silence() -> None:
    watched = Watched()
    watched.says()
    watched.now_s += 29
    watched.hears(ev.Unrecognised("empty message"))
    assert not watched.silent_after(29)
    assert watched.silent_after(30)


def test_the_end_of_speech_is_the_end_of_the_users_turn() -> None:
    watched = Watched()
    watched.hears(STOPS)
    assert watched.silent_after(30)
    watched.hears(STARTS)
    assert not watched.silent_after(300), "who speaks for minutes waits for nothing"


def test_words_that_are_recognised_after_the_end_of_the_answer_are_no_new_turn() -> None:
    watched = Watched()
    watched.says()
    watched.hears(SOUND, WHOLE, END, HEARD)
    assert not watched.silent_after(300)


def test_who_asks_a_silent_service_again_and_again_does_not_put_the_alarm_off() -> None:
    watched = Watched()
    watched.says()
    watched.now_s += 20
    watched.says()
    assert watched.silent_after(10)


def test_noise_in_a_reply_that_goes_on_is_no_turn() -> None:
    watched = Watched()
    watched.says()
    watched.hears(SOUND)
    watched.speaks()
    watched.now_s += 1
    watched.hears(SOUND, WHOLE, END)
    assert not watched.silent_after(300)


def test_a_result_in_the_middle_of_a_reply_may_be_part_of_it() -> None:
    watched = Watched()
    watched.hears(CALL, SOUND)
    watched.exchange.result_sent(watched.now_s)
    watched.now_s += 1
    watched.hears(SOUND, WHOLE, END)
    assert not watched.silent_after(300)
    watched.exchange.result_sent(watched.now_s)
    assert watched.silent_after(30)


def test_who_goes_on_after_a_breath_has_not_ended_the_turn() -> None:
    watched = Watched()
    for _ in range(30):
        watched.speaks()
        watched.now_s += 2.5
        assert not watched.exchange.silent(watched.now_s, calls_open=False)
    watched.speaks()
    assert watched.silent_after(30)


def test_while_the_service_thinks_on_after_a_turn_it_need_not_say_anything() -> None:
    watched = Watched()
    watched.says()
    watched.hears(SOUND, AGAIN)
    assert not watched.silent_after(300)


def test_words_that_straggle_in_after_an_interruption_answer_nothing() -> None:
    assert begins(SOUND, CUT, WORDS, END, SOUND) == [True, False, False, False, True]


def test_what_the_service_did_not_heed_in_ninety_seconds_it_never_will() -> None:
    watched = Watched()
    watched.speaks()
    assert watched.exchange.owes
    assert not watched.exchange.unheeded(watched.now_s + 89)
    assert watched.exchange.unheeded(watched.now_s + 90)
    assert not watched.exchange.owes
    assert not watched.exchange.unheeded(watched.now_s + 900)


def test_a_reply_that_stops_in_the_middle_is_silence_and_one_that_is_whole_is_not() -> None:
    watched = Watched()
    watched.says()
    watched.hears(SOUND)
    assert watched.silent_after(30)
    watched.hears(WHOLE)
    assert not watched.silent_after(300), "it is being played"


def test_words_that_are_recognised_in_the_reply_end_no_turn() -> None:
    watched = Watched()
    watched.hears(SOUND, HEARD, WHOLE)
    assert not watched.silent_after(300)


def test_what_interrupts_a_reply_is_still_to_be_answered_after_its_end() -> None:
    watched = Watched()
    watched.hears(SOUND)
    watched.says()
    watched.hears(CUT, END)
    assert watched.silent_after(30)
    watched.hears(SOUND, WHOLE, END)
    assert not watched.silent_after(300)


def test_a_service_that_waits_for_a_function_is_not_silent() -> None:
    watched = Watched()
    watched.says()
    watched.hears(CALL)
    assert not watched.silent_after(300, calls_open=True)
    watched.says()
    assert watched.silent_after(30)


def test_alarm_is_given_twice_and_anew_once_the_user_says_something_new() -> None:
    watched = Watched()
    watched.says()
    for _ in range(MOST_ALARMS):
        assert watched.silent_after(30)
        watched.exchange.alarm()
        watched.exchange.connected(watched.now_s)
        watched.exchange.said(watched.now_s)  # the same again, over the new connection
    assert not watched.silent_after(300)
    watched.says()
    assert watched.silent_after(30)


def test_a_new_connection_is_given_its_time() -> None:
    watched = Watched()
    watched.says()
    watched.now_s += 29
    watched.exchange.connected(watched.now_s)
    assert not watched.silent_after(29)


def test_speech_and_a_silence_after_it_are_the_users_turn_even_if_the_service_says_nothing() -> (
    None
):
    watched = Watched()
    for loud, milliseconds in ((True, 300), (False, 400), (True, 100)):
        watched.exchange.sound_sent(milliseconds, loud, watched.now_s)
        assert not watched.silent_after(300)
    watched.exchange.sound_sent(500, False, watched.now_s)
    assert watched.silent_after(30)


def test_a_click_is_no_turn_and_sound_that_nobody_judged_is_none_either() -> None:
    watched = Watched()
    for loud, milliseconds in ((True, 100), (False, 500), (True, 100), (False, 500)):
        watched.exchange.sound_sent(milliseconds, loud, watched.now_s)
    for _ in range(100):
        watched.exchange.sound_sent(100, None, watched.now_s)
    assert not watched.silent_after(300)


def test_after_a_call_in_the_background_the_same_reply_goes_on() -> None:
    watched = Watched()
    watched.says()
    assert watched.calls_in_background()
    assert not watched.exchange.begins_reply(SOUND, watched.now_s)
    watched.hears(WHOLE, END)
    assert watched.exchange.begins_reply(SOUND, watched.now_s), "what comes now answers the result"


def test_what_the_user_says_over_a_reply_with_a_call_in_it_is_not_answered_by_its_rest() -> None:
    watched = Watched()
    watched.says()
    watched.hears(SOUND)
    watched.says()
    assert not watched.calls_in_background()
    watched.hears(SOUND, WHOLE, END)
    assert watched.exchange.owes


def test_a_call_in_the_background_is_no_debt_and_the_words_of_the_user_are_one_all_the_same() -> (
    None
):
    watched = Watched()
    watched.says()
    watched.calls_in_background()
    assert not watched.silent_after(600)
    watched.hears(END)
    assert not watched.silent_after(600)
    watched.now_s += 600
    watched.says()
    assert watched.silent_after(30)


def test_a_result_that_waits_for_a_pause_is_owed_an_answer_from_the_end_of_the_turn() -> None:
    watched = Watched()
    watched.says()
    watched.calls_in_background()
    watched.hears(SOUND, WHOLE)
    watched.exchange.result_sent_for_pause(watched.now_s)
    watched.now_s += 5
    watched.hears(SOUND, WHOLE)
    assert not watched.silent_after(300), "the reply is played meanwhile"
    watched.now_s += 40
    watched.hears(END)
    assert not watched.silent_after(29)
    assert watched.silent_after(30)
    watched.hears(SOUND)
    watched.hears(WHOLE, END)
    assert not watched.silent_after(300)


def test_a_result_that_comes_in_a_pause_is_owed_an_answer_at_once() -> None:
    watched = Watched()
    watched.now_s += 500
    watched.exchange.result_sent_for_pause(watched.now_s)
    assert not watched.silent_after(29)
    assert watched.silent_after(30)
    watched.now_s += 20
    watched.exchange.result_sent_for_pause(watched.now_s)
    assert watched.silent_after(10), "another one does not put the alarm off"


def test_while_the_user_has_the_word_no_result_is_spoken_of() -> None:
    watched = Watched()
    watched.exchange.result_sent_for_pause(watched.now_s)
    assert not watched.silent_after(300, talking=True)
    watched.hears(STARTS)
    assert not watched.silent_after(300)
    watched.now_s += 40
    watched.hears(STOPS)
    assert not watched.silent_after(29)
    assert watched.silent_after(30)
    heard = Watched()
    heard.exchange.result_sent_for_pause(heard.now_s)
    heard.exchange.sound_sent(40_000, True, heard.now_s)
    assert not heard.silent_after(40)


def test_a_lost_connection_ends_the_users_word_and_not_the_debt() -> None:
    watched = Watched()
    watched.hears(SOUND, STARTS)
    watched.exchange.result_sent_for_pause(watched.now_s)
    watched.exchange.connection_lost()
    assert not watched.exchange.owes, "of sound nothing is to be answered"
    watched.exchange.connected(watched.now_s)
    assert watched.silent_after(30)


def test_code_is_given_its_time_to_run() -> None:
    watched = Watched()
    watched.says()
    watched.hears(ev.CodeWritten("python", "1"))
    assert not watched.silent_after(SILENT_SERVICE_S + CODE_RUNS_S - 0.1)
    assert watched.silent_after(SILENT_SERVICE_S + CODE_RUNS_S)
    watched.hears(ev.CodeRan(True, "1"))
    assert watched.silent_after(SILENT_SERVICE_S)


def test_code_alone_is_no_answer_yet() -> None:
    assert begins(ev.CodeWritten("python", "1"), ev.CodeRan(True, "1"), WORDS) == [
        False,
        False,
        True,
    ]


EVENTS = st.sampled_from(
    [SOUND, WORDS, WHOLE, END, CUT, AGAIN, HEARD, STARTS, STOPS, ev.Thought("hm")]
)


@given(st.lists(EVENTS), st.booleans())
def test_whatever_happened_a_question_that_meets_silence_is_noticed_in_time(
    events: list[ev.LiveEvent], calls: bool
) -> None:
    watched = Watched()
    if calls:
        watched.calls_in_background()
    watched.hears(*events)
    watched.says()
    assert watched.silent_after(SILENT_SERVICE_S)


@given(st.lists(EVENTS))
def test_whatever_happened_a_result_that_waits_for_a_pause_is_owed_once_there_is_one(
    events: list[ev.LiveEvent],
) -> None:
    watched = Watched()
    watched.hears(*events, STOPS)
    watched.exchange.result_sent_for_pause(watched.now_s)
    watched.hears(END)
    answered = not events_open(events)
    assert watched.silent_after(SILENT_SERVICE_S) or answered


def events_open(events: list[ev.LiveEvent]) -> bool:
    """Whether a turn that said something, or was cut off, has not ended after `events`."""
    under_way = False
    for event in events:
        under_way = under_way or event in (SOUND, WORDS, CUT)
        under_way = under_way and not isinstance(event, ev.TurnComplete)
    return under_way
