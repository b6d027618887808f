"""The tables of keys, return addresses and counters."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class LastingKey(Base):
    """A random key that lives as long as the installation, wrapped by SECRET_KEY."""

    __tablename__ = "lasting_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(Text, unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class PeriodKey(Base):
    """The key of a day or a week, wrapped by SECRET_KEY; never in a backup, destroyed when its time is over."""

    __tablename__ = "period_keys"
    __table_args__ = (Index("uq_period_keys_purpose_begins", "purpose", "begins", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    begins: Mapped[date] = mapped_column(Date)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class ReturnAddress(Base):
    """The sealed chat of a report's citizen, under the key of its week."""

    __tablename__ = "return_addresses"

    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Counter(Base):
    """A count under a keyed hash of the day: of a limit, or of one person and one resource. No times."""

    __tablename__ = "counters"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    key_id: Mapped[UUID] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(Integer, default=1)


class Block(Base):
    """A chat that may send nothing for a while, as a keyed hash under the key of the block's term."""

    __tablename__ = "blocks"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    key_id: Mapped[UUID] = mapped_column(index=True)
    until: Mapped[date] = mapped_column(Date)
