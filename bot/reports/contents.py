"""What a citizen has put into a report, before it is sent and as it is filed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field

from bot.links import Link
from bot.links.public import is_public_name

WORDS_MOST: Final = 4000
"""Characters of words in one report."""
ADDRESS_MOST: Final = 500
"""Characters of an address in words."""
PHOTO_MOST: Final = 20 << 20
"""Bytes of a photo; Telegram lets a bot download no more."""
LIST_MOST: Final = 1 << 20
"""Bytes of a list file."""
INVITES: Final = frozenset({"invite", "folder"})
"""What a link lets people into by itself: whoever gives it out may give each one their own."""
INLINE_LINKS: Final = 40
INLINE_LINKS_LENGTH: Final = 3 << 10
"""Links, and characters of them, that a dialogue holds itself; more go into a sealed part of their own."""


class StoredLink(BaseModel):
    """A canonical link, as it lies in a dialogue or a part."""

    platform: str
    what: str
    url: str
    private: bool = False
    shown: str = ""

    @classmethod
    def of(cls, link: Link) -> StoredLink:
        """Take what is kept of a link."""
        return cls(platform=link.platform, what=link.what, url=link.url, private=link.private, shown=link.shown)

    @property
    def public_name(self) -> bool:
        """Tell whether it is a public name, which nobody makes for one person alone."""
        return is_public_name(self.platform, self.what, self.url, private=self.private)

    @property
    def invite(self) -> bool:
        """Tell whether it lets people in where a name could be told instead."""
        return self.private and self.what in INVITES


class Point(BaseModel):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


class Contents(BaseModel):
    """The contents of a draft."""

    kind: str
    report_id: UUID
    links: list[StoredLink] = Field(default_factory=list)
    links_apart: int = 0
    """How many more links lie in parts."""
    words: str = ""
    address: str = ""
    point: Point | None = None
    photos: int = 0
    lists: int = 0
    """List files sent, whatever became of them."""
    restricted: bool = False
    """It concerns an officer: it goes to the restricted desk alone."""
    there: bool | None = None
    """Whether it is about the district of the code by which its citizen came; None: they have not said."""

    @property
    def placed(self) -> bool:
        """Tell whether its citizen has told a place."""
        return self.point is not None or bool(self.address)

    @property
    def links_total(self) -> int:
        """Count all links."""
        return len(self.links) + self.links_apart

    @property
    def has_parts(self) -> bool:
        """Tell whether something of it may lie in parts of its own."""
        return bool(self.links_apart or self.photos or self.lists)


class SealedContents(BaseModel):
    """What of a filed report is sealed in its row."""

    words: str = ""
    address: str = ""
    point: Point | None = None

    @property
    def placed(self) -> bool:
        """Tell whether a place is known."""
        return self.point is not None or bool(self.address)
