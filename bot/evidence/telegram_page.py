"""What a page of t.me tells of whom it is about: kind, name, how many read it; or that there is nobody of this name.

Nothing of these pages is promised by Telegram. They mark their parts by classes (`tgme_page_title`, `tgme_page_extra`),
which have stood for years; a page that has none of them tells nothing, and is not taken for one that is gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.evidence.page import Page

_COUNT: Final = re.compile(
    r"([0-9][0-9\s\u00a0\u202f.,']*)([KMkm]?)\s*(subscriber|member|monthly user|подписчик|участник|жазылушы|мүше)",
)
_SHORT: Final = {"": 1, "k": 1_000, "m": 1_000_000}


class Sort(StrEnum):
    """What stands behind a name."""

    CHANNEL = "channel"
    GROUP = "group"
    BOT = "bot"
    PERSON = "person"


_SORTS: Final = {
    **dict.fromkeys(("subscriber", "подписчик", "жазылушы"), Sort.CHANNEL),
    **dict.fromkeys(("member", "участник", "мүше"), Sort.GROUP),
    "monthly user": Sort.BOT,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page tells."""

    there: bool | None
    """Whether there is somebody of this name; None: this is no page that tells it."""
    sort: Sort | None = None
    name: str = ""
    description: str = ""
    subscribers: int | None = None


NOTHING: Final = Seen(None)


def read_telegram(page: Page) -> Seen:
    """Read a page of t.me."""
    parts = page.telegram
    if not parts:
        return NOTHING
    name = parts.get("tgme_page_title", "")
    if not name:
        # «If you have Telegram, you can contact @name right away»: said of every name that nobody has.
        is_contact = "tgme_page_description" in parts or "tgme_page_icon" in parts
        return Seen(False if is_contact else None)
    extra = parts.get("tgme_page_extra", "")
    found = _COUNT.search(extra)
    sort = _SORTS[found[3]] if found else Sort.BOT if extra.lower().endswith("bot") else Sort.PERSON
    return Seen(True, sort, name, parts.get("tgme_page_description", ""), _count(found) if found else None)


def _count(found: re.Match[str]) -> int:
    digits, short = found[1].strip(), _SHORT[found[2].lower()]
    if short > 1:
        whole = re.sub(r"\s", "", digits).replace(",", ".")
        return round(float(whole) * short) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", whole) else 0
    return int(re.sub(r"[^0-9]", "", digits)[:12])
