"""Attacks on the network of who looks at a stranger's link, against a web on this machine."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.evidence import errors
from bot.evidence.exchange import Fetched
from bot.evidence.fetching import Fetcher
from bot.evidence.ways import Bounds
from tests.evidence.web import PUBLIC, Asked, Web, certificate, leads_to, offered, open_web, page, sends

ONION = "http://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion/"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SMALL = Bounds(whole=60.0, connect=30.0, body=1 << 16, redirects=3)
HASTY = Bounds(whole=0.4, connect=0.2, body=1 << 16)


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with open_web() as opened:
        yield opened


async def fetch(web: Web, url: str, bounds: Bounds = SMALL, proxy: str = "", **more: Any) -> Fetched:
    fetcher = Fetcher(lambda: NOW, proxy, bounds, web.ways())
    try:
        return await fetcher.fetch(url, **more)
    finally:
        await fetcher.close()


async def test_a_page_comes_as_it_was_sent_with_all_headers_of_both_sides(web: Web) -> None:
    body = gzip.compress(b"<title>A shop</title>" + b"x" * 5000)
    web.sites["shop.kz"] = page(body, "200 OK", "Content-Encoding: gzip", "Set-Cookie: id=1", "X-Own: \u0451")
    fetched = await fetch(web, "http://shop.kz/a?b=c#part")
    assert (fetched.last.status, fetched.last.body, fetched.last.truncated) == (200, body, "")
    assert ("Set-Cookie", "id=1") in fetched.last.headers
    assert fetched.last.path == web.requests[0].path == "/a?b=c"
    told = web.requests[0].head.split("\r\n")[1:-2]
    assert sorted(told) == sorted(f"{name}: {value}" for name, value in fetched.last.request)
    assert web.made == [(PUBLIC, 80)]


async def test_nothing_of_ours_is_told(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine shop.kz login office password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.sites["shop.kz/"] = page("", "302 Found", "Location: /b", "Set-Cookie: seen=1; Path=/")
    web.sites["shop.kz/b"] = page("again", "200 OK", "Set-Cookie: seen=2")
    await fetch(web, "http://shop.kz/")
    await fetch(web, "http://shop.kz/")
    for asked in web.requests:
        names = {line.partition(":")[0].lower() for line in asked.head.split("\r\n")[1:] if line}
        assert names <= {"host", "user-agent", "accept", "accept-language", "accept-encoding", "connection"}
        assert "shekteu" not in asked.head.lower()
        assert "aiohttp" not in asked.head.lower()


@pytest.mark.parametrize(
    "name",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fd00::1",
    ],
)
async def test_a_name_that_leads_inside_is_not_connected_to(web: Web, name: str) -> None:
    web.names["shop.kz"] = [[name]]
    with pytest.raises(errors.AddressRefused):
        await fetch(web, "http://shop.kz/")
    assert not web.made


async def test_a_private_address_among_public_ones_spoils_them_all(web: Web) -> None:
    web.names["shop.kz"] = [[PUBLIC, "1.1.1.1", "192.168.0.1"]]
    with pytest.raises(errors.AddressRefused):
        await fetch(web, "http://shop.kz/")
    assert not web.made


@pytest.mark.parametrize(
    "onward",
    [
        *("http://127.0.0.1/", "http://2130706433/", "//0x7f.1/", "http://[::1]/", "http://[::ffff:7f00:1]/"),
        *("http://localhost/", "http://db.internal/", "http://shop.kz:5432/", "http://a:b@shop.kz/"),
        *("file:///etc/passwd", "gopher://shop.kz/", "data:text/html,x", "ftp://shop.kz/", "\\\\localhost\\x"),
    ],
)
async def test_a_redirect_is_read_as_the_first_address_was(web: Web, onward: str) -> None:
    web.sites["shop.kz"] = leads_to(onward)
    with pytest.raises(errors.TargetRefused):
        await fetch(web, "http://shop.kz/")
    assert len(web.requests) == len(web.made) == 1


async def test_a_redirect_to_a_name_that_leads_inside_is_stopped_there(web: Web) -> None:
    web.names["inside.kz"] = [["10.0.0.8"]]
    web.sites["shop.kz"] = leads_to("http://inside.kz/admin")
    with pytest.raises(errors.AddressRefused):
        await fetch(web, "http://shop.kz/")
    assert len(web.made) == 1


async def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(web: Web) -> None:
    web.names["shop.kz"] = [[PUBLIC], ["127.0.0.1"]]
    web.sites["shop.kz"] = leads_to("/again")
    with pytest.raises(errors.AddressRefused):
        await fetch(web, "http://shop.kz/")
    assert web.made == [(PUBLIC, 80)]
    # What was asked about is what is connected to: between the two the name is not looked up again.
    assert web.looked_up == ["shop.kz", "shop.kz"]


async def test_the_socket_itself_is_refused_where_a_resolver_was_fooled(web: Web) -> None:
    """The second wall, alone: an address literal is never looked up."""
    fetcher = Fetcher(lambda: NOW, "", SMALL, web.ways())
    connector = fetcher._connector(onion=False)
    with pytest.raises(errors.AddressRefused):
        connector._socket_factory((2, 1, 6, "", ("127.0.0.1", 80)))  # type: ignore[misc]
    await connector.close()


async def test_who_leads_on_for_ever_is_left(web: Web) -> None:
    web.sites["shop.kz"] = leads_to("http://shop.kz/")
    with pytest.raises(errors.TooManyRedirects):
        await fetch(web, "http://shop.kz/")
    assert len(web.requests) == SMALL.redirects + 1


async def test_a_body_without_end_is_kept_as_far_as_it_may_be(web: Web) -> None:
    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    web.sites["shop.kz"] = endless
    last = (await fetch(web, "http://shop.kz/")).last
    assert (len(last.body), last.truncated) == (SMALL.body, "length")


@pytest.mark.parametrize("length", ["999999999999999", "99999999999999999999999999", "-1", "abc"])
async def test_a_length_that_lies_takes_nothing(web: Web, length: str) -> None:
    web.sites["shop.kz"] = sends(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nabc".encode())
    try:
        last = (await fetch(web, "http://shop.kz/")).last
    except errors.NotWeb:
        return
    assert (last.body, last.truncated) == (b"abc", "disconnect")


async def test_a_bomb_stays_packed(web: Web) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    web.sites["shop.kz"] = page(bomb, "200 OK", "Content-Encoding: gzip")
    assert (await fetch(web, "http://shop.kz/")).last.body == bomb


async def test_a_body_that_trickles_is_cut_off_when_its_time_is_over(web: Web) -> None:
    async def trickles(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    web.sites["shop.kz"] = trickles
    # Longer than HASTY: something has to come before it is over, however slow the machine is.
    last = (await fetch(web, "http://shop.kz/", Bounds(whole=2.0, connect=1.0))).last
    assert last.truncated == "time"
    assert 0 < len(last.body) < 1000


async def test_headers_that_trickle_are_not_waited_for(web: Web) -> None:
    async def trickles(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.02)

    web.sites["shop.kz"] = trickles
    with pytest.raises(errors.TooSlow):
        await fetch(web, "http://shop.kz/", HASTY)


async def test_who_says_nothing_at_all_is_not_waited_for(web: Web) -> None:
    async def silent(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    web.sites["shop.kz"] = silent
    with pytest.raises(errors.TooSlow):
        await fetch(web, "http://shop.kz/", HASTY)


FLOODS = {
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
    "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "a long status": b"HTTP/1.1 200 " + b"y" * 1_000_000 + b"\r\n\r\n",
    "early answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000,
    "a chunk that never ends": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 1_000_000,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "noise": bytes(range(256)) * 100,
    "nothing": b"",
}


async def test_answers_before_the_answer_are_heard_only_so_long(web: Web) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    web.sites["shop.kz"] = sends(hints * 3 + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert (await fetch(web, "http://shop.kz/")).last.body == b"ok"

    async def hints_on(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(hints * 30)
        await asyncio.sleep(30)

    web.sites["shop.kz"] = hints_on
    with pytest.raises(errors.NotWeb):
        await fetch(web, "http://shop.kz/")


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
async def test_a_flood_is_left_by_its_name(web: Web, flood: bytes) -> None:
    web.sites["shop.kz"] = sends(flood)
    try:
        fetched = await fetch(web, "http://shop.kz/")
    except (errors.NotWeb, errors.NotReached, errors.TooSlow):
        return
    # Chunks that make no sense come after headers that do.
    assert flood == FLOODS["a chunk that never ends"]
    assert (fetched.last.body, fetched.last.truncated) == (b"", "disconnect")


async def test_a_site_that_is_gone_is_told_apart_from_one_that_is_silent(web: Web) -> None:
    web.names["gone.kz"] = [[]]
    with pytest.raises(errors.NoSuchHost):
        await fetch(web, "http://gone.kz/")
    web.names["silent.kz"], web.refuses = [["1.1.1.1"]], {"1.1.1.1"}
    with pytest.raises(errors.NotReached):
        await fetch(web, "http://silent.kz/")


async def test_of_several_addresses_the_first_that_answers_is_taken(web: Web) -> None:
    web.names["shop.kz"], web.refuses = [["1.1.1.1", PUBLIC]], {"1.1.1.1"}
    web.sites["shop.kz"] = page()
    assert (await fetch(web, "http://shop.kz/")).last.status == 200
    assert [address for address, _ in web.made] == ["1.1.1.1", PUBLIC]


async def test_version_six_is_spoken_too(web: Web) -> None:
    web.names["shop.kz"] = [["2606:4700:4700::1111"]]
    web.sites["shop.kz"] = web.sites["[2606"] = page()
    try:
        assert (await fetch(web, "http://shop.kz/")).last.status == 200
        assert (await fetch(web, "http://[2606:4700:4700::1111]/")).last.status in (200, 404)
    except errors.NotReached:
        pytest.skip("this machine has no IPv6")
    assert {address for address, _ in web.made} == {"2606:4700:4700::1111"}


async def test_a_conditional_request_tells_what_it_should_and_no_more(web: Web) -> None:
    web.sites["shop.kz"] = page("", "304 Not Modified")
    told = {"If-None-Match": '"v1"', "If-Modified-Since": "x\r\nX-Evil: 1", "Authorization": "Basic x"}
    assert (await fetch(web, "http://shop.kz/", conditions=told)).last.status == 304
    assert web.requests[0].header("if-none-match") == '"v1"'
    assert "evil" not in web.requests[0].head.lower()
    assert "authorization" not in web.requests[0].head.lower()


async def test_a_certificate_that_does_not_hold_is_told() -> None:
    async with open_web(offered()) as web:
        web.sites["shop.kz"] = page()
        with pytest.raises(errors.BadCertificate):
            await fetch(web, "https://shop.kz/")
        trust = ssl.create_default_context(cafile=str(certificate()))
        fetcher = Fetcher(lambda: NOW, "", SMALL, web.ways(trust=trust))
        assert (await fetcher.fetch("https://shop.kz/")).last.status == 200
        with pytest.raises(errors.BadCertificate):
            await fetcher.fetch("https://other.kz/")
        await fetcher.close()
        assert {port for _, port in web.made} == {443}


class Socks:
    """A SOCKS 5 proxy that leads everything to the web."""

    def __init__(self, web: Web) -> None:
        self.web, self.wanted = web, list[tuple[str, int]]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, sort = await reader.readexactly(4)
        if sort == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(str(each) for each in await reader.readexactly(4 if sort == 1 else 16))
        self.wanted.append((host, int.from_bytes(await reader.readexactly(2), "big")))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self.web._serve(reader, writer)


async def test_a_proxy_is_told_addresses_that_were_asked_about_and_names_of_tor_alone(web: Web) -> None:
    socks = Socks(web)
    server = await asyncio.start_server(socks.serve, "127.0.0.1", 0)
    proxy = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    web.sites["shop.kz"] = page("by a proxy")
    web.sites[ONION[7:-1]] = page("by Tor")
    web.names["inside.kz"] = [["10.0.0.1"]]
    assert (await fetch(web, "http://shop.kz/", proxy=proxy)).last.body == b"by a proxy"
    looked_up = list(web.looked_up)
    fetched = await fetch(web, ONION, proxy=proxy)
    assert (fetched.last.body, fetched.last.address) == (b"by Tor", "")
    assert web.looked_up == looked_up, "nobody else is to hear of the name"
    with pytest.raises(errors.AddressRefused):
        await fetch(web, "http://inside.kz/", proxy=proxy)
    assert socks.wanted == [(PUBLIC, 80), (ONION[7:-1], 80)]
    assert not web.made
    server.close()
    with pytest.raises(errors.ProxyFailed):
        await fetch(web, "http://shop.kz/", proxy="socks5://127.0.0.1:1")


async def test_nothing_is_led_through_the_proxy_that_was_not_asked_about(web: Web) -> None:
    """The second wall, alone, where a resolver was fooled."""
    fetcher = Fetcher(lambda: NOW, "socks5://127.0.0.1:1", SMALL, web.ways())
    for onion, host in ((False, "127.0.0.1"), (False, ONION[7:-1]), (True, "127.0.0.1"), (True, "shop.kz")):
        connector = fetcher._connector(onion=onion)
        infos = [(2, 1, 6, "", (host, 80))]
        with pytest.raises(errors.AddressRefused):
            await connector._wrap_create_connection(addr_infos=infos, req=None, timeout=None)  # type: ignore[arg-type]
        await connector.close()


async def test_an_onion_is_not_asked_for_without_tor(web: Web) -> None:
    web.sites["shop.kz"] = leads_to(ONION)
    for url in (ONION, "http://shop.kz/"):
        with pytest.raises(errors.NeedsTor):
            await fetch(web, url)
    assert len(web.looked_up) == 1
