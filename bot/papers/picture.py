"""A picture of figures as it is to be drawn: words and numbers, without fonts, sizes or colours. plot.py draws it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel


class Number(BaseModel):
    """A number in large letters."""

    value: str
    label: str
    beside: str = ""
    """What it was before."""


class Lines(BaseModel):
    """What came day by day, or week by week, and in grey what came in the period before."""

    title: str
    days: list[date]
    """The first day of each step."""
    now: Sequence[int | None]
    """None: it is not told, and there is a gap."""
    before: Sequence[int | None]
    """As many steps, or fewer where that period was shorter."""
    now_label: str
    before_label: str


class Bars(BaseModel):
    """How many of each."""

    title: str
    rows: list[tuple[str, int]]
    empty: str
    """What is said where there are none."""


class Picture(BaseModel):
    """One picture for a phone."""

    title: str
    below: str
    numbers: list[Number]
    """Four of them."""
    lines: Lines
    left: Bars
    right: Bars
    footer: str
