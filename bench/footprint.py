"""What a system costs: CPU while both talk, memory, and how long it takes to be there."""

from __future__ import annotations

import subprocess
import sys
import time

from bench.arrivals import Pattern
from bench.figures import Figure, Values
from bench.ground import Ground
from bench.plan import ROOMS
from bench.product import Product

HELP = (sys.executable, "-m", "voicecli", "--help")
# The kernel counts in hundredths of a second: parts of a stretch that are long enough to tell.
PART_S = 3.0
# After the beginning of a reply everything has come to its pace.
BEGUN_S = 1.0


def footprint(ground: Ground) -> dict[str, Figure]:
    """CPU of the process tree in a room, in percent of one core, and the memory at the end."""
    seconds = ground.plan.footprint_s
    speech = ground.speech.reply(0, seconds + 2 * BEGUN_S)
    person = ground.speech.long_user(seconds + 2 * BEGUN_S)
    figures: dict[str, Figure] = {}
    with ground.coupled(ROOMS[0]), ground.running() as product:
        product.call.interrupts = False
        figures["cpu_idle"] = _share(product, seconds)
        reply = ground.say(speech, Pattern())
        time.sleep(BEGUN_S)
        figures["cpu_model"] = _share(product, seconds)
        time.sleep(max(0.0, reply.first_sent_s + reply.duration_s + 1.0 - time.monotonic()))
        reply = ground.say(speech, Pattern())
        with ground.card.play_into_microphone(person.wav) as player:
            time.sleep(BEGUN_S)
            figures["cpu"] = _share(product, seconds)
            player.wait()
        figures["memory"] = Values((product.peak_mb(),), "MB")
    return figures


def _share(product: Product, seconds: float) -> Values:
    shares: list[float] = []
    parts = max(1, int(seconds / PART_S))
    for _ in range(parts):
        began_s, cpu_s = time.monotonic(), product.cpu_s()
        time.sleep(seconds / parts)
        shares.append(100 * (product.cpu_s() - cpu_s) / (time.monotonic() - began_s))
    return Values(tuple(shares), "%")


def startup(ground: Ground) -> dict[str, Figure]:
    """From the process' start until its setup message is at the server; the first is not counted:
    it reads the disk."""
    values_ms: list[float] = []
    for _ in range(ground.plan.startups + 1):
        with ground.running() as product:
            values_ms.append(1000 * (product.call.setup_s - product.started_s))
    return {"startup": Values(tuple(values_ms[1:]))}


def help_text(ground: Ground) -> dict[str, Figure]:
    """`voicecli --help`."""
    values_ms: list[float] = []
    for _ in range(ground.plan.startups + 1):
        began_s = time.monotonic()
        subprocess.run(HELP, check=True, capture_output=True)
        values_ms.append(1000 * (time.monotonic() - began_s))
    return {"help": Values(tuple(values_ms[1:]))}
