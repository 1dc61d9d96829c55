"""The microphone's way up: from the sound at its feed to the frame at the server."""

from __future__ import annotations

import time

from bench.analysis import find
from bench.figures import Figure, Values
from bench.ground import Ground
from bench.product import Product
from bench.speech import Sentence

# Places of a sentence that are timed; no multiple of any frame, so that all of a frame is seen.
EVERY_SAMPLES = 37 * 16
# A player takes this long to begin and a client to send, at most.
LEAD_S = 0.5
# Clients filter what they send.
LEAST_LIKENESS = 0.4


def uplink(ground: Ground) -> dict[str, Figure]:
    """Sentences into the microphone while the model is silent."""
    values_ms: list[float] = []
    with ground.running() as product:
        for number in range(ground.plan.sentences):
            values_ms += _delays_ms(ground, product, ground.speech.user(number))
    return {"uplink": Values(tuple(values_ms))}


def _delays_ms(ground: Ground, product: Product, sentence: Sentence) -> list[float]:
    began_s = time.monotonic()
    ground.card.play_into_microphone(sentence.wav).wait()
    time.sleep(LEAD_S)
    end_s = time.monotonic()
    fed = ground.microphone.between(began_s, end_s)
    sent, before = product.call.uplink.between(began_s, end_s)
    at_feed, likeness = find(sentence.samples, fed.samples)
    at_server, likeness_there = find(sentence.samples, sent)
    if min(likeness, likeness_there) < LEAST_LIKENESS:
        raise RuntimeError(f"a sentence did not arrive (likeness {likeness_there:.2f})")
    return [
        1000 * (product.call.uplink.arrival_of(before + at_server + k) - fed.time_of(at_feed + k))
        for k in range(0, len(sentence.samples), EVERY_SAMPLES)
    ]
