"""What the environment says about certificates and proxies, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_server import Call, scripted_server

from voicecli.errors import UsageError
from voicecli.live.client import make_client
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey

DEAD_PROXY = "http://name:proxy-password@127.0.0.1:9"


def endpoint(key: str = "a-key-for-tests") -> Endpoint:
    return Endpoint(ApiKey(key, "the test"), "https://localhost:9")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(UsageError, match="certificates") as caught:
        make_client(endpoint())
    assert "SSL_CERT_FILE" in caught.value.hint


def test_a_proxy_of_an_unknown_kind_is_an_error_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://name:proxy-password@127.0.0.1:9")
    with pytest.raises(UsageError, match="proxy") as caught:
        make_client(endpoint())
    assert "proxy-password" not in str(caught.value)


def test_a_short_lived_key_goes_to_the_version_that_knows_it() -> None:
    client = make_client(endpoint("auth_tokens/short-lived"))
    assert client._api_client._http_options.api_version == "v1alpha"


def test_the_way_to_the_server_in_this_process_leads_through_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(call: Call) -> None:
        await call.wait()

    async def main() -> None:
        async with (
            asyncio.timeout(20),
            scripted_server(tmp_path, [scene]) as server,
            LiveSession(replace(server.endpoint, local=True), Setup(DEFAULT_MODEL)),
        ):
            assert server.connections == 1

    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD_PROXY)
    asyncio.run(main())
