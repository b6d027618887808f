"""By which words a page names where it goes on, and what is never taken for that: templates/successors.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.links import canonical
from bot.texts import TextsBroken, read_phrases, read_toml

FILE: Final = "successors.toml"


class Succession:
    """What the file holds, read once."""

    def __init__(self, templates: Path) -> None:
        """Read it; raise TextsBroken naming what is wrong with it."""
        self.phrases = read_phrases(templates / FILE)
        self.never = [_address(each) for each in _never(read_toml(templates / FILE).get("never", []))]

    def replace(self, other: Succession) -> None:
        """Take what another has read in place of this."""
        self.phrases, self.never = other.phrases, other.never


def _never(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise TextsBroken(f"{FILE} never: a list of links is wanted")


def _address(written: object) -> str:
    link = canonical(written) if isinstance(written, str) else None
    if link is None:
        raise TextsBroken(f"{FILE} never: {written!r} is no link")
    return link.url
