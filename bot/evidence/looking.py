"""One look at a link: fetched, read, judged, and written down. In between no transaction is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from bot.clock import Clock, to_minute
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.evidence import queries
from bot.evidence.brought import Came, Looked, for_host, is_in_trouble
from bot.evidence.capturing import Capturing
from bot.evidence.changes import changes
from bot.evidence.errors import NotFetched, NotNow
from bot.evidence.fetching import Fetcher, Led
from bot.evidence.reading import NotRead, Pages
from bot.evidence.states import AWAY, LATER, THERE, State, Verdict, judge, judge_failure, pause
from bot.evidence.target import read_target
from bot.evidence.told import CAPTURED, Told
from bot.evidence.ways import sendable
from bot.papers.captured import CapturedPage
from bot.privacy.keyring import KeyRing
from bot.reports.contents import StoredLink
from bot.reports.found_links import FoundLinks, Seen
from bot.reports.ranking import Ranking
from bot.reports.trade import TradeWords

PROPOSED_AFTER: Final = timedelta(days=2)
OTHERS_WITHIN: Final = timedelta(hours=12)
NOT_MODIFIED: Final = 304


class Looking:
    """Looks at links."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        outbox: Outbox,
        fetcher: Fetcher,
        pages: Pages,
        wake: Callable[[], None],
        clock: Clock,
        trade: TradeWords,
        found: FoundLinks,
    ) -> None:
        self._database, self._ring, self._outbox = database, ring, outbox
        self._captures, self._found = Capturing(ring), found
        self._ranking, self._trade = Ranking(outbox), trade
        self._fetcher, self._pages, self._wake, self._clock = fetcher, pages, wake, clock

    async def close(self) -> None:
        """Close what was opened to look."""
        await self._fetcher.close()

    async def settle(self, now: datetime) -> None:
        """Have what captures named be proposed no more once somebody has reported it."""
        async with self._database.transaction() as connection:
            settled = await self._found.settle_reported(await driver(connection), now)
        if settled:
            self._wake()

    async def look(self, resource_id: UUID, led: Led) -> Looked:
        """Look at a resource, whose row was taken before."""
        async with self._database.transaction() as connection:
            subject = await (await driver(connection)).fetchrow(queries.SUBJECT, resource_id)
        if subject is None or subject["url"] is None:
            return Looked(well=True)
        before = self._captures.last(subject)
        came, later = None, None
        try:
            came = await self._come(subject, before, led)
        except NotNow as off:
            later = off.until
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if came is None:
                await raw.execute(queries.PUT_OFF, resource_id, later or self._clock() + LATER)
            else:
                await self._write(raw, subject, before, came)
        self._wake()
        return for_host(came)

    async def _come(self, subject: Any, before: CapturedPage | None, led: Led) -> Came | None:
        """Fetch and read the page; None: it was our own failure. Raise NotNow."""
        telegram = read_target(subject["url"]).host == "t.me"
        # What has not changed since it was last there is to be kept anew when something else was kept in between.
        kept = before is not None and before.state in THERE
        conditions = self._conditions(subject) if kept and not subject["asked"] else {}
        try:
            fetched = await self._fetcher.fetch(subject["url"], conditions, led)
            if fetched.last.status == NOT_MODIFIED:
                return Came(judge(subject["url"], fetched, None), fetched)
            read = await self._pages.read(fetched, telegram=telegram, before=before.text if before else None)
        except NotFetched as failure:
            state = judge_failure(failure, subject["platform"])
            return Came(Verdict(state), failure=type(failure).__name__) if state else None
        except NotRead:
            return None
        return Came(judge(subject["url"], fetched, read), fetched, read)

    async def _write(self, raw: Any, subject: Any, before: CapturedPage | None, came: Came) -> None:
        resource_id, now = subject["id"], to_minute(self._clock())
        watch = await raw.fetchrow(queries.LOCKED, resource_id)
        state, told = came.verdict.state, self._told(watch, came)
        # A server in trouble tells nothing of its pages: what was away is no nearer for it.
        in_trouble = came.fetched is not None and is_in_trouble(came.fetched)
        away_at = (watch["away_at"] or now) if state in AWAY else watch["away_at"] if in_trouble else None
        alive_at = now if state in THERE else watch["alive_at"]
        failures = watch["failures"] + 1 if state in AWAY else 0
        subscribers = came.read.seen.subscribers if came.read else None
        last = watch["subscribers"] if subscribers is None else subscribers
        proposed_at = watch["proposed_at"] if away_at else None
        if state in AWAY and away_at and proposed_at is None and alive_at and now - away_at >= PROPOSED_AFTER:
            proposed_at = now if await self._is_theirs(raw, watch, state, now) else None
        sealed = self._ring.seal("watches", resource_id.bytes, told.model_dump_json().encode())
        # Who asked while this look was under way gets one of their own.
        waits = watch["asked_report"] is not None and not subject["asked"]
        asked = (watch["asked_report"], watch["asked_desk"]) if waits else (None, None)
        next_at = self._clock() + (timedelta() if waits else pause(state, failures))
        seen = next_at, state.value, now, alive_at, away_at, proposed_at, failures, last, sealed, *asked
        await raw.execute(queries.SEEN, resource_id, *seen)
        was_closed = watch["state"] == State.BLOCKED or watch["proposed_at"] is not None
        words = self._trade.groups(f"{told.title}\n{told.description}")
        returned = was_closed and state is State.ALIVE
        await self._ranking.seen(raw, resource_id, last, words, now, returned=returned)
        if (state, subscribers or last) != (watch["state"], watch["subscribers"]):
            await raw.execute(queries.LOOK, uuid4(), resource_id, now, state.value, subscribers)
        kept = await self._captures.keep(raw, subject, before, came, last)
        if kept and came.read and state in THERE:
            seen_on = Seen(resource_id, kept.id, subject["office"], subject["restricted"])
            named = [
                (StoredLink(platform=one.platform, what=one.what, url=one.url), one.successor)
                for one in came.read.named
            ]
            await self._found.note(raw, seen_on, named, now)
        if subject["asked"]:
            await self._answer(raw, subject, watch, came, kept.page if kept else None, before)
        if proposed_at != watch["proposed_at"]:
            await self._outbox.refresh(raw, CardSort.RESOURCE, [resource_id], now)
        elif subject["asked"] or (state != watch["state"] and (watch["state"] or state is not State.ALIVE)):
            # Nobody has to hurry for it; that a link is there as it was reported needs no edit of its own.
            await self._outbox.settle(raw, CardSort.RESOURCE, resource_id, now)

    async def _is_theirs(self, raw: Any, watch: Any, state: State, now: datetime) -> bool:
        """Tell whether it is the site that is away, and not our own network."""
        if state is not State.SILENT:
            return True
        asked = watch["resource_id"], watch["host"], now - OTHERS_WITHIN
        return bool(await raw.fetchval(queries.OTHERS_ANSWER, *asked))

    async def _answer(
        self, raw: Any, subject: Any, watch: Any, came: Came, page: CapturedPage | None, before: CapturedPage | None
    ) -> None:
        params = {
            "report": str(watch["asked_report"]),
            "url": subject["url"],
            "state": came.verdict.state.value,
            "failure": came.failure,
            "sha256": page.sha256 if page else "",
            "title": page.title if page else "",
            "subscribers": page.subscribers if page else None,
            "changes": changes(page, before) if page else [],
            "same": before is not None,
        }
        now, desk = self._clock(), watch["asked_desk"]
        await self._outbox.message(raw, Recipient.DESK, watch["asked_report"], CAPTURED, params, now, desk=desk)

    def _conditions(self, subject: Any) -> Mapping[str, str]:
        told = self._opened(subject["id"], subject["sealed"])
        given = {"If-None-Match": told.etag, "If-Modified-Since": told.modified}
        return {name: value for name, value in given.items() if value}

    def _opened(self, resource_id: UUID, sealed: bytes | None) -> Told:
        return Told.model_validate_json(self._ring.open("watches", resource_id.bytes, sealed)) if sealed else Told()

    def _told(self, watch: Any, came: Came) -> Told:
        """Give what is to be known of the page from now on; what is away is known by what it was."""
        told = self._opened(watch["resource_id"], watch["sealed"])
        if came.read is None or came.fetched is None or came.verdict.state not in THERE:
            return told
        seen = came.read.seen
        # Of a page that leads on they would be the redirect's.
        given = came.fetched.last.header if len(came.fetched.exchanges) == 1 else lambda _: ""
        etag, modified = (value if sendable(value) else "" for value in (given("etag"), given("last-modified")))
        return Told(
            title=seen.name or came.read.title,
            description=seen.description or came.read.description,
            sort=seen.sort.value if seen.sort else "",
            moved_to=came.verdict.moved_to,
            etag=etag,
            modified=modified,
        )
