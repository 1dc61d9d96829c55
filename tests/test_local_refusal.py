"""A close frame carries 123 bytes of reason (RFC 6455, 5.5): a longer one would break the close."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.refusal import INVALID, INVALID_ARGUMENT, MAX_REASON_BYTES, Refusal


def test_a_refusal_without_a_reason_is_the_general_one() -> None:
    refusal = Refusal()
    assert (refusal.code, refusal.reason) == (INVALID, INVALID_ARGUMENT)


def test_a_short_reason_is_kept_as_it_is() -> None:
    assert Refusal("Invalid session handle", code=1008).reason == "Invalid session handle"


def test_half_a_surrogate_pair_does_not_break_the_reason() -> None:
    assert Refusal("\ud800!").reason == "?!"


@given(st.text(min_size=100))
def test_any_reason_fits_into_a_close_frame_and_is_a_prefix(reason: str) -> None:
    cut = Refusal(reason).reason
    assert len(cut.encode()) <= MAX_REASON_BYTES
    assert reason.encode(errors="replace").decode().startswith(cut)
