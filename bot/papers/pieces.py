"""What a citizen wrote, sent and pointed at, piece by piece: each enters a case file only if it is named.

The accused reads that file. A private link is a piece too: a dealer may have made it for the one who told of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.papers import case_queries
from bot.privacy.keyring import KeyRing
from bot.privacy.sealing import CannotOpen
from bot.reports.additions import SealedAddition
from bot.reports.contents import Point, SealedContents
from bot.reports.questions import words_of
from bot.texts import Texts

FOLDER: Final = "citizen/"


class PieceSort(StrEnum):
    """What a piece is."""

    WORDS = "words"
    ADDRESS = "address"
    POINT = "point"
    LINK = "link"
    PHOTO = "photo"
    ADDED = "added"
    """Words that were added later, or answered to a question, which stands with them."""
    QUESTION = "question"
    """A question that was asked and not answered."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece. Photos are opened only when they are wanted."""

    sort: PieceSort
    place: int
    """Among its sort, counted from 1; of a link, its place in the list of links."""
    text: str = ""
    part_id: UUID | None = None

    @property
    def name(self) -> str:
        """Give what it is called on the command line and in buttons, such as `photo-2`."""
        alone = self.sort in (PieceSort.WORDS, PieceSort.ADDRESS)
        return self.sort.value if alone else f"{self.sort}-{self.place}"

    @property
    def file(self) -> str:
        """Give its name in the case file."""
        return f"{FOLDER}{self.name}.{'jpg' if self.sort is PieceSort.PHOTO else 'txt'}"


def label(texts: Texts, language: Language, piece: Piece) -> str:
    """Name a piece for who chooses."""
    return texts.plain(language, f"desk.case.piece_{piece.sort}", place=piece.place)


def digest(pieces: list[Piece]) -> str:
    """Digest which pieces there are: a choice by their places holds only as long as these are the same."""
    return hashlib.blake2b("\n".join(piece.name for piece in pieces).encode(), digest_size=4).hexdigest()


class Pieces:
    """Lists and opens the pieces of a report, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, texts: Texts, *, hidden_too: bool = False) -> None:
        """`hidden_too`: also what an officer took off the desk; the desk itself does not get it back by this."""
        self._hidden_too = hidden_too
        self._ring, self._texts = ring, texts

    @property
    def ring(self) -> KeyRing:
        """Give what opens all that a case holds."""
        return self._ring

    async def of(self, driver: Any, report: Any, links: list[Any], language: Language) -> list[Piece]:
        """List the pieces of a report, in one order always. `report` and `links` are rows of case_queries."""
        if report["hidden_by"] is not None and not self._hidden_too:
            return []
        contents = self._contents(report)
        additions = await driver.fetch(case_queries.ADDITIONS, report["id"])
        opened = [(row, self._addition(row)) for row in additions]
        # A point that was added later becomes the report's own where that had none: it is one point all the same.
        points = dict.fromkeys(
            _written(point) for point in (contents.point, *(added.point for _, added in opened)) if point
        )
        photos = await driver.fetch(case_queries.PHOTOS, report["id"])
        questions = await driver.fetch(case_queries.QUESTIONS, report["id"])
        said = [(row, added) for row, added in opened if added.words]
        return [
            *([Piece(PieceSort.WORDS, 1, contents.words)] if contents.words else []),
            *([Piece(PieceSort.ADDRESS, 1, contents.address)] if contents.address else []),
            *(Piece(PieceSort.POINT, place, point) for place, point in enumerate(points, 1)),
            *self._private(links),
            *(Piece(PieceSort.PHOTO, place, part_id=row["id"]) for place, row in enumerate(photos, 1)),
            *(
                Piece(PieceSort.ADDED, place, self._with_question(row, added, language))
                for place, (row, added) in enumerate(said, 1)
            ),
            *(
                Piece(
                    PieceSort.QUESTION,
                    place,
                    self._asked(row["id"], row["choice"], row["sealed"], language),
                )
                for place, row in enumerate(questions, 1)
            ),
        ]

    async def open(self, driver: Any, piece: Piece) -> bytes:
        """Give a piece as its file holds it; empty when it was erased meanwhile."""
        if piece.part_id is None:
            return f"{piece.text}\n".encode()
        row = await driver.fetchrow(case_queries.PHOTO, piece.part_id)
        return self.photo(row) if row and row["sealed"] else b""

    def photo(self, row: Any) -> bytes:
        """Open a photo; `row` has its part's id and what is sealed."""
        return self._ring.open("parts", row["id"].bytes, row["sealed"])

    def _private(self, links: list[Any]) -> list[Piece]:
        pieces = []
        for place, row in enumerate(links, 1):
            if row["sealed"] is None:
                continue
            try:
                url = self._ring.open("resources", row["id"].bytes, row["sealed"]).decode()
            except CannotOpen:
                continue
            pieces.append(Piece(PieceSort.LINK, place, url))
        return pieces

    def _contents(self, report: Any) -> SealedContents:
        if report["sealed"] is None:
            return SealedContents()
        return SealedContents.model_validate_json(self._ring.open("reports", report["id"].bytes, report["sealed"]))

    def _addition(self, row: Any) -> SealedAddition:
        return SealedAddition.model_validate_json(self._ring.open("additions", row["id"].bytes, row["sealed"]))

    def _with_question(self, row: Any, added: SealedAddition, language: Language) -> str:
        question = self._asked(row["form_id"], row["choice"], row["asked"], language) if row["form_id"] else ""
        return f"— {question}\n\n— {added.words}" if question else added.words

    def _asked(self, form_id: UUID, choice: str | None, sealed: bytes | None, language: Language) -> str:
        own = self._ring.open("forms", form_id.bytes, sealed).decode() if sealed else ""
        return words_of(self._texts, language, choice, own)


def _written(point: Point) -> str:
    return f"{point.latitude:.6f}, {point.longitude:.6f}"
