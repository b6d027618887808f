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
from bot.delivery.couriers import Couriers
from bot.delivery.limits import Limits
from bot.delivery.outbox import Outbox, Recipient, line, office_of
from bot.delivery.sender import Road, Sender
from bot.jobs import Jobs
from bot.offices.office import MAIN
from bot.offices.store import Offices
from bot.papers.case import Cases
from bot.papers.case_file import CaseFiles
from bot.papers.pieces import Pieces
from bot.papers.statistics_papers import StatisticsPapers
from bot.papers.workshop import Workshop
from bot.privacy.keyring import KeyRing
from bot.privacy.photos import PhotoCleaners
from bot.purge import Purge
from bot.reports.added_lines import LINE_OVER, AddedLines, LateLines
from bot.reports.additions import Additions
from bot.reports.amending import Amending
from bot.reports.batches import MARK, Batches
from bot.reports.deciding import FOLLOW, SETTLE, SPREAD, SPREAD_LIST, Decisions
from bot.reports.decision_forms import DecisionForms
from bot.reports.fetching import Fetching
from bot.reports.forms import Forms
from bot.reports.hiding import Hiding
from bot.reports.lists import WorkLists
from bot.reports.marking import Marking
from bot.reports.matching import Matching
from bot.reports.orders import Orders
from bot.reports.parts import READ_PART
from bot.reports.passing import Passing
from bot.reports.pause import FACT as PAUSED
from bot.reports.pause import Pause
from bot.reports.public_figures import EVERY as PUBLISH
from bot.reports.public_figures import FACT as PUBLIC
from bot.reports.public_figures import PublicFigures, Publishing
from bot.reports.reading import PartReader
from bot.reports.register import Register
from bot.reports.register_template import load_columns
from bot.reports.releasing import RELEASE, Releasing
from bot.reports.reloading import FACT as TEMPLATES
from bot.reports.reloading import Read, Reloading
from bot.reports.returned_template import load_returned_words
from bot.reports.sending import Sending
from bot.reports.service import Reports
from bot.reports.spreading import Spreader
from bot.reports.statistics import Counting
from bot.reports.waiting import Waits
from bot.settings import Settings
from bot.staff import handlers as staff_handlers
from bot.staff.access import Access
from bot.staff.addition_posts import AdditionPosts
from bot.staff.answers import Answers
from bot.staff.batch_cards import BatchCards
from bot.staff.cards import DeskCards
from bot.staff.decision_acts import DecisionActs
from bot.staff.decision_form_cards import DecisionFormCards
from bot.staff.decision_lines import DecisionLines
from bot.staff.desk_help import LOOK_AGAIN, DeskHelp
from bot.staff.desks import Desks
from bot.staff.evidence_handlers import EvidenceActs
from bot.staff.evidence_posts import EvidenceAsked, EvidencePosts
from bot.staff.figure_posts import FigurePosts
from bot.staff.form_acts import FormActs
from bot.staff.form_cards import FormCards
from bot.staff.hide_acts import HideActs
from bot.staff.list_handlers import Looks
from bot.staff.lookup import Lookup
from bot.staff.managing import Managing
from bot.staff.mark_handlers import MarkActs
from bot.staff.monday import EVERY as MONDAY
from bot.staff.monday import Monday
from bot.staff.overdue import EVERY, Reminder
from bot.staff.register_posts import RegisterAsked, RegisterPosts
from bot.staff.stats_posts import StatsAsked
from bot.staff.strange_groups import StrangeGroups
from bot.staff.topics import CardTopics
from bot.staff.work_lists import ListPages
from bot.telegram.api import Api
from bot.telegram.dispatch import make_handle
from bot.telegram.flood import Flood
from bot.telegram.intake import Intake
from bot.telegram.turn import Turns
from bot.template_folder import read_folder
from bot.wording import Wording, folder_digest
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
        self.offices = Offices()
        self.reports = Reports(ring, self.outbox, self.forms, self.areas, self.offices)
        self.additions = Additions(ring, self.outbox, self.reports, self.forms)
        self.decisions = Decisions(ring, self.outbox, waits)
        self.decision_forms = DecisionForms(ring, self.outbox, self.decisions, wording.ready)
        self.amending = Amending(ring, self.outbox, self.decisions.feedback)
        self.added_lines = AddedLines(ring, self.outbox, self.decisions.feedback, self.amending)
        self.batches = Batches(ring, self.outbox)
        self.returned_words = load_returned_words(settings.templates_dir)
        self.desks = Desks(database, telegram.desk, settings.desk_language, self.offices)
        self.access = Access(self._get_member)
        self.pause = Pause()
        self.reloading = Reloading(wording.digest, lambda: folder_digest(settings.templates_dir), self._read_templates)
        self.public = PublicFigures()
        followed = {PAUSED: self.pause.follow, TEMPLATES: self.reloading.follow, PUBLIC: self.public.follow}
        self.orders = Orders(database, followed)
        self.managing = Managing(self.access, self.desks, wording.texts, self.pause, self.reloading)
        self.releasing = Releasing(database, self.outbox, self.wake, clock)
        self.columns = load_columns(settings.templates_dir)
        self.cleaner = PhotoCleaners()
        self.labels = Labels(wording.texts, wording.kinds)
        self.safety = Safety(settings.templates_dir)
        self.beside = Beside(wording.texts, self.labels, self.safety, settings.default_language, self.api.call)
        self.conversation = Conversation(wording.texts, wording.kinds, self.labels, self.safety, self.pause)
        self.photo_places = PhotoPlaces(
            database, ring, self.conversation, self.reports, self.wake, self.beside.answer_press
        )
        self.topics = CardTopics(settings.desk_topics, database, self.areas, wording.kinds, wording.texts)
        zone = ZoneInfo(settings.timezone)
        self.workshop = Workshop()
        self.cases = Cases(Pieces(ring, wording.texts), zone)
        self.counting = Counting(database, settings.timezone, clock)
        self.cards = self._desk_cards()
        self.desk_help = DeskHelp(database, self.outbox, wording.texts, self._desks, self.wake, clock)
        self.working = WorkingTime(settings.office_hours, settings.timezone)
        self.lists = WorkLists(self.working, settings.claim_hours, settings.decide_days)
        self.reminder = Reminder(database, self.outbox, self.lists, self.working, self.desks, self.wake, clock)
        self.monday = Monday(database, self.outbox, self.desks, settings.timezone, self.wake, clock)
        self.publishing = Publishing(database, self.counting)
        self._limits = Limits()
        self.couriers = self._couriers(self._limits)
        self.intake = Intake(
            self._turns(telegram.token),
            self.desks.ids,
            self._prepare_desk,
            Flood(self.beside.asks_for_help, self.beside.too_much),
            self.desks.look_for,
            self._count_reply,
        )
        self.jobs = self._jobs()

    def wake(self) -> None:
        """Let the couriers look at the outbox."""
        self.couriers.wake()

    def _count_reply(self, chat_id: int) -> None:
        """Count a reply into the desk's minute. The leader's own: what the others answer the courier cannot see."""
        if self.couriers.work:
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
            self.public.variables,
        )
        hiding = Hiding(self.outbox, self.additions, self.forms, self.desks.line)
        desk = staff_handlers.Desk(
            texts,
            self.decisions,
            self.access,
            settings.desk_language,
            self.wake,
            self.desks,
            FormActs(
                self.ring,
                self.forms,
                self.decisions,
                self.wording.questions,
                HideActs(hiding, self.forms, self.access),
                DecisionActs(self.decision_forms, self.added_lines, self.amending, self.desks.scope),
                self.desks,
                Passing(self.outbox, self.additions, self.forms),
            ),
            self.outbox,
            self.releasing,
        )
        pages = ListPages(
            self.lists, texts, self.wording.kinds, settings.desk_language, self.beside.answer_press, self.desks
        )
        register = RegisterAsked(self.outbox, self.batches, texts, settings.timezone, self.desks, self.wake)
        answers = Answers(self.database, self.outbox, self.api.call, self._count_reply, self.desks.line, self.clock)
        stats = StatsAsked(self.outbox, texts, self.desks, self.counting, self.wake)
        looks = Looks(self.access, pages, Lookup(pages, self.ring, self.cards.drawn), register, answers, stats)
        citizen = partial(citizen_handlers.handle, citizens)
        marks = MarkActs(self.access, self.batches, texts, self.desks, self.wake)
        asked = EvidenceAsked(self.cases, self.outbox, texts, self.desks, self.wake, self.beside.answer_press)
        evidence = EvidenceActs(self.access, asked)
        parts = {"desk": desk, "looks": looks, "marks": marks, "evidence": evidence, "managing": self.managing}
        handle = make_handle(token, citizen, staff_handlers.make_router(), **parts)
        return Turns(self.database, self.ring, handle, self.beside.apology, self.clock)

    def _desk_cards(self) -> DeskCards:
        return DeskCards(
            self.database,
            self.reports,
            self.ring,
            self.wording.texts,
            self.wording.kinds,
            self.settings.timezone,
            FormCards(
                self.forms,
                self.wording.texts,
                self.wording.questions,
                DecisionFormCards(
                    self.ring, self.wording.texts, self.wording.kinds, self.wording.ready, self.decision_forms
                ),
                self.offices,
            ),
            AdditionPosts(self.ring, self.additions, self.forms, self.wording.texts),
            self.areas,
            RegisterPosts(
                self.database,
                self.batches,
                Register(self.database, self.ring, ZoneInfo(self.settings.timezone)),
                self.columns,
                self.wording.texts,
                self._scope,
                self.clock,
            ),
            BatchCards(self.batches, self.wording.texts, self.settings.timezone),
            self.topics,
            EvidencePosts(
                self.database,
                CaseFiles(self.cases, self.workshop, self.ring, self.wording.texts),
                self.wording.texts,
                self.clock,
            ),
            DecisionLines(self.ring, self.wording.texts, self.clock),
            self.offices,
            FigurePosts(self.counting, StatisticsPapers(self.workshop, self.wording.texts), self.wording.texts),
        )

    def _scope(self, desk: str) -> list[int]:
        """List the offices whose reports the desk of a line is shown."""
        return self.desks.offices.scope(office_of(desk) or None)

    def _desks(self) -> list[tuple[str, int, str]]:
        """List the desks at work: line, chat and language."""
        return [(line(office), *desk) for office in self.desks.open() if (desk := self.desks.of(office))]

    def _couriers(self, limits: Limits) -> Couriers:
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

        def courier(road: Road, at_once: int) -> Courier:
            sender = Sender(self.database, self.ring, self.outbox, self.api, limits, road, self.clock)
            return Courier(self.database, sender, road.recipient, at_once, self.clock)

        def of_desk(office: int) -> Courier:
            async def address(_: UUID) -> tuple[int, str] | None:
                return await self.desks.found(office)

            migrated = partial(self.desks.migrated, office=office)
            told = (address, cards.message, cards.card, _nothing, migrated)
            return courier(Road(Recipient.DESK, *told, office, self.topics.name), 1)

        citizens = Road(
            Recipient.CITIZEN, people.address, people.message, people.card, people.over, self.desks.migrated
        )
        return Couriers(
            self.database,
            of_desk(MAIN),
            courier(citizens, CITIZENS_AT_ONCE),
            of_desk,
            lambda: [office.id for office in self.offices.now.open],
        )

    def _jobs(self) -> Jobs:
        settings = self.settings
        fetching = Fetching(self.api.download, self.cleaner)
        self.marking = Marking(
            self.database,
            self.outbox,
            self.batches,
            Matching(self.ring, self.batches, self._scope),
            self.decisions,
            fetching,
            lambda: self.returned_words,
            self.wake,
            self.clock,
        )
        reader = PartReader(
            self.database,
            self.ring,
            self.outbox,
            self.reports,
            self.additions,
            fetching,
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
            MARK: self.marking.mark,
            SPREAD: spreader.resource,
            SPREAD_LIST: spreader.report,
            SETTLE: spreader.settle,
            FOLLOW: spreader.follow,
            LINE_OVER: LateLines(self.database, self.added_lines, self.wake, self.clock).close,
            RELEASE: self.releasing.run,
            staff_handlers.LEAVE_GROUP: groups.leave,
        }
        chores = {
            ("drafts", "*/10 * * * *"): upkeep.drafts,
            ("purge", "7 * * * *"): purge.run,
            ("overdue", EVERY): self.reminder.look,
            ("monday", MONDAY): self.monday.look,
            ("figures", "*/5 * * * *"): self.counting.keep,
            ("public", PUBLISH): self.publishing.look,
            ("desk_help", LOOK_AGAIN): self.desk_help.look,
        }
        return Jobs(work, chores)

    def _read_templates(self) -> Read:
        """Read the folder of templates beside what is in use."""
        read = read_folder(self.settings.templates_dir)

        def take_up() -> None:
            # Nothing is awaited in between: no turn sees one without the others.
            self.wording.replace(read.wording)
            self.labels.replace(read.labels)
            self.safety.replace(read.safety)
            self.columns[:] = read.columns
            self.returned_words = read.returned

        return Read(read.digest, len(read.wording.texts), len(read.wording.kinds), take_up)

    async def _prepare_desk(self, update: Mapping[str, Any]) -> bool:
        goes_on = await self.access.prepare(update)
        if goes_on:
            await self.managing.prepare(update)
        return goes_on

    async def _get_member(self, chat_id: int, user_id: int) -> Mapping[str, Any]:
        member: Mapping[str, Any] = await self.api.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        return member


async def _nothing(_: UUID, __: str, ___: str) -> None:
    """The desk's messages need nothing after them."""
