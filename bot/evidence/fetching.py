"""Fetching a page whose address came from a stranger: nothing of ours is told, and nothing of ours can be reached.

Each redirect is read, and each connection asked about, as the first one was. A page that is too long or too slow is
kept as far as it came. What came is bytes: nothing in it is unpacked or executed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import aiohttp
from yarl import URL

from bot.clock import Clock
from bot.evidence.bounded import BoundedConnector
from bot.evidence.errors import (
    NeedsTor,
    NotNow,
    TooManyRedirects,
    TooSlow,
)
from bot.evidence.exchange import Exchange, Fetched
from bot.evidence.guard import Resolver
from bot.evidence.page import is_text
from bot.evidence.target import Target, host_of, read_target
from bot.evidence.ways import Bounds, Ways, as_not_fetched, sendable

LEADS_ON: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = {
    # Of the many, and of no office: the same from everywhere.
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
CONDITIONS: Final = frozenset({"If-None-Match", "If-Modified-Since"})
LED_ON: Final = 1 << 16
"""Bytes that are kept of a page that leads on."""
_CHUNK: Final = 1 << 16
Led = Callable[[str], datetime | None]
"""Asked of each host that a page leads on to: None, or when it may be asked."""


def _at_once(_: str) -> datetime | None:
    return None


class Fetcher:
    """Fetches pages, straight or through a proxy; addresses of Tor only through one, and by sessions of their own."""

    def __init__(self, clock: Clock, proxy: str = "", bounds: Bounds | None = None, ways: Ways | None = None) -> None:
        self._clock, self._proxy = clock, proxy
        self._bounds, self._ways = bounds or Bounds(), ways or Ways()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """Close the sessions."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def fetch(self, url: str, conditions: Mapping[str, str] | None = None, led: Led = _at_once) -> Fetched:
        """Fetch a page, following where it leads on; raise NotFetched, or NotNow by `led`.

        `conditions` are the headers of a conditional request (RFC 9110, section 13), told to the first address alone.
        """
        target, fetched = read_target(url), Fetched()
        hosts = {host_of(url)}
        deadline = asyncio.get_running_loop().time() + self._bounds.whole
        while True:
            exchange = await self._exchange(target, deadline, conditions or {})
            fetched.exchanges.append(exchange)
            onward = exchange.header("location") if exchange.status in LEADS_ON else ""
            if not onward:
                return fetched
            if len(fetched.exchanges) > self._bounds.redirects:
                raise TooManyRedirects
            target, conditions = read_target(onward, target.href), None
            if (host := host_of(target.href)) not in hosts:
                hosts.add(host)
                if until := led(host):
                    raise NotNow(until)

    async def _exchange(self, target: Target, deadline: float, conditions: Mapping[str, str]) -> Exchange:
        kept = {name: value for name, value in conditions.items() if name in CONDITIONS and sendable(value)}
        session, asked_at = self._session(target), self._clock()
        try:
            with as_not_fetched():
                async with asyncio.timeout_at(deadline), self._asked(session, target, kept) as response:
                    address = "" if self._proxy else _address(response)
                    body, truncated = await self._body(response, deadline)
                    return _exchange(target, asked_at, address, response, body, truncated)
        except TimeoutError:
            raise TooSlow from None

    @asynccontextmanager
    async def _asked(
        self, session: aiohttp.ClientSession, target: Target, conditions: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        response = await session.get(
            # As Ada wrote it: it is not to be read once more, in another way.
            URL(target.href, encoded=True),
            headers=HEADERS | dict(conditions),
            allow_redirects=False,
        )
        try:
            yield response
        finally:
            # Not released: what is left of a page that was cut off is not read to its end.
            response.close()

    async def _body(self, response: aiohttp.ClientResponse, deadline: float) -> tuple[bytes, str]:
        """Read as much as there may be, and give why it is not all."""
        if not is_text(response.headers.get("Content-Type", "")):
            # Nothing that may be seen by nobody is to lie here: of a picture its headers are kept.
            return b"", "unspecified"
        # What leads on is seen by nobody: a little of it is enough.
        most = min(self._bounds.body, LED_ON) if response.status in LEADS_ON else self._bounds.body
        body = bytearray()
        try:
            # Sooner than the whole is over, so that what came is kept.
            async with asyncio.timeout_at(deadline - self._bounds.whole / 20):
                async for chunk in response.content.iter_chunked(_CHUNK):
                    body += chunk
                    if len(body) > most:
                        return bytes(body[:most]), "length"
        except TimeoutError:
            return bytes(body), "time"
        except (aiohttp.ClientError, OSError):
            return bytes(body), "disconnect"
        return bytes(body), ""

    def _session(self, target: Target) -> aiohttp.ClientSession:
        if target.onion and not self._proxy:
            raise NeedsTor
        session = self._sessions.get(target.onion)
        if session is None:
            session = self._sessions[target.onion] = aiohttp.ClientSession(
                connector=self._connector(onion=target.onion),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                # The whole is bounded from outside, over all redirects.
                timeout=aiohttp.ClientTimeout(total=None, connect=self._bounds.connect),
                max_headers=self._bounds.header_lines,
                max_line_size=self._bounds.header_bytes,
                max_field_size=self._bounds.header_bytes,
            )
        return session

    def _connector(self, *, onion: bool) -> aiohttp.TCPConnector:
        guard = self._ways.guard
        shared: dict[str, Any] = {
            "body": self._bounds.body,
            "use_dns_cache": False,
            "force_close": True,
            "ssl": self._ways.trust or True,
        }
        if self._proxy:
            from bot.evidence.proxy import NamesAsTheyAre, ThroughProxy

            resolver = NamesAsTheyAre() if onion else Resolver(guard, self._ways.lookup)
            return ThroughProxy(self._proxy, None if onion else guard, resolver=resolver, **shared)
        resolver = Resolver(guard, self._ways.lookup)
        return BoundedConnector(resolver=resolver, socket_factory=guard.socket, happy_eyeballs_delay=None, **shared)


def _address(response: aiohttp.ClientResponse) -> str:
    connection = response.connection
    peer = connection.transport.get_extra_info("peername") if connection and connection.transport else None
    return str(peer[0]) if peer else ""


def _exchange(
    target: Target, asked_at: datetime, address: str, response: aiohttp.ClientResponse, body: bytes, truncated: str
) -> Exchange:
    version = response.version
    return Exchange(
        url=target.href,
        asked_at=asked_at,
        address=address,
        request=list(response.request_info.headers.items()),
        path=target.path,
        status=response.status,
        reason=response.reason or "",
        version=f"HTTP/{version.major}.{version.minor}" if version else "HTTP/1.1",
        headers=[(_text(name), _text(value)) for name, value in response.raw_headers],
        body=body,
        truncated=truncated,
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
