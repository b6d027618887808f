"""The table of placements."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class PlacementRow(Base):
    """One billboard, stop, brochure, post or sheet of stickers with a code of its own. No person is in it."""

    __tablename__ = "placements"
    __table_args__ = (
        Index("uq_placements_code", "code", unique=True),
        Index("uq_placements_name", "campaign", "folded", unique=True, postgresql_where=text("closed_on IS NULL")),
        Index("ix_placements_folded", "folded"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    """What the bot is started with. A closed placement keeps it: nobody else gets it."""
    name: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    """The name as it is compared and searched."""
    campaign: Mapped[str] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    """A KATO code."""
    surface: Mapped[str] = mapped_column(Text)
    languages: Mapped[str] = mapped_column(Text)
    """One, or two with a comma between."""
    made_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
