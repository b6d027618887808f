"""Labels of reply keyboards, recognised in all languages and in every state: old keyboards live on for months."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.languages import Language
from bot.reports.kinds import Kinds
from bot.telegram.reply import Rows
from bot.texts import Texts, TextsBroken
from bot.texts_wanted import LABELS

KIND = "kind:"
LANGUAGES = {"kazakh": Language.KK, "russian": Language.RU, "english": Language.EN}


@dataclass(frozen=True, slots=True)
class Label:
    """A pressed label: its name (`send`, `kind:graffiti`, …) and the language it is written in."""

    name: str
    language: Language | None


class Labels:
    """All labels by what stands on them, and the keyboards made of them."""

    def __init__(self, texts: Texts, kinds: Kinds) -> None:
        self._texts, self._kinds = texts, kinds
        self._known: dict[str, Label] = {}
        self._written: dict[tuple[Language, str], str] = {}
        self._menus: dict[Language, Rows] = {}
        for language in Language:
            for name in LABELS:
                # The languages' own names are the same in every language: they tell none.
                own = None if name in LANGUAGES else language
                self._learn(self._write(language, name, f"labels.{name}"), Label(name, own))
            for kind in kinds.values():
                written = self._write(language, KIND + kind.name, f"kinds.{kind.name}.label")
                self._learn(written, Label(KIND + kind.name, language))

    def replace(self, other: Labels) -> None:
        """Take the labels of another in place of these, which are recognised all the same: keyboards bear them yet.

        A text that the other's labels use for something else means that from now on.
        """
        self._known, self._written = self._known | other._known, other._written
        self._menus = {}

    def read(self, text: str) -> Label | None:
        """Give the label that a text is, with or without its emoji; None when it is words."""
        return self._known.get(_letters(text)) if len(text) <= 64 else None

    def rows(self, language: Language, *rows: list[str]) -> Rows:
        """Make a keyboard from rows of label names, leaving empty rows out."""
        return [[self._written[language, name] for name in row] for row in rows if row]

    def menu(self, language: Language, top: list[str] | None = None) -> Rows:
        """Make the menu: kinds two a row, help, and the languages as the last row."""
        rows = self._menus.get(language)
        if rows is None:
            kinds = [KIND + name for name in self._kinds]
            pairs = [kinds[start : start + 2] for start in range(0, len(kinds), 2)]
            rows = self._menus[language] = self.rows(language, *pairs, ["help", "status"], list(LANGUAGES))
        return [*self.rows(language, top or []), *rows]

    def choice(self, language: Language, kinds: list[str]) -> Rows:
        """Make the keyboard that asks which kind it is."""
        names = [KIND + name for name in kinds]
        return self.rows(language, *(names[start : start + 2] for start in range(0, len(names), 2)), ["cancel"])

    def _write(self, language: Language, name: str, text: str) -> str:
        """Keep what stands on a label, so that a keyboard renders nothing."""
        return self._written.setdefault((language, name), self._texts.plain(language, text))

    def _learn(self, text: str, label: Label) -> None:
        known = self._known.get(_letters(text))
        if known is None:
            self._known[_letters(text)] = label
        elif known.name == label.name:
            # «Граффити» is the same word in two languages: then it tells no language.
            self._known[_letters(text)] = Label(label.name, None)
        else:
            raise TextsBroken(f"the label {text!r} means both {known.name} and {label.name}")


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
