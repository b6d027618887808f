"""What people call what a link leads to: names in place of the codes that stand in the tables."""

from __future__ import annotations

from bot.languages import Language
from bot.links.platforms import name_of
from bot.texts import Texts


def platform_name(platform: str, language: Language) -> str:
    """Name a platform; one that is no longer known by its code."""
    return name_of(platform, language)


def thing_name(texts: Texts, language: Language, what: str) -> str:
    """Name what a link leads to on its platform, such as a channel; what has no name by its code."""
    name = f"desk.what.{what}"
    return texts.plain(language, name) if what and texts.has(language, name) else what


def place_of(texts: Texts, language: Language, platform: str, what: str) -> str:
    """Name both."""
    return ", ".join(filter(None, (platform_name(platform, language), thing_name(texts, language, what))))
