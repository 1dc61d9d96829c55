"""Counts that clients can check their sums against: 25 tokens a second, 4 letters a token."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.usage import TurnUsage, text_tokens

COUNTS = st.integers(min_value=0, max_value=10_000)
SECONDS = st.floats(min_value=0, max_value=3600)


def test_a_spoken_turn_is_counted_by_modality() -> None:
    usage = TurnUsage(heard_s=2.0, prompt_characters=10, spoken_s=4.0, thought_characters=8)
    assert usage.metadata() == {
        "promptTokenCount": 53,
        "responseTokenCount": 100,
        "totalTokenCount": 155,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 3},
            {"modality": "AUDIO", "tokenCount": 50},
        ],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 100}],
        "thoughtsTokenCount": 2,
    }


def test_what_did_not_happen_is_left_out() -> None:
    metadata = TurnUsage(prompt_characters=4).metadata()
    assert metadata["responseTokensDetails"] == []
    assert "thoughtsTokenCount" not in metadata


def test_a_started_token_counts() -> None:
    assert [text_tokens(count) for count in (0, 1, 4, 5)] == [0, 1, 1, 2]


@given(SECONDS, COUNTS, SECONDS, COUNTS)
def test_the_total_is_the_sum(heard_s: float, typed: int, spoken_s: float, thought: int) -> None:
    metadata = TurnUsage(heard_s, typed, spoken_s, thought).metadata()
    names = ("promptTokenCount", "responseTokenCount", "thoughtsTokenCount")
    counts = [metadata.get(name, 0) for name in names]
    assert metadata["totalTokenCount"] == sum(count for count in counts if isinstance(count, int))
