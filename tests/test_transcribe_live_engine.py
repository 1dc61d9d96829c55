"""The engine must send a recording whole at a fair pace, lose no last word, and end honestly.

A service that is played from a script shows in virtual time what a real one does on bad days; that
the engine gets on with the real SDK is shown against the local server, in `test_transcribe_local`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from virtual_time import run_virtually

from voicecli.audio.pcm import MIC_RATE_HZ, duration_s
from voicecli.errors import NetworkError, PartlyDoneError, QuotaError, UsageError, VoicecliError
from voicecli.live import events as ev
from voicecli.live.items import Item, Signal, Sound
from voicecli.transcribe.ending import ANSWERED_S, SETTLE_S
from voicecli.transcribe.live_engine import (
    SESSION_LIMIT_S,
    TRAILING_SILENCE,
    LiveEngine,
    Progress,
    clock,
    session_limit_warning,
)
from voicecli.transcribe.pacing import LEAD_S
from voicecli.transcribe.source import BLOCK_BYTES

Cue = tuple[float, ev.LiveEvent | VoicecliError]
"""An event, or the error that ends them, and how long after the one before."""

SOUND = b"\x01\x00" * (BLOCK_BYTES // 2)
CONNECTED: Cue = (0.0, ev.Connected())
HANGS = 1e6


@dataclass
class Service:
    """A session that follows a script: cues in order, those after the sound once it has ended."""

    during: Sequence[Cue] = ()
    after: Sequence[Cue] = ((HANGS, ev.Usage()),)
    sent: list[bytes] = field(default_factory=list)
    sent_at_s: list[float] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def events(self) -> AsyncIterator[ev.LiveEvent]:
        for delay_s, cue in (CONNECTED, *self.during):
            await asyncio.sleep(delay_s)
            yield self._played(cue)
        if self.during and self.after == ():
            return
        await self.ended.wait()
        for delay_s, cue in self.after:
            await asyncio.sleep(delay_s)
            yield self._played(cue)

    async def send(self, item: Item) -> None:
        if item is Signal.AUDIO_STREAM_END:
            self.ended.set()
            return
        assert isinstance(item, Sound)
        assert not self.ended.is_set()
        self.sent.append(item.pcm)
        self.sent_at_s.append(asyncio.get_running_loop().time())

    @staticmethod
    def _played(cue: ev.LiveEvent | VoicecliError) -> ev.LiveEvent:
        if isinstance(cue, VoicecliError):
            raise cue
        return cue


@dataclass
class Run:
    """One transcription in virtual time."""

    service: Service
    recording_s: float = 2.0
    speed: float = 1.0
    lines: list[str] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    took_s: float = 0.0
    error: VoicecliError | None = None

    def __post_init__(self) -> None:
        run_virtually(self._run())

    async def _run(self) -> None:
        engine = LiveEngine(
            self.service,
            speed=self.speed,
            on_progress=self.progress.append,
            warn=self.warnings.append,
        )
        count = round(self.recording_s / duration_s(SOUND, MIC_RATE_HZ))
        try:
            await engine.run([SOUND] * count)
        except VoicecliError as error:
            self.error = error
        self.lines = [utterance.text for utterance in engine.transcript.utterances]
        self.took_s = asyncio.get_running_loop().time()


def words(text: str) -> ev.UserSpeech:
    return ev.UserSpeech(text)


VOICE = ev.AudioChunk(b"\0\0", 24_000)
SENDING_S = 3.0 - LEAD_S - 0.1
"""How long two seconds of sound and one of silence take: the last block goes out at its start."""


def test_all_sound_is_sent_and_then_silence_and_then_the_end() -> None:
    run = Run(Service())
    assert run.service.sent == [SOUND] * 20 + list(TRAILING_SILENCE)
    assert run.service.ended.is_set()


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_sound_goes_out_at_the_speed_that_was_asked_for(speed: float) -> None:
    run = Run(Service(), recording_s=60.0, speed=speed)
    assert run.service.sent_at_s[-1] == pytest.approx((61.0 - LEAD_S - 0.1) / speed)


def test_a_service_that_says_nothing_is_left_after_a_while_with_an_empty_transcript() -> None:
    run = Run(Service())
    assert (run.lines, run.error) == ([], None)
    assert run.took_s == pytest.approx(SENDING_S + SETTLE_S)


def test_words_that_come_late_are_not_lost() -> None:
    late = ((4.5, words("the last")), (4.5, words(" word.")), (HANGS, ev.Usage()))
    run = Run(Service(after=late))
    assert run.lines == ["the last word."]
    assert run.took_s == pytest.approx(SENDING_S + 9.0 + SETTLE_S)


def test_a_reply_after_the_last_words_ends_the_wait() -> None:
    reply = ((1.0, words("hello")), (1.0, VOICE), (0.5, ev.GenerationComplete()))
    run = Run(Service(after=(*reply, (30.0, ev.TurnComplete()))))
    assert run.lines == ["hello"]
    assert run.took_s == pytest.approx(SENDING_S + 2.5 + ANSWERED_S)


def test_a_model_that_answers_the_first_utterance_does_not_end_the_recording() -> None:
    first = ((0.5, words("one")), (0.5, VOICE), (0.1, ev.GenerationComplete()))
    second = ((0.1, ev.Interrupted()), (0.0, ev.TurnComplete()), (2.0, words("two")))
    run = Run(Service(during=first, after=(*second, (HANGS, ev.Usage()))))
    assert run.lines == ["one", "two"]


def test_progress_tells_the_place_and_the_newest_words() -> None:
    guess = ev.UserSpeech("hel", interim=True)
    run = Run(Service(during=((0.1, guess), (0.9, words("hello")))))
    seen = [(round(one.sent_s, 1), one.last_words) for one in run.progress]
    assert seen[0] == (0.1, "")
    assert next(shown for _, shown in seen if shown) == "hel"
    assert seen[-1] == (2.0, "hello")


def test_a_service_that_hangs_up_after_the_end_has_said_all() -> None:
    run = Run(Service(after=((0.5, words("hello")),)))
    assert (run.lines, run.error) == (["hello"], None)
    assert run.took_s == pytest.approx(SENDING_S + 0.5)


def test_a_reconnection_after_the_last_words_is_not_waited_for() -> None:
    hung_up = (0.1, ev.Reconnecting("code 1000", 1, 10.0))
    run = Run(Service(after=((0.5, words("hello")), hung_up, (HANGS, ev.Usage()))))
    assert (run.lines, run.error, run.warnings) == (["hello"], None, [])
    assert run.took_s == pytest.approx(SENDING_S + 0.6)


def test_a_connection_lost_before_the_last_words_is_not_passed_off_as_done() -> None:
    lost = (0.1, ev.Reconnecting("gone", 1, 10.0))
    run = Run(Service(during=((0.5, words("hello")),), after=(lost, (HANGS, ev.Usage()))))
    assert isinstance(run.error, PartlyDoneError)
    assert run.lines == ["hello"]
    assert run.warnings == ["the connection was lost at 0:02; words may be missing"]


def test_a_lost_connection_holds_the_sound_until_it_is_back() -> None:
    away = ((0.5, ev.Reconnecting("gone", 1, 1.0)), (30.0, ev.Connected(resumed=True)))
    run = Run(Service(during=(*away, (0.5, words("hello")))))
    assert len(run.service.sent) == 30
    gap = [at_s for at_s in run.service.sent_at_s if 0.6 < at_s < 30.4]
    assert gap == []
    assert run.lines == ["hello"]


def test_words_around_a_lost_connection_may_be_missing_and_that_is_said_once() -> None:
    lost = (0.5, ev.Reconnecting("gone", 1, 1.0))
    back = (0.1, ev.Connected(resumed=True))
    run = Run(Service(during=(lost, back, lost, back)))
    assert isinstance(run.error, PartlyDoneError)
    assert "lost at 0:01" in str(run.error)
    assert len(run.warnings) == 1


def test_a_failure_keeps_the_words_so_far_and_says_that_they_are_not_all() -> None:
    quota = QuotaError("the quota is used up", hint="wait")
    run = Run(Service(during=((0.5, words("hello")), (0.5, quota))))
    assert run.lines == ["hello"]
    assert isinstance(run.error, PartlyDoneError)
    assert "near 0:01" in str(run.error)
    assert "the quota is used up" in str(run.error)
    assert (run.error.hint, run.error.__cause__) == ("wait", quota)


def test_a_failure_after_the_end_keeps_the_words_too() -> None:
    lost = NetworkError("gone")
    run = Run(Service(during=((0.5, words("hello")),), after=((0.1, lost),)))
    assert run.lines == ["hello"]
    assert "near the end" in str(run.error)


def test_a_failure_without_a_word_is_itself() -> None:
    lost = NetworkError("gone")
    assert Run(Service(during=((0.5, lost),))).error is lost


def test_a_session_that_ends_before_the_recording_is_a_failure() -> None:
    run = Run(Service(during=((0.5, ev.Usage()),), after=()))
    assert isinstance(run.error, NetworkError)
    assert "before the recording was over" in str(run.error)


def test_a_fault_of_the_recording_is_told_as_it_is() -> None:
    async def run() -> None:
        def blocks() -> Sequence[bytes]:
            raise UsageError("bad")

        engine = LiveEngine(Service(), speed=1.0, on_progress=lambda _: None, warn=print)
        await engine.run(block for block in blocks())

    with pytest.raises(UsageError, match="bad"):
        run_virtually(run())


def test_what_was_heard_is_there_after_a_cancellation() -> None:
    async def run() -> tuple[list[str], float]:
        service = Service(during=((0.5, words("hello")),))
        engine = LiveEngine(service, speed=1.0, on_progress=lambda _: None, warn=print)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await engine.run([SOUND] * 100)
        return [one.text for one in engine.transcript.utterances], engine.sent_s

    lines, sent_s = run_virtually(run())
    assert lines == ["hello"]
    assert sent_s == pytest.approx(1.0 + LEAD_S, abs=0.11)


def test_recordings_that_fit_a_session_get_no_warning() -> None:
    assert session_limit_warning(SESSION_LIMIT_S, local=False) == ""
    assert session_limit_warning(10 * SESSION_LIMIT_S, local=True) == ""


def test_a_recording_that_outlasts_a_session_is_warned_of() -> None:
    warning = session_limit_warning(750.0, local=False)
    assert "12:30" in warning
    assert "10:00" in warning


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (600, "10:00"), (3_661, "1:01:01")]
)
def test_times_are_shown_as_people_write_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
