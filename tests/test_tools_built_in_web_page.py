"""A page is read from the address that was checked, and from no other, whatever it says."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

import pytest
import trustme
from web_site import HOST, LOOPBACK, Site, moved, page

from voicecli.errors import NetworkError
from voicecli.tools.built_in.web_page import (
    MAX_PAGE_BYTES,
    Fetched,
    Reach,
    decoded,
    fetch,
    look_up,
)
from voicecli.tools.tool import ArgumentsError

# Nothing here waits for anything that does not come.
DEADLINE_S = 30.0


def fetched(
    site: Site,
    url: Callable[[], str],
    reach: Reach | None = None,
    server_context: ssl.SSLContext | None = None,
) -> Fetched:
    """What comes of fetching from `site`, which may be reached though it is on this machine."""

    async def main() -> Fetched:
        server = await asyncio.start_server(site.answer, LOOPBACK, 0, ssl=server_context)
        site.port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(DEADLINE_S), server:
            return await fetch(url(), reach or Reach(site.find, lambda address: True))

    return asyncio.run(main())


def test_the_words_and_the_title_of_a_page_are_read() -> None:
    site = Site({"/a?b=c": page("<title>T</title><p>One<p>Two")})
    result = fetched(site, lambda: site.url("/a?b=c#part"))
    assert (result.page.title, result.page.text, result.is_cut) == ("T", "One\nTwo", False)
    assert result.url == site.url("/a?b=c#part")


def test_the_site_is_asked_for_its_own_name_and_told_nothing_of_the_user() -> None:
    site = Site({"/": page("x")})
    fetched(site, site.url)
    head = site.asked[0].lower()
    assert f"host: {HOST}:{site.port}\r\n" in head
    assert "accept-encoding: identity\r\n" in head
    assert "cookie" not in head
    assert "referer" not in head


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_page_that_has_moved_is_followed(status: int) -> None:
    site = Site({"/": moved("/b", status), "/b": page("here")})
    result = fetched(site, site.url)
    assert (result.page.text, result.url) == ("here", site.url("/b"))


def test_each_step_is_checked_by_itself() -> None:
    site = Site({"/": moved("http://inside.example:PORT/"), "/b": page("secret")})

    async def find(host: str, port: int) -> list[str]:
        return [LOOPBACK if host == HOST else "::1"]

    with pytest.raises(ArgumentsError, match=r"inside\.example is not on the public internet"):
        fetched(site, site.url, Reach(find, lambda address: address == LOOPBACK))
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "ftp://site.example/", "http://0x7f.1/", "http://user@site.example/"],
)
def test_a_page_cannot_send_to_what_is_refused(to: str) -> None:
    site = Site({"/": moved(to)})
    with pytest.raises(ArgumentsError):
        fetched(site, site.url)


def test_a_page_that_moves_for_ever_is_given_up() -> None:
    site = Site({"/": moved("/")})
    with pytest.raises(ArgumentsError, match="moved more than 5 times"):
        fetched(site, site.url)
    assert len(site.asked) == 6


def test_a_name_is_looked_up_once_so_that_it_cannot_change_after_the_check() -> None:
    site = Site({"/": page("x")})
    allowed: list[str] = []

    def allows(address: str) -> bool:
        allowed.append(address)
        return True

    fetched(site, site.url, Reach(site.find, allows))
    assert (site.looked_up, allowed) == ([HOST], [LOOPBACK])


def test_one_address_that_is_not_public_spoils_the_others() -> None:
    site = Site({"/": page("x")})

    async def find(host: str, port: int) -> list[str]:
        return ["8.8.8.8", LOOPBACK]

    with pytest.raises(ArgumentsError, match="not on the public internet"):
        fetched(site, site.url, Reach(find))
    assert site.asked == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1"]
)
def test_this_machine_and_its_network_are_out_of_reach(host: str) -> None:
    site = Site({"/": page("secret")})
    with pytest.raises(ArgumentsError, match="not on the public internet"):
        fetched(site, lambda: f"http://{host}:{site.port}/", Reach(look_up))
    assert site.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.0.0.1", "127.1", "１２７.1", "127。0。0。01"])
def test_a_number_in_disguise_is_refused(host: str) -> None:
    site = Site({})
    with pytest.raises(ArgumentsError):
        fetched(site, lambda: f"http://{host}:{site.port}/", Reach(look_up))


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site = Site({"/": page("x")})
    assert fetched(site, site.url).page.text == "x"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/plain; charset=latin-1", "<b>é</b>"),
        ("application/json", "<b>\ufffd</b>"),
        ("application/ld+json", "<b>\ufffd</b>"),
        ("text/html;charset=ISO-8859-1", "é"),
        ("application/xhtml+xml; charset='cp1252'", "é"),
    ],
)
def test_what_is_text_is_read_in_its_encoding(kind: str, text: str) -> None:
    site = Site({"/": page(b"<b>\xe9</b>", kind)})
    assert fetched(site, site.url).page.text == text


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "application/pdf", ""])
def test_what_is_no_text_is_refused(kind: str) -> None:
    site = Site({"/": page(b"\x89PNG", kind)})
    with pytest.raises(ArgumentsError, match="not text"):
        fetched(site, site.url)


def test_what_comes_compressed_unasked_is_refused() -> None:
    site = Site({"/": page(b"\x1f\x8b", more="Content-Encoding: gzip\r\n")})
    with pytest.raises(ArgumentsError, match="compressed"):
        fetched(site, site.url)


def test_of_a_page_that_is_too_large_the_begin_is_read() -> None:
    site = Site({"/": page(b"x" * (3 * MAX_PAGE_BYTES), "text/plain")})
    result = fetched(site, site.url)
    assert (len(result.page.text), result.is_cut) == (MAX_PAGE_BYTES, True)


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
def test_a_site_that_has_nothing_is_told_with_its_number(status: int) -> None:
    site = Site({"/": f"HTTP/1.1 {status} No\r\n\r\n".encode()})
    with pytest.raises(ArgumentsError, match=f"the site answered {status}"):
        fetched(site, site.url)


def test_a_site_that_is_not_there_is_an_error_of_the_network() -> None:
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    site = Site({})
    with pytest.raises(NetworkError, match=r"site\.example did not answer"):
        fetched(site, lambda: f"http://{HOST}:{port}/")


def test_what_is_no_http_is_an_error_of_the_network() -> None:
    site = Site({"/": b"220 smtp.example ESMTP\r\n"})
    with pytest.raises(NetworkError, match="did not answer"):
        fetched(site, site.url)


def test_a_name_without_an_address_is_an_error_of_the_network() -> None:
    async def find(host: str, port: int) -> list[str]:
        raise socket.gaierror("unknown")

    site = Site({})
    with pytest.raises(NetworkError, match="no address was found"):
        fetched(site, site.url, Reach(find))


def contexts(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's, with a certificate for `name`, and a client's that trusts its authority."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address() -> None:
    server, client = contexts(HOST)
    asked_for: list[str] = []
    server.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    site = Site({"/": page("safe")})
    reach = Reach(site.find, lambda address: True, client)
    assert fetched(site, lambda: site.url(scheme="https"), reach, server).page.text == "safe"
    assert asked_for == [HOST]


def test_a_certificate_of_another_name_is_refused() -> None:
    server, client = contexts("other.example")
    site = Site({"/": page("fake")})
    reach = Reach(site.find, lambda address: True, client)
    with pytest.raises(NetworkError, match=r"(?i)certificate"):
        fetched(site, lambda: site.url(scheme="https"), reach, server)


@pytest.mark.parametrize(
    ("body", "parameters", "text"),
    [
        (b"\xef\xbb\xbfx", "", "x"),
        (b'<meta charset="latin-1">\xe9', "", '<meta charset="latin-1">é'),
        (b"<meta charset=zlib>\xe9", "", "<meta charset=zlib>\ufffd"),
        (b"<meta charset=punycode>x", "", "<meta charset=punycode>x"),
        (b"x", "charset=utf-99", "x"),
        (b"x", 'charset="UTF-8"', "x"),
        (b"\xff", "charset=idna", "\ufffd"),
    ],
)
def test_only_encodings_of_pages_are_believed(body: bytes, parameters: str, text: str) -> None:
    assert decoded(body, parameters, is_html=True) == text
