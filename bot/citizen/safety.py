"""Help that is no report: the numbers to call, and the words that show them first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from bot.languages import Language
from bot.texts import TextsBroken, read_toml


@dataclass(frozen=True, slots=True)
class Contact:
    """A number to call, in one language."""

    phone: str
    name: str
    note: str
    checked: str


_SPACES: Final = r"\s+"


class Safety:
    """The data files of help, read once."""

    def __init__(self, templates: Path) -> None:
        self._contacts = _tables(read_toml(templates / "contacts.toml").get("contact", []))
        for contact in self._contacts:
            if missing := {"phone", "checked", *Language} - set(contact):
                raise TextsBroken(f"contacts.toml: {contact.get('phone')!r} lacks {', '.join(sorted(missing))}")
            if odd := sorted(name for name, value in contact.items() if not isinstance(value, str)):
                raise TextsBroken(f'contacts.toml: {contact["phone"]!r} wants words in "…" for {", ".join(odd)}')
        danger = read_toml(templates / "danger.toml")
        phrases = [phrase for language in Language for phrase in _phrases(danger, str(language))]
        self._danger = re.compile(rf"(?<!\w)(?:{_any_of(phrases)})") if phrases else None

    def replace(self, other: Safety) -> None:
        """Take what another has read in place of this."""
        self._contacts, self._danger = other._contacts, other._danger

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


def _tables(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return value
    raise TextsBroken("contacts.toml: each number wants a [[contact]] of its own")


def _phrases(danger: dict[str, Any], language: str) -> list[str]:
    """Give the phrases of a language. An empty one would be found in everything that anybody writes."""
    value = danger.get(language, [])
    if isinstance(value, list) and all(isinstance(phrase, str) and _plain(phrase).strip() for phrase in value):
        return value
    raise TextsBroken(f'danger.toml {language}: a list of words in "…" is wanted, none of them empty')


def _any_of(phrases: list[str]) -> str:
    """Give a pattern of hundreds of phrases, by their first letters: else each is tried wherever a word begins."""
    words = sorted(_plain(phrase).split() for phrase in phrases)
    return "|".join(
        f"(?={re.escape(letter)})(?:{'|'.join(_SPACES.join(map(re.escape, each)) for each in group)})"
        for letter, group in groupby(words, lambda each: each[0][0])
    )


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е").replace("’", "'")
