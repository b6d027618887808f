"""The desk's handlers and cards, put together."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from bot.assembly.evidence import make_capture_posts, make_captures, make_standing
from bot.assembly.parts import Parts
from bot.assembly.placements import make_placements, make_qr_posts
from bot.evidence.told import CAPTURED
from bot.papers.case_file import CaseFiles
from bot.papers.placement_papers import PlacementPapers
from bot.papers.statistics_papers import StatisticsPapers
from bot.qr.desk_posts import TEMPLATE as QR
from bot.reports.codes import TEMPLATE as CODES
from bot.reports.hiding import Hiding
from bot.reports.passing import Passing
from bot.reports.placement_counting import PlacementCounting
from bot.reports.register import Register
from bot.staff import evidence_posts, figure_posts, register_posts
from bot.staff.addition_posts import AdditionPosts
from bot.staff.answers import Answers
from bot.staff.batch_cards import BatchCards
from bot.staff.block_acts import BlockActs
from bot.staff.cards import DeskCards
from bot.staff.code_posts import CodeActs, CodePosts
from bot.staff.decision_acts import DecisionActs
from bot.staff.decision_form_cards import DecisionFormCards
from bot.staff.decision_lines import DecisionLines
from bot.staff.desk import Desk
from bot.staff.desk_posts import DeskPosts
from bot.staff.evidence_handlers import EvidenceActs
from bot.staff.evidence_posts import EvidenceAsked, EvidencePosts
from bot.staff.figure_posts import FigurePosts
from bot.staff.form_acts import FormActs
from bot.staff.form_cards import FormCards
from bot.staff.found_acts import FoundActs
from bot.staff.found_cards import FoundCards
from bot.staff.hide_acts import HideActs
from bot.staff.list_handlers import Looks
from bot.staff.lookup import Lookup
from bot.staff.mark_handlers import MarkActs
from bot.staff.office_acts import OfficeActs
from bot.staff.register_posts import RegisterAsked, RegisterPosts
from bot.staff.stats_posts import StatsAsked
from bot.staff.urgency_lines import UrgencyLines
from bot.staff.work_lists import ListPages


def make_desk(parts: Parts, cards: DeskCards) -> dict[str, Any]:
    """Put together what the desk's handlers are given, by the names of their arguments."""
    texts, desks = parts.wording.texts, parts.desks
    marks = MarkActs(parts.access, parts.batches, texts, desks, parts.wake)
    looks = _looks(parts, cards)
    asked = EvidenceAsked(parts.cases, parts.outbox, texts, desks, parts.wake, parts.beside.answer_press)
    return {
        "desk": _acts(parts),
        "looks": looks,
        "marks": marks,
        "evidence": EvidenceActs(parts.access, asked),
        "managing": parts.managing,
        "office_acts": OfficeActs(parts.managing, parts.offices, parts.areas, parts.wording.kinds),
        "block_acts": BlockActs(parts.managing, parts.ring, parts.outbox),
        "qr": make_placements(parts, looks),
        "captures": make_captures(parts, looks),
        "found_acts": FoundActs(
            parts.access,
            parts.found,
            make_found_cards(parts),
            desks,
            looks.answer,
            parts.wake,
            parts.beside.answer_press,
        ),
        "code_acts": CodeActs(parts.access, parts.codes, parts.reports, texts, desks, parts.wake),
    }


def _acts(parts: Parts) -> Desk:
    hiding = Hiding(parts.outbox, parts.additions, parts.forms, parts.desks.line)
    return Desk(
        parts.wording.texts,
        parts.decisions,
        parts.access,
        parts.settings.desk_language,
        parts.wake,
        parts.desks,
        FormActs(
            parts.ring,
            parts.forms,
            parts.decisions,
            parts.wording.questions,
            HideActs(hiding, parts.forms, parts.access),
            DecisionActs(parts.decision_forms, parts.added_lines, parts.amending, parts.desks.scope),
            parts.desks,
            Passing(parts.outbox, parts.additions, parts.forms),
        ),
        parts.outbox,
        parts.releasing,
    )


def _looks(parts: Parts, cards: DeskCards) -> Looks:
    settings, wording, desks = parts.settings, parts.wording, parts.desks
    shown = wording.texts, wording.kinds, settings.desk_language, parts.beside.answer_press, desks
    pages = ListPages(parts.lists, *shown, UrgencyLines(wording.texts))
    register = RegisterAsked(parts.outbox, parts.batches, wording.texts, settings.timezone, desks, parts.wake)
    answers = Answers(parts.database, parts.outbox, parts.api.call, parts.count_reply, desks.line, parts.clock)
    stats = StatsAsked(parts.outbox, wording.texts, desks, parts.counting, parts.wake)
    return Looks(parts.access, pages, Lookup(pages, parts.ring, cards.drawn), register, answers, stats)


def make_cards(parts: Parts) -> DeskCards:
    """Put together what draws the desk's cards."""
    texts, kinds, zone = parts.wording.texts, parts.wording.kinds, parts.settings.timezone
    decision_forms = DecisionFormCards(parts.ring, texts, kinds, parts.wording.ready, parts.decision_forms)
    return DeskCards(
        parts.database,
        parts.reports,
        texts,
        kinds,
        zone,
        FormCards(parts.forms, texts, parts.wording.questions, decision_forms, parts.offices),
        parts.areas,
        BatchCards(parts.batches, texts, zone),
        parts.topics,
        DecisionLines(parts.ring, texts, parts.clock),
        parts.offices,
        make_standing(parts).of,
        make_found_cards(parts),
    )


def make_found_cards(parts: Parts) -> FoundCards:
    """Put together what shows the desk links that captures name."""
    return FoundCards(parts.wording.texts, parts.topics, ZoneInfo(parts.settings.timezone))


def make_posts(parts: Parts) -> DeskPosts:
    """Put together what renders the desk's other messages."""
    texts, zone, workshop = parts.wording.texts, parts.settings.timezone, parts.workshop
    register = Register(parts.database, parts.ring, ZoneInfo(zone))
    registers = RegisterPosts(parts.database, parts.batches, register, parts.columns, texts, parts.scope, parts.clock)
    cases = EvidencePosts(parts.database, CaseFiles(parts.cases, workshop, parts.ring, texts), texts, parts.clock)
    placements = PlacementCounting(parts.database, parts.tallying, zone, parts.clock)
    papers = StatisticsPapers(workshop, texts), texts, placements, PlacementPapers(workshop, texts)
    figures = FigurePosts(parts.counting, *papers)
    return DeskPosts(
        parts.database,
        parts.reports,
        parts.ring,
        texts,
        parts.topics,
        AdditionPosts(parts.ring, parts.additions, parts.forms, texts),
        {
            **dict.fromkeys(figure_posts.TEMPLATES, figures.message),
            register_posts.TEMPLATE: registers.message,
            evidence_posts.TEMPLATE: cases.message,
            QR: make_qr_posts(parts).message,
            CAPTURED: make_capture_posts(parts).message,
            CODES: CodePosts(parts.database, parts.codes, texts).message,
        },
    )
