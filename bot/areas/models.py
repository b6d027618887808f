"""The table of areas."""

from __future__ import annotations

from sqlalchemy import Double, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class AreaRow(Base):
    """A district, as the office's file has it."""

    __tablename__ = "areas"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    """KATO, nine digits."""
    name_kk: Mapped[str] = mapped_column(Text)
    name_ru: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    region_kk: Mapped[str | None] = mapped_column(Text)
    region_ru: Mapped[str | None] = mapped_column(Text)
    region_en: Mapped[str | None] = mapped_column(Text)
    south: Mapped[float] = mapped_column(Double)
    north: Mapped[float] = mapped_column(Double)
    west: Mapped[float] = mapped_column(Double)
    east: Mapped[float] = mapped_column(Double)
    geometry: Mapped[bytes] = mapped_column(LargeBinary)
    """WKB, a MultiPolygon in WGS 84 degrees, longitude first."""
