"""Every column that KeyRing.seal fills: by which name, and what of its row it is bound to. Rotation seals them anew.

Return addresses are not among them: they lie under the keys of their weeks, which end by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column

from bot.tables import METADATA

SMALL: Final = 500
"""Rows read at once where a value has at most 64 KiB, mostly 1."""
PHOTOS: Final = 4
"""Rows read at once where a value may be a photo or an original, up to 32 MiB."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One sealed column."""

    table: str
    column: str
    name: str
    """As KeyRing.seal and KeyRing.open are told."""
    row: Callable[[Any], bytes]
    """What of a row its value is bound to."""
    bound_to: tuple[str, ...] = ()
    """The columns that `row` reads beside the table's key."""
    at_once: int = SMALL

    @property
    def value(self) -> Column[bytes]:
        """Give the column itself."""
        return METADATA.tables[self.table].c[self.column]

    @property
    def key(self) -> Column[Any]:
        """Give the key of its table, which is one column."""
        (key,) = METADATA.tables[self.table].primary_key.columns
        return key


def _id(row: Any) -> bytes:
    return bytes(row.id.bytes)


def _part(row: Any) -> bytes:
    return bytes(row.part_id.bytes)


def _resource(row: Any) -> bytes:
    return bytes(row.resource_id.bytes)


def _chat_hash(row: Any) -> bytes:
    return bytes(row.chat_hash)


def _update(row: Any) -> bytes:
    return int(row.update_id).to_bytes(8, "big", signed=True)


def _day(row: Any) -> bytes:
    return str(row.day.isoformat()).encode()


def _lane_and_template(row: Any) -> bytes:
    return bytes(row.lane.bytes) + str(row.template).encode()


def _subject(row: Any) -> bytes:
    return bytes(row.subject.bytes)


SEALED: Final = (
    # First what a citizen waits for: a dialogue, and the reply to an update that is brought again.
    SealedColumn("dialogues", "sealed", "dialogues", _chat_hash),
    SealedColumn("handled_updates", "reply", "handled_updates", _update),
    SealedColumn("messages", "sealed", "messages", _lane_and_template, ("lane", "template")),
    SealedColumn("cards", "sealed", "cards", _id),
    SealedColumn("cards", "params", "cards.params", _subject, ("subject",)),
    SealedColumn("reports", "sealed", "reports", _id),
    SealedColumn("resources", "sealed", "resources", _id),
    SealedColumn("additions", "sealed", "additions", _id),
    SealedColumn("forms", "sealed", "forms", _id),
    SealedColumn("decisions", "sealed", "decisions", _id),
    SealedColumn("batches", "sealed", "batches", _id),
    SealedColumn("placement_days", "sealed", "placement_days", _day),
    SealedColumn("parts", "handle", "parts.handle", _id),
    SealedColumn("parts", "place", "parts.place", _id),
    SealedColumn("parts", "sealed", "parts", _id, at_once=PHOTOS),
    SealedColumn("originals", "sealed", "originals", _part, at_once=1),
    SealedColumn("watches", "sealed", "watches", _resource),
    SealedColumn("captures", "page", "captures", _id),
    SealedColumn("captures", "warc", "captures.warc", _id, at_once=PHOTOS),
)
