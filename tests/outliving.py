"""A whole conversation and its server in one event loop, in virtual time, with faults on purpose.

All is real but the devices and the clock: the conversation, the SDK, TLS, the local server. The
user's words are coded sound, so that it can be told exactly which of them the server got.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from coded_speech import CODED, LOUD, pcm_of, silence, text_of
from sound_pieces import HandInput, HandOutput
from tool_of import tool_of
from virtual_time import run_virtually

from voicecli.audio.listener import Heard
from voicecli.audio.microphone import Microphone
from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.errors import ExitCode
from voicecli.live.connection import Connection, connector
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import CONNECT_WITHIN_S, LiveSession
from voicecli.live.setup import Dial, FunctionDeclaration, Setup
from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.faults import Fault, FaultPlan
from voicecli.local.script import Call, Reply, Script, Turn
from voicecli.local.server import LiveServer
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.conversation import Conversation
from voicecli.talk.parts import Listening, Parts, SoundInput
from voicecli.talk.view import Controls
from voicecli.tools.approval import Answer
from voicecli.tools.tool import Risk
from voicecli.tools.toolbox import Toolbox

# Rather long for a device, but each period costs a message and its answer's work.
PERIOD_S = 0.1
MIC_BYTES = 3_200
SPEAKER_SAMPLES = 2_400
# Of virtual time: far more than any conversation here takes.
DEADLINE_S = 4_000.0

TOOL_LINE = "please use the tool"
TOOL_WORDS = (5_000, 6_000, 7_000)
LOOKUP = FunctionDeclaration("lookup", "finds it", {"type": "object", "properties": {}})
# Long enough to be interrupted by anything.
SCRIPT = Script(
    turns=(
        Turn(
            (TOOL_LINE, text_of(TOOL_WORDS)),
            Reply(say="it is {result}", calls=(Call("lookup", {}),)),
        ),
    ),
    fallback=Reply(say="one two three four five six seven eight"),
)


class OpenEar:
    """Lets everything through, and tells loud from quiet."""

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        loud = max(array("h", frame), default=0) >= LOUD or min(array("h", frame)) <= -LOUD
        return Heard((frame,), duck=False, speech=False, loud=loud)

    def interrupted(self, now_s: float) -> None:
        return None

    def mute(self, muted: bool) -> None:
        return None


class Memory:
    """A view that keeps every event, and wakes those that wait for one."""

    def __init__(self) -> None:
        self.events: list[talk.TalkEvent] = []
        self._changed = asyncio.Event()

    def show(self, event: talk.TalkEvent) -> None:
        self.events.append(event)
        self._changed.set()

    async def run(self, controls: Controls) -> None:
        return None

    def close(self) -> None:
        return None

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for events until `met`."""
        while not met():
            self._changed.clear()
            await self._changed.wait()

    def notes(self) -> list[str]:
        return [e.message for e in self.events if isinstance(e, talk.Noted | talk.Warned)]

    def finals(self, role: talk.Role) -> list[str]:
        """The settled words of one side, in order."""
        return [
            event.text
            for event in self.events
            if isinstance(event, talk.Transcript) and event.role == role and event.final
        ]


class Wall:
    """The time of day, which goes on while the machine sleeps."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.ahead_s = 0.0
        self._now_s = now_s

    def __call__(self) -> float:
        return self._now_s() + self.ahead_s


@dataclass
class Talk:
    """A conversation under way, and what the test can do to it."""

    server: LiveServer
    plan: FaultPlan
    view: Memory
    conversation: Conversation
    session: LiveSession
    setup: Setup
    microphone: HandInput
    wall: Wall
    said: list[str] = field(default_factory=list)
    tool_calls: list[asyncio.Future[str]] = field(default_factory=list)
    holds_tool: bool = False
    connections: int = 0
    exit_code: ExitCode | None = None
    _to_say: bytearray = field(default_factory=bytearray)

    def type(self, line: str) -> None:
        """Say `line` by the keyboard."""
        self.said.append(line)
        self.conversation.controls.send_text(line)

    def speak(self, *words: int) -> None:
        """Say `words` with a pause after them, which takes its time."""
        self.said.append(text_of(words))
        self._to_say += pcm_of(words) + silence(0.7)

    def strike(self, fault: Fault) -> None:
        """Let `fault` happen at its moment."""
        self.plan.add(fault)

    async def struck(self, fault: Fault) -> None:
        """Wait until `fault` has happened."""
        while not self.plan.struck(fault):  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(PERIOD_S)

    def allow(self) -> None:
        """Say yes to every call that has asked."""
        for event in tuple(self.view.events):
            if isinstance(event, talk.ToolAsked):
                self.conversation.controls.answer_call(event.call_id, Answer.YES)

    def answered(self) -> int:
        """How many turns of the model have ended."""
        return sum(isinstance(event, talk.TurnEnded) for event in self.view.events)

    async def rest(self, seconds: float = 1.2) -> None:
        """Wait until for so long nobody has spoken, nor worked, nor been missing."""
        since_s = 0.0
        while since_s < seconds:
            await asyncio.sleep(PERIOD_S)
            since_s = since_s + PERIOD_S if self.at_rest() else 0.0

    @property
    def saying(self) -> bool:
        """Whether the microphone has still to hear something of what is said."""
        return bool(self._to_say)

    def at_rest(self) -> bool:
        """Whether the user has said all, and the conversation waits for more."""
        states = [e.state for e in self.view.events if isinstance(e, talk.StateChanged)]
        return not self._to_say and states[-1] is talk.State.LISTENING

    def heard_by_server(self) -> list[str]:
        """What the user has said, as the latest session of the server remembers it."""
        remembered = self.server.conversations[-1]
        lines = [said.text for said in remembered if said.role == "user"]
        return [line for line in lines if not line.startswith("[The function")]

    def tool(self) -> object:
        """The function that the model may call: at once, or when the test lets it end."""
        if not self.holds_tool:
            return "here"
        self.tool_calls.append(asyncio.get_running_loop().create_future())
        return self.tool_calls[-1]

    async def hear(self) -> None:
        """The microphone's pace, for ever."""
        while True:
            piece = bytes(self._to_say[:MIC_BYTES])
            del self._to_say[:MIC_BYTES]
            self.microphone.hear(piece.ljust(MIC_BYTES, b"\x01"))
            await asyncio.sleep(PERIOD_S)


@cache
def authority() -> LoopbackCertificates:
    """One for all conversations: keys take long to make."""
    return LoopbackCertificates()


@asynccontextmanager
async def talking(
    folder: Path,
    *,
    model: str = DEFAULT_MODEL,
    tapped: bool = False,
    asks: bool = False,
    background: bool = False,
    view: Memory | None = None,
    deadline_s: float = DEADLINE_S,
) -> AsyncIterator[Talk]:
    """Hold a conversation; it has ended when the block is left. Fails after a deadline.

    Its function `asks` the user first, or runs in the `background`.
    """
    certificates = authority()
    certificates.write_ca(folder / "ca.pem")
    plan = FaultPlan()
    tls = certificates.server_context()
    setup = Setup(model, functions=(LOOKUP,), push_to_talk=tapped)
    now_s = asyncio.get_running_loop().time
    async with (
        asyncio.timeout(deadline_s),
        LiveServer(SCRIPT, tls=tls, faults=plan, senses=CODED) as server,
    ):
        endpoint = Endpoint(
            ApiKey("a-key-for-tests", "the test"), server.base_url, folder / "ca.pem", local=True
        )
        wall, under_way = Wall(now_s), list[Talk]()
        connect = await connector(endpoint, CONNECT_WITHIN_S)

        async def counted(setup: Setup, dial: Dial) -> Connection:
            connection = await connect(setup, dial)
            for one in under_way:
                one.connections += 1
            return connection

        session = LiveSession(endpoint, setup, dial=counted, wall_s=wall)
        view, output, hand = view or Memory(), HandOutput(), HandInput()
        lookup = tool_of(
            lambda: under_way[0].tool(),
            LOOKUP.name,
            parameters=LOOKUP.parameters,
            risk=Risk.ASK if asks else Risk.SAFE,
            background=background,
            timeout_s=None,
        )
        parts = Parts(
            session=session,
            setup=setup,
            local=True,
            sounds=PortAudioSystem(),
            speaker=Speaker(output, now_s),
            tools=Toolbox([lookup]),
            views=[view],
            sound_input=SoundInput(
                Microphone(hand, now_s), lambda: Listening(OpenEar(), talk.Echo.HEADPHONES)
            ),
            can_ask=asks,
        )
        conversation = Conversation(parts, clock=now_s)
        talk_now = Talk(server, plan, view, conversation, session, setup, hand, wall)
        under_way.append(talk_now)
        async with asyncio.TaskGroup() as group:
            held = group.create_task(conversation.run())
            await view.until(lambda: any(isinstance(e, talk.SessionStarted) for e in view.events))
            devices = [group.create_task(_play(output)), group.create_task(talk_now.hear())]
            yield talk_now
            conversation.quit()
            talk_now.exit_code = await held
            for task in devices:
                task.cancel()


async def _play(output: HandOutput) -> None:
    """The speaker's pace, for ever."""
    while True:
        output.ask(SPEAKER_SAMPLES)
        await asyncio.sleep(PERIOD_S)


def hold(folder: Path, course: Callable[[Talk], Awaitable[None]], **how: object) -> Talk:
    """Hold a conversation that goes as `course` says, in virtual time."""

    async def main() -> Talk:
        async with talking(folder, **how) as under_way:  # type: ignore[arg-type]
            await course(under_way)
        return under_way

    return run_virtually(main())
