"""The tables of what placements brought. Both are sealed: a dump tells of no report by which code it came."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Date, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Stroke(Base):
    """One stroke of the tally: a scan or a report, until it is added to its day. Most count nothing, and look alike."""

    __tablename__ = "strokes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID]
    """The key of the day, under which it is sealed."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class PlacementDay(Base):
    """What every placement brought on one day of the office: scans and reports, as JSON, sealed as a whole."""

    __tablename__ = "placement_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
