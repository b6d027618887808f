"""What the rooms have in common: the services of an app, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import bot.aiogram_types  # noqa: F401 — before the first import of aiogram
from bot.areas.store import Areas
from bot.citizen.beside import Beside
from bot.citizen.conversation import Conversation
from bot.citizen.labels import Labels
from bot.citizen.photo_codes import PhotoCodes
from bot.citizen.photo_place import PhotoPlaces
from bot.citizen.safety import Safety
from bot.clock import Clock
from bot.database import Database
from bot.delivery.couriers import Couriers
from bot.delivery.limits import Limits
from bot.delivery.outbox import Outbox, line, office_of
from bot.evidence.succession import Succession
from bot.offices.store import Offices
from bot.papers.case import Cases
from bot.papers.pieces import Pieces
from bot.papers.workshop import Workshop
from bot.privacy.keyring import KeyRing
from bot.privacy.photos import PhotoCleaners
from bot.reports.added_lines import AddedLines
from bot.reports.additions import Additions
from bot.reports.amending import Amending
from bot.reports.batches import Batches
from bot.reports.codes import Codes
from bot.reports.deciding import Decisions
from bot.reports.decision_forms import DecisionForms
from bot.reports.fetching import Fetching
from bot.reports.forms import Forms
from bot.reports.found_links import FoundLinks
from bot.reports.kinds import Content
from bot.reports.lists import WorkLists
from bot.reports.marking import Marking
from bot.reports.matching import Matching
from bot.reports.orders import Orders
from bot.reports.pause import FACT as PAUSED
from bot.reports.pause import Pause
from bot.reports.public_figures import FACT as PUBLIC
from bot.reports.public_figures import PublicFigures, Publishing
from bot.reports.register_template import load_columns
from bot.reports.releasing import Releasing
from bot.reports.reloading import FACT as TEMPLATES
from bot.reports.reloading import Read, Reloading
from bot.reports.returned_template import load_returned_words
from bot.reports.scans import Scans
from bot.reports.service import Reports
from bot.reports.statistics import Counting
from bot.reports.tallying import Tallying
from bot.reports.trade import TradeWords
from bot.reports.waiting import Waits
from bot.settings import Settings
from bot.staff.access import Access
from bot.staff.desk_help import DeskHelp
from bot.staff.desks import Desks
from bot.staff.managing import Managing
from bot.staff.monday import Monday
from bot.staff.overdue import Reminder
from bot.staff.topics import CardTopics
from bot.telegram.api import Api
from bot.telegram.own_name import OwnName
from bot.template_folder import read_folder
from bot.wording import Wording, folder_digest
from bot.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Telegram:
    """Which bot this is, where its Bot API is, and the desk's chat."""

    token: str
    api_url: str
    desk: int


class Parts:
    """The services of one process."""

    couriers: Couriers
    """Put together last, of the rest."""

    def __init__(
        self,
        settings: Settings,
        telegram: Telegram,
        database: Database,
        database_url: str,
        ring: KeyRing,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self.settings, self.database, self.ring = settings, database, ring
        self.database_url, self.wording, self.clock = database_url, wording, clock
        self.api = Api(telegram.api_url, telegram.token)
        self.own_name = OwnName()
        self.outbox = Outbox(ring)
        waits = Waits(settings.undo, settings.feedback_delay)
        self.forms = Forms(ring, self.outbox, waits)
        self.areas = Areas()
        self.offices = Offices()
        self.scans = Scans(ring, settings.timezone)
        self.tallying = Tallying(database, ring)
        self.trade = TradeWords(settings.templates_dir)
        common = ring, self.outbox, self.forms, self.areas, self.offices
        self.reports = Reports(*common, self.scans, waits, self.trade)
        self.additions = Additions(ring, self.outbox, self.reports, self.forms)
        self.decisions = Decisions(ring, self.outbox, waits, self._takes_links)
        self.found = FoundLinks(ring, self.outbox, self.decisions, self.own_name.get)
        self.decision_forms = DecisionForms(ring, self.outbox, self.decisions, wording.ready)
        self.amending = Amending(ring, self.outbox, self.decisions.feedback)
        self.added_lines = AddedLines(ring, self.outbox, self.decisions.feedback, self.amending, self._takes_links)
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
        self.fetching = Fetching(self.api.download, self.cleaner)
        self.marking = Marking(
            database,
            self.outbox,
            self.batches,
            Matching(ring, self.batches, self.scope),
            self.decisions,
            self.fetching,
            lambda: self.returned_words,
            self.wake,
            clock,
        )
        self.labels = Labels(wording.texts, wording.kinds)
        self.safety = Safety(settings.templates_dir)
        self.succession = Succession(settings.templates_dir)
        self.beside = Beside(wording.texts, self.labels, self.safety, settings.default_language, self.api.call)
        self.conversation = Conversation(
            wording.texts, wording.kinds, self.labels, self.safety, self.pause, self.reports.goes_by
        )
        self.photo_places = PhotoPlaces(
            database, ring, self.conversation, self.reports, self.wake, self.beside.answer_press
        )
        self.codes = Codes(ring, self.own_name.get)
        self.photo_codes = PhotoCodes(database, ring, self.conversation, self.photo_places, self.codes)
        self.topics = CardTopics(settings.desk_topics, database, self.areas, wording.kinds, wording.texts)
        self.workshop = Workshop()
        self.cases = Cases(Pieces(ring, wording.texts), ZoneInfo(settings.timezone))
        self.counting = Counting(database, settings.timezone, clock)
        self.desk_help = DeskHelp(database, self.outbox, wording.texts, self._desks, self.wake, clock)
        self.working = WorkingTime(settings.office_hours, settings.timezone)
        self.lists = WorkLists(self.working, settings.claim_hours, settings.decide_days)
        self.reminder = Reminder(database, self.outbox, self.lists, self.working, self.desks, self.wake, clock)
        self.monday = Monday(database, self.outbox, self.desks, settings.timezone, self.wake, clock)
        self.publishing = Publishing(database, self.counting)
        self.limits = Limits()

    def wake(self) -> None:
        """Let the couriers look at the outbox."""
        self.couriers.wake()

    def count_reply(self, chat_id: int) -> None:
        """Count a reply into the desk's minute. The leader's own: what the others answer the courier cannot see."""
        if self.couriers.work:
            self.limits.note(chat_id)

    def scope(self, desk: str) -> list[int]:
        """List the offices whose reports the desk of a line is shown."""
        return self.desks.offices.scope(office_of(desk) or None)

    def _takes_links(self, kind: str) -> bool:
        """Tell whether a kind takes links; of one that is no more nobody knows, and its reports go by theirs."""
        known = self.wording.kinds.get(kind)
        return known is None or known.take(Content.LINKS) is not None

    def _desks(self) -> list[tuple[str, int, str]]:
        """List the desks at work: line, chat and language."""
        return [(line(office), *desk) for office in self.desks.open() if (desk := self.desks.of(office))]

    def _read_templates(self) -> Read:
        """Read the folder of templates beside what is in use."""
        read = read_folder(self.settings.templates_dir)

        def take_up() -> None:
            # Nothing is awaited in between: no turn sees one without the others.
            self.wording.replace(read.wording)
            self.labels.replace(read.labels)
            self.safety.replace(read.safety)
            self.trade.replace(read.trade)
            self.succession.replace(read.succession)
            self.columns[:] = read.columns
            self.returned_words = read.returned

        return Read(read.digest, len(read.wording.texts), len(read.wording.kinds), take_up)

    async def _get_member(self, chat_id: int, user_id: int) -> Mapping[str, Any]:
        member: Mapping[str, Any] = await self.api.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        return member
