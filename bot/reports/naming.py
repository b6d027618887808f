"""Naming resources: a report's links become resources, and each counts one more person who told of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from bot.clock import to_minute
from bot.privacy.keyring import KeyRing, keyed
from bot.reports import queries, stood
from bot.reports.contents import StoredLink
from bot.reports.priority import level_of_new
from bot.reports.trade import Trade


@dataclass(frozen=True, slots=True)
class Named:
    """What became of the links of a report: the resources that they are."""

    fresh: list[UUID]
    known: list[UUID]
    closed: list[str]
    """Addresses of those of which the citizen is told that access to them is closed already."""


async def name_resources(
    driver: Any,
    ring: KeyRing,
    report_id: UUID,
    number: int,
    links: list[StoredLink],
    chat_id: int,
    now: datetime,
    settled: datetime,
    own_cards: int | None = None,
    *,
    office: int | None = None,
    restricted: bool = False,
    trade: Trade = Trade.NONE,
) -> Named:
    """Name the resources of these links in a report.

    Of decisions that could be taken back until `settled` everybody has been told by now.
    With `own_cards` their cards are wanted too: those of the known ones, and of the new if they are no more than that.
    New ones go to `office`. What a `restricted` report names is a resource of its own, whoever else has named it: by
    nothing of the others could be seen that it was reported once more. `trade`: which words of the trade stand beside
    these links.
    """
    named = _by_key(ring, links, restricted=restricted)
    rows = await driver.fetch(
        queries.NAME_RESOURCES,
        *_values(ring, report_id, named, chat_id, now, own_cards, settled, trade, restricted=restricted),
        number,
        office,
    )
    addresses = {key: link.url.encode() for key, link in named}
    for row in rows:
        if row["erased"]:
            # Its address went with the reports that named it; what the upsert brought is sealed for another row.
            sealed = ring.seal("resources", row["id"].bytes, addresses[row["key"]])
            await driver.execute(queries.SEAL_RESOURCE, row["id"], sealed)
    return Named(
        [row["id"] for row in rows if row["fresh"]],
        [row["id"] for row in rows if not row["fresh"]],
        [addresses[row["key"]].decode() for row in rows if row["stood"] == stood.CLOSED],
    )


def values_of_filed(
    ring: KeyRing,
    report_id: UUID,
    links: list[StoredLink],
    chat_id: int,
    now: datetime,
    settled: datetime,
    own_cards: int,
    trade: Trade,
) -> tuple[Any, ...]:
    """Give the parameters with which queries.FILE_LINKS names the resources of a report that it files."""
    named = _by_key(ring, links, restricted=False)
    return _values(ring, report_id, named, chat_id, now, own_cards, settled, trade, restricted=False)


def _by_key(ring: KeyRing, links: list[StoredLink], *, restricted: bool) -> list[tuple[bytes, StoredLink]]:
    """Give links by their keys, in one order everywhere: two reports of the same links must not wait in a circle."""
    return sorted(
        ((resource_key(ring, link.url, restricted=restricted), link) for link in links), key=lambda each: each[0]
    )


def _values(
    ring: KeyRing,
    report_id: UUID,
    named: list[tuple[bytes, StoredLink]],
    chat_id: int,
    now: datetime,
    own_cards: int | None,
    settled: datetime,
    trade: Trade,
    *,
    restricted: bool,
) -> tuple[Any, ...]:
    ids = [uuid4() for _ in named]
    chat, none = chat_id.to_bytes(8, "big", signed=True), secrets.token_bytes(32 * len(named))
    return (
        ids,
        [key for key, _ in named],
        [link.platform for _, link in named],
        [link.what for _, link in named],
        [None if link.private else link.url for _, link in named],
        [
            ring.seal("resources", resource_id.bytes, link.url.encode()) if link.private else None
            for resource_id, (_, link) in zip(ids, named, strict=True)
        ],
        to_minute(now),
        # `times reported` rises once a chat and day: what is kept of the chat is a hash under the key of the day.
        [keyed(ring, "person", now, chat, key)[1] for key, _ in named],
        [none[start : start + 32] for start in range(0, len(none), 32)],
        ring.day(now)[0],
        report_id,
        own_cards is not None,
        own_cards or 0,
        now,
        *stood.parameters(named, settled, restricted=restricted),
        trade.value,
        level_of_new(trade).value,
    )


def resource_key(ring: KeyRing, url: str, *, restricted: bool = False) -> bytes:
    """Give the key of a link's resource; what is restricted is a resource of its own, whoever else has named it."""
    return ring.hash("resource", (b"restricted\n" if restricted else b"") + url.encode())


def without_doubles(*lists: list[StoredLink]) -> list[StoredLink]:
    """Put lists of links together, each link once."""
    return list({link.url: link for links in lists for link in links}.values())
