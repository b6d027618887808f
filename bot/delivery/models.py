"""The tables of what goes out and must arrive: messages, sent once, and cards, shown in their newest version."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class OutMessage(Base):
    """A delivery that is sent once, in its lane's order. Parameters are sealed and wiped when it is over."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_waiting", "recipient", "due_at", postgresql_where=text("outcome IS NULL")),
        # Of what was sent as well: it is asked for too, and an index of what waits would look short to the planner.
        Index("ix_messages_lane", "lane", "recipient"),
        Index(
            "ix_messages_hiding", "due_at", "id", postgresql_where=text("outcome IS NULL AND template ~~ 'hide\\_%'")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    """`citizen`, or a desk: `desk`, the main one, or `desk:` and an office's id."""
    lane: Mapped[UUID]
    template: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    first_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The minute in which it first fell due, once it was put off: its age."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    outcome: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Card(Base):
    """What is shown of a subject, and what should be: behind when `wanted_version` is above `shown_version`."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("uq_cards_sort_subject", "sort", "subject", unique=True),
        Index(
            "ix_cards_behind",
            "recipient",
            "due_at",
            postgresql_where=text("wanted_version > shown_version"),
        ),
        Index(
            "ix_cards_new",
            "recipient",
            "ordinal",
            postgresql_where=text(
                "wanted_version > shown_version AND message_id IS NULL AND sort IN ('report', 'resource')"
            ),
        ),
        Index(
            "ix_cards_standing",
            "recipient",
            "due_at",
            postgresql_where=text(
                "wanted_version > shown_version AND (message_id IS NOT NULL OR sort NOT IN ('report', 'resource'))"
            ),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    sort: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    wanted_version: Mapped[int] = mapped_column(Integer, default=1)
    shown_version: Mapped[int] = mapped_column(Integer, default=0)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A citizen's card keeps its message id here, sealed, until the report is sent."""
    params: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the subject's own rows do not tell, sealed."""
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    first_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """As of a message, until it is shown."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    for_officer: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """An officer pressed it and waits for what that did: it goes before what others have changed."""
    hides: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """It shows what was hidden: its next version goes before everything."""
    settled_version: Mapped[int | None] = mapped_column(Integer)
    """As long as this is the version that is wanted, nothing is new but that a decision can be taken back no more."""


class DeskPost(Base):
    """Which subject a message on the desk is about: officers reply to it, and it is emptied when its term is over."""

    __tablename__ = "desk_posts"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sort: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(Text, server_default="text")
    """`card`, `photo`, `place` or `text`: how it can be emptied."""
    posted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Topic(Base):
    """A topic that the bot has opened in a desk that is a forum."""

    __tablename__ = "topics"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """What it is for: a kind's name or a district's code."""
    thread_id: Mapped[int] = mapped_column(BigInteger)


class DeskSend(Base):
    """What of the desk's minute is used up, edits too: the next leader keeps to it. Rows live for that minute."""

    __tablename__ = "desk_sends"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    recipient: Mapped[str] = mapped_column(Text, server_default="desk")
    """Which desk it was."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Later than now where Telegram asked to wait: until then the whole minute is used up."""
    rank: Mapped[int] = mapped_column(Integer)
    cost: Mapped[int] = mapped_column(Integer)
