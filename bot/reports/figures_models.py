"""The tables of figures that are kept so that a year of them need not be counted anew each time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class DayFigures(Base):
    """What was counted of one past day of the office; kept as long as nothing that was counted changes."""

    __tablename__ = "day_figures"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sort: Mapped[str] = mapped_column(Text, primary_key=True)
    """`filed`: what was reported on this day, as it stands. `done`: what officers did on it."""
    basis: Mapped[str] = mapped_column(Text)
    """By which way of counting, and in which time zone the day is one."""
    counted: Mapped[str] = mapped_column(Text)
    """JSON; see day_counts.py."""


class StaleFigures(Base):
    """A moment whose day was changed. Triggers add these rows (migration 0014); who counts anew takes them away."""

    __tablename__ = "stale_figures"
    __table_args__ = (Index("ix_stale_figures_sort_at", "sort", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sort: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
