"""A service that lost the thread is told what was said, in order, once, and as far as it was heard.

What it has not begun to answer is left out: the session sends that again, as it was said.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.history import Said
from voicecli.talk import events as talk
from voicecli.talk.history import KEPT_RESULTS, History

NOBODY: frozenset[str] = frozenset()


def user(
    text: str, t_s: float = 0.0, *, final: bool = True, typed: bool = False
) -> talk.Transcript:
    return talk.Transcript(t_s, "user", text, final, text, typed)


def model(
    text: str, t_s: float = 0.0, *, final: bool = True, heard: str | None = None
) -> talk.Transcript:
    return talk.Transcript(t_s, "model", text, final, text if heard is None else heard)


def history(*events: talk.TalkEvent | None) -> History:
    """A history of `events`; None stands for the moment at which the service begins to answer."""
    made = History()
    for event in events:
        if event is None:
            made.answered()
        else:
            made.take(event)
    return made


def told(made: History, mark: int = 0, open_calls: frozenset[str] = NOBODY) -> list[str]:
    turns = made.since(mark, open_calls=open_calls, speech_again=True)
    return [f"{said.role}: {said.text}" for said in turns]


def test_both_sides_are_told_in_the_order_in_which_they_spoke() -> None:
    made = history(user("hello"), None, model("Hi."), user("and you?"), None, model("Well."))
    assert told(made) == ["user: hello", "model: Hi.", "user: and you?", "model: Well."]


def test_of_a_reply_that_was_cut_off_only_what_was_heard_is_told() -> None:
    made = history(user("go"), None, model("The sea is big and blue.", heard="The sea is"))
    assert told(made) == ["user: go", "model: The sea is"]
    assert told(history(user("go"), None, model("The sea", heard=""))) == ["user: go"]


def test_a_reply_that_is_being_played_counts_whole_for_it_will_be_heard() -> None:
    made = history(user("go"), None, model("The sea is big", final=False, heard="The"))
    assert told(made) == ["user: go", "model: The sea is big"]


def test_what_is_not_answered_is_left_out() -> None:
    made = history(user("one"), None, model("1"), user("two", typed=True))
    made.take(user("th", 10.0, final=False))
    assert told(made) == ["user: one", "model: 1"]
    made.answered()
    assert told(made) == ["user: one", "model: 1", "user: two", "user: th"]


def test_only_what_came_after_the_mark_is_told() -> None:
    made = history(user("one"), None, model("1"))
    mark = made.mark()
    made.take(user("two", 10.0))
    assert told(made, mark) == []
    made.answered()
    made.take(model("2"))
    assert told(made, mark) == ["user: two", "model: 2"]
    assert told(made, made.mark()) == []


def test_a_mark_in_the_middle_of_a_reply_stands_for_all_of_it() -> None:
    made = history(user("one"), None, model("1 and", final=False))
    mark = made.mark()
    made.take(model("1 and 2"))
    assert told(made, mark) == []


def test_words_that_were_said_before_a_mark_and_answered_after_it_are_told() -> None:
    made = history(user("one"), None, model("1"), user("two", typed=True))
    mark = made.mark()
    made.answered()
    assert told(made, mark) == ["user: two"]


def test_words_that_are_recognised_after_the_answer_began_stand_before_it() -> None:
    made = history(user("one"), None, model("1", 1.0), None, model("2", 5.0, final=False))
    made.take(user("two", 5.5))
    assert told(made) == ["user: one", "model: 1", "user: two", "model: 2"]
    assert told(made, made.mark()) == []


def test_late_words_whose_answer_has_no_words_yet_are_answered_all_the_same() -> None:
    made = history(None, talk.AudioReceived(1.0, 10, 0.1), user("one", 1.5), model("1", 1.6))
    assert told(made) == ["user: one", "model: 1"]


def test_words_that_come_too_late_are_told_where_their_sound_is_not_sent_again() -> None:
    made = history(None, model("Rome.", 1.0), user("which city?", 9.0))
    assert told(made) == ["model: Rome."]
    turns = made.since(0, open_calls=NOBODY, speech_again=False)
    assert [said.text for said in turns] == ["Rome.", "which city?"]


def test_words_over_the_reply_are_a_new_turn_that_is_not_answered() -> None:
    made = history(user("one"), None, model("1", 1.0, final=False), user("stop", 9.0))
    assert told(made) == ["user: one", "model: 1"]


def test_speech_that_is_recognised_anew_is_one_turn() -> None:
    made = history(user("hel", final=False), user("", final=False), user("hello"), None)
    assert told(made) == ["user: hello"]


def test_a_call_is_told_with_its_result_once_it_has_ended() -> None:
    made = history(user("weather?"), None, talk.ToolCalled(1.0, "f1", "weather", {"in": "London"}))
    assert told(made) == ["user: weather?"]
    made.take(talk.ToolFinished(2.0, "f1", "weather", 1.0, result="rain"))
    assert told(made)[1:] == ['user: [The function weather({"in": "London"}) returned: "rain"]']
    assert told(made, open_calls=frozenset({"f1"})) == ["user: weather?"]


def test_a_call_that_failed_is_told_and_one_that_was_cancelled_is_not() -> None:
    called = talk.ToolCalled(1.0, "f1", "weather", {})
    failed = history(called, talk.ToolFinished(2.0, "f1", "weather", 1.0, error="no network"))
    assert "no network" in told(failed)[0]
    assert told(history(called, talk.ToolFinished(2.0, "f1", "weather", 1, cancelled=True))) == []


def timer(*events: talk.TalkEvent | None, background: bool) -> History:
    """A call of a function that goes on, and what followed."""
    called = talk.ToolCalled(1.0, "f1", "timer", {"m": 3}, background)
    return history(user("timer!"), None, called, *events)


def progress(result: object) -> talk.ToolProgress:
    return talk.ToolProgress(2.0, "f1", "timer", result)


OVER = talk.ToolFinished(3.0, "f1", "timer", 2.0)
CALLED = 'user: [The function timer({"m": 3}) returned: '


def test_a_call_in_the_background_is_told_as_such_while_it_runs_and_then_with_all_results() -> None:
    at_work = ['user: [The function timer({"m": 3}) is at work in the background]']
    made = timer(progress("set"), background=True)
    assert told(made, open_calls=frozenset({"f1"}))[1:] == at_work
    assert told(made, made.mark(), open_calls=frozenset({"f1"})) == [], "the handle stands for it"
    made.take(progress("over"))
    made.take(OVER)
    assert told(made, open_calls=frozenset({"f1"}))[1:] == [], "its end is on the way"
    assert told(made)[1:] == [CALLED + '["set", "over"]]']


def test_a_result_that_was_told_in_words_is_told_again_once_it_was_answered() -> None:
    made = timer(progress("set"), None, model("It is set."), progress("over"), background=False)
    words = [CALLED + '"set"]', "model: It is set."]
    assert told(made)[1:] == words, "the session says it again by itself"
    made.answered()
    assert told(made)[1:] == [*words, CALLED + '"over"]']
    made.take(OVER)
    assert told(made)[1:] == [*words, CALLED + '"over"]']


def test_words_of_the_user_go_on_while_a_function_tells_its_results() -> None:
    made = timer(progress("set"), None, user("and", 5.0, final=False), background=False)
    made.take(progress("over"))
    made.take(user("and now?", 6.0))
    made.answered()
    assert [line for line in told(made) if "and" in line] == ["user: and now?"]


def test_a_failure_after_results_is_told_with_them() -> None:
    failed = talk.ToolFinished(3.0, "f1", "timer", 2.0, error="broke")
    made = timer(progress("set"), failed, background=True)
    assert told(made)[1:] == [CALLED + '["set", {"error": "broke"}]]']


def test_of_a_function_that_tells_how_far_it_is_the_last_results_are_told() -> None:
    made = timer(*map(progress, range(1_000)), OVER, background=True)
    assert told(made)[1:] == [CALLED + f"{list(range(1_000 - KEPT_RESULTS, 1_000))}]"]


def test_a_call_that_was_refused_is_told_as_one_that_was_not_made() -> None:
    decided = talk.ToolDecided(2.0, "f1", "timer", False, "user")
    failed = talk.ToolFinished(3.0, "f1", "timer", 2.0, error="the user said no")
    made = timer(decided, failed, background=False)
    assert told(made)[1:] == [
        'user: [The function timer({"m": 3}) was not called: the user said no]'
    ]


def test_what_was_at_work_when_a_conversation_ended_was_stopped() -> None:
    stopped = '[The function timer({"m": 3}) was stopped when the conversation ended]'
    for background in (False, True):
        made = timer(background=background)
        assert [said.text for said in made.all()][1:] == [stopped]
    assert [said.text for said in timer(progress("set"), background=True).all()][1:] == [stopped]
    answered = timer(progress("set"), background=False).all()
    assert [f"user: {said.text}" for said in answered][1:] == [CALLED + '"set"]']


def test_an_id_that_comes_again_in_a_later_part_of_a_record_is_another_call() -> None:
    made = history(
        talk.ToolCalled(1.0, "f1", "weather", {}),
        talk.ToolFinished(2.0, "f1", "weather", 1.0, result="rain"),
        talk.ToolCalled(3.0, "f1", "clock", {}),
        talk.ToolFinished(4.0, "f1", "clock", 1.0, result="noon"),
    )
    assert [line.split("(")[0] for line in told(made)] == [
        "user: [The function weather",
        "user: [The function clock",
    ]
    assert "noon" in told(made)[1]


def test_code_that_the_service_ran_is_told_as_what_the_model_did() -> None:
    made = history(
        user("6 times 7?"),
        None,
        model("Let me see.", final=False),
        talk.CodeWritten(1.0, "python", "print(6 * 7)"),
        talk.CodeRan(2.0, ok=True, output="42"),
        model("Let me see. It is 42."),
    )
    assert told(made) == [
        "user: 6 times 7?",
        "model: Let me see. It is 42.",
        "model: [I ran this python code: print(6 * 7)]",
        "model: [It printed: 42]",
    ]
    failed = history(talk.CodeRan(2.0, ok=False, output="x" * 100_000))
    assert told(failed)[0].startswith("model: [It failed: xxx")
    assert len(told(failed)[0]) < 17_000


def test_the_end_of_a_call_that_nobody_saw_begin_tells_nothing() -> None:
    assert told(history(talk.ToolFinished(2.0, "f9", "weather", 1.0, result=1))) == []


def test_what_a_later_conversation_goes_on_from_is_everything() -> None:
    made = history(user("one"), None, model("1"), user("two"))
    assert made.all() == (Said("user", "one"), Said("model", "1"), Said("user", "two"))


STEPS = st.lists(st.sampled_from(["user", "answer", "mark"]))


@given(STEPS)
def test_whatever_was_answered_is_either_known_or_told_and_nothing_is_both(
    steps: list[str],
) -> None:
    made, lines, known, answered, mark = History(), list[str](), 0, 0, 0
    for number, step in enumerate(steps):
        if step == "user":
            made.take(user(str(number), float(number * 10), typed=True))
            lines.append(f"user: {number}")
        elif step == "answer":
            made.answered()
            made.take(model(f"m{number}", number * 10.0))
            lines.append(f"model: m{number}")
            answered = len(lines)
        else:
            mark, known = made.mark(), answered
    assert told(made, mark) == lines[known:answered]
