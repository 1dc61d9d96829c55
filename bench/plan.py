"""How much is measured: in full, in the short form, and of a rival."""

from __future__ import annotations

from dataclasses import dataclass

from bench.room import Room

# Delays, levels and clocks that laptops and loudspeakers on desks have.
ROOMS = (
    Room(delay_ms=75, gain_db=-12, drift_ppm=100, seed=1),
    Room(delay_ms=40, gain_db=-6, drift_ppm=-100, seed=2),
    Room(delay_ms=120, gain_db=-20, drift_ppm=100, seed=3),
    Room(delay_ms=250, gain_db=-12, drift_ppm=100, seed=4),
    Room(delay_ms=160, gain_db=-6, drift_ppm=100, seed=5),
    Room(delay_ms=60, gain_db=-20, drift_ppm=-100, seed=6),
    Room(delay_ms=90, gain_db=-12, drift_ppm=100, seed=7),
    Room(delay_ms=200, gain_db=-6, drift_ppm=100, seed=8),
    Room(delay_ms=50, gain_db=-12, drift_ppm=-100, seed=9),
    Room(delay_ms=180, gain_db=-20, drift_ppm=100, seed=10),
)
# Two of −12 and two of −6 dB.
INTERRUPTED_ROOMS = (ROOMS[0], ROOMS[1], ROOMS[3], ROOMS[4])


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts of tries, and lengths in seconds."""

    chunks_ms: tuple[int, ...]
    startups: int
    sentences: int
    stops: int
    cold_replies: int
    warm_replies: int
    jitter_s: float
    stalls: int
    burst_s: float
    rooms: tuple[Room, ...]
    replies_a_room: int
    interrupted_rooms: tuple[Room, ...]
    onsets_s: tuple[float, ...]
    interruptions: int  # in each conversation, the first over its first reply
    footprint_s: float
    # A busy machine is no wrong result: what is wrong is then measured once more.
    second_try: bool = False


FULL = Plan(
    chunks_ms=(40, 200),
    startups=9,
    sentences=8,
    stops=12,
    cold_replies=3,
    warm_replies=5,
    jitter_s=6.0,
    stalls=5,
    burst_s=30.0,
    rooms=ROOMS,
    replies_a_room=10,
    interrupted_rooms=INTERRUPTED_ROOMS,
    onsets_s=(0.5, 1.0, 3.0),
    interruptions=2,
    footprint_s=15.0,
)
RIVAL = Plan(
    chunks_ms=(40, 200),
    startups=5,
    sentences=4,
    stops=8,
    cold_replies=1,
    warm_replies=4,
    jitter_s=6.0,
    stalls=3,
    burst_s=12.0,
    rooms=ROOMS[:4],
    replies_a_room=5,
    interrupted_rooms=ROOMS[:2],
    onsets_s=(0.5, 1.0, 3.0),
    interruptions=2,
    footprint_s=10.0,
)
SHORT = Plan(
    chunks_ms=(200,),
    startups=2,
    sentences=1,
    stops=3,
    cold_replies=0,
    warm_replies=1,
    jitter_s=4.0,
    stalls=1,
    burst_s=3.0,
    rooms=ROOMS[:2],
    replies_a_room=2,
    interrupted_rooms=ROOMS[:2],
    onsets_s=(0.5,),
    interruptions=1,
    footprint_s=2.0,
    second_try=True,
)
