"""Everything that a measurement stands on: card, recorders, server, and one system."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.analysis import Stretch
from bench.arrivals import Pattern, arrivals
from bench.call import Reply
from bench.coupling import coupled
from bench.plan import Plan
from bench.product import Product, System, client_environment, running
from bench.room import Room
from bench.server import BenchServer
from bench.signals import Samples
from bench.speech import Speech
from bench.virtual_audio import Recording, VirtualAudio

# Before and after a reply, in a recording of it.
MARGIN_S = 0.2
TAIL_S = 0.8


@dataclass(frozen=True, slots=True)
class Ground:
    """`plan` says how much is measured of `system`."""

    system: System
    plan: Plan
    card: VirtualAudio
    speaker: Recording
    microphone: Recording
    server: BenchServer
    speech: Speech
    home: Path
    log: Path

    def running(self) -> AbstractContextManager[Product]:
        """The system in a conversation with the server."""
        environment = client_environment(self.card.environment, self.server, self.home)
        return running(self.system, environment, self.server, self.log)

    def coupled(self, room: Room) -> AbstractContextManager[float]:
        """The microphone hears the speaker through `room`."""
        return coupled(self.card, self.speaker, self.microphone, room)

    def say(self, pcm: Samples, pattern: Pattern, seed: int = 0) -> Reply:
        return self.server.say(pcm, arrivals(len(pcm), pattern, seed))

    def played(self, reply: Reply, pcm_s: float) -> Stretch:
        """What the speaker played from just before `reply` to its end, once it is over."""
        time.sleep(max(0.0, reply.first_sent_s + pcm_s - time.monotonic()))
        end_s = max(reply.last_sent_s, reply.first_sent_s + pcm_s) + TAIL_S
        return self.speaker.between(reply.first_sent_s - MARGIN_S, end_s)


@contextmanager
def ground(
    system: System, plan: Plan, server: BenchServer, folder: Path, logs: Path
) -> Iterator[Ground]:
    """A sound card of its own for `system`, with a recorder at each of its ends."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{system.name.split()[0]}.log"
    log.unlink(missing_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="voicecli-bench-home-") as home,
        VirtualAudio() as card,
        card.record_speaker() as speaker,
        card.record_microphone() as microphone,
    ):
        speech = Speech(folder)
        yield Ground(system, plan, card, speaker, microphone, server, speech, Path(home), log)


def tell(text: str) -> None:
    """Progress is not data."""
    print(text, file=sys.stderr, flush=True)
