"""Placements on the desk, put together."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.assembly.parts import Parts
from bot.qr.desk import PlacementActs
from bot.qr.desk_handlers import DeskQr
from bot.qr.desk_posts import QrAsked, QrPosts
from bot.qr.desk_room import Room, Telling
from bot.staff.list_handlers import Looks


def make_placements(parts: Parts, looks: Looks) -> DeskQr:
    """Put together what `/placement` and `/qr` are given."""
    desks = parts.desks
    room = Room(
        _telling(parts),
        looks.answer,
        parts.managing.answer,
        parts.access.is_member,
        parts.managing.manages,
        desks.language,
        desks.line,
    )
    acts = PlacementActs(room, ZoneInfo(parts.settings.timezone), parts.beside.answer_press)
    return DeskQr(room, acts, QrAsked(room, acts, parts.outbox, parts.wake))


def make_qr_posts(parts: Parts) -> QrPosts:
    """Put together what draws codes and posters for the desk."""
    return QrPosts(_telling(parts), parts.database, parts.workshop, parts.settings.templates_dir)


def _telling(parts: Parts) -> Telling:
    return Telling(parts.wording.texts, parts.areas, parts.own_name.get)
