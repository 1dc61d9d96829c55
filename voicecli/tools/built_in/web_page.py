"""Gets a page of the public web: each address checked, and the one connected to that was checked.

A name is looked up once, and the connection goes to the address that was found: a name that turns
into another address in between (DNS rebinding) gains nothing. Redirects are followed by hand, each
as careful as the first. Proxies of the environment are not used, since they would look names up
themselves and may see networks that nobody else sees.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2

from voicecli import __version__
from voicecli.errors import NetworkError
from voicecli.tools.built_in.html_text import Page, readable
from voicecli.tools.built_in.web_address import check_host, check_url, is_public
from voicecli.tools.tool import ArgumentsError

# Pages with more HTML than this are lists that nobody reads out.
MAX_PAGE_BYTES = 1_000_000
# As browsers do, or less.
MAX_REDIRECTS = 5
# For each step; the call has a time-out for the whole.
STEP_TIMEOUT_S = 10.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEXT = re.compile(r"text/.+|application/(?:.+\+)?(?:json|xml)|application/x?html(?:\+xml)?")
_HTML = frozenset({"text/html", "application/xhtml+xml"})
# Encodings of pages. Python knows others, some of which take very long on purpose-made input.
_CHARSET = re.compile(r"(?:utf|us-ascii|ascii|iso|latin|windows|cp|koi8|gb|big5|shift|euc)[\w-]*")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_META_WITHIN_BYTES = 4_096
_HEADERS = {
    "Accept": "text/html, text/plain, application/json, text/*;q=0.5",
    # A compressed page can be a thousand times larger than what was read.
    "Accept-Encoding": "identity",
    "User-Agent": f"voicecli/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How hosts are found, and which of their addresses may be reached."""

    find: Callable[[str, int], Awaitable[list[str]]]
    """The IP addresses of a host; OSError where it has none."""
    allows: Callable[[str], bool] = is_public
    context: ssl.SSLContext | None = None
    """Whom to trust; without one, whom the system trusts."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, where it was at last, and whether more of it was there than is read."""

    url: str
    page: Page
    is_cut: bool


async def look_up(host: str, port: int) -> list[str]:
    """The IP addresses of `host`. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def fetch(url: str, reach: Reach) -> Fetched:
    """The page at `url`.

    Raises ArgumentsError for an address or content that is refused, NetworkError where nothing
    comes.
    """
    context = reach.context
    if context is None:
        context = await asyncio.to_thread(httpx2.create_ssl_context)
    for _ in range(MAX_REDIRECTS + 1):
        target, pinned = await _checked(url, reach)
        client = httpx2.AsyncClient(
            verify=context, trust_env=False, timeout=STEP_TIMEOUT_S, headers=_HEADERS
        )
        # A client for each step: a connection made for one host must not serve another.
        try:
            async with (
                client,
                client.stream(
                    "GET",
                    pinned,
                    headers={"Host": target.netloc.decode("ascii")},
                    extensions={"sni_hostname": target.raw_host.decode("ascii")},
                ) as response,
            ):
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or location is None:
                    return await _read(url, response)
                url = urljoin(url, location)
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as error:
            why = str(error) or type(error).__name__
            raise NetworkError(f"{target.host} did not answer", why=why) from None
    raise ArgumentsError(f"the page was moved more than {MAX_REDIRECTS} times")


async def _checked(url: str, reach: Reach) -> tuple[httpx2.URL, httpx2.URL]:
    """`url`, and the same with an address in the place of its host, both of them checked."""
    try:
        check_url(url)
        target = httpx2.URL(url).copy_with(fragment=None)
        check_host(target.raw_host.decode("ascii"))
    except (ValueError, httpx2.InvalidURL) as error:
        raise ArgumentsError(f"{error}: {url}") from None
    host = target.raw_host.decode("ascii").strip("[]")
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        addresses = await reach.find(host, port)
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise NetworkError(f"{target.host} is not known", why="no address was found for its name")
    # One that is public and one that is not is how a trap looks.
    if not all(map(reach.allows, addresses)):
        raise ArgumentsError(f"{target.host} is not on the public internet")
    return target, target.copy_with(host=addresses[0])


async def _read(url: str, response: httpx2.Response) -> Fetched:
    if response.status_code != httpx2.codes.OK:
        raise ArgumentsError(f"the site answered {response.status_code} for {url}")
    kind, _, parameters = response.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if not _TEXT.fullmatch(kind):
        raise ArgumentsError(f"the page is {kind or 'of no stated kind'}, not text: {url}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ArgumentsError(f"the site sends the page compressed, unasked: {url}")
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > MAX_PAGE_BYTES:
            break
    body = bytes(content[:MAX_PAGE_BYTES])
    # A large page takes longer than the sound of a conversation can wait.
    page = await asyncio.to_thread(_page, body, parameters, kind)
    return Fetched(url, page, len(content) > MAX_PAGE_BYTES)


def _page(body: bytes, parameters: str, kind: str) -> Page:
    text = decoded(body, parameters, is_html=kind in _HTML)
    return readable(text) if kind in _HTML else Page("", text)


def decoded(body: bytes, parameters: str, *, is_html: bool) -> str:
    """`body` as text, in the encoding that the content type's `parameters` or the page names."""
    stated = re.search(r"""charset\s*=\s*["']?([\w-]{1,40})""", parameters, re.IGNORECASE)
    charset = stated.group(1) if stated else ""
    if is_html and not stated and (meta := _META_CHARSET.search(body[:_META_WITHIN_BYTES])):
        charset = meta.group(1).decode("ascii", "replace")
    if _CHARSET.fullmatch(charset.lower()):
        try:
            return body.decode(charset, "replace")
        except LookupError:
            pass
    return body.decode("utf-8-sig", "replace")
