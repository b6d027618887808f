"""The captures of a report's links as its case file encloses them: the WARC file, and what it says for people to read.

Only links that anybody may see have captures. The file bears the moment in UTC and the place of the link in the list.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final
from uuid import UUID

from bot.papers import case_queries
from bot.papers.captured import CapturedPage
from bot.privacy.keyring import KeyRing

MOST: Final = 35_000_000
"""Bytes of captures in one case file, the newest first: a bot may send 50 million in all, and packed twice they stay
as they are."""
MOST_OF_ALL: Final = 200
"""Captures in one case file: each has two lines on the cover."""
WARC: Final = ".warc.gz"
_FACTS: Final = ("url", "landed", "state", "status", "title", "description", "subscribers", "truncated", "sha256")

_COMPARED: Final = ("title", "description", "subscribers")


class Captures:
    """Reads them, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def of(self, driver: Any, places: dict[UUID, int]) -> tuple[list[tuple[str, bytes]], int]:
        """Give name and bytes of each file, and how many captures did not fit; `places` are the links' by resource."""
        rows = await driver.fetch(case_queries.CAPTURES, [*places], MOST, MOST_OF_ALL)
        total = await driver.fetchval(case_queries.CAPTURES_ALL, [*places])
        files = []
        for row in rows:
            name = f"link-{places[row['resource_id']]}-{row['at'].astimezone(UTC):%Y%m%d-%H%M}-{row['id'].hex[:8]}"
            opened = self._ring.open("captures", row["id"].bytes, row["page"])
            page = CapturedPage.model_validate_json(opened)
            warc = await driver.fetchval(case_queries.WARC, row["id"])
            files.append((f"{name}{WARC}", self._ring.open("captures.warc", row["id"].bytes, warc)))
            files.append((f"{name}.txt", written(page).encode()))
        return files, total - len(rows)


def written(page: CapturedPage) -> str:
    """Write a capture for people to read."""
    told = page.model_dump()
    lines = [f"{name}: {told[name]}" for name in _FACTS if told[name] not in ("", None)]
    parts = [f"time: {page.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", *lines]
    if not page.whole:
        parts += ["", "The page could not be read; it is in the WARC file as it was sent."]
    changes = [
        f"{name}: {old} → {told[name]}"
        for name in _COMPARED
        if (old := told[f"{name}_before"]) not in ("", None, told[name])
    ]
    if (page.difference or changes) and page.since:
        since = f"{page.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        parts += [
            "",
            f"=== changed since {since} (- taken out, + put in) ===",
            *changes,
            *filter(None, [page.difference]),
        ]
    return "\n".join([*parts, "", "=== text ===", page.text, ""])
