"""Links that live, change, move and die while they are watched. `PAGES=500` watches as many; else a sample."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import string
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from warcio.archiveiterator import ArchiveIterator

from bot.database import Database, driver
from bot.evidence import queries
from bot.evidence.brought import Came, for_host
from bot.evidence.exchange import Exchange, Fetched
from bot.evidence.hosts import GAP, LONGEST, Hosts
from bot.evidence.states import State, Verdict
from bot.evidence.target import asked_together
from bot.evidence.told import CAPTURED
from bot.papers.captured import CapturedPage
from bot.papers.captures import Captures
from tests.evidence.outside import read_warc
from tests.evidence.town import Town, channel, nobody, open_town, tagged
from tests.evidence.web import PUBLIC, Asked, leads_to, page, sends
from tests.workbench import Clock, until

PAGES = int(os.environ.get("PAGES", "40"))
FATES = (
    *("live", "live", "live", "change", "change", "tagged", "tagged", "moves", "redirects inside"),
    *(
        "404",
        "410",
        "dns",
        "refused",
        "451",
        "block page",
        "wall",
        "channel",
        "channel",
        "channel gone",
        "channel gone",
    ),
)
ENDS = {
    "live": State.ALIVE,
    "change": State.ALIVE,
    "tagged": State.ALIVE,
    "redirects inside": State.ALIVE,
    "moves": State.MOVED,
    "404": State.GONE,
    "410": State.GONE,
    "dns": State.GONE,
    "refused": State.SILENT,
    "451": State.BLOCKED,
    "block page": State.BLOCKED,
    "wall": State.UNCLEAR,
    "channel": State.ALIVE,
    "channel gone": State.GONE,
}
PROPOSED = {"404", "410", "dns", "refused", "451", "block page", "channel gone"}


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with open_town(database) as opened:
        yield opened


def address(number: int, fate: str) -> str:
    """Some sites have a host of their own, others share one; channels all do."""
    if fate.startswith("channel"):
        return f"https://t.me/shop_{number}"
    own = fate in ("dns", "refused", "moves")
    return f"https://shop{number}.kz" if own else f"https://market{number % 7}.kz/shop/{number}"


def begins(town: Town, number: int, fate: str) -> None:
    """A page as it is at first."""
    place = address(number, fate).removeprefix("https://")
    text = f"<title>Shop {number}</title><p>Prices of {number}<p>Open"
    answer = tagged(text, f"v{number}") if fate == "tagged" else page(text)
    town.web.sites[place] = channel(f"Shop {number}", 1000 + number) if fate.startswith("channel") else answer


def ends(town: Town, number: int, fate: str) -> None:
    """What becomes of it."""
    place = address(number, fate).removeprefix("https://")
    web, host = town.web, place.partition("/")[0]
    after = {
        "change": page(f"<title>Shop {number}</title><p>Prices of {number}<p>Our new channel: @other{number}"),
        "moves": leads_to(f"https://new{number}.kz/"),
        "redirects inside": leads_to(f"https://{host}/kk/shop/{number}"),
        "404": page("nothing here", "404 Not Found"),
        "410": page("", "410 Gone"),
        "451": page("", "451 Unavailable For Legal Reasons"),
        "block page": page("<p>Доступ к ресурсу ограничен на основании предписания"),
        "wall": page("Just a moment...", "403 Forbidden"),
        "channel": channel(f"Shop {number}", 2000 + number),
        "channel gone": nobody(f"shop_{number}"),
    }
    if fate == "dns":
        web.names[host] = [[]]
    if fate == "refused":
        web.names[host] = [[f"1.2.{number // 250}.{number % 250 + 1}"]]
        web.refuses.add(web.names[host][0][0])
    if fate in after:
        web.sites[place] = after[fate]
    for more in (f"new{number}.kz", f"{host}/kk/shop/{number}"):
        web.sites.setdefault(more, page("elsewhere"))


async def test_pages_live_change_move_and_die_and_each_is_seen_as_it_is(town: Town) -> None:
    fates = {number: FATES[number % len(FATES)] for number in range(PAGES)}
    for number, fate in fates.items():
        begins(town, number, fate)
        await town.add(address(number, fate))
    hidden = ["https://t.me/+AbCdEfGhIjKlMnOp", "https://wa.me/77010000001"]
    for url in hidden:
        await town.add(url, private=True)
    await town.add("https://decided.kz", status="decided")
    began = town.clock()

    # Longer than twelve hours where a host has so many pages that they wait for each other.
    first = began + timedelta(hours=14)
    await town.until(first)
    assert {row["state"] for row in await town.rows("SELECT state FROM watches")} == {State.ALIVE}
    assert min(asked.at for asked in town.web.requests) >= began + timedelta(hours=1)
    for number, fate in fates.items():
        ends(town, number, fate)
    await town.until(began + timedelta(days=4, hours=18))

    seen = {number: await town.watch(address(number, fate)) for number, fate in fates.items()}
    assert {number: row["state"] for number, row in seen.items()} == {n: ENDS[fate] for n, fate in fates.items()}
    proposed = {number for number, row in seen.items() if row["proposed_at"]}
    assert proposed == {number for number, fate in fates.items() if fate in PROPOSED}
    for number in proposed:
        assert seen[number]["proposed_at"] - seen[number]["away_at"] >= timedelta(days=2)
    for number, fate in fates.items():
        wanted = {"channel": 2000 + number, "channel gone": 1000 + number}.get(fate)
        assert seen[number]["subscribers"] == wanted, fate
    asked = {request.host for request in town.web.requests}
    assert not asked & {"decided.kz", "wa.me"}
    assert not any("AbCd" in request.path for request in town.web.requests)
    await polite(town)
    await kept(town, fates)


async def polite(town: Town) -> None:
    """No host was asked twice within its gap, nor any link more often than it should be."""
    by_host, by_page = defaultdict[str, list[Any]](list), defaultdict[str, list[Any]](list)
    for request in town.web.requests:
        by_host[request.host].append(request.at)
        by_page[request.host + request.path].append(request.at)
    for host, times in by_host.items():
        pauses = [later - earlier for earlier, later in pairwise(times)]
        # A page that leads on within its own host asks it twice at once.
        at_once = sum("/kk/" in each.path for each in town.web.requests if each.host == host)
        assert sum(pause < GAP for pause in pauses) <= at_once, host
    assert max(len(times) for times in by_page.values()) <= 14


async def kept(town: Town, fates: dict[int, str]) -> None:
    """Each first look and each change is kept, and reads back by others as it was sent."""
    for number, fate in fates.items():
        rows = await town.captures(address(number, fate))
        pages = [
            CapturedPage.model_validate_json(town.ring.open("captures", row["id"].bytes, row["page"])) for row in rows
        ]
        assert pages[0].state == State.ALIVE
        assert pages[0].since is None
        assert len(pages) == (1 if fate in ("live", "tagged", "dns", "refused") else 2), fate
        if fate == "change":
            assert f"+Our new channel: @other{number}" in pages[1].difference.splitlines()
            assert (pages[1].since, pages[1].title) == (pages[0].at, f"Shop {number}")
        if fate == "channel":
            assert (pages[0].subscribers, pages[1].subscribers) == (1000 + number, 2000 + number)
        for row, told in zip(rows, pages, strict=True):
            warc = town.ring.open("captures.warc", row["id"].bytes, row["warc"])
            outside = [record.rec_type for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise")]
            records = read_warc(warc)
            assert outside == [record.fields["warc-type"] for record in records]
            assert records[-1].fields["warc-target-uri"] == told.landed
            assert records[2].fields["warc-target-uri"].rstrip("/") == told.url


async def test_a_page_that_has_not_changed_is_not_sent_again(town: Town) -> None:
    town.web.sites["shop.kz"] = tagged("<title>A shop</title>", "v1")
    await town.add("https://shop.kz")
    await town.until(town.clock() + timedelta(days=3))
    told = [request.header("if-none-match") for request in town.web.requests]
    assert told[:2] == ["", '"v1"']
    assert set(told[1:]) == {'"v1"'}
    assert len(await town.captures("https://shop.kz")) == 1


async def test_no_links_make_the_bot_ask_one_host_more_often_than_it_may(town: Town) -> None:
    """Neither many that lead to it, nor many names below it."""
    for number in range(12):
        town.web.sites[f"clck{number}.kz"] = leads_to(f"https://victim.kz/{number}")
        town.web.sites[f"x{number}.shop.com.kz"] = page()
        await town.add(f"https://clck{number}.kz")
        await town.add(f"https://x{number}.shop.com.kz")
    for number in range(3):
        town.web.sites[f"victim.kz/own{number}"] = page()
        await town.add(f"https://victim.kz/own{number}")
    town.web.sites["victim.kz"] = page()
    # All of a sudden, as after a night in which nothing was asked.
    await town.watching.tick()
    town.clock.forward(hours=12)
    await town.until(town.clock() + timedelta(days=2))
    states = await town.rows("SELECT host, state, count(*) FROM watches GROUP BY 1, 2 ORDER BY 1, 2")
    seen = {(row["host"], row["state"]): row["count"] for row in states}
    assert seen.pop(("victim.kz", State.ALIVE)) == 3
    assert seen.pop(("shop.com.kz", State.ALIVE)) == 12
    assert seen == {(f"clck{number}.kz", State.MOVED): 1 for number in range(12)}
    for name in ("victim.kz", "shop.com.kz"):
        times = [request.at for request in town.web.requests if asked_together(request.host) == name]
        assert len(times) >= 24
        assert min(later - earlier for earlier, later in pairwise(times)) >= GAP
    # Who is led to a host finds it free in the end: nobody comes again and again for it.
    assert len([request for request in town.web.requests if request.host.startswith("clck")]) <= 12 * 4 * 2


async def test_a_page_that_came_back_as_it_was_is_kept_anew(town: Town) -> None:
    open_page = tagged("<title>A shop</title>", "v1")
    town.web.sites["shop.kz"] = open_page
    await town.add("https://shop.kz")
    await town.until(town.clock() + timedelta(days=2))
    town.web.sites["shop.kz"] = page("<p>Доступ к ресурсу ограничен")
    await town.until(town.clock() + timedelta(days=2))
    town.web.sites["shop.kz"] = open_page
    await town.until(town.clock() + timedelta(days=2))
    pages = [town.ring.open("captures", row["id"].bytes, row["page"]) for row in await town.captures("https://shop.kz")]
    states = [CapturedPage.model_validate_json(opened).state for opened in pages]
    assert states == [State.ALIVE, State.BLOCKED, State.ALIVE]
    assert town.web.requests[-1].header("if-none-match") == '"v1"'


async def test_pages_that_somebody_made_for_it_do_not_fill_the_disk(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What finds no room on a day is seen all the same, kept on another, and at once when an officer asks."""
    monkeypatch.setattr("bot.evidence.capturing.OF_HOST", 200_000)
    monkeypatch.setattr("bot.evidence.capturing.OF_ALL", 300_000)
    for host in ("big", "small", "other"):
        for number in range(8):
            body = "".join(secrets.choice(string.ascii_letters) for _ in range(100_000 if host == "big" else 10))
            town.web.sites[f"x{number}.{host}.kz"] = page(body)
            await town.add(f"https://x{number}.{host}.kz")
    kept = "SELECT count(*) AS many FROM captures JOIN watches USING (resource_id) WHERE host = $1"
    began = town.clock.now = town.clock().replace(hour=0, minute=0)
    await town.until(began + timedelta(hours=14))
    assert {row["state"] for row in await town.rows("SELECT state FROM watches")} == {State.ALIVE}
    assert [(await town.rows(kept, host))[0]["many"] for host in ("big.kz", "small.kz", "other.kz")] == [2, 8, 8]
    nothing = "SELECT resource_id FROM watches WHERE resource_id NOT IN (SELECT resource_id FROM captures)"
    left = (await town.rows(nothing))[0]
    await town.rows(queries.ASK, [left["resource_id"]], ["big.kz"], town.clock(), uuid4(), "desk")
    await town.until(began + timedelta(hours=15))
    assert (await town.rows(kept, "big.kz"))[0]["many"] == 3
    await town.until(began + timedelta(days=5))
    assert (await town.rows(kept, "big.kz"))[0]["many"] == 8


async def test_a_trouble_of_the_server_does_not_bring_back_what_was_away(town: Town) -> None:
    town.web.sites["shop.kz"] = page()
    await town.add("https://shop.kz")
    await town.until(town.clock() + timedelta(hours=14))
    town.web.sites["shop.kz"] = page("", "404 Not Found")
    await town.until(town.clock() + timedelta(days=1, hours=6))
    away_at = (await town.watch("https://shop.kz"))["away_at"]
    town.web.sites["shop.kz"] = page("", "503 Service Unavailable")
    await town.until(town.clock() + timedelta(days=2))
    row = await town.watch("https://shop.kz")
    assert (row["state"], row["away_at"], row["proposed_at"]) == (State.UNCLEAR, away_at, None)
    town.web.sites["shop.kz"] = page("", "404 Not Found")
    await town.until(town.clock() + timedelta(days=1, hours=6))
    row = await town.watch("https://shop.kz")
    assert row["away_at"] == away_at
    assert row["proposed_at"]


async def test_when_nobody_answers_at_all_it_is_our_own_network(town: Town) -> None:
    sites = [f"https://shop{number}.kz" for number in range(5)]
    for url in sites:
        town.web.sites[url[8:]] = page()
        await town.add(url)
    await town.until(town.clock() + timedelta(hours=14))
    town.web.refuses.add(PUBLIC)
    await town.until(town.clock() + timedelta(days=5))
    assert [(await town.watch(url))["state"] for url in sites] == [State.SILENT] * 5
    assert [(await town.watch(url))["proposed_at"] for url in sites] == [None] * 5
    town.web.refuses.clear()
    town.web.names["shop0.kz"], town.web.refuses = [["1.1.1.1"]], {"1.1.1.1"}
    await town.until(town.clock() + timedelta(days=2))
    assert [bool((await town.watch(url))["proposed_at"]) for url in sites] == [True, False, False, False, False]


async def test_what_comes_back_is_proposed_no_more_and_what_is_decided_rests(town: Town) -> None:
    town.web.sites["t.me/shop"] = channel("Shop", 10)
    resource_id = await town.add("https://t.me/shop")
    await town.until(town.clock() + timedelta(hours=14))
    town.web.sites["t.me/shop"] = nobody("shop")
    await town.until(town.clock() + timedelta(days=4))
    assert (await town.watch("https://t.me/shop"))["proposed_at"]
    town.web.sites["t.me/shop"] = channel("Shop again", 12)
    await town.until(town.clock() + timedelta(days=1))
    row = await town.watch("https://t.me/shop")
    assert (row["state"], row["proposed_at"], row["away_at"], row["subscribers"]) == ("alive", None, None, 12)
    looks = await town.rows("SELECT state, subscribers FROM looks ORDER BY at")
    assert [tuple(row) for row in looks] == [("alive", 10), ("gone", None), ("alive", 12)]
    await town.write("UPDATE resources SET status = 'decided' WHERE id = $1", resource_id)
    await town.until(town.clock() + timedelta(days=2))
    asked = len(town.web.requests)
    await town.until(town.clock() + timedelta(days=5))
    assert len(town.web.requests) == asked
    await town.write("UPDATE resources SET status = 'new' WHERE id = $1", resource_id)
    again = town.clock()
    await town.until(town.clock() + timedelta(hours=14))
    later = [request.at for request in town.web.requests[asked:]]
    assert later
    assert again + timedelta(hours=1) <= later[0] <= again + timedelta(hours=13)


async def test_what_an_officer_asks_for_while_a_look_is_under_way_gets_one_of_its_own(town: Town) -> None:
    here, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        here.set()
        await goes_on.wait()
        await page("<title>A shop</title>")(asked, writer)

    town.web.sites["shop.kz"] = slow
    resource_id = await town.add("https://shop.kz")
    await town.watching.tick()
    town.clock.forward(hours=12)
    assert await town.watching.tick() == 1
    await here.wait()
    await town.rows(queries.ASK, [resource_id], ["shop.kz"], town.clock(), uuid4(), "desk")
    goes_on.set()
    await town.watching.rest()
    assert await town.rows("SELECT 1 FROM messages") == []
    town.clock.forward(minutes=2)
    assert await town.watching.tick() == 1
    await town.watching.rest()
    assert [row["template"] for row in await town.rows("SELECT template FROM messages")] == [CAPTURED]
    assert len(await town.captures("https://shop.kz")) == 2, "the same page once more, for it was asked for"
    assert (await town.watch("https://shop.kz"))["asked_report"] is None
    await entered(town, resource_id)


async def entered(town: Town, resource_id: UUID) -> None:
    """A case file takes the newest captures, as many as there is room for, and tells how many are left out."""
    captures = Captures(town.ring)
    async with town.database.transaction() as connection:
        raw = await driver(connection)
        everything, left = await captures.of(raw, {resource_id: 3})
        assert ([name[:7] for name, _ in everything], left) == (["link-3-"] * 4, 0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bot.papers.captures.MOST_OF_ALL", 1)
            assert await captures.of(raw, {resource_id: 3}) == (everything[2:], 1)
            patch.setattr("bot.papers.captures.MOST", 10)
            assert await captures.of(raw, {resource_id: 3}) == ([], 2)


async def test_a_trouble_of_the_watch_ends_neither_it_nor_the_leader(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.evidence.watching.EVERY", 0.01)
    tick, again, times = town.watching.tick, asyncio.Event(), iter([ValueError, OSError, None])

    async def troubled() -> int:
        trouble = next(times, None)
        if trouble:
            raise trouble
        again.set()
        return await tick()

    monkeypatch.setattr(town.watching, "tick", troubled)
    town.web.sites["shop.kz"] = page()
    await town.add("https://shop.kz")
    watching = asyncio.create_task(town.watching.run())
    await again.wait()
    await until(lambda: town.rows("SELECT 1 FROM watches"))
    town.clock.forward(hours=12)
    await until(lambda: town.rows("SELECT 1 FROM captures"))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert not town.watching._under_way


HOSTILE = {
    "etag": b"ETag: \xff\xfe",
    "etag long": b"ETag: " + b"x" * 5000,
    "retry": "Retry-After: \u00b2\u0663".encode(),
    "retry long": b"Retry-After: " + b"9" * 3000,
    "type": b"Content-Type: text/html; charset=\xff\xd1\x91",
    "encoding": b"Content-Encoding: \xff, gzip",
    "location": b"Location: http://[",
    "unread location": b"Location: /\xff\xd1",
    "reason": b"X: y",
}


async def test_no_header_keeps_a_page_from_being_seen_and_kept(town: Town) -> None:
    for number, (name, header) in enumerate(HOSTILE.items()):
        reason = b"\xff\xfe" if name == "reason" else b"OK"
        status = b"302 " if name == "unread location" else b"200 "
        head = b"HTTP/1.1 " + status + reason + b"\r\n" + header + b"\r\nContent-Length: 22\r\n\r\n"
        town.web.sites[f"shop{number}.kz/%EF%BF%BD%EF%BF%BD"] = page()
        town.web.sites[f"shop{number}.kz"] = sends(head + b"<title>A shop</title>&")
        await town.add(f"https://shop{number}.kz")
    await town.until(town.clock() + timedelta(hours=14))
    states = await town.rows("SELECT state, failures FROM watches")
    assert [tuple(row) for row in states] == [(State.ALIVE, 0)] * len(HOSTILE)
    assert len(await town.rows("SELECT 1 FROM captures")) == len(HOSTILE)


async def test_addresses_of_tor_wait_for_a_proxy(town: Town) -> None:
    onion = "http://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
    await town.add(onion)
    town.web.sites["shop.kz"] = leads_to(onion)
    await town.add("https://shop.kz")
    await town.until(town.clock() + timedelta(days=2))
    assert (await town.watch(onion))["host"] == ""
    # Who leads there is asked no more often than anybody else.
    assert (await town.watch("https://shop.kz"))["state"] == State.UNCLEAR
    assert len(town.web.requests) <= 3
    await town.write("UPDATE watches SET next_at = NULL WHERE host = 'shop.kz'")
    await town.write("UPDATE resources SET status = 'decided' WHERE url = 'https://shop.kz'")
    town.watching._onions, town.watching._enrolled_at = True, None
    await town.watching.tick()
    row = await town.watch(onion)
    assert row["host"].endswith(".onion")
    assert row["next_at"] - town.clock() <= timedelta(hours=12)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        *(("shop.kz", "shop.kz"), ("www.shop.kz", "shop.kz"), ("a.b.shop.kz", "shop.kz"), ("t.me", "t.me")),
        *(("a.shop.com.kz", "shop.com.kz"), ("shop.com.kz", "shop.com.kz"), ("com.kz", "com.kz")),
        *(("93.184.216.34", "93.184.216.34"), ("[2606:4700::1111]", "[2606:4700::1111]"), ("kz", "kz")),
    ],
)
def test_all_names_below_one_are_one_host(host: str, counted: str) -> None:
    assert asked_together(host) == counted


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        ("120", timedelta(minutes=2)),
        (" Mon, 23 Nov 2026 09:10:00 GMT", timedelta(minutes=10)),
        ("Monday, 23-Nov-26 09:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 08:00:00 GMT", timedelta(hours=-1)),
        *(("soon", None), ("", None), ("-1", None), ("Mon, 99 Nov 99999 25:00:00", None), ("\u0664", None)),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_until_a_moment(after: str, pause: timedelta | None) -> None:
    asked_at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    headers = [("Retry-After", after)]
    last = Exchange("https://shop.kz/", asked_at, "", [], "/", 503, "", "HTTP/1.1", headers, b"")
    looked = for_host(Came(Verdict(State.UNCLEAR), Fetched([last])))
    assert (looked.well, looked.asked_to_wait) == (False, pause)


def test_a_host_that_wants_a_pause_has_it() -> None:
    clock, hosts = Clock(), Hosts()
    hosts.take("t.me", clock())
    clock.forward(seconds=60)
    assert hosts.not_free(clock()) == ["t.me"], "one at a time, however long it takes"
    hosts.done("t.me", clock(), well=True)
    assert hosts.not_free(clock()) == ["t.me"]
    clock.forward(seconds=GAP.total_seconds())
    assert hosts.not_free(clock()) == []
    waited = []
    for _ in range(12):
        hosts.take("t.me", clock())
        hosts.done("t.me", clock(), well=False)
        begun = clock()
        while hosts.not_free(clock()):
            clock.forward(seconds=5)
        waited.append(clock() - begun)
    assert waited[:3] == [GAP * 2, GAP * 4, GAP * 8]
    assert waited[-1] == LONGEST
    hosts.take("t.me", clock())
    hosts.done("t.me", clock(), well=True, asked_to_wait=timedelta(minutes=10))
    clock.forward(minutes=9)
    assert hosts.not_free(clock()) == ["t.me"]
    clock.forward(minutes=1)
    assert hosts.not_free(clock()) == []
