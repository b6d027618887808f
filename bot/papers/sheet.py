"""A document as it is to be printed: plain words in blocks, without fonts, sizes or pages. pdf.py draws it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Heading(BaseModel):
    """The heading of a section."""

    sort: Literal["heading"] = "heading"
    text: str


class Words(BaseModel):
    """A paragraph."""

    sort: Literal["words"] = "words"
    text: str
    small: bool = False


class Boxed(BaseModel):
    """A paragraph in a frame: what nobody may overlook."""

    sort: Literal["boxed"] = "boxed"
    text: str


class Pairs(BaseModel):
    """What is called how, one below the other."""

    sort: Literal["pairs"] = "pairs"
    rows: list[tuple[str, str]]


class Table(BaseModel):
    """A table; its first row is repeated on each page."""

    sort: Literal["table"] = "table"
    head: list[str]
    rows: list[list[str]]
    widths: list[float]
    """Of the columns, in proportion to each other."""
    align: str
    """A letter for each column: L, C or R."""
    small: bool = False


class Signature(BaseModel):
    """Lines to be filled in by hand: what stands before each, and under it."""

    sort: Literal["signature"] = "signature"
    lines: list[tuple[str, str]]


Block = Annotated[Heading | Words | Boxed | Pairs | Table | Signature, Field(discriminator="sort")]


class Sheet(BaseModel):
    """One document on A4."""

    title: str
    below: str = ""
    """Under the title, in smaller letters."""
    language: str
    footer: str
    """At the foot of each page, left of its number."""
    blocks: list[Block]
    one_page: bool = False
    """Whether its letters are made smaller until it fits on a page."""
