"""Volume and ducking are changed in the middle of words: no step may be heard as a click."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import Samples, ramp, samples_of, sine

from voicecli.audio.gain import DUCK_DOWN_S, DUCK_UP_S, DUCKED, VOLUME_S, Gain, Ramp
from voicecli.audio.levels import dbfs

BLOCK = 240
RATE_HZ = 24_000
FULL = 10_000


def constant(count: int) -> bytes:
    return np.full(count, FULL, "<i2").tobytes()


def gains(gain: Gain, count: int, block: int = BLOCK) -> list[float]:
    """What becomes of a constant, as a share of it."""
    out = b"".join(gain.applied(constant(block)) for _ in range(count // block))
    return [float(share) for share in samples_of(out) / FULL]


def test_at_full_volume_every_bit_stays() -> None:
    pcm = sine(BLOCK, peak=32_767)
    assert Gain().applied(pcm) is pcm


def test_the_volume_is_heard_as_it_is_set() -> None:
    gain = Gain()
    loud = dbfs(gain.applied(sine(2400)))
    gain.volume_percent = 50
    gains(gain, 2400)
    assert dbfs(gain.applied(sine(2400))) - loud == pytest.approx(-18.1, abs=0.1)
    assert gain.volume_percent == 50


def test_volume_0_is_silence() -> None:
    gain = Gain()
    gain.volume_percent = 0
    gains(gain, 2400)
    assert gain.applied(sine(BLOCK)) == bytes(2 * BLOCK)


def test_back_at_full_volume_every_bit_stays_again() -> None:
    gain = Gain()
    gain.volume_percent = 10
    gains(gain, 2400)
    gain.volume_percent = 100
    gains(gain, 2400)
    assert gain.applied(ramp(1, BLOCK)) == ramp(1, BLOCK)


@pytest.mark.parametrize(("asked", "given"), [(-5, 0), (250, 100)])
def test_a_volume_out_of_range_is_the_nearest(asked: int, given: int) -> None:
    gain = Gain()
    gain.volume_percent = asked
    assert gain.volume_percent == given


def test_a_change_of_volume_is_a_slope() -> None:
    gain = Gain()
    gain.volume_percent = 0
    shares = gains(gain, 2400)
    assert np.abs(np.diff(shares)).max() <= 1.2 / (VOLUME_S * RATE_HZ)
    assert shares[-1] == 0


def test_a_duck_goes_down_in_time_and_not_to_silence() -> None:
    gain = Gain()
    gain.duck(True)
    shares = gains(gain, 2400)
    assert shares[int(DUCK_DOWN_S * RATE_HZ)] == pytest.approx(DUCKED, rel=0.01)
    assert shares[-1] == pytest.approx(10 ** (-24 / 20), rel=0.01)


def test_it_comes_up_smoothly() -> None:
    gain = Gain()
    gain.duck(True)
    gains(gain, 2400)
    gain.duck(False)
    shares = gains(gain, int(DUCK_UP_S * RATE_HZ))
    assert (np.diff(shares) >= 0).all()
    assert shares[len(shares) // 2] == pytest.approx(0.5, abs=0.1)
    assert shares[-1] == pytest.approx(1.0, abs=1e-3)
    assert gain.applied(ramp(1, BLOCK)) == ramp(1, BLOCK)


def test_saying_it_twice_changes_nothing() -> None:
    once, often = Gain(), Gain()
    once.duck(True)
    shares = []
    for _ in range(10):
        often.duck(True)
        shares += gains(often, BLOCK)
    assert shares == gains(once, 10 * BLOCK)


def test_a_duck_that_ends_leaves_the_fade_as_it_is_and_the_next_reply_is_loud() -> None:
    gain = Gain()
    gain.duck(True)
    gains(gain, 2400)
    gain.end_duck(after_samples=72)
    gain.duck(False)
    shares = gains(gain, BLOCK)
    assert shares[:72] == pytest.approx([DUCKED] * 72, rel=0.01)
    assert shares[72:] == [1.0] * (BLOCK - 72)
    assert gain.applied(ramp(1, BLOCK)) == ramp(1, BLOCK)


def test_ending_a_duck_twice_does_not_end_it_later() -> None:
    gain = Gain()
    gain.duck(True)
    gains(gain, 2400)
    gain.end_duck(after_samples=72)
    gains(gain, 60, block=60)
    gain.end_duck(after_samples=72)
    assert gains(gain, 24, block=24)[12:] == [1.0] * 12


def test_a_duck_that_begins_while_another_ends_goes_down() -> None:
    gain = Gain()
    gain.end_duck(after_samples=72)
    gain.duck(True)
    assert gains(gain, 2400)[-1] == pytest.approx(DUCKED, rel=0.01)


def test_volume_and_duck_add_up() -> None:
    gain = Gain()
    gain.volume_percent = 50
    gain.duck(True)
    assert gains(gain, 2400)[-1] == pytest.approx(0.125 * DUCKED, rel=0.05)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("volume"), st.integers(0, 100)),
            st.tuples(st.just("duck"), st.integers(0, 1)),
            st.tuples(st.just("play"), st.integers(0, 3000)),
        ),
        max_size=30,
    )
)
def test_no_key_makes_a_click_or_makes_it_louder(steps: list[tuple[str, int]]) -> None:
    gain = Gain()
    parts: list[Samples] = [samples_of(constant(1))]
    for what, number in steps:
        if what == "volume":
            gain.volume_percent = number
        elif what == "duck":
            gain.duck(bool(number))
        else:
            parts.append(samples_of(gain.applied(constant(number))))
    shares = np.concatenate(parts) / FULL
    assert np.abs(np.diff(shares)).max(initial=0) <= (
        1 / (DUCK_DOWN_S * RATE_HZ) + 1 / (VOLUME_S * RATE_HZ) + 2 / FULL
    )
    assert shares.max() <= 1.0


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_slope_does_not_depend_on_how_it_is_read(first: int, second: int) -> None:
    def values(*counts: int) -> list[float]:
        slope = Ramp(1.0)
        slope.head_for(0.2, 0.01)
        read = [np.broadcast_to(slope.next(count), count) for count in counts]
        return [float(value) for value in np.concatenate(read)]

    assert values(first, second) == pytest.approx(values(first + second), abs=1e-6)
