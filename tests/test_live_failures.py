"""The close-code table of the Live API decides between a retry, a new session and an end."""

from __future__ import annotations

import ssl

import pytest
from google.genai.errors import APIError, ClientError, ServerError
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidProxy,
    InvalidStatus,
)
from websockets.frames import Close
from websockets.http11 import Response

from voicecli.errors import CredentialsError, NetworkError, QuotaError, UsageError, VoicecliError
from voicecli.live.failures import Cure, judge, judge_close
from voicecli.settings.key import ApiKey

KEY = ApiKey("very-secret-key-0123456789", "GOOGLE_API_KEY in the environment")


@pytest.mark.parametrize(
    ("code", "reason", "cure", "kind"),
    [
        (
            1007,
            "API key not valid. Please pass a valid API key.",
            Cure.STOP,
            CredentialsError,
        ),
        (1007, "Request contains an invalid argument.", Cure.STOP, UsageError),
        (1007, "Thinking level is not supported for this model", Cure.STOP, UsageError),
        (1007, "", Cure.STOP, UsageError),
        (1007, "Invalid session handle", Cure.FORGET_HANDLE, NetworkError),
        (1008, "BidiGenerateContent session not found", Cure.FORGET_HANDLE, NetworkError),
        (
            1008,
            "models/X is not found for API version v1beta, or is not supported for "
            "bidiGenerateContent. Call",
            Cure.STOP,
            UsageError,
        ),
        (
            1008,
            "Operation is not implemented, or supported, or enabled.",
            Cure.RECONNECT,
            NetworkError,
        ),
        (1011, "The service is currently unavailable.", Cure.RECONNECT, NetworkError),
        (
            1011,
            "Deadline expired before operation could complete.",
            Cure.RECONNECT,
            NetworkError,
        ),
        (1011, "status: RESOURCE_EXHAUSTED", Cure.RECONNECT_BRIEFLY, QuotaError),
        (
            1011,
            "You exceeded your current quota, please check",
            Cure.RECONNECT_BRIEFLY,
            QuotaError,
        ),
        (1006, "", Cure.RECONNECT, NetworkError),
        (1000, "", Cure.RECONNECT, NetworkError),
        (1001, "going away", Cure.RECONNECT, NetworkError),
    ],
)
def test_each_close_code_has_its_cure(
    code: int, reason: str, cure: Cure, kind: type[VoicecliError]
) -> None:
    verdict = judge_close(code, reason, KEY)
    assert verdict.cure is cure
    assert type(verdict.error) is kind
    assert verdict.error.hint


@pytest.mark.parametrize(
    ("code", "reason", "blamed"),
    [
        (1007, "Request contains an invalid argument.", True),
        (1008, "Operation is not implemented, or supported, or enabled.", True),
        (1007, "API key not valid. Please pass a valid API key.", False),
        (1007, "Invalid session handle", False),
        (1008, "BidiGenerateContent session not found", False),
        (1011, "The service is currently unavailable.", False),
        (1011, "status: RESOURCE_EXHAUSTED", False),
        (1006, "", False),
        (1000, "", False),
    ],
)
def test_only_what_another_setup_may_avoid_is_blamed_on_it(
    code: int, reason: str, blamed: bool
) -> None:
    assert judge_close(code, reason, KEY).blames_setup is blamed


def test_a_refused_key_is_named_by_its_origin() -> None:
    verdict = judge_close(1007, f"API key not valid: {KEY.value}", KEY)
    assert KEY.origin in str(verdict.error)


@given(st.integers(1000, 4999), st.text(), st.text())
def test_no_reason_carries_the_key_into_an_error(code: int, before: str, after: str) -> None:
    error = judge_close(code, f"{before}{KEY.value}{after}", KEY).error
    assert KEY.value not in f"{error} {error.why} {error.hint}"


def status(code: int) -> InvalidStatus:
    return InvalidStatus(Response(code, "", Headers()))


@pytest.mark.parametrize(
    ("error", "cure", "kind"),
    [
        (APIError(1011, "The service is currently unavailable."), Cure.RECONNECT, NetworkError),
        (APIError(1006, {"message": "abnormal"}), Cure.RECONNECT, NetworkError),
        (ClientError(429, "RESOURCE_EXHAUSTED"), Cure.RECONNECT_BRIEFLY, QuotaError),
        (ServerError(503, "down"), Cure.RECONNECT, NetworkError),
        (ConnectionClosedError(None, None), Cure.RECONNECT, NetworkError),
        (
            ConnectionClosedError(Close(1007, "API key not valid."), None),
            Cure.STOP,
            CredentialsError,
        ),
        (ConnectionClosedOK(None, Close(1000, "")), Cure.RECONNECT, NetworkError),
        (status(401), Cure.STOP, CredentialsError),
        (status(403), Cure.STOP, CredentialsError),
        (status(404), Cure.STOP, NetworkError),
        (status(429), Cure.RECONNECT_BRIEFLY, QuotaError),
        (status(503), Cure.RECONNECT, NetworkError),
        (ConnectionRefusedError("refused"), Cure.RECONNECT, NetworkError),
        (TimeoutError(), Cure.RECONNECT, NetworkError),
        (UnicodeError("label too long"), Cure.RECONNECT, NetworkError),
        (InvalidProxy("x", "no proxy"), Cure.RECONNECT, NetworkError),
        (NetworkError("not accepted"), Cure.RECONNECT, NetworkError),
    ],
)
def test_what_the_sdk_raises_has_its_cure(
    error: BaseException, cure: Cure, kind: type[VoicecliError]
) -> None:
    verdict = judge(error, KEY)
    assert verdict is not None
    assert verdict.cure is cure
    assert type(verdict.error) is kind


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    error = ssl.SSLCertVerificationError(1, "self-signed")
    error.verify_message = "self-signed certificate"
    verdict = judge(error, KEY)
    assert verdict is not None
    assert verdict.cure is Cure.STOP
    assert "SSL_CERT_FILE" in verdict.error.hint


def test_a_mistake_of_our_own_is_not_taken_for_the_network() -> None:
    assert judge(KeyError("bug"), KEY) is None
