"""How a session outlives its connections: what is remembered, repeated and waited for. Pure.

Time comes in as an argument; `voicecli.live.session` does what is decided here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from voicecli.audio.pcm import MIC_RATE_HZ, duration_s
from voicecli.errors import NetworkError
from voicecli.live import events as ev
from voicecli.live import outgoing
from voicecli.live.backoff import BackOff
from voicecli.live.exchange import SILENT_SERVICE_S, Exchange
from voicecli.live.failures import Cure, Verdict
from voicecli.live.history import NoPast, Past, Resume, Said, latest
from voicecli.live.items import INTERRUPT, Item, Offer, Signal, Sound, ToolResult, Typed
from voicecli.live.items import SILENT as SILENTLY
from voicecli.live.models import model_or_unknown
from voicecli.live.open_calls import OpenCalls
from voicecli.live.outbox import Outbox
from voicecli.live.setup import Dial, FunctionDeclaration, Setup
from voicecli.live.setups import Setups

# What a user does not miss when it is gone.
UNNOTICED_S = 0.2

SILENT = Verdict(
    Cure.RECONNECT,
    NetworkError(
        f"the service has said nothing for {SILENT_SERVICE_S:.0f} s",
        hint="check the network and run the command again",
    ),
)
SLEPT = Verdict(Cure.RECONNECT, NetworkError("the machine has slept", hint="run the command again"))


class SessionPolicy:
    """The thread of one session."""

    def __init__(self, setup: Setup, resume: Resume | None, chance: Callable[[], float]) -> None:
        """`chance` gives numbers from 0 to 1."""
        model = model_or_unknown(setup.model)
        self.setups = Setups(setup)
        self.outbox = Outbox()
        self.back_off = BackOff(chance)
        self.past: Past = NoPast()
        self.oddities: Counter[str] = Counter()
        self.resumable = False
        self._earlier = resume.history if resume else ()
        self._handle = resume.handle if resume else None
        self._mark = 0
        # Whether a handle that comes now stands for a state in which what was told is known.
        self._handles_count = True
        self._takes_content = model.takes_content or model.text_as_content
        self._schedules = model.schedules
        self._takes_history = True
        self._tells_history = False  # the connection that is being made
        self._speech_again = False
        self._exchange = Exchange(transcribes=model.text_only)
        self._calls = OpenCalls()
        self._calling = False  # the last that was heard is a call

    def queue(self, item: Item) -> None:
        """The user's side has `item` to send."""
        # A function that gives one result after the other is no sign of the user.
        goes_on = isinstance(item, ToolResult) and item.continues
        if not (isinstance(item, Sound | Offer) or goes_on):
            self._exchange.user_acts()
        if isinstance(item, ToolResult) and not goes_on:
            self._calls.finished(item.call_id)
        self.outbox.add(item)

    def offer(self, functions: tuple[FunctionDeclaration, ...]) -> bool:
        """These functions are on offer; False if a move has to be made for it."""
        done = self.setups.offer(functions)
        if self.setups.tells_tools:
            self.queue(Offer())
        return done

    def message(self, items: Sequence[Item]) -> outgoing.Send:
        """What `Outbox.take` gave, as one message."""
        first, setup = items[0], self.setups.current
        match first:
            case Sound():
                return outgoing.sound([item for item in items if isinstance(item, Sound)])
            case Signal():
                return outgoing.signal(first)
            case Typed():
                return outgoing.typed(first, setup, talking=self.outbox.talking)
            case Offer():
                return outgoing.tools(setup)
            case ToolResult():
                return self._result(first)

    def passed(self, items: Sequence[Item], now_s: float) -> None:
        """What `Outbox.take` gave was sent."""
        self.outbox.passed()
        for item in items:
            # With push-to-talk the tap ends the turn, and no silence does.
            if isinstance(item, Sound) and not self.outbox.talking:
                sound_ms = 1_000 * duration_s(item.pcm, MIC_RATE_HZ)
                self._exchange.sound_sent(sound_ms, item.loud, now_s)
        last = items[-1]
        if isinstance(last, Offer):
            self.setups.tools_told()
        elif isinstance(last, ToolResult):
            self._result_passed(last, now_s)
        elif isinstance(last, Typed) or last is Signal.ACTIVITY_END:
            self._exchange.said(now_s)

    def hear(self, event: ev.LiveEvent, now_s: float) -> None:
        """Take note of what the service says."""
        together, self._calling = self._calling, isinstance(event, ev.FunctionCall)
        background = isinstance(event, ev.FunctionCall) and self.setups.runs_in_background(
            event.name
        )
        begins = self._exchange.begins_reply(event, now_s, background=background)
        if begins:
            self._answered()
        self.setups.hear(event, begins=begins)
        match event:
            case ev.ResumptionUpdate():
                self._handle_came(event)
            case ev.FunctionCall():
                self._calls.called(event, background=background, together=together)
            case ev.FunctionCallsCancelled(call_ids=call_ids):
                self._calls.cancelled(call_ids)
                self.outbox.forget_results(call_ids)
            case ev.Unrecognised(kind=kind):
                self.oddities[kind] += 1
            case _:
                pass

    def silent(self, now_s: float) -> bool:
        """Whether the service owes an answer and has been silent for too long; tells it once."""
        calls_open, talking = bool(self._calls.waited_for), self.outbox.talking
        silent = self._exchange.silent(now_s, calls_open=calls_open, talking=talking)
        if silent:
            self._exchange.alarm()
        if self._exchange.unheeded(now_s):
            self.outbox.forget_sound()
        return silent

    def lost(self, *, planned: bool) -> bool:
        """The connection is gone; whether speech is said again, to be recognised anew.

        Where a move is made in a pause, sound that nobody owes an answer to was none to answer.
        """
        if not (self._exchange.owes or self.outbox.talking):
            self.outbox.let_fade()
            if planned:
                self.outbox.forget_sound()
        self._exchange.connection_lost()
        self._speech_again = self.outbox.rewind()
        return self._speech_again

    def delay_s(self, verdict: Verdict, now_s: float) -> float:
        """How long to wait before the next try; raises the verdict's error if there is none."""
        if verdict.blames_setup and self._tells_history:
            self._takes_history = False
        elif verdict.cure is Cure.STOP:
            raise verdict.error
        if verdict.cure is Cure.FORGET_HANDLE:
            self.forget_handle()
        briefly = verdict.cure is Cure.RECONNECT_BRIEFLY
        delay_s = self.back_off.next_delay_s(now_s, briefly=briefly)
        if delay_s is None:
            raise verdict.error
        return delay_s

    def forget_handle(self) -> None:
        """It is dead: the next connection begins anew, with all that was said to tell."""
        self._handle, self.resumable, self._mark = None, False, 0

    def dial(self) -> Dial:
        """How to connect. A model that takes no content in the middle is told all at its start."""
        self.setups.dialling()
        self.outbox.withdraw_offers()
        if self._handle is not None and not self._takes_content and self._unknown():
            self.forget_handle()
        # Where the setup may not say so, it is told after it, as content.
        unknown = self._handle is None and bool(self._unknown())
        self._tells_history = unknown and self._takes_history
        return Dial(self._handle, tells_history=self._tells_history)

    def eases_update(self, verdict: Verdict) -> bool:
        """Whether a connection was lost for its update alone: the next one can do without it."""
        return verdict.blames_setup and self.setups.update_refused()

    def eases_resuming(self, verdict: Verdict) -> bool:
        """Whether a session that could not be resumed is tried once more, asking for less."""
        if verdict.cure is not Cure.FORGET_HANDLE and not verdict.blames_setup:
            return False
        if self._handle is not None:
            self.forget_handle()
            return True
        told, self._takes_history = self._tells_history, False
        return told

    def connected(self, now_s: float) -> tuple[Said, ...]:
        """A connection stands; what the service has to be told before anything else."""
        resumed = self._handle is not None
        self._tells_history = False
        self.back_off.connected(now_s)
        self._exchange.connected(now_s)
        self._calls.moved(resumed=resumed)
        untold = self._unknown()
        self._handles_count = not untold
        return untold

    def take_lost_s(self) -> float:
        """How much speech could not be kept, in seconds; 0 for what nobody misses."""
        lost_s = self.outbox.take_lost_s()
        return lost_s if lost_s >= UNNOTICED_S else 0.0

    def _result(self, result: ToolResult) -> outgoing.Send:
        background = self._calls.in_background(result.call_id)
        words = self._calls.in_words(result)
        if words is None:
            return outgoing.tool_result(result, background=background, schedules=self._schedules)
        if background and result.over:
            return outgoing.nothing
        if background and result.scheduling == SILENTLY and self._takes_content:
            return outgoing.content([Said("user", words)], answered=False)
        setup, talking = self.setups.current, self.outbox.talking
        return outgoing.typed(Typed(words), setup, talking=talking)

    def _result_passed(self, result: ToolResult, now_s: float) -> None:
        """What the service owes for a result that was sent."""
        background = self._calls.in_background(result.call_id)
        if background and result.scheduling == SILENTLY:
            return
        if not result.continues and self._calls.awaits_others(result.call_id):
            return
        in_words = self._calls.in_words(result) is not None
        at_once = in_words or (self._schedules and result.scheduling == INTERRUPT)
        if background and not at_once:
            self._exchange.result_sent_for_pause(now_s)
        else:
            self._exchange.result_sent(now_s)

    def _unknown(self) -> tuple[Said, ...]:
        """What was said that the service does not know on the next connection."""
        earlier = self._earlier if self._handle is None else ()
        open_calls = self._calls.at_work | self.outbox.unanswered_results
        since = self.past.since(self._mark, open_calls=open_calls, speech_again=self._speech_again)
        return latest((*earlier, *since))

    def _answered(self) -> None:
        self.outbox.answered(self._calls.in_handle)
        self._calls.settle(self.outbox.unanswered_results)
        self.past.answered()
        self._handles_count = True

    def _handle_came(self, update: ev.ResumptionUpdate) -> None:
        self.resumable = update.resumable
        if not update.resumable or not self._handles_count:
            return
        self._handle, self._mark = update.handle, self.past.mark()
        self._calls.handle_given()
        self.outbox.results_known()
        self._calls.settle(self.outbox.unanswered_results)
