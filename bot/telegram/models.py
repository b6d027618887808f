"""The tables of the turn: dialogues and the marks of handled updates; and facts of the installation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class DialogueRow(Base):
    """The state of one chat's dialogue, sealed, under the keyed hash of the chat."""

    __tablename__ = "dialogues"

    chat_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    touched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class HandledUpdate(Base):
    """The mark of an update: handled, with its recorded reply, or failed so many times."""

    __tablename__ = "handled_updates"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    handled: Mapped[bool] = mapped_column(Boolean, default=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Fact(Base):
    """Something that this installation must remember about itself."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
