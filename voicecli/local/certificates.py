"""A certificate authority for the loopback, new for every server; its key is never written."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import trustme

HOST_NAMES = ("localhost", "127.0.0.1", "::1")


class LoopbackCertificates:
    """An authority and a certificate of `localhost` that it vouches for."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="voicecli local server")
        self._leaf = self._authority.issue_cert(*HOST_NAMES)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._leaf.configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """For clients in the same process: trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority.configure_trust(context)
        return context

    def write_ca(self, path: Path) -> None:
        """Write the authority's certificate as PEM, readable by its owner only. Raises OSError."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._authority.cert_pem.bytes())
