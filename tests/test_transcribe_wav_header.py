"""A recording that was cut short must be named as such, and one of unknown length must not."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.transcribe.wav_header import UNKNOWN_LENGTH_BYTES, is_wav, missing_bytes


def chunk(name: bytes, content: bytes, *, order: str = "<", claims: int | None = None) -> bytes:
    length = len(content) if claims is None else claims
    return struct.pack(f"{order}4sI", name, length) + content + b"\0" * (len(content) % 2)


def wav(*chunks: bytes, magic: bytes = b"RIFF") -> bytes:
    return magic + b"\0\0\0\0WAVE" + b"".join(chunks)


def missing(content: bytes) -> int:
    return missing_bytes(io.BytesIO(content), len(content))


@pytest.mark.parametrize("magic", [b"RIFF", b"RIFX", b"RF64"])
def test_the_family_of_wav_is_known_by_its_first_twelve_bytes(magic: bytes) -> None:
    assert is_wav(wav(magic=magic))


@pytest.mark.parametrize("start", [b"", b"RIFF", b"RIFF\0\0\0\0AVI ", b"OggS\0\0\0\0WAVE"])
def test_other_files_are_not_wav(start: bytes) -> None:
    assert not is_wav(start)


def test_a_whole_file_misses_nothing() -> None:
    assert missing(wav(chunk(b"fmt ", bytes(16)), chunk(b"data", bytes(100)))) == 0


def test_what_the_header_promises_beyond_the_end_is_missing() -> None:
    assert missing(wav(chunk(b"data", bytes(60), claims=100))) == 40


def test_chunks_of_odd_length_are_padded() -> None:
    content = wav(chunk(b"LIST", b"odd"), chunk(b"data", bytes(60), claims=100))
    assert missing(content) == 40


def test_the_byte_order_of_rifx_is_big_endian() -> None:
    data = chunk(b"data", bytes(60), order=">", claims=100)
    assert missing(wav(data, magic=b"RIFX")) == 40


@pytest.mark.parametrize("claims", [UNKNOWN_LENGTH_BYTES, 0x7FFF_F000, 0x8000_0000, 0xFFFF_FFFF])
def test_a_length_that_a_pipe_left_open_is_not_missing(claims: int) -> None:
    assert missing(wav(chunk(b"data", bytes(60), claims=claims))) == 0


def test_a_file_without_a_sound_chunk_misses_nothing() -> None:
    assert missing(wav(chunk(b"fmt ", bytes(16)))) == 0


def test_endless_chunks_are_not_walked_to_their_end() -> None:
    empty = chunk(b"junk", b"") * 2_000
    assert missing(wav(empty, chunk(b"data", b"", claims=100))) == 0


@given(st.binary(max_size=200), st.sampled_from([b"RIFF", b"RIFX", b"RF64", b"????"]))
def test_any_content_gives_a_number_that_is_not_negative(content: bytes, magic: bytes) -> None:
    assert missing(wav(content, magic=magic)) >= 0
