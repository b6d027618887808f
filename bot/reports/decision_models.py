"""The table of decisions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class DecisionMade(Base):
    """One decision of an officer: what was said with it, how its subject stood before, and until when it is undone."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_subject_ordinal", "subject", "ordinal"),
        Index("ix_decisions_undone", "subject", "at", postgresql_where=text("ended = 'undone'")),
        Index("ix_decisions_list_id", "list_id", postgresql_where=text("list_id IS NOT NULL")),
        Index("ix_decisions_erdr", "erdr", postgresql_where=text("erdr IS NOT NULL")),
        # What still has something to erase: the purge looks each hour.
        Index("ix_decisions_sealed", "at", postgresql_where=text("sealed IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of one that was made by a form, the form's; an "after" photo is a part that bears it."""
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """In which order they came; moments are those of the turns' beginnings."""
    sort: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID]
    decision: Mapped[str] = mapped_column(Text)
    officer: Mapped[int] = mapped_column(BigInteger)
    officer_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """From then on it can be taken back no more."""
    ended: Mapped[str | None] = mapped_column(Text)
    """`undone`, or `silent`: it stands, and nobody is told."""
    list_id: Mapped[UUID | None]
    """Of a resource that was decided with its list: the list's decision."""
    status_before: Mapped[str] = mapped_column(Text)
    decision_before: Mapped[str | None] = mapped_column(Text)
    claimed_by_before: Mapped[int | None] = mapped_column(BigInteger)
    claimed_name_before: Mapped[str | None] = mapped_column(Text)
    decided_at_before: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at_before: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reopened_before: Mapped[bool] = mapped_column(Boolean)
    settled_before: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    withdrew: Mapped[bool] = mapped_column(Boolean)
    """The feedback of the decision before had not left, and was withdrawn for this one's."""
    begun: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """A resource's decision is being taken to its reports: whoever comes now is too late, whatever their clock says."""
    spread: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """A resource's decision was taken to its reports."""
    held_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """An officer is writing a line: until then the feedback is held back."""
    erdr: Mapped[str | None] = mapped_column(Text)
    """The number under which a case was registered: it names a case, and no citizen."""
    article: Mapped[str | None] = mapped_column(Text)
    """The name of an article in articles.toml, or `other`."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The rest of what was said: bot/reports/said.py."""
