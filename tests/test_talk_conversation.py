"""A whole conversation: real session, real speaker, a scripted server, a view that remembers."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hand_sounds import HandSounds
from scripted_server import Act, Call, CloseAtSetup, Refuse, scripted_server
from sound_pieces import HandOutput
from tool_of import tool_of

from voicecli.audio.device import Deliver, Fill, OutputDevice
from voicecli.audio.listener import Heard
from voicecli.audio.microphone import Microphone
from voicecli.audio.null_device import NullOutput
from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.audio.speaker import Speaker
from voicecli.errors import ExitCode, VoicecliError
from voicecli.live.history import Resume, Said
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.talk import events as talk
from voicecli.talk.conversation import Conversation
from voicecli.talk.limits import Limits
from voicecli.talk.parts import Listening, Parts, SoundInput
from voicecli.talk.record_files import RecordFiles, lines_of, read_facts
from voicecli.talk.record_lines import LineReading
from voicecli.talk.recorder import Recorder
from voicecli.talk.script import Cue
from voicecli.talk.view import Controls
from voicecli.talk.voice_file import VoiceFile
from voicecli.tools.approval import Answer
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import News, Toolbox

DEADLINE_S = 30
TURN_END = {"serverContent": {"turnComplete": True}}
WHOLE = {"serverContent": {"generationComplete": True}}
INTERRUPTED = {"serverContent": {"interrupted": True}}


def sound(seconds: float, words: str = "", rate_hz: int = SPEAKER_RATE_HZ) -> dict[str, Any]:
    """A chunk of the model's voice with its words."""
    pcm = b"\x10\x27" * int(seconds * rate_hz)
    blob = {"mimeType": f"audio/pcm;rate={rate_hz}", "data": base64.b64encode(pcm).decode()}
    content: dict[str, Any] = {"modelTurn": {"parts": [{"inlineData": blob}]}}
    if words:
        content["outputTranscription"] = {"text": words}
    return {"serverContent": content}


def call_of(name: str, call_id: str = "f1") -> dict[str, Any]:
    return {"toolCall": {"functionCalls": [{"id": call_id, "name": name, "args": {}}]}}


class Memory:
    """A view that keeps every event, and does something at the first of a kind."""

    def __init__(self) -> None:
        self.events: list[talk.TalkEvent] = []
        self.closed = 0
        self.controls: Controls | None = None
        self._reactions: list[tuple[Callable[[talk.TalkEvent], bool], Callable[[], None]]] = []

    def once(self, when: Callable[[talk.TalkEvent], bool], act: Callable[[], None]) -> None:
        self._reactions.append((when, act))

    def show(self, event: talk.TalkEvent) -> None:
        self.events.append(event)
        for reaction in self._reactions[:]:
            if reaction[0](event):
                self._reactions.remove(reaction)
                asyncio.get_running_loop().call_soon(reaction[1])

    async def run(self, controls: Controls) -> None:
        self.controls = controls

    def close(self) -> None:
        self.closed += 1

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    def finals(self) -> list[tuple[str, str, str]]:
        return [
            (event.role, event.text, event.heard)
            for event in self.of(talk.Transcript)
            if event.final
        ]


class QuietMicrophone:
    """An input device whose sound comes from the test."""

    name = "test microphone"

    def __init__(self) -> None:
        self.deliver: Deliver = lambda pcm: None

    def start(self, deliver: Deliver) -> None:
        self.deliver = deliver

    def close(self) -> None:
        self.deliver = lambda pcm: None


class OpenEar:
    """Lets everything through, and hears a voice over the model's when told to."""

    def __init__(self) -> None:
        self.muted = False
        self.duck = False

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        return Heard(
            () if self.muted else (frame,),
            duck=self.duck and speaking,
            speech=False,
            loud=not self.muted,
        )

    def interrupted(self, now_s: float) -> None:
        self.duck = False

    def mute(self, muted: bool) -> None:
        self.muted = muted


async def lines(*cues: Cue) -> AsyncIterator[Cue]:
    for cue in cues:
        yield cue


def hold(
    folder: Path,
    scenes: list[Act],
    *,
    view: Memory | None = None,
    script: AsyncIterator[Cue] | None = None,
    microphone: QuietMicrophone | None = None,
    tools: list[Tool] | None = None,
    voice_file: VoiceFile | None = None,
    recorder: Recorder | None = None,
    prepare: Callable[[Conversation, Memory], None] = lambda conversation, view: None,
    output: OutputDevice | None = None,
    sounds: HandSounds | None = None,
    ear: OpenEar | None = None,
    limits: Limits | None = None,
    setup: Setup = Setup(DEFAULT_MODEL),  # noqa: B008 - frozen
    resume: Resume | None = None,
    can_ask: bool = False,
    servers: Callable[[Toolbox], AbstractAsyncContextManager[object]] = nullcontext,
) -> tuple[ExitCode, Memory]:
    """Hold a conversation with a server of `scenes`, within a deadline."""
    memory = view or Memory()

    def listening() -> Listening:
        return Listening(ear or OpenEar(), talk.Echo.CANCELLED)

    async def main() -> ExitCode:
        async with asyncio.timeout(DEADLINE_S), scripted_server(folder, scenes) as server:
            toolbox = Toolbox(tools or [])
            parts = Parts(
                session=LiveSession(server.endpoint, setup, resume),
                setup=setup,
                local=False,
                sounds=sounds or HandSounds(),
                speaker=Speaker(output or NullOutput()),
                sound_input=None
                if microphone is None
                else SoundInput(Microphone(microphone), listening),
                tools=toolbox,
                views=[memory],
                script=script,
                voice_file=voice_file,
                recorder=recorder,
                notes=("a note",),
                warnings=(("a warning", "a hint"),),
                limits=limits or Limits(),
                can_ask=can_ask,
                servers=servers(toolbox),
            )
            conversation = Conversation(parts, clock=time.monotonic)
            prepare(conversation, memory)
            return await conversation.run()

    return asyncio.run(main()), memory


def is_state(state: talk.State) -> Callable[[talk.TalkEvent], bool]:
    return lambda event: isinstance(event, talk.StateChanged) and event.state is state


async def answers(call: Call) -> None:
    """Answers every line with half a second of sound, and takes note of what it is told."""
    while True:
        heard = await call.hear()
        if "client_content" in heard:
            continue
        text = heard["realtime_input"]["text"]
        await call.say(sound(0.25, "You said"), sound(0.25, f" {text}"), WHOLE, TURN_END)


def test_a_script_is_said_line_by_line_and_ends_when_the_last_reply_was_heard(
    tmp_path: Path,
) -> None:
    code, view = hold(tmp_path, [answers], script=lines(Cue("one"), Cue("two")))
    assert code is ExitCode.DONE
    assert view.finals() == [
        ("user", "one", "one"),
        ("model", "You said one", "You said one"),
        ("user", "two", "two"),
        ("model", "You said two", "You said two"),
    ]
    turns = view.of(talk.TurnEnded)
    assert [(turn.number, turn.heard_s) for turn in turns] == [(1, 0.5), (2, 0.5)]
    assert view.events[-1] == talk.Ended(view.events[-1].t_s, "script done", 2, 0)
    assert view.closed == 1


def test_a_conversation_tells_how_it_began(tmp_path: Path) -> None:
    _, view = hold(tmp_path, [answers], script=lines(Cue("one")))
    (started,) = view.of(talk.SessionStarted)
    assert (started.model, started.microphone, started.speaker) == (
        DEFAULT_MODEL,
        None,
        None,
    )
    assert [event.message for event in view.of(talk.Noted, talk.Warned)] == ["a note", "a warning"]
    assert view.of(talk.StateChanged)[0].state is talk.State.CONNECTING
    times = [event.t_s for event in view.events]
    assert times == sorted(times)


def test_a_line_said_over_the_reply_cuts_it_off_where_the_listener_was(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(sound(0.8, "Half a second"), sound(60.0, " and a very long minute"))
        await call.hear()
        await call.say(INTERRUPTED, TURN_END, sound(0.2, "Yes"), WHOLE, TURN_END)
        await call.wait()

    cues = lines(Cue("talk"), Cue("stop", into_reply_s=1.2))
    code, view = hold(tmp_path, [scene], script=cues)
    assert code is ExitCode.DONE
    (cut,) = view.of(talk.Interrupted)
    assert 0.7 < cut.heard_s < 10
    assert cut.heard_s + cut.dropped_s == pytest.approx(60.8, abs=0.01)
    assert view.finals()[1] == ("user", "stop", "stop")
    role, text, heard = view.finals()[2]
    assert (role, text) == ("model", "Half a second and a very long minute")
    assert heard.startswith("Half a second")
    assert heard != text
    assert [turn.interrupted for turn in view.of(talk.TurnEnded)] == [True, False]


def test_functions_are_run_and_answered_and_shown(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(call_of("now"), call_of("other", "f2"))
        heard.extend([await call.hear(), await call.hear()])
        await call.say(sound(0.1, "noon"), WHOLE, TURN_END)
        await call.wait()

    now = tool_of(lambda: {"time": "12:00"}, "now")
    code, view = hold(tmp_path, [scene], script=lines(Cue("time?")), tools=[now])
    assert code is ExitCode.DONE
    responses = {
        answer["id"]: answer["response"]
        for message in heard
        for answer in message["tool_response"]["functionResponses"]
    }
    assert responses["f1"] == {"result": {"time": "12:00"}}
    assert "no function other" in responses["f2"]["error"]
    called = view.of(talk.ToolCalled)
    assert [(event.call_id, event.name) for event in called] == [("f1", "now"), ("f2", "other")]
    results = {event.call_id: event for event in view.of(talk.ToolFinished)}
    assert results["f1"].result == {"time": "12:00"}
    assert results["f2"].error is not None


def test_a_cancelled_function_is_never_answered(tmp_path: Path) -> None:
    started, release = threading.Event(), threading.Event()
    heard: list[dict[str, Any]] = []

    def slow() -> str:
        started.set()
        return "done" if release.wait(DEADLINE_S) else "never"

    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(call_of("slow"))
        assert await asyncio.to_thread(started.wait, DEADLINE_S)
        await call.say({"toolCallCancellation": {"ids": ["f1", "unknown"]}})
        await call.say(INTERRUPTED, TURN_END, sound(0.1, "Fine"), WHOLE, TURN_END)
        heard.append(await call.hear())
        release.set()
        await call.say(sound(0.1, "Bye"), WHOLE, TURN_END)
        await call.wait()

    tool = tool_of(slow, "slow")
    code, view = hold(tmp_path, [scene], script=lines(Cue("go"), Cue("next")), tools=[tool])
    assert code is ExitCode.DONE
    assert heard == [{"realtime_input": {"text": "next"}}]
    (finished,) = view.of(talk.ToolFinished)
    assert finished.cancelled


def test_a_key_and_nothing_that_is_typed_lets_a_function_run_that_asks(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        await call.say(call_of("note"))
        heard.extend([await call.hear(), await call.hear()])
        await call.say(sound(0.1, "Done"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        controls = conversation.controls

        def is_typed(event: talk.TalkEvent) -> bool:
            return isinstance(event, talk.Transcript) and event.typed

        asked = lambda event: isinstance(event, talk.ToolAsked)  # noqa: E731
        view.once(asked, lambda: controls.send_text("yes, always"))
        view.once(is_typed, lambda: controls.answer_call("f1", Answer.YES))
        view.once(lambda event: isinstance(event, talk.TurnEnded), conversation.quit)

    note = tool_of(lambda: "kept", "note", risk=Risk.ASK)
    _, view = hold(tmp_path, [scene], tools=[note], can_ask=True, prepare=prepare)
    assert heard[0] == {"realtime_input": {"text": "yes, always"}}
    (answer,) = heard[1]["tool_response"]["functionResponses"]
    assert answer["response"] == {"result": "kept"}
    kinds = [type(event) for event in view.events]
    order = [talk.ToolCalled, talk.ToolAsked, talk.Transcript, talk.ToolDecided, talk.ToolFinished]
    places = [kinds.index(kind) for kind in order]
    assert places == sorted(places)


def test_a_conversation_ends_in_the_middle_of_a_question(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(call_of("note"))
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(lambda event: isinstance(event, talk.ToolAsked), conversation.quit)

    ran: list[object] = []
    note = tool_of(lambda: ran.append(1), "note", risk=Risk.ASK)
    code, view = hold(tmp_path, [scene], tools=[note], can_ask=True, prepare=prepare)
    assert code is ExitCode.DONE
    assert ran == []
    assert view.of(talk.ToolDecided) == []


def test_code_that_the_service_ran_and_thoughts_are_shown_and_are_no_words(tmp_path: Path) -> None:
    parts = [
        {"text": "**Adding up**", "thought": True},
        {"executableCode": {"language": "PYTHON", "code": "print(6 * 7)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n"}},
        {"text": "**Answering**", "thought": True},
    ]

    async def scene(call: Call) -> None:
        await call.hear()
        for part in parts:
            await call.say({"serverContent": {"modelTurn": {"parts": [part]}}})
        await call.say(sound(0.1, "42"), WHOLE, TURN_END)
        await call.wait()

    _, view = hold(tmp_path, [scene], script=lines(Cue("6 times 7?")))
    assert [event.text for event in view.of(talk.Thinking)] == ["**Adding up**", "**Answering**"]
    (written,), (ran,) = view.of(talk.CodeWritten), view.of(talk.CodeRan)
    assert (written.language, written.code) == ("python", "print(6 * 7)")
    assert (ran.ok, ran.output) == (True, "42\n")
    assert view.finals()[1:] == [("model", "42", "42")]


def test_servers_bring_functions_before_the_session_begins_and_leave_after_it(
    tmp_path: Path,
) -> None:
    course: list[str] = []
    setups: list[dict[str, Any]] = []

    @asynccontextmanager
    async def servers(toolbox: Toolbox) -> AsyncIterator[None]:
        toolbox.put("files", [tool_of(lambda: "text", "read", origin="files")])
        toolbox.tell(News("files has 1 function"))
        course.append("up")
        try:
            yield
        finally:
            course.append("down")

    async def scene(call: Call) -> None:
        setups.append(call.setup)
        course.append("session")
        await call.hear()
        await call.say(call_of("read"))
        await call.hear()
        await call.say(sound(0.1, "Read"), WHOLE, TURN_END)
        await call.wait()

    own = tool_of(lambda: 1, "own")
    _, view = hold(tmp_path, [scene], script=lines(Cue("go")), tools=[own], servers=servers)
    (offered,) = setups[0]["tools"]
    names = {declared["name"] for declared in offered["functionDeclarations"]}
    assert names == {"own", "read"}
    assert course == ["up", "session", "down"]
    assert "files has 1 function" in [event.message for event in view.of(talk.Noted)]
    assert [event.result for event in view.of(talk.ToolFinished)] == ["text"]


def test_a_user_who_leaves_while_servers_start_need_not_wait_for_them(tmp_path: Path) -> None:
    left: list[str] = []

    @asynccontextmanager
    async def servers(toolbox: Toolbox) -> AsyncIterator[None]:
        try:
            await asyncio.Event().wait()
            yield
        finally:
            left.append("servers")

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(is_state(talk.State.CONNECTING), conversation.quit)

    code, view = hold(tmp_path, [answers], servers=servers, prepare=prepare)
    assert code is ExitCode.DONE
    assert left == ["servers"]
    assert view.of(talk.SessionStarted) == []
    assert isinstance(view.events[-1], talk.Ended)


def test_functions_that_come_in_the_middle_are_offered_and_called(tmp_path: Path) -> None:
    boxes: list[Toolbox] = []

    def servers(toolbox: Toolbox) -> AbstractAsyncContextManager[object]:
        boxes.append(toolbox)
        return nullcontext()

    async def scene(call: Call) -> None:
        await call.hear()
        boxes[0].put("files", [tool_of(lambda: "text", "read", origin="files")])
        boxes[0].tell(News("files is gone", "voicecli mcp test files", warning=True))
        update = await call.hear()
        (offered,) = update["contextUpdate"]["tools"]["tools"]
        assert [declared["name"] for declared in offered["functionDeclarations"]] == ["read"]
        await call.say(call_of("read"))
        await call.hear()
        await call.say(sound(0.1, "Read"), WHOLE, TURN_END)
        await call.wait()

    _, view = hold(tmp_path, [scene], script=lines(Cue("go")), servers=servers)
    assert "voicecli mcp test files" in [event.hint for event in view.of(talk.Warned)]
    assert [event.result for event in view.of(talk.ToolFinished)] == ["text"]


def test_the_key_that_stops_the_voice_stops_it_and_the_rest_is_not_played(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(sound(60.0, "a very long minute"))
        await stopped.wait()
        await call.say(sound(1.0, " more of it"), WHOLE, TURN_END)
        await call.wait()

    stopped = asyncio.Event()

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(is_state(talk.State.SPEAKING), conversation.controls.interrupt)
        view.once(lambda event: isinstance(event, talk.Interrupted), stopped.set)
        view.once(lambda event: isinstance(event, talk.TurnEnded), conversation.quit)

    code, view = hold(tmp_path, [scene], prepare=prepare)
    assert code is ExitCode.DONE
    (turn,) = view.of(talk.TurnEnded)
    assert turn.interrupted
    assert turn.heard_s < 30
    assert view.finals()[0][:2] == ("model", "a very long minute")


def test_speech_goes_up_in_frames_and_comes_back_as_words(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        heard.append(await call.hear())
        await call.say({"serverContent": {"inputTranscription": {"text": "Hello"}}})
        await call.say(sound(0.1, "Hi"), WHOLE, TURN_END)
        await call.wait()

    microphone = QuietMicrophone()

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(is_state(talk.State.LISTENING), lambda: microphone.deliver(b"\x01\x00" * 320))
        view.once(lambda event: isinstance(event, talk.TurnEnded), conversation.quit)

    _, view = hold(tmp_path, [scene], microphone=microphone, prepare=prepare)
    data = base64.urlsafe_b64decode(heard[0]["realtime_input"]["audio"]["data"])
    assert data == b"\x01\x00" * 320
    assert view.finals() == [("user", "Hello", "Hello"), ("model", "Hi", "Hi")]


def test_muting_sends_silence_and_ends_the_stream_of_sound_and_is_shown(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    microphone = QuietMicrophone()

    async def scene(call: Call) -> None:
        while not heard or "audio" in heard[-1]["realtime_input"]:
            heard.append(await call.hear())
        await call.say(sound(0.1, "Hi"), WHOLE, TURN_END)
        await call.wait()

    async def go_on_speaking() -> None:
        while True:
            microphone.deliver(b"\x01\x00" * 320)
            await asyncio.sleep(0.01)

    def prepare(conversation: Conversation, view: Memory) -> None:
        speaking: list[asyncio.Task[None]] = []

        def mute() -> None:
            assert not conversation.controls.meters().muted
            conversation.controls.toggle_mute()
            assert conversation.controls.meters().muted
            speaking.append(asyncio.ensure_future(go_on_speaking()))

        def unmute_and_quit() -> None:
            speaking[0].cancel()
            conversation.controls.toggle_mute()
            conversation.quit()

        view.once(is_state(talk.State.LISTENING), mute)
        view.once(lambda event: isinstance(event, talk.TurnEnded), unmute_and_quit)

    _, view = hold(tmp_path, [scene], microphone=microphone, prepare=prepare)
    assert heard[-1] == {"realtime_input": {"audioStreamEnd": True}}
    for message in heard[:-1]:
        data = base64.urlsafe_b64decode(message["realtime_input"]["audio"]["data"])
        assert set(data) == {0}
    assert [event.muted for event in view.of(talk.MuteChanged)] == [True, False]


def test_without_a_microphone_there_is_nothing_to_mute(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def try_to() -> None:
            conversation.controls.toggle_mute()
            conversation.controls.interrupt()
            meters = conversation.controls.meters()
            assert not meters.muted
            assert not meters.microphone_open
            conversation.quit()
            conversation.quit()

        view.once(lambda event: isinstance(event, talk.SessionStarted), try_to)

    code, view = hold(tmp_path, [scene], prepare=prepare)
    assert code is ExitCode.DONE
    assert view.of(talk.MuteChanged, talk.Interrupted) == []


def test_a_lost_connection_is_told_and_the_conversation_goes_on(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.hear()
        await call.say(sound(0.8, "Half an ans"))
        await call.hang_up(1011, "The service is currently unavailable.")

    code, view = hold(tmp_path, [loses, answers], script=lines(Cue("one"), Cue("two")))
    assert code is ExitCode.DONE
    states = [event.state for event in view.of(talk.StateChanged)]
    assert talk.State.RECONNECTING in states
    (heard,) = [heard for _, text, heard in view.finals() if text == "Half an ans"]
    assert heard.startswith("Half")
    assert ("model", "You said two", "You said two") in view.finals()
    notes = [event.message for event in view.of(talk.Noted)]
    assert any("currently unavailable" in note for note in notes)
    assert any("a new session, which was told what was said" in note for note in notes)


@pytest.mark.parametrize(
    ("handle", "note"),
    [
        ("a handle", "the service still knows what was said so far"),
        (None, "a new session, which was told what was said so far"),
    ],
)
def test_how_an_earlier_conversation_goes_on_is_told(
    tmp_path: Path, handle: str | None, note: str
) -> None:
    resume = Resume(handle, (Said("user", "one"), Said("model", "You said one")))
    code, view = hold(tmp_path, [answers], script=lines(Cue("two")), resume=resume)
    assert code is ExitCode.DONE
    assert [event.message for event in view.of(talk.Noted)] == ["a note", note]


def test_each_reason_for_a_lost_connection_is_told_once_until_there_is_one_again(
    tmp_path: Path,
) -> None:
    async def loses(call: Call) -> None:
        await call.hear()
        await call.hang_up(1011, "gone away")

    scenes: list[Act] = [loses, Refuse(503), Refuse(503), Refuse(503), loses, answers]
    code, view = hold(tmp_path, scenes, script=lines(Cue("one")))
    assert code is ExitCode.DONE
    notes = [event.message for event in view.of(talk.Noted)]
    told = [note for note in notes if note.endswith("; connecting again")]
    lost = "the connection to the service was lost: gone away (code 1011); connecting again"
    refused = "the service refused the connection (HTTP 503); connecting again"
    assert told == [lost, refused, lost]


def test_an_error_that_ends_it_comes_after_what_had_arrived_was_played(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(sound(0.6, "So far"))
        await call.hang_up(1007, "API key not valid. Please pass a valid API key.")

    code, view = hold(tmp_path, [scene], script=lines(Cue("one"), Cue("two")))
    assert code is ExitCode.CREDENTIALS
    (failed,) = view.of(talk.Failed)
    assert failed.exit_code == ExitCode.CREDENTIALS
    assert failed.hint
    assert view.events[-1] == talk.Ended(view.events[-1].t_s, "error", 0, 3)
    assert view.of(talk.Transcript)[-1].heard == "So far"


def test_what_the_service_counts_cites_and_thinks_is_passed_on(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        thought = {"modelTurn": {"parts": [{"text": "hm", "thought": True}]}}
        chunk = {"web": {"uri": "https://a.example", "title": "A"}}
        found = {"webSearchQueries": ["q"], "groundingChunks": [chunk]}
        await call.say({"serverContent": thought}, {"serverContent": {"groundingMetadata": found}})
        await call.say({"voiceActivity": {"type": "ACTIVITY_END", "audioOffset": "1s"}})
        await call.say(sound(0.1), WHOLE, TURN_END | {"usageMetadata": {"totalTokenCount": 7}})
        await call.wait()

    _, view = hold(tmp_path, [scene], script=lines(Cue("one")))
    assert view.of(talk.Thinking)[0].text == "hm"
    assert view.of(talk.SourcesCited)[0].sources[0].title == "A"
    assert view.of(talk.UsageReported)[0].total_tokens == 7
    assert view.of(talk.AudioReceived)[0].duration_s == pytest.approx(0.1)


def test_a_reader_that_went_away_ends_it_without_a_word(tmp_path: Path) -> None:
    class Gone(Memory):
        def show(self, event: talk.TalkEvent) -> None:
            super().show(event)
            if isinstance(event, talk.AudioReceived | talk.Ended):
                raise BrokenPipeError

    code, view = hold(tmp_path, [answers], view=Gone(), script=lines(Cue("one")))
    assert code is ExitCode.FAILURE
    assert view.of(talk.Failed) == []
    assert view.closed == 1


def test_a_mistake_of_our_own_is_not_hidden_and_the_views_are_closed(tmp_path: Path) -> None:
    class Faulty(Memory):
        async def run(self, controls: Controls) -> None:
            raise ZeroDivisionError

    view = Faulty()
    with pytest.raises(ExceptionGroup):
        hold(tmp_path, [answers], view=view, script=lines(Cue("one")))
    assert view.closed == 1


def test_the_voice_is_kept_as_it_was_heard(tmp_path: Path) -> None:
    class Sink:
        kept = b""

        def append(self, pcm: bytes) -> None:
            self.kept += pcm

        def close(self) -> None:
            pass

    sink = Sink()
    hold(tmp_path, [answers], script=lines(Cue("one")), voice_file=VoiceFile(sink))
    assert sink.kept == b"\x10\x27" * (SPEAKER_RATE_HZ // 2)


def test_nothing_is_left_running(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    hold(tmp_path, [answers], script=lines(Cue("one")))
    left = {thread for thread in set(threading.enumerate()) - before if not thread.daemon}
    assert left == set()


def test_a_function_is_run_once_though_its_call_comes_twice(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(call_of("now"), call_of("now"))
        await call.hear()
        await call.say(sound(0.1, "noon"), WHOLE, TURN_END)
        await call.wait()

    now = tool_of(lambda: "12:00", "now")
    code, view = hold(tmp_path, [scene], script=lines(Cue("time?")), tools=[now])
    assert code is ExitCode.DONE
    assert len(view.of(talk.ToolFinished)) == 1


def test_an_answer_that_waits_for_a_connection_does_not_hold_up_the_end(tmp_path: Path) -> None:
    lost, finished = threading.Event(), asyncio.Event()

    async def scene(call: Call) -> None:
        await call.say(call_of("slow"))
        await call.hang_up(1011)

    def slow() -> bool:
        return lost.wait(DEADLINE_S)

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(is_state(talk.State.RECONNECTING), lost.set)
        view.once(lambda event: isinstance(event, talk.ToolFinished), finished.set)
        view.once(lambda event: isinstance(event, talk.ToolFinished), conversation.quit)

    tool = tool_of(slow, "slow")
    code, _ = hold(tmp_path, [scene, Refuse(503)], tools=[tool], prepare=prepare)
    assert code is ExitCode.DONE
    assert finished.is_set()


class DyingOutput(HandOutput):
    """Stops to ask for sound after the first time."""

    def start(self, fill: Fill) -> None:
        fill(480)


def test_a_speaker_that_dies_in_a_reply_ends_neither_it_nor_the_conversation(
    tmp_path: Path,
) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(sound(1.0, "heard by nobody"), WHOLE, TURN_END)
        await call.wait()

    code, view = hold(tmp_path, [scene], script=lines(Cue("one")), output=DyingOutput())
    assert code is ExitCode.DONE
    (lost,) = [event for event in view.of(talk.Warned) if "speaker" in event.message]
    assert "stopped" in lost.message
    assert view.of(talk.DeviceChanged)[0].name is None
    assert len(view.of(talk.TurnEnded)) == 1


def test_a_voice_over_the_reply_ducks_it_until_the_service_says_that_it_is_interrupted(
    tmp_path: Path,
) -> None:
    ear, microphone = OpenEar(), QuietMicrophone()
    ducked = asyncio.Event()

    async def scene(call: Call) -> None:
        await call.say(sound(60.0, "a very long minute"))
        await ducked.wait()
        await call.say(INTERRUPTED, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def speak_over() -> None:
            ear.duck = True
            microphone.deliver(b"\x01\x00" * 320)

        view.once(is_state(talk.State.SPEAKING), speak_over)
        view.once(lambda event: isinstance(event, talk.Ducked) and event.ducked, ducked.set)
        view.once(lambda event: isinstance(event, talk.TurnEnded), conversation.quit)

    _, view = hold(tmp_path, [scene], microphone=microphone, ear=ear, prepare=prepare)
    assert [event.ducked for event in view.of(talk.Ducked)] == [True, False]
    assert view.of(talk.TurnEnded)[0].interrupted


def test_patience_is_shown_at_once_and_moves_the_conversation_in_a_pause(tmp_path: Path) -> None:
    handle = {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}}
    setups: list[dict[str, Any]] = []

    async def first(call: Call) -> None:
        await call.say(handle, sound(0.1, "Hi"), WHOLE, TURN_END)
        await call.wait()

    async def second(call: Call) -> None:
        setups.append(call.setup)
        await call.say(sound(0.1, "Patient now"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def ended(number: int) -> Callable[[talk.TalkEvent], bool]:
            return lambda event: isinstance(event, talk.TurnEnded) and event.number == number

        view.once(ended(1), conversation.controls.change_patience)
        view.once(ended(2), conversation.quit)

    _, view = hold(tmp_path, [first, second], prepare=prepare)
    assert [event.patience for event in view.of(talk.PatienceChanged)] == [Patience.HIGH]
    detection = setups[0]["realtimeInputConfig"]["automatic_activity_detection"]
    assert detection["silence_duration_ms"] == 2000
    assert setups[0]["sessionResumption"] == {"handle": "h1"}
    assert not [event for event in view.of(talk.Noted) if "connected" in event.message]


def test_without_a_handle_patience_stays_as_it_was_and_says_so(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(sound(0.1, "Hi"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        view.once(
            lambda event: isinstance(event, talk.TurnEnded), conversation.controls.change_patience
        )
        view.once(
            lambda event: (
                isinstance(event, talk.PatienceChanged) and event.patience is Patience.NORMAL
            ),
            conversation.quit,
        )

    _, view = hold(tmp_path, [scene], prepare=prepare)
    changes = [event.patience for event in view.of(talk.PatienceChanged)]
    assert changes == [Patience.HIGH, Patience.NORMAL]
    assert any("no handle" in event.message for event in view.of(talk.Warned))


def test_with_push_to_talk_a_tap_stops_the_voice_and_sends_what_is_said_between_its_marks(
    tmp_path: Path,
) -> None:
    microphone = QuietMicrophone()
    sent: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        await call.say(sound(60.0, "a very long minute"))
        while not sent or "activityEnd" not in sent[-1]:
            sent.append((await call.hear())["realtime_input"])
            if "activityStart" in sent[-1]:
                await call.say(INTERRUPTED, TURN_END)
        await call.say(sound(0.1, "I see"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def talk_briefly() -> None:
            conversation.controls.toggle_talking()
            microphone.deliver(b"\x01\x00" * 320)
            asyncio.get_running_loop().call_later(0.1, conversation.controls.toggle_talking)

        view.once(is_state(talk.State.SPEAKING), talk_briefly)
        view.once(
            lambda event: isinstance(event, talk.TurnEnded) and event.number == 2,
            conversation.quit,
        )

    setup = Setup(DEFAULT_MODEL, push_to_talk=True)
    _, view = hold(tmp_path, [scene], microphone=microphone, setup=setup, prepare=prepare)
    assert [next(iter(message)) for message in sent] == ["activityStart", "audio", "activityEnd"]
    assert [event.talking for event in view.of(talk.TalkingChanged)] == [True, False]
    first, second = view.of(talk.TurnEnded)
    assert first.interrupted
    assert first.heard_s < 30
    assert not second.interrupted


def test_the_volume_goes_in_steps_and_stops_at_its_ends(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def turn() -> None:
            for steps in (1, -1, -20, 2):
                conversation.controls.change_volume(steps)
            assert conversation.controls.meters().volume_percent == 20
            conversation.quit()

        view.once(lambda event: isinstance(event, talk.SessionStarted), turn)

    _, view = hold(tmp_path, [scene], prepare=prepare)
    assert [event.percent for event in view.of(talk.VolumeChanged)] == [100, 90, 0, 20]


def test_another_device_is_listed_and_taken_in_the_middle(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def take() -> None:
            (listed,) = view.of(talk.DevicesListed)
            headset = next(
                option
                for option in listed.devices
                if option.name == "headset" and option.direction == "output"
            )
            conversation.controls.use_device(headset)

        is_session = lambda event: isinstance(event, talk.SessionStarted)  # noqa: E731
        view.once(is_session, conversation.controls.list_devices)
        view.once(lambda event: isinstance(event, talk.DevicesListed), take)
        view.once(lambda event: isinstance(event, talk.DeviceChanged), conversation.quit)

    sounds = HandSounds("desk", "headset")
    _, view = hold(tmp_path, [scene], sounds=sounds, prepare=prepare)
    (changed,) = view.of(talk.DeviceChanged)
    assert (changed.direction, changed.name) == ("output", "headset")


def test_words_that_are_being_heard_are_settled_when_the_user_quits(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(sound(0.2, "Heard,"), sound(60.0, " and not heard"))
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def heard(event: talk.TalkEvent) -> bool:
            return isinstance(event, talk.Transcript) and event.heard.startswith("Heard,")

        view.once(heard, conversation.quit)

    code, view = hold(tmp_path, [scene], prepare=prepare)
    assert code is ExitCode.DONE
    ((role, text, heard),) = view.finals()
    assert (role, text) == ("model", "Heard, and not heard")
    assert heard.startswith("Heard,")
    assert heard != text
    assert isinstance(view.events[-1], talk.Ended)


def test_an_error_that_can_be_shown_to_nobody_has_its_exit_code(tmp_path: Path) -> None:
    class Gone(Memory):
        def show(self, event: talk.TalkEvent) -> None:
            super().show(event)
            if isinstance(event, talk.Failed):
                raise BrokenPipeError

    refused = CloseAtSetup(1007, "API key not valid.")
    code, view = hold(tmp_path, [refused], view=Gone(), script=lines(Cue("one")))
    assert code is ExitCode.CREDENTIALS
    assert isinstance(view.events[-1], talk.Ended)
    assert view.closed == 1


class FullSink:
    """A file on a disk with no room left."""

    closed = False

    def append(self, pcm: bytes) -> None:
        raise VoicecliError("cannot write it")

    def close(self) -> None:
        self.closed = True


def test_a_full_disk_is_told_once_and_ends_the_conversation(tmp_path: Path) -> None:
    sink = FullSink()
    code, view = hold(tmp_path, [answers], script=lines(Cue("one")), voice_file=VoiceFile(sink))
    assert code is ExitCode.FAILURE
    assert [event.what for event in view.of(talk.Failed)] == ["cannot write it"]
    assert isinstance(view.events[-1], talk.Ended)
    assert sink.closed


def test_a_disk_that_is_full_at_the_very_end_is_told_as_well(tmp_path: Path) -> None:
    class EndingSink(FullSink):
        def append(self, pcm: bytes) -> None:
            pass

        def close(self) -> None:
            raise VoicecliError("cannot finish it")

    file = VoiceFile(EndingSink())
    code, view = hold(tmp_path, [answers], script=lines(Cue("one")), voice_file=file)
    assert code is ExitCode.FAILURE
    assert [event.what for event in view.of(talk.Failed)] == ["cannot finish it"]
    assert view.events[-1] == talk.Ended(view.events[-1].t_s, "error", 1, 1)
    assert view.closed == 1


def test_a_voice_of_another_rate_is_played_and_counted_to_its_last_sample(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(sound(0.2, "slow", 16_000), sound(0.2, rate_hz=16_000), WHOLE, TURN_END)
        await call.wait()

    code, view = hold(tmp_path, [scene], script=lines(Cue("one")))
    assert code is ExitCode.DONE
    (turn,) = view.of(talk.TurnEnded)
    assert turn.heard_s == pytest.approx(0.4, abs=0.001)


def test_what_is_kept_of_a_reply_that_was_cut_off_ends_at_the_cut(tmp_path: Path) -> None:
    class Sink:
        kept = b""

        def append(self, pcm: bytes) -> None:
            self.kept += pcm

        def close(self) -> None:
            pass

    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(sound(60.0, "a very long minute"))
        await call.hear()
        await call.say(INTERRUPTED, TURN_END, sound(0.2, "Yes"), WHOLE, TURN_END)
        await call.wait()

    sink = Sink()
    cues = lines(Cue("talk"), Cue("stop", into_reply_s=0.2))
    _, view = hold(tmp_path, [scene], script=cues, voice_file=VoiceFile(sink))
    heard_s = sum(turn.heard_s for turn in view.of(talk.TurnEnded))
    assert len(sink.kept) / 2 / SPEAKER_RATE_HZ == pytest.approx(heard_s, abs=0.001)


def test_a_conversation_that_is_cancelled_ends_as_interrupted(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        task = asyncio.current_task()

        def cancel() -> None:
            assert task is not None
            task.cancel()

        view.once(lambda event: isinstance(event, talk.SessionStarted), cancel)

    view = Memory()
    with pytest.raises(asyncio.CancelledError):
        hold(tmp_path, [scene], view=view, prepare=prepare)
    assert view.events[-1] == talk.Ended(view.events[-1].t_s, "interrupted", 0, 130)
    assert view.closed == 1


def test_a_conversation_is_kept_with_what_was_sent_and_played_but_not_what_was_muted(
    tmp_path: Path,
) -> None:
    microphone, loud = QuietMicrophone(), b"\x01\x00" * 320

    async def scene(call: Call) -> None:
        await call.say({"sessionResumptionUpdate": {"newHandle": "secret", "resumable": True}})
        await call.hear()
        await call.say({"serverContent": {"inputTranscription": {"text": "Hello"}}})
        await call.say(sound(0.2, "Hi"), WHOLE, TURN_END)
        await call.wait()

    def prepare(conversation: Conversation, view: Memory) -> None:
        def mute_and_speak() -> None:
            conversation.controls.toggle_mute()
            microphone.deliver(b"\x07\x00" * 320)
            conversation.quit()

        view.once(is_state(talk.State.LISTENING), lambda: microphone.deliver(loud))
        view.once(lambda event: isinstance(event, talk.TurnEnded), mute_and_speak)

    folder = tmp_path / "record"
    folder.mkdir()
    files = RecordFiles.of(folder)
    recorder = Recorder(files, lambda event: "", server="google", sound=True)
    _, view = hold(tmp_path, [scene], microphone=microphone, prepare=prepare, recorder=recorder)
    reading = LineReading()
    kept = [type(reading.event(line)) for line in lines_of(files.events)]
    shown = [type(event) for event in view.events if not isinstance(event, talk.AudioReceived)]
    assert kept == shown
    assert loud in files.user_sound.read_bytes()
    assert b"\x07" not in files.user_sound.read_bytes()[44:]
    assert files.model_sound.read_bytes().count(b"\x10\x27") == 0.2 * SPEAKER_RATE_HZ
    assert read_facts(files.handle)["handle"] == "secret"
    assert not any("secret" in line for line in lines_of(files.events))


def test_what_the_disk_refuses_is_one_warning_and_the_conversation_goes_on(tmp_path: Path) -> None:
    recorder = Recorder(RecordFiles.of(tmp_path / "gone"), str, server=None, sound=True)
    code, view = hold(tmp_path, [answers], script=lines(Cue("one"), Cue("two")), recorder=recorder)
    assert code is ExitCode.DONE
    assert len(view.finals()) == 4
    warnings = [event.message for event in view.of(talk.Warned)]
    assert len(warnings) == 2
    assert sum("not all of this conversation is kept" in message for message in warnings) == 1
