"""The only place where all is put together: `App(…)`, of the parts and rooms of `assembly/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.assembly.citizens import make_citizens
from bot.assembly.delivery import make_couriers
from bot.assembly.desk import make_cards, make_desk
from bot.assembly.evidence import make_watching
from bot.assembly.parts import Parts, Telegram
from bot.assembly.work import make_jobs
from bot.citizen import handlers as citizen_handlers
from bot.clock import Clock, utc_now
from bot.database import Database
from bot.evidence.desk import add_captures
from bot.privacy.keyring import KeyRing
from bot.qr.desk_handlers import add_placements
from bot.settings import Settings
from bot.staff import handlers as staff_handlers
from bot.staff.code_posts import add_codes
from bot.staff.found_acts import add_found
from bot.telegram.dispatch import make_handle
from bot.telegram.flood import Flood
from bot.telegram.intake import Intake
from bot.telegram.plain import is_typed
from bot.telegram.turn import Turns
from bot.wording import Wording

__all__ = ["App", "Telegram"]


class App(Parts):
    """One process of the bot, put together."""

    def __init__(
        self,
        settings: Settings,
        telegram: Telegram,
        database: Database,
        database_url: str,
        ring: KeyRing,
        wording: Wording,
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(settings, telegram, database, database_url, ring, wording, clock)
        self.cards = make_cards(self)
        self.couriers = make_couriers(self, self.cards)
        citizen = partial(citizen_handlers.handle, make_citizens(self))
        desk = make_desk(self, self.cards)
        router = staff_handlers.make_router(add_placements, add_captures, add_codes, add_found)
        handle = make_handle(telegram.token, citizen, router, **desk)
        self.intake = Intake(
            Turns(database, ring, handle, self.beside.apology, clock, at_once=is_typed),
            self.desks.ids,
            self._prepare_desk,
            Flood(self.beside.asks_for_help, self.beside.too_much),
            self.desks.look_for,
            self.count_reply,
        )
        self.jobs = make_jobs(self)
        self.watching = make_watching(self)

    async def _prepare_desk(self, update: Mapping[str, Any]) -> bool:
        goes_on = await self.access.prepare(update)
        if goes_on:
            await self.managing.prepare(update)
        return goes_on
