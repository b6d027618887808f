"""The tables of links that captures name, until an officer takes one up or says that it is nothing.

Such an address stands in clear, as a resource's does: it is a public name, found on a public page, and leads to nobody
who reported anything. Nothing of these tables comes from a citizen.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class FoundLink(Base):
    """A link that a capture names. It is no resource, and nothing is done about it, until an officer takes it up."""

    __tablename__ = "found_links"
    __table_args__ = (
        Index(
            "ix_found_links_open",
            text("coalesce(office, 0)"),
            "at",
            "id",
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_found_links_at", "at"),
        Index("ix_found_links_answered_at", "answered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """As its resource's would be: so it is known what was reported, and one link is proposed once."""
    platform: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    """Null once it was found to be nothing, and its term is over: the key alone keeps it from being proposed again."""
    office: Mapped[int | None] = mapped_column(Integer)
    """Whose desk is asked; null: the main one."""
    resource_id: Mapped[UUID] = mapped_column(index=True)
    """On whose page it was seen first."""
    capture_id: Mapped[UUID] = mapped_column(index=True)
    """In which capture: what it names is shown to the desk in one message."""
    successor: Mapped[bool] = mapped_column(Boolean)
    """The page says that it goes on there."""
    state: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answered_name: Mapped[str | None] = mapped_column(Text)
    """The officer who took it up, or said that it is nothing."""


class FoundPlace(Base):
    """On which page such a link was seen."""

    __tablename__ = "found_places"

    found_id: Mapped[UUID] = mapped_column(ForeignKey("found_links.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
