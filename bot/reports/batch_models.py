"""The tables of batches: links that were taken out together, or are marked together."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Batch(Base):
    """What a register held when it was sent, or a list by which an officer marks links."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_desk_made_at", "desk", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk: Mapped[str] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(Text)
    """What its links are marked as; null of a register, which marks nothing."""
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why nothing could be marked."""
    source: Mapped[UUID | None]
    """The register whose links are marked."""
    officer: Mapped[int] = mapped_column(BigInteger)
    officer_name: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    """The officer's message, under which the answer stands."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """First what is to be read, then what was found in it."""


class BatchLink(Base):
    """One link of a batch, and what came of it."""

    __tablename__ = "batch_links"
    __table_args__ = (Index("ix_batch_links_waiting", "resource_id", postgresql_where=text("outcome IS NULL")),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    outcome: Mapped[str | None] = mapped_column(Text)
    """Null until it was its turn."""
    held_by: Mapped[str | None] = mapped_column(Text)
    """The name of the officer who has it in hand, where it was left for that."""
