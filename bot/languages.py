"""The languages of citizens and desks."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language that every text exists in."""

    KK = "kk"
    RU = "ru"
    EN = "en"
