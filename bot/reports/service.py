"""Filing a report, looking one up by its receipt, and letting go of a draft or an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from bot.clock import to_minute
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.privacy import addresses, receipts
from bot.privacy.keyring import KeyRing, keyed
from bot.reports import queries
from bot.reports.contents import Contents, SealedContents, StoredLink
from bot.reports.lifecycle import Decision, Status
from bot.reports.parts import PartSort, PartState, links_of

OWN_CARDS: Final = 5
"""A report with more new resources than this makes one list card instead of a card each."""


class AlreadyFiled(Exception):
    """This draft was sent before: the first sending counts."""


class StillReading(Exception):
    """A list file of this draft has not been read yet."""


class NothingToFile(Exception):
    """The draft holds nothing that its kind requires."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a receipt tells of its report."""

    report_id: UUID
    kind: str
    status: Status
    decision: Decision | None
    closed: int
    """Resources whose access was closed, and all of them."""
    total: int


class Reports:
    """The report service. Its methods run on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox) -> None:
        self._ring, self._outbox = ring, outbox

    async def file(
        self, driver: Any, contents: Contents, chat_id: int, now: datetime, *, needs_links: bool = False
    ) -> None:
        """File a draft: report, resources, cards and the acknowledgement, all or nothing.

        The chat counts each resource once a day and is not kept. Raises AlreadyFiled, StillReading, NothingToFile;
        nothing was written then.
        """
        parts = await driver.fetch(queries.PARTS_LOCKED, contents.report_id)
        if any(row["sort"] == PartSort.LIST and row["state"] == PartState.WAITING for row in parts):
            raise StillReading
        links = _without_doubles(
            contents.links, *(links_of(self._ring, row) for row in parts if row["sort"] != "photo")
        )
        receipt = receipts.new_receipt()
        number = await driver.fetchval(
            queries.FILE,
            contents.report_id,
            contents.kind,
            to_minute(now),
            self.receipt_hash(receipt),
            self._seal(contents),
        )
        if number is None:
            raise AlreadyFiled
        await self._outbox.end_card(driver, CardSort.COUNTER, contents.report_id)
        await self._want_cards(driver, contents, number, links, chat_id, now)
        await self._outbox.message(
            driver,
            Recipient.CITIZEN,
            contents.report_id,
            "received",
            {"kind": contents.kind, "receipt": receipt},
            now,
        )
        photos = [row for row in parts if row["sort"] == PartSort.PHOTO]
        if photos and not any(row["state"] == PartState.WAITING for row in photos):
            await self.photos_ready(driver, contents.report_id, now)
        if contents.point:
            await self._outbox.message(driver, Recipient.DESK, contents.report_id, "point", {}, now)

    async def photos_ready(self, driver: Any, report_id: UUID, now: datetime) -> None:
        """Queue a filed report's photos for the desk: all of them have been checked."""
        await self._outbox.message(driver, Recipient.DESK, report_id, "photos", {}, now)

    async def by_receipt(self, driver: Any, receipt: str, now: datetime) -> Found | None:
        """Find a report by its receipt. A malformed one is looked up all the same, so that it takes as long."""
        row = await driver.fetchrow(queries.BY_RECEIPT, self.receipt_hash(receipt), now)
        if row is None:
            return None
        if row["untold"]:
            # The answer is not due yet, and may still be taken back: nobody learns it sooner by asking.
            return Found(row["id"], row["kind"], Status.IN_PROGRESS, None, 0, 0)
        resources = await driver.fetch(queries.RESOURCES_OF_REPORT, row["id"])
        return Found(
            row["id"],
            row["kind"],
            Status(row["status"]),
            Decision(row["decision"]) if row["decision"] else None,
            sum(resource["decision"] == Decision.BLOCKED for resource in resources),
            len(resources),
        )

    async def drop_draft(self, driver: Any, report_id: UUID) -> None:
        """Let go of a draft that was not sent: its parts, its return address and its counter."""
        if await driver.fetchval(queries.REPORT_EXISTS, report_id):
            return
        await driver.execute(queries.DROP_PARTS, report_id)
        await addresses.erase(driver, [report_id])
        await self._outbox.end_card(driver, CardSort.COUNTER, report_id)

    async def erase_address(self, driver: Any, report_id: UUID, now: datetime) -> bool:
        """Erase a report's return address; False when the code has yet to leave: the courier does it right after."""
        if await self._outbox.waits(driver, Recipient.CITIZEN, report_id, "received"):
            if not await self._outbox.waits(driver, Recipient.CITIZEN, report_id, "erased"):
                await self._outbox.message(driver, Recipient.CITIZEN, report_id, "erased", {}, now)
            return False
        await addresses.erase(driver, [report_id])
        return True

    def receipt_hash(self, receipt: str) -> bytes:
        """Give what of a receipt is stored."""
        return self._ring.hash("receipt", receipts.read(receipt) or b"")

    def open_contents(self, report_id: UUID, sealed: bytes | None) -> SealedContents:
        """Open what of a report is sealed in its row; empty once it was purged."""
        if sealed is None:
            return SealedContents()
        return SealedContents.model_validate_json(self._ring.open("reports", report_id.bytes, sealed))

    def open_url(self, resource_id: UUID, url: str | None, sealed: bytes | None) -> str:
        """Give a resource's address, opened where it is a private one."""
        return url or (self._ring.open("resources", resource_id.bytes, sealed).decode() if sealed else "")

    def _seal(self, contents: Contents) -> bytes:
        plain = SealedContents(words=contents.words, address=contents.address, point=contents.point)
        return self._ring.seal("reports", contents.report_id.bytes, plain.model_dump_json().encode())

    async def _want_cards(
        self, driver: Any, contents: Contents, number: int, links: list[StoredLink], chat_id: int, now: datetime
    ) -> None:
        own = [contents.report_id]
        if links:
            fresh, known = await self._name_resources(driver, contents.report_id, number, links, chat_id, now)
            shown = known if len(fresh) > OWN_CARDS else known + fresh
            await self._outbox.want(driver, Recipient.DESK, CardSort.RESOURCE, shown, now)
            own = own if len(fresh) > OWN_CARDS else []
        await self._outbox.want(driver, Recipient.DESK, CardSort.REPORT, own, now)

    async def _name_resources(
        self, driver: Any, report_id: UUID, number: int, links: list[StoredLink], chat_id: int, now: datetime
    ) -> tuple[list[UUID], list[UUID]]:
        # By key, in one order everywhere: two reports of the same links must not wait for each other in a circle.
        named = sorted((self._ring.hash("resource", link.url.encode()), link) for link in links)
        ids = [uuid4() for _ in named]
        rows = await driver.fetch(
            queries.NAME_RESOURCES,
            ids,
            [key for key, _ in named],
            [link.platform for _, link in named],
            [link.what for _, link in named],
            [None if link.private else link.url for _, link in named],
            [
                self._ring.seal("resources", resource_id.bytes, link.url.encode()) if link.private else None
                for resource_id, (_, link) in zip(ids, named, strict=True)
            ],
            to_minute(now),
        )
        await driver.execute(queries.LINK_RESOURCES, report_id, [row["id"] for row in rows], number)
        await self._count_people(driver, [row["key"] for row in rows], chat_id, now)
        fresh = [row["id"] for row in rows if row["fresh"]]
        return fresh, [row["id"] for row in rows if not row["fresh"]]

    async def _count_people(self, driver: Any, keys: list[bytes], chat_id: int, now: datetime) -> None:
        """Raise `times reported` once a chat and day: what is kept of the chat is a hash under the key of the day."""
        chat = chat_id.to_bytes(8, "big", signed=True)
        hashes = {keyed(self._ring, "person", now, chat, key)[1]: key for key in keys}
        counted = await driver.fetch(queries.COUNT_ONCE, sorted(hashes), self._ring.day(now)[0])
        new = [hashes[row["hash"]] for row in counted if row["count"] == 1]
        await driver.execute(queries.REPORTED_AGAIN, new)


def _without_doubles(*lists: list[StoredLink]) -> list[StoredLink]:
    return list({link.url: link for links in lists for link in links}.values())
