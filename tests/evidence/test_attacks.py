"""More attacks on who looks at a stranger's link: endless and nested things, ways on that are no redirects."""

from __future__ import annotations

import asyncio
import gzip
import threading
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import cache

import pytest

from bot.evidence import errors
from bot.evidence.bounded import AROUND
from bot.evidence.exchange import Fetched
from bot.evidence.fetching import LED_ON, Fetcher
from bot.evidence.guard import look_up
from bot.evidence.inflating import MOST, NotUnpacked, unpacked
from bot.evidence.page import read_page
from bot.evidence.warc import write_warc
from bot.evidence.ways import Bounds
from tests.evidence.outside import read_warc
from tests.evidence.web import PUBLIC, Asked, Web, leads_to, open_web, page, sends
from tests.workbench import until

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SMALL = Bounds(whole=10.0, connect=2.0, body=1 << 16, redirects=3)


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with open_web() as opened:
        yield opened


async def fetch(web: Web, url: str) -> Fetched:
    fetcher = Fetcher(lambda: NOW, "", SMALL, web.ways())
    try:
        return await fetcher.fetch(url)
    finally:
        await fetcher.close()


class Endless:
    """Sends a beginning, and then the same again and again, for as long as anybody takes it; counts what was taken."""

    def __init__(self, beginning: bytes, again: Callable[[int], bytes]) -> None:
        self._beginning, self._again, self.sent = beginning, again, 0

    async def __call__(self, _: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(self._beginning)
        for number in range(10**9):
            piece = b"".join(self._again(number * 100 + each) for each in range(100))
            writer.write(piece)
            await writer.drain()
            self.sent += len(piece)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "headers": (HEAD, lambda number: b"X-%d: y\r\n" % number),
    "one header": (HEAD + b"X: ", lambda _: b"y" * 99),
    "a folded header": (HEAD + b"X: y\r\n", lambda _: b" y\r\n"),
    "a status line": (b"HTTP/1.1 200 ", lambda _: b"y" * 99),
    "empty lines before the answer": (b"", lambda _: b"\r\n"),
    "early answers": (b"", lambda _: b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "continue": (b"", lambda _: b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": (HEAD + b"\r\n", lambda _: b"x" * 999),
    "chunks of a byte": (CHUNKED, lambda _: b"1\r\nx\r\n"),
    "chunks with much beside them": (CHUNKED, lambda _: b"1;" + b"a=b;" * 200 + b"\r\nx\r\n"),
    "a chunk's size": (CHUNKED, lambda _: b"0" * 99),
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", lambda number: b"X-%d: y\r\n" % number),
    "answers after the answer": (HEAD + b"Content-Length: 2\r\n\r\nok", lambda _: b"HTTP/1.1 200 OK\r\n\r\n"),
}
SOCKETS = 8 << 20
"""What two sockets on one machine may hold that nobody has read."""


@pytest.mark.parametrize("sort", ENDLESS)
async def test_nothing_endless_is_taken_for_long(web: Web, sort: str) -> None:
    web.sites["shop.kz"] = endless = Endless(*ENDLESS[sort])
    try:
        last = (await fetch(web, "http://shop.kz/")).last
    except (errors.NotWeb, errors.NotReached):
        assert endless.sent <= SMALL.body + AROUND + SOCKETS
        return
    assert len(last.body) <= SMALL.body
    assert last.truncated or sort == "answers after the answer"
    assert endless.sent <= SMALL.body + AROUND + SOCKETS


async def test_of_pages_that_only_lead_on_little_is_kept(web: Web) -> None:
    """Else one page would be as large as all that led to it."""
    bounds = Bounds(whole=10.0, connect=2.0, body=1 << 18)
    web.sites["shop.kz/"] = page(bytes(1 << 18), "302 Found", "Location: /a")
    web.sites["shop.kz/a"] = page(bytes(1 << 18))
    fetcher = Fetcher(lambda: NOW, "", bounds, web.ways())
    led, last = (await fetcher.fetch("http://shop.kz/")).exchanges
    await fetcher.close()
    assert (len(led.body), led.truncated) == (LED_ON, "length")
    assert (len(last.body), last.truncated) == (1 << 18, "")


async def test_names_that_nobody_answers_for_hold_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answers = list[str](), threading.Event()

    def silent(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        answers.wait()
        return []

    monkeypatch.setattr("socket.getaddrinfo", silent)
    waiting = [asyncio.ensure_future(look_up(f"shop{number}.kz", 443)) for number in range(50)]
    try:
        await until(lambda: ready(len(asked) == 8))
        async with asyncio.timeout(30):
            # By the threads that the rest of the process shares.
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        answers.set()
    # Who is not waited for any more is not asked for; and no name is looked for among our own.
    assert sorted(asked) == [f"shop{number}.kz." for number in range(8)]


async def ready(what: bool) -> bool:
    return what


ONWARD = {
    "a meta refresh": page('<meta http-equiv="refresh" content="0;url=http://127.0.0.1/">'),
    "a Refresh header": page("x", "200 OK", "Refresh: 0; url=http://127.0.0.1/"),
    "a script": page("<script>location='http://127.0.0.1/'</script>"),
    "a place beside 200": page("x", "200 OK", "Location: http://127.0.0.1/"),
    "a place beside 201": page("x", "201 Created", "Location: http://127.0.0.1/"),
    "a place beside 300": page("x", "300 Multiple Choices", "Location: http://127.0.0.1/"),
    "a place beside 401": page("x", "401 Unauthorized", "Location: /b", "WWW-Authenticate: Basic realm=x"),
    "a proxy": page("x", "305 Use Proxy", "Location: http://127.0.0.1:3128/"),
    "another service": page("x", "200 OK", 'Alt-Svc: h2="127.0.0.1:443"', "Link: <http://127.0.0.1/>; rel=preload"),
    "another protocol": sends(HEAD.replace(b"200 OK", b"101 Switching Protocols") + b"Upgrade: websocket\r\n\r\n"),
    "nowhere": page("x", "302 Found", "Location:"),
}


@pytest.mark.parametrize("way", ONWARD)
async def test_what_is_no_redirect_leads_nowhere(web: Web, way: str) -> None:
    web.sites["shop.kz"] = ONWARD[way]
    try:
        assert len((await fetch(web, "http://shop.kz/")).exchanges) == 1
    except (errors.NotWeb, errors.NotReached, errors.TooSlow):
        assert way == "another protocol"
    assert len(web.requests) == len(web.made) == 1


@pytest.mark.parametrize(
    "onward",
    [
        *("http://0x7f.1/", "http://017700000001/", "http://①②⑦.1/", "http://127.1/", "http://0/", "http://127.0.0.1./"),
        *("http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1%25lo]/"),
        *("http://[2002:7f00:1::1]/", "http://[2001:0:7f00:1::]/", "http://[fd00::1]/", "http://[::ffff:0:127.0.0.1]/"),
        *("http://localhost./", "http://a.localhost/", "http://LOCALHOST/", "//127.0.0.1", "/\\127.0.0.1/", "\\\\0/"),
        *("http://shop.kz@127.0.0.1/", "http://127.0.0.1%2f.shop.kz@0/", "http://shop.kz:22/", "https://shop.kz:80443/"),
        *("ftp://shop.kz/", "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1/", "jar:http://0/!x", "unix:/run/x"),
        *("ht\ttp://127.0.0.1/", "\x01http://127.0.0.1/", "http://127\t.0.0.1/", "http://127。0。0。1/"),
    ],
)  # fmt: skip
async def test_no_spelling_of_a_private_place_is_followed(web: Web, onward: str) -> None:
    web.sites["shop.kz"] = leads_to(onward)
    with pytest.raises((errors.TargetRefused, errors.NotWeb)):
        await fetch(web, "http://shop.kz/")
    assert web.made == [(PUBLIC, 80)]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1"])
async def test_a_name_inside_is_not_even_greeted(web: Web, scheme: str, inside: str) -> None:
    web.names["shop.kz"] = [[PUBLIC, inside]]
    with pytest.raises(errors.AddressRefused):
        await fetch(web, f"{scheme}://shop.kz/")
    assert not web.made


@pytest.mark.parametrize(
    "onward", ["/a%0d%0aX-Evil:%201", "/a\tb", "/a?b=%0aHost:%20x", "http://shop.kz/%20HTTP/1.1%0d%0a"]
)
async def test_a_request_has_no_lines_of_strangers(web: Web, onward: str) -> None:
    web.sites["shop.kz/"] = leads_to(onward)
    await fetch(web, "http://shop.kz/")
    assert len(web.requests) == 2
    for asked in web.requests:
        first, *lines = asked.head.split("\r\n")
        assert first.count(" ") == 2
        assert "evil" not in "".join(lines).lower()
        assert asked.header("host") == "shop.kz"


@cache
def _packed(layers: str) -> bytes:
    body = bytes(MOST * 4)
    for layer in layers.split(", "):
        body = gzip.compress(body) if "gzip" in layer else zlib.compress(body)
    return body


@pytest.mark.parametrize("layers", ["gzip", "gzip, gzip", "x-gzip, deflate"])
async def test_a_bomb_takes_no_more_room_than_there_is(web: Web, layers: str) -> None:
    web.sites["shop.kz"] = page(_packed(layers), "200 OK", f"Content-Encoding: {layers}")
    last = (await fetch(web, "http://shop.kz/")).last
    assert len(last.body) <= SMALL.body
    tracemalloc.start()
    try:
        assert len(unpacked(last.body, layers)) <= MOST
        assert tracemalloc.get_traced_memory()[1] < MOST * 3
    finally:
        tracemalloc.stop()
    assert len(read_page(last).text) <= MOST


@pytest.mark.parametrize(
    "layers", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip", ", ".join(["gzip"] * 5000)]
)
def test_what_was_not_asked_for_stays_packed(layers: str) -> None:
    with pytest.raises(NotUnpacked):
        unpacked(_packed("gzip"), layers)


async def test_whatever_came_is_evidence_that_others_read(web: Web) -> None:
    odd = [
        "X-Own: \u0451 : \xff",
        "X-Empty:",
        "X-Twice: 1",
        "X-Twice: 2",
        "WARC-Type: response",
        "Content-Type: text/html; charset=x",
        "X: " + "y" * 8000,
    ]
    web.sites["shop.kz/"] = leads_to("/a?b=%D0%B6#c")
    web.sites["shop.kz/a?b=%D0%B6"] = page("\r\n\r\nWARC/1.1\r\n\r\n", "200 ", *odd)
    fetched = await fetch(web, "http://shop.kz/")
    records = read_warc(write_warc(fetched.exchanges))
    assert [record.fields["warc-type"] for record in records] == ["warcinfo", *("request", "response") * 2]
    assert records[-1].payload == b"\r\n\r\nWARC/1.1\r\n\r\n"
    assert records[-1].head.count("X-Twice") == 2
    web.sites["shop.kz/"] = sends(CHUNKED + b"3\r\nabc\r\n0\r\n\r\n")
    assert read_warc(write_warc((await fetch(web, "http://shop.kz/")).exchanges))[-1].payload == b"abc"
    web.sites["shop.kz/"] = Endless(HEAD + b"\r\n", lambda _: b"x" * 999)
    last = read_warc(write_warc((await fetch(web, "http://shop.kz/")).exchanges))[-1]
    assert (last.fields["warc-truncated"], len(last.payload)) == ("length", SMALL.body)
