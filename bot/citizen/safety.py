"""Help that is no report: the numbers to call, and the words that show them first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.languages import Language
from bot.texts import TextsBroken, read_toml


@dataclass(frozen=True, slots=True)
class Contact:
    """A number to call, in one language."""

    phone: str
    name: str
    note: str
    checked: str


class Safety:
    """The data files of help, read once."""

    def __init__(self, templates: Path) -> None:
        self._contacts = read_toml(templates / "contacts.toml").get("contact", [])
        for contact in self._contacts:
            if missing := {"phone", "checked", *Language} - set(contact):
                raise TextsBroken(f"contacts.toml: {contact.get('phone')!r} lacks {', '.join(sorted(missing))}")
        danger = read_toml(templates / "danger.toml")
        phrases = [phrase for language in Language for phrase in danger.get(str(language), [])]
        words = "|".join(r"\s+".join(map(re.escape, _plain(phrase).split())) for phrase in phrases)
        self._danger = re.compile(rf"(?<!\w)(?:{words})") if phrases else None

    def contacts(self, language: Language) -> list[Contact]:
        """List the numbers that are known; one that is not ships empty and is hidden."""
        return [
            Contact(entry["phone"], entry[str(language)], entry.get(f"note_{language}", ""), entry["checked"])
            for entry in self._contacts
            if entry["phone"]
        ]

    def unknown(self) -> list[str]:
        """Name the numbers that the office still has to give."""
        return [entry[str(Language.EN)] for entry in self._contacts if not entry["phone"]]

    def danger(self, text: str) -> bool:
        """Tell whether a text holds words of danger to a life."""
        return bool(self._danger and self._danger.search(_plain(text)))


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е").replace("’", "'")
