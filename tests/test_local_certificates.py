"""TLS on the loopback: clients trust one server's authority, and nothing secret is left on disk."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest

from voicecli.local.certificates import HOST_NAMES, LoopbackCertificates


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A whole TLS handshake in memory. Raises ssl.SSLError if either side refuses."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while sides:
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)


@pytest.mark.parametrize("name", HOST_NAMES)
def test_the_certificate_is_good_for_every_name_of_the_loopback(name: str) -> None:
    certificates = LoopbackCertificates()
    handshake(certificates.server_context(), certificates.client_context(), name)


def test_the_certificate_is_good_for_no_other_name() -> None:
    certificates = LoopbackCertificates()
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificates.server_context(), certificates.client_context(), "example.org")


def test_one_servers_authority_does_not_vouch_for_another() -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(
            LoopbackCertificates().server_context(),
            LoopbackCertificates().client_context(),
            "localhost",
        )


def test_the_file_is_the_owners_holds_no_key_and_makes_clients_trust(tmp_path: Path) -> None:
    certificates = LoopbackCertificates()
    path = tmp_path / "ca.pem"
    certificates.write_ca(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in path.read_text()
    client = ssl.create_default_context(cafile=path)
    handshake(certificates.server_context(), client, "localhost")


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("old" * 10_000)
    LoopbackCertificates().write_ca(path)
    assert path.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert "old" not in path.read_text()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LoopbackCertificates().write_ca(tmp_path / "missing" / "ca.pem")
