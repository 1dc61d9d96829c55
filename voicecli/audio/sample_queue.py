"""Sound that waits in the order in which it came: chunks in, any number of samples out."""

from __future__ import annotations

from collections import deque

from voicecli.audio.pcm import SAMPLE_BYTES

# Chunks below this are joined, so that sound in crumbs costs little more memory than its bytes.
_CRUMB_BYTES = 4096


class SampleQueue:
    """First in, first out; long chunks are kept as they came and never copied whole."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._offset = 0  # bytes of the first chunk that are gone
        self._bytes = 0

    def __len__(self) -> int:
        """Samples that wait."""
        return self._bytes // SAMPLE_BYTES

    def push(self, pcm: bytes) -> None:
        """Queue 16-bit PCM, whole samples."""
        if not pcm:
            return
        if self._chunks and len(self._chunks[-1]) + len(pcm) <= _CRUMB_BYTES:
            self._chunks[-1] += pcm
        else:
            self._chunks.append(pcm)
        self._bytes += len(pcm)

    def take(self, n_samples: int) -> bytes:
        """The next `n_samples`, or what there is of them."""
        parts: list[bytes] = []
        missing = min(n_samples * SAMPLE_BYTES, self._bytes)
        self._bytes -= missing
        while missing:
            first = self._chunks[0]
            part = first[self._offset : self._offset + missing]
            parts.append(part)
            missing -= len(part)
            self._offset += len(part)
            if self._offset == len(first):
                self._chunks.popleft()
                self._offset = 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def peek(self, n_samples: int) -> bytes:
        """The next `n_samples`, or what there is of them, which stay in the queue."""
        parts: list[bytes] = []
        missing = min(n_samples * SAMPLE_BYTES, self._bytes)
        offset = self._offset
        for chunk in self._chunks:
            if not missing:
                break
            parts.append(chunk[offset : offset + missing])
            missing -= len(parts[-1])
            offset = 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def clear(self) -> None:
        """Forget everything."""
        self._chunks.clear()
        self._offset = self._bytes = 0
