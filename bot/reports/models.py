"""The tables of reports, their parts, and the resources that links name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base

LISTED: Final = "status <> 'decided' AND opened_at IS NOT NULL"
"""What stands in the desk's work lists."""
IN_HAND: Final = f"claimed_by IS NOT NULL AND {LISTED}"
NEW: Final = "status = 'new' AND opened_at IS NOT NULL"
"""What stands in `/queue`, the most urgent first."""


class Report(Base):
    """One thing reported. Words, address and point are sealed; times are cut to the minute."""

    __tablename__ = "reports"
    __table_args__ = (
        # What still has something to erase, by when it was closed: the purge looks each hour.
        Index("ix_reports_decided_at", "decided_at", postgresql_where=text("sealed IS NOT NULL")),
        Index(
            "ix_reports_open",
            text("coalesce(office, 0)"),
            "status",
            "opened_at",
            "id",
            postgresql_where=text(LISTED),
        ),
        Index(
            "ix_reports_queue",
            text("coalesce(office, 0)"),
            text("(-priority)"),
            "opened_at",
            "id",
            postgresql_where=text(NEW),
        ),
        Index("ix_reports_in_hand", "claimed_by", "opened_at", "id", postgresql_where=text(IN_HAND)),
        Index("ix_reports_filed_at", "filed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(Text)
    district: Mapped[str | None] = mapped_column(Text)
    office: Mapped[int | None] = mapped_column(Integer)
    """Who has it; null: the main desk."""
    filed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits for a decision, where it has a card of its own; without one it stands as its links do."""
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    claimed_name: Mapped[str | None] = mapped_column(Text)
    receipt_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    trade: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """Which groups of words of the trade stand in it, as trade.Trade."""
    near: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """How many others are from around its place, up to a few."""
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """As priority.Level, written with each fact that it rests on."""
    hidden_by: Mapped[int | None] = mapped_column(BigInteger)
    hidden_name: Mapped[str | None] = mapped_column(Text)
    """The officer who took what it holds off the desk; that stays sealed in its rows until its term is over."""


class Part(Base):
    """What is long or comes as a file: a photo, a list, links beyond what a dialogue holds. Drafts have them too."""

    __tablename__ = "parts"
    __table_args__ = (Index("ix_parts_report_id_position", "report_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]
    sort: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    made_on: Mapped[date] = mapped_column(Date)
    handle: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The point that the photo's file carried, sealed, until the citizen has said whether to use it."""


class Original(Base):
    """A photo as it was sent, sealed together with its SHA-256; kept only with EVIDENCE_ORIGINALS=on."""

    __tablename__ = "originals"

    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Addition(Base):
    """What a citizen added to a filed report: an answer, or more by the receipt. Its parts bear its id."""

    __tablename__ = "additions"
    __table_args__ = (Index("ix_additions_report_id_ordinal", "report_id", "ordinal"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]
    form_id: Mapped[UUID | None]
    """The question that it answers."""
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class NearPlace(Base):
    """In which cell of 50 metres a report's place lies, as a keyed hash of kind and cell; it goes with the place."""

    __tablename__ = "near_places"

    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    cell: Mapped[bytes] = mapped_column(LargeBinary, index=True)


class Form(Base):
    """An officer's act that needs more than one press: which report, which question, whose words."""

    __tablename__ = "forms"
    __table_args__ = (
        Index("ix_forms_report_id", "report_id"),
        Index("ix_forms_open", "subject", postgresql_where=text("state = 'open'")),
        Index("ix_forms_unfinished", "officer", postgresql_where=text("state IN ('choosing', 'open')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(Text)
    sort: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID]
    report_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    officer: Mapped[int] = mapped_column(BigInteger)
    officer_name: Mapped[str] = mapped_column(Text)
    choice: Mapped[str | None] = mapped_column(Text)
    """The name of a ready question."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The officer's own words; of a decision what has been said so far."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Resource(Base):
    """One canonical link or handle. A public name stands in clear, a private one is sealed; `key` matches both."""

    __tablename__ = "resources"
    __table_args__ = (
        Index(
            "ix_resources_open",
            text("coalesce(office, 0)"),
            "status",
            "opened_at",
            "id",
            postgresql_where=text(LISTED),
        ),
        Index(
            "ix_resources_queue",
            text("coalesce(office, 0)"),
            text("(-priority)"),
            "opened_at",
            "id",
            postgresql_where=text(NEW),
        ),
        Index("ix_resources_in_hand", "claimed_by", "opened_at", "id", postgresql_where=text(IN_HAND)),
        Index("ix_resources_first_reported_at_id", "first_reported_at", "id"),
        Index("ix_resources_found_at", "found_at", "id", postgresql_where=text("found_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    platform: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(Text)
    reopened: Mapped[bool] = mapped_column(Boolean, default=False)
    first_reported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Null: nobody has reported it; an officer took it up when a capture named it."""
    found_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When an officer did that."""
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    """What officers last did to it is taken to its reports. Until a decision is, who reports it hears of that too."""
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits for a decision, or did: from the first report on, or since it was reported again."""
    times_reported: Mapped[int] = mapped_column(Integer, default=0)
    times_refuted: Mapped[int] = mapped_column(Integer, server_default="0")
    """How many of these were there when officers last found nothing in them: they make it no more urgent."""
    trade: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """Which groups of words of the trade stood beside it in reports, or on its page."""
    reach: Mapped[int | None] = mapped_column(BigInteger)
    """Its subscribers when they were last counted."""
    returned: Mapped[bool] = mapped_column(Boolean, server_default="false")
    """It was closed before, and is there again."""
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """As priority.Level, written with each fact that it rests on."""
    office: Mapped[int | None] = mapped_column(Integer)
    """Who has it; null: the main desk."""
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    claimed_name: Mapped[str | None] = mapped_column(Text)


class ReportLink(Base):
    """Which resources a report names."""

    __tablename__ = "report_links"
    __table_args__ = (
        Index("ix_report_links_resource_id_number", "resource_id", "number"),
        Index("ix_report_links_again", "at", postgresql_where=text("found <> 'new'")),
        Index("ix_report_links_returned", "resource_id", "at", postgresql_where=text("found = 'decided'")),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    """The report's number again, so that the newest five of a resource are one look at the index."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When it was named: with the report, or with what was added to it."""
    found: Mapped[str] = mapped_column(Text)
    """How the resource was found then: `new`, `known` and still to be decided, or `decided`, so that it began anew."""
    stood: Mapped[str | None] = mapped_column(Text)
    """`closed`: it was already, and the citizen is told (bot/reports/stood.py); of all else nothing is written down."""
    status: Mapped[str | None] = mapped_column(Text)
    """How it stands for this report, by what was done to it since and taken here (carrying.py); null: by nothing."""
    decision: Mapped[str | None] = mapped_column(Text)
    made: Mapped[UUID | None]
    """What of that was decided, and the decision's row, where it has one."""
    past: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """It was decided, and reported again since: what is done to it now is for those who named it then."""


class JournalEntry(Base):
    """One act of an officer. Rows are only ever added; a column added later is null in those before it (chain.py)."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_at", "at"), Index("ix_journal_subject", "subject"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    officer: Mapped[int] = mapped_column(BigInteger)
    officer_name: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    sort: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID]


class JournalLink(Base):
    """An act's place in the journal's chain. Rows are only ever added, by the leader."""

    __tablename__ = "journal_chain"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    journal: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
