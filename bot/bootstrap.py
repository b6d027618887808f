"""The only place where parts are put together: `build_app(…)`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from aiohttp import web

from bot import migrate
from bot.citizen import handlers as citizen_handlers
from bot.citizen.acts import Acts
from bot.citizen.conversation import Conversation
from bot.citizen.deliveries import CitizenDeliveries
from bot.citizen.filling import Filling
from bot.citizen.labels import Labels
from bot.citizen.safety import Safety
from bot.citizen.upkeep import Upkeep
from bot.clock import Clock, utc_now
from bot.database import Database, driver
from bot.delivery.courier import Courier
from bot.delivery.errors import AnotherPoller, TelegramRefused
from bot.delivery.limits import Limits
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Road, Sender
from bot.health import Health
from bot.jobs import Jobs
from bot.languages import Language
from bot.leader import Leader
from bot.log import error_fields, get_logger
from bot.privacy.keyring import KeyRing
from bot.privacy.photos import PhotoCleaner
from bot.purge import Purge
from bot.reports import queries
from bot.reports.deciding import SPREAD, SPREAD_LIST, Decisions
from bot.reports.parts import READ_PART
from bot.reports.reading import PartReader
from bot.reports.service import Reports
from bot.settings import Settings
from bot.staff import handlers as staff_handlers
from bot.staff.access import Access
from bot.staff.cards import DeskCards
from bot.staff.desks import Desks
from bot.telegram.announce import announce
from bot.telegram.api import Api
from bot.telegram.dispatch import make_handle
from bot.telegram.intake import UPDATES, Intake
from bot.telegram.polling import Polling
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turns
from bot.telegram.webhook import webhook_app
from bot.wording import Wording

CITIZENS_AT_ONCE: Final = 20
log = get_logger()


@dataclass(frozen=True, slots=True)
class Telegram:
    """Which bot this is, where its Bot API is, and the desk's chat."""

    token: str
    api_url: str
    desk: int


class App:
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
        self.settings, self.database, self.ring = settings, database, ring
        self._url, self._wording, self._clock = database_url, wording, clock
        self.api = Api(telegram.api_url, telegram.token)
        self.outbox = Outbox(ring)
        self.reports = Reports(ring, self.outbox)
        self.decisions = Decisions(self.outbox, settings.undo, settings.feedback_delay)
        self.desks = Desks(database, telegram.desk, settings.desk_language)
        self.access = Access(self._get_member)
        self.cleaner = PhotoCleaner()
        self.labels = Labels(wording.texts, wording.kinds)
        self.couriers = self._couriers(Limits())
        self.intake = Intake(self._turns(telegram.token), self.desks.ids, self.access.prepare)
        self.jobs = self._jobs()

    def wake(self) -> None:
        """Let the couriers look at the outbox."""
        for courier in self.couriers:
            courier.wake()

    async def run(self) -> None:
        """Run until cancelled: webhook or polling, couriers, jobs and health."""
        await self.api.open()
        await self.ring.load()
        await self.desks.load()
        await self.cleaner.start()
        runners = [await _listen(Health(self.database, self._clock, migrate.head()).app(), self.settings.health_listen)]
        if self.settings.webhook_url and self.settings.webhook_secret:
            path = urlsplit(self.settings.webhook_url).path or "/"
            app = webhook_app(self.intake, path, self.settings.webhook_secret.get_secret_value())
            runners.append(await _listen(app, self.settings.webhook_listen))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(Leader(self._url, self._lead).run())
                tasks.create_task(self._work())
        finally:
            for runner in runners:
                await runner.cleanup()
            await self.cleaner.stop()
            await self.api.close()

    async def _lead(self) -> None:
        """What one process of all does: it is the courier, and polls or sets the webhook."""
        async with asyncio.TaskGroup() as tasks:
            for courier in self.couriers:
                tasks.create_task(courier.run())
            tasks.create_task(self._receive())

    async def _receive(self) -> None:
        await announce(self.api, self._wording.texts, self.settings.default_language)
        if self.settings.webhook_url and self.settings.webhook_secret:
            secret = self.settings.webhook_secret.get_secret_value()
            body = {"url": self.settings.webhook_url, "secret_token": secret, "allowed_updates": list(UPDATES)}
            await self.api.call("setWebhook", body)
            return
        while True:
            try:
                await self.api.call("deleteWebhook", {"drop_pending_updates": False})
                await Polling(self.api, self.intake).run()
            except AnotherPoller as error:
                log.warning("another_poller", **error_fields(error))
                await asyncio.sleep(5)

    async def _work(self) -> None:
        while True:
            try:
                await self.jobs.run(self._url)
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("jobs_wait", **error_fields(error))
                await asyncio.sleep(2)

    def _turns(self, token: str) -> Turns:
        settings, texts = self.settings, self._wording.texts
        conversation = Conversation(texts, self._wording.kinds, self.labels, Safety(settings.templates_dir))
        filling = Filling(conversation, self.ring, self.outbox, self.wake)
        citizens = citizen_handlers.Citizens(
            conversation,
            Acts(conversation, filling, self.reports, self.ring, self.wake),
            filling,
            settings.default_language,
            {
                "retention_days": settings.retention_days,
                "address_days": settings.return_address_days,
                "address_max_days": settings.return_address_max_days,
            },
        )
        desk = staff_handlers.Desk(
            texts, self.decisions, self.access, settings.desk_language, self.wake, self.desks.migrated_in
        )
        routers = [citizen_handlers.make_router(), staff_handlers.make_router()]
        handle = make_handle(token, routers, citizens=citizens, desk=desk)
        return Turns(self.database, self.ring, handle, self._apology, self._clock)

    def _couriers(self, limits: Limits) -> list[Courier]:
        cards = DeskCards(
            self.database,
            self.reports,
            self.ring,
            self._wording.texts,
            self._wording.kinds,
            self.desks.main,
            self.settings.timezone,
        )
        people = CitizenDeliveries(
            self.database, self.ring, self._wording.texts, self.labels, self.settings.office_hours
        )
        roads = (
            (Road(Recipient.DESK, cards.address, cards.message, cards.card, _nothing, _no_way, self.desks.migrated), 1),
            (
                Road(
                    Recipient.CITIZEN,
                    people.address,
                    people.message,
                    people.card,
                    people.over,
                    self._unreachable,
                    self.desks.migrated,
                ),
                CITIZENS_AT_ONCE,
            ),
        )
        return [
            Courier(
                self.database,
                Sender(self.database, self.ring, self.outbox, self.api, limits, road, self._clock),
                road.recipient,
                at_once,
                self._clock,
            )
            for road, at_once in roads
        ]

    def _jobs(self) -> Jobs:
        settings = self.settings
        reader = PartReader(
            self.database,
            self.ring,
            self.outbox,
            self.reports,
            self.api.download,
            self.cleaner,
            self.wake,
            self._clock,
        )
        upkeep = Upkeep(self.database, self.ring, self.outbox, self.reports, self._clock)
        purge = Purge(
            self.database, self.ring, self._clock, settings.return_address_days, settings.return_address_max_days
        )
        work = {
            READ_PART: reader.read,
            SPREAD: self._spread,
            SPREAD_LIST: self._spread_list,
            staff_handlers.LEAVE_GROUP: self._leave_group,
        }
        return Jobs(work, {("drafts", "*/10 * * * *"): upkeep.drafts, ("purge", "7 * * * *"): purge.run})

    async def _spread(self, resource_id: UUID) -> None:
        """Take a resource's decision to its reports, one by one, each in a transaction of its own."""
        async with self.database.transaction() as connection:
            rows = await (await driver(connection)).fetch(queries.REPORTS_OF_RESOURCE, resource_id)
        for row in rows:
            async with self.database.transaction() as connection:
                await self.decisions.spread(await driver(connection), row["report_id"], resource_id, self._clock())
        self.wake()

    async def _spread_list(self, report_id: UUID) -> None:
        """Do so for each resource of a list."""
        async with self.database.transaction() as connection:
            rows = await (await driver(connection)).fetch(queries.RESOURCES_OF_REPORT, report_id)
        for row in rows:
            await self._spread(row["id"])

    async def _leave_group(self, group: UUID) -> None:
        if -group.int not in self.desks.ids():
            try:
                await self.api.call("leaveChat", {"chat_id": -group.int})
            except TelegramRefused as error:
                log.info("left_before", **error_fields(error))

    async def _unreachable(self, report_id: UUID) -> None:
        """Tell the desk that a citizen cannot be reached; never why."""
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            if await raw.fetchval(queries.REPORT_EXISTS, report_id):
                now = self._clock()
                await self.outbox.message(raw, Recipient.DESK, report_id, "unreachable", {}, now)
        self.wake()

    async def _get_member(self, chat_id: int, user_id: int) -> Mapping[str, Any]:
        member: Mapping[str, Any] = await self.api.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        return member

    def _apology(self, update: Mapping[str, Any]) -> Reply | None:
        message = update.get("message")
        if not message or message.get("chat", {}).get("type") != "private":
            return None
        client = str(message.get("from", {}).get("language_code", ""))[:2]
        language = client if client in set(Language) else self.settings.default_language
        return say(self._wording.texts.render(language, "citizen.apology"))


async def _listen(app: web.Application, address: tuple[str, int]) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=8.0)
    await runner.setup()
    await web.TCPSite(runner, *address).start()
    return runner


async def _nothing(_: UUID, __: str) -> None:
    """The desk's messages need nothing after them."""


async def _no_way(_: UUID) -> None:
    """The desk itself cannot be reached: its deliveries wait."""
