"""Which addresses of the web the model may use. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# More than any address that a person would want to open.
MAX_URL_CHARACTERS = 2_000
# Below 1024 live other protocols, which a request could be mistaken for.
_WEB_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024

# What urlsplit drops, or browsers read in another way than it does.
_MISLEADING = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
# Hosts that the system's resolver takes for an IPv4 address, however they are spelt.
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE | re.DOTALL)

# Relays of 6to4, which the library takes for public (RFC 7526).
_RELAYS = IPv4Network("192.88.99.0/24")
# All that is given out to networks (RFC 4291, 2.4); the rest is local, special or to come.
_GIVEN_OUT = IPv6Network("2000::/3")
_SPECIAL = (
    IPv6Network("2001::/23"),  # for protocols, such as Teredo, which holds an IPv4 address
    IPv6Network("2001:db8::/32"),  # for documents
    IPv6Network("2002::/16"),  # 6to4, which holds an IPv4 address
    IPv6Network("3fff::/20"),  # for documents
)
# An IPv4 address as a network without IPv4 writes it (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


def check_url(url: str) -> None:
    """Raises ValueError, with what is wrong, unless `url` is of the web and means what it shows."""
    if len(url) > MAX_URL_CHARACTERS:
        raise ValueError(f"the address is longer than {MAX_URL_CHARACTERS} characters")
    if _MISLEADING.search(url):
        raise ValueError("the address contains blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the address cannot be read") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("the address does not begin with https:// or http://")
    if not host:
        raise ValueError("the address names no host")
    if "@" in parts.netloc:
        raise ValueError("the address names a user, which hides the host")
    if port is not None and port not in _WEB_PORTS and port < _FIRST_FREE_PORT:
        raise ValueError(f"port {port} is none of the web")
    check_host(host)


def check_host(host: str) -> None:
    """Raises ValueError for a host that is a number in disguise, such as 0x7f.1 or 2130706433."""
    if ":" not in host and _ENDS_IN_NUMBER.fullmatch(host.rstrip(".")):
        try:
            IPv4Address(host)
        except ValueError:
            raise ValueError(f"the host {host!r} is a number in disguise") from None


def is_public(address: str) -> bool:
    """Whether the IP `address` belongs to the public internet, and to one host of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and address not in _RELAYS


def _is_public_v6(address: IPv6Address) -> bool:
    if address.ipv4_mapped is not None:
        return _is_public_v4(address.ipv4_mapped)
    if address in _TRANSLATED:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFF_FFFF))
    special = any(address in network for network in _SPECIAL)
    return address in _GIVEN_OUT and not special and address.scope_id is None
