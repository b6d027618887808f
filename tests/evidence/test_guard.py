"""Which addresses are let through, and which of the ways to write one are read as what they are."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from bot.evidence.errors import AddressRefused, TargetRefused
from bot.evidence.guard import Guard, is_public
from bot.evidence.target import read_target

INSIDE = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%lo", "fec0::1", "ff02::1", "5f00::1"),
    "not an address",
)
OUTSIDE = ("93.184.216.34", "8.8.8.8", "1.1.1.1", "149.154.167.99", "2606:4700:4700::1111", "2001:67c:4e8:f004::9")
REFUSED = {
    "decimal": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "hexadecimal parts": "http://0x7f.0x0.0x0.0x1/",
    "octal": "http://0177.0.0.1/",
    "short": "http://127.1/",
    "zero": "http://0/",
    "unicode digits": "http://①②⑦.⓪.⓪.①/",
    "full-width": "http://１２７.０.０.１/",
    "ideographic stops": "http://127。0。0。1/",
    "escaped": "http://%31%32%37.0.0.1/",
    "trailing dot": "http://127.0.0.1./",
    "cloud metadata": "http://169.254.169.254/latest/meta-data/",
    "IPv6 loopback": "http://[::1]/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped public": "http://[::ffff:8.8.8.8]/",
    "compatible": "http://[::127.0.0.1]/",
    "NAT64": "http://[64:ff9b::a9fe:a9fe]/",
    "6to4": "http://[2002:7f00:1::]/",
    "Teredo": "http://[2001:0:53aa:64c::1]/",
    "unique local": "http://[fd00::1]/",
    "zone": "http://[fe80::1%25lo]/",
    "localhost": "http://localhost/",
    "localhost below": "http://a.localhost/",
    "local": "http://printer.local/",
    "internal": "http://metadata.google.internal/",
    "one label": "http://intranet/",
    "user": "http://admin@example.kz/",
    "password": "http://admin:secret@example.kz/",
    "user that looks like the host": "http://example.kz@127.0.0.1/",
    "port 22": "http://example.kz:22/",
    "port 8080": "https://example.kz:8080/",
    "port 0": "http://example.kz:0/",
    "file": "file:///etc/passwd",
    "ftp": "ftp://example.kz/",
    "gopher": "gopher://example.kz/_x",
    "data": "data:text/html,x",
    "javascript": "javascript:alert(1)",
    "websocket": "ws://example.kz/",
    "no scheme": "//example.kz/",
    "bad onion": f"http://{'a' * 56}.onion/",
    "too long": "http://example.kz/" + "a" * 5000,
    "nothing": "",
}


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_none_of_the_public_internet_gets_no_socket(address: str) -> None:
    made: list[object] = []
    guard = Guard(lambda *asked: made.append(asked) or socket.socket())  # type: ignore[func-returns-value]
    with pytest.raises(AddressRefused):
        guard.socket((socket.AF_INET, 1, 6, "", (address, 80)))
    assert not made


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_gets_one_on_the_two_ports_of_the_web(address: str) -> None:
    guard = Guard()
    for port in (80, 443):
        guard.check(address, port)
    for port in (0, 22, 25, 8080, 5432):
        with pytest.raises(AddressRefused):
            guard.check(address, port)


@given(some.ip_addresses())
def test_what_is_let_through_is_always_global_and_of_one_machine(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))
        assert not isinstance(address, ipaddress.IPv6Address) or (address.ipv4_mapped or address.sixtofour) is None


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED.keys())
def test_an_address_that_may_not_be_asked_for_is_refused_before_anything_is_looked_up(written: str) -> None:
    with pytest.raises(TargetRefused):
        read_target(written)


ANY = some.text() | some.from_regex(r"https?:[/\\]{0,3}[^\s]{0,60}")


@given(ANY, some.sampled_from([None, "https://shop.kz/a?b"]))
@example("http://\udcff/", None)
@example("/\udcff\ud800", "https://shop.kz/")
def test_whatever_is_written_is_read_or_refused(written: str, base: str | None) -> None:
    try:
        target = read_target(written, base)
    except TargetRefused:
        return
    assert target.port in (80, 443)
    assert read_target(target.href) == target
