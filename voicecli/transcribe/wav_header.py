"""What the header of a WAV file promises, so that a file which was cut short can be named."""

from __future__ import annotations

import struct
from typing import BinaryIO

_BYTE_ORDERS = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<"}
MAGIC_BYTES = 12

# A program that writes to a pipe cannot go back to fill in the length. ffmpeg leaves 0xFFFFFFFF,
# arecord 0x80000000 and sox a little under 0x7FFFFFFF: from here on a length means "unknown".
UNKNOWN_LENGTH_BYTES = 0x7FFF_0000

# Real files have a handful of chunks before the sound; a hostile one must not be walked for ever.
_MOST_CHUNKS = 1_000


def is_wav(start: bytes) -> bool:
    """Whether a file that begins with these `MAGIC_BYTES` bytes is of the WAV family."""
    return start[:4] in _BYTE_ORDERS and start[8:12] == b"WAVE"


def missing_bytes(file: BinaryIO, file_bytes: int) -> int:
    """How much of the sound that the header promises lies beyond the end of the file.

    `file` is a WAV file of `file_bytes`; where its header does not tell, the answer is 0
    (chunks as in the Multimedia Programming Interface and Data Specifications 1.0, 1991).
    """
    file.seek(0)
    order = _BYTE_ORDERS.get(file.read(4), "<")
    position = MAGIC_BYTES
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack(f"{order}4sI", head)
        position += 8
        if name == b"data":
            known = length < UNKNOWN_LENGTH_BYTES
            return max(0, position + length - file_bytes) if known else 0
        position += length + length % 2
    return 0
