"""Help that is no report: the numbers to call, and the words that show them first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.languages import Language
from bot.phrases import any_of, folded
from bot.texts import TextsBroken, read_phrases, read_toml

_LATIN_I: Final = re.compile(r"(?<=[а-яәғқңөұүһі])i|i(?=[а-яәғқңөұүһі])")


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
        self._contacts = _tables(read_toml(templates / "contacts.toml").get("contact", []))
        for contact in self._contacts:
            if missing := {"phone", "checked", *Language} - set(contact):
                raise TextsBroken(f"contacts.toml: {contact.get('phone')!r} lacks {', '.join(sorted(missing))}")
            if odd := sorted(name for name, value in contact.items() if not isinstance(value, str)):
                raise TextsBroken(f'contacts.toml: {contact["phone"]!r} wants words in "…" for {", ".join(odd)}')
        self._danger = any_of(read_phrases(templates / "danger.toml"))

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
        text = folded(text)
        if "i" in text and not text.isascii():
            # Many phones have no Kazakh letters: the Latin one is typed for the one that looks alike.
            text = _LATIN_I.sub("і", text)
        return bool(self._danger and self._danger.search(text))


def _tables(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return value
    raise TextsBroken("contacts.toml: each number wants a [[contact]] of its own")
