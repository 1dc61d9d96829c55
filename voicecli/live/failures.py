"""What a failed connection means, and what helps: the close codes of the Live API, in one table."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import Enum

from voicecli.errors import CredentialsError, NetworkError, QuotaError, UsageError, VoicecliError
from voicecli.live.models import DEFAULT_MODEL
from voicecli.settings.key import ApiKey, redact

# RFC 6455, 7.1.5: there was no close frame.
ABNORMAL = 1006


class Cure(Enum):
    """What to do about a lost connection."""

    RECONNECT = "reconnect"
    RECONNECT_BRIEFLY = "reconnect a few times"
    FORGET_HANDLE = "start a new session"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cure, and the error to end with if it does not help.

    `blames_setup` if another setup might have been taken.
    """

    cure: Cure
    error: VoicecliError
    blames_setup: bool = False


def judge_close(code: int, reason: str, key: ApiKey) -> Verdict:
    """The verdict on a connection that was closed with `code` and `reason` (RFC 6455, 7.4)."""
    reason = redact(reason, key.value)
    low = reason.lower()
    if "api key" in low or "api_key" in low or "permission" in low or "unauthenticated" in low:
        return _refused_key(reason, key)
    if "session handle" in low or "session not found" in low:
        return Verdict(Cure.FORGET_HANDLE, _lost(code, reason))
    if "quota" in low or "resource_exhausted" in low:
        return Verdict(Cure.RECONNECT_BRIEFLY, _quota(reason))
    if "is not found for api version" in low or "not supported for bidigeneratecontent" in low:
        return Verdict(Cure.STOP, _no_model(reason))
    if code == 1007:
        return Verdict(Cure.STOP, _refused_setup(reason), blames_setup=True)
    return Verdict(Cure.RECONNECT, _lost(code, reason), blames_setup=code == 1008)


def judge(error: BaseException, key: ApiKey) -> Verdict | None:
    """The verdict on what the SDK or the socket raised; None if no connection failed."""
    from google.genai.errors import APIError
    from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

    if isinstance(error, APIError):
        return judge_close(int(error.code), _reason_of(error), key)
    if isinstance(error, ConnectionClosed):
        close = error.rcvd or error.sent
        return judge_close(close.code if close else 1006, close.reason if close else "", key)
    if isinstance(error, InvalidStatus):
        return _judge_status(error.response.status_code, key)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict(Cure.STOP, _untrusted(error))
    if isinstance(error, (OSError, UnicodeError, WebSocketException)):
        return Verdict(Cure.RECONNECT, _unreachable(error, key))
    if isinstance(error, NetworkError):
        return Verdict(Cure.RECONNECT, error)
    return None


def _reason_of(error: object) -> str:
    details = getattr(error, "details", None)
    return details if isinstance(details, str) else str(getattr(error, "message", None) or "")


def _judge_status(status: int, key: ApiKey) -> Verdict:
    what = f"the service refused the connection (HTTP {status})"
    if status in (401, 403):
        return _refused_key(f"HTTP {status}", key)
    if status == 429:
        return Verdict(Cure.RECONNECT_BRIEFLY, _quota(f"HTTP {status}"))
    if status >= 500:
        return Verdict(Cure.RECONNECT, NetworkError(what, hint="try again in a minute"))
    hint = "check GOOGLE_GEMINI_BASE_URL with: voicecli config show"
    return Verdict(Cure.STOP, NetworkError(what, hint=hint))


def _refused_key(reason: str, key: ApiKey) -> Verdict:
    error = CredentialsError(
        f"the service refused the key from {key.origin}",
        why=reason,
        hint="get a key at aistudio.google.com/apikey, or do without: add --local",
    )
    return Verdict(Cure.STOP, error)


def _quota(reason: str) -> QuotaError:
    return QuotaError(
        "the quota is used up",
        why=reason,
        hint="see your limits in Google AI Studio, or do without: add --local",
    )


def _no_model(reason: str) -> UsageError:
    return UsageError(
        "the service does not know this model",
        why=reason,
        hint=f"choose another with --model, such as {DEFAULT_MODEL}",
    )


def _refused_setup(reason: str) -> UsageError:
    return UsageError(
        "the service refused the settings of this conversation",
        why=reason or "no reason given",
        hint="see which settings are in force with: voicecli config show",
    )


def _lost(code: int, reason: str) -> NetworkError:
    # Of a connection that broke off nobody gave a reason; libraries have one of their own.
    said = "it broke off" if code == ABNORMAL else reason
    return NetworkError(
        "the connection to the service was lost",
        why=f"{said} (code {code})" if said else f"code {code}",
        hint="check the network and run the command again",
    )


def _untrusted(error: ssl.SSLCertVerificationError) -> NetworkError:
    return NetworkError(
        "the server's certificate is not trusted",
        why=error.verify_message,
        hint="for a server of your own, name its authority in SSL_CERT_FILE",
    )


def _unreachable(error: BaseException, key: ApiKey) -> NetworkError:
    return NetworkError(
        "the service cannot be reached",
        why=redact(str(error), key.value) or "it did not answer in time",
        hint="check the network, or practise without one: add --local",
    )
