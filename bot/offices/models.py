"""The table of offices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class OfficeRow(Base):
    """An office with a desk of its own. The main desk has no row; a closed office's stays, for its figures."""

    __tablename__ = "offices"
    __table_args__ = (
        Index("uq_offices_name", text("lower(name)"), unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("uq_offices_chat_id", "chat_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        # Two desks for what concerns officers would each hide it from the other.
        Index(
            "uq_offices_restricted",
            "restricted",
            unique=True,
            postgresql_where=text("restricted AND closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(Text)
    districts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """KATO codes; none: every district, and what has no place."""
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Kinds of reports; none: every kind."""
    restricted: Mapped[bool] = mapped_column(Boolean)
    """It gets what concerns an officer, and nothing else; no other desk is shown any of that."""
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
