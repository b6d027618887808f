"""The dialogue with citizens, put together."""

from __future__ import annotations

from bot.assembly.parts import Parts
from bot.citizen.acts import Acts
from bot.citizen.additions import AddingLater
from bot.citizen.filling import Filling
from bot.citizen.handlers import Citizens
from bot.citizen.photo_codes import CodeAnswers
from bot.reports.sending import Sending


def make_citizens(parts: Parts) -> Citizens:
    """Put the dialogue together."""
    settings, conversation = parts.settings, parts.conversation
    filling = Filling(conversation, parts.ring, parts.outbox, parts.wake)
    sending = Sending(parts.ring, parts.reports, parts.additions, settings.reports_per_hour)
    later = AddingLater(conversation, parts.reports, parts.forms, sending, parts.wake, parts.beside.answer_press)
    acts = Acts(conversation, filling, parts.reports, parts.ring, later, sending, parts.wake)
    promised = {
        "retention_days": settings.retention_days,
        "address_days": settings.return_address_days,
        "address_max_days": settings.return_address_max_days,
        "originals": settings.evidence_originals,
    }
    return Citizens(
        conversation,
        acts,
        filling,
        later,
        parts.photo_places,
        CodeAnswers(parts.photo_codes, filling, parts.reports, parts.wake, parts.beside.answer_press),
        parts.ring,
        settings.default_language,
        promised,
        parts.public.variables,
        parts.scans,
        parts.own_name.get,
    )
