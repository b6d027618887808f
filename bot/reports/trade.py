"""Words of the trade: which groups of them stand in what a citizen wrote beside a link, or on its page.

The words are data, `templates/trade.toml`; the groups are few, for what each weighs is a rule (priority.py). Only which
groups were found is kept in clear, never the words.
"""

from __future__ import annotations

import re
from enum import IntFlag
from itertools import chain
from pathlib import Path
from typing import Final

from bot.languages import Language
from bot.phrases import any_of, folded
from bot.texts import TextsBroken, read_phrases, read_toml

FILE: Final = "trade.toml"


class Trade(IntFlag):
    """A group of words; the numbers are stored, and never change what they mean."""

    NONE = 0
    SELLING = 1
    """Drugs are sold there."""
    HIRING = 2
    """People are hired who carry, hide, cook or advertise."""
    MINORS = 4
    """It is aimed at schools, or at people who are not of age."""


ALL: Final = Trade.SELLING | Trade.HIRING | Trade.MINORS
_BETWEEN: Final = r"\W+"
# Kazakh letters as they are typed on a Russian keyboard.
_KAZAKH: Final = tuple(zip("әғқңөұүһі", "агкноуухи", strict=True))
# Inside a word that has Cyrillic letters: Latin ones that look alike, and digits that stand for letters.
_ALIKE: Final = str.maketrans("abcehikmoptxy0346", "авсеникмортхуозчб")
_MEET: Final = re.compile(r"[а-я][0-9a-z]|[0-9a-z][а-я]")
_WORD: Final = re.compile(r"[0-9a-zа-я]+")
_RUSSIAN: Final = re.compile(r"[а-я]")


class TradeWords:
    """The words, read once."""

    def __init__(self, templates: Path) -> None:
        path = templates / FILE
        names = {str(group.name).lower(): group for group in Trade}
        for name, lists in read_toml(path).items():
            if name not in names:
                raise TextsBroken(f"{FILE}: there is no group {name}, only {', '.join(names)}")
            if isinstance(lists, dict) and (unknown := sorted(set(lists) - set(Language))):
                known = ", ".join(Language)
                raise TextsBroken(f"{FILE} {name}: there is no language {', '.join(unknown)}, only {known}")
        phrases = {group: read_phrases(path, name) for name, group in names.items()}
        self._any = any_of(chain.from_iterable(phrases.values()), plain, _BETWEEN)
        self._groups = [(group, any_of(words, plain, _BETWEEN)) for group, words in phrases.items()]

    def replace(self, other: TradeWords) -> None:
        """Take what another has read in place of this."""
        self._any, self._groups = other._any, other._groups

    def groups(self, text: str) -> Trade:
        """Give the groups of which a word stands in a text."""
        found = Trade.NONE
        text = plain(text)
        # To where the first of all words stands the text is gone over once, and not for each group.
        first = self._any.search(text) if text and self._any else None
        if first:
            for group, words in self._groups:
                if words and words.search(text, first.start()):
                    found |= group
        return found


def plain(text: str) -> str:
    """Fold a text so that a word is one however it is typed: case, Kazakh letters, look-alikes, digits for letters."""
    text = folded(text)
    if text.isascii():
        return text
    for letter, typed in _KAZAKH:
        # One after the other: what looks every letter up takes ten times as long.
        text = text.replace(letter, typed)
    return _WORD.sub(_russian, text) if _MEET.search(text) else text


def _russian(found: re.Match[str]) -> str:
    word = found[0]
    return word.translate(_ALIKE) if _RUSSIAN.search(word) else word
