"""The only place where parts are put together: `App(…)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import bot.aiogram_types  # noqa: F401 — before the first import of aiogram
from bot.areas.store import Areas
from bot.citizen import handlers as citizen_handlers
from bot.citizen.acts import Acts
from bot.citizen.additions import AddingLater
from bot.citizen.beside import Beside
from bot.citizen.conversation import Conversation
from bot.citizen.deliveries import CitizenDeliveries
from bot.citizen.filling import Filling
from bot.citizen.labels import Labels
from bot.citizen.photo_place import PhotoPlaces
from bot.citizen.safety import Safety
from bot.citizen.upkeep import Upkeep
from bot.clock import Clock, utc_now
from bot.database import Database
from bot.delivery.courier import Courier
from bot.delivery.limits import Limits
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Road, Sender
from bot.jobs import Jobs
from bot.privacy.keyring import KeyRing
from bot.privacy.photos import PhotoCleaners
from bot.purge import Purge
from bot.reports.additions import Additions
from bot.reports.deciding import SPREAD, SPREAD_LIST, Decisions
from bot.reports.fetching import Fetching
from bot.reports.forms import Forms
from bot.reports.lists import WorkLists
from bot.reports.parts import READ_PART
from bot.reports.reading import PartReader
from bot.reports.register import Register
from bot.reports.register_template import load_columns
from bot.reports.sending import Sending
from bot.reports.service import Reports
from bot.reports.spreading import Spreader
from bot.reports.waiting import Waits
from bot.settings import Settings
from bot.staff import handlers as staff_handlers
from bot.staff.access import Access
from bot.staff.addition_posts import AdditionPosts
from bot.staff.cards import DeskCards
from bot.staff.desks import Desks
from bot.staff.form_acts import FormActs
from bot.staff.form_cards import FormCards
from bot.staff.list_handlers import Looks
from bot.staff.lookup import Lookup
from bot.staff.overdue import EVERY, Reminder
from bot.staff.register_posts import RegisterAsked, RegisterPosts
from bot.staff.strange_groups import StrangeGroups
from bot.staff.work_lists import ListPages
from bot.telegram.api import Api
from bot.telegram.dispatch import make_handle
from bot.telegram.flood import Flood
from bot.telegram.intake import Intake
from bot.telegram.turn import Turns
from bot.wording import Wording
from bot.working_time import WorkingTime

CITIZENS_AT_ONCE: Final = 20
"""Deliveries to citizens under way at once; the desk is one chat, and takes one at a time."""


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
        self.database_url, self.wording, self.clock = database_url, wording, clock
        self.api = Api(telegram.api_url, telegram.token)
        self.outbox = Outbox(ring)
        waits = Waits(settings.undo, settings.feedback_delay)
        self.forms = Forms(ring, self.outbox, waits)
        self.areas = Areas()
        self.reports = Reports(ring, self.outbox, self.forms, self.areas)
        self.additions = Additions(ring, self.outbox, self.reports, self.forms)
        self.decisions = Decisions(ring, self.outbox, waits)
        self.desks = Desks(database, telegram.desk, settings.desk_language)
        self.access = Access(self._get_member)
        self.cleaner = PhotoCleaners()
        self.labels = Labels(wording.texts, wording.kinds)
        self.safety = Safety(settings.templates_dir)
        self.beside = Beside(wording.texts, self.labels, self.safety, settings.default_language, self.api.call)
        self.conversation = Conversation(wording.texts, wording.kinds, self.labels, self.safety)
        self.photo_places = PhotoPlaces(
            database, ring, self.conversation, self.reports, self.wake, self.beside.answer_press
        )
        self.cards = self._desk_cards()
        self.working = WorkingTime(settings.office_hours, settings.timezone)
        self.lists = WorkLists(self.working, settings.claim_hours, settings.decide_days)
        self.reminder = Reminder(database, self.outbox, self.lists, self.working, self.wake, clock)
        self._limits = Limits()
        self.couriers = self._couriers(self._limits)
        self.intake = Intake(
            self._turns(telegram.token),
            self.desks.ids,
            self.access.prepare,
            Flood(self.beside.asks_for_help, self.beside.too_much),
            self.desks.look_for,
            self._count_reply,
        )
        self.jobs = self._jobs()

    def wake(self) -> None:
        """Let the couriers look at the outbox."""
        for courier in self.couriers:
            courier.wake()

    def _count_reply(self, chat_id: int) -> None:
        """Count a reply into the desk's minute. The leader's own: what the others answer the courier cannot see."""
        if any(courier.works for courier in self.couriers):
            self._limits.note(chat_id)

    def _turns(self, token: str) -> Turns:
        settings, texts, conversation = self.settings, self.wording.texts, self.conversation
        filling = Filling(conversation, self.ring, self.outbox, self.wake)
        sending = Sending(self.ring, self.reports, self.additions, settings.reports_per_hour)
        later = AddingLater(conversation, self.reports, self.forms, sending, self.wake, self.beside.answer_press)
        citizens = citizen_handlers.Citizens(
            conversation,
            Acts(
                conversation,
                filling,
                self.reports,
                self.ring,
                later,
                sending,
                self.wake,
            ),
            filling,
            later,
            self.photo_places,
            self.ring,
            settings.default_language,
            {
                "retention_days": settings.retention_days,
                "address_days": settings.return_address_days,
                "address_max_days": settings.return_address_max_days,
                "originals": settings.evidence_originals,
            },
        )
        desk = staff_handlers.Desk(
            texts,
            self.decisions,
            self.access,
            settings.desk_language,
            self.wake,
            self.desks.migrated_in,
            FormActs(self.ring, self.forms, self.decisions, self.wording.questions),
            self.outbox,
        )
        pages = ListPages(self.lists, texts, self.wording.kinds, settings.desk_language, self.beside.answer_press)
        register = RegisterAsked(self.outbox, texts, settings.desk_language, settings.timezone, self.wake)
        looks = Looks(self.access, pages, Lookup(pages, self.ring, self.cards.drawn), register)
        citizen = partial(citizen_handlers.handle, citizens)
        handle = make_handle(token, citizen, staff_handlers.make_router(), desk=desk, looks=looks)
        return Turns(self.database, self.ring, handle, self.beside.apology, self.clock)

    def _desk_cards(self) -> DeskCards:
        return DeskCards(
            self.database,
            self.reports,
            self.ring,
            self.wording.texts,
            self.wording.kinds,
            self.desks.main,
            self.settings.timezone,
            FormCards(self.forms, self.wording.texts, self.wording.questions),
            AdditionPosts(self.ring, self.additions, self.forms, self.wording.texts),
            self.areas,
            RegisterPosts(
                Register(self.database, self.ring, ZoneInfo(self.settings.timezone)),
                load_columns(self.settings.templates_dir),
                self.wording.texts,
                self.clock,
            ),
        )

    def _couriers(self, limits: Limits) -> list[Courier]:
        cards = self.cards
        people = CitizenDeliveries(
            self.database,
            self.ring,
            self.wording.texts,
            self.labels,
            self.forms,
            self.photo_places,
            self.settings.office_hours,
            self.clock,
        )
        roads = (
            (Road(Recipient.DESK, cards.address, cards.message, cards.card, _nothing, self.desks.migrated), 1),
            (
                Road(
                    Recipient.CITIZEN,
                    people.address,
                    people.message,
                    people.card,
                    people.over,
                    self.desks.migrated,
                ),
                CITIZENS_AT_ONCE,
            ),
        )
        return [
            Courier(
                self.database,
                Sender(self.database, self.ring, self.outbox, self.api, limits, road, self.clock),
                road.recipient,
                at_once,
                self.clock,
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
            self.additions,
            Fetching(self.api.download, self.cleaner),
            self.photo_places.wanted,
            self.wake,
            self.clock,
            keep_originals=settings.evidence_originals,
        )
        upkeep = Upkeep(self.database, self.ring, self.outbox, self.reports, self.clock)
        purge = Purge(self.database, self.ring, self.clock, settings)
        spreader = Spreader(self.database, self.decisions, self.wake, self.clock)
        groups = StrangeGroups(self.api.call, self.desks.ids)
        work = {
            READ_PART: reader.read,
            SPREAD: spreader.resource,
            SPREAD_LIST: spreader.report,
            staff_handlers.LEAVE_GROUP: groups.leave,
        }
        chores = {
            ("drafts", "*/10 * * * *"): upkeep.drafts,
            ("purge", "7 * * * *"): purge.run,
            ("overdue", EVERY): self.reminder.look,
        }
        return Jobs(work, chores)

    async def _get_member(self, chat_id: int, user_id: int) -> Mapping[str, Any]:
        member: Mapping[str, Any] = await self.api.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        return member


async def _nothing(_: UUID, __: str, ___: str) -> None:
    """The desk's messages need nothing after them."""
