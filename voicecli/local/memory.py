"""What a session remembers, and the handles that carry it over to a new connection."""

from __future__ import annotations

import uuid
from collections import OrderedDict, deque

from voicecli.local.client_frames import Said
from voicecli.local.refusal import INTERNAL, POLICY, UNAVAILABLE, Refusal

# live-api.md, section 4: a handle lives for two hours after the session's end.
HANDLE_LIFETIME_S = 2 * 3600.0
# A handle is given out after every turn; the oldest are forgotten first.
MAX_HANDLES = 4096
# The models' context of 128k tokens, at four characters each.
MAX_CHARACTERS = 512_000
# The fallback repeats what the user said; a book is not voiced.
MAX_REPEATED_CHARACTERS = 4_000


class Memory:
    """The conversation so far, both sides; what the context cannot hold any more is forgotten."""

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name
        self.said: deque[Said] = deque()
        self.characters = 0
        self.ended_s: float | None = None

    def remember(self, role: str, text: str) -> None:
        if not text:
            return
        self.said.append(Said(role, text[-MAX_CHARACTERS:]))
        self.characters += len(self.said[-1].text)
        while self.characters > MAX_CHARACTERS:
            self.characters -= len(self.said.popleft().text)


class Unanswered:
    """What the user said since the last answer; of a book only the beginning."""

    def __init__(self) -> None:
        self._text: str | None = None

    def __bool__(self) -> bool:
        """Whether there is something to answer, which may be a text without a word."""
        return self._text is not None

    def add(self, text: str) -> None:
        joined = text if self._text is None else f"{self._text} {text}"
        self._text = joined[:MAX_REPEATED_CHARACTERS]

    def take(self) -> str:
        """All of it, once."""
        text, self._text = self._text or "", None
        return text


class Sessions:
    """All sessions of a server, by their handles."""

    def __init__(self) -> None:
        self._by_handle: OrderedDict[str, Memory] = OrderedDict()

    def new_handle(self, memory: Memory) -> str:
        """A further handle for a session; the earlier ones stay valid."""
        handle = str(uuid.uuid4())
        self._by_handle[handle] = memory
        if len(self._by_handle) > MAX_HANDLES:
            self._by_handle.popitem(last=False)
        return handle

    def resume(self, handle: str, model_name: str, now_s: float) -> Memory:
        """The session behind `handle`, which has one connection at a time.

        Raises Refusal if it was never given out, is too old, or has a connection still, and if the
        model changes: of a setup, that alone may not (ai.google.dev/api/live).
        """
        try:
            uuid.UUID(handle)
        except ValueError:
            raise Refusal("Invalid session handle") from None
        memory = self._by_handle.get(handle)
        ended_s = memory.ended_s if memory else 0.0
        if ended_s is None:
            raise Refusal(UNAVAILABLE, code=INTERNAL)
        if memory is None or now_s - ended_s > HANDLE_LIFETIME_S:
            raise Refusal("BidiGenerateContent session not found", code=POLICY)
        if model_name != memory.model_name:
            raise Refusal
        memory.ended_s = None
        return memory
