"""Every common text that the code renders, with sample variables: the start renders each one in each language."""

from __future__ import annotations

from typing import Any, Final

_CONTACT = {"phone": "102", "name": "Полиция", "note": "", "checked": "2026-11-23"}

CITIZEN: Final[dict[str, dict[str, Any]]] = {
    "welcome": {},
    "menu": {},
    "language_asked": {},
    "language_set": {},
    "help_contacts": {"contacts": [_CONTACT], "danger": True},
    "which_kind_photos": {},
    "which_kind_location": {},
    "careful": {},
    "ask_links": {},
    "ask_location": {},
    "ask_location_or_address": {},
    "ask_photos": {"most": 10},
    "ask_words": {},
    "missing_links": {},
    "screenshot_taken": {},
    "missing_location": {},
    "missing_photos": {"count": 0, "required": True},
    "missing_words": {},
    "not_taken_links": {},
    "not_taken_location": {},
    "not_taken_photos": {},
    "not_taken_words": {},
    "out_of_range": {},
    "outside_country": {"latitude": 55.75, "longitude": 37.61},
    "short_map_link": {},
    "photos_taken": {"count": 3, "most": 10},
    "photos_too_many": {"most": 10},
    "words_full": {"most": 4000},
    "links_full": {"most": 5000},
    "refused_voice": {},
    "refused_video": {},
    "refused_file": {},
    "refused_contact": {},
    "refused_other": {},
    "refused_login_link": {},
    "refused_list_big": {},
    "refused_photo_big": {},
    "list_reading": {},
    "list_still_reading": {},
    "list_read": {"links": 812, "unread": 40},
    "list_failed_empty": {},
    "list_failed_unreadable": {},
    "list_failed_no_links": {},
    "summary": {
        "kind": "Граффити",
        "links": ["t.me/name"],
        "more_links": 7,
        "words": "слова <b>",
        "words_cut": True,
        "address": "",
        "latitude": 42.9,
        "longitude": 71.36,
        "photos": 2,
        "lists": 1,
        "careful": True,
        "can_add": ["words", "photos"],
    },
    "counter": {"links": 52},
    "sent_already": {},
    "nothing_to_send": {},
    "cancelled": {},
    "nothing_to_cancel": {},
    "erased": {},
    "erase_nothing": {},
    "forgotten": {},
    "status_asked": {},
    "status_unknown": {},
    "status_new": {},
    "status_in_progress": {},
    "status_needs_info": {},
    "status_decided": {},
    "progress": {"closed": 640, "total": 1000},
    "reminder": {},
    "photo_refused_too_big": {},
    "photo_refused_not_a_photo": {},
    "photo_refused_damaged": {},
    "photo_refused_too_many_pixels": {},
    "photo_refused_too_small": {},
    "photo_refused_too_slow": {},
    "privacy": {"retention_days": 365, "address_days": 14, "address_max_days": 90},
    "about": {},
    "help": {},
    "apology": {},
    "outdated": {},
}

_CARD = {
    "status": "новое",
    "claimed_by": "Aigerim",
    "decision": "",
    "times": 3,
    "filed": "23.11.2026 09:15",
}

DESK: Final[dict[str, dict[str, Any]]] = {
    "resource_card": {
        "url": "https://t.me/name",
        "platform": "telegram",
        "what": "channel",
        "reports": [{"number": 17, "words": "слова"}],
        "reports_total": 9,
        "reopened": True,
        **_CARD,
    },
    "report_card": {
        "number": 17,
        "kind": "Граффити",
        "words": "слова",
        "address": "",
        "latitude": 42.9,
        "longitude": 71.36,
        "links": ["https://t.me/name"],
        "links_total": 640,
        "photos": 2,
        "photos_waiting": 1,
        "photos_refused": 1,
        **_CARD,
    },
    "photos_caption": {"number": 17},
    "unreachable": {"number": 17},
    "answer_done": {},
    "answer_changed": {},
    "answer_not_member": {},
    "answer_taken": {"by": "Aigerim"},
    "answer_impossible": {},
    "help": {},
}

LABELS: Final = (
    *("kazakh", "russian", "english", "help", "status", "send", "skip", "done", "back", "cancel", "erase"),
    *("yes", "other_place"),
)
COMMANDS: Final = ("start", "report", "status", "language", "privacy", "forget", "about", "help", "cancel")


def wanted(acts: list[str], statuses: list[str]) -> dict[str, dict[str, Any]]:
    """Give every common text's name with its sample variables."""
    return {
        **{f"citizen.{name}": sample for name, sample in CITIZEN.items()},
        **{f"desk.{name}": sample for name, sample in DESK.items()},
        **{f"labels.{name}": {} for name in LABELS},
        **{f"commands.{name}": {} for name in COMMANDS},
        **{f"bot.{name}": {} for name in ("description", "short_description")},
        "group.strange": {"chat_id": -1001234567890},
        **{f"desk.act.{act}": {} for act in acts},
        **{f"desk.done.{act}": {} for act in acts},
        **{f"desk.status.{status}": {} for status in statuses},
    }


KIND: Final[dict[str, dict[str, Any]]] = {
    "label": {},
    "name": {},
    "received": {"receipt": "7K3M-9QWX-2T8R-4HVN", "office_hours": "Mon-Fri 09:00-18:30"},
}
KIND_OPTIONAL: Final[dict[str, dict[str, Any]]] = {
    f"ask.{content}": {"most": 10} for content in ("links", "location", "photos", "words")
}
