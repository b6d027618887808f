"""The tables of what was seen of links: how each stands and when it is looked at next, what changed, and captures.

No foreign keys: what was seen must be written down without waiting for officers who hold the resource.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Watch(Base):
    """How a resource was last seen, and when it is looked at next."""

    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_due", "host", "next_at", postgresql_where=text("next_at IS NOT NULL")),)

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(Text)
    """Who is asked: no host is asked twice at a time, or soon after."""
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Null: it is not looked at, for its resource is decided."""
    state: Mapped[str | None] = mapped_column(Text)
    looked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    alive_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was last there."""
    away_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it is not."""
    proposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when the desk is told that access to it seems to be closed."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """How often in a row it was not there."""
    subscribers: Mapped[int | None] = mapped_column(BigInteger)
    """When they could last be counted."""
    asked_report: Mapped[UUID | None]
    """The report by whose number an officer asked for a capture; the link itself where nobody has reported it."""
    asked_desk: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the page says of itself, and what its server wants to be told next time."""


class Look(Base):
    """A look that found something else than the one before. Rows are only ever added: figures count on them."""

    __tablename__ = "looks"
    __table_args__ = (Index("ix_looks_resource_id_at", "resource_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    subscribers: Mapped[int | None] = mapped_column(BigInteger)


class Capture(Base):
    """A page as it was looked at."""

    __tablename__ = "captures"
    __table_args__ = (
        Index("ix_captures_resource_id_at", "resource_id", "at"),
        Index("ix_captures_sha256", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the WARC file."""
    page: Mapped[bytes] = mapped_column(LargeBinary)
    """What stood there, for people to read."""
    warc: Mapped[bytes] = mapped_column(LargeBinary)
