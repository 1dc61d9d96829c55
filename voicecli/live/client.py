"""The SDK's client for an endpoint, with a keepalive that healthy calls survive."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from voicecli.errors import UsageError
from voicecli.live.endpoint import Endpoint
from voicecli.settings.key import redact

if TYPE_CHECKING:
    from google import genai

PING_EVERY_S = 10
# Pongs of 8 to 30 s were reported on healthy calls (googleapis/python-genai#2935); the library's
# own 20 s kills them.
PONG_WITHIN_S = 35
# Replies come in bursts; the library's own limit of 1 MiB closes the connection on one.
LARGEST_FRAME_BYTES = 32 * 1024 * 1024
CLOSE_WITHIN_S = 1
OPEN_WITHIN_S = 15


def make_client(endpoint: Endpoint) -> genai.Client:
    """A client that talks to `endpoint`. Imports the SDK, which takes about half a second.

    Raises UsageError where the environment names certificates or a proxy that cannot be used.
    """
    from google import genai
    from google.genai import types

    token = endpoint.key.value.startswith("auth_tokens/")
    try:
        return genai.Client(
            api_key=endpoint.key.value,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=endpoint.base_url,
                api_version="v1alpha" if token else None,
                client_args={"trust_env": not endpoint.local},
                async_client_args=_socket_options(endpoint),
            ),
        )
    except OSError as error:
        raise UsageError(
            "the certificates that connections are checked with cannot be read",
            why=error.strerror or str(error),
            hint="check the file that SSL_CERT_FILE names",
        ) from error
    except (ImportError, ValueError) as error:
        raise UsageError(
            "the proxy that the environment names cannot be used",
            why=redact(str(error), endpoint.key),
            hint="check HTTPS_PROXY and ALL_PROXY: an http:// address is wanted",
        ) from error


def _socket_options(endpoint: Endpoint) -> dict[str, object]:
    options: dict[str, object] = {
        "ping_interval": PING_EVERY_S,
        "ping_timeout": PONG_WITHIN_S,
        "max_size": LARGEST_FRAME_BYTES,
        "close_timeout": CLOSE_WITHIN_S,
        "open_timeout": OPEN_WITHIN_S,
    }
    if endpoint.ca_file is not None:
        options["ssl"] = ssl.create_default_context(cafile=str(endpoint.ca_file))
    if endpoint.local:
        # The environment's proxy cannot reach a server inside this process.
        options |= {"proxy": None, "trust_env": False}
    return options
