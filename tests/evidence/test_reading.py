"""Pages read in the process that is theirs, and what is kept of them, read back by others."""

from __future__ import annotations

import base64
import gzip
import io
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from warcio.archiveiterator import ArchiveIterator

from bot.evidence.exchange import Exchange, Fetched
from bot.evidence.inflating import MOST, NotUnpacked, unpacked
from bot.evidence.page import Page, read_page
from bot.evidence.reading import NotRead, Pages
from bot.evidence.telegram_page import Seen, Sort, read_telegram
from bot.evidence.warc import write_warc
from bot.evidence.worker import answer
from tests.evidence.outside import read_warc

SMALL = ("desk", "errors", "guard", "models", "queries", "standing", "succession", "target", "told")
"""What the bot loads of this room in any case."""
CHANNEL = """<!DOCTYPE html><html><head><title>Telegram: View @shop</title>
<meta property="og:title" content="Shop 24/7 &amp; Co"><meta property="og:description" content="Best prices">
<script>document.write("never")</script><style>.x{}</style></head><body>
<div class="tgme_page"><div class="tgme_page_photo"><a href="tg://resolve?domain=shop"><img src="x"></a></div>
<div class="tgme_page_title" dir="auto"><span dir="auto">Shop <b>24/7</b> &amp; Co</span></div>
<div class="tgme_page_extra">EXTRA</div>
<div class="tgme_page_description" dir="auto">Best prices<br>Our new channel: <a href="https://t.me/shop2">@shop2</a></div>
<div class="tgme_page_action"><a class="tgme_action_button_new shine">View in Telegram</a></div></div></body></html>"""
NOBODY = """<html><head><meta property="og:title" content="Telegram: Contact @shop"></head><body><div class="tgme_page">
<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div>
<div class="tgme_page_description">If you have <strong>Telegram</strong>, you can contact
<a class="tgme_username_link" href="tg://resolve?domain=shop">@shop</a> right away.</div></div></body></html>"""


def exchange(body: bytes | str, *headers: tuple[str, str], **changed: Any) -> Exchange:
    raw = body.encode() if isinstance(body, str) else body
    made: dict[str, Any] = {
        "url": "https://t.me/shop",
        "asked_at": datetime(2026, 11, 23, 9, 8, 7, tzinfo=UTC),
        "address": "149.154.167.99",
        "request": [("Host", "t.me"), ("User-Agent", "Mozilla/5.0")],
        "path": "/shop",
        "status": 200,
        "reason": "OK",
        "version": "HTTP/1.1",
        "headers": [("Content-Type", "text/html; charset=utf-8"), *headers],
        "body": raw,
    }
    return Exchange(**(made | changed))


def page(body: bytes | str, *headers: tuple[str, str], **changed: Any) -> Page:
    return read_page(exchange(body, *headers, **changed))


@pytest.mark.parametrize(
    ("extra", "sort", "subscribers"),
    [
        ("9 412 subscribers", Sort.CHANNEL, 9412),
        ("1 subscriber", Sort.CHANNEL, 1),
        ("1\u00a0234\u202f567 subscribers", Sort.CHANNEL, 1_234_567),
        ("12,345 subscribers", Sort.CHANNEL, 12_345),
        ("1.2K subscribers", Sort.CHANNEL, 1200),
        ("3M subscribers", Sort.CHANNEL, 3_000_000),
        ("345 members, 12 online", Sort.GROUP, 345),
        ("5 678 подписчиков", Sort.CHANNEL, 5678),
        ("41 участник, 3 онлайн", Sort.GROUP, 41),
        ("77 monthly users", Sort.BOT, 77),
        ("@shop_bot", Sort.BOT, None),
        ("@shop", Sort.PERSON, None),
        ("", Sort.PERSON, None),
        ("..., subscribers", Sort.PERSON, None),
    ],
)
def test_a_page_of_telegram_tells_kind_name_and_readers(extra: str, sort: Sort, subscribers: int | None) -> None:
    seen = read_telegram(page(CHANNEL.replace("EXTRA", extra)))
    about = "Best prices Our new channel: @shop2"
    assert (seen.there, seen.name, seen.description) == (True, "Shop 24/7 & Co", about)
    assert (seen.sort, seen.subscribers) == (sort, subscribers)


def test_a_name_that_nobody_has_is_gone_and_any_other_page_tells_nothing() -> None:
    assert read_telegram(page(NOBODY)).there is False
    for other in ("", "<p>x", "<title>Telegram</title>", '<div class="tgme_head">x</div>', "<div class=tgme_page_x>"):
        assert read_telegram(page(other)) == Seen(None)


def test_a_page_is_read_without_what_is_not_to_be_seen() -> None:
    read = page(CHANNEL.replace("EXTRA", "5 subscribers"))
    assert (read.title, read.description) == ("Shop 24/7 & Co", "Best prices")
    assert "never" not in read.text
    assert "Our new channel: @shop2" in read.text
    assert page("<title>A\n title</title><body>words<script>x</script> on").text == "words on"
    assert page("plain  words", headers=[("Content-Type", "text/plain")]).text == "plain words"


@pytest.mark.parametrize(
    ("body", "kind", "title"),
    [
        ("<title>Шектеу ә</title>".encode("cp1251", "ignore"), "text/html; charset=windows-1251", "Шектеу "),
        ("<meta charset='cp1251'><title>Дом</title>".encode("cp1251"), "text/html", "Дом"),
        ("<title>Дом</title>".encode("utf-16"), "text/html; charset=utf-16", "Дом"),
        ("<title>Дом</title>".encode(), "text/html; charset=hex", "Дом"),
        ("<title>Дом</title>".encode(), "text/html; charset=zlib_codec", "Дом"),
        ("<title>Дом</title>".encode(), "text/html; charset=nonsense", "Дом"),
        ("<title>Дом</title>".encode(), "", "Дом"),
        (b"\x89PNG<title>x</title>", "image/png", ""),
        (b"<title>x</title>", "application/octet-stream", ""),
    ],
)
def test_letters_are_read_as_they_were_meant(body: bytes, kind: str, title: str) -> None:
    assert page(body, headers=[("Content-Type", kind)]).title == title.strip()


def test_what_is_packed_is_unpacked_up_to_a_bound() -> None:
    plain = b"<title>A</title>" * 1000
    raw = zlib.compressobj(wbits=-15)
    for encoding, body in {
        "gzip": gzip.compress(plain),
        "x-gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "DEFLATE": raw.compress(plain) + raw.flush(),
        "gzip, deflate": zlib.compress(gzip.compress(plain)),
        "identity": plain,
        "": plain,
    }.items():
        assert unpacked(body, encoding) == plain
    assert unpacked(gzip.compress(plain)[:-20], "gzip")
    bomb = gzip.compress(bytes(64 << 20))
    assert len(unpacked(bomb, "gzip")) == MOST
    assert len(unpacked(gzip.compress(bomb), "gzip, gzip")) == MOST
    for encoding in ("br", "gzip, gzip, gzip", "gzip", "deflate"):
        with pytest.raises(NotUnpacked):
            unpacked(b"no such thing", encoding)


@given(some.binary() | some.text().map(str.encode), some.sampled_from(["text/html", "", "text/plain;charset=utf-7"]))
def test_whatever_stands_there_is_read_or_not_and_kept(body: bytes, kind: str) -> None:
    read = page(body, headers=[("Content-Type", kind)])
    (read.title + read.text).encode()
    assert read_warc(write_warc([exchange(body)]))[-1].payload == body


def test_a_capture_is_read_back_by_others() -> None:
    body = gzip.compress(CHANNEL.encode())
    led = exchange("", ("Location", "/shop"), status=302, reason="Found", url="http://t.me/shop")
    odd = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("X-Odd", "\udcff\u0451"), ("x-twice", "1")]
    last = exchange(body, *odd, ("X-Twice", "2"), truncated="length")
    data = write_warc([led, last])
    about, *records = read_warc(data)
    assert about.fields["warc-type"] == "warcinfo"
    kinds = [record.fields["warc-type"] for record in records]
    assert kinds == ["request", "response", "request", "response"]
    asked, answered = records[2:]
    assert asked.head == "GET /shop HTTP/1.1\r\nHost: t.me\r\nUser-Agent: Mozilla/5.0"
    assert asked.fields["warc-concurrent-to"] == answered.fields["warc-record-id"]
    assert (answered.fields["warc-date"], answered.fields["warc-ip-address"]) == ("2026-11-23T09:08:07Z", last.address)
    assert (answered.fields["warc-target-uri"], answered.fields["warc-truncated"]) == (last.url, "length")
    assert answered.payload == body
    kept = [line for line in answered.head.split("\r\n")[1:] if not line.startswith("X-Archive-Orig-")]
    assert kept == [f"{name}: {value}" for name, value in last.headers if name != "Transfer-Encoding"]
    assert "X-Archive-Orig-Transfer-Encoding: chunked" in answered.head
    outside = list(_by_warcio(data))
    assert outside[-1] == ("response", last.url, CHANNEL.encode())
    assert len(outside) == 5


def _by_warcio(data: bytes) -> Any:
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        content = record.content_stream().read()
        yield record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), content


async def test_a_page_is_read_in_a_process_of_its_own() -> None:
    fetched = Fetched([exchange(CHANNEL.replace("EXTRA", "9 412 subscribers"), ("X-Odd", "\udcff"))])
    read = await Pages().read(fetched, telegram=True, before="Shop 24/7 & Co\nold words")
    assert read.seen == Seen(True, Sort.CHANNEL, "Shop 24/7 & Co", read.seen.description, 9412)
    assert {"-old words", "+9 412 subscribers"} <= set(read.difference.splitlines())
    assert read_warc(read.warc)[-1].payload == fetched.last.body


async def test_a_page_that_breaks_its_reader_is_kept_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks = "import bot.evidence.worker as w; w.read_page = lambda _: 1 / 0; w.main()"
    monkeypatch.setattr("bot.evidence.reading.WORKER", (sys.executable, "-c", breaks))
    read = await Pages().read(Fetched([exchange("words")]), telegram=True, before=None)
    assert (read.whole, read.text, read.seen) == (False, "", Seen(None))
    assert read_warc(read.warc)[-1].payload == b"words"


async def test_a_reader_has_little_memory_and_time_and_none_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    for greedy in (
        "bytearray(600 << 20)",
        "open('/dev/null') and [0 for _ in iter(int, 1)]",
        "os.environ['SECRET_KEY']",
    ):
        breaks = f"import os, bot.evidence.worker as w; w.CPU_SECONDS = 1; w.answer = lambda _: {greedy}; w.main()"
        monkeypatch.setattr("bot.evidence.reading.WORKER", (sys.executable, "-c", breaks))
        with pytest.raises(NotRead):
            await Pages().read(Fetched([exchange("words")]), telegram=True, before=None)


async def test_a_reader_that_does_not_come_back_is_ended() -> None:
    with pytest.raises(NotRead):
        await Pages(seconds=0.001).read(Fetched([exchange("x")]), telegram=False, before=None)


def test_the_first_text_has_nothing_to_be_compared_with() -> None:
    told: dict[str, Any] = {name: getattr(exchange("<p>new"), name) for name in Exchange.__slots__}
    told |= {"asked_at": told["asked_at"].isoformat(), "body": base64.b64encode(told["body"]).decode()}
    asked: dict[str, Any] = {"exchanges": [told], "telegram": False, "read": True, "before": None}
    assert answer(asked)["difference"] == ""
    assert answer(asked | {"before": "new"})["difference"] == ""
    assert answer(asked | {"before": "old"})["difference"] == "-old\n+new"


def test_the_bot_loads_nothing_of_this_where_it_looks_at_nothing() -> None:
    told = "import sys, bot.process, bot.bootstrap; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"bot.evidence.desk", "bot.evidence.standing"} <= loaded
    own = {each for each in loaded if each.startswith("bot.evidence")}
    assert own <= {"bot.evidence", *(f"bot.evidence.{each}" for each in SMALL)}
    assert not loaded & {"warcio", "python_socks"}
