"""Whatever was done to a piece of sound, what it stands for has to add up to the sample."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import ramp

from voicecli.audio.piece import Piece


def test_sound_as_it_came_stands_for_itself() -> None:
    piece = Piece(ramp(1, 100), 100)
    assert piece.take(30) == (ramp(1, 30), 30)
    assert piece.take(100) == (ramp(31, 70), 70)
    assert piece.over


def test_a_longer_piece_spreads_what_it_stands_for() -> None:
    piece = Piece(ramp(1, 200), 100)
    assert piece.samples == 200
    assert piece.take(100)[1] == 50
    assert piece.content_left == 50
    assert not piece.over


def test_a_shorter_piece_plays_more_than_it_lasts() -> None:
    piece = Piece(ramp(1, 100), 300)
    assert piece.take(50)[1] == 150
    assert piece.take(50)[1] == 150


def test_made_up_sound_stands_for_nothing() -> None:
    assert Piece(ramp(1, 100), 0).take(100) == (ramp(1, 100), 0)


def test_an_empty_piece_is_over() -> None:
    piece = Piece(b"", 0)
    assert piece.over
    assert piece.take(10) == (b"", 0)


@given(st.integers(1, 900), st.integers(0, 900), st.lists(st.integers(0, 300), max_size=30))
def test_the_parts_add_up_to_the_whole(samples: int, content: int, takes: list[int]) -> None:
    piece = Piece(ramp(1, samples), content)
    pcm, played = b"", 0
    for count in [*takes, samples]:
        part, stood_for = piece.take(count)
        assert stood_for >= 0
        pcm += part
        played += stood_for
        assert played + piece.content_left == content
    assert pcm == ramp(1, samples)
    assert played == content
    assert piece.over
