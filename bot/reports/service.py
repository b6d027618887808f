"""Filing a report, looking one up by its receipt, and letting go of a draft or an address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot.areas.store import Areas
from bot.at_once import AtOnce
from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.offices import queries as office_queries
from bot.offices.store import Offices
from bot.privacy import addresses, receipts
from bot.privacy.keyring import KeyRing
from bot.reports import list_queries, long_words, queries
from bot.reports.contents import Contents, SealedContents, StoredLink
from bot.reports.forms import Forms
from bot.reports.found import receipt_hash
from bot.reports.later_places import LaterPlaces
from bot.reports.lifecycle import Status
from bot.reports.naming import name_resources, values_of_filed, without_doubles
from bot.reports.near import NearPlaces
from bot.reports.parts import OF_LINKS, PartSort, PartState, links_of
from bot.reports.priority import level_of_new
from bot.reports.scans import Came, Scans
from bot.reports.trade import Trade, TradeWords
from bot.reports.waiting import Waits

OWN_CARDS: Final = 5
"""A report with more new resources than this makes one list card instead of a card each."""


class AlreadyFiled(Exception):
    """This draft was sent before: the first sending counts."""


class StillReading(Exception):
    """A list file of this draft has not been read yet."""


class NothingToFile(Exception):
    """The draft holds nothing that its kind requires."""


class NoRestrictedDesk(Exception):
    """The draft concerns an officer, and there is no desk for that."""


class Reports:
    """The report service. Its methods run on the driver's connection of an open transaction."""

    def __init__(
        self,
        ring: KeyRing,
        outbox: Outbox,
        forms: Forms,
        areas: Areas,
        offices: Offices,
        scans: Scans,
        waits: Waits,
        trade: TradeWords,
    ) -> None:
        self._ring, self._outbox, self._forms, self._offices = ring, outbox, forms, offices
        self._scans, self._waits, self.trade = scans, waits, trade
        self.near = NearPlaces(ring)
        self.places = LaterPlaces(ring, outbox, areas, offices, self.near, self.open_contents)

    @property
    def restricted_desk(self) -> bool:
        """Tell whether there is a desk for what concerns officers."""
        return self._offices.now.restricted is not None

    def goes_by(self, kind: str, district: str) -> bool:
        """Tell whether a report without a place goes to another office for having come by a code in a district."""
        offices = self._offices.now
        return offices.route(kind, None, district) != offices.route(kind, None)

    async def file(
        self,
        driver: Any,
        contents: Contents,
        chat_id: int,
        now: datetime,
        counts: tuple[bytes | None, UUID],
        *,
        needs_links: bool = False,
        listed: bool = False,
        came: Came | None = None,
    ) -> None:
        """File a draft: report, resources, cards and the acknowledgement, all or nothing.

        The chat counts each resource once a day and is not kept; `counts` is the row that counts its reports of this
        hour, without its hash where the statement finds it (counting.NEXT_ROW_TOO). With `listed` the report gets one
        card, however few links it has. By which code its citizen `came` is counted and not kept. Raises AlreadyFiled,
        StillReading, NothingToFile, NoRestrictedDesk; nothing was written then.
        """
        parts = await driver.fetch(queries.PARTS_LOCKED, contents.report_id) if contents.has_parts else []
        links = self.links(contents, parts)
        if needs_links and not links:
            raise NothingToFile
        receipt = receipts.new_receipt()
        if contents.restricted:
            # What concerns an officer is counted for no placement, and goes by none.
            came = None
        suggested = came.district if came and not contents.placed and contents.there is not False else ""
        district = await self.places.district(driver, contents.point) or (suggested if contents.there else "") or None
        trade = self.trade.groups(contents.words)
        row = (
            contents.report_id,
            contents.kind,
            to_minute(now),
            self.receipt_hash(receipt),
            self._seal(contents),
            self._outbox.seal(
                contents.report_id, "received", {"kind": contents.kind, "receipt": receipt, "links": len(links)}
            ),
            now,
            *counts,
            district,
            await self._office(driver, contents, district, suggested or None),
            *self._scans.stroke(came, now),
            trade.value,
            level_of_new(trade).value,
        )
        if isinstance(driver, AtOnce) and 0 < len(links) <= OWN_CARDS and not listed:
            named_too = values_of_filed(
                self._ring, contents.report_id, links, chat_id, now, self._waits.settled(now), OWN_CARDS, trade
            )
            driver.also(queries.FILE_LINKS, *row, *named_too)
            own = False
        else:
            filed = await driver.fetchrow(queries.FILE, *row)
            if filed is None:
                raise AlreadyFiled
            named = contents, filed["number"], filed["office"], links, trade, chat_id, now
            own = await self._want_cards(driver, *named, listed=listed)
        if contents.point:
            await self.near.note(driver, contents.report_id, contents.kind, contents.point, now)
        photos = [row for row in parts if row["sort"] == PartSort.PHOTO]
        if photos and not any(row["state"] == PartState.WAITING for row in photos):
            await self.photos_ready(driver, contents.report_id, now)
        await self.post_under(driver, contents.report_id, contents, now, own=own)

    async def post_under(
        self, driver: Any, report_id: UUID, contents: Contents | SealedContents, now: datetime, *, own: bool
    ) -> None:
        """Queue a report's point and the words that its card, its own or a resource's, has no room for."""
        if contents.point:
            await self._outbox.message(driver, Recipient.DESK, report_id, "point", {}, now)
        for part in range(long_words.following(contents.words, long_words.CARD if own else long_words.RESOURCE)):
            await self._outbox.message(driver, Recipient.DESK, report_id, "words", {"part": part}, now)

    async def fold(
        self, driver: Any, contents: Contents, list_id: UUID, chat_id: int, now: datetime
    ) -> list[str] | None:
        """Put a draft's links into a list that was filed before; None when it is decided, and nothing was written.

        Give those to which access is closed already, as the citizen is told.

        No card is made: the list's own, and those that its resources have, are shown anew. Raises StillReading,
        NothingToFile.
        """
        links = self.links(contents, await driver.fetch(queries.PARTS_LOCKED, contents.report_id))
        filed = await driver.fetchrow(queries.REPORT_LOCKED, list_id)
        if filed is None or filed["status"] == Status.DECIDED:
            return None
        if not links:
            raise NothingToFile
        naming = list_id, filed["number"], links, chat_id, now, self._waits.settled(now)
        named = await name_resources(driver, self._ring, *naming, office=filed["office"])
        await self._outbox.refresh(driver, CardSort.RESOURCE, named.fresh + named.known, now)
        await self._outbox.refresh(driver, CardSort.REPORT, [list_id], now)
        await self.drop_draft(driver, contents.report_id)
        return named.closed

    async def add_links(
        self,
        driver: Any,
        report_id: UUID,
        links: list[StoredLink],
        chat_id: int,
        now: datetime,
        *,
        listed: bool,
        own_cards: bool = False,
    ) -> list[str]:
        """Name more resources in a filed report; those that are new get cards, unless the report shows its list.

        Give those to which access is closed already, as the citizen is told.

        With `listed`, or when they are many, it shows its list from now on; with `own_cards` they get cards anyhow.
        """
        filed = await driver.fetchrow(queries.NUMBER_OF, report_id)
        shows = await driver.fetchval(queries.HAS_CARD, CardSort.REPORT.value, report_id)
        naming = report_id, filed["number"], links, chat_id, now, self._waits.settled(now)
        stands = {"office": filed["office"], "restricted": filed["restricted"], "trade": Trade(filed["trade"])}
        named = await name_resources(driver, self._ring, *naming, **stands)
        shows = shows or listed or len(named.fresh) > OWN_CARDS
        if listed:
            await self._outbox.refresh(driver, CardSort.RESOURCE, named.known, now)
        else:
            shown = named.known if shows and not own_cards else named.known + named.fresh
            await self._outbox.want(driver, Recipient.DESK, CardSort.RESOURCE, shown, now)
        if shows:
            await self._stands_alone(driver, report_id, now)
        return named.closed

    async def photos_ready(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Queue a filed report's photos for the desk: all of them have been checked."""
        await self._outbox.message(driver, Recipient.DESK, report_id, "photos", {}, now)
        await self.tell_codes(driver, report_id, report_id, now)

    async def tell_codes(self, driver: Any, report_id: UUID, of: UUID, now: datetime) -> None:
        """Queue the QR codes on the photos of a report, or of an addition to it, where there are any."""
        if await driver.fetchval(queries.HAS_CODES, of):
            await self._outbox.message(driver, Recipient.DESK, report_id, "codes", {"of": str(of)}, now)

    async def drop_draft(self, driver: Any, report_id: UUID) -> None:
        """Let go of a draft that was not sent: its parts, its return address and its counter."""
        if await driver.fetchval(queries.REPORT_EXISTS, report_id):
            return
        await driver.execute(queries.DROP_PARTS, report_id)
        await addresses.erase(driver, [report_id])
        await self._outbox.end_card(driver, CardSort.COUNTER, report_id)

    async def erase_address(self, driver: Any, report_id: UUID, now: datetime) -> bool:
        """Erase a report's return address; False when the code has yet to leave: the courier does it right after."""
        await driver.execute(queries.FORGET_PLACES, report_id)  # where a photo was taken may be where its sender lives
        if await self._outbox.waits(driver, Recipient.CITIZEN, report_id, "received"):
            if not await self._outbox.waits(driver, Recipient.CITIZEN, report_id, "erased"):
                await self._outbox.message(driver, Recipient.CITIZEN, report_id, "erased", {}, now)
            return False
        await addresses.erase(driver, [report_id])
        await self._forms.asked.unanswered(driver, report_id, now)
        return True

    def receipt_hash(self, receipt: str) -> bytes:
        """Give what of a receipt is stored."""
        return receipt_hash(self._ring, receipt)

    def open_contents(self, report_id: UUID, sealed: bytes | None) -> SealedContents:
        """Open what of a report is sealed in its row; empty once it was purged."""
        if sealed is None:
            return SealedContents()
        return SealedContents.model_validate_json(self._ring.open("reports", report_id.bytes, sealed))

    def open_url(self, resource_id: UUID, url: str | None, sealed: bytes | None) -> str:
        """Give a resource's address, opened where it is a private one."""
        return url or (self._ring.open("resources", resource_id.bytes, sealed).decode() if sealed else "")

    async def _office(
        self, driver: Any, contents: Contents, district: str | None, placement: str | None = None
    ) -> int | None:
        """Give the office that a report goes to; None: the main desk. Raises NoRestrictedDesk.

        `placement` is the district of the QR code by which its citizen came.
        """
        if not contents.restricted:
            return self._offices.now.route(contents.kind, district, placement)
        held: int | None = await driver.fetchval(office_queries.RESTRICTED_HELD)
        if held is None:
            raise NoRestrictedDesk
        return held

    def _seal(self, contents: Contents) -> bytes:
        plain = SealedContents(words=contents.words, address=contents.address, point=contents.point)
        return self._ring.seal("reports", contents.report_id.bytes, plain.model_dump_json().encode())

    def links(self, contents: Contents, parts: list[Any]) -> list[StoredLink]:
        """Give all links of a draft, those of its parts too; raise StillReading."""
        if any(row["sort"] == PartSort.LIST and row["state"] == PartState.WAITING for row in parts):
            raise StillReading
        return without_doubles(contents.links, *(links_of(self._ring, row) for row in parts if row["sort"] in OF_LINKS))

    async def _want_cards(
        self,
        driver: Any,
        contents: Contents,
        number: int,
        office: int | None,
        links: list[StoredLink],
        trade: Trade,
        chat_id: int,
        now: datetime,
        *,
        listed: bool,
    ) -> bool:
        """Want the cards of a report; tell whether it has one of its own."""
        own = [contents.report_id]
        if links:
            named = await name_resources(
                driver,
                self._ring,
                *(contents.report_id, number, links, chat_id, now, self._waits.settled(now)),
                None if listed else OWN_CARDS,
                office=office,
                restricted=contents.restricted,
                trade=trade,
            )
            if listed:
                await self._outbox.refresh(driver, CardSort.RESOURCE, named.known, now)
            elif len(named.fresh) <= OWN_CARDS:
                own = []
        if own:
            await self._stands_alone(driver, contents.report_id, now)
        return bool(own)

    async def _stands_alone(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Want a report's own card: from now on it stands in the work lists by itself."""
        await driver.execute(list_queries.STANDS_ALONE, report_id)
        await self._outbox.want(driver, Recipient.DESK, CardSort.REPORT, [report_id], now)
