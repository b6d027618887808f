"""The couriers and their roads, put together."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from bot.assembly.desk import make_posts
from bot.assembly.parts import Parts
from bot.citizen.deliveries import CitizenDeliveries
from bot.delivery.courier import Courier
from bot.delivery.couriers import Couriers
from bot.delivery.outbox import Recipient
from bot.delivery.sender import Road, Sender
from bot.offices.office import MAIN
from bot.staff.cards import DeskCards

CITIZENS_AT_ONCE: Final = 20
"""Deliveries to citizens under way at once; the desk is one chat, and takes one at a time."""


def make_couriers(parts: Parts, cards: DeskCards) -> Couriers:
    """Put together a courier for the citizens, and one for each desk."""
    database, desks, posts = parts.database, parts.desks, make_posts(parts)
    people = CitizenDeliveries(
        database,
        parts.ring,
        parts.wording.texts,
        parts.labels,
        parts.forms,
        parts.photo_places,
        parts.photo_codes,
        parts.settings.office_hours,
        parts.clock,
    )

    def courier(road: Road, at_once: int) -> Courier:
        sender = Sender(database, parts.ring, parts.outbox, parts.api, parts.limits, road, parts.clock)
        return Courier(database, sender, road.recipient, at_once, parts.clock)

    def of_desk(office: int) -> Courier:
        async def address(_: UUID) -> tuple[int, str] | None:
            return await desks.found(office)

        migrated = partial(desks.migrated, office=office)
        told = (address, posts.message, cards.card, _nothing, migrated)
        return courier(Road(Recipient.DESK, *told, office, parts.topics.name), 1)

    to_citizens = people.address, people.message, people.card, people.over, desks.migrated
    citizens = Road(Recipient.CITIZEN, *to_citizens, opened=people.opened)
    return Couriers(
        database,
        of_desk(MAIN),
        courier(citizens, CITIZENS_AT_ONCE),
        of_desk,
        lambda: [office.id for office in parts.offices.now.open],
    )


async def _nothing(_: UUID, __: str, ___: str) -> None:
    """The desk's messages need nothing after them."""
