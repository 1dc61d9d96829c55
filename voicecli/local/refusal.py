"""How the server says no: a WebSocket close code and a reason, as Google's does."""

from __future__ import annotations

INVALID = 1007
POLICY = 1008
INTERNAL = 1011

# RFC 6455, section 5.5: a control frame carries 125 bytes, two of which are the close code.
MAX_REASON_BYTES = 123

INVALID_ARGUMENT = "Request contains an invalid argument."
INVALID_KEY = "API key not valid. Please pass a valid API key."
UNAVAILABLE = "The service is currently unavailable."
DEADLINE = "Deadline expired before operation could complete."


class Refusal(Exception):
    """Ends the connection with `code` and `reason`, cut to what a close frame takes."""

    def __init__(self, reason: str = INVALID_ARGUMENT, *, code: int = INVALID) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore")
