"""Only what is on the public internet, and means what it shows, may be opened or fetched."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.web_address import check_host, check_url, is_public

NOT_PUBLIC = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/29", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:10::/28"),
    *("2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]


def inside(network: IPv4Network | IPv6Network) -> st.SearchStrategy[int]:
    return st.integers(int(network.network_address), int(network.broadcast_address))


@pytest.mark.parametrize("name", NOT_PUBLIC)
@given(st.data())
def test_no_address_of_a_network_that_is_not_public_is(name: str, data: st.DataObject) -> None:
    network = ip_network(name)
    number = data.draw(inside(network))
    kind = IPv4Address if isinstance(network, IPv4Network) else IPv6Address
    assert not is_public(str(kind(number)))


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_stays_what_it_is_however_ipv6_writes_it(number: int) -> None:
    address = IPv4Address(number)
    public = is_public(str(address))
    assert is_public(str(IPv6Address((0xFFFF << 32) | number))) is public
    assert is_public(f"::ffff:{address}") is public
    assert is_public(str(IPv6Address((0x64FF9B << 96) | number))) is public


@given(st.integers(0, 2**128 - 1))
def test_of_ipv6_only_what_is_given_out_is_public(number: int) -> None:
    address = str(IPv6Address(number))
    if is_public(address):
        assert address.startswith(("2", "3", "::ffff:", "64:ff9b::"))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::200e"]
)
def test_hosts_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "example.com", "8.8.8", "08.8.8.8", "fe80::1%eth0", "2600::1%1"]
)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com", "http://example.com:8080/a?b=c#d", "https://bücher.example/"),
        *("HTTPS://EXAMPLE.COM/", "http://8.8.8.8/", "http://[2606:4700::1111]:443/"),
        *("https://1password.com/", "https://example.com:443/"),
    ],
)
def test_addresses_of_the_web_are_taken(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("", "does not begin with"),
        ("example.com", "does not begin with"),
        ("ftp://example.com/", "does not begin with"),
        ("file:///etc/passwd", "does not begin with"),
        ("javascript:alert(1)", "does not begin with"),
        ("--new-window", "does not begin with"),
        ("https://", "names no host"),
        ("https:///path", "names no host"),
        ("https://user@example.com/", "names a user"),
        ("https://example.com:x/", "cannot be read"),
        ("https://user:secret@example.com/", "names a user"),
        ("https://example.com/a b", "blanks"),
        (" https://example.com/", "blanks"),
        ("https://example.com\n.evil.example/", "blanks"),
        ("https://example.com\\@evil.example/", "backslashes"),
        ("https://example.com\x00/", "control characters"),
        ("https://example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("http://example.com:25/", "port 25"),
        ("http://example.com:22/", "port 22"),
        ("http://2130706433/", "number in disguise"),
        ("https://example.com/" + "x" * 2_000, "longer than"),
    ],
)
def test_others_are_refused_with_what_is_wrong(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        check_url(url)


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1"),
        *("127.0.0.01", "1.2.3.4.5", "256.1.1.1", "127.0.0.1.", "0x", "0X7F.0.0.1", "example.0x1"),
    ],
)
def test_a_number_in_disguise_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="number in disguise"):
        check_host(host)


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "https://a"]))
def test_whatever_comes_is_taken_or_refused(rest: str, begin: str) -> None:
    with suppress(ValueError):
        check_url(begin + rest)
        assert begin or rest.lower().startswith("http")
